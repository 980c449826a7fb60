/* One self-contained page: no script, no remote asset, prints well. */
#include "report/doc.h"
#include "report/escape.h"
#include "report/render.h"

static const char *tone_class(enum vit_doc_tone tone)
{
	switch (tone) {
	case VIT_TONE_PLAIN:
		return "plain";
	case VIT_TONE_ERROR:
		return "error";
	case VIT_TONE_WARNING:
		return "warning";
	case VIT_TONE_NOTE:
		return "note";
	case VIT_TONE_GOOD:
		return "good";
	}
	return "plain";
}

static void h_heading(struct vit_doc *d, unsigned level, struct vit_str text, const char *id)
{
	const char digit[2] = { (char)('0' + level), 0 };

	vit_out_c(d->o, "<h");
	vit_out_c(d->o, digit);
	if (id) {
		vit_out_c(d->o, " id=\"");
		vit_out_c(d->o, id);
		vit_out_c(d->o, "\"");
	}
	vit_out_c(d->o, ">");
	vit_esc_html(d->o, text);
	vit_out_c(d->o, "</h");
	vit_out_c(d->o, digit);
	vit_out_c(d->o, ">\n");
}

static void h_paragraph(struct vit_doc *d)
{
	vit_out_c(d->o, "<p>");
}

static void h_paragraph_end(struct vit_doc *d)
{
	vit_out_c(d->o, "</p>\n");
}

static void h_text(struct vit_doc *d, struct vit_str s)
{
	vit_esc_html(d->o, s);
}

static void h_strong(struct vit_doc *d, struct vit_str s)
{
	vit_out_c(d->o, "<strong>");
	vit_esc_html(d->o, s);
	vit_out_c(d->o, "</strong>");
}

static void h_code(struct vit_doc *d, struct vit_str s)
{
	vit_out_c(d->o, "<code>");
	vit_esc_html(d->o, s);
	vit_out_c(d->o, "</code>");
}

static void h_verdict(struct vit_doc *d, struct vit_str s, enum vit_doc_tone tone)
{
	vit_out_c(d->o, "<strong class=\"verdict ");
	vit_out_c(d->o, tone_class(tone));
	vit_out_c(d->o, "\">");
	vit_esc_html(d->o, s);
	vit_out_c(d->o, "</strong>");
}

static void h_list(struct vit_doc *d, bool ordered)
{
	vit_out_c(d->o, ordered ? "<ol>\n" : "<ul>\n");
}

static void h_list_end(struct vit_doc *d, bool ordered)
{
	vit_out_c(d->o, ordered ? "</ol>\n" : "</ul>\n");
}

static void h_item(struct vit_doc *d)
{
	vit_out_c(d->o, "<li>");
}

static void h_item_end(struct vit_doc *d)
{
	vit_out_c(d->o, "</li>\n");
}

static void h_table(struct vit_doc *d, const struct vit_column *columns, uint32_t count)
{
	vit_out_c(d->o, "<div class=\"wide\"><table>\n<thead><tr>");
	for (uint32_t i = 0; i < count; i++) {
		if (!columns[i].label)
			continue;
		vit_out_c(d->o, columns[i].right ? "<th class=\"r\">" : "<th>");
		vit_esc_html(d->o, vit_str_c(columns[i].label));
		vit_out_c(d->o, "</th>");
	}
	vit_out_c(d->o, "</tr></thead>\n<tbody>\n");
}

static void h_table_end(struct vit_doc *d)
{
	vit_out_c(d->o, "</tbody>\n</table></div>\n");
}

static void h_row(struct vit_doc *d)
{
	vit_out_c(d->o, "<tr>");
}

static void h_row_end(struct vit_doc *d)
{
	vit_out_c(d->o, "</tr>\n");
}

static void h_cell(struct vit_doc *d, bool right)
{
	vit_out_c(d->o, right ? "<td class=\"r\">" : "<td>");
}

static void h_cell_end(struct vit_doc *d)
{
	vit_out_c(d->o, "</td>");
}

static void h_block(struct vit_doc *d, struct vit_str lines)
{
	struct vit_str line;

	vit_out_c(d->o, "<pre><code>");
	/* Escaped piece by piece around backslashes, which commands need as they are. */
	while (vit_str_line(&lines, &line)) {
		struct vit_str part;
		bool first = true;
		while (vit_str_split(&line, '\\', &part)) {
			vit_out_c(d->o, first ? "" : "\\");
			first = false;
			vit_esc_html(d->o, part);
		}
		vit_out_c(d->o, "\n");
	}
	vit_out_c(d->o, "</code></pre>\n");
}

static void h_finding(struct vit_doc *d, enum vit_doc_tone tone)
{
	vit_out_c(d->o, "<section class=\"finding ");
	vit_out_c(d->o, tone_class(tone));
	vit_out_c(d->o, "\">\n");
}

static void h_finding_end(struct vit_doc *d)
{
	vit_out_c(d->o, "</section>\n");
}

