#include "data/model.h"

#include <stdio.h>
#include <stdlib.h>

#include "data/text.h"

#define OUTPUT_MAX ((size_t)64 << 20)

struct vit_data_model {
	struct vit_data_model_parts parts;
	struct vit_encoder *encoder;
	struct vit_arena *scratch;
	struct vit_buf out;
	uint64_t uncounted;
	char why[VIT_ERR_MSG];
	char reason[200];
};

/* One row being measured. */
struct measure {
	struct vit_data_model *m;
	const struct vit_data_row *r;
	struct vit_str text;        /* rendered */
	uint32_t sequence;
	struct vit_row_tokens *out;
	bool failed;                /* could not be counted */
};

struct vit_data_model *vit_data_model_new(const struct vit_data_model_parts *parts)
{
	struct vit_data_model *m = vit_xcalloc(1, sizeof *m);

	m->parts = *parts;
	m->encoder = vit_encoder_new(parts->tokens);
	m->scratch = vit_arena_new();
	vit_buf_init(&m->out, OUTPUT_MAX);
	return m;
}

void vit_data_model_free(struct vit_data_model *m)
{
	if (!m)
		return;
	vit_encoder_free(m->encoder);
	vit_tokens_free(m->parts.tokens);
	vit_arena_free(m->scratch);
	vit_buf_release(&m->out);
	free(m);
}

const struct vit_data_model_parts *vit_data_model_parts(const struct vit_data_model *m)
{
	return &m->parts;
}

uint64_t vit_data_model_uncounted(const struct vit_data_model *m, struct vit_str *why)
{
	*why = vit_str_c(m->why);
	return m->uncounted;
}

static void give_up(struct measure *x, const char *why)
{
	x->failed = true;
	if (x->m->uncounted++ == 0)
		snprintf(x->m->why, sizeof x->m->why, "%s", why);
}

static uint64_t count(struct measure *x, struct vit_str text, unsigned flags)
{
	struct vit_err err = { .code = VIT_OK };
	size_t n = 0;

	if (x->failed || text.n == 0)
		return 0;
	if (vit_encode_count(x->m->encoder, text, flags, &n, &err))
		give_up(x, err.msg);
	return n;
}

/* ---- the context ------------------------------------------------------------------ */

static const char *role_name(const struct vit_data_turn *t)
{
	switch (t->role) {
	case VIT_TURN_SYSTEM:
		return "system";
	case VIT_TURN_DEVELOPER:
		return "developer";
	case VIT_TURN_USER:
		return "user";
	case VIT_TURN_ASSISTANT:
	case VIT_TURN_CALL:
		return "assistant";
	case VIT_TURN_TOOL:
		return "tool";
	case VIT_TURN_NONE:
	case VIT_TURN_PLAIN:
	case VIT_TURN_OTHER:
		break;
	}
	return "";
}

static bool read_json(struct vit_arena *a, struct vit_str text, struct vit_tval *out)
{
	struct vit_json_reader r;
	struct vit_json_event ev;

	vit_json_reader_init(&r, text, VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE);
	return vit_json_next(&r, &ev) != VIT_JSON_ERROR && vit_tval_read(&r, &ev, true, a, out);
}

/* A message as the trainer hands it over: as written, where it has a role of
 * its own; else role and content. Null members are no members, as in transformers 5. */
static struct vit_tval message(struct vit_arena *a, const struct vit_data_turn *t)
{
	struct vit_tval d;

	if (t->json.n && t->role_text.n && read_json(a, t->json, &d) && vit_tval_get(d, VIT_STR("role")))
		return vit_template_message(a, d);
	d = vit_tval_dict(a, 2);
	vit_tval_set(a, &d, VIT_STR("role"), vit_tval_str(t->role == VIT_TURN_OTHER ? t->role_text : vit_str_c(role_name(t))));
	vit_tval_set(a, &d, VIT_STR("content"), vit_tval_str(t->content));
	return d;
}

/* The variables of a template for the first `turns` turns of the row. */
static struct vit_tval context(struct measure *x, uint32_t turns, bool prompt)
{
	const struct vit_data_model_parts *p = &x->m->parts;
	struct vit_arena *a = x->m->scratch;
	struct vit_tval d = vit_tval_dict(a, 8), tools = vit_tval_none();
	struct vit_tval *messages = VIT_NEW_ARRAY(a, x->r->turn_count, struct vit_tval);
	uint32_t n = 0;

