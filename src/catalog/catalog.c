#include "catalog/catalog.h"

/* Severities as the .def files spell them. */
#define ERROR VIT_SEV_ERROR
#define WARNING VIT_SEV_WARNING
#define NOTE VIT_SEV_NOTE
#define FROZEN VIT_SEV_FROZEN

/* The ids come from the same rows, spelled "area/slug" (check_ids.cmake). */
static const struct vit_check_info rows[] = {
#define VIT_CHECK(a, slug, sev, since_, title_, rationale_, remedy_, hidden_by_) \
	{                                                                        \
		.area = VIT_AREA_##a,                                            \
		.severity = (sev),                                               \
		.id = VIT_ID_##a##_##slug,                                       \
		.since = (since_),                                               \
		.title = (title_),                                               \
		.rationale = (rationale_),                                       \
		.remedy = (remedy_),                                             \
		.hidden_by = (hidden_by_),                                       \
	},
#include "check_ids.h"
#include "catalog/checks.def"
#undef VIT_CHECK
};

static const char *const area_names[VIT_AREA_COUNT] = {
	"files",  "config",   "tokenizer", "weights", "architecture", "integrity",
	"system", "runtimes", "python",    "data",    "forecast",
};

const struct vit_check_info *vit_check_info(enum vit_check_id id)
{
	return &rows[id];
}

enum vit_check_id vit_check_find(struct vit_str id)
{
	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		if (vit_str_is(id, rows[i].id))
			return (enum vit_check_id)i;
	return VIT_CK_COUNT;
}

enum vit_check_id vit_check_nearest(struct vit_str id)
{
	/* Without an area the slug alone is compared: people remember that part. */
	bool bare = vit_str_find(id, VIT_STR("/"), 0) == SIZE_MAX;
	unsigned best = 5;
	enum vit_check_id found = VIT_CK_COUNT;

	for (unsigned i = 0; i < VIT_CK_COUNT; i++) {
		struct vit_str known = vit_str_c(rows[i].id);
		if (bare)
			known = vit_str_sub(known, vit_str_find(known, VIT_STR("/"), 0) + 1, known.n);
		unsigned d = vit_str_distance(id, known, best);
		if (d < best) {
			best = d;
			found = (enum vit_check_id)i;
		}
	}
	return found;
}

const char *vit_area_name(enum vit_area a)
{
	return area_names[a];
}

enum vit_area vit_area_find(struct vit_str name)
{
	for (unsigned i = 0; i < VIT_AREA_COUNT; i++)
		if (vit_str_is(name, area_names[i]))
			return (enum vit_area)i;
	return VIT_AREA_COUNT;
}

const char *vit_severity_name(enum vit_severity s)
{
	switch (s) {
	case VIT_SEV_NOTE:
		return "note";
	case VIT_SEV_WARNING:
		return "warning";
	case VIT_SEV_ERROR:
	case VIT_SEV_FROZEN:
		return "error";
	}
	return "error";
}
