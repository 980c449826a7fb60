/*
 * tokenizer.json, streamed: how many tokens, which ids, which added tokens.
 * Bytes to structs: no paths, no judging, no tokenizing (that is text/).
 *
 * The file of a large model has 28 MB and a million JSON events, so nothing of
 * the vocabulary is kept but one bit an id. Memory: the window, a bitmap of at
 * most 2 MiB, and the added tokens.
 *
 * Source of the rules: huggingface/tokenizers 0.20-0.22, tokenizers/src
 * (tokenizer/serialization.rs, models, added_vocabulary.rs): ids are u32, a
 * Unigram token's id is its position, merges are strings "a b" or pairs.
 */
#ifndef VIT_FORMATS_TOKENIZER_H
#define VIT_FORMATS_TOKENIZER_H

#include "base/arena.h"
#include "base/err.h"
#include "json/reader.h"

#define VIT_TOK_WINDOW (1u << 20)    /* longest token text; a Precompiled normalizer has 0.4 MB */
#define VIT_TOK_MAX_ADDED 100000     /* added tokens kept; the rest is counted */
#define VIT_TOK_MAX_CONTENT 4096     /* bytes kept of one added token's text */
#define VIT_TOK_MAX_WANTED 64
#define VIT_TOK_MAX_TRACKED (1u << 24) /* ids from here on are not held against each other */

struct vit_added_token {
	uint64_t id;
	struct vit_str content;
	bool special;
};

struct vit_tokenizer_scan {
	bool is_object, has_model, has_vocab;
	struct vit_str model;           /* model.type (arena), or empty */
	uint64_t vocab_count;           /* entries of model.vocab */
	uint64_t merges_count;
	uint64_t max_id;                /* over vocabulary and added tokens */
	uint64_t distinct_ids;          /* over both; 0: there are none, and max_id says nothing */
	struct vit_added_token *added;  /* in file order (arena) */
	uint32_t added_count;           /* kept */
	uint64_t added_total;
	struct vit_added_token *named;  /* the wanted texts that the vocabulary has (arena) */
	uint32_t named_count;
	uint64_t duplicate_ids;         /* ids that two entries of the vocabulary share */
	uint64_t duplicate_id_first;    /* the lowest of them */
	uint64_t conflicts;             /* entries of the vocabulary whose id an added token has
	                                   with another text (seen where added_tokens comes first) */
	uint64_t conflict_id;           /* of the first */
	uint64_t bad_entries;           /* entries of the wrong type */
	uint64_t bad_offset;            /* byte of the first */
};

/*
 * Reads a whole tokenizer.json from `read`. `wanted`: texts whose ids are asked
 * for (at most VIT_TOK_MAX_WANTED; borrowed).
 * A wrong structure is told by the flags and bad_entries. Fails with SYNTAX
 * (err->offset is the byte), LIMIT (a text longer than the window, nesting
 * deeper than 128) or what `read` said; out then holds what came before.
 */
VIT_MUST_USE enum vit_errc vit_tokenizer_read(struct vit_arena *a, vit_json_read_fn read, void *ctx,
					      const struct vit_str *wanted, size_t wanted_count,
					      struct vit_tokenizer_scan *out, struct vit_err *err);

#endif
