#include "data/near.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/num.h"

#define BAND (VIT_NEAR_BINS / VIT_NEAR_BANDS)

static uint64_t scramble(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 29;
	x *= 0xd6e8feb86659fd93u;
	return x ^ x >> 32;
}

void vit_near_init(struct vit_near *n)
{
	memset(n, 0, sizeof *n);
}

void vit_near_release(struct vit_near *n)
{
	free(n->signatures);
	free(n->lines);
	free(n->files);
	free(n->bands);
	memset(n, 0, sizeof *n);
}

void vit_near_begin(struct vit_near_signature *s)
{
	memset(s->least, 0xff, sizeof s->least);
	s->before[0] = s->before[1] = 0;
	s->words = 0;
}

static void add_word(struct vit_near_signature *s, uint64_t word)
{
	uint64_t h = scramble(word ^ (s->before[0] << 21 | s->before[0] >> 43) ^ (s->before[1] << 42 | s->before[1] >> 22));
	unsigned bin = (unsigned)(h >> 58);
	uint32_t value = (uint32_t)h;

	if (s->words++ >= 2 && value < s->least[bin])
		s->least[bin] = value;
	s->before[1] = s->before[0];
	s->before[0] = word;
}

/* What a byte is to a word: it ends one, stands in one, or begins a character
 * from U+3000 on, which is a word by itself. */
enum { W_END, W_IN, W_ALONE };
#define IN8 W_IN, W_IN, W_IN, W_IN, W_IN, W_IN, W_IN, W_IN
#define ALONE8 W_ALONE, W_ALONE, W_ALONE, W_ALONE, W_ALONE, W_ALONE, W_ALONE, W_ALONE
static const unsigned char word_class[256] = {
	['0'] = IN8, W_IN, W_IN,
	['A'] = IN8, IN8, IN8, W_IN, W_IN,
	['a'] = IN8, IN8, IN8, W_IN, W_IN,
	[0x80] = IN8, IN8, IN8, IN8, IN8, IN8, IN8, IN8,
	[0xc0] = IN8, IN8, IN8, IN8,
	[0xe0] = W_IN, W_IN, W_IN, W_ALONE, W_ALONE, W_ALONE, W_ALONE, W_ALONE,
	[0xe8] = ALONE8, ALONE8, ALONE8,
};

/* n bytes, letters without case: bit 5 sets them small and leaves digits. Reads
 * up to 8 bytes at once where `room` lets it. */
