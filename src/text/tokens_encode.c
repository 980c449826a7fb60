#include "text/tokens_internal.h"
#include "text/tokens_unicode.h"

/* The flag of vit_encode_count: ids are dropped as they come. */
#define COUNTING (1u << 31)
#define KEEP_COUNTED 4096

static void drop_counted(struct vit_encoder *e)
{
	if (!(e->flags & COUNTING) || e->ids.count < KEEP_COUNTED)
		return;
	e->counted += e->ids.count;
	e->ids.count = 0;
}

/* ---- added tokens ------------------------------------------------------------------------ */

/* An added token in a text. */
struct found {
	size_t at, end;
	uint32_t index;
};

/* The longest token at the first place from `at` on that has one. */
static bool find_added(const struct vit_trie *t, struct vit_str text, size_t at, struct found *f)
{
	for (; t->root_count && at < text.n; at++) {
		if (t->root_count == 1) {
			const char *p = memchr(text.p + at, t->root_byte, text.n - at);
			if (!p)
				return false;
			at = (size_t)(p - text.p);
		}
		uint32_t node = t->root[(unsigned char)text.p[at]];
		f->index = VIT_NO_SYMBOL;
		for (size_t i = at + 1; node; i++) {
			if (vit_trie_value(t, node) != VIT_NO_SYMBOL) {
				f->index = vit_trie_value(t, node);
				f->at = at;
				f->end = i;
			}
			if (i == text.n)
				break;
			node = vit_trie_step(t, node, (unsigned char)text.p[i]);
		}
		if (f->index != VIT_NO_SYMBOL)
			return true;
	}
	return false;
}

static bool word_before(struct vit_str text, size_t at)
{
	size_t n;

	if (!at)
		return false;
	at--;
	while (at && ((unsigned char)text.p[at] & 0xc0) == 0x80)
		at--;
	return vit_uc_is_word(vit_uc_at(text.p + at, &n));
}

static bool word_after(struct vit_str text, size_t at)
{
	size_t n;
	return at < text.n && vit_uc_is_word(vit_uc_at(text.p + at, &n));
}

/* The next added token that counts, from `*at` on, widened by the spaces it
 * takes; `done` is the end of the one before. */
static bool next_added(struct vit_encoder *e, const struct vit_trie *trie, struct vit_str text,
		       size_t *at, size_t done, struct found *f)
{
	while (find_added(trie, text, *at, f)) {
		const struct vit_added *a = &e->t->added[f->index];
		*at = f->end;
		if (a->special && (e->flags & VIT_ENCODE_SPECIAL_AS_TEXT))
			continue;
		if (a->single_word && (word_before(text, f->at) || word_after(text, f->end)))
			continue;
		/* Not over what the one before took: spaces are looked at once. */
		if (a->lstrip)
			f->at = f->at <= done ? done
					      : done + vit_uc_space_before(vit_str_sub(text, done, f->at),
									   f->at - done);
		if (a->rstrip)
			f->end = vit_uc_space_after(text, f->end < done ? done : f->end);
		/* Nothing is left of it: the reference drops it. */
		if (f->at >= f->end)
			continue;
		return true;
	}
	return false;
}

typedef bool (*piece_fn)(struct vit_encoder *e, struct vit_str piece, bool first);

/* Cuts the added tokens of `trie` out of a text and gives `piece` what is between. */
static bool between_added(struct vit_encoder *e, const struct vit_trie *trie, struct vit_str text,
			  bool first, piece_fn piece)
{
	size_t at = 0, done = 0;
	struct found f;

	while (next_added(e, trie, text, &at, done, &f)) {
		if (done < f.at &&
		    !piece(e, vit_str_sub(text, done, f.at), first && done == 0))
			return false;
		vit_tokens_add_id(e, e->t->added[f.index].id);
		drop_counted(e);
		done = f.end;
	}
	return done >= text.n || piece(e, vit_str_sub(text, done, text.n), first && done == 0);
}

static bool split_piece(struct vit_encoder *e, struct vit_str piece, bool first)
{
	bool ok = vit_tokens_split(e, piece, first && !e->head_gone);

	drop_counted(e);
	return ok;
}

static bool normalize_piece(struct vit_encoder *e, struct vit_str piece, bool first)
{
	e->head_gone = false;
	return vit_tokens_normalize(e, piece, &piece) &&
	       between_added(e, &e->t->normalized, piece, first, split_piece);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static bool encode(struct vit_encoder *e, struct vit_str text)
{
	const struct vit_tokens *t = e->t;

	if (t->unsupported.n) {
		vit_err_set(&e->err, VIT_E_UNSUPPORTED, "tokenizer.json: not supported: %s",
			    t->unsupported.p);
		return false;
	}
	if (text.n > VIT_TOKENS_MAX_TEXT) {
		vit_err_set(&e->err, VIT_E_LIMIT, "a text of %zu bytes is longer than %zu", text.n,
			    VIT_TOKENS_MAX_TEXT);
		return false;
	}
	if (vit_uc_valid(text) != text.n) {
		vit_buf_clear(&e->fixed);
		vit_uc_repair(&e->fixed, text);
		text = vit_buf_view(&e->fixed);
	}
	for (size_t i = 0; (e->flags & VIT_ENCODE_ADD_SPECIAL) && i < t->prefix_count; i++)
		vit_tokens_add_id(e, t->prefix[i]);
	if (!between_added(e, &t->raw, text, true, normalize_piece))
		return false;
	for (size_t i = 0; (e->flags & VIT_ENCODE_ADD_SPECIAL) && i < t->suffix_count; i++)
		vit_tokens_add_id(e, t->suffix[i]);
	return true;
}

static enum vit_errc run(struct vit_encoder *e, struct vit_str text, unsigned flags,
			 struct vit_err *err)
{
	e->ids.count = 0;
	e->counted = 0;
	e->flags = flags;
	e->err.code = VIT_OK;
	vit_tokens_make_cache(e);
	if (encode(e, text))
		return VIT_OK;
	*err = e->err;
	return err->code;
}

enum vit_errc vit_encode(struct vit_encoder *e, struct vit_str text, unsigned flags,
			 const uint32_t **ids, size_t *count, struct vit_err *err)
{
	enum vit_errc code = run(e, text, flags & ~COUNTING, err);

	*ids = e->ids.items;
	*count = e->ids.count;
	return code;
}

enum vit_errc vit_encode_count(struct vit_encoder *e, struct vit_str text, unsigned flags,
			       size_t *count, struct vit_err *err)
{
	enum vit_errc code = run(e, text, flags | COUNTING, err);

	*count = e->counted + e->ids.count;
	return code;
}
