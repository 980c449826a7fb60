/*
 * The parts of a loaded tokenizer and of an encoder; only for src/text/tokens*.c.
 *
 * The way of a text: added tokens are cut out of it, each piece between them is
 * normalized, normalized added tokens are cut out of that, the rest is split
 * into words (pre-tokenizers), and each word goes to the model.
 */
#ifndef VIT_TEXT_TOKENS_INTERNAL_H
#define VIT_TEXT_TOKENS_INTERNAL_H

#include "base/buf.h"
#include "formats/tokenizer.h"
#include "text/tokens.h"
#include "text/tokens_regex.h"
#include "text/tokens_scan.h"
#include "text/tokens_vocab.h"

#define VIT_NO_ID UINT32_MAX

/* ---- steps: normalizers, pre-tokenizers, post-processors, in the file's order ---- */

enum vit_step_kind {
	/* normalizers */
	VIT_NORM_BERT,
	VIT_NORM_STRIP,
	VIT_NORM_STRIP_ACCENTS,
	VIT_NORM_NFC,
	VIT_NORM_NFD,
	VIT_NORM_NFKC,
	VIT_NORM_NFKD,
	VIT_NORM_LOWERCASE,
	VIT_NORM_NMT,
	VIT_NORM_PRECOMPILED,
	VIT_NORM_REPLACE,
	VIT_NORM_PREPEND,
	VIT_NORM_BYTE_LEVEL,
	/* pre-tokenizers */
	VIT_PRE_BERT,
	VIT_PRE_BYTE_LEVEL,
	VIT_PRE_DELIMITER,
	VIT_PRE_METASPACE,
	VIT_PRE_WHITESPACE,
	VIT_PRE_WHITESPACE_SPLIT,
	VIT_PRE_SPLIT,
	VIT_PRE_PUNCTUATION,
	VIT_PRE_DIGITS,
	VIT_PRE_SCRIPTS,
	VIT_PRE_FIXED_LENGTH,
	/* post-processors */
	VIT_POST_BYTE_LEVEL,
	VIT_POST_BERT, /* BertProcessing and RobertaProcessing: cls, text, sep */
	VIT_POST_TEMPLATE,
	VIT_STEP_SEQUENCE, /* never kept: its members take its place */
	VIT_STEP_UNKNOWN,
};

/* What becomes of the part of the text that a pattern matches. */
enum vit_behavior {
	VIT_SPLIT_ISOLATED,
	VIT_SPLIT_REMOVED,
	VIT_SPLIT_MERGED_WITH_PREVIOUS,
	VIT_SPLIT_MERGED_WITH_NEXT,
	VIT_SPLIT_CONTIGUOUS,
};

enum vit_prepend { VIT_PREPEND_ALWAYS, VIT_PREPEND_FIRST, VIT_PREPEND_NEVER };

struct vit_step {
	enum vit_step_kind kind;
	/* Replace and Split: either a literal or a pattern */
	struct vit_str literal;
	struct vit_regex *regex;
	enum vit_scan_kind scan; /* the pattern has a scanner of its own */
	struct vit_str content;  /* Replace: instead; Prepend, Metaspace, Delimiter: the text */
	enum vit_behavior behavior;
	enum vit_prepend prepend;
	struct vit_charsmap *charsmap;
	uint64_t length;         /* FixedLength */
	bool invert, split, prefix_space, use_regex, individual;
	bool left, right;        /* Strip */
	bool clean, chinese, accents, lower; /* BertNormalizer */
};

struct vit_steps {
	struct vit_step *items;
	size_t count;
};

/* ---- added tokens ---- */

struct vit_added {
	struct vit_str content;
	uint32_t id;
	bool single_word, lstrip, rstrip, normalized, special;
};

/* ---- the model ---- */

enum vit_model { VIT_MODEL_BPE, VIT_MODEL_UNIGRAM, VIT_MODEL_WORDPIECE, VIT_MODEL_WORDLEVEL };

struct vit_tokens {
	struct vit_arena *arena;
	struct vit_buf unsupported; /* reasons, joined */
	struct vit_regex *regexes;
	struct vit_str model_name;
	enum vit_model model;
	struct vit_vocab vocab;
	uint64_t size; /* 1 + the largest id */

	struct vit_steps normalizers, pre;
	bool byte_mode;   /* BPE over bytes: the last pre-tokenizer is ByteLevel */
	enum vit_scan_kind scan; /* the pre-tokenizers are one scanner, or VIT_SCAN_NONE */
	const struct vit_regex *only_regex; /* ... or one pattern */

