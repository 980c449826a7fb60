/*
 * The normalizer, pre_tokenizer and post_processor of a tokenizer.json: nested
 * sequences become one list of steps. Members may come in any order, so a step
 * is decided when its object ends.
 */
#include <stdlib.h>

#include "text/tokens_parts.h"

static struct vit_str text_of(struct vit_parts *p, const struct vit_json_event *ev)
{
	vit_buf_clear(&p->text);
	vit_json_decode(ev, &p->text);
	return vit_arena_str(p->t->arena, vit_buf_view(&p->text));
}

static bool skip_value(struct vit_parts *p, const struct vit_json_event *ev)
{
	if (ev->type == VIT_JSON_OBJECT_BEGIN || ev->type == VIT_JSON_ARRAY_BEGIN)
		return vit_json_skip_rest(p->r);
	return ev->type != VIT_JSON_ERROR;
}

/* ---- members -------------------------------------------------------------------- */

/* {"Regex": "..."} or {"String": "..."}, behind the brace. */
static bool read_pattern(struct vit_parts *p, struct vit_frame *f, uint64_t offset)
{
	struct vit_json_event ev;

	while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
		struct vit_str kind = text_of(p, &ev);
		if (vit_json_next(p->r, &ev) != VIT_JSON_STRING)
			return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, offset, "a pattern that is no string");
		if (vit_str_is(kind, "Regex")) {
			f->regex = text_of(p, &ev);
			f->has_regex = true;
		} else if (vit_str_is(kind, "String")) {
			f->step.literal = text_of(p, &ev);
			f->has_literal = true;
		} else {
			return vit_parts_refuse(p, offset, "a pattern that is neither Regex nor String");
		}
	}
	return ev.type == VIT_JSON_OBJECT_END;
}

/* ["[SEP]", 102], behind the bracket. */
static bool read_token_pair(struct vit_parts *p, uint32_t *id, uint64_t offset)
{
	struct vit_json_event ev;

	if (vit_json_next(p->r, &ev) == VIT_JSON_STRING &&
	    vit_json_next(p->r, &ev) == VIT_JSON_NUMBER && (ev.flags & VIT_JSON_U64) &&
	    ev.u64 < UINT32_MAX) {
		*id = (uint32_t)ev.u64;
		if (vit_json_next(p->r, &ev) == VIT_JSON_ARRAY_END)
			return true;
	}
	return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, offset, "no pair of token and id");
}

/* One {"SpecialToken": {"id": ...}} or {"Sequence": {"id": "A"}}, behind the brace. */
static bool read_piece(struct vit_parts *p, struct vit_frame *f, uint64_t offset)
{
	struct vit_template_piece piece = { .name = VIT_STR_EMPTY };
	struct vit_json_event ev;

	if (vit_json_next(p->r, &ev) != VIT_JSON_KEY)
		return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, offset, "an empty template piece");
	piece.is_text = vit_str_is(text_of(p, &ev), "Sequence");
	if (vit_json_next(p->r, &ev) != VIT_JSON_OBJECT_BEGIN)
		return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, offset, "no template piece");
	while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
		bool id = vit_str_is(text_of(p, &ev), "id");
		vit_json_next(p->r, &ev);
		if (id && ev.type == VIT_JSON_STRING)
			piece.name = text_of(p, &ev);
		else if (!skip_value(p, &ev))
			return false;
	}
	if (ev.type != VIT_JSON_OBJECT_END || vit_json_next(p->r, &ev) != VIT_JSON_OBJECT_END)
		return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, offset, "no template piece");
	if (f->single.count >= VIT_PARTS_AROUND)
		return vit_parts_refuse(p, offset, "too many template pieces");
	*(struct vit_template_piece *)vit_vec_add(&f->single) = piece;
	return true;
}

static bool read_single(struct vit_parts *p, struct vit_frame *f)
{
	struct vit_json_event ev;

	while (vit_json_next(p->r, &ev) == VIT_JSON_OBJECT_BEGIN) {
		if (!read_piece(p, f, ev.offset))
			return false;
	}
	if (ev.type == VIT_JSON_ARRAY_END)
		return true;
	return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, ev.offset, "no template piece");
}