static uint64_t hash_word(const unsigned char *p, size_t n, size_t room)
{
	uint64_t h = n, v;

	for (; n >= 8; n -= 8, p += 8, room -= 8) {
		v = vit_le64(p);
		h = (h ^ (v | 0x2020202020202020u)) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	if (n) {
		v = 0;
		if (room >= 8) {
			v = vit_le64(p) & (((uint64_t)1 << 8 * n) - 1);
		} else {
			for (size_t i = 0; i < n; i++)
				v |= (uint64_t)p[i] << 8 * i;
		}
		h = (h ^ (v | 0x2020202020202020u)) * 0x9e3779b97f4a7c15u;
	}
	return h ^ h >> 29;
}

void vit_near_text(struct vit_near_signature *s, struct vit_str text)
{
	const unsigned char *p = (const unsigned char *)text.p, *end;

	if (text.n == 0)
		return;
	end = p + text.n;
	for (;;) {
		const unsigned char *begin;

		while (p < end && word_class[*p] == W_END)
			p++;
		if (p == end)
			return;
		begin = p++;
		if (word_class[*begin] == W_ALONE)
			while (p < end && (*p & 0xc0) == 0x80)
				p++;
		else
			while (p < end && word_class[*p] == W_IN)
				p++;
		add_word(s, hash_word(begin, (size_t)(p - begin), (size_t)(end - begin)));
	}
}

/* Empty bins take the value of the next filled one, moved by the distance. */
static void fill(const struct vit_near_signature *s, uint16_t out[VIT_NEAR_BINS])
{
	for (unsigned i = 0; i < VIT_NEAR_BINS; i++) {
		unsigned step = 0;

		while (s->least[(i + step) % VIT_NEAR_BINS] == UINT32_MAX && step < VIT_NEAR_BINS)
			step++;
		out[i] = (uint16_t)(s->least[(i + step) % VIT_NEAR_BINS] + step * 0x6f3bu);
	}
}

/* The slot of a band: that of the first row with the same bins, or a free one;
 * NULL when a few tries find neither. */
static uint32_t *band_slot(const struct vit_near *n, unsigned band, const uint16_t *signature)
{
	uint32_t *table = n->bands + (size_t)band * n->slots;
	const uint16_t *bins = signature + band * BAND;
	uint64_t first, h;

	memcpy(&first, bins, sizeof first);
	h = scramble(first ^ (uint64_t)bins[BAND - 1] << 40 ^ bins[BAND - 1]);
	for (unsigned try = 0; try < 8; try++) {
		uint32_t *slot = &table[(h + try) & (n->slots - 1)];
		if (!*slot || memcmp(&n->signatures[(size_t)(*slot - 1) * VIT_NEAR_BINS + band * BAND], bins,
				     BAND * sizeof *bins) == 0)
			return slot;
	}
	return NULL;
}

static void grow(struct vit_near *n)
{
	n->room = n->room ? n->room * 2 : 1024;
	n->slots = n->room * 2;
	n->signatures = vit_xrealloc(n->signatures, (size_t)n->room * VIT_NEAR_BINS * sizeof *n->signatures);
	n->lines = vit_xrealloc(n->lines, (size_t)n->room * sizeof *n->lines);
	n->files = vit_xrealloc(n->files, n->room);
	free(n->bands);
	n->bands = vit_xcalloc((size_t)n->slots * VIT_NEAR_BANDS, sizeof *n->bands);
	for (uint32_t row = 0; row < n->count; row++)
		for (unsigned b = 0; b < VIT_NEAR_BANDS; b++) {
			uint32_t *slot = band_slot(n, b, &n->signatures[(size_t)row * VIT_NEAR_BINS]);
			if (slot && !*slot)
				*slot = row + 1;
		}
}

static unsigned alike(const uint16_t *a, const uint16_t *b)
{
	unsigned same = 0;

	for (unsigned i = 0; i < VIT_NEAR_BINS; i++)
		same += a[i] == b[i];
	return same;
}

bool vit_near_add(struct vit_near *n, const struct vit_near_signature *s, unsigned file, uint32_t line,
		  unsigned *of_file, uint32_t *of_line)
{
	uint16_t *mine;
	bool found = false;

	if (s->words < VIT_NEAR_WORDS)
		return false;
	if (n->count == VIT_NEAR_ROWS) {
		/* Nothing is compared any more: the memory goes back. */
		if (!n->partial) {
			vit_near_release(n);
			n->count = VIT_NEAR_ROWS;
			n->partial = true;
		}
		return false;
	}
	if (n->count == n->room)
		grow(n);
	mine = &n->signatures[(size_t)n->count * VIT_NEAR_BINS];
	fill(s, mine);
	n->lines[n->count] = line;
	n->files[n->count] = (unsigned char)file;
	for (unsigned b = 0; b < VIT_NEAR_BANDS; b++) {
		uint32_t *slot = band_slot(n, b, mine);

		if (!slot || found)
			continue;
		if (!*slot) {
			*slot = n->count + 1;
			continue;
		}
		/* The first of its kind stays, so that each copy is told from the original. */
		uint32_t row = *slot - 1;
		found = alike(mine, &n->signatures[(size_t)row * VIT_NEAR_BINS]) >= VIT_NEAR_SIMILAR;
		*of_file = n->files[row];
		*of_line = n->lines[row];
	}
	n->count++;
	return found;
}
