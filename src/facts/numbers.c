#include "facts/numbers.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"

const char *vit_number_kind_name(enum vit_number_kind k)
{
	switch (k) {
	case VIT_NK_BYTES:
		return "bytes";
	case VIT_NK_F64:
		return "f64";
	case VIT_NK_F32:
		return "f32";
	case VIT_NK_F16:
		return "f16";
	case VIT_NK_BF16:
		return "bf16";
	case VIT_NK_E4M3:
		return "e4m3";
	case VIT_NK_E5M2:
		return "e5m2";
	case VIT_NK_E4M3FNUZ:
		return "e4m3fnuz";
	case VIT_NK_E5M2FNUZ:
		return "e5m2fnuz";
	case VIT_NK_E8M0:
		return "e8m0";
	}
	return "bytes";
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A part of a name that is a number becomes '*'; "layers.12.fc1" -> "layers.*.fc1". */
static void add_pattern(struct vit_buf *out, struct vit_str name)
{
	for (size_t i = 0; i < name.n;) {
		size_t end = i;
		while (end < name.n && is_digit(name.p[end]))
			end++;
		if (end > i && (i == 0 || name.p[i - 1] == '.') && (end == name.n || name.p[end] == '.')) {
			vit_buf_putc(out, '*');
			i = end;
		} else {
			vit_buf_putc(out, name.p[i++]);
		}
	}
}

/* Names of one pattern: by their numbers. Of two runs of digits the longer is larger,
 * for numbers in names have no leading zeros; where they do, the order is still one. */
static int by_numbers(struct vit_str a, struct vit_str b)
{
	size_t i = 0, j = 0;

	while (i < a.n && j < b.n) {
		if (is_digit(a.p[i]) && is_digit(b.p[j])) {
			size_t x = i, y = j;
			while (x < a.n && is_digit(a.p[x]))
				x++;
			while (y < b.n && is_digit(b.p[y]))
				y++;
			if (x - i != y - j)
				return x - i < y - j ? -1 : 1;
		}
		if (a.p[i] != b.p[j])
			return (unsigned char)a.p[i] < (unsigned char)b.p[j] ? -1 : 1;
		i++;
		j++;
	}
	return (i < a.n) - (j < b.n);
}

/* The key of a group: pattern, then dtype and shape as bytes. Into scratch. */
static struct vit_str make_key(struct vit_buf *scratch, const struct vit_tensor *t, size_t *pattern_n)
{
	vit_buf_clear(scratch);
	add_pattern(scratch, t->name);
	*pattern_n = scratch->n;
	vit_buf_putc(scratch, 0);
	vit_buf_putc(scratch, (char)t->dtype);
	for (uint16_t i = 0; i < t->rank; i++)
		vit_buf_add(scratch, &t->shape[i], sizeof t->shape[i]);
	return vit_buf_view(scratch);
}

struct member {
	struct vit_str name;
	uint32_t group, row;
};

static int by_group(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	int c;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	c = by_numbers(a->name, b->name);
	return c ? c : a->row < b->row ? -1 : 1;
}

void vit_peers_find(struct vit_arena *a, const struct vit_weights *w, const struct vit_number_facts *n,
		    struct vit_peer_table *out)
{
	struct vit_arena *keys = vit_arena_new();
	struct vit_vec groups = VIT_VEC(sizeof(struct vit_peers));
	struct member *members = vit_xcalloc((size_t)n->measured + 1, sizeof *members);
	struct vit_buf scratch;
	struct vit_map map;
	uint32_t count = 0;
	size_t taken;

	vit_buf_init(&scratch, SIZE_MAX / 2);
	vit_map_init(&map, 256);
	for (uint32_t i = 0; i < w->tensor_count && count < n->measured; i++) {
		const struct vit_tensor *t = &w->tensors[i];
		size_t pattern_n;
		uint32_t g;
		if (!n->tensors[i].measured)
			continue;
		struct vit_str key = make_key(&scratch, t, &pattern_n);
		g = vit_map_get(&map, key);
		if (g == VIT_MAP_NONE) {
			struct vit_peers *new = vit_vec_add(&groups);
			key = vit_arena_str(keys, key);
			new->pattern = vit_arena_str(a, vit_str_sub(key, 0, pattern_n));
			g = (uint32_t)(groups.count - 1);
			vit_map_set(&map, key, g);
		}
		members[count++] = (struct member){ .name = t->name, .group = g, .row = i };
	}
	qsort(members, count, sizeof *members, by_group);
	out->groups = vit_vec_take(&groups, a, &taken);
	out->count = (uint32_t)taken;
	out->rows = VIT_NEW_ARRAY(a, (size_t)count + 1, uint32_t);
	for (uint32_t i = 0; i < count; i++) {
		struct vit_peers *g = &out->groups[members[i].group];
		out->rows[i] = members[i].row;
		if (g->count++ == 0)
			g->first = i;
	}
	vit_map_release(&map);
	vit_buf_release(&scratch);
	free(members);
	vit_arena_free(keys);
}
