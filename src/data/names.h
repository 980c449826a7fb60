/*
 * How often each name stands in a member of the rows: categories, sources.
 * The first VIT_DATA_NAMES names are kept, cut at 200 bytes; rows with others
 * are one sum. Names that hold a secret or personal data are one withheld name.
 */
#ifndef VIT_DATA_NAMES_H
#define VIT_DATA_NAMES_H

#include "base/arena.h"
#include "base/map.h"
#include "facts/data.h"

struct vit_names_count {
	struct vit_arena *arena;
	struct vit_map map;
	struct vit_vec items;  /* struct vit_data_name */
	uint64_t rows, others;
};

void vit_names_init(struct vit_names_count *n, struct vit_arena *a);
void vit_names_add(struct vit_names_count *n, struct vit_str name);
/* What the document says of a name; the name is added with a count of 0 when it is new. */
void vit_names_declare(struct vit_names_count *n, struct vit_str name, uint64_t count);
/* By falling count, then name. */
void vit_names_sort(struct vit_data_names *n);
/* Sorted, into the arena; n is released. */
void vit_names_take(struct vit_names_count *n, struct vit_data_names *out);

/*
 * What a document says of itself beside its rows: `value`, the JSON text of its
 * member `key`, may tell how many examples there are, of each category and
 * source (at the top, or one level down as in "metadata").
 */
struct vit_data_declared {
	bool given;
	uint64_t examples;
	struct vit_str by;     /* "metadata.total_examples" */
};
void vit_data_meta(struct vit_arena *a, struct vit_str key, struct vit_str value,
		   struct vit_data_declared *out, struct vit_names_count *categories,
		   struct vit_names_count *sources);

#endif
