#include "cli/cli.h"

#include <stdio.h>

#include "cli/commands.h"
#include "vitalis/audit.h"

static enum vit_log_level log_level(enum vit_verbosity v)
{
	switch (v) {
	case VIT_QUIET:
		return VIT_LOG_QUIET;
	case VIT_NORMAL:
		return VIT_LOG_NORMAL;
	case VIT_VERBOSE:
		return VIT_LOG_VERBOSE;
	}
	return VIT_LOG_NORMAL;
}

int vit_cli_main(int argc, char *const *argv)
{
	struct vit_arena *arena = vit_arena_new();
	struct vit_args args;
	struct vit_err err = { .code = VIT_OK };
	struct vit_cli cli = { .arena = arena, .args = &args };
	enum vit_errc rc = vit_args_parse(arena, argc, argv, &args, &err);
	vit_terminal_ask(arena, args.values[VIT_OPT_no_color].given, &cli.terminal);
	cli.log = (struct vit_log){ log_level(vit_args_verbosity(&args)), cli.terminal.err_color };
	int code;
	if (rc == VIT_OK) {
		code = vit_cli_run(&cli);
	} else {
		vit_log_error(&cli.log, "%s", err.msg);
		fputs("See 'vitalis-audit --help'.\n", stderr);
		code = VIT_EXIT_USAGE;
	}
	vit_arena_free(arena);
	return code;
}
