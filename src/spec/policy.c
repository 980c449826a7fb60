#include "spec/policy.h"

#include "base/utf8.h"
#include "spec/load.h"

static bool text_of(struct vit_loader *l, const struct vit_yaml *map, const char *key,
		    struct vit_str *out)
{
	const struct vit_yaml *n = vit_yaml_get(map, key);

	*out = VIT_STR_EMPTY;
	if (!n)
		return true;
	if (!vit_load_text(l, n, out))
		return false;
	if (vit_str_trim(*out).n == 0)
		return vit_load_fail(l, n->line, n->column, "%s may not be empty", key);
	return true;
}

static bool check_id(struct vit_loader *l, uint32_t line, uint32_t column, struct vit_str name,
		     enum vit_check_id *out)
{
	enum vit_check_id near;
	struct vit_buf shown;

	*out = vit_check_find(name);
	if (*out != VIT_CK_COUNT)
		return true;
	near = vit_check_nearest(name);
	vit_buf_init(&shown, 200);
	vit_display(&shown, name, 60);
	if (near == VIT_CK_COUNT)
		vit_load_fail(l, line, column, "no check has the id \"%s\"", shown.p);
	else
		vit_load_fail(l, line, column, "no check has the id \"%s\", did you mean \"%s\"?",
			      shown.p, vit_check_info(near)->id);
	vit_buf_release(&shown);
	return false;
}

static bool member_id(struct vit_loader *l, const struct vit_yaml *map, enum vit_check_id *out)
{
	const struct vit_yaml *n = vit_yaml_get(map, "id");
	struct vit_str name;

	if (!n)
		return vit_load_fail(l, map->line, map->column, "an id is required here");
	return vit_load_text(l, n, &name) && check_id(l, n->line, n->column, name, out);
}

/* "error", "warning", "note"; false when it is none of them. */
static bool severity_named(struct vit_str name, enum vit_severity *out)
{
	for (unsigned i = VIT_SEV_NOTE; i <= VIT_SEV_ERROR; i++) {
		if (!vit_str_is(name, vit_severity_name((enum vit_severity)i)))
			continue;
		*out = (enum vit_severity)i;
		return true;
	}
	return false;
}

static bool load_fail_on(struct vit_loader *l, const struct vit_yaml *doc, struct vit_policy *p)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "fail_on");
	struct vit_str name;

	if (!n)
		return true;
	if (!vit_load_text(l, n, &name))
		return false;
	if (severity_named(name, &p->fail_on))
		return true;
	return vit_load_fail_at(l, n, "error, warning or note is expected here");
}

static bool load_severity(struct vit_loader *l, const struct vit_yaml *n, struct vit_policy *p)
{
	enum vit_check_id id;
	struct vit_str name;

	if (!check_id(l, n->key_line, n->key_column, n->key, &id) || !vit_load_text(l, n, &name))
		return false;
	p->off[id] = vit_str_is(name, "off");
	p->has_severity[id] = !p->off[id];
	if (!p->off[id] && !severity_named(name, &p->severity[id]))
		return vit_load_fail_at(l, n, "error, warning, note or off is expected here");
	if (vit_check_info(id)->severity == VIT_SEV_FROZEN &&
	    (p->off[id] || p->severity[id] != VIT_SEV_ERROR))
		return vit_load_fail(l, n->line, n->column,
				     "%s is an error that no policy may demote; a waiver with a "
				     "reason and an end date can accept one case of it",
				     vit_check_info(id)->id);
	return true;
}

static bool load_severities(struct vit_loader *l, const struct vit_yaml *doc, struct vit_policy *p)
{
	const struct vit_yaml *map = vit_yaml_get(doc, "severity");

	if (!map)
		return true;
	if (!vit_load_kind(l, map, VIT_YAML_MAPPING))
		return false;
	for (uint32_t i = 0; i < map->count; i++)
		if (!load_severity(l, &map->children[i], p))
			return false;
	return true;
}

