#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

#define MAX_REASONS 1024

#define BATCH 16

/* What is kept only while loading. */
struct load {
	struct vit_draft draft;
	size_t pair_capacity; /* of draft.pairs */
	/* Texts of merges that are still to be looked up, many at a time: what
	 * this costs is waiting for memory. */
	struct vit_buf waiting;
	struct {
		size_t end;
		uint32_t hash;
	} texts[2 * BATCH];
	size_t text_count;
};

void vit_tokens_note(struct vit_tokens *t, const char *fmt, ...)
{
	va_list ap;

	if (t->unsupported.n)
		vit_buf_puts(&t->unsupported, "; ");
	va_start(ap, fmt);
	vit_buf_vprintf(&t->unsupported, fmt, ap);
	va_end(ap);
}

/* ---- from the file ------------------------------------------------------------------ */

static bool on_piece(void *ctx, struct vit_str text, uint32_t id, double score, struct vit_err *err)
{
	struct load *l = ctx;
	struct vit_tokens *t = l->draft.t;

	if (!vit_vocab_add(&t->vocab, text, id, score)) {
		vit_err_set(err, VIT_E_LIMIT, "the vocabulary is too large");
		return false;
	}
	if (score < t->min_score)
		t->min_score = score;
	return true;
}

bool vit_tokens_merge_lacks(const struct vit_draft *d, struct vit_str text, struct vit_err *err)
{
	struct vit_buf shown;

	vit_buf_init(&shown, 256);
	vit_display(&shown, text, 64);
	vit_err_set(err, VIT_E_SYNTAX,
		    "merge %zu needs the token \"%s\", which is not in the vocabulary%s",
		    d->pair_count + 1, shown.p, d->t->vocab.count ? "" : " (it comes behind the merges)");
	vit_buf_release(&shown);
	return false;
}

static void add_pair(struct load *l, uint32_t left, uint32_t right)
{
	if (l->draft.pair_count == l->pair_capacity) {
		l->pair_capacity = l->pair_capacity ? l->pair_capacity * 2 : 4096;
		l->draft.pairs = vit_xrealloc(l->draft.pairs, 2 * l->pair_capacity * sizeof *l->draft.pairs);
	}
	l->draft.pairs[2 * l->draft.pair_count] = left;
	l->draft.pairs[2 * l->draft.pair_count + 1] = right;
	l->draft.pair_count++;
}

/* Looks up what waits. */
static bool find_waiting(struct load *l, struct vit_err *err)
{
	const struct vit_vocab *v = &l->draft.t->vocab;
	uint32_t left = 0;
	size_t begin = 0;

	for (size_t i = 0; i < l->text_count; i++)
		vit_vocab_fetch_text(v, l->texts[i].hash);
	for (size_t i = 0; i < l->text_count; begin = l->texts[i++].end) {
		struct vit_str text = vit_str_sub(vit_buf_view(&l->waiting), begin,
						  l->texts[i].end);
		uint32_t symbol = vit_vocab_find_hashed(v, text, l->texts[i].hash);
		if (symbol == VIT_NO_SYMBOL)
			return vit_tokens_merge_lacks(&l->draft, text, err);
		if (i % 2)
			add_pair(l, left, symbol);
		left = symbol;
	}
	l->text_count = 0;
	vit_buf_clear(&l->waiting);
	return true;
}

static void add_waiting(struct load *l, struct vit_str text)
{
	uint32_t hash = vit_vocab_hash(text);

	vit_vocab_fetch_slot(&l->draft.t->vocab, hash);
	vit_buf_str(&l->waiting, text);
	l->texts[l->text_count].end = l->waiting.n;
	l->texts[l->text_count++].hash = hash;
}

static bool on_merge(void *ctx, struct vit_str left, struct vit_str right, struct vit_err *err)
{
	struct load *l = ctx;

	if (!l->draft.t->vocab.count)
		return vit_tokens_merge_lacks(&l->draft, left, err);
	if (l->draft.pair_count >= VIT_MERGES_MAX) {
		vit_err_set(err, VIT_E_LIMIT, "too many merges");
		return false;
	}
	add_waiting(l, left);
	add_waiting(l, right);
	return l->text_count < 2 * BATCH || find_waiting(l, err);
}

static bool on_added(void *ctx, const struct vit_added_token *token,
		     const struct vit_added_rules *rules, struct vit_err *err)
{
	struct load *l = ctx;

	if (!token->content.n)
		return true;
	if (l->draft.added.count >= VIT_TOK_MAX_ADDED) {
		vit_err_set(err, VIT_E_LIMIT, "more than %d added tokens",
			    VIT_TOK_MAX_ADDED);
		return false;
	}
	*(struct vit_added *)vit_vec_add(&l->draft.added) =
		(struct vit_added){ .content = vit_arena_str(l->draft.t->arena, token->content),
				    .single_word = rules->single_word,
				    .lstrip = rules->lstrip,
				    .rstrip = rules->rstrip,
				    .normalized = rules->normalized,
				    .special = token->special };
	return true;
}