static const struct vit_doc_ops html_ops = {
	.heading = h_heading,
	.paragraph = h_paragraph,
	.paragraph_end = h_paragraph_end,
	.text = h_text,
	.strong = h_strong,
	.code = h_code,
	.verdict = h_verdict,
	.list = h_list,
	.list_end = h_list_end,
	.item = h_item,
	.item_end = h_item_end,
	.table = h_table,
	.table_end = h_table_end,
	.row = h_row,
	.row_end = h_row_end,
	.cell = h_cell,
	.cell_end = h_cell_end,
	.block = h_block,
	.finding = h_finding,
	.finding_end = h_finding_end,
};

static const char style[] =
	":root{color-scheme:light dark;--ink:#1c2024;--dim:#5f6873;--paper:#fff;--line:#d9dee4;"
	"--soft:#f5f7f9;--error:#b42318;--warning:#a15c00;--note:#175cd3;--good:#067647}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6e8ea;--dim:#9aa4af;--paper:#15181c;"
	"--line:#30363d;--soft:#1d2126;--error:#ff8a80;--warning:#f5b453;--note:#84b6ff;"
	"--good:#5fd49a}}\n"
	"body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 4rem;color:var(--ink);"
	"background:var(--paper);font:16px/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,"
	"\"Helvetica Neue\",Arial,sans-serif}\n"
	"h1{font-size:1.9rem;line-height:1.2;margin:0 0 1rem;overflow-wrap:anywhere}\n"
	"h2{font-size:1.3rem;margin:2.5rem 0 .75rem;padding-bottom:.3rem;"
	"border-bottom:1px solid var(--line)}\n"
	"h3{font-size:1.05rem;margin:1.75rem 0 .5rem}h4,h5{font-size:1rem;margin:1.25rem 0 .5rem}\n"
	"p,ul,ol{margin:.5rem 0}li{margin:.25rem 0;overflow-wrap:anywhere}\n"
	"code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}\n"
	"code{background:var(--soft);padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}\n"
	"pre{background:var(--soft);padding:.75rem 1rem;border-radius:6px;overflow-x:auto}\n"
	"pre code{padding:0;background:none;overflow-wrap:normal}\n"
	".wide{overflow-x:auto;margin:.75rem 0}\n"
	"table{border-collapse:collapse;font-size:.925rem;font-variant-numeric:tabular-nums}\n"
	"th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;"
	"border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:4.5rem}\n"
	"th{color:var(--dim);font-weight:600;white-space:nowrap}.r{text-align:right}\n"
	".verdict{display:inline-block;padding:.15rem .7rem;border-radius:6px;color:var(--paper)}\n"
	".verdict.error{background:var(--error)}.verdict.warning{background:var(--warning)}\n"
	".verdict.good{background:var(--good)}\n"
	".finding{border-left:4px solid var(--line);padding:.1rem 0 .1rem 1rem;margin:1rem 0}\n"
	".finding.error{border-color:var(--error)}.finding.warning{border-color:var(--warning)}\n"
	".finding.note{border-color:var(--note)}\n"
	"nav{font-size:.9rem;columns:14rem;margin:1.5rem 0}nav a{display:block;color:var(--note)}\n"
	"footer{margin-top:3rem;color:var(--dim);font-size:.85rem}\n"
	"@media print{body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}"
	"h2,h3{break-after:avoid}.finding,tr{break-inside:avoid}.wide{overflow:visible}"
	"pre{white-space:pre-wrap}.verdict{border:1px solid;color:inherit;background:none!important}}\n";

static void head(struct vit_out *o, const struct vit_report *r)
{
	vit_out_c(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		     "<meta http-equiv=\"Content-Security-Policy\" "
		     "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>");
	vit_out_c(o, vit_verdict_text(r->verdict));
	vit_out_c(o, ": ");
	vit_esc_html(o, r->target_name);
	vit_out_c(o, "</title>\n<style>\n");
	vit_out_c(o, style);
	vit_out_c(o, "</style>\n</head>\n<body>\n<main>\n");
}

static void contents(struct vit_out *o, const struct vit_report *r)
{
	vit_out_c(o, "<nav aria-label=\"Sections\">\n");
	for (unsigned i = 0; i < VIT_SECTION_COUNT; i++) {
		vit_out_c(o, "<a href=\"#");
		vit_out_c(o, r->sections[i].key);
		vit_out_c(o, "\">");
		vit_out_u64(o, i + 1);
		vit_out_c(o, ". ");
		vit_esc_html(o, vit_str_c(r->sections[i].title));
		vit_out_c(o, "</a>\n");
	}
	vit_out_c(o, "</nav>\n");
}

void vit_render_html(const struct vit_report *r, const struct vit_render_options *opt,
		     struct vit_sink *sink)
{
	struct vit_out o;
	struct vit_doc d = { .ops = &html_ops, .o = &o, .options = opt };

	vit_out_open(&o, sink);
	head(&o, r);
	vit_doc_head(&d, r);
	contents(&o, r);
	vit_doc_sections(&d, r);
	vit_out_c(&o, "</main>\n<footer>" VIT_TOOL_NAME " ");
	vit_esc_html(&o, r->tool_version);
	vit_out_c(&o, "</footer>\n</body>\n</html>\n");
	vit_out_close(&o);
}
