/* Devices by name: words against words. */
#include "base/num.h"
#include "base/utf8.h"
#include "spec/hardware.h"

#define MAX_WORDS 24
#define WORD      24

/* A name as lower-case words of letters and digits; longer ones are cut. */
struct words {
	char text[MAX_WORDS][WORD];
	unsigned count;
	uint64_t memory_gb; /* from a word such as "24gb"; 0: none */
};

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_series(const char *w)
{
	return strcmp(w, "rtx") == 0 || strcmp(w, "gtx") == 0 || strcmp(w, "rx") == 0;
}

static bool is_vendor(const char *w)
{
	static const char *const vendors[] = { "apple",    "nvidia", "geforce",  "amd",
					       "radeon",   "tesla",  "instinct", "gpu",
					       "graphics", "tm",     "r" };

	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (strcmp(w, vendors[i]) == 0)
			return true;
	return false;
}

/* "24gb" -> 24. */
static uint64_t memory_word(const char *w)
{
	struct vit_str s = vit_str_c(w);
	uint64_t gb = 0;

	if (vit_str_ends(s, VIT_STR("gb")))
		s.n -= 2;
	else if (vit_str_ends(s, VIT_STR("gib")))
		s.n -= 3;
	else
		return 0;
	return vit_parse_u64(s, &gb) ? gb : 0;
}

/* The next word, from *at on: "rtx3080" is two, as "rtx 3080" is. */
static void next_word(struct vit_str name, size_t *at, char *w)
{
	size_t i = *at, n = 0;

	while (i < name.n && !is_alnum(lower(name.p[i])))
		i++;
	for (; i < name.n && is_alnum(lower(name.p[i])); i++) {
		w[n] = 0;
		if (is_digit(name.p[i]) && is_series(w))
			break;
		if (n + 1 < WORD)
			w[n++] = lower(name.p[i]);
	}
	w[n] = 0;
	*at = i;
}

/* "12 GB" is one word, as "12gb" is. */
static void join_memory(struct vit_str name, size_t *at, char *w)
{
	char unit[WORD];
	size_t next = *at, n = strlen(w);

	if (n == 0 || n + 4 > WORD || strspn(w, "0123456789") != n)
		return;
	next_word(name, &next, unit);
	if (strcmp(unit, "gb") != 0 && strcmp(unit, "gib") != 0)
		return;
	memcpy(w + n, unit, strlen(unit) + 1);
	*at = next;
}

static void split(struct vit_str name, struct words *out)
{
	size_t i = 0;

	*out = (struct words){ .count = 0 };
	while (i < name.n && out->count < MAX_WORDS) {
		char *w = out->text[out->count];

		next_word(name, &i, w);
		join_memory(name, &i, w);
		if (w[0] == 0 || is_vendor(w))
			continue;
		if (memory_word(w))
			out->memory_gb = memory_word(w);
		out->count++;
	}
}

static bool has(const struct words *all, const char *word)
{
	for (unsigned i = 0; i < all->count; i++)
		if (strcmp(all->text[i], word) == 0)
			return true;
	return false;
}

/* Words that make another product of what stands before them. */
static bool is_qualifier(const char *w)
{
	static const char *const all[] = { "ti",  "super", "laptop", "mobile",   "q",    "xt",
					   "xtx", "gre",   "d",      "nvl",      "pcie", "pro",
					   "max", "ultra", "ada",    "blackwell" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(w, all[i]) == 0)
			return true;
	return false;
}

/* How many words of the pattern the name has: all of them, or 0. A qualifier of
 * the name that neither the pattern nor the device's own name has: 0. */
static unsigned fits(const struct words *name, struct vit_str pattern, const struct vit_hardware *h)
{
	struct words p, own;

	split(pattern, &p);
	split(h->name, &own);
	for (unsigned i = 0; i < p.count; i++)
		if (!has(name, p.text[i]))
			return 0;
	for (unsigned i = 0; i < name->count; i++)
		if (is_qualifier(name->text[i]) && !has(&p, name->text[i]) &&
		    !has(&own, name->text[i]))
			return 0;
	return p.count;
}

/* More words of a way to name it count most, then words of its own name ("40-core"). */
static unsigned fits_any(const struct words *name, const struct vit_hardware *h)
{
	unsigned best = 0;
	struct words own;

	for (uint32_t i = 0; i < h->match_count; i++) {
		unsigned n = fits(name, h->match[i], h);

		best = n > best ? n : best;
	}
	split(h->name, &own);
	best *= MAX_WORDS;
	for (unsigned i = 0; best && i < name->count; i++)
		best += has(&own, name->text[i]);
	return best;
}

struct vit_str vit_hardware_slug(struct vit_arena *a, struct vit_str name)
{
	struct vit_buf b;
	struct vit_str slug;
	struct words w;

	split(name, &w);
	vit_buf_init(&b, sizeof w.text);
	for (unsigned i = 0; i < w.count; i++)
		vit_buf_printf(&b, "%s%s", i ? "-" : "", w.text[i]);
	slug = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return slug;
}

static bool sold_with(const struct vit_hardware *h, uint64_t gb)
{
	for (uint32_t i = 0; i < h->memory_count; i++)
		if (h->memory[i] == gb)
			return true;
	return false;
}

/* The size sold that is nearest to what was told. */
static uint64_t nearest_size(const struct vit_hardware *h, uint64_t bytes)
{
	uint64_t best = (uint64_t)h->memory[0] << 30;

	for (uint32_t i = 1; i < h->memory_count; i++) {
		uint64_t size = (uint64_t)h->memory[i] << 30;
		uint64_t d = size > bytes ? size - bytes : bytes - size;
		uint64_t e = best > bytes ? best - bytes : bytes - best;

		best = d < e ? size : best;
	}
	return best;
}

