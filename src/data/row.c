#include "data/row.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/utf8.h"
#include "data/split.h"
#include "data/text.h"
#include "json/tree.h"

#define READ_OPTIONS (VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE)
/* Room for details behind the decoded strings. */
#define DETAIL_ROOM ((size_t)16 << 10)
#define TURNS_MAX 100000u

/* Keys of a row that mean something, and of a message. */
enum row_key {
	K_MESSAGES, K_CONVERSATIONS, K_PROMPT, K_COMPLETION, K_CHOSEN, K_REJECTED, K_HISTORY,
	K_INSTRUCTION, K_INPUT, K_OUTPUT, K_TEXT, K_SYSTEM, K_QUESTION, K_ANSWER, K_QUERY,
	K_RESPONSE, K_CATEGORY, K_SOURCE, K_TOOLS, K_FUNCTIONS, K_LABEL, K_LABELS, K_COMPLETIONS,
	K_METADATA, K_COUNT
};
static const char *const row_keys[K_COUNT] = {
	"messages", "conversations", "prompt", "completion", "chosen", "rejected", "history",
	"instruction", "input", "output", "text", "system", "question", "answer", "query",
	"response", "category", "source", "tools", "functions", "label", "labels", "completions",
	"metadata",
};

enum message_key {
	M_ROLE, M_FROM, M_CONTENT, M_VALUE, M_THINKING, M_REASONING, M_REASONING_CONTENT,
	M_TOOL_CALLS, M_FUNCTION_CALL, M_TOOL_CALL_ID, M_CHANNEL, M_WEIGHT, M_TRAIN, M_NAME,
	M_TOOLS, M_REFUSAL, M_AUDIO, M_ID, M_RECIPIENT, M_CONTENT_TYPE, M_COUNT
};
static const char *const message_keys[M_COUNT] = {
	"role", "from", "content", "value", "thinking", "reasoning", "reasoning_content",
	"tool_calls", "function_call", "tool_call_id", "channel", "weight", "train", "name",
	"tools", "refusal", "audio", "id", "recipient", "content_type",
};

/* What stood under one key of a row. */
struct slot {
	bool there, is_string, is_list, is_null;
	struct vit_str string;
	uint32_t first, count;  /* turns of a list */
};

struct parse {
	struct vit_data_parser *p;
	struct vit_json_reader r;
	struct slot slots[K_COUNT];
	bool failed;
};

void vit_data_parser_init(struct vit_data_parser *p)
{
	memset(p, 0, sizeof *p);
	vit_buf_init(&p->buf, 4 * VIT_DATA_ROW_MAX);
}

void vit_data_parser_release(struct vit_data_parser *p)
{
	vit_buf_release(&p->buf);
	free(p->turns);
}

void vit_row_issue(struct vit_data_parser *p, enum vit_data_issue i, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	size_t at = p->buf.n;

	if (vit_row_has(&p->row, i))
		return;
	p->row.issues |= (uint64_t)1 << i;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* Room was made for a detail of every issue: what lies there does not move. */
	vit_buf_puts(&p->buf, text);
	p->row.details[i] = (struct vit_str){ p->buf.p + at, p->buf.n - at };
}

static int find_key(const char *const *keys, int count, struct vit_str key)
{
	for (int i = 0; i < count; i++)
		if (keys[i][0] == (key.n ? key.p[0] : 0) && vit_str_is(key, keys[i]))
			return i;
	return count;
}

/* The decoded text of a string event: in place where it has no escapes. */
static struct vit_str decoded(struct parse *s, const struct vit_json_event *ev)
{
	size_t at = s->p->buf.n;

	if (ev->flags & VIT_JSON_LONE_SURROGATE)
		vit_row_issue(s->p, VIT_DI_invalid_utf8, "half of a surrogate pair in an escape");
	if (!(ev->flags & VIT_JSON_ESCAPED))
		return ev->raw;
	at = s->p->buf.n;
	vit_json_decode(ev, &s->p->buf);
	return (struct vit_str){ s->p->buf.p + at, s->p->buf.n - at };
}

static bool next(struct parse *s, struct vit_json_event *ev)
{
	if (vit_json_next(&s->r, ev) == VIT_JSON_ERROR)
		s->failed = true;
	return !s->failed;
}

/* Reads to the end of the value whose first event is `ev`; its text. */
static struct vit_str whole(struct parse *s, const struct vit_json_event *ev)
{
	struct vit_json_event e = *ev;
	unsigned depth = s->r.depth;

