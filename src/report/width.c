#include "report/width.h"

#include "base/utf8.h"

struct range {
	uint32_t first, last;
	unsigned width;
};

static const struct range ranges[] = {
	{ 0x0300, 0x036f, 0 },   { 0x0483, 0x0489, 0 },   { 0x0591, 0x05bd, 0 },
	{ 0x0610, 0x061a, 0 },   { 0x064b, 0x065f, 0 },   { 0x0e31, 0x0e31, 0 },
	{ 0x0e34, 0x0e3a, 0 },   { 0x0e47, 0x0e4e, 0 },   { 0x1100, 0x115f, 2 },
	{ 0x1ab0, 0x1aff, 0 },   { 0x1dc0, 0x1dff, 0 },   { 0x200b, 0x200d, 0 },
	{ 0x2060, 0x2064, 0 },   { 0x20d0, 0x20ff, 0 },   { 0x2e80, 0x303e, 2 },
	{ 0x3041, 0x33ff, 2 },   { 0x3400, 0x4dbf, 2 },   { 0x4e00, 0x9fff, 2 },
	{ 0xa000, 0xa4cf, 2 },   { 0xa960, 0xa97f, 2 },   { 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },   { 0xfe00, 0xfe0f, 0 },   { 0xfe20, 0xfe2f, 0 },
	{ 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 },   { 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 }, { 0x1f900, 0x1f9ff, 2 },
	{ 0x1fa70, 0x1faff, 2 }, { 0x20000, 0x3fffd, 2 }, { 0xe0000, 0xe01ef, 0 },
};

static unsigned width_of(uint32_t cp)
{
	if (cp < ranges[0].first)
		return 1;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return ranges[i].width;
	return 1;
}

struct vit_str vit_width_cut(struct vit_str s, size_t columns)
{
	size_t at = 0, used = 0;

	while (at < s.n) {
		uint32_t cp = '?';
		size_t took = vit_utf8_decode(vit_str_sub(s, at, s.n), &cp);
		used += width_of(cp);
		if (used > columns)
			break;
		at += took ? took : 1;
	}
	return vit_str_sub(s, 0, at);
}

size_t vit_width(struct vit_str s)
{
	size_t at = 0, used = 0;

	while (at < s.n) {
		uint32_t cp = '?';
		size_t took = vit_utf8_decode(vit_str_sub(s, at, s.n), &cp);
		used += width_of(cp);
		at += took ? took : 1;
	}
	return used;
}
