/*
 * Token ids of a text, by the model's own tokenizer.json.
 *
 * A loaded tokenizer never changes and may be used from several threads, each
 * with an encoder of its own. The ids are those of the reference library
 * (huggingface/tokenizers 0.23, `Tokenizer.encode`), with two exceptions that
 * are deliberate: truncation and padding set in the file are not applied, and
 * bytes that are no UTF-8 are read as U+FFFD, one for each maximal part of a
 * character, as Python's errors="replace" does.
 *
 * Supported: models BPE, Unigram, WordPiece and WordLevel; all normalizers,
 * pre-tokenizers and post-processors of that version. What is not (an unknown
 * type, a pattern that PCRE2 refuses, dropout) is named by
 * vit_tokens_unsupported; nothing is encoded then, and callers count with
 * vit_tokens_estimate and say so.
 *
 * Limits: a text of VIT_TOKENS_MAX_TEXT bytes; VIT_TOKENS_MAX_STEPS steps of
 * normalization and of splitting; a pattern may try VIT_TOKENS_MATCH_LIMIT
 * times at one place; what is looked for at every place of a text (added
 * tokens, entries of Unigram and WordPiece, literals) has VIT_TOKENS_MAX_KEY
 * bytes, longer ones are not supported.
 */
#ifndef VIT_TEXT_TOKENS_H
#define VIT_TEXT_TOKENS_H

#include "base/arena.h"
#include "base/err.h"
#include "json/reader.h"

#define VIT_TOKENS_MAX_TEXT ((size_t)256 << 20)
#define VIT_TOKENS_MAX_STEPS 64
#define VIT_TOKENS_MATCH_LIMIT 10000000u
#define VIT_TOKENS_MAX_KEY 1024

struct vit_tokens;
struct vit_encoder;

/* Options of an encoding. */
enum {
	/* Adds what the post-processor puts around one text (BOS, [CLS], ...), as
	 * the reference's add_special_tokens=True does. */
	VIT_ENCODE_ADD_SPECIAL = 1,
	/* Takes special tokens written in the text for plain text, as the
	 * reference's encode_special_tokens does. */
	VIT_ENCODE_SPECIAL_AS_TEXT = 2,
};

/*
 * Reads a whole tokenizer.json from `read`; the caller frees *out with
 * vit_tokens_free. Fails with SYNTAX (no tokenizer: err->offset is the byte, or
 * the message names the part), LIMIT, or what `read` said.
 */
VIT_MUST_USE enum vit_errc vit_tokens_load(vit_json_read_fn read, void *ctx,
					   struct vit_tokens **out, struct vit_err *err);
void vit_tokens_free(struct vit_tokens *t); /* NULL is allowed */

/* Why nothing can be encoded ("pre-tokenizer \"Foo\""), or NULL when all is
 * supported. Valid as long as the tokenizer. */
const char *vit_tokens_unsupported(const struct vit_tokens *t);
/* "BPE", "Unigram", "WordPiece", "WordLevel", or what the file says. */
struct vit_str vit_tokens_model(const struct vit_tokens *t);
/* One more than the largest id. */
uint64_t vit_tokens_size(const struct vit_tokens *t);
/* The id of a token's text (added tokens first), or UINT32_MAX. */
uint32_t vit_tokens_id(const struct vit_tokens *t, struct vit_str text);

/* An encoder: scratch memory and a cache of words; one thread at a time. It
 * borrows the tokenizer. */
struct vit_encoder *vit_encoder_new(const struct vit_tokens *t);
void vit_encoder_free(struct vit_encoder *e); /* NULL is allowed */

/*
 * The ids of `text`; *ids is valid until the next call with this encoder.
 * Fails with UNSUPPORTED (vit_tokens_unsupported, a pattern that gave up, or a
 * text that the model has no id for and no unknown token) or LIMIT (too long).
 */
VIT_MUST_USE enum vit_errc vit_encode(struct vit_encoder *e, struct vit_str text, unsigned flags,
				      const uint32_t **ids, size_t *count, struct vit_err *err);
/* How many ids that would be, without keeping them. */
VIT_MUST_USE enum vit_errc vit_encode_count(struct vit_encoder *e, struct vit_str text,
					    unsigned flags, size_t *count, struct vit_err *err);

/* Without a tokenizer: a token for each four bytes of UTF-8, rounded up. An
 * estimate, to be called one wherever it is shown. */
static inline uint64_t vit_tokens_estimate(struct vit_str text)
{
	return text.n / 4 + (text.n % 4 != 0);
}

#endif