	struct vit_added *added;
	size_t added_count;
	struct vit_trie raw, normalized; /* of added tokens; the value is the index */
	uint32_t *prefix, *suffix;       /* what the post-processor puts around */
	size_t prefix_count, suffix_count;

	/* symbols: indices of vocab entries */
	uint32_t unk;              /* or VIT_NO_ID */
	bool fuse_unk, byte_fallback, ignore_merges, has_dropout;
	bool cut_at_marker;        /* no token crosses "x▁": words may be cut there */
	struct vit_str subword_prefix, word_suffix, unk_text;
	uint64_t max_chars;        /* WordPiece */
	uint32_t byte_symbol[256]; /* byte mode: of the byte alone */
	uint32_t fallback[256];    /* of <0xNN> */
	struct vit_merges merges;
	struct vit_trie pieces;    /* Unigram, WordPiece */
	uint32_t prefix_node;      /* WordPiece: behind the continuing prefix; NO_SYMBOL: none */
	double min_score;          /* Unigram */
};

/* A part of a text on its way to the model. */
struct vit_span {
	size_t at, n;
	bool first; /* begins where the whole text begins */
};

/* A growing list without an arena. */
struct vit_spans {
	struct vit_span *items;
	size_t count, capacity;
};

struct vit_ids {
	uint32_t *items;
	size_t count, capacity;
};

struct vit_word_cache;
struct vit_bpe_scratch;

struct vit_encoder {
	const struct vit_tokens *t;
	struct vit_ids ids;
	struct vit_buf fixed, norm_a, norm_b, word_a, word_b;
	struct vit_spans spans, next, pieces;
	struct vit_word_cache *cache;
	struct vit_bpe_scratch *bpe;
	struct vit_regex_state *regex;
	void *paths; /* Unigram: the best way to each byte */
	size_t paths_capacity;
	bool head_gone; /* normalization dropped the text's first character */
	unsigned flags; /* of the call */
	size_t counted; /* ids that were counted and dropped */
	struct vit_err err;
};

/* What is kept only while loading. */
struct vit_draft {
	struct vit_tokens *t;
	struct vit_vec added; /* struct vit_added, in the file's order */
	uint64_t unk_id;      /* Unigram; UINT64_MAX: none */
	bool has_subword_prefix;
	uint32_t *pairs;      /* left and right symbols of the merges, in their order */
	size_t pair_count;
};

/* tokens_build.c: the rest of loading, when the file is read. False: *err. */
bool vit_tokens_build(struct vit_draft *d, const struct vit_tokenizer_scan *scan,
		      struct vit_err *err);
/* tokens_load.c: the next merge needs a token that is not there. Returns false. */
bool vit_tokens_merge_lacks(const struct vit_draft *d, struct vit_str text, struct vit_err *err);
/* tokens_load.c: one more reason why nothing can be encoded. */
void vit_tokens_note(struct vit_tokens *t, const char *fmt, ...) VIT_PRINTF(2, 3);

/* tokens_parts.c: reads one part of the file; false when the reader failed. */
bool vit_tokens_read_part(struct vit_tokens *t, enum vit_tokenizer_part part,
			  struct vit_json_reader *r, const struct vit_json_event *first,
			  struct vit_err *err);

/* tokens_normalize.c: `text` through every normalizer; the result is borrowed
 * from the encoder. False: e->err. */
bool vit_tokens_normalize(struct vit_encoder *e, struct vit_str text, struct vit_str *out);
/* tokens_charsmap.c: the compiled map of SentencePiece. NULL when it is none. */
struct vit_charsmap *vit_charsmap_new(struct vit_arena *a, struct vit_str base64);
void vit_charsmap_apply(const struct vit_charsmap *m, struct vit_str in, struct vit_buf *out);

/* tokens_split.c: words of a piece to the model. False: e->err. */
bool vit_tokens_split(struct vit_encoder *e, struct vit_str text, bool first);
/* tokens_model.c */
bool vit_tokens_word(struct vit_encoder *e, struct vit_str word);
void vit_tokens_add_id(struct vit_encoder *e, uint32_t id);
void vit_tokens_make_cache(struct vit_encoder *e); /* before the first word */
/* The character that stands for a byte, as UTF-8; its length (1 or 2). */
size_t vit_byte_char(unsigned char byte, char out[2]);

/* tokens_bpe.c */
struct vit_bpe_scratch *vit_bpe_scratch_new(void);
void vit_bpe_scratch_free(struct vit_bpe_scratch *s);
bool vit_bpe_word(struct vit_encoder *e, struct vit_str word);
/* tokens_unigram.c */
bool vit_unigram_word(struct vit_encoder *e, struct vit_str word);

#endif
