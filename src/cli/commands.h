/*
 * The functions behind the rows of commands.def.
 */
#ifndef VIT_CLI_COMMANDS_H
#define VIT_CLI_COMMANDS_H

#include "base/log.h"
#include "cli/options.h"
#include "cli/terminal.h"

/* What a command is given; borrowed. */
struct vit_cli {
	struct vit_arena *arena;
	const struct vit_args *args;
	struct vit_terminal terminal;
	struct vit_log log;
};

/* Runs args->command, writes its outputs, tells errors on stderr; the exit code. */
int vit_cli_run(struct vit_cli *cli);

#endif
