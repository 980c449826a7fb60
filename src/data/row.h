/*
 * One row: JSON to what a trainer takes from it. Whatever the format, a row
 * becomes a list of turns with roles and texts, in the order in which they are
 * trained; what is odd about its structure is a bit per enum vit_data_issue.
 *
 * Strings point into the row's text or into the row's own buffer and live until
 * the next parse. Nothing is repaired; a row that is no JSON has the issue and
 * nothing else.
 */
#ifndef VIT_DATA_ROW_H
#define VIT_DATA_ROW_H

#include "base/arena.h"
#include "base/buf.h"
#include "facts/data.h"
#include "json/reader.h"

enum vit_data_role {
	VIT_TURN_NONE,      /* there was none */
	VIT_TURN_SYSTEM, VIT_TURN_DEVELOPER, VIT_TURN_USER, VIT_TURN_ASSISTANT, VIT_TURN_TOOL,
	VIT_TURN_CALL,      /* ShareGPT's function_call: the assistant's */
	VIT_TURN_PLAIN,     /* the text of a text row */
	VIT_TURN_OTHER,     /* not one we know */
};

/* Which list of the row a turn stands in. */
enum vit_data_part { VIT_PART_MAIN, VIT_PART_COMPLETION, VIT_PART_REJECTED };

struct vit_data_turn {
	enum vit_data_role role;
	enum vit_data_part part;
	struct vit_str role_text;      /* as written */
	struct vit_str content, thinking;
	struct vit_str json;           /* the message as written, or empty */
	bool has_content, null_content, has_parts, call_id;
	bool bad_content;              /* neither a string, null nor parts */
	bool has_weight_zero;          /* weight 0 or train false: not trained on */
	unsigned calls;                /* tool calls in it */
	unsigned ids;                  /* of these, with an id; of a tool's answer: 1 when it has one */
	uint64_t id_sum;               /* of the ids' hashes: equal for the same ids in any order */
	unsigned keys;                 /* of the message: bits of enum message_key, private */
	struct vit_str name_key;       /* a key that messages do not have, first one */
};

/* For "%.*s": at most `max` bytes. */
#define VIT_CUT(s, max) (int)((s).n < (max) ? (s).n : (max)), (s).p

#define VIT_ROW_COLUMNS 48

struct vit_data_row {
	struct vit_str text;           /* as given */
	uint64_t issues;               /* bits: 1 << VIT_DI_* */
	struct vit_str details[VIT_DI_COUNT]; /* of those that have one; in the row's buffer */
	bool is_object;                /* it is an example */
	enum vit_data_format format;
	unsigned uses;                 /* VIT_USES_* */
	struct vit_data_turn *turns;
	uint32_t turn_count;
	bool conversational;           /* turns come from messages, not from plain strings */
	struct vit_str category, source;
	struct vit_str tools;          /* as written, JSON; or empty */
	/* Top-level keys, raw, each once. */
	struct vit_str columns[VIT_ROW_COLUMNS];
	unsigned char column_types[VIT_ROW_COLUMNS]; /* enum vit_json_kind; 0 = null */
	uint32_t column_count;
};

struct vit_data_parser {
	struct vit_data_row row;
	struct vit_buf buf;            /* decoded strings and details */
	struct vit_data_turn *turns;
	uint32_t turn_capacity;
};

void vit_data_parser_init(struct vit_data_parser *p);
void vit_data_parser_release(struct vit_data_parser *p);
/* Fills p->row from one JSON text. */
void vit_data_parse(struct vit_data_parser *p, struct vit_str text);
/* Structure: roles, order, what is missing or empty (data/structure.c). Called
 * by vit_data_parse. */
void vit_data_structure(struct vit_data_parser *p);

static inline bool vit_row_has(const struct vit_data_row *r, enum vit_data_issue i)
{
	return r->issues >> i & 1;
}
/* Sets an issue; the detail is kept when it is the first. */
void vit_row_issue(struct vit_data_parser *p, enum vit_data_issue i, const char *fmt, ...)
	VIT_PRINTF(3, 4);

#endif