	if (ev->type == VIT_JSON_OBJECT_BEGIN || ev->type == VIT_JSON_ARRAY_BEGIN) {
		while (s->r.depth >= depth)
			if (!next(s, &e))
				return VIT_STR_EMPTY;
		return vit_str_sub(s->p->row.text, ev->offset, e.offset + 1);
	}
	if (ev->type == VIT_JSON_STRING)
		return (struct vit_str){ ev->raw.p - 1, ev->raw.n + 2 };
	return ev->raw;
}

static enum vit_json_kind kind_of(enum vit_json_type t)
{
	switch (t) {
	case VIT_JSON_OBJECT_BEGIN:
		return VIT_JSON_K_OBJECT;
	case VIT_JSON_ARRAY_BEGIN:
		return VIT_JSON_K_ARRAY;
	case VIT_JSON_STRING:
		return VIT_JSON_K_STRING;
	case VIT_JSON_NUMBER:
		return VIT_JSON_K_NUMBER;
	case VIT_JSON_TRUE:
	case VIT_JSON_FALSE:
		return VIT_JSON_K_BOOL;
	case VIT_JSON_NULL:
	case VIT_JSON_END:
	case VIT_JSON_OBJECT_END:
	case VIT_JSON_ARRAY_END:
	case VIT_JSON_KEY:
	case VIT_JSON_ERROR:
		break;
	}
	return VIT_JSON_K_NULL;
}

static const char *kind_text(enum vit_json_kind k)
{
	const struct vit_json v = { .kind = k };

	return vit_json_kind_name(&v);
}

static struct vit_data_turn *add_turn(struct parse *s)
{
	struct vit_data_parser *p = s->p;
	uint32_t n = p->row.turn_count;

	if (n == p->turn_capacity) {
		p->turn_capacity = n ? n * 2 : 16;
		p->turns = vit_xrealloc(p->turns, p->turn_capacity * sizeof *p->turns);
	}
	p->row.turn_count++;
	p->turns[n] = (struct vit_data_turn){ .role = VIT_TURN_NONE,
					      .role_text = VIT_STR_EMPTY,
					      .content = VIT_STR_EMPTY,
					      .thinking = VIT_STR_EMPTY,
					      .json = VIT_STR_EMPTY,
					      .name_key = VIT_STR_EMPTY };
	return &p->turns[n];
}

/* ---- messages ----------------------------------------------------------------- */

/* Is it JSON? Arguments are a text of their own. */
static bool is_json(struct vit_str text)
{
	struct vit_json_reader r;
	struct vit_json_event ev;
	enum vit_json_type type;

	vit_json_reader_init(&r, text, READ_OPTIONS);
	while ((type = vit_json_next(&r, &ev)) != VIT_JSON_END)
		if (type == VIT_JSON_ERROR)
			return false;
	return true;
}

static void check_arguments(struct parse *s, struct vit_str text)
{
	if (!is_json(text))
		vit_row_issue(s->p, VIT_DI_tool_arguments, "arguments that are no JSON");
}

static void add_id(struct vit_data_turn *t, struct vit_str id)
{
	t->ids++;
	t->id_sum += vit_hash64(id);
}

/* tool_calls (a list of calls) or function_call (one). */
static void read_calls(struct parse *s, const struct vit_json_event *begin, struct vit_data_turn *t)
{
	struct vit_json_event ev = *begin;
	unsigned depth = s->r.depth;

	if (begin->type == VIT_JSON_NULL)
		return;
	if (begin->type != VIT_JSON_ARRAY_BEGIN && begin->type != VIT_JSON_OBJECT_BEGIN) {
		vit_row_issue(s->p, VIT_DI_wrong_type, "tool_calls is a %s", kind_text(kind_of(begin->type)));
		return;
	}
	t->calls += begin->type == VIT_JSON_OBJECT_BEGIN;
	while (s->r.depth >= depth) {
		if (!next(s, &ev))
			return;
		if (ev.type == VIT_JSON_OBJECT_BEGIN && begin->type == VIT_JSON_ARRAY_BEGIN &&
		    s->r.depth == depth + 1)
			t->calls++;
		if (ev.type != VIT_JSON_KEY)
			continue;
		bool arguments = vit_str_is(ev.raw, "arguments");
		bool id = begin->type == VIT_JSON_ARRAY_BEGIN && s->r.depth == depth + 1 && vit_str_is(ev.raw, "id");
		if (!arguments && !id)
			continue;
		if (!next(s, &ev))
			return;
		if (ev.type == VIT_JSON_STRING && arguments)
			check_arguments(s, decoded(s, &ev));
		else if (ev.type == VIT_JSON_STRING)
			add_id(t, decoded(s, &ev));
	}
}

