#include "data/row.h"
#include "data/text.h"

static enum vit_data_role chat_role(struct vit_str s)
{
	static const struct {
		const char *name;
		enum vit_data_role role;
	} roles[] = {
		{ "user", VIT_TURN_USER },           { "assistant", VIT_TURN_ASSISTANT },
		{ "system", VIT_TURN_SYSTEM },       { "tool", VIT_TURN_TOOL },
		{ "developer", VIT_TURN_DEVELOPER }, { "function", VIT_TURN_TOOL },
	};

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (vit_str_is(s, roles[i].name))
			return roles[i].role;
	return VIT_TURN_OTHER;
}

static enum vit_data_role sharegpt_role(struct vit_str s)
{
	static const struct {
		const char *name;
		enum vit_data_role role;
	} roles[] = {
		{ "human", VIT_TURN_USER },         { "gpt", VIT_TURN_ASSISTANT },
		{ "function_call", VIT_TURN_CALL }, { "observation", VIT_TURN_TOOL },
	};

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (vit_str_is(s, roles[i].name))
			return roles[i].role;
	return chat_role(s);
}

static bool blank(struct vit_str s)
{
	return vit_str_trim(s).n == 0;
}

/* Calls that are written into the text, as Hermes and its kin do. */
static bool calls_in_text(const struct vit_data_turn *t)
{
	return vit_str_find(t->content, VIT_STR("<tool_call>"), 0) != SIZE_MAX ||
	       vit_str_find(t->content, VIT_STR("<function"), 0) != SIZE_MAX;
}

static bool is_answer(const struct vit_data_turn *t)
{
	return t->role == VIT_TURN_ASSISTANT || t->role == VIT_TURN_CALL;
}

static bool is_instruction(const struct vit_data_turn *t)
{
	return t->role == VIT_TURN_SYSTEM || t->role == VIT_TURN_DEVELOPER;
}

static void check_turn(struct vit_data_parser *p, const struct vit_data_turn *t, uint32_t number)
{
	if (t->role == VIT_TURN_NONE) {
		vit_row_issue(p, VIT_DI_missing_field, "message %u has no role", number);
	} else if (t->role == VIT_TURN_OTHER) {
		const struct vit_str role = vit_data_shown(t->role_text);
		vit_row_issue(p, VIT_DI_unknown_role, "\"%.*s\"", VIT_CUT(role, 40));
	}
	if (t->name_key.n) {
		const struct vit_str key = vit_data_shown(t->name_key);
		vit_row_issue(p, VIT_DI_unknown_key, "\"%.*s\"", VIT_CUT(key, 40));
	}
	if (t->bad_content || t->calls || t->thinking.n)
		return;
	if (!t->has_content)
		vit_row_issue(p, VIT_DI_missing_field, "message %u has no content", number);
	else if (t->role != VIT_TURN_SYSTEM && t->role != VIT_TURN_TOOL && !t->has_parts && blank(t->content))
		vit_row_issue(p, VIT_DI_empty_field, t->null_content ? "message %u: content is null" : "message %u",
			      number);
}

static void use(struct vit_data_row *r, const struct vit_data_turn *t)
{
	if (t->calls || t->role == VIT_TURN_TOOL || t->role == VIT_TURN_CALL)
		r->uses |= VIT_USES_TOOLS;
	if (t->role == VIT_TURN_DEVELOPER)
		r->uses |= VIT_USES_HARMONY;
	if (t->role == VIT_TURN_SYSTEM)
		r->uses |= VIT_USES_SYSTEM;
	if (t->has_parts)
		r->uses |= VIT_USES_PARTS;
}

/* Does `t` stand where it may, behind `before` (NULL: it is the first that is
 * no instruction)? */
static void check_order(struct vit_data_parser *p, const struct vit_data_turn *before,
			const struct vit_data_turn *t, uint32_t number)
{
	bool harmony = p->row.uses & VIT_USES_HARMONY;

	if (t->role == VIT_TURN_OTHER || (before && before->role == VIT_TURN_OTHER))
		return;
	if (!before && is_answer(t))
		vit_row_issue(p, VIT_DI_alternation, "the assistant speaks first");
	else if (before && before->role == VIT_TURN_USER && t->role == VIT_TURN_USER)
		vit_row_issue(p, VIT_DI_alternation, "message %u is a second user turn in a row", number);
	else if (before && is_answer(before) && t->role == VIT_TURN_ASSISTANT && !before->calls &&
		 before->role != VIT_TURN_CALL && !harmony)
		vit_row_issue(p, VIT_DI_alternation, "message %u is a second assistant turn in a row", number);
}