	for (uint32_t i = 0; i < turns; i++)
		if (x->r->turns[i].part != VIT_PART_REJECTED)
			messages[n++] = message(a, &x->r->turns[i]);
	if (x->r->tools.n && !read_json(a, x->r->tools, &tools))
		tools = vit_tval_none();
	vit_tval_set(a, &d, VIT_STR("messages"), vit_tval_list(messages, n));
	vit_tval_set(a, &d, VIT_STR("tools"), tools);
	vit_tval_set(a, &d, VIT_STR("documents"), vit_tval_none());
	vit_tval_set(a, &d, VIT_STR("add_generation_prompt"), vit_tval_bool(prompt));
	for (unsigned i = 0; i < p->special_count; i++)
		vit_tval_set(a, &d, p->specials[i].name, vit_tval_str(p->specials[i].text));
	return d;
}

/* Renders the first turns; false with the row's fate set when it cannot be. */
static bool render(struct measure *x, uint32_t turns, bool prompt, struct vit_template_result *result)
{
	struct vit_data_model *m = x->m;
	struct vit_str message;
	char why[160];

	vit_template_render(m->parts.template, context(x, turns, prompt), &vit_template_default_limits,
			    &m->parts.clock, m->scratch, &m->out, result);
	if (result->outcome == VIT_TEMPLATE_RENDERED)
		return true;
	/* A template may quote the row in what it raises. */
	message = vit_data_shown(result->message);
	if (result->outcome == VIT_TEMPLATE_RAISED || result->outcome == VIT_TEMPLATE_ERROR ||
	    result->outcome == VIT_TEMPLATE_FORBIDDEN) {
		x->out->template_failed = true;
		snprintf(m->reason, sizeof m->reason, "%.*s", VIT_CUT(message, 150));
		x->out->reason = vit_str_c(m->reason);
		return false;
	}
	snprintf(why, sizeof why, "the template: %s, %.*s", vit_template_outcome_name(result->outcome),
		 VIT_CUT(message, 100));
	give_up(x, why);
	return false;
}

/* ---- spans --------------------------------------------------------------------------- */

static bool is_trained(const struct vit_data_turn *t)
{
	return (t->role == VIT_TURN_ASSISTANT || t->role == VIT_TURN_CALL) && !t->has_weight_zero &&
	       t->part != VIT_PART_REJECTED;
}

/* Behind the special token at `at`, if one stands there; else `at`. */
static size_t behind_end_token(const struct measure *x, size_t at)
{
	const char *close;
	struct vit_str token;

	if (at >= x->text.n || x->text.p[at] != '<')
		return at;
	close = memchr(x->text.p + at, '>', x->text.n - at < 64 ? x->text.n - at : 64);
	if (!close)
		return at;
	token = vit_str_sub(x->text, at, (size_t)(close + 1 - x->text.p));
	return vit_tokens_id(x->m->parts.tokens, token) == UINT32_MAX ? at : at + token.n;
}

/* Where the text of turn i stands at or after `from`. Not when the turn behind
 * it would be found as early: then it may be that one's text. */
static bool find_turn(const struct measure *x, uint32_t i, size_t from, struct vit_template_span *out)
{
	const struct vit_data_turn *t = &x->r->turns[i];
	struct vit_str thinking = vit_str_trim(t->thinking), content = vit_str_trim(t->content);
	size_t begin, at;

	if (content.n == 0 || t->calls || t->role == VIT_TURN_CALL)
		return false;
	at = vit_str_find(x->text, content, from);
	if (at == SIZE_MAX)
		return false;
	if (i + 1 < x->r->turn_count && t[1].part != VIT_PART_REJECTED && vit_str_trim(t[1].content).n &&
	    vit_str_find(x->text, vit_str_trim(t[1].content), from) <= at)
		return false;
	begin = at;
	if (thinking.n) {
		size_t before = vit_str_find(vit_str_sub(x->text, 0, at), thinking, from);
		begin = before == SIZE_MAX ? at : before;
	}
	out->begin = begin;
	out->end = behind_end_token(x, at + content.n);
	return true;
}

