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

/* HugePages_Total and HugePages_Free count pages and have no unit. */
static struct vit_known pages(struct vit_str value)
{
	struct vit_known count = { false, 0 };

	count.known = vit_parse_u64(vit_str_trim(value), &count.value);
	if (!count.known)
		count.value = 0;
	return count;
}

/* `node`: the file of one node, where "Node N " stands before each name. */
static void parse(struct vit_str text, bool node, struct vit_meminfo *out)
{
	struct vit_str line;
	const struct {
		const char *name;
		struct vit_known *value;
		struct vit_known (*read)(struct vit_str value);
	} wanted[] = {
		{ "MemTotal", &out->total, kilobytes },
		{ "MemFree", &out->free, kilobytes },
		{ "MemAvailable", &out->available, kilobytes },
		{ "SwapTotal", &out->swap_total, kilobytes },
		{ "SwapFree", &out->swap_free, kilobytes },
		{ "Hugetlb", &out->huge, kilobytes },
		{ "HugePages_Total", &out->huge_count, pages },
		{ "HugePages_Free", &out->huge_free, pages },
		{ "Hugepagesize", &out->huge_size, kilobytes },
	};

	*out = (struct vit_meminfo){ .total = { false, 0 } };
	while (vit_str_line(&text, &line)) {
		size_t colon = vit_str_find(line, VIT_STR(":"), 0);
		struct vit_str name;

		if (colon == SIZE_MAX)
			continue;
		name = vit_str_sub(line, 0, colon);
		if (node) {
			size_t blank = vit_str_rchr(name, ' ');

			if (blank == SIZE_MAX || !vit_str_starts(name, VIT_STR("Node ")))
				continue;
			name = vit_str_sub(name, blank + 1, name.n);
		}
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (!wanted[i].value->known && vit_str_is(name, wanted[i].name))
				*wanted[i].value =
					wanted[i].read(vit_str_sub(line, colon + 1, line.n));
	}
}

void vit_parse_meminfo(struct vit_str text, struct vit_meminfo *out)
{
	parse(text, false, out);
}

void vit_parse_node_meminfo(struct vit_str text, struct vit_meminfo *out)
{
	parse(text, true, out);
}

struct vit_known vit_parse_pressure(struct vit_str text)
{
	struct vit_known k = { false, 0 };
	struct vit_str line, word;
	double percent;

	while (vit_str_line(&text, &line)) {
		if (!vit_str_split(&line, ' ', &word) || !vit_str_is(word, "some"))
			continue;
		if (!vit_str_split(&line, ' ', &word) ||
		    !vit_str_starts(word, VIT_STR("avg10=")) ||
		    !vit_parse_double(vit_str_sub(word, 6, word.n), &percent) || percent < 0 ||
		    percent > 100)
			continue;
		k.known = true;
		k.value = (uint64_t)(percent * 100 + 0.5);
		break;
	}
	return k;
}
