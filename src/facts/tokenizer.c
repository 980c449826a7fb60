#include "facts/tokenizer.h"

bool vit_tokenizer_added_id(const struct vit_tokenizer *t, struct vit_str content, uint64_t *id)
{
	for (uint32_t i = 0; i < t->added_count; i++) {
		if (vit_str_eq(t->added[i].content, content)) {
			*id = t->added[i].id;
			return true;
		}
	}
	for (uint32_t i = 0; i < t->named_count; i++) {
		if (vit_str_eq(t->named[i].content, content)) {
			*id = t->named[i].id;
			return true;
		}
	}
	return false;
}
