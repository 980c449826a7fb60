#include "spec/arch.h"

void vit_adapter_resolve(struct vit_held *h)
{
	h->out->is_adapter = true;
}