/* The numbers of a list, behind the bracket. */
static bool read_ids(struct vit_parts *p, struct vit_special_ids *s)
{
	struct vit_vec ids = VIT_VEC(sizeof(uint32_t));
	struct vit_json_event ev;
	bool good = true;

	while (good && vit_json_next(p->r, &ev) == VIT_JSON_NUMBER) {
		good = (ev.flags & VIT_JSON_U64) && ev.u64 < UINT32_MAX && ids.count < VIT_PARTS_AROUND;
		*(uint32_t *)vit_vec_add(&ids) = (uint32_t)ev.u64;
	}
	if (good && ev.type == VIT_JSON_ARRAY_END) {
		s->ids = vit_vec_take(&ids, p->t->arena, &s->count);
		return true;
	}
	vit_vec_free(&ids);
	return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, ev.offset, "no list of ids");
}

/* {"[CLS]": {"id": ..., "ids": [101], "tokens": [...]}, ...}, behind the brace. */
static bool read_special(struct vit_parts *p, struct vit_frame *f)
{
	struct vit_json_event ev;

	while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
		struct vit_special_ids s = { .name = text_of(p, &ev) };
		if (vit_json_next(p->r, &ev) != VIT_JSON_OBJECT_BEGIN || f->special.count >= 65536)
			return ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, ev.offset, "no special token");
		while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
			bool ids = vit_str_is(text_of(p, &ev), "ids");
			vit_json_next(p->r, &ev);
			if (ids && ev.type == VIT_JSON_ARRAY_BEGIN ? !read_ids(p, &s)
								   : !skip_value(p, &ev))
				return false;
		}
		if (ev.type != VIT_JSON_OBJECT_END)
			return false;
		*(struct vit_special_ids *)vit_vec_add(&f->special) = s;
	}
	return ev.type == VIT_JSON_OBJECT_END;
}

static void set_text(struct vit_frame *f, struct vit_str key, struct vit_str value)
{
	const struct {
		const char *name;
		struct vit_str *field;
	} fields[] = { { "type", &f->type },
		       { "content", &f->step.content },
		       { "replacement", &f->step.content },
		       { "delimiter", &f->step.content },
		       { "prepend", &f->prepend },
		       { "behavior", &f->behavior },
		       { "prepend_scheme", &f->scheme },
		       { "precompiled_charsmap", &f->charsmap } };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (vit_str_is(key, fields[i].name))
			*fields[i].field = value;
	}
}

static void set_flag(struct vit_frame *f, struct vit_str key, bool value)
{
	const struct {
		const char *name;
		bool *field;
	} fields[] = { { "strip_left", &f->step.left },
		       { "strip_right", &f->step.right },
		       { "clean_text", &f->step.clean },
		       { "handle_chinese_chars", &f->step.chinese },
		       { "strip_accents", &f->step.accents },
		       { "lowercase", &f->step.lower },
		       { "invert", &f->step.invert },
		       { "split", &f->step.split },
		       { "add_prefix_space", &f->step.prefix_space },
		       { "use_regex", &f->step.use_regex },
		       { "individual_digits", &f->step.individual } };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (vit_str_is(key, fields[i].name))
			*fields[i].field = value;
	}
	if (vit_str_is(key, "strip_accents"))
		f->accents_set = true;
	if (vit_str_is(key, "add_prefix_space"))
		f->no_prefix = !value;
}

static bool is_list_of_steps(struct vit_str key)
{
	return vit_str_is(key, "normalizers") || vit_str_is(key, "pretokenizers") ||
	       vit_str_is(key, "processors");
}