/* Content as a list of parts: the texts of it, one behind the other. */
static void read_parts(struct parse *s, struct vit_data_turn *t)
{
	struct vit_json_event ev;
	unsigned depth = s->r.depth;
	size_t at = s->p->buf.n;

	t->has_parts = true;
	while (s->r.depth >= depth) {
		if (!next(s, &ev))
			return;
		if (ev.type == VIT_JSON_STRING && s->r.depth == depth)
			vit_json_decode(&ev, &s->p->buf);
		if (ev.type != VIT_JSON_KEY || s->r.depth != depth + 1 || !vit_str_is(ev.raw, "text"))
			continue;
		if (!next(s, &ev))
			return;
		if (ev.type == VIT_JSON_STRING)
			vit_json_decode(&ev, &s->p->buf);
	}
	t->content = (struct vit_str){ s->p->buf.p + at, s->p->buf.n - at };
}

static void read_content(struct parse *s, const struct vit_json_event *ev, struct vit_data_turn *t)
{
	t->has_content = true;
	switch (ev->type) {
	case VIT_JSON_STRING:
		t->content = decoded(s, ev);
		break;
	case VIT_JSON_NULL:
		t->null_content = true;
		break;
	case VIT_JSON_ARRAY_BEGIN:
		read_parts(s, t);
		break;
	case VIT_JSON_OBJECT_BEGIN:
	case VIT_JSON_NUMBER:
	case VIT_JSON_TRUE:
	case VIT_JSON_FALSE:
		t->bad_content = true;
		vit_row_issue(s->p, VIT_DI_wrong_type, "the content of a message is of type %s",
			      kind_text(kind_of(ev->type)));
		whole(s, ev);
		break;
	case VIT_JSON_END:
	case VIT_JSON_OBJECT_END:
	case VIT_JSON_ARRAY_END:
	case VIT_JSON_KEY:
	case VIT_JSON_ERROR:
		break;
	}
}

static void read_channel(struct parse *s, struct vit_str name)
{
	if (vit_str_is(name, "analysis") || vit_str_is(name, "commentary") || vit_str_is(name, "final"))
		return;
	name = vit_data_shown(name);
	vit_row_issue(s->p, VIT_DI_harmony_channel, "channel \"%.*s\"", VIT_CUT(name, 40));
}

static void read_role(struct parse *s, const struct vit_json_event *ev, struct vit_data_turn *t)
{
	if (ev->type == VIT_JSON_STRING) {
		t->role_text = decoded(s, ev);
		t->role = VIT_TURN_OTHER; /* named by the structure, which knows the format */
		return;
	}
	vit_row_issue(s->p, VIT_DI_wrong_type, "a role is of type %s", kind_text(kind_of(ev->type)));
	whole(s, ev);
}

/* The value of one key of a message. */
static void read_message_value(struct parse *s, int key, const struct vit_json_event *ev,
			       struct vit_data_turn *t)
{
	switch (key) {
	case M_ROLE:
	case M_FROM:
		read_role(s, ev, t);
		return;
	case M_CONTENT:
	case M_VALUE:
		read_content(s, ev, t);
		return;
	case M_TOOL_CALLS:
	case M_FUNCTION_CALL:
		read_calls(s, ev, t);
		return;
	case M_THINKING:
	case M_REASONING:
	case M_REASONING_CONTENT:
		if (ev->type == VIT_JSON_STRING) {
			t->thinking = decoded(s, ev);
			if (key == M_THINKING)
				s->p->row.uses |= VIT_USES_HARMONY;
			return;
		}
		break;
	case M_CHANNEL:
		s->p->row.uses |= VIT_USES_HARMONY;
		if (ev->type == VIT_JSON_STRING) {
			read_channel(s, decoded(s, ev));
			return;
		}
		break;
	case M_WEIGHT:
		t->has_weight_zero = ev->type == VIT_JSON_NUMBER && ev->number == 0;
		break;
	case M_TRAIN:
		t->has_weight_zero = ev->type == VIT_JSON_FALSE;
		break;
	case M_TOOL_CALL_ID:
		t->call_id = ev->type == VIT_JSON_STRING;
		if (t->call_id)
			add_id(t, decoded(s, ev));
		break;
	default:
		break;
	}
	whole(s, ev);
}

