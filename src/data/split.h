/*
 * From bytes to rows: JSON lines, the elements of a JSON array, or those of an
 * array inside a JSON object, whichever the text is. One row at a time, found
 * by its brackets and line breaks alone; whether it is JSON is for data/row.h
 * to say, so that a broken row does not end the file.
 *
 * After a broken element of an array it goes on at the next line that begins
 * like the elements before it (same indentation, '{'); where the array has no
 * lines, the rest cannot be told apart and is given up (`lost`).
 *
 * Memory: one row, at most VIT_DATA_ROW_MAX bytes; a longer one is skipped.
 */
#ifndef VIT_DATA_SPLIT_H
#define VIT_DATA_SPLIT_H

#include "base/arena.h"
#include "facts/data.h"
#include "json/reader.h"

#define VIT_DATA_ROW_MAX ((size_t)32 << 20)
#define VIT_DATA_META_MAX ((size_t)4 << 20)

enum vit_data_piece_kind {
	VIT_PIECE_ROW,      /* text */
	VIT_PIECE_LONG,     /* a row over the ceiling, skipped; no text */
	VIT_PIECE_MEMBER,   /* OBJECT: another member, key and value's text */
	VIT_PIECE_BROKEN,   /* array or object: no element where one should be; `what` says */
	VIT_PIECE_END,
	VIT_PIECE_FAILED,   /* reading failed: err of the call */
};

struct vit_data_piece {
	enum vit_data_piece_kind kind;
	struct vit_str text;   /* borrowed until the next call */
	struct vit_str key;    /* MEMBER: raw, between the quotes */
	uint64_t line;         /* of its first byte */
	uint64_t offset;
	uint64_t length;       /* LONG: bytes it had */
	const char *what;
};

struct vit_data_splitter {
	enum vit_data_container container; /* known after vit_data_split_begin */
	bool bom, trailing_comma;
	bool lost;              /* the rest of an array could not be told apart */
	uint64_t blank_lines, crlf_lines;
	uint64_t edge_blank_lines; /* of JSON lines: before the first row and behind the last */
	uint64_t lines;         /* line breaks passed */
	struct vit_str head;    /* of what is no JSON: its first bytes, at most 200 */
	char member[64];        /* OBJECT: that holds the rows */
	char key[64];           /* private: of the last member */
	/* private */
	vit_json_read_fn read;
	void *ctx;
	char *buf;
	size_t capacity, at, have;
	uint64_t base;          /* offset of buf[0] */
	uint64_t line;          /* of buf[at] */
	bool at_end, failed;
	int state;
	size_t indent;          /* of the elements; SIZE_MAX: they share lines */
	struct vit_err err;
};

/* `read` is borrowed until vit_data_split_end. Looks at the first bytes and
 * decides on the container; OTHER, CSV, PARQUET, ARROW and UTF16 have no
 * pieces. Fails when the first read does. */
VIT_MUST_USE enum vit_errc vit_data_split_begin(struct vit_data_splitter *s, vit_json_read_fn read,
						void *ctx, struct vit_err *err);
enum vit_data_piece_kind vit_data_split_next(struct vit_data_splitter *s,
					     struct vit_data_piece *out, struct vit_err *err);
void vit_data_split_end(struct vit_data_splitter *s);

#endif
