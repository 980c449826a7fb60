/*
 * The normalizer, pre_tokenizer and post_processor of a tokenizer.json: nested
 * sequences become one list of steps. Members may come in any order, so a step
 * is decided when its object ends.
 */
#include <stdio.h>
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

#define MAX_NESTING 16
#define MAX_AROUND 1024 /* special tokens around a text */

/* A piece of a TemplateProcessing's "single", and the ids of its special tokens. */
struct template_piece {
	struct vit_str name;
	bool is_text;
};
struct special {
	struct vit_str name;
	uint32_t *ids;
	size_t count;
};

/* An object that is being read. */
struct frame {
	struct vit_step step;
	struct vit_str type, regex, prepend, behavior, scheme, charsmap;
	bool has_regex, has_literal, accents_set, no_prefix, in_list;
	uint32_t cls, sep;
	struct vit_vec single, special; /* struct template_piece, struct special */
};

struct parts {
	struct vit_tokens *t;
	enum vit_tokenizer_part part;
	struct vit_json_reader *r;
	struct vit_err *err;
	struct vit_buf text;
	struct vit_vec steps; /* struct vit_step */
	struct frame frames[MAX_NESTING];
	size_t depth;
};

static const char *const part_names[] = { "normalizer", "pre-tokenizer", "post-processor" };

static bool refuse(struct parts *p, uint64_t offset, const char *what)
{
	if (offset)
		vit_err_at(p->err, VIT_E_SYNTAX, offset, "%s: %s at byte %llu", part_names[p->part],
			   what, (unsigned long long)offset);
	else
		vit_err_set(p->err, VIT_E_SYNTAX, "%s: %s", part_names[p->part], what);
	return false;
}

static struct vit_str text_of(struct parts *p, const struct vit_json_event *ev)
{
	vit_buf_clear(&p->text);
	vit_json_decode(ev, &p->text);
	return vit_arena_str(p->t->arena, vit_buf_view(&p->text));
}

static bool skip_value(struct parts *p, const struct vit_json_event *ev)
{
	if (ev->type == VIT_JSON_OBJECT_BEGIN || ev->type == VIT_JSON_ARRAY_BEGIN)
		return vit_json_skip_rest(p->r);
	return ev->type != VIT_JSON_ERROR;
}

static bool ids_add(struct parts *p, uint32_t **ids, size_t *count, const uint32_t *add, size_t n,
		    bool front)
{
	if (n > MAX_AROUND || *count > MAX_AROUND - n)
		return refuse(p, 0, "too many special tokens around a text");
	uint32_t *all = VIT_NEW_ARRAY(p->t->arena, *count + n, uint32_t);
	if (n)
		memcpy(all + (front ? 0 : *count), add, n * sizeof *add);
	if (*count)
		memcpy(all + (front ? n : 0), *ids, *count * sizeof **ids);
	*ids = all;
	*count += n;
	return true;
}

/* ---- members -------------------------------------------------------------------- */

/* {"Regex": "..."} or {"String": "..."}, behind the brace. */
static bool read_pattern(struct parts *p, struct frame *f, uint64_t offset)
{
	struct vit_json_event ev;

	while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
		struct vit_str kind = text_of(p, &ev);
		if (vit_json_next(p->r, &ev) != VIT_JSON_STRING)
			return ev.type != VIT_JSON_ERROR && refuse(p, offset, "a pattern that is no string");
		if (vit_str_is(kind, "Regex")) {
			f->regex = text_of(p, &ev);
			f->has_regex = true;
		} else if (vit_str_is(kind, "String")) {
			f->step.literal = text_of(p, &ev);
			f->has_literal = true;
		} else {
			return refuse(p, offset, "a pattern that is neither Regex nor String");
		}
	}
	return ev.type == VIT_JSON_OBJECT_END;
}

/* ["[SEP]", 102], behind the bracket. */
static bool read_token_pair(struct parts *p, uint32_t *id, uint64_t offset)
{
	struct vit_json_event ev;

	if (vit_json_next(p->r, &ev) == VIT_JSON_STRING &&
	    vit_json_next(p->r, &ev) == VIT_JSON_NUMBER && (ev.flags & VIT_JSON_U64) &&
	    ev.u64 < UINT32_MAX) {
		*id = (uint32_t)ev.u64;
		if (vit_json_next(p->r, &ev) == VIT_JSON_ARRAY_END)
			return true;
	}
	return ev.type != VIT_JSON_ERROR && refuse(p, offset, "no pair of token and id");
}

