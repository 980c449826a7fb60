/*
 * What the process was started with that decides how output looks: terminals
 * and environment variables. The only place of the command line that asks.
 */
#ifndef VIT_CLI_TERMINAL_H
#define VIT_CLI_TERMINAL_H

#include "base/arena.h"

/* Environment variables as found: NULL when not set. */
struct vit_environment {
	const char *no_color, *clicolor, *clicolor_force, *term, *columns, *source_date_epoch;
	const char *xdg_config_home, *xdg_cache_home, *home;
};

struct vit_terminal {
	bool out_tty, err_tty;
	bool out_color, err_color;
	unsigned width;           /* of standard output; 0 when it is no terminal */
	int64_t now;              /* SOURCE_DATE_EPOCH, or -1: ask the clock */
	const char *config_dir, *cache_dir; /* arena; NULL when there is no home to keep it in */
};

void vit_terminal_ask(struct vit_arena *a, bool no_color_option, struct vit_terminal *out);

/* The rule, without the asking. NO_COLOR not empty: never. CLICOLOR_FORCE not
 * empty and not 0: always. CLICOLOR=0 or TERM=dumb: never. Else: on a terminal. */
bool vit_terminal_color(bool tty, bool no_color_option, const struct vit_environment *e);

/* The number in SOURCE_DATE_EPOCH; -1 when it is not set or no number. */
int64_t vit_terminal_source_date(const struct vit_environment *e);

/* "$XDG_CONFIG_HOME/vitalis-audit" and "$XDG_CACHE_HOME/vitalis-audit", else below
 * ~/.config and ~/.cache; relative ones are not taken (XDG Base Directory
 * Specification 0.8). NULL when neither is set. */
const char *vit_terminal_config_dir(struct vit_arena *a, const struct vit_environment *e);
const char *vit_terminal_cache_dir(struct vit_arena *a, const struct vit_environment *e);

#endif