static bool digits(struct vit_str s, size_t from, size_t to, int64_t *out)
{
	*out = 0;
	for (size_t i = from; i < to; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

static int64_t month_days(int64_t year, int64_t month)
{
	static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* "2026-12-31" as days since the epoch. */
static bool parse_day(struct vit_str s, int64_t *out)
{
	int64_t y, m, d;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits(s, 0, 4, &y) ||
	    !digits(s, 5, 7, &m) || !digits(s, 8, 10, &d))
		return false;
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return false;
	/* Days before the year, in the proleptic Gregorian calendar, then before the month. */
	int64_t days = 365 * (y - 1) + (y - 1) / 4 - (y - 1) / 100 + (y - 1) / 400;
	for (int64_t i = 1; i < m; i++)
		days += month_days(y, i);
	*out = days + d - 1 - 719162; /* 0001-01-01 is day -719162 */
	return true;
}

static bool load_waiver(struct vit_loader *l, const struct vit_yaml *n, struct vit_waiver *w)
{
	static const char *const known[] = { "id", "path", "reason", "until", NULL };
	const struct vit_yaml *until = vit_yaml_get(n, "until");

	w->line = n->line;
	w->until = INT64_MAX;
	if (!vit_load_keys(l, n, known) || !member_id(l, n, &w->id) ||
	    !text_of(l, n, "path", &w->path) || !text_of(l, n, "reason", &w->reason))
		return false;
	if (w->reason.n == 0)
		return vit_load_fail(l, n->line, n->column, "a waiver needs a reason");
	if (!until || (until->kind == VIT_YAML_SCALAR && parse_day(until->text, &w->until)))
		return true;
	return vit_load_fail_at(l, until, "a day is expected here, as 2026-12-31");
}

static bool load_entry(struct vit_loader *l, const struct vit_yaml *n,
		       struct vit_baseline_entry *e)
{
	static const char *const known[] = { "id", "path", "pointer", "tensor", NULL };

	return vit_load_keys(l, n, known) && member_id(l, n, &e->id) &&
	       text_of(l, n, "path", &e->path) && text_of(l, n, "pointer", &e->pointer) &&
	       text_of(l, n, "tensor", &e->tensor);
}

/* A list under `key`, checked for its kind and length; NULL without failure
 * when there is none. */
static bool list_of(struct vit_loader *l, const struct vit_yaml *doc, const char *key,
		    const struct vit_yaml **out)
{
	*out = vit_yaml_get(doc, key);
	if (!*out)
		return true;
	if (!vit_load_kind(l, *out, VIT_YAML_SEQUENCE))
		return false;
	if ((*out)->count > VIT_POLICY_MAX_WAIVERS)
		return vit_load_fail(l, (*out)->line, (*out)->column, "more than %d entries",
				     VIT_POLICY_MAX_WAIVERS);
	return true;
}

static bool load_waivers(struct vit_loader *l, const struct vit_yaml *doc, struct vit_policy *p)
{
	const struct vit_yaml *list;

	if (!list_of(l, doc, "waivers", &list))
		return false;
	if (!list)
		return true;
	p->waivers = VIT_NEW_ARRAY(l->arena, list->count, struct vit_waiver);
	p->waiver_count = list->count;
	for (uint32_t i = 0; i < list->count; i++)
		if (!load_waiver(l, &list->children[i], &p->waivers[i]))
			return false;
	return true;
}

static bool load_baseline(struct vit_loader *l, const struct vit_yaml *doc, struct vit_policy *p)
{
	const struct vit_yaml *list;

	if (!list_of(l, doc, "baseline", &list))
		return false;
	if (!list)
		return true;
	p->baseline = VIT_NEW_ARRAY(l->arena, list->count, struct vit_baseline_entry);
	p->baseline_count = list->count;
	for (uint32_t i = 0; i < list->count; i++)
		if (!load_entry(l, &list->children[i], &p->baseline[i]))
			return false;
	return true;
}

static bool check_schema(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "schema");

	if (!n)
		return vit_load_fail(l, doc->line, doc->column,
				     "\"schema: vitalis-policy/1\" is required");
	if (n->kind == VIT_YAML_SCALAR && vit_str_is(n->text, "vitalis-policy/1"))
		return true;
	return vit_load_fail_at(l, n, "the schema must be vitalis-policy/1");
}

enum vit_errc vit_policy_load(struct vit_arena *a, struct vit_str text, struct vit_str source,
			      struct vit_policy *out, struct vit_err *err)
{
	static const char *const known[] = { "schema", "fail_on", "severity", "waivers", "baseline",
					     NULL };
	/* The loader's parts fill err; a caller may do without. */
	struct vit_err local = { .code = VIT_OK };
	struct vit_loader l = { .arena = a, .source = source, .err = err ? err : &local };
	const struct vit_yaml *doc;
	enum vit_errc rc = vit_yaml_parse(a, text, source, &doc, err);

	if (rc)
		return rc;
	*out = (struct vit_policy){ .source = source, .fail_on = VIT_SEV_ERROR };
	if (!check_schema(&l, doc) || !vit_load_keys(&l, doc, known) ||
	    !load_fail_on(&l, doc, out) || !load_severities(&l, doc, out) ||
	    !load_waivers(&l, doc, out) || !load_baseline(&l, doc, out))
		return l.err->code;
	return VIT_OK;
}