/* One {"SpecialToken": {"id": ...}} or {"Sequence": {"id": "A"}}, behind the brace. */
static bool read_piece(struct parts *p, struct frame *f, uint64_t offset)
{
	struct template_piece piece = { .name = VIT_STR_EMPTY };
	struct vit_json_event ev;

	if (vit_json_next(p->r, &ev) != VIT_JSON_KEY)
		return ev.type != VIT_JSON_ERROR && refuse(p, offset, "an empty template piece");
	piece.is_text = vit_str_is(text_of(p, &ev), "Sequence");
	if (vit_json_next(p->r, &ev) != VIT_JSON_OBJECT_BEGIN)
		return ev.type != VIT_JSON_ERROR && refuse(p, offset, "no template piece");
	while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
		bool id = vit_str_is(text_of(p, &ev), "id");
		vit_json_next(p->r, &ev);
		if (id && ev.type == VIT_JSON_STRING)
			piece.name = text_of(p, &ev);
		else if (!skip_value(p, &ev))
			return false;
	}
	if (ev.type != VIT_JSON_OBJECT_END || vit_json_next(p->r, &ev) != VIT_JSON_OBJECT_END)
		return ev.type != VIT_JSON_ERROR && refuse(p, offset, "no template piece");
	if (f->single.count >= MAX_AROUND)
		return refuse(p, offset, "too many template pieces");
	*(struct template_piece *)vit_vec_add(&f->single) = piece;
	return true;
}

static bool read_single(struct parts *p, struct frame *f)
{
	struct vit_json_event ev;

	while (vit_json_next(p->r, &ev) == VIT_JSON_OBJECT_BEGIN) {
		if (!read_piece(p, f, ev.offset))
			return false;
	}
	if (ev.type == VIT_JSON_ARRAY_END)
		return true;
	return ev.type != VIT_JSON_ERROR && refuse(p, ev.offset, "no template piece");
}

/* The numbers of a list, behind the bracket. */
static bool read_ids(struct parts *p, struct special *s)
{
	struct vit_vec ids = VIT_VEC(sizeof(uint32_t));
	struct vit_json_event ev;
	bool good = true;

	while (good && vit_json_next(p->r, &ev) == VIT_JSON_NUMBER) {
		good = (ev.flags & VIT_JSON_U64) && ev.u64 < UINT32_MAX && ids.count < MAX_AROUND;
		*(uint32_t *)vit_vec_add(&ids) = (uint32_t)ev.u64;
	}
	if (good && ev.type == VIT_JSON_ARRAY_END) {
		s->ids = vit_vec_take(&ids, p->t->arena, &s->count);
		return true;
	}
	vit_vec_free(&ids);
	return ev.type != VIT_JSON_ERROR && refuse(p, ev.offset, "no list of ids");
}

/* {"[CLS]": {"id": ..., "ids": [101], "tokens": [...]}, ...}, behind the brace. */
static bool read_special(struct parts *p, struct frame *f)
{
	struct vit_json_event ev;

	while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
		struct special s = { .name = text_of(p, &ev) };
		if (vit_json_next(p->r, &ev) != VIT_JSON_OBJECT_BEGIN || f->special.count >= 65536)
			return ev.type != VIT_JSON_ERROR && refuse(p, ev.offset, "no special token");
		while (vit_json_next(p->r, &ev) == VIT_JSON_KEY) {
			bool ids = vit_str_is(text_of(p, &ev), "ids");
			vit_json_next(p->r, &ev);
			if (ids && ev.type == VIT_JSON_ARRAY_BEGIN ? !read_ids(p, &s)
								   : !skip_value(p, &ev))
				return false;
		}
		if (ev.type != VIT_JSON_OBJECT_END)
			return false;
		*(struct special *)vit_vec_add(&f->special) = s;
	}
	return ev.type == VIT_JSON_OBJECT_END;
}

static void set_text(struct frame *f, struct vit_str key, struct vit_str value)
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

static void set_flag(struct frame *f, struct vit_str key, bool value)
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
static bool read_member(struct parts *p, struct frame *f, struct vit_str key)
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

/* ---- a whole step ------------------------------------------------------------------ */

