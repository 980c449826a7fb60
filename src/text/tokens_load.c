#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

#define MAX_REASONS 1024
#define MARKER "\xe2\x96\x81" /* U+2581, SentencePiece's space */

#define BATCH 16

/* What is kept only while loading. */
struct load {
	struct vit_tokens *t;
	struct vit_vec added; /* struct vit_added */
	uint64_t unk_id;      /* Unigram; UINT64_MAX: none */
	bool has_subword_prefix;
	uint32_t *pairs;      /* left and right symbols of the merges */
	size_t pair_count, pair_capacity;
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
	struct vit_tokens *t = l->t;

	if (!vit_vocab_add(&t->vocab, text, id, score)) {
		vit_err_set(err, VIT_E_LIMIT, "the vocabulary is too large");
		return false;
	}
	if (score < t->min_score)
		t->min_score = score;
	return true;
}

static bool not_in_vocabulary(struct load *l, struct vit_str text, struct vit_err *err)
{
	struct vit_buf shown;

	vit_buf_init(&shown, 256);
	vit_display(&shown, text, 64);
	vit_err_set(err, VIT_E_SYNTAX,
		    "merge %zu needs the token \"%s\", which is not in the vocabulary%s",
		    l->pair_count + 1, shown.p, l->t->vocab.count ? "" : " (it comes behind the merges)");
	vit_buf_release(&shown);
	return false;
}

static void add_pair(struct load *l, uint32_t left, uint32_t right)
{
	if (l->pair_count == l->pair_capacity) {
		l->pair_capacity = l->pair_capacity ? l->pair_capacity * 2 : 4096;
		l->pairs = vit_xrealloc(l->pairs, 2 * l->pair_capacity * sizeof *l->pairs);
	}
	l->pairs[2 * l->pair_count] = left;
	l->pairs[2 * l->pair_count + 1] = right;
	l->pair_count++;
}

