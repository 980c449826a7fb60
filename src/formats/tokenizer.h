/*
 * tokenizer.json, streamed: how many tokens, which ids, which added tokens.
 * Bytes to structs: no paths, no judging, no tokenizing (that is text/, which
 * gets the rest of the file through vit_tokenizer_sink).
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

/* Parts that tell how a text is taken apart and put together. */
enum vit_tokenizer_part {
	VIT_TOKENIZER_NORMALIZER,
	VIT_TOKENIZER_PRE_TOKENIZER,
	VIT_TOKENIZER_POST_PROCESSOR,
};

/* When an added token is found in a text. */
struct vit_added_rules {
	bool single_word, lstrip, rstrip;
	bool normalized; /* the file's value, else true */
};

/*
 * For who wants what the scan leaves out: called in the order of the file.
 * Texts are borrowed until the function returns; false ends the reading, with
 * *err filled. Entries of the wrong type are not told (bad_entries).
 */
struct vit_tokenizer_sink {
	void *ctx;
	/* An entry of the vocabulary; score: a Unigram's, else 0. */
	bool (*piece)(void *ctx, struct vit_str text, uint32_t id, double score, struct vit_err *err);
	bool (*merge)(void *ctx, struct vit_str left, struct vit_str right, struct vit_err *err);
	/* The whole content, however long. */
	bool (*added)(void *ctx, const struct vit_added_token *token,
		      const struct vit_added_rules *rules, struct vit_err *err);
	/* Any other member of the model that is no list and no object. */
	bool (*option)(void *ctx, struct vit_str name, const struct vit_json_event *value,
		       struct vit_err *err);
	/* A part, whose value `first` begins: the function reads it to its end. False
	 * without *err filled: the reader failed. */
	bool (*part)(void *ctx, enum vit_tokenizer_part part, struct vit_json_reader *r,
		     const struct vit_json_event *first, struct vit_err *err);
};

/* As vit_tokenizer_read, with everything to `sink` (all functions set). */
VIT_MUST_USE enum vit_errc vit_tokenizer_read_into(struct vit_arena *a, vit_json_read_fn read,
						   void *ctx, const struct vit_tokenizer_sink *sink,
						   struct vit_tokenizer_scan *out,
						   struct vit_err *err);

#endif