struct kind_name {
	const char *name;
	enum vit_tokenizer_part part;
	enum vit_step_kind kind;
};

static const struct kind_name kinds[] = {
	{ "BertNormalizer", VIT_TOKENIZER_NORMALIZER, VIT_NORM_BERT },
	{ "Strip", VIT_TOKENIZER_NORMALIZER, VIT_NORM_STRIP },
	{ "StripAccents", VIT_TOKENIZER_NORMALIZER, VIT_NORM_STRIP_ACCENTS },
	{ "NFC", VIT_TOKENIZER_NORMALIZER, VIT_NORM_NFC },
	{ "NFD", VIT_TOKENIZER_NORMALIZER, VIT_NORM_NFD },
	{ "NFKC", VIT_TOKENIZER_NORMALIZER, VIT_NORM_NFKC },
	{ "NFKD", VIT_TOKENIZER_NORMALIZER, VIT_NORM_NFKD },
	{ "Lowercase", VIT_TOKENIZER_NORMALIZER, VIT_NORM_LOWERCASE },
	{ "Nmt", VIT_TOKENIZER_NORMALIZER, VIT_NORM_NMT },
	{ "Precompiled", VIT_TOKENIZER_NORMALIZER, VIT_NORM_PRECOMPILED },
	{ "Replace", VIT_TOKENIZER_NORMALIZER, VIT_NORM_REPLACE },
	{ "Prepend", VIT_TOKENIZER_NORMALIZER, VIT_NORM_PREPEND },
	{ "ByteLevel", VIT_TOKENIZER_NORMALIZER, VIT_NORM_BYTE_LEVEL },
	{ "Sequence", VIT_TOKENIZER_NORMALIZER, VIT_STEP_SEQUENCE },
	{ "BertPreTokenizer", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_BERT },
	{ "ByteLevel", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_BYTE_LEVEL },
	{ "CharDelimiterSplit", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_DELIMITER },
	{ "Metaspace", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_METASPACE },
	{ "Whitespace", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_WHITESPACE },
	{ "WhitespaceSplit", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_WHITESPACE_SPLIT },
	{ "Split", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_SPLIT },
	{ "Punctuation", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_PUNCTUATION },
	{ "Digits", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_DIGITS },
	{ "FixedLength", VIT_TOKENIZER_PRE_TOKENIZER, VIT_PRE_FIXED_LENGTH },
	{ "Sequence", VIT_TOKENIZER_PRE_TOKENIZER, VIT_STEP_SEQUENCE },
	{ "ByteLevel", VIT_TOKENIZER_POST_PROCESSOR, VIT_POST_BYTE_LEVEL },
	{ "BertProcessing", VIT_TOKENIZER_POST_PROCESSOR, VIT_POST_BERT },
	{ "RobertaProcessing", VIT_TOKENIZER_POST_PROCESSOR, VIT_POST_BERT },
	{ "TemplateProcessing", VIT_TOKENIZER_POST_PROCESSOR, VIT_POST_TEMPLATE },
	{ "Sequence", VIT_TOKENIZER_POST_PROCESSOR, VIT_STEP_SEQUENCE },
};

static enum vit_step_kind kind_of(struct parts *p, struct vit_str type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kinds[i].part == p->part && vit_str_is(type, kinds[i].name))
			return kinds[i].kind;
	}
	return VIT_STEP_UNKNOWN;
}

static bool set_behavior(struct frame *f)
{
	static const char *const names[] = { "Isolated", "Removed", "MergedWithPrevious",
					     "MergedWithNext", "Contiguous" };

	f->step.behavior = VIT_SPLIT_ISOLATED;
	if (!f->behavior.n)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (vit_str_is(f->behavior, names[i])) {
			f->step.behavior = (enum vit_behavior)i;
			return true;
		}
	}
	return false;
}

