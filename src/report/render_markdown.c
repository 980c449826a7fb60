/* GitHub-flavoured Markdown (https://github.github.com/gfm/). */
#include "report/doc.h"
#include "report/escape.h"
#include "report/render.h"

static void md_heading(struct vit_doc *d, unsigned level, struct vit_str text, const char *id)
{
	(void)id;
	vit_out_repeat(d->o, "#", level);
	vit_out_c(d->o, " ");
	vit_esc_md(d->o, text, false);
	vit_out_c(d->o, "\n\n");
}

static void md_paragraph(struct vit_doc *d)
{
	d->at_start = true;
}

static void md_paragraph_end(struct vit_doc *d)
{
	d->at_start = false;
	vit_out_c(d->o, "\n\n");
}

static void md_text(struct vit_doc *d, struct vit_str s)
{
	if (s.n == 0)
		return;
	vit_esc_md(d->o, s, d->at_start);
	d->at_start = false;
}

static void md_strong(struct vit_doc *d, struct vit_str s)
{
	vit_out_c(d->o, "**");
	vit_esc_md(d->o, s, false);
	vit_out_c(d->o, "**");
	d->at_start = false;
}

static void md_code(struct vit_doc *d, struct vit_str s)
{
	vit_esc_md_code(d->o, s, d->in_cell);
	d->at_start = false;
}

static void md_verdict(struct vit_doc *d, struct vit_str s, enum vit_doc_tone tone)
{
	(void)tone;
	md_strong(d, s);
}

static void md_list(struct vit_doc *d, bool ordered)
{
	if (d->open_line)
		vit_out_c(d->o, "\n");
	d->open_line = false;
	d->ordered[d->list_depth] = ordered;
	d->numbers[d->list_depth++] = 0;
}

static void md_list_end(struct vit_doc *d, bool ordered)
{
	(void)ordered;
	if (--d->list_depth == 0)
		vit_out_c(d->o, "\n");
}

/* Columns that a marker takes: what is nested starts behind it. */
static size_t marker_width(const struct vit_doc *d, unsigned level)
{
	size_t width = 2;

	if (!d->ordered[level])
		return width;
	for (uint32_t n = d->numbers[level]; n; n /= 10)
		width++;
	return width;
}

static void md_item(struct vit_doc *d)
{
	struct vit_buf number;
	unsigned level = d->list_depth - 1;

	for (unsigned i = 0; i < level; i++)
		vit_out_repeat(d->o, " ", marker_width(d, i));
	d->numbers[level]++;
	if (d->ordered[level]) {
		vit_buf_init(&number, 16);
		vit_buf_printf(&number, "%u. ", (unsigned)d->numbers[level]);
		vit_out_raw(d->o, vit_buf_view(&number));
		vit_buf_release(&number);
	} else {
		vit_out_c(d->o, "- ");
	}
	d->at_start = true;
	d->open_line = true;
}

static void md_item_end(struct vit_doc *d)
{
	if (d->open_line)
		vit_out_c(d->o, "\n");
	d->open_line = false;
	d->at_start = false;
}

static void md_table(struct vit_doc *d, const struct vit_column *columns, uint32_t count)
{
	vit_out_c(d->o, "|");
	for (uint32_t i = 0; i < count; i++) {
		if (!columns[i].label)
			continue;
		vit_out_c(d->o, " ");
		vit_esc_md(d->o, vit_str_c(columns[i].label), false);
		vit_out_c(d->o, " |");
	}
	vit_out_c(d->o, "\n|");
	for (uint32_t i = 0; i < count; i++)
		if (columns[i].label)
			vit_out_c(d->o, columns[i].right ? " ---: |" : " --- |");
	vit_out_c(d->o, "\n");
}

static void md_table_end(struct vit_doc *d)
{
	vit_out_c(d->o, "\n");
}

static void md_row(struct vit_doc *d)
{
	vit_out_c(d->o, "|");
}

static void md_row_end(struct vit_doc *d)
{
	vit_out_c(d->o, "\n");
}

static void md_cell(struct vit_doc *d, bool right)
{
	(void)right;
	vit_out_c(d->o, " ");
	d->in_cell = true;
}

static void md_cell_end(struct vit_doc *d)
{
	vit_out_c(d->o, " |");
	d->in_cell = false;
}

static void md_block(struct vit_doc *d, struct vit_str lines)
{
	size_t fence = vit_esc_backticks(lines) + 1;
	struct vit_str line;

	fence = fence < 3 ? 3 : fence;
	vit_out_repeat(d->o, "`", fence);
	vit_out_c(d->o, "sh\n");
	while (vit_str_line(&lines, &line)) {
		vit_out_raw(d->o, vit_out_clean_code(d->o, line, VIT_OUT_TEXT_MAX));
		vit_out_c(d->o, "\n");
	}
	vit_out_repeat(d->o, "`", fence);
	vit_out_c(d->o, "\n\n");
}

static void md_finding(struct vit_doc *d, enum vit_doc_tone tone)
{
	(void)d;
	(void)tone;
}

static void md_finding_end(struct vit_doc *d)
{
	(void)d;
}

static const struct vit_doc_ops md_ops = {
	.heading = md_heading,
	.paragraph = md_paragraph,
	.paragraph_end = md_paragraph_end,
	.text = md_text,
	.strong = md_strong,
	.code = md_code,
	.verdict = md_verdict,
	.list = md_list,
	.list_end = md_list_end,
	.item = md_item,
	.item_end = md_item_end,
	.table = md_table,
	.table_end = md_table_end,
	.row = md_row,
	.row_end = md_row_end,
	.cell = md_cell,
	.cell_end = md_cell_end,
	.block = md_block,
	.finding = md_finding,
	.finding_end = md_finding_end,
};

void vit_render_markdown(const struct vit_report *r, const struct vit_render_options *opt,
			 struct vit_sink *sink)
{
	struct vit_out o;
	struct vit_doc d = { .ops = &md_ops, .o = &o, .options = opt };

	vit_out_open(&o, sink);
	vit_doc_head(&d, r);
	vit_doc_sections(&d, r);
	vit_out_c(&o, "---\n\n");
	vit_out_c(&o, "*" VIT_TOOL_NAME " ");
	vit_esc_md(&o, r->tool_version, false);
	vit_out_c(&o, "*\n");
	vit_out_close(&o);
}