/* The value of a member; sets *in_list when it is a list of steps. */
static bool read_member(struct vit_parts *p, struct vit_frame *f, struct vit_str key)
{
	struct vit_json_event ev;

	switch (vit_json_next(p->r, &ev)) {
	case VIT_JSON_STRING:
		set_text(f, key, text_of(p, &ev));
		return true;
	case VIT_JSON_TRUE:
	case VIT_JSON_FALSE:
		set_flag(f, key, ev.type == VIT_JSON_TRUE);
		return true;
	case VIT_JSON_NUMBER:
		if (vit_str_is(key, "length") && (ev.flags & VIT_JSON_U64))
			f->step.length = ev.u64;
		return true;
	case VIT_JSON_OBJECT_BEGIN:
		if (vit_str_is(key, "pattern"))
			return read_pattern(p, f, ev.offset);
		if (vit_str_is(key, "special_tokens"))
			return read_special(p, f);
		return skip_value(p, &ev);
	case VIT_JSON_ARRAY_BEGIN:
		f->in_list = is_list_of_steps(key);
		if (f->in_list)
			return true;
		if (vit_str_is(key, "single"))
			return read_single(p, f);
		if (vit_str_is(key, "cls"))
			return read_token_pair(p, &f->cls, ev.offset);
		if (vit_str_is(key, "sep"))
			return read_token_pair(p, &f->sep, ev.offset);
		return skip_value(p, &ev);
	case VIT_JSON_NULL:
		return true;
	case VIT_JSON_OBJECT_END:
	case VIT_JSON_ARRAY_END:
	case VIT_JSON_KEY:
	case VIT_JSON_END:
	case VIT_JSON_ERROR:
		break;
	}
	return false;
}

static bool open_step(struct vit_parts *p, uint64_t offset)
{
	if (p->depth == VIT_PARTS_NESTING)
		return vit_parts_refuse(p, offset, "sequences are nested too deep");
	p->frames[p->depth++] = (struct vit_frame){
		.step = { .split = true, .use_regex = true, .prefix_space = true, .clean = true,
			  .chinese = true, .lower = true, .length = 5 },
		.cls = VIT_NO_ID,
		.sep = VIT_NO_ID,
		.single = VIT_VEC(sizeof(struct vit_template_piece)),
		.special = VIT_VEC(sizeof(struct vit_special_ids)),
	};
	return true;
}

static bool read_steps(struct vit_parts *p)
{
	struct vit_json_event ev;

	while (p->depth) {
		struct vit_frame *f = &p->frames[p->depth - 1];
		bool ok;
		vit_json_next(p->r, &ev);
		if (f->in_list && ev.type == VIT_JSON_ARRAY_END) {
			f->in_list = false;
			ok = true;
		} else if (f->in_list) {
			ok = ev.type == VIT_JSON_OBJECT_BEGIN
				     ? open_step(p, ev.offset)
				     : ev.type != VIT_JSON_ERROR && vit_parts_refuse(p, ev.offset, "no object");
		} else if (ev.type == VIT_JSON_KEY) {
			ok = read_member(p, f, text_of(p, &ev));
		} else {
			ok = ev.type == VIT_JSON_OBJECT_END && vit_parts_finish_step(p);
		}
		if (!ok)
			return false;
	}
	return true;
}

bool vit_tokens_read_part(struct vit_tokens *t, enum vit_tokenizer_part part,
			  struct vit_json_reader *r, const struct vit_json_event *first,
			  struct vit_err *err)
{
	struct vit_parts *p;
	bool ok;

	/* Of two members of one name the last counts. */
	if (part == VIT_TOKENIZER_POST_PROCESSOR)
		t->prefix_count = t->suffix_count = 0;
	if (first->type == VIT_JSON_NULL)
		return true;
	p = vit_xcalloc(1, sizeof *p);
	*p = (struct vit_parts){ .t = t, .part = part, .r = r, .err = err,
			     .steps = VIT_VEC(sizeof(struct vit_step)) };
	vit_buf_init(&p->text, VIT_TOK_WINDOW);
	if (first->type != VIT_JSON_OBJECT_BEGIN)
		ok = vit_parts_refuse(p, first->offset, "no object");
	else
		ok = open_step(p, first->offset) && read_steps(p);
	for (; p->depth; p->depth--) {
		vit_vec_free(&p->frames[p->depth - 1].single);
		vit_vec_free(&p->frames[p->depth - 1].special);
	}
	struct vit_steps *steps = part == VIT_TOKENIZER_NORMALIZER ? &t->normalizers : &t->pre;
	if (ok && part != VIT_TOKENIZER_POST_PROCESSOR)
		steps->items = vit_vec_take(&p->steps, t->arena, &steps->count);
	vit_vec_free(&p->steps);
	vit_buf_release(&p->text);
	free(p);
	return ok;
}