void vit_hardware_match(const struct vit_hardware_db *db, struct vit_str name, uint64_t memory,
			struct vit_hardware_choice *out)
{
	struct words w;
	unsigned best = 0;         /* of fits_any */
	uint64_t off = UINT64_MAX; /* of the memory, among equals */

	*out = (struct vit_hardware_choice){ .row = NULL };
	split(name, &w);
	if (!memory && w.memory_gb)
		memory = w.memory_gb << 30;
	for (size_t i = 0; i < db->count; i++) {
		const struct vit_hardware *h = &db->rows[i];
		unsigned n = fits_any(&w, h);
		uint64_t size = nearest_size(h, memory);
		uint64_t d = size > memory ? size - memory : memory - size;

		/* without a memory to go by, the first of equal names */
		if (n == 0 || n < best || (n == best && (!memory || d >= off)))
			continue;
		best = n;
		off = d;
		*out = (struct vit_hardware_choice){ h,
						     memory ? size : (uint64_t)h->memory[0] << 30,
						     memory == 0 };
	}
}

/* Every word of the user's name is one of the device's: "h100" of "NVIDIA H100 SXM". */
static bool abbreviates(const struct words *w, const struct vit_hardware *h)
{
	struct words own;

	split(h->name, &own);
	for (unsigned i = 0; i < w->count; i++)
		if (!has(&own, w->text[i]) &&
		    !(memory_word(w->text[i]) && sold_with(h, memory_word(w->text[i]))))
			return false;
	return w->count > 0;
}

static enum vit_errc several(const struct vit_hardware_db *db, const struct words *w,
			     struct vit_str name, struct vit_hardware_choice *out,
			     struct vit_err *err)
{
	const struct vit_hardware *found = NULL;
	struct vit_buf names;
	unsigned count = 0;

	vit_buf_init(&names, 160);
	for (size_t i = 0; i < db->count; i++) {
		if (!abbreviates(w, &db->rows[i]))
			continue;
		found = &db->rows[i];
		vit_buf_printf(&names, "%s%.*s", count++ ? ", " : "", VIT_FMT(found->slug));
	}
	if (count == 1)
		*out = (struct vit_hardware_choice){ found, (uint64_t)found->memory[0] << 30,
						     found->memory_count > 1 };
	else if (count > 1)
		vit_err_set(err, VIT_E_USAGE, "%.*s names several devices: %s%s", VIT_FMT(name),
			    names.p, names.full ? ", ..." : "");
	vit_buf_release(&names);
	return count > 1 ? VIT_E_USAGE : VIT_OK;
}

static enum vit_errc unknown(const struct vit_hardware_db *db, struct vit_str name,
			     struct vit_err *err)
{
	const struct vit_hardware *near[3] = { NULL, NULL, NULL };
	unsigned distance[3] = { 8, 8, 8 };
	struct vit_buf shown, names;

	for (size_t i = 0; i < db->count; i++) {
		const struct vit_hardware *h = &db->rows[i];
		unsigned d = vit_str_distance(name, h->slug, 8);

		for (unsigned k = 0; k < 3; k++) {
			unsigned before = distance[k];
			const struct vit_hardware *row = near[k];

			if (d >= distance[k])
				continue;
			distance[k] = d;
			near[k] = h;
			d = before;
			h = row;
			if (!h)
				break;
		}
	}
	vit_buf_init(&shown, 100);
	vit_buf_init(&names, 120);
	vit_display(&shown, name, 40);
	for (unsigned k = 0; k < 3 && near[k]; k++)
		vit_buf_printf(&names, "%s%.*s", k ? ", " : "", VIT_FMT(near[k]->slug));
	if (names.n)
		vit_err_set(err, VIT_E_USAGE,
			    "%s: no such device in the catalogue; the nearest names are %s "
			    "(`vitalis-audit specs` lists all)",
			    shown.p, names.p);
	else
		vit_err_set(err, VIT_E_USAGE,
			    "%s: no such device in the catalogue (`vitalis-audit specs` lists "
			    "all)",
			    shown.p);
	vit_buf_release(&shown);
	vit_buf_release(&names);
	return VIT_E_USAGE;
}

static enum vit_errc wrong_memory(const struct vit_hardware *h, uint64_t gb, struct vit_err *err)
{
	struct vit_buf sizes;

	vit_buf_init(&sizes, 100);
	for (uint32_t i = 0; i < h->memory_count; i++)
		vit_buf_printf(&sizes, "%s%u", i ? ", " : "", h->memory[i]);
	vit_err_set(err, VIT_E_USAGE, "%.*s is not in the catalogue with %llu GB (it has %s)",
		    VIT_FMT(h->name), (unsigned long long)gb, sizes.p);
	vit_buf_release(&sizes);
	return VIT_E_USAGE;
}

enum vit_errc vit_hardware_find(const struct vit_hardware_db *db, struct vit_str name,
				struct vit_hardware_choice *out, struct vit_err *err)
{
	struct words w;
	enum vit_errc rc;

	split(name, &w);
	vit_hardware_match(db, name, 0, out);
	if (!out->row) {
		rc = several(db, &w, name, out, err);
		if (rc)
			return rc;
	}
	if (!out->row)
		return unknown(db, name, err);
	/* a memory that the name says must be one that is sold, save in a driver's name */
	if (w.memory_gb && out->memory != w.memory_gb << 30)
		return wrong_memory(out->row, w.memory_gb, err);
	if (!w.memory_gb)
		out->memory_assumed = out->row->memory_count > 1;
	return VIT_OK;
}
