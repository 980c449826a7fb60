#include "report/walk.h"

#include "base/err.h"

void vit_walk_init(struct vit_walk *w, const struct vit_node *first)
{
	w->at = first;
	w->depth = 0;
}

enum vit_walk_event vit_walk_next(struct vit_walk *w, const struct vit_node **node)
{
	if (!w->at) {
		if (w->depth == 0)
			return VIT_WALK_END;
		*node = w->stack[--w->depth];
		w->at = (*node)->next;
		return VIT_WALK_LEAVE;
	}
	*node = w->at;
	if ((*node)->kind != VIT_NODE_GROUP) {
		w->at = (*node)->next;
		return VIT_WALK_LEAF;
	}
	if (w->depth == VIT_NODE_DEPTH)
		VIT_BUG("report nodes nested too deep");
	w->stack[w->depth++] = *node;
	w->at = (*node)->children;
	return VIT_WALK_ENTER;
}

void vit_walk_skip(struct vit_walk *w)
{
	w->at = w->stack[--w->depth]->next;
}