static void add_span(struct measure *x, struct vit_template_span s, bool *begun)
{
	struct vit_row_tokens *k = x->out;
	uint64_t n = count(x, vit_str_sub(x->text, s.begin, s.end), 0), before;

	k->trainable += n;
	if (*begun && (!x->sequence || k->total <= x->sequence)) {
		k->kept_trainable += n;
		return;
	}
	before = count(x, vit_str_sub(x->text, 0, s.begin), 0);
	if (!*begun)
		k->prompt = before;
	*begun = true;
	if (!x->sequence || before + n <= x->sequence)
		k->kept_trainable += n;
	else if (before < x->sequence)
		k->kept_trainable += x->sequence - before;
}

/* What the conversation grows by with turn i, from its generation prompt on. */
static void add_growth(struct measure *x, uint32_t i, bool *begun)
{
	struct vit_template_result result;
	struct vit_row_tokens *k = x->out, probe = { 0 };
	struct measure y = { .m = x->m, .r = x->r, .out = &probe };
	uint64_t before, after;

	if (!render(&y, i, true, &result)) {
		give_up(x, "a turn could not be told from the rest of the rendered text");
		return;
	}
	before = count(&y, vit_buf_view(&x->m->out), 0);
	if (!render(&y, i + 1, false, &result)) {
		give_up(x, "a turn could not be told from the rest of the rendered text");
		return;
	}
	after = count(&y, vit_buf_view(&x->m->out), 0);
	after = after > before ? after : before;
	k->trainable += after - before;
	if (!*begun)
		k->prompt = before;
	*begun = true;
	if (!x->sequence || after <= x->sequence)
		k->kept_trainable += after - before;
	else if (before < x->sequence)
		k->kept_trainable += x->sequence - before;
}

static void measure_turns(struct measure *x, const struct vit_template_result *result)
{
	/* The text is needed while turns are rendered again. */
	struct vit_str text = vit_arena_str(x->m->scratch, vit_buf_view(&x->m->out));
	size_t from = 0;
	bool begun = false;

	x->text = text;
	x->out->total = count(x, text, 0);
	x->out->prompt = x->out->total;
	if (x->m->parts.template->has_generation) {
		for (size_t i = 0; i < result->span_count; i++)
			add_span(x, result->spans[i], &begun);
		return;
	}
	for (uint32_t i = 0; i < x->r->turn_count && !x->failed; i++) {
		const struct vit_data_turn *t = &x->r->turns[i];
		struct vit_template_span s;
		size_t at;

		if (t->part == VIT_PART_REJECTED)
			continue;
		if (is_trained(t)) {
			if (find_turn(x, i, from, &s)) {
				add_span(x, s, &begun);
				from = s.end;
			} else {
				add_growth(x, i, &begun);
			}
			continue;
		}
		/* Passed, so that an answer that repeats it is not found in it. */
		at = vit_str_find(text, vit_str_trim(t->content), from);
		from = at == SIZE_MAX ? from : at + vit_str_trim(t->content).n;
	}
}

/* Without a template: the bare texts. */
static void measure_bare(struct measure *x)
{
	struct vit_row_tokens *k = x->out;
	bool begun = false;

	for (uint32_t i = 0; i < x->r->turn_count && !x->failed; i++) {
		const struct vit_data_turn *t = &x->r->turns[i];
		uint64_t n;

		if (t->part == VIT_PART_REJECTED)
			continue;
		n = count(x, t->content, t->role == VIT_TURN_PLAIN ? VIT_ENCODE_ADD_SPECIAL : 0) + count(x, t->thinking, 0);
		if (is_trained(t) || t->role == VIT_TURN_PLAIN) {
			begun = true;
			k->trainable += n;
			if (!x->sequence || k->total + n <= x->sequence)
				k->kept_trainable += n;
			else if (k->total < x->sequence)
				k->kept_trainable += x->sequence - k->total;
		} else if (!begun) {
			k->prompt += n;
		}
		k->total += n;
	}
}

void vit_data_model_measure(struct vit_data_model *m, const struct vit_data_row *r, uint32_t sequence,
			    struct vit_row_tokens *out)
{
	struct measure x = { .m = m, .r = r, .sequence = sequence, .out = out };
	struct vit_template_result result;

	*out = (struct vit_row_tokens){ .counted = false };
	vit_arena_reset(m->scratch);
	if (!m->parts.template || r->format == VIT_FORMAT_TEXT) {
		measure_bare(&x);
	} else {
		if (!render(&x, r->turn_count, false, &result))
			return;
		measure_turns(&x, &result);
	}
	out->counted = !x.failed;
}