static void read_message(struct parse *s, const struct vit_json_event *begin)
{
	struct vit_json_event ev;
	uint32_t index;
	struct vit_data_turn *t = add_turn(s);
	struct vit_data_turn turn = *t;

	index = (uint32_t)(t - s->p->turns);
	if (begin->type != VIT_JSON_OBJECT_BEGIN) {
		vit_row_issue(s->p, VIT_DI_wrong_type, "a message is of type %s", kind_text(kind_of(begin->type)));
		whole(s, begin);
		s->p->row.turn_count--;
		return;
	}
	while (next(s, &ev) && ev.type == VIT_JSON_KEY) {
		struct vit_str name = ev.raw;
		int key = find_key(message_keys, M_COUNT, name);

		if (key == M_COUNT) {
			if (turn.name_key.n == 0)
				turn.name_key = name;
		} else if (turn.keys >> key & 1) {
			vit_row_issue(s->p, VIT_DI_duplicate_key, "\"%s\" twice in a message", message_keys[key]);
		} else {
			turn.keys |= 1u << key;
		}
		if (!next(s, &ev))
			return;
		read_message_value(s, key, &ev, &turn);
		if (s->failed)
			return;
	}
	turn.json = vit_str_sub(s->p->row.text, begin->offset, ev.offset + 1);
	s->p->turns[index] = turn;
}

static void read_messages(struct parse *s, struct slot *slot)
{
	struct vit_json_event ev;

	slot->is_list = true;
	slot->first = s->p->row.turn_count;
	while (next(s, &ev) && ev.type != VIT_JSON_ARRAY_END) {
		if (s->p->row.turn_count >= TURNS_MAX)
			whole(s, &ev);
		else
			read_message(s, &ev);
		if (s->failed)
			return;
	}
	slot->count = s->p->row.turn_count - slot->first;
}

/* Alpaca's history: [[question, answer], ...]. */
static void read_history(struct parse *s, struct slot *slot)
{
	struct vit_json_event ev;
	unsigned depth = s->r.depth, n = 0;

	slot->is_list = true;
	slot->first = s->p->row.turn_count;
	while (s->r.depth >= depth) {
		if (!next(s, &ev))
			return;
		if (ev.type == VIT_JSON_ARRAY_BEGIN)
			n = 0;
		if (ev.type != VIT_JSON_STRING || s->r.depth != depth + 1 || s->p->row.turn_count >= TURNS_MAX)
			continue;
		struct vit_data_turn *t = add_turn(s);
		t->role = n++ % 2 ? VIT_TURN_ASSISTANT : VIT_TURN_USER;
		t->has_content = true;
		t->content = decoded(s, &ev);
	}
	slot->count = s->p->row.turn_count - slot->first;
}

/* ---- the row --------------------------------------------------------------------- */

/* metadata: {"category": ..., "source": ...}. */
static void read_metadata(struct parse *s)
{
	struct vit_json_event ev;

	while (next(s, &ev) && ev.type == VIT_JSON_KEY) {
		int key = find_key(row_keys, K_COUNT, ev.raw);

		if (!next(s, &ev))
			return;
		if (ev.type == VIT_JSON_STRING && key == K_CATEGORY && s->p->row.category.n == 0)
			s->p->row.category = decoded(s, &ev);
		else if (ev.type == VIT_JSON_STRING && key == K_SOURCE && s->p->row.source.n == 0)
			s->p->row.source = decoded(s, &ev);
		else
			whole(s, &ev);
		if (s->failed)
			return;
	}
}

static void add_column(struct parse *s, struct vit_str name, const struct vit_json_event *value)
{
	struct vit_data_row *r = &s->p->row;
	enum vit_json_kind kind = kind_of(value->type);

	for (uint32_t i = 0; i < r->column_count; i++) {
		if (!vit_str_eq(r->columns[i], name))
			continue;
		name = vit_data_shown(name);
		vit_row_issue(s->p, VIT_DI_duplicate_key, "\"%.*s\" twice", VIT_CUT(name, 60));
		return;
	}
	if (r->column_count == VIT_ROW_COLUMNS)
		return;
	r->columns[r->column_count] = name;
	r->column_types[r->column_count++] = (unsigned char)kind;
}