static bool on_option(void *ctx, struct vit_str name, const struct vit_json_event *v,
		      struct vit_err *err)
{
	struct load *l = ctx;
	struct vit_tokens *t = l->draft.t;
	const struct {
		const char *name;
		bool *flag;
	} flags[] = { { "fuse_unk", &t->fuse_unk },
		      { "byte_fallback", &t->byte_fallback },
		      { "ignore_merges", &t->ignore_merges } };
	const struct {
		const char *name;
		struct vit_str *text;
	} texts[] = { { "unk_token", &t->unk_text },
		      { "continuing_subword_prefix", &t->subword_prefix },
		      { "end_of_word_suffix", &t->word_suffix } };

	(void)err;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (vit_str_is(name, flags[i].name))
			*flags[i].flag = v->type == VIT_JSON_TRUE;
	}
	for (size_t i = 0; v->type == VIT_JSON_STRING && i < sizeof texts / sizeof *texts; i++) {
		if (!vit_str_is(name, texts[i].name))
			continue;
		struct vit_buf text;
		vit_buf_init(&text, VIT_TOK_WINDOW);
		vit_json_decode(v, &text);
		*texts[i].text = vit_arena_str(t->arena, vit_buf_view(&text));
		vit_buf_release(&text);
		l->draft.has_subword_prefix |= texts[i].text == &t->subword_prefix;
	}
	if (v->type != VIT_JSON_NUMBER)
		return true;
	if (vit_str_is(name, "dropout"))
		t->has_dropout = v->number != 0;
	else if (vit_str_is(name, "unk_id") && (v->flags & VIT_JSON_U64))
		l->draft.unk_id = v->u64;
	else if (vit_str_is(name, "max_input_chars_per_word") && (v->flags & VIT_JSON_U64))
		t->max_chars = v->u64;
	return true;
}

static bool on_part(void *ctx, enum vit_tokenizer_part part, struct vit_json_reader *r,
		    const struct vit_json_event *first, struct vit_err *err)
{
	struct load *l = ctx;
	return vit_tokens_read_part(l->draft.t, part, r, first, err);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static struct vit_tokens *tokens_new(void)
{
	struct vit_tokens *t = vit_xcalloc(1, sizeof *t);

	t->arena = vit_arena_new();
	vit_buf_init(&t->unsupported, MAX_REASONS);
	t->unk = VIT_NO_SYMBOL;
	t->max_chars = 100;
	t->min_score = INFINITY;
	vit_trie_init(&t->raw);
	vit_trie_init(&t->normalized);
	vit_trie_init(&t->pieces);
	return t;
}

enum vit_errc vit_tokens_load(vit_json_read_fn read, void *ctx, struct vit_tokens **out,
			      struct vit_err *err)
{
	struct vit_tokens *t = tokens_new();
	struct load l = { .draft = { .t = t,
				     .added = VIT_VEC(sizeof(struct vit_added)),
				     .unk_id = UINT64_MAX } };
	const struct vit_tokenizer_sink sink = { .ctx = &l,
						 .piece = on_piece,
						 .merge = on_merge,
						 .added = on_added,
						 .option = on_option,
						 .part = on_part };
	struct vit_tokenizer_scan scan;
	struct vit_err why = { .code = VIT_OK };

	vit_buf_init(&l.waiting, 2 * BATCH * (size_t)VIT_TOK_WINDOW);
	if (vit_tokenizer_read_into(t->arena, read, ctx, &sink, &scan, &why) == VIT_OK &&
	    find_waiting(&l, &why))
		(void)vit_tokens_build(&l.draft, &scan, &why);
	vit_vec_free(&l.draft.added);
	vit_buf_release(&l.waiting);
	free(l.draft.pairs);
	if (why.code) {
		vit_tokens_free(t);
		*err = why;
		return why.code;
	}
	*out = t;
	return VIT_OK;
}

void vit_tokens_free(struct vit_tokens *t)
{
	if (!t)
		return;
	vit_regex_release(t->regexes);
	vit_vocab_release(&t->vocab);
	vit_merges_release(&t->merges);
	vit_trie_release(&t->raw);
	vit_trie_release(&t->normalized);
	vit_trie_release(&t->pieces);
	vit_buf_release(&t->unsupported);
	vit_arena_free(t->arena);
	free(t);
}

const char *vit_tokens_unsupported(const struct vit_tokens *t)
{
	return t->unsupported.n || t->unsupported.full ? t->unsupported.p : NULL;
}

struct vit_str vit_tokens_model(const struct vit_tokens *t)
{
	return t->model_name;
}

uint64_t vit_tokens_size(const struct vit_tokens *t)
{
	return t->size;
}

uint32_t vit_tokens_id(const struct vit_tokens *t, struct vit_str text)
{
	for (size_t i = 0; i < t->added_count; i++) {
		if (vit_str_eq(t->added[i].content, text))
			return t->added[i].id;
	}
	uint32_t symbol = vit_vocab_find(&t->vocab, text);
	return symbol == VIT_NO_SYMBOL ? VIT_NO_ID : t->vocab.ids[symbol];
}