static bool set_pattern(struct parts *p, struct frame *f)
{
	struct vit_err why = { .code = VIT_OK };
	struct vit_buf shown;

	/* An empty literal matches between all characters, as an empty pattern does. */
	if (!f->has_regex && f->has_literal && f->step.literal.n) {
		if (f->step.literal.n > VIT_TOKENS_MAX_KEY)
			vit_tokens_note(p->t, "%s literal of %zu bytes", part_names[p->part],
					f->step.literal.n);
		return true;
	}
	f->step.literal = VIT_STR_EMPTY;
	f->step.scan = f->has_regex ? vit_scan_for(f->regex) : VIT_SCAN_NONE;
	f->step.regex = vit_regex_new(p->t->arena, f->has_regex ? f->regex : VIT_STR_EMPTY,
				      &p->t->regexes, &why);
	if (f->step.regex)
		return true;
	vit_buf_init(&shown, 256);
	vit_display(&shown, f->regex, 60);
	vit_tokens_note(p->t, "%s pattern %s (%s)", part_names[p->part], shown.p, why.msg);
	vit_buf_release(&shown);
	return true;
}

/* One code point, no more. */
static bool is_character(struct vit_str s)
{
	size_t n = 0;
	return s.n && (vit_uc_at(s.p, &n), n == s.n);
}

static bool finish_metaspace(struct frame *f)
{
	if (vit_str_is(f->scheme, "first"))
		f->step.prepend = VIT_PREPEND_FIRST;
	else if (vit_str_is(f->scheme, "never") || f->no_prefix)
		f->step.prepend = VIT_PREPEND_NEVER;
	else
		f->step.prepend = VIT_PREPEND_ALWAYS;
	return is_character(f->step.content);
}

/* A template with one text in it: what stands before goes to the front. */
static bool finish_template(struct parts *p, struct frame *f)
{
	struct vit_tokens *t = p->t;
	size_t texts = 0;

	for (size_t i = 0; i < f->single.count; i++)
		texts += ((struct template_piece *)vit_vec_at(&f->single, i))->is_text;
	if (texts != 1) {
		vit_tokens_note(t, "post-processor template with %zu texts", texts);
		return true;
	}
	size_t at = 0;
	while (!((struct template_piece *)vit_vec_at(&f->single, at))->is_text)
		at++;
	for (size_t i = 0; i < f->single.count; i++) {
		/* In front, from the inside out. */
		size_t k = i < at ? at - 1 - i : i;
		const struct template_piece *piece = vit_vec_at(&f->single, k);
		const struct special *found = NULL;
		if (piece->is_text)
			continue;
		for (size_t s = 0; s < f->special.count && !found; s++) {
			const struct special *one = vit_vec_at(&f->special, s);
			found = vit_str_eq(one->name, piece->name) ? one : NULL;
		}
		if (!found)
			return refuse(p, 0, "a template names a special token that it does not define");
		if (i < at ? !ids_add(p, &t->prefix, &t->prefix_count, found->ids, found->count, true)
			   : !ids_add(p, &t->suffix, &t->suffix_count, found->ids, found->count, false))
			return false;
	}
	return true;
}

static bool finish_bert(struct parts *p, struct frame *f)
{
	struct vit_tokens *t = p->t;

	if (f->cls == VIT_NO_ID || f->sep == VIT_NO_ID)
		return refuse(p, 0, "cls or sep is missing");
	return ids_add(p, &t->prefix, &t->prefix_count, &f->cls, 1, true) &&
	       ids_add(p, &t->suffix, &t->suffix_count, &f->sep, 1, false);
}

static bool refuse_step(struct parts *p, struct frame *f)
{
	char text[96];

	snprintf(text, sizeof text, "%.40s: a member is missing or wrong", f->type.p);
	return refuse(p, 0, text);
}