static void read_value(struct parse *s, int key, const struct vit_json_event *ev)
{
	struct slot *slot = key < K_COUNT ? &s->slots[key] : NULL;

	if (!slot) {
		whole(s, ev);
		return;
	}
	/* Of a repeated key the last one counts, as Python takes it. */
	*slot = (struct slot){ .there = true, .is_null = ev->type == VIT_JSON_NULL };
	if (ev->type == VIT_JSON_STRING) {
		slot->is_string = true;
		slot->string = decoded(s, ev);
	} else if (key == K_METADATA && ev->type == VIT_JSON_OBJECT_BEGIN) {
		read_metadata(s);
	} else if (key == K_HISTORY && ev->type == VIT_JSON_ARRAY_BEGIN) {
		read_history(s, slot);
	} else if (key <= K_REJECTED && ev->type == VIT_JSON_ARRAY_BEGIN) {
		read_messages(s, slot);
	} else if (key == K_TOOLS && ev->type == VIT_JSON_ARRAY_BEGIN) {
		s->p->row.tools = whole(s, ev);
		slot->is_list = true;
	} else {
		slot->is_list = ev->type == VIT_JSON_ARRAY_BEGIN;
		whole(s, ev);
	}
}

static void read_object(struct parse *s)
{
	struct vit_json_event ev;

	while (next(s, &ev) && ev.type == VIT_JSON_KEY) {
		struct vit_str name = ev.raw;
		int key = find_key(row_keys, K_COUNT, name);

		if (!next(s, &ev))
			return;
		add_column(s, name, &ev);
		read_value(s, key, &ev);
		if (s->failed)
			return;
	}
	if (!s->failed)
		next(s, &ev);
}

/* ---- what it is -------------------------------------------------------------------- */

/* Formats without names of their own: question and answer under some names. */
static const struct {
	int question, answer;
} pairs[] = {
	{ K_QUESTION, K_ANSWER }, { K_INPUT, K_OUTPUT },      { K_PROMPT, K_RESPONSE },
	{ K_QUERY, K_RESPONSE },  { K_QUESTION, K_RESPONSE }, { K_INSTRUCTION, K_RESPONSE },
	{ K_PROMPT, K_OUTPUT },   { K_PROMPT, K_ANSWER },     { K_INPUT, K_RESPONSE },
	{ K_QUERY, K_ANSWER },
};
#define PAIRS (sizeof pairs / sizeof *pairs)

static size_t pair_of(const struct parse *s)
{
	for (size_t i = 0; i < PAIRS; i++)
		if (s->slots[pairs[i].question].there && s->slots[pairs[i].answer].there)
			return i;
	return PAIRS;
}

static enum vit_data_format classify(const struct parse *s)
{
	const struct slot *k = s->slots;
	const struct slot *talk = &k[K_CONVERSATIONS];

	if (k[K_CHOSEN].there || k[K_REJECTED].there)
		return VIT_FORMAT_PREFERENCE;
	if (k[K_MESSAGES].there)
		return VIT_FORMAT_CHAT;
	if (talk->there)
		return talk->count && s->p->turns[talk->first].keys >> M_ROLE & 1 ? VIT_FORMAT_CHAT :
										    VIT_FORMAT_SHAREGPT;
	if (k[K_COMPLETIONS].there)
		return VIT_FORMAT_STEPWISE;
	if (k[K_COMPLETION].there)
		return k[K_LABEL].there ? VIT_FORMAT_UNPAIRED : VIT_FORMAT_PROMPT;
	if (k[K_INSTRUCTION].there && (k[K_OUTPUT].there || pair_of(s) == PAIRS))
		return VIT_FORMAT_ALPACA;
	if (pair_of(s) != PAIRS)
		return VIT_FORMAT_PAIR;
	if (k[K_TEXT].there)
		return VIT_FORMAT_TEXT;
	return k[K_PROMPT].there ? VIT_FORMAT_PROMPT : VIT_FORMAT_UNKNOWN;
}