/* Calls that wait for an answer. */
struct calls {
	unsigned open;
	bool asked;
	bool with_ids;     /* each call, and each answer until now, has an id */
	uint64_t id_sum;   /* of the calls, less those of the answers */
};

static void check_tools(struct vit_data_parser *p, const struct vit_data_turn *t, struct calls *c)
{
	if (t->role == VIT_TURN_TOOL) {
		if (!c->asked)
			vit_row_issue(p, VIT_DI_tool_unasked, "a tool's answer that no call asked for");
		c->with_ids &= t->ids == 1;
		c->id_sum -= t->id_sum;
		if (c->open == 1 && c->with_ids && c->id_sum != 0)
			vit_row_issue(p, VIT_DI_tool_unanswered, "the answer has another tool_call_id than the call");
		c->open -= c->open > 0;
		return;
	}
	if (c->open > 0)
		vit_row_issue(p, VIT_DI_tool_unanswered, "a call without a tool's answer behind it");
	*c = (struct calls){ .open = is_answer(t) ? t->calls + (t->role == VIT_TURN_CALL && !t->calls) : 0,
			     .with_ids = t->ids > 0 && t->ids == t->calls,
			     .id_sum = t->id_sum };
	c->asked = c->open > 0 || (is_answer(t) && calls_in_text(t));
}

static void check_conversation(struct vit_data_parser *p)
{
	struct vit_data_row *r = &p->row;
	const struct vit_data_turn *before = NULL, *last = NULL;
	struct calls calls = { 0 };
	bool answer = false, odd_role = false;

	for (uint32_t i = 0; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];

		if (t->part == VIT_PART_REJECTED)
			continue;
		last = t;
		answer |= is_answer(t);
		odd_role |= t->role == VIT_TURN_OTHER || t->role == VIT_TURN_NONE;
		if (is_instruction(t)) {
			if (before)
				vit_row_issue(p, VIT_DI_system_position, "message %u is a %s turn", i + 1,
					      t->role == VIT_TURN_SYSTEM ? "system" : "developer");
			continue;
		}
		check_order(p, before, t, i + 1);
		check_tools(p, t, &calls);
		before = t;
	}
	if (!last || odd_role)
		return;
	if (!answer)
		vit_row_issue(p, VIT_DI_no_assistant, "no assistant turn");
	else if (!is_answer(last))
		vit_row_issue(p, VIT_DI_last_turn, "the last turn is the %s's",
			      last->role == VIT_TURN_TOOL ? "tool" :
			      is_instruction(last)	   ? "system" :
							     "user");
}

/* Chosen and rejected, turn by turn. */
static void check_preference(struct vit_data_parser *p)
{
	const struct vit_data_row *r = &p->row;
	uint32_t chosen = 0, rejected = 0, n = 0, m = 0;

	for (uint32_t i = 0; i < r->turn_count; i++) {
		if (r->turns[i].part == VIT_PART_COMPLETION && n++ == 0)
			chosen = i;
		if (r->turns[i].part == VIT_PART_REJECTED && m++ == 0)
			rejected = i;
	}
	if (n == 0 || n != m)
		return;
	for (uint32_t i = 0; i < n; i++)
		if (!vit_str_eq(r->turns[chosen + i].content, r->turns[rejected + i].content))
			return;
	vit_row_issue(p, VIT_DI_same_preference, "chosen and rejected are the same");
}

/* A call in ShareGPT's form is the text of its turn. */
static void check_call_text(struct vit_data_parser *p, const struct vit_data_turn *t)
{
	struct vit_json_reader r;
	struct vit_json_event ev;
	enum vit_json_type type;

	if (t->role != VIT_TURN_CALL)
		return;
	vit_json_reader_init(&r, t->content, VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE);
	while ((type = vit_json_next(&r, &ev)) != VIT_JSON_END) {
		if (type != VIT_JSON_ERROR)
			continue;
		vit_row_issue(p, VIT_DI_tool_arguments, "a function_call that is no JSON");
		return;
	}
}

void vit_data_structure(struct vit_data_parser *p)
{
	struct vit_data_row *r = &p->row;
	bool sharegpt = r->format == VIT_FORMAT_SHAREGPT;

	for (uint32_t i = 0; i < r->turn_count; i++) {
		struct vit_data_turn *t = &r->turns[i];

		if (t->role == VIT_TURN_OTHER)
			t->role = sharegpt ? sharegpt_role(t->role_text) : chat_role(t->role_text);
		use(r, t);
	}
	if (r->conversational) {
		for (uint32_t i = 0; i < r->turn_count; i++) {
			check_turn(p, &r->turns[i], i + 1);
			check_call_text(p, &r->turns[i]);
		}
		check_conversation(p);
	}
	if (r->format == VIT_FORMAT_PREFERENCE)
		check_preference(p);
}
