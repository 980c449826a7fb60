/*
 * The command line as data: two tables (commands.def, options.def) and the
 * parser that reads argv by them.
 *
 * It does not open or look at anything that an argument names, and knows no
 * check, format or spec: the engine judges those. Strings are borrowed from
 * argv or live in the arena.
 */
#ifndef VIT_CLI_OPTIONS_H
#define VIT_CLI_OPTIONS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "vitalis/audit.h"

enum vit_cmd {
#define VIT_COMMAND(name, ...) VIT_CMD_##name,
#include "cli/commands.def"
#undef VIT_COMMAND
	VIT_CMD_COUNT
};

struct vit_cmd_info {
	const char *name;
	const char *operand;      /* "DIR", or "" */
	size_t min, max;          /* operands */
	bool hidden;
	const char *summary;
};
extern const struct vit_cmd_info vit_cmds[VIT_CMD_COUNT];

enum vit_opt {
#define VIT_OPTION(name, ...) VIT_OPT_##name,
#include "cli/options.def"
#undef VIT_OPTION
	VIT_OPT_COUNT
};

enum vit_opt_kind { VIT_OPT_FLAG, VIT_OPT_TEXT, VIT_OPT_LIST, VIT_OPT_MANY, VIT_OPT_NUMBER };
enum vit_opt_hint {
	VIT_HINT_NONE, VIT_HINT_FILE, VIT_HINT_DIR, VIT_HINT_FORMAT, VIT_HINT_LEVEL,
	VIT_HINT_CHECK, VIT_HINT_SPEC,
};
enum vit_opt_group {
	VIT_GROUP_MODEL, VIT_GROUP_JOB, VIT_GROUP_JUDGE, VIT_GROUP_OUTPUT, VIT_GROUP_MACHINE, VIT_GROUP_GENERAL,
	VIT_GROUP_COUNT
};

struct vit_opt_info {
	const char *name;         /* "fail-on" */
	char letter;              /* 'f', or 0 */
	const char *argument;     /* "LEVEL"; NULL for a flag */
	enum vit_opt_kind kind;
	enum vit_opt_hint hint;
	unsigned commands;        /* bit per enum vit_cmd */
	enum vit_opt_group group;
	const char *help;
};
extern const struct vit_opt_info vit_opts[VIT_OPT_COUNT];

const char *vit_opt_group_title(enum vit_opt_group g);

/* What was given for one option. */
struct vit_opt_value {
	bool given;
	size_t order;             /* position in argv of the last one, to let the last of -q -v win */
	const char *text;         /* TEXT */
	uint64_t number;          /* NUMBER */
	const char **list;        /* LIST, MANY; arena */
	size_t count;
};

struct vit_args {
	enum vit_cmd command;
	const char **operands;    /* without the command's name; arena */
	size_t operand_count;
	struct vit_opt_value values[VIT_OPT_COUNT];
};

/*
 * Reads argv[1..argc). The first operand names the command unless it is no
 * command's name or "--" stands before it; then the command is audit, with it
 * as the path. --help and --version become the commands help and version, with
 * no complaint about what else is there or missing, save unknown options.
 * Fails with VIT_E_USAGE: unknown option, option of another command, missing or
 * unwanted argument, too few or many operands, bad number, nothing given.
 */
VIT_MUST_USE enum vit_errc vit_args_parse(struct vit_arena *a, int argc, char *const *argv,
					  struct vit_args *out, struct vit_err *err);

/* The later of -q and -v counts. */
enum vit_verbosity vit_args_verbosity(const struct vit_args *args);

/* VIT_CMD_COUNT when there is none. */
enum vit_cmd vit_cmd_find(struct vit_str name);
/* The visible command nearest in spelling, or VIT_CMD_COUNT. */
enum vit_cmd vit_cmd_nearest(struct vit_str name);

#endif
