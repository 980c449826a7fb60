/*
 * What the members of a step mean: its kind, its pattern, the special tokens of
 * a template.
 */
#include <stdio.h>

#include "text/tokens_parts.h"
#include "text/tokens_unicode.h"

const char *const vit_part_names[] = { "normalizer", "pre-tokenizer", "post-processor" };

bool vit_parts_refuse(struct vit_parts *p, uint64_t offset, const char *what)
{
	if (offset)
		vit_err_at(p->err, VIT_E_SYNTAX, offset, "%s: %s at byte %llu", vit_part_names[p->part],
			   what, (unsigned long long)offset);
	else
		vit_err_set(p->err, VIT_E_SYNTAX, "%s: %s", vit_part_names[p->part], what);
	return false;
}

static bool ids_add(struct vit_parts *p, uint32_t **ids, size_t *count, const uint32_t *add, size_t n,
		    bool front)
{
	if (n > VIT_PARTS_AROUND || *count > VIT_PARTS_AROUND - n)
		return vit_parts_refuse(p, 0, "too many special tokens around a text");
	uint32_t *all = VIT_NEW_ARRAY(p->t->arena, *count + n, uint32_t);
	if (n)
		memcpy(all + (front ? 0 : *count), add, n * sizeof *add);
	if (*count)
		memcpy(all + (front ? n : 0), *ids, *count * sizeof **ids);
	*ids = all;
	*count += n;
	return true;
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

static enum vit_step_kind kind_of(struct vit_parts *p, struct vit_str type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kinds[i].part == p->part && vit_str_is(type, kinds[i].name))
			return kinds[i].kind;
	}
	return VIT_STEP_UNKNOWN;
}

static bool set_behavior(struct vit_frame *f)
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

static bool set_pattern(struct vit_parts *p, struct vit_frame *f)
{
	struct vit_err why = { .code = VIT_OK };
	struct vit_buf shown;

	/* An empty literal matches between all characters, as an empty pattern does. */
	if (!f->has_regex && f->has_literal && f->step.literal.n) {
		if (f->step.literal.n > VIT_TOKENS_MAX_KEY)
			vit_tokens_note(p->t, "%s literal of %zu bytes", vit_part_names[p->part],
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
	vit_tokens_note(p->t, "%s pattern %s (%s)", vit_part_names[p->part], shown.p, why.msg);
	vit_buf_release(&shown);
	return true;
}

/* One code point, no more. */
static bool is_character(struct vit_str s)
{
	size_t n = 0;
	return s.n && (vit_uc_at(s.p, &n), n == s.n);
}

static bool finish_metaspace(struct vit_frame *f)
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
static bool finish_template(struct vit_parts *p, struct vit_frame *f)
{
	struct vit_tokens *t = p->t;
	size_t texts = 0;

	for (size_t i = 0; i < f->single.count; i++)
		texts += ((struct vit_template_piece *)vit_vec_at(&f->single, i))->is_text;
	if (texts != 1) {
		vit_tokens_note(t, "post-processor template with %zu texts", texts);
		return true;
	}
	size_t at = 0;
	while (!((struct vit_template_piece *)vit_vec_at(&f->single, at))->is_text)
		at++;
	for (size_t i = 0; i < f->single.count; i++) {
		/* In front, from the inside out. */
		size_t k = i < at ? at - 1 - i : i;
		const struct vit_template_piece *piece = vit_vec_at(&f->single, k);
		const struct vit_special_ids *found = NULL;
		if (piece->is_text)
			continue;
		for (size_t s = 0; s < f->special.count && !found; s++) {
			const struct vit_special_ids *one = vit_vec_at(&f->special, s);
			found = vit_str_eq(one->name, piece->name) ? one : NULL;
		}
		if (!found)
			return vit_parts_refuse(p, 0, "a template names a special token that it does not define");
		if (i < at ? !ids_add(p, &t->prefix, &t->prefix_count, found->ids, found->count, true)
			   : !ids_add(p, &t->suffix, &t->suffix_count, found->ids, found->count, false))
			return false;
	}
	return true;
}

static bool finish_bert(struct vit_parts *p, struct vit_frame *f)
{
	struct vit_tokens *t = p->t;

	if (f->cls == VIT_NO_ID || f->sep == VIT_NO_ID)
		return vit_parts_refuse(p, 0, "cls or sep is missing");
	return ids_add(p, &t->prefix, &t->prefix_count, &f->cls, 1, true) &&
	       ids_add(p, &t->suffix, &t->suffix_count, &f->sep, 1, false);
}

static bool refuse_step(struct vit_parts *p, struct vit_frame *f)
{
	char text[96];

	snprintf(text, sizeof text, "%.40s: a member is missing or wrong", f->type.p);
	return vit_parts_refuse(p, 0, text);
}

/* What the members say; false with p->err. */
static bool decide(struct vit_parts *p, struct vit_frame *f)
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
		return good ? set_pattern(p, f) : vit_parts_refuse(p, 0, "a Split or Replace without pattern, or with an unknown behavior");
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

bool vit_parts_finish_step(struct vit_parts *p)
{
	struct vit_frame *f = &p->frames[p->depth - 1];

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
		vit_tokens_note(p->t, "%s \"%s\"", vit_part_names[p->part], shown.p);
		vit_buf_release(&shown);
		return true;
	}
	if (p->steps.count >= VIT_TOKENS_MAX_STEPS) {
		vit_err_set(p->err, VIT_E_LIMIT, "more than %d steps of a %s",
			    VIT_TOKENS_MAX_STEPS, vit_part_names[p->part]);
		return false;
	}
	*(struct vit_step *)vit_vec_add(&p->steps) = f->step;
	return true;
}
