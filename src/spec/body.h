/*
 * A loaded spec as the engine uses it. Private to src/spec; immutable after
 * the loader; everything in the database's arena.
 */
#ifndef VIT_SPEC_BODY_H
#define VIT_SPEC_BODY_H

#include "formats/dtype.h"
#include "spec/architecture.h"
#include "spec/forward.h"
#include "spec/expr.h"

/* A value written in a spec. */
enum vit_lit_kind {
	VIT_LIT_NULL, VIT_LIT_BOOL, VIT_LIT_INT, VIT_LIT_DOUBLE, VIT_LIT_STRING,
	VIT_LIT_LIST, VIT_LIT_MAP,
};
struct vit_lit {
	enum vit_lit_kind kind;
	struct vit_str key;          /* member of a map */
	struct vit_str text;
	bool boolean;
	int64_t i64;
	double number;
	const struct vit_lit *items;
	uint32_t count;
};
/* Is the configuration's value that one? Lists and maps by content. */
bool vit_lit_matches(const struct vit_lit *l, const struct vit_json *v);
void vit_lit_text(struct vit_buf *out, const struct vit_lit *l);

/* `match`: one key, any of its values. */
struct vit_match {
	struct vit_str key;
	const struct vit_str *values;
	uint32_t count;
};

/* Types a field may have, one bit each. */
enum {
	VIT_TYPE_INTEGER = 1, VIT_TYPE_NUMBER = 2, VIT_TYPE_STRING = 4, VIT_TYPE_BOOLEAN = 8,
	VIT_TYPE_LIST = 16, VIT_TYPE_OBJECT = 32, VIT_TYPE_ANY = 64,
};
struct vit_field {
	struct vit_str name;
	uint32_t path;
	unsigned types;              /* 0: any */
	bool required, warning;
	const struct vit_expr *min, *max, *multiple_of, *length, *when;
	const struct vit_lit *one_of;
	uint32_t one_of_count;
};

struct vit_rule {
	const struct vit_expr *check, *when;
	struct vit_str says;
	bool warning;
};

struct vit_report_row {
	struct vit_str key;
	const struct vit_expr *expr;
};

/* A name with holes: literal text before each expression; the last has none. */
struct vit_name_part {
	struct vit_str literal;
	const struct vit_expr *hole;
};
struct vit_name {
	const struct vit_name_part *parts;
	uint32_t count;
};

struct vit_loop {
	uint32_t slot;
	const struct vit_expr *from, *to;            /* range, both ends included */
	const struct vit_expr *const *items;         /* or these */
	uint32_t item_count;
	const struct vit_expr *list;                 /* or the items of a list value */
};

enum vit_item_kind { VIT_ITEM_TENSOR, VIT_ITEM_GROUP, VIT_ITEM_ONE_OF };
#define VIT_MAX_RANK 8
#define VIT_MAX_LOOPS 4
#define VIT_MAX_GROUPS 8  /* nesting of groups */

/* A row of `tensors`. -1 where a key is absent: inherited. */
struct vit_item {
	enum vit_item_kind kind;
	int8_t role, optional, counts;
	const struct vit_expr *when;
	struct vit_name name;                        /* of a tensor; of a group its prefix */
	/* tensor */
	const struct vit_expr *shape[VIT_MAX_RANK];  /* NULL: any size */
	uint32_t rank;
	bool no_shape;                               /* any rank and sizes */
	vit_dtype_set dtypes;                        /* 0: the usual floats */
	const struct vit_expr *logical;
	uint32_t roles;                              /* adapter: of the base's weight; 0 all */
	uint32_t index;                              /* of the tensor in the body: cache slot */
	/* group */
	struct vit_loop loops[VIT_MAX_LOOPS];
	uint32_t loop_count;
	const struct vit_item *items;                /* of a group; alternatives of one_of (groups) */
	uint32_t item_count;
};

/* One way to store a weight. */
struct vit_weight_form {
	struct vit_str suffix;
	uint32_t ranks;                              /* one bit each */
	uint32_t roles;                              /* one bit each; 0 all */
	const struct vit_expr *when;
	const struct vit_item *tensors;
	uint32_t tensor_count;
};

struct vit_prefix {
	struct vit_str from, to;
};
struct vit_scheme {
	const struct vit_prefix *prefixes;
	uint32_t count;
};

struct vit_spec_value {
	struct vit_str field;
	uint32_t path;
	struct vit_lit value;
};

/* A row of `forward`: vit_fwd_row with its sizes still expressions. */
struct vit_fwd_item {
	struct vit_fwd_row row;
	const struct vit_expr *when, *kind;
	const struct vit_expr *expr[VIT_FWD_KEY_COUNT];
	uint32_t skip;           /* BEGIN: rows to its END, for when it does not hold */
};
struct vit_fwd_items {
	const struct vit_fwd_item *items;
	uint32_t count;
};
struct vit_fwd_body {
	const struct vit_expr *hidden, *vocab, *layers, *tied, *positions, *rope, *rotary,
		*rope_float32;
	const struct vit_expr *head_bias, *logits_softcap, *logits_scaled, *measured;
	struct vit_fwd_items embed, layer, final;
	uint32_t slots, layer_var;
};

/* Loop variables that overlays and adapters bind. */
enum { VIT_OV_IN, VIT_OV_OUT, VIT_OV_LEAD, VIT_OV_DIMS, VIT_OV_HERE, VIT_OV_STEM, VIT_OV_PARENT,
       VIT_OV_COUNT };
enum { VIT_AD_IN, VIT_AD_OUT, VIT_AD_R, VIT_AD_STEM, VIT_AD_COUNT };

struct vit_spec_body {
	struct vit_names names;
	const struct vit_match *match;
	uint32_t match_count;
	const struct vit_str *roots;                 /* root: text_config */
	uint32_t root_count;
	const struct vit_field *fields;
	uint32_t field_count;
	const struct vit_rule *rules;
	uint32_t rule_count;
	const struct vit_report_row *report;
	uint32_t report_count;
	const struct vit_expr *experts, *per_token, *moe_when;
	const struct vit_scheme *schemes;
	uint32_t scheme_count;
	const struct vit_item *items;
	uint32_t item_count;
	uint32_t tensor_count;                       /* tensor items: size of the shape cache */
	const struct vit_weight_form *forms;         /* overlay */
	uint32_t form_count;
	const struct vit_item *extras;               /* overlay; adapter: its tensors */
	uint32_t extra_count;
	bool is_adapter;
	const struct vit_fwd_body *forward;          /* or NULL */
	/* model, requirements */
	const struct vit_spec_value *values;
	uint32_t value_count;
	const struct vit_str *identify;
	uint32_t identify_count;
	const struct vit_str *revisions;
	uint32_t revision_count;
	struct vit_str repo;
};

/* A database without the built-in specs. */
struct vit_spec_db *vit_spec_db_empty(struct vit_arena *a);
/* Row i with id, title, kind, extends and match; the rest when it was needed already. */
const struct vit_spec *vit_spec_head(const struct vit_spec_db *db, size_t i);
/* The same spec with all that its document says. */
const struct vit_spec *vit_spec_whole(const struct vit_spec_db *db, const struct vit_spec *s);

/* The family that a spec is or stands on; NULL when none. */
const struct vit_spec *vit_spec_family(const struct vit_spec *s);

#endif
