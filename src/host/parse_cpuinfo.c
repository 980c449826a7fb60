#include <stdlib.h>

#include "base/num.h"
#include "host/parse.h"

#define MAX_PROCESSORS 65536 /* the kernel's own ceiling is 8,192 */

struct core {
	uint64_t package, core;
};

/* What one block of lines says of a processor. */
struct block {
	struct vit_known package, core;
};

static int compare_cores(const void *a, const void *b)
{
	const struct core *x = a, *y = b;

	if (x->package != y->package)
		return x->package < y->package ? -1 : 1;
	return x->core < y->core ? -1 : x->core > y->core;
}

static struct vit_known distinct(const struct vit_vec *cores, uint64_t logical)
{
	struct vit_known count = { false, 0 };

	/* A processor without ids would be left out of the count: then say nothing. */
	if (cores->count == 0 || cores->count != logical)
		return count;
	qsort(cores->items, cores->count, sizeof(struct core), compare_cores);
	count.known = true;
	for (size_t i = 0; i < cores->count; i++)
		if (i == 0 || compare_cores(vit_vec_at(cores, i - 1), vit_vec_at(cores, i)) != 0)
			count.value++;
	return count;
}

static void end_block(struct block *b, struct vit_vec *cores)
{
	if (b->package.known && b->core.known && cores->count < MAX_PROCESSORS) {
		struct core *core = vit_vec_add(cores);

		core->package = b->package.value;
		core->core = b->core.value;
	}
	*b = (struct block){ { false, 0 }, { false, 0 } };
}

static void keep_first(struct vit_str *slot, struct vit_str value)
{
	if (slot->n == 0)
		*slot = value;
}

/* Names of the processor by architecture, best first. "Hardware" and "Model"
 * of small ARM boards name the board, so they are left alone. */
static void take_line(struct vit_str key, struct vit_str value, struct vit_cpuinfo *out,
		      struct block *b)
{
	if (vit_str_is(key, "model name") || vit_str_is(key, "cpu model") ||
	    vit_str_is(key, "cpu") || vit_str_is(key, "uarch"))
		keep_first(&out->model, value);
	else if (vit_str_is(key, "CPU implementer"))
		keep_first(&out->implementer, value);
	else if (vit_str_is(key, "CPU part"))
		keep_first(&out->part, value);
	else if (vit_str_is(key, "physical id"))
		b->package.known = vit_parse_u64(value, &b->package.value);
	else if (vit_str_is(key, "core id"))
		b->core.known = vit_parse_u64(value, &b->core.value);
}

void vit_parse_cpuinfo(struct vit_str text, struct vit_cpuinfo *out)
{
	struct vit_vec cores = VIT_VEC(sizeof(struct core));
	struct block b = { { false, 0 }, { false, 0 } };
	struct vit_str line;

	*out = (struct vit_cpuinfo){ .model = VIT_STR_EMPTY, .implementer = VIT_STR_EMPTY,
				     .part = VIT_STR_EMPTY };
	while (vit_str_line(&text, &line)) {
		size_t colon = vit_str_find(line, VIT_STR(":"), 0);
		struct vit_str key;

		if (colon == SIZE_MAX)
			continue;
		key = vit_str_trim(vit_str_sub(line, 0, colon));
		if (vit_str_is(key, "processor")) {
			end_block(&b, &cores);
			out->logical.known = true;
			out->logical.value++;
			continue;
		}
		take_line(key, vit_str_trim(vit_str_sub(line, colon + 1, line.n)), out, &b);
	}
	end_block(&b, &cores);
	out->physical = distinct(&cores, out->logical.value);
	vit_vec_free(&cores);
}