static void want_string(struct parse *s, int key, bool needed)
{
	const struct slot *k = &s->slots[key];
	/* These may hold messages instead; a list anywhere else is nothing that is read. */
	bool list = k->is_list && key <= K_REJECTED;

	if (!k->there || (k->is_null && needed))
		vit_row_issue(s->p, VIT_DI_missing_field, "no \"%s\"", row_keys[key]);
	else if (!k->is_null && !k->is_string && !list)
		vit_row_issue(s->p, VIT_DI_wrong_type, "\"%s\" is no text", row_keys[key]);
	else if (needed && k->is_string && vit_str_trim(k->string).n == 0)
		vit_row_issue(s->p, VIT_DI_empty_field, "\"%s\" is empty", row_keys[key]);
}

static void add_text(struct parse *s, enum vit_data_role role, enum vit_data_part part, struct vit_str text)
{
	struct vit_data_turn *t = add_turn(s);

	t->role = role;
	t->part = part;
	t->has_content = true;
	t->content = text;
}

/* A slot that is a text or a list of messages, behind the turns there are. */
static void add_slot(struct parse *s, int key, enum vit_data_role role, enum vit_data_part part)
{
	const struct slot *k = &s->slots[key];

	want_string(s, key, true);
	if (k->is_string)
		add_text(s, role, part, k->string);
	for (uint32_t i = 0; i < k->count; i++) {
		struct vit_data_turn *t = add_turn(s);
		*t = s->p->turns[k->first + i];
		t->part = part;
	}
	if (k->is_list && key <= K_REJECTED) {
		s->p->row.uses |= VIT_USES_MESSAGES;
		s->p->row.conversational = true;
	}
}

static void add_instruction(struct parse *s)
{
	const struct slot *input = &s->slots[K_INPUT], *history = &s->slots[K_HISTORY];
	struct vit_str text = s->slots[K_INSTRUCTION].string;
	struct vit_buf *b = &s->p->buf;

	want_string(s, K_INSTRUCTION, true);
	for (uint32_t i = 0; i < history->count; i++) {
		struct vit_data_turn *t = add_turn(s);
		*t = s->p->turns[history->first + i];
	}
	if (input->is_string && input->string.n) {
		size_t at = b->n;
		vit_buf_str(b, text);
		vit_buf_putc(b, '\n');
		vit_buf_str(b, input->string);
		text = (struct vit_str){ b->p + at, b->n - at };
	}
	add_text(s, VIT_TURN_USER, VIT_PART_MAIN, text);
	add_slot(s, K_OUTPUT, VIT_TURN_ASSISTANT, VIT_PART_COMPLETION);
}

/* The list of messages, which is the row. */
static void take_list(struct parse *s, int key, const char *name)
{
	const struct slot *k = &s->slots[key];

	s->p->row.conversational = true;
	if (k->is_null)
		vit_row_issue(s->p, VIT_DI_missing_field, "\"%s\" is null", name);
	else if (!k->is_list)
		vit_row_issue(s->p, VIT_DI_wrong_type, "\"%s\" is no list", name);
	else if (k->count == 0)
		vit_row_issue(s->p, VIT_DI_empty_field, "\"%s\" is an empty list", name);
	for (uint32_t i = 0; i < k->count; i++) {
		struct vit_data_turn *t = add_turn(s);
		*t = s->p->turns[k->first + i];
	}
}

static void name_columns(struct parse *s)
{
	const struct vit_data_row *r = &s->p->row;
	char text[120] = "";
	size_t n = 0;

	for (uint32_t i = 0; i < r->column_count && n < 80; i++) {
		const struct vit_str name = vit_data_shown(r->columns[i]);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s", i ? ", " : "", VIT_CUT(name, 20));
	}
	vit_row_issue(s->p, VIT_DI_unknown_format, r->column_count ? "members: %s" : "an empty object", text);
}

