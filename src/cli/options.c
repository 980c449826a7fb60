#include "cli/options.h"

#include "base/num.h"

#define CMD(name) (1U << VIT_CMD_##name)
#define CMD_ALL ((1U << VIT_CMD_COUNT) - 1U)
#define MAX_JOBS 1024

const struct vit_cmd_info vit_cmds[VIT_CMD_COUNT] = {
#define VIT_COMMAND(name, operand, min, max, hidden, summary) \
	{ #name, operand, min, max, hidden, summary },
#include "cli/commands.def"
#undef VIT_COMMAND
};

const struct vit_opt_info vit_opts[VIT_OPT_COUNT] = {
#define VIT_OPTION(name, long_name, letter, argument, kind, hint, commands, group, help)         \
	{ long_name, letter, argument, VIT_OPT_##kind, VIT_HINT_##hint, commands, VIT_GROUP_##group, \
	  help },
#include "cli/options.def"
#undef VIT_OPTION
};

const char *vit_opt_group_title(enum vit_opt_group g)
{
	switch (g) {
	case VIT_GROUP_MODEL:
		return "The model";
	case VIT_GROUP_JOB:
		return "The job";
	case VIT_GROUP_JUDGE:
		return "Checks and judgement";
	case VIT_GROUP_OUTPUT:
		return "Output";
	case VIT_GROUP_MACHINE:
		return "The machine";
	case VIT_GROUP_GENERAL:
		return "General";
	case VIT_GROUP_COUNT:
		break;
	}
	return "";
}

enum vit_verbosity vit_args_verbosity(const struct vit_args *args)
{
	const struct vit_opt_value *q = &args->values[VIT_OPT_quiet];
	const struct vit_opt_value *v = &args->values[VIT_OPT_verbose];
	if (q->given && (!v->given || q->order > v->order))
		return VIT_QUIET;
	return v->given ? VIT_VERBOSE : VIT_NORMAL;
}

enum vit_cmd vit_cmd_find(struct vit_str name)
{
	for (size_t i = 0; i < VIT_CMD_COUNT; i++) {
		if (vit_str_is(name, vit_cmds[i].name))
			return (enum vit_cmd)i;
	}
	return VIT_CMD_COUNT;
}

/* How far a name may be off and still be what was meant. */
static unsigned near_enough(struct vit_str name)
{
	return name.n <= 3 ? 1 : name.n <= 7 ? 2 : 3;
}

enum vit_cmd vit_cmd_nearest(struct vit_str name)
{
	unsigned best = near_enough(name) + 1;
	enum vit_cmd found = VIT_CMD_COUNT;
	for (size_t i = 0; i < VIT_CMD_COUNT; i++) {
		unsigned d = vit_str_distance(name, vit_str_c(vit_cmds[i].name), best);
		if (!vit_cmds[i].hidden && d < best) {
			best = d;
			found = (enum vit_cmd)i;
		}
	}
	return found;
}

static enum vit_opt opt_find(struct vit_str name)
{
	for (size_t i = 0; i < VIT_OPT_COUNT; i++) {
		if (vit_str_is(name, vit_opts[i].name))
			return (enum vit_opt)i;
	}
	return VIT_OPT_COUNT;
}

static enum vit_opt opt_find_letter(char letter)
{
	for (size_t i = 0; i < VIT_OPT_COUNT; i++) {
		if (vit_opts[i].letter == letter)
			return (enum vit_opt)i;
	}
	return VIT_OPT_COUNT;
}

static enum vit_errc unknown_long(struct vit_str name, struct vit_err *err)
{
	unsigned best = near_enough(name) + 1;
	const char *nearest = NULL;
	bool abbreviated;
	/* An abbreviation is the likeliest mistake of all; the shortest option has it. */
	for (size_t i = 0; i < VIT_OPT_COUNT; i++)
		if (name.n >= 2 && vit_str_starts(vit_str_c(vit_opts[i].name), name) &&
		    (!nearest || strlen(vit_opts[i].name) < strlen(nearest)))
			nearest = vit_opts[i].name;
	abbreviated = nearest != NULL;
	for (size_t i = 0; i < VIT_OPT_COUNT && !abbreviated; i++) {
		unsigned d = vit_str_distance(name, vit_str_c(vit_opts[i].name), best);
		if (d < best) {
			best = d;
			nearest = vit_opts[i].name;
		}
	}
	if (nearest)
		return vit_err_set(err, VIT_E_USAGE, "unknown option --%.*s: did you mean --%s?",
				   VIT_FMT(name), nearest);
	return vit_err_set(err, VIT_E_USAGE, "unknown option --%.*s", VIT_FMT(name));
}

/* State of one pass over argv. */
struct parse {
	struct vit_arena *arena;
	int argc;
	char *const *argv;
	int next;
	struct vit_vec lists[VIT_OPT_COUNT]; /* const char * */
	struct vit_vec operands;             /* const char * */
	bool operand_after_dashes;           /* the first operand stands behind "--" */
	struct vit_args *out;
	struct vit_err *err;
};

static void add_text(struct vit_vec *v, const char *text)
{
	const char **slot = vit_vec_add(v);
	*slot = text;
}

static enum vit_errc add_list(struct parse *p, enum vit_opt o, const char *text)
{
	struct vit_str rest = vit_str_c(text), field;
	size_t before = p->lists[o].count;
	while (vit_str_split(&rest, ',', &field)) {
		field = vit_str_trim(field);
		if (field.n > 0)
			add_text(&p->lists[o], vit_arena_str(p->arena, field).p);
	}
	if (p->lists[o].count == before)
		return vit_err_set(p->err, VIT_E_USAGE, "option --%s: an empty list",
				   vit_opts[o].name);
	return VIT_OK;
}

static enum vit_errc take(struct parse *p, enum vit_opt o, const char *text)
{
	struct vit_opt_value *v = &p->out->values[o];
	v->given = true;
	v->order = (size_t)p->next;
	switch (vit_opts[o].kind) {
	case VIT_OPT_FLAG:
		return VIT_OK;
	case VIT_OPT_LIST:
		return add_list(p, o, text);
	case VIT_OPT_TEXT:
	case VIT_OPT_MANY:
		if (text[0] == '\0')
			return vit_err_set(p->err, VIT_E_USAGE, "option --%s: %s is empty",
					   vit_opts[o].name, vit_opts[o].argument);
		v->text = text;
		if (vit_opts[o].kind == VIT_OPT_MANY)
			add_text(&p->lists[o], text);
		return VIT_OK;
	case VIT_OPT_NUMBER:
		if (!vit_parse_u64(vit_str_c(text), &v->number) || v->number == 0 ||
		    v->number > MAX_JOBS)
			return vit_err_set(p->err, VIT_E_USAGE,
					   "option --%s: %s is not a number from 1 to %d",
					   vit_opts[o].name, text, MAX_JOBS);
		return VIT_OK;
	}
	return VIT_OK;
}

/* Takes the option with the argument `glued` to it or, when NULL, the next of argv. */
static enum vit_errc take_option(struct parse *p, enum vit_opt o, const char *glued)
{
	if (vit_opts[o].kind == VIT_OPT_FLAG) {
		if (glued)
			return vit_err_set(p->err, VIT_E_USAGE, "option --%s takes no argument",
					   vit_opts[o].name);
		return take(p, o, NULL);
	}
	if (!glued) {
		if (p->next >= p->argc)
			return vit_err_set(p->err, VIT_E_USAGE, "option --%s needs %s",
					   vit_opts[o].name, vit_opts[o].argument);
		glued = p->argv[p->next++];
	}
	return take(p, o, glued);
}

static enum vit_errc parse_long(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');
	struct vit_str name = { word, equals ? (size_t)(equals - word) : strlen(word) };
	enum vit_opt o = opt_find(name);
	if (o == VIT_OPT_COUNT)
		return unknown_long(name, p->err);
	return take_option(p, o, equals ? equals + 1 : NULL);
}

/* "-qv", "-o FILE", "-oFILE". */
static enum vit_errc parse_letters(struct parse *p, const char *letters)
{
	for (; *letters; letters++) {
		enum vit_opt o = opt_find_letter(*letters);
		if (o == VIT_OPT_COUNT)
			return vit_err_set(p->err, VIT_E_USAGE, "unknown option -%c", *letters);
		bool flag = vit_opts[o].kind == VIT_OPT_FLAG;
		enum vit_errc rc = take_option(p, o, flag || !letters[1] ? NULL : letters + 1);
		if (rc != VIT_OK || !flag)
			return rc;
	}
	return VIT_OK;
}

static enum vit_errc parse_words(struct parse *p)
{
	bool dashes = false;
	for (p->next = 1; p->next < p->argc;) {
		const char *word = p->argv[p->next++];
		enum vit_errc rc = VIT_OK;
		if (dashes || word[0] != '-' || word[1] == '\0') {
			if (p->operands.count == 0)
				p->operand_after_dashes = dashes;
			add_text(&p->operands, word);
		} else if (word[1] != '-') {
			rc = parse_letters(p, word + 1);
		} else if (word[2] != '\0') {
			rc = parse_long(p, word + 2);
		} else {
			dashes = true;
		}
		if (rc != VIT_OK)
			return rc;
	}
	return VIT_OK;
}

static void choose_command(struct parse *p)
{
	struct vit_args *out = p->out;
	out->command = VIT_CMD_audit;
	if (out->operand_count > 0 && !p->operand_after_dashes) {
		enum vit_cmd c = vit_cmd_find(vit_str_c(out->operands[0]));
		if (c != VIT_CMD_COUNT) {
			out->command = c;
			out->operands++;
			out->operand_count--;
		}
	}
}

static enum vit_errc check_options(const struct vit_args *args, struct vit_err *err)
{
	for (size_t i = 0; i < VIT_OPT_COUNT; i++) {
		if (args->values[i].given && !(vit_opts[i].commands & 1U << args->command))
			return vit_err_set(err, VIT_E_USAGE,
					   "option --%s does not apply to the command '%s'",
					   vit_opts[i].name, vit_cmds[args->command].name);
	}
	return VIT_OK;
}

static enum vit_errc check_operands(const struct vit_args *args, struct vit_err *err)
{
	const struct vit_cmd_info *c = &vit_cmds[args->command];
	if (args->operand_count < c->min)
		return vit_err_set(err, VIT_E_USAGE, "the command '%s' needs %s", c->name,
				   c->operand);
	if (args->operand_count > c->max)
		return vit_err_set(err, VIT_E_USAGE, "one argument too many for '%s': %s", c->name,
				   args->operands[c->max]);
	return VIT_OK;
}

static enum vit_errc finish(struct parse *p)
{
	struct vit_args *out = p->out;
	size_t words = out->operand_count;
	choose_command(p);
	if (out->values[VIT_OPT_help].given) {
		/* `audit --help` is `help audit`. */
		const char **topic = vit_arena_alloc(p->arena, sizeof(*topic));
		*topic = vit_cmds[out->command].name;
		bool named = out->operand_count < words && out->command != VIT_CMD_help;
		out->operands = topic;
		out->operand_count = named ? 1 : 0;
		out->command = VIT_CMD_help;
		return VIT_OK;
	}
	if (out->values[VIT_OPT_version].given) {
		out->command = VIT_CMD_version;
		return VIT_OK;
	}
	if (p->argc <= 1)
		return vit_err_set(p->err, VIT_E_USAGE, "nothing to audit: give the model's folder");
	enum vit_errc rc = check_options(out, p->err);
	return rc != VIT_OK ? rc : check_operands(out, p->err);
}

enum vit_errc vit_args_parse(struct vit_arena *a, int argc, char *const *argv,
			     struct vit_args *out, struct vit_err *err)
{
	struct parse p = { .arena = a, .argc = argc, .argv = argv, .out = out, .err = err };
	memset(out, 0, sizeof(*out));
	p.operands = VIT_VEC(sizeof(const char *));
	for (size_t i = 0; i < VIT_OPT_COUNT; i++)
		p.lists[i] = VIT_VEC(sizeof(const char *));
	enum vit_errc rc = parse_words(&p);
	out->operands = vit_vec_take(&p.operands, a, &out->operand_count);
	for (size_t i = 0; i < VIT_OPT_COUNT; i++)
		out->values[i].list = vit_vec_take(&p.lists[i], a, &out->values[i].count);
	return rc == VIT_OK ? finish(&p) : rc;
}
