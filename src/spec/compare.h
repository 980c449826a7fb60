/* The comparison's own state. Private to compare.c, overlay.c and match of problems. */
#ifndef VIT_SPEC_COMPARE_H
#define VIT_SPEC_COMPARE_H

#include "spec/arch.h"

#define VIT_UNMATCHED 0xff

/* The usual stored dtypes of a weight. */
#define VIT_DTYPES_PLAIN (VIT_DT_BIT(VIT_DT_F64) | VIT_DT_BIT(VIT_DT_F32) | \
			  VIT_DT_BIT(VIT_DT_F16) | VIT_DT_BIT(VIT_DT_BF16))

struct vit_cmp {
	struct vit_held *h;
	struct vit_map names;          /* tensor name -> row of the table */
	char last[256];                /* the name looked up last, and its row: asked for again */
	size_t last_n;
	uint32_t last_row;
	uint8_t *roles;                /* per row: enum vit_role, or VIT_UNMATCHED */
	bool judge;                    /* problems may be told */
	/* overlay */
	const struct vit_spec_body *overlay;
	struct vit_env *quant;
	struct vit_shape_cache *caches; /* per tensor item of the overlay */
	bool *nowhere;                 /* likewise: no tensor's name ends as the item's does */
	uint64_t dims[VIT_MAX_RANK];   /* bound now */
	uint32_t rank;
	const struct vit_json *here;
	char name[VIT_MAX_NAME];
	/* the value of an outermost loop variable that is being expanded */
	bool in_layer;
	uint64_t layer_missing, layer_present;
	size_t layer_first;            /* problems before it */
	struct vit_str layer_name;     /* a missing tensor of it */
	bool unsure;                   /* the size of some tensor is not known */
	unsigned probes;               /* of overlays that the configuration does not name */
};

/* The row of that name, or VIT_MAP_NONE. */
uint32_t vit_cmp_find(struct vit_cmp *c, struct vit_str name);
/* A stored tensor stands for w: marks it, counts it, compares sizes and dtype. `env` is
 * where w's expressions are evaluated; `counts`: parameters of the class. */
void vit_cmp_take(struct vit_cmp *c, struct vit_env *env, const struct vit_want *w, uint32_t row,
		  bool counts);
void vit_cmp_missing(struct vit_cmp *c, struct vit_str name, struct vit_env *env,
		     const struct vit_want *w);

/* overlay.c */
void vit_overlay_begin(struct vit_cmp *c, const struct vit_spec *overlay, struct vit_env *env);
/* Compares w in the form it is stored in; false when it is stored plainly or not at all. */
bool vit_overlay_take(struct vit_cmp *c, const struct vit_want *w);
/* Is some tensor of some form of w there? */
bool vit_overlay_present(struct vit_cmp *c, const struct vit_want *w);
/* Marks what may stand beside w and nothing else has claimed. */
void vit_overlay_extras(struct vit_cmp *c, const struct vit_want *w);
/* Looks whether w is stored as some overlay's packed form though no method is named. */
void vit_overlay_probe(struct vit_cmp *c, const struct vit_want *w);

#endif
