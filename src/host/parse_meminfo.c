#include "base/num.h"
#include "host/parse.h"

static struct vit_known kilobytes(struct vit_str value)
{
	struct vit_known bytes = { false, 0 };
	uint64_t kilo;

	value = vit_str_trim(value);
	if (!vit_str_ends(value, VIT_STR(" kB")))
		return bytes;
	value = vit_str_trim(vit_str_sub(value, 0, value.n - 3));
	bytes.known = vit_parse_u64(value, &kilo) && vit_mul_u64(kilo, 1024, &bytes.value);
	if (!bytes.known)
		bytes.value = 0;
	return bytes;
}

void vit_parse_meminfo(struct vit_str text, struct vit_meminfo *out)
{
	struct vit_str line;
	const struct { const char *name; struct vit_known *value; } wanted[] = {
		{ "MemTotal", &out->total },        { "MemFree", &out->free },
		{ "MemAvailable", &out->available }, { "SwapTotal", &out->swap_total },
		{ "SwapFree", &out->swap_free },
	};

	*out = (struct vit_meminfo){ .total = { false, 0 } };
	while (vit_str_line(&text, &line)) {
		size_t colon = vit_str_find(line, VIT_STR(":"), 0);

		if (colon == SIZE_MAX)
			continue;
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (!wanted[i].value->known &&
			    vit_str_is(vit_str_sub(line, 0, colon), wanted[i].name))
				*wanted[i].value = kilobytes(vit_str_sub(line, colon + 1, line.n));
	}
}