/* What the members say; false with p->err. */
static bool decide(struct parts *p, struct frame *f)
{
	struct vit_step *s = &f->step;
	bool good = true;

	switch (s->kind) {
	case VIT_NORM_BERT:
		if (!f->accents_set)
			s->accents = s->lower;
		break;
	case VIT_NORM_REPLACE:
	case VIT_PRE_SPLIT:
		good = (f->has_regex || f->has_literal) && set_behavior(f);
		return good ? set_pattern(p, f) : refuse(p, 0, "a Split or Replace without pattern, or with an unknown behavior");
	case VIT_PRE_PUNCTUATION:
		good = set_behavior(f);
		break;
	case VIT_NORM_PREPEND:
		s->content = f->prepend;
		break;
	case VIT_NORM_PRECOMPILED:
		s->charsmap = vit_charsmap_new(p->t->arena, f->charsmap);
		good = s->charsmap != NULL;
		break;
	case VIT_PRE_METASPACE:
		good = finish_metaspace(f);
		break;
	case VIT_PRE_DELIMITER:
		good = is_character(s->content);
		break;
	case VIT_PRE_FIXED_LENGTH:
		good = s->length > 0;
		break;
	case VIT_POST_TEMPLATE:
		return finish_template(p, f);
	case VIT_POST_BERT:
		return finish_bert(p, f);
	case VIT_NORM_STRIP:
	case VIT_NORM_STRIP_ACCENTS:
	case VIT_NORM_NFC:
	case VIT_NORM_NFD:
	case VIT_NORM_NFKC:
	case VIT_NORM_NFKD:
	case VIT_NORM_LOWERCASE:
	case VIT_NORM_NMT:
	case VIT_NORM_BYTE_LEVEL:
	case VIT_PRE_BERT:
	case VIT_PRE_BYTE_LEVEL:
	case VIT_PRE_WHITESPACE:
	case VIT_PRE_WHITESPACE_SPLIT:
	case VIT_PRE_DIGITS:
	case VIT_PRE_SCRIPTS:
	case VIT_POST_BYTE_LEVEL:
	case VIT_STEP_SEQUENCE:
	case VIT_STEP_UNKNOWN:
		break;
	}
	return good || refuse_step(p, f);
}

static bool finish_step(struct parts *p)
{
	struct frame *f = &p->frames[p->depth - 1];

	f->step.kind = kind_of(p, f->type);
	bool ok = decide(p, f);
	vit_vec_free(&f->single);
	vit_vec_free(&f->special);
	p->depth--;
	if (!ok || f->step.kind == VIT_STEP_SEQUENCE || f->step.kind == VIT_POST_BYTE_LEVEL ||
	    f->step.kind == VIT_POST_BERT || f->step.kind == VIT_POST_TEMPLATE)
		return ok;
	if (f->step.kind == VIT_STEP_UNKNOWN) {
		struct vit_buf shown;
		vit_buf_init(&shown, 128);
		vit_display(&shown, f->type, 64);
		vit_tokens_note(p->t, "%s \"%s\"", part_names[p->part], shown.p);
		vit_buf_release(&shown);
		return true;
	}
	if (p->steps.count >= VIT_TOKENS_MAX_STEPS) {
		vit_err_set(p->err, VIT_E_LIMIT, "more than %d steps of a %s",
			    VIT_TOKENS_MAX_STEPS, part_names[p->part]);
		return false;
	}
	*(struct vit_step *)vit_vec_add(&p->steps) = f->step;
	return true;
}

static bool open_step(struct parts *p, uint64_t offset)
{
	if (p->depth == MAX_NESTING)
		return refuse(p, offset, "sequences are nested too deep");
	p->frames[p->depth++] = (struct frame){
		.step = { .split = true, .use_regex = true, .prefix_space = true, .clean = true,
			  .chinese = true, .lower = true, .length = 5 },
		.cls = VIT_NO_ID,
		.sep = VIT_NO_ID,
		.single = VIT_VEC(sizeof(struct template_piece)),
		.special = VIT_VEC(sizeof(struct special)),
	};
	return true;
}

static bool read_steps(struct parts *p)
{
	struct vit_json_event ev;

	while (p->depth) {
		struct frame *f = &p->frames[p->depth - 1];
		bool ok;
		vit_json_next(p->r, &ev);
		if (f->in_list && ev.type == VIT_JSON_ARRAY_END) {
			f->in_list = false;
			ok = true;
		} else if (f->in_list) {
			ok = ev.type == VIT_JSON_OBJECT_BEGIN
				     ? open_step(p, ev.offset)
				     : ev.type != VIT_JSON_ERROR && refuse(p, ev.offset, "no object");
		} else if (ev.type == VIT_JSON_KEY) {
			ok = read_member(p, f, text_of(p, &ev));
		} else {
			ok = ev.type == VIT_JSON_OBJECT_END && finish_step(p);
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
	struct parts *p;
	bool ok;

	if (first->type == VIT_JSON_NULL)
		return true;
	p = vit_xcalloc(1, sizeof *p);
	*p = (struct parts){ .t = t, .part = part, .r = r, .err = err,
			     .steps = VIT_VEC(sizeof(struct vit_step)) };
	vit_buf_init(&p->text, VIT_TOK_WINDOW);
	if (first->type != VIT_JSON_OBJECT_BEGIN)
		ok = refuse(p, first->offset, "no object");
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