/* Looks up what waits. */
static bool find_waiting(struct load *l, struct vit_err *err)
{
	const struct vit_vocab *v = &l->t->vocab;
	uint32_t left = 0;
	size_t begin = 0;

	for (size_t i = 0; i < l->text_count; i++)
		vit_vocab_fetch_text(v, l->texts[i].hash);
	for (size_t i = 0; i < l->text_count; begin = l->texts[i++].end) {
		struct vit_str text = vit_str_sub(vit_buf_view(&l->waiting), begin,
						  l->texts[i].end);
		uint32_t symbol = vit_vocab_find_hashed(v, text, l->texts[i].hash);
		if (symbol == VIT_NO_SYMBOL)
			return not_in_vocabulary(l, text, err);
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

	vit_vocab_fetch_slot(&l->t->vocab, hash);
	vit_buf_str(&l->waiting, text);
	l->texts[l->text_count].end = l->waiting.n;
	l->texts[l->text_count++].hash = hash;
}

static bool on_merge(void *ctx, struct vit_str left, struct vit_str right, struct vit_err *err)
{
	struct load *l = ctx;

	if (!l->t->vocab.count)
		return not_in_vocabulary(l, left, err);
	if (l->pair_count >= VIT_MERGES_MAX) {
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
	if (l->added.count >= VIT_TOK_MAX_ADDED) {
		vit_err_set(err, VIT_E_LIMIT, "more than %d added tokens",
			    VIT_TOK_MAX_ADDED);
		return false;
	}
	*(struct vit_added *)vit_vec_add(&l->added) =
		(struct vit_added){ .content = vit_arena_str(l->t->arena, token->content),
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
	struct vit_tokens *t = l->t;
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
		l->has_subword_prefix |= texts[i].text == &t->subword_prefix;
	}
	if (v->type != VIT_JSON_NUMBER)
		return true;
	if (vit_str_is(name, "dropout"))
		t->has_dropout = v->number != 0;
	else if (vit_str_is(name, "unk_id") && (v->flags & VIT_JSON_U64))
		l->unk_id = v->u64;
	else if (vit_str_is(name, "max_input_chars_per_word") && (v->flags & VIT_JSON_U64))
		t->max_chars = v->u64;
	return true;
}

static bool on_part(void *ctx, enum vit_tokenizer_part part, struct vit_json_reader *r,
		    const struct vit_json_event *first, struct vit_err *err)
{
	struct load *l = ctx;
	return vit_tokens_read_part(l->t, part, r, first, err);
}

/* ---- the model ------------------------------------------------------------------------ */

static bool pick_model(struct load *l, const struct vit_tokenizer_scan *scan)
{
	static const char *const names[] = { "BPE", "Unigram", "WordPiece", "WordLevel" };
	struct vit_tokens *t = l->t;

	t->model_name = scan->model;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (vit_str_is(scan->model, names[i])) {
			t->model = (enum vit_model)i;
			return true;
		}
	}
	if (scan->model.n) {
		struct vit_buf shown;
		vit_buf_init(&shown, 128);
		vit_display(&shown, scan->model, 64);
		vit_tokens_note(t, "model \"%s\"", shown.p);
		vit_buf_release(&shown);
		return false;
	}
	/* Files from before the type was written. */
	if (scan->merges_count)
		t->model = VIT_MODEL_BPE;
	else if (l->has_subword_prefix)
		t->model = VIT_MODEL_WORDPIECE;
	else
		t->model = VIT_MODEL_WORDLEVEL;
	t->model_name = vit_str_c(names[t->model]);
	return true;
}

static void find_fallback(struct vit_tokens *t)
{
	for (unsigned b = 0; b < 256; b++) {
		char text[8];
		snprintf(text, sizeof text, "<0x%02X>", b);
		t->fallback[b] = vit_vocab_find(&t->vocab, vit_str_c(text));
	}
}

static bool ends_in_byte_level(const struct vit_tokens *t)
{
	return t->pre.count && t->pre.items[t->pre.count - 1].kind == VIT_PRE_BYTE_LEVEL;
}

/* Whether a token holds the marker behind anything but markers. Where none does,
 * no merge reaches over such a place. */
static bool crosses_marker(struct vit_str text)
{
	size_t at = 0;

	while (text.n - at >= 3 && memcmp(text.p + at, MARKER, 3) == 0)
		at += 3;
	return vit_str_find(text, VIT_STR(MARKER), at) != SIZE_MAX;
}

static bool can_cut(const struct vit_tokens *t)
{
	if (t->subword_prefix.n || t->word_suffix.n || t->ignore_merges ||
	    vit_vocab_find(&t->vocab, VIT_STR(MARKER)) == VIT_NO_SYMBOL)
		return false;
	for (size_t i = 0; i < t->vocab.count; i++) {
		if (crosses_marker(vit_vocab_text(&t->vocab, (uint32_t)i)))
			return false;
	}
	return true;
}

/* The symbol of a merge's result. Files list merges in the order of what comes
 * out, so it is nearly always the one before or the next. */
static uint32_t result_of(const struct vit_vocab *v, struct vit_str text, uint32_t before)
{
	for (uint32_t guess = before; guess < v->count && guess < before + 2; guess++) {
		if (vit_str_eq(vit_vocab_text(v, guess), text))
			return guess;
	}
	return vit_vocab_find(v, text);
}

static bool make_merges(struct load *l, struct vit_err *err)
{
	struct vit_tokens *t = l->t;
	struct vit_buf joined;
	size_t skip = t->subword_prefix.n;
	uint32_t result = 0;

	vit_merges_init(&t->merges, l->pair_count);
	vit_buf_init(&joined, 2 * VIT_TOK_WINDOW);
	for (size_t i = 0; i < l->pair_count; i++) {
		if (i + BATCH < l->pair_count)
			vit_merges_fetch(&t->merges, l->pairs[2 * (i + BATCH)],
					 l->pairs[2 * (i + BATCH) + 1]);
		uint32_t a = l->pairs[2 * i], b = l->pairs[2 * i + 1];
		struct vit_str right = vit_vocab_text(&t->vocab, b);
		vit_buf_clear(&joined);
		vit_buf_str(&joined, vit_vocab_text(&t->vocab, a));
		vit_buf_str(&joined, vit_str_sub(right, skip, right.n));
		result = result_of(&t->vocab, vit_buf_view(&joined), result);
		if (result == VIT_NO_SYMBOL) {
			l->pair_count = i;
			not_in_vocabulary(l, vit_buf_view(&joined), err);
			vit_buf_release(&joined);
			return false;
		}
		vit_merges_set(&t->merges, a, b, (uint32_t)i, result);
	}
	vit_buf_release(&joined);
	return true;
}

static bool finish_bpe(struct load *l, struct vit_err *err)
{
	struct vit_tokens *t = l->t;

	if (t->has_dropout)
		vit_tokens_note(t, "model dropout (ids would be random)");
	if (t->unk_text.p)
		t->unk = vit_vocab_find(&t->vocab, t->unk_text);
	t->byte_mode = ends_in_byte_level(t);
	for (unsigned b = 0; b < 256; b++) {
		char text[2];
		size_t n = vit_byte_char((unsigned char)b, text);
		t->byte_symbol[b] = vit_vocab_find(&t->vocab, (struct vit_str){ text, n });
	}
	if (!make_merges(l, err))
		return false;
	t->cut_at_marker = !t->byte_mode && can_cut(t);
	return true;
}

static bool too_large(struct vit_err *err)
{
	vit_err_set(err, VIT_E_LIMIT, "the texts of the tokens are too long together");
	return false;
}

/* Looking for a key at every place of a text costs its length each time. */
static bool add_key(struct vit_tokens *t, struct vit_trie *trie, struct vit_str key, size_t value,
		    struct vit_err *err)
{
	if (key.n > VIT_TOKENS_MAX_KEY) {
		if (!t->unsupported.n)
			vit_tokens_note(t, "a token of %zu bytes", key.n);
		return true;
	}
	return vit_trie_add(trie, key, (uint32_t)value) || too_large(err);
}

static bool index_pieces(struct vit_tokens *t, struct vit_err *err)
{
	for (size_t i = 0; i < t->vocab.count; i++) {
		if (!add_key(t, &t->pieces, vit_vocab_text(&t->vocab, (uint32_t)i), i, err))
			return false;
	}
	return true;
}

static bool finish_unigram(struct load *l, struct vit_err *err)
{
	struct vit_tokens *t = l->t;

	if (!index_pieces(t, err))
		return false;
	for (size_t i = 0; i < t->vocab.count; i++) {
		if (l->unk_id != UINT64_MAX && t->vocab.ids[i] == l->unk_id)
			t->unk = (uint32_t)i;
	}
	if (l->unk_id == UINT64_MAX || t->unk != VIT_NO_SYMBOL)
		return true;
	vit_err_set(err, VIT_E_SYNTAX,
		    "unk_id %llu is not in the vocabulary of %zu tokens",
		    (unsigned long long)l->unk_id, t->vocab.count);
	return false;
}

static bool finish_wordpiece(struct vit_tokens *t, struct vit_err *err)
{
	if (!t->subword_prefix.p)
		t->subword_prefix = VIT_STR("##");
	t->unk = vit_vocab_find(&t->vocab, t->unk_text.p ? t->unk_text : VIT_STR("[UNK]"));
	if (!index_pieces(t, err))
		return false;
	for (size_t i = 0; i < t->subword_prefix.n; i++) {
		t->prefix_node = vit_trie_step(&t->pieces, t->prefix_node,
					       (unsigned char)t->subword_prefix.p[i]);
		if (!t->prefix_node) {
			t->prefix_node = VIT_NO_SYMBOL;
			break;
		}
	}
	return true;
}

static bool finish_model(struct load *l, const struct vit_tokenizer_scan *scan, struct vit_err *err)
{
	struct vit_tokens *t = l->t;

	if (!find_waiting(l, err))
		return false;
	if (!pick_model(l, scan))
		return true;
	find_fallback(t);
	switch (t->model) {
	case VIT_MODEL_BPE:
		return finish_bpe(l, err);
	case VIT_MODEL_UNIGRAM:
		return finish_unigram(l, err);
	case VIT_MODEL_WORDPIECE:
		return finish_wordpiece(t, err);
	case VIT_MODEL_WORDLEVEL:
		t->unk = vit_vocab_find(&t->vocab, t->unk_text.p ? t->unk_text : VIT_STR("<unk>"));
		break;
	}
	return true;
}

/* ---- added tokens ------------------------------------------------------------------------ */

static void note_size(struct vit_tokens *t, uint32_t id)
{
	if ((uint64_t)id + 1 > t->size)
		t->size = (uint64_t)id + 1;
}

/* As the reference gives them: the vocabulary's id, or the next free one
 * (whatever the file says). */
static void number_added(struct vit_tokens *t)
{
	uint32_t next = (uint32_t)t->vocab.count;
	struct vit_vocab fresh = { 0 };

	for (size_t i = 0; i < t->added_count; i++) {
		struct vit_added *a = &t->added[i];
		uint32_t symbol = vit_vocab_find(&fresh, a->content);
		if (symbol != VIT_NO_SYMBOL) {
			a->id = fresh.ids[symbol];
			continue;
		}
		symbol = vit_vocab_find(&t->vocab, a->content);
		a->id = symbol != VIT_NO_SYMBOL ? t->vocab.ids[symbol] : next++;
		(void)vit_vocab_add(&fresh, a->content, a->id, 0);
		note_size(t, a->id);
	}
	vit_vocab_release(&fresh);
}

/* Into the two tries; of two with one id the later counts. */
static bool index_added(struct vit_tokens *t, struct vit_err *err)
{
	struct vit_encoder *e = vit_encoder_new(t);
	bool ok = true;

	for (size_t i = t->added_count; ok && i-- > 0;) {
		struct vit_str content = t->added[i].content;
		if (!t->added[i].normalized) {
			ok = add_key(t, &t->raw, content, i, err);
			continue;
		}
		if (t->unsupported.n)
			continue;
		e->head_gone = false;
		ok = vit_tokens_normalize(e, content, &content);
		if (!ok)
			*err = e->err;
		else if (content.n)
			ok = add_key(t, &t->normalized, content, i, err);
	}
	vit_encoder_free(e);
	return ok;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* The pre-tokenizers are one pattern over the whole text. */
static void find_short_cut(struct vit_tokens *t)
{
	if (!t->pre.count || t->unsupported.n)
		return;
	const struct vit_step *first = t->pre.items, *last = first + t->pre.count - 1;
	if (t->pre.count == 1 && t->byte_mode && first->use_regex && !first->prefix_space) {
		t->scan = VIT_SCAN_GPT2;
		return;
	}
	bool bytes = t->pre.count == 2 && t->byte_mode && !last->use_regex && !last->prefix_space;
	if ((t->pre.count != 1 && !bytes) || first->kind != VIT_PRE_SPLIT || !first->regex ||
	    first->invert || first->behavior != VIT_SPLIT_ISOLATED)
		return;
	t->scan = first->scan;
	t->only_regex = first->regex;
}

static bool finish(struct load *l, const struct vit_tokenizer_scan *scan, struct vit_err *err)
{
	struct vit_tokens *t = l->t;

	if (!scan->is_object || !scan->has_model || !scan->has_vocab) {
		vit_err_set(err, VIT_E_SYNTAX, "no %s",
			    !scan->is_object ? "JSON object"
			    : !scan->has_model ? "\"model\""
					       : "\"vocab\" in the model");
		return false;
	}
	if (scan->bad_entries) {
		vit_err_at(err, VIT_E_SYNTAX, scan->bad_offset,
			   "an entry of the wrong type at byte %llu",
			   (unsigned long long)scan->bad_offset);
		return false;
	}
	for (size_t i = 0; i < t->vocab.count; i++)
		note_size(t, t->vocab.ids[i]);
	if (!finish_model(l, scan, err))
		return false;
	t->added = vit_vec_take(&l->added, t->arena, &t->added_count);
	number_added(t);
	for (size_t i = 0; i < t->prefix_count; i++)
		note_size(t, t->prefix[i]);
	for (size_t i = 0; i < t->suffix_count; i++)
		note_size(t, t->suffix[i]);
	find_short_cut(t);
	return index_added(t, err);
}

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
	struct load l = { .t = tokens_new(), .added = VIT_VEC(sizeof(struct vit_added)),
			  .unk_id = UINT64_MAX };
	const struct vit_tokenizer_sink sink = { .ctx = &l,
						 .piece = on_piece,
						 .merge = on_merge,
						 .added = on_added,
						 .option = on_option,
						 .part = on_part };
	struct vit_tokenizer_scan scan;
	struct vit_err why = { .code = VIT_OK };

	vit_buf_init(&l.waiting, 2 * BATCH * (size_t)VIT_TOK_WINDOW);
	if (vit_tokenizer_read_into(l.t->arena, read, ctx, &sink, &scan, &why) == VIT_OK)
		(void)finish(&l, &scan, &why);
	vit_vec_free(&l.added);
	vit_buf_release(&l.waiting);
	free(l.pairs);
	if (why.code) {
		vit_tokens_free(l.t);
		*err = why;
		return why.code;
	}
	*out = l.t;
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
