#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/num.h"

#define MIN_WIDTH 40
#define MAX_WIDTH 400

static bool is_set(const char *value)
{
	return value && value[0] != '\0';
}

bool vit_terminal_color(bool tty, bool no_color_option, const struct vit_environment *e)
{
	if (no_color_option || is_set(e->no_color))
		return false;
	if (is_set(e->clicolor_force) && strcmp(e->clicolor_force, "0") != 0)
		return true;
	if (e->clicolor && strcmp(e->clicolor, "0") == 0)
		return false;
	if (e->term && strcmp(e->term, "dumb") == 0)
		return false;
	return tty;
}

int64_t vit_terminal_source_date(const struct vit_environment *e)
{
	int64_t v;
	if (!e->source_date_epoch || !vit_parse_i64(vit_str_c(e->source_date_epoch), &v) || v < 0)
		return -1;
	return v;
}

static unsigned ask_width(const struct vit_environment *e)
{
	struct winsize size;
	uint64_t columns = 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns == 0 && (!e->columns || !vit_parse_u64(vit_str_c(e->columns), &columns)))
		columns = 80;
	if (columns < MIN_WIDTH)
		columns = MIN_WIDTH;
	return columns > MAX_WIDTH ? MAX_WIDTH : (unsigned)columns;
}

static const char *base_dir(struct vit_arena *a, const char *xdg, const char *home, const char *below)
{
	if (xdg && xdg[0] == '/')
		return vit_arena_printf(a, "%s/vitalis-audit", xdg).p;
	if (home && home[0] == '/')
		return vit_arena_printf(a, "%s/%s/vitalis-audit", home, below).p;
	return NULL;
}

const char *vit_terminal_config_dir(struct vit_arena *a, const struct vit_environment *e)
{
	return base_dir(a, e->xdg_config_home, e->home, ".config");
}

const char *vit_terminal_cache_dir(struct vit_arena *a, const struct vit_environment *e)
{
	return base_dir(a, e->xdg_cache_home, e->home, ".cache");
}

void vit_terminal_ask(struct vit_arena *a, bool no_color_option, struct vit_terminal *out)
{
	const struct vit_environment e = {
		.no_color = getenv("NO_COLOR"),
		.clicolor = getenv("CLICOLOR"),
		.clicolor_force = getenv("CLICOLOR_FORCE"),
		.term = getenv("TERM"),
		.columns = getenv("COLUMNS"),
		.source_date_epoch = getenv("SOURCE_DATE_EPOCH"),
		.xdg_config_home = getenv("XDG_CONFIG_HOME"),
		.xdg_cache_home = getenv("XDG_CACHE_HOME"),
		.home = getenv("HOME"),
	};
	out->out_tty = isatty(STDOUT_FILENO) == 1;
	out->err_tty = isatty(STDERR_FILENO) == 1;
	out->out_color = vit_terminal_color(out->out_tty, no_color_option, &e);
	out->err_color = vit_terminal_color(out->err_tty, no_color_option, &e);
	out->width = out->out_tty ? ask_width(&e) : 0;
	out->now = vit_terminal_source_date(&e);
	out->config_dir = vit_terminal_config_dir(a, &e);
	out->cache_dir = vit_terminal_cache_dir(a, &e);
}