/* Puts the turns into the order in which they are trained. */
static void assemble(struct parse *s)
{
	struct vit_data_row *r = &s->p->row;
	uint32_t from = r->turn_count;
	size_t pair;

	if (s->slots[K_SYSTEM].is_string && s->slots[K_SYSTEM].string.n)
		add_text(s, VIT_TURN_SYSTEM, VIT_PART_MAIN, s->slots[K_SYSTEM].string);
	switch (r->format) {
	case VIT_FORMAT_CHAT:
		take_list(s, s->slots[K_MESSAGES].there ? K_MESSAGES : K_CONVERSATIONS,
			  s->slots[K_MESSAGES].there ? "messages" : "conversations");
		break;
	case VIT_FORMAT_SHAREGPT:
		take_list(s, K_CONVERSATIONS, "conversations");
		break;
	case VIT_FORMAT_ALPACA:
		add_instruction(s);
		break;
	case VIT_FORMAT_PROMPT:
	case VIT_FORMAT_UNPAIRED:
		add_slot(s, K_PROMPT, VIT_TURN_USER, VIT_PART_MAIN);
		add_slot(s, K_COMPLETION, VIT_TURN_ASSISTANT, VIT_PART_COMPLETION);
		break;
	case VIT_FORMAT_PAIR:
		pair = pair_of(s);
		add_slot(s, pairs[pair].question, VIT_TURN_USER, VIT_PART_MAIN);
		add_slot(s, pairs[pair].answer, VIT_TURN_ASSISTANT, VIT_PART_COMPLETION);
		break;
	case VIT_FORMAT_TEXT:
		add_slot(s, K_TEXT, VIT_TURN_PLAIN, VIT_PART_MAIN);
		break;
	case VIT_FORMAT_PREFERENCE:
		if (s->slots[K_PROMPT].there)
			add_slot(s, K_PROMPT, VIT_TURN_USER, VIT_PART_MAIN);
		add_slot(s, K_CHOSEN, VIT_TURN_ASSISTANT, VIT_PART_COMPLETION);
		add_slot(s, K_REJECTED, VIT_TURN_ASSISTANT, VIT_PART_REJECTED);
		break;
	case VIT_FORMAT_STEPWISE:
		add_slot(s, K_PROMPT, VIT_TURN_USER, VIT_PART_MAIN);
		break;
	case VIT_FORMAT_UNKNOWN:
	case VIT_FORMAT_COUNT:
		name_columns(s);
		break;
	}
	r->turn_count -= from;
	r->turns = r->turn_count ? s->p->turns + from : NULL;
}

static void not_json(struct parse *s)
{
	struct vit_data_row *r = &s->p->row;
	size_t valid = vit_utf8_valid(r->text);

	r->issues = 0;
	r->turn_count = r->column_count = 0;
	if (valid < r->text.n)
		vit_row_issue(s->p, VIT_DI_invalid_utf8, "byte 0x%02x at byte %zu of the row",
			      (unsigned)(unsigned char)r->text.p[valid], valid + 1);
	else
		vit_row_issue(s->p, VIT_DI_invalid_json, "%s of the row", s->r.err.msg);
}

void vit_data_parse(struct vit_data_parser *p, struct vit_str text)
{
	struct parse s;
	struct vit_json_event ev;

	s.p = p;
	s.failed = false;
	memset(s.slots, 0, sizeof s.slots);
	vit_buf_clear(&p->buf);
	p->row.text = text;
	p->row.issues = 0;
	p->row.is_object = p->row.conversational = false;
	p->row.format = VIT_FORMAT_UNKNOWN;
	p->row.uses = 0;
	p->row.turns = NULL;
	p->row.turn_count = p->row.column_count = 0;
	p->row.category = p->row.source = p->row.tools = VIT_STR_EMPTY;
	/* Every string once, an instruction and its input once more, and details:
	 * nothing moves after this. */
	if (!vit_buf_reserve(&p->buf, 2 * text.n + DETAIL_ROOM))
		VIT_BUG("a row above the ceiling");
	vit_json_reader_init(&s.r, text, READ_OPTIONS);
	if (!next(&s, &ev)) {
		not_json(&s);
		return;
	}
	if (ev.type != VIT_JSON_OBJECT_BEGIN) {
		whole(&s, &ev);
		if (!s.failed)
			next(&s, &ev);
		if (s.failed)
			not_json(&s);
		else
			vit_row_issue(p, VIT_DI_wrong_type, "the row is no object");
		return;
	}
	read_object(&s);
	if (s.failed) {
		not_json(&s);
		return;
	}
	p->row.is_object = true;
	if (s.slots[K_CATEGORY].is_string)
		p->row.category = s.slots[K_CATEGORY].string;
	if (s.slots[K_SOURCE].is_string)
		p->row.source = s.slots[K_SOURCE].string;
	p->row.format = classify(&s);
	if (s.slots[K_TOOLS].is_list || s.slots[K_FUNCTIONS].is_list)
		p->row.uses |= VIT_USES_TOOLS;
	assemble(&s);
	vit_data_structure(p);
}
