/*
 * Walks a tree of report nodes in document order, without recursion.
 *
 *	struct vit_walk w;
 *	vit_walk_init(&w, section->nodes);
 *	while ((e = vit_walk_next(&w, &node)) != VIT_WALK_END) ...
 *
 * A tree deeper than VIT_NODE_DEPTH is a mistake of whoever built it (VIT_BUG):
 * depth never comes from a model.
 */
#ifndef VIT_REPORT_WALK_H
#define VIT_REPORT_WALK_H

#include "report/report.h"

#define VIT_NODE_DEPTH 16

enum vit_walk_event {
	VIT_WALK_END,
	VIT_WALK_LEAF,  /* any node but a group */
	VIT_WALK_ENTER, /* a group; its children follow */
	VIT_WALK_LEAVE, /* the same group again, after its children */
};

struct vit_walk {
	const struct vit_node *at;
	const struct vit_node *stack[VIT_NODE_DEPTH];
	unsigned depth; /* groups open now */
};

void vit_walk_init(struct vit_walk *w, const struct vit_node *first);
enum vit_walk_event vit_walk_next(struct vit_walk *w, const struct vit_node **node);
/* Right after ENTER: neither the group's children nor its LEAVE will come. */
void vit_walk_skip(struct vit_walk *w);

#endif
