/*
 * From what the file has to what encoding needs: merges, tries, tables, the
 * numbers of added tokens.
 */
#include <stdio.h>

#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

#define MARKER "\xe2\x96\x81" /* U+2581, SentencePiece's space */
#define AHEAD 16               /* merges whose memory is asked for before their turn */

/* ---- the model ------------------------------------------------------------------------ */

static bool pick_model(struct vit_draft *d, const struct vit_tokenizer_scan *scan)
{
	static const char *const names[] = { "BPE", "Unigram", "WordPiece", "WordLevel" };
	struct vit_tokens *t = d->t;

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
	else if (d->has_subword_prefix)
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

static bool make_merges(struct vit_draft *d, struct vit_err *err)
{
	struct vit_tokens *t = d->t;
	struct vit_buf joined;
	size_t skip = t->subword_prefix.n;
	uint32_t result = 0;

	vit_merges_init(&t->merges, d->pair_count);
	vit_buf_init(&joined, 2 * VIT_TOK_WINDOW);
	for (size_t i = 0; i < d->pair_count; i++) {
		if (i + AHEAD < d->pair_count)
			vit_merges_fetch(&t->merges, d->pairs[2 * (i + AHEAD)],
					 d->pairs[2 * (i + AHEAD) + 1]);
		uint32_t a = d->pairs[2 * i], b = d->pairs[2 * i + 1];
		struct vit_str right = vit_vocab_text(&t->vocab, b);
		vit_buf_clear(&joined);
		vit_buf_str(&joined, vit_vocab_text(&t->vocab, a));
		vit_buf_str(&joined, vit_str_sub(right, skip, right.n));
		result = result_of(&t->vocab, vit_buf_view(&joined), result);
		if (result == VIT_NO_SYMBOL) {
			d->pair_count = i;
			vit_tokens_merge_lacks(d, vit_buf_view(&joined), err);
			vit_buf_release(&joined);
			return false;
		}
		vit_merges_set(&t->merges, a, b, (uint32_t)i, result);
	}
	vit_buf_release(&joined);
	return true;
}

static bool finish_bpe(struct vit_draft *d, struct vit_err *err)
{
	struct vit_tokens *t = d->t;

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
	if (!make_merges(d, err))
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

static bool finish_unigram(struct vit_draft *d, struct vit_err *err)
{
	struct vit_tokens *t = d->t;

	if (!index_pieces(t, err))
		return false;
	for (size_t i = 0; i < t->vocab.count; i++) {
		if (d->unk_id != UINT64_MAX && t->vocab.ids[i] == d->unk_id)
			t->unk = (uint32_t)i;
	}
	if (d->unk_id == UINT64_MAX || t->unk != VIT_NO_SYMBOL)
		return true;
	vit_err_set(err, VIT_E_SYNTAX,
		    "unk_id %llu is not in the vocabulary of %zu tokens",
		    (unsigned long long)d->unk_id, t->vocab.count);
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

static bool finish_model(struct vit_draft *d, const struct vit_tokenizer_scan *scan, struct vit_err *err)
{
	struct vit_tokens *t = d->t;

	if (!pick_model(d, scan))
		return true;
	find_fallback(t);
	switch (t->model) {
	case VIT_MODEL_BPE:
		return finish_bpe(d, err);
	case VIT_MODEL_UNIGRAM:
		return finish_unigram(d, err);
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

bool vit_tokens_build(struct vit_draft *d, const struct vit_tokenizer_scan *scan, struct vit_err *err)
{
	struct vit_tokens *t = d->t;

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
	if (!finish_model(d, scan, err))
		return false;
	t->added = vit_vec_take(&d->added, t->arena, &t->added_count);
	number_added(t);
	for (size_t i = 0; i < t->prefix_count; i++)
		note_size(t, t->prefix[i]);
	for (size_t i = 0; i < t->suffix_count; i++)
		note_size(t, t->suffix[i]);
	find_short_cut(t);
	return index_added(t, err);
}
