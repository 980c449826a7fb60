/*
 * The tokenizer and the template, as far as agreement of ids needs them.
 */
#ifndef VIT_FACTS_TOKENIZER_H
#define VIT_FACTS_TOKENIZER_H

#include "facts/config.h"
#include "facts/template.h"
#include "formats/tokenizer.h"

enum vit_template_place { VIT_TP_NONE, VIT_TP_FILE, VIT_TP_INLINE, VIT_TP_BOTH };

struct vit_tokenizer {
	enum vit_doc_state state;      /* of tokenizer.json */
	struct vit_err err;
	struct vit_str path;
	struct vit_str model;          /* "BPE", "Unigram", "WordPiece", "WordLevel", or empty */
	uint64_t vocab_count;          /* entries of model.vocab */
	uint64_t merges_count;
	uint64_t max_id;               /* over vocab and added tokens */
	uint64_t distinct_ids;
	struct vit_added_token *added; /* added_tokens, in file order */
	uint32_t added_count;
	uint64_t added_total;          /* those beyond the kept ones included */
	struct vit_added_token *named; /* special tokens of the side files that stand in the
	                                  vocabulary (perhaps not among the added tokens) */
	uint32_t named_count;
	uint64_t conflicts;            /* vocabulary entries whose id an added token has with
	                                  another text */
	uint64_t conflict_id;          /* of the first */
	uint64_t duplicate_ids;        /* ids that two vocabulary entries share */
	uint64_t duplicate_id_first;   /* the lowest of them */
	uint64_t bad_entries;          /* entries of the wrong type */
	uint64_t bad_offset;           /* byte of the first */
	bool is_object, has_model;
	bool has_vocab;                /* model.vocab was found */
	bool slow_only;                /* no tokenizer.json, but vocab/merges/.model files */

	enum vit_template_place template_place;
	bool templates_equal;          /* both places hold the same text (one line break at the
	                                  end aside, which Jinja drops) */
	struct vit_str template_path;  /* chat_template.jinja, or tokenizer_config.json */
	struct vit_str template_text;  /* of the one that loaders take: the file, if there is one */
	uint64_t template_bytes;
	uint64_t template_inline_bytes;/* of the one in tokenizer_config.json */
	struct vit_templates templates; /* all of them, named ones too */
	struct vit_err template_err;   /* the file is there and could not be read: code != VIT_OK */
};

/* The id a token's text has in tokenizer.json, among the added tokens or the
 * named ones; false when none. */
bool vit_tokenizer_added_id(const struct vit_tokenizer *t, struct vit_str content, uint64_t *id);

#endif
