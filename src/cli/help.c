#include "base/num.h"
#include "cli/texts.h"
#include "vitalis/audit.h"

#define WIDTH 80
#define COLUMN 26 /* where the text of a row begins */

const struct vit_text_row vit_text_exit_codes[] = {
	{ "0", "Ready: no finding at or above the threshold." },
	{ "1", "Findings at or above the threshold (--fail-on)." },
	{ "2", "Inconclusive: something asked for could not be decided, or there was no model." },
	{ "64", "Bad command line, spec or policy." },
	{ "70", "Internal error." },
};
const size_t vit_text_exit_code_count = sizeof(vit_text_exit_codes) / sizeof(vit_text_exit_codes[0]);

const struct vit_text_row vit_text_environment[] = {
	{ "NO_COLOR", "Not empty: no colours." },
	{ "CLICOLOR", "0: no colours." },
	{ "CLICOLOR_FORCE", "Not empty and not 0: colours even when the output is no terminal." },
	{ "COLUMNS", "Width of the terminal where the system does not know it." },
	{ "SOURCE_DATE_EPOCH", "Seconds since 1970: the date that reports carry." },
	{ "XDG_CACHE_HOME", "Where digests are remembered between runs; else ~/.cache." },
	{ "HF_ENDPOINT", "The hub's address; else https://huggingface.co." },
	{ "HF_TOKEN", "The hub's token; else the file HF_TOKEN_PATH, else $HF_HOME/token." },
	{ "HF_HUB_OFFLINE", "1: no network, as --offline." },
	{ "HTTPS_PROXY", "A proxy for https; NO_PROXY names hosts that are asked directly." },
	{ "SSL_CERT_FILE", "Certificates to trust instead of the system's." },
};
const size_t vit_text_environment_count =
	sizeof(vit_text_environment) / sizeof(vit_text_environment[0]);

void vit_text_wrap(struct vit_buf *out, const char *text, size_t indent, size_t width)
{
	struct vit_str rest = vit_str_c(text), word;
	size_t column = indent;
	bool first = true;
	while (vit_str_split(&rest, ' ', &word)) {
		if (!first && column + 1 + word.n > width) {
			vit_buf_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			vit_buf_putc(out, ' ');
			column++;
		}
		vit_buf_str(out, word);
		column += word.n;
		first = false;
	}
	vit_buf_putc(out, '\n');
}

/* One row: what stands at `from` in out is the left part; the text follows. */
static void row(struct vit_buf *out, size_t from, const char *text)
{
	size_t used = out->n - from;
	if (used + 2 > COLUMN)
		vit_buf_printf(out, "\n%*s", COLUMN, "");
	else
		vit_buf_printf(out, "%*s", (int)(COLUMN - used), "");
	vit_text_wrap(out, text, COLUMN, WIDTH);
}

static void option_row(struct vit_buf *out, const struct vit_opt_info *o)
{
	size_t from = out->n;
	if (o->letter)
		vit_buf_printf(out, "  -%c, --%s", o->letter, o->name);
	else
		vit_buf_printf(out, "      --%s", o->name);
	if (o->argument)
		vit_buf_printf(out, " %s", o->argument);
	row(out, from, o->help);
}

static void options(struct vit_buf *out, unsigned commands)
{
	for (unsigned g = 0; g < VIT_GROUP_COUNT; g++) {
		bool any = false;
		for (size_t i = 0; i < VIT_OPT_COUNT; i++) {
			if (vit_opts[i].group != (enum vit_opt_group)g ||
			    !(vit_opts[i].commands & commands))
				continue;
			if (!any)
				vit_buf_printf(out, "\n%s:\n",
					       vit_opt_group_title((enum vit_opt_group)g));
			any = true;
			option_row(out, &vit_opts[i]);
		}
	}
}

static void rows(struct vit_buf *out, const char *title, const struct vit_text_row *r, size_t n)
{
	vit_buf_printf(out, "\n%s:\n", title);
	for (size_t i = 0; i < n; i++) {
		size_t from = out->n;
		vit_buf_printf(out, "  %s", r[i].name);
		row(out, from, r[i].text);
	}
}

static void names(struct vit_buf *out, const char *title, const char *(*known)(size_t))
{
	struct vit_buf line;
	vit_buf_init(&line, 1 << 16);
	for (size_t i = 0; known(i); i++)
		vit_buf_printf(&line, "%s%s", i ? " " : "", known(i));
	vit_buf_printf(out, "%-*s", COLUMN - 1, title);
	vit_buf_putc(out, ' ');
	vit_text_wrap(out, line.p, COLUMN, WIDTH);
	vit_buf_release(&line);
}

void vit_help_all(struct vit_buf *out)
{
	vit_buf_puts(out, "vitalis-audit: is this local language model whole, is it what it claims to "
			  "be,\nand is this machine ready for it?\n\n"
			  "Usage: vitalis-audit [options] PATH\n"
			  "       vitalis-audit COMMAND [options]\n\nCommands:\n");
	for (size_t i = 0; i < VIT_CMD_COUNT; i++) {
		if (vit_cmds[i].hidden)
			continue;
		size_t from = out->n;
		vit_buf_printf(out, "  %s %s", vit_cmds[i].name, vit_cmds[i].operand);
		row(out, from, vit_cmds[i].summary);
	}
	options(out, ~0U);
	vit_buf_puts(out, "\nNames:\n");
	names(out, "  FORMAT", vit_known_format);
	names(out, "  AREA", vit_known_area);
	rows(out, "Exit codes", vit_text_exit_codes, vit_text_exit_code_count);
	vit_buf_puts(out, "\nThe report goes to standard output and everything else to standard "
			  "error.\n");
}

void vit_help_command(struct vit_buf *out, enum vit_cmd c)
{
	const struct vit_cmd_info *info = &vit_cmds[c];
	vit_buf_printf(out, "Usage: vitalis-audit %s%s", info->name, info->operand[0] ? " " : "");
	vit_buf_printf(out, "%s [options]\n\n", info->operand);
	vit_text_wrap(out, info->summary, 0, WIDTH);
	options(out, 1U << c);
}
