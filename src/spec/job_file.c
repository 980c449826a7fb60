/* Jobs: the entry, and the strict `vitalis-job/1`. */
#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"
#include "spec/job_internal.h"

void vit_job_note(struct vit_job_reader *r, const char *fmt, ...)
{
	struct vit_buf b;
	va_list ap;

	vit_buf_init(&b, 1000);
	va_start(ap, fmt);
	vit_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	*(struct vit_str *)vit_vec_add(&r->notes) = vit_arena_str(r->l.arena, vit_buf_view(&b));
	vit_buf_release(&b);
}

static bool load_packages(struct vit_job_reader *r, const struct vit_yaml *n)
{
	if (!vit_load_kind(&r->l, n, VIT_YAML_MAPPING))
		return false;
	if (n->count > VIT_JOB_MAX_ITEMS)
		return vit_load_fail(&r->l, n->line, n->column, "more than %d packages",
				     VIT_JOB_MAX_ITEMS);
	r->job->packages = VIT_NEW_ARRAY(r->l.arena, n->count, struct vit_job_package);
	r->job->package_count = n->count;
	for (uint32_t i = 0; i < n->count; i++) {
		const struct vit_yaml *c = &n->children[i];

		r->job->packages[i].name = vit_arena_str(r->l.arena, c->key);
		r->job->packages[i].range = VIT_STR_EMPTY;
		if (!vit_load_kind(&r->l, c, VIT_YAML_SCALAR))
			return false;
		/* "any version" may be said as `any`, `*` or left empty */
		if (!vit_yaml_is_null(c) && !vit_str_is(c->text, "any") &&
		    !vit_str_is(c->text, "*"))
			r->job->packages[i].range = vit_arena_str(r->l.arena, c->text);
	}
	return true;
}

/* { count: 8, share: 0.1 } or a bare count. */
static bool load_category(struct vit_job_reader *r, const struct vit_yaml *n,
			  struct vit_job_category *out)
{
	static const char *const keys[] = { "count", "share", NULL };
	const struct vit_yaml *count = n, *share = NULL;

	out->name = vit_arena_str(r->l.arena, n->key);
	if (n->kind == VIT_YAML_MAPPING) {
		if (!vit_load_keys(&r->l, n, keys))
			return false;
		count = vit_yaml_get(n, "count");
		share = vit_yaml_get(n, "share");
	} else if (n->kind == VIT_YAML_SCALAR && vit_yaml_is_null(n)) {
		count = NULL; /* it must be there, however often */
	}
	if (count && !vit_yaml_u64(count, &out->count))
		return vit_load_fail_at(&r->l, count, "a count of examples is expected here");
	out->has_count = count != NULL;
	if (share && (!vit_yaml_double(share, &out->minimum_share) || out->minimum_share < 0 ||
		      out->minimum_share > 1))
		return vit_load_fail_at(&r->l, share, "a share from 0 to 1 is expected here");
	return true;
}

static bool load_categories(struct vit_job_reader *r, const struct vit_yaml *n,
			    struct vit_job_category **out, uint32_t *count)
{
	if (!vit_load_kind(&r->l, n, VIT_YAML_MAPPING))
		return false;
	if (n->count > VIT_JOB_MAX_ITEMS)
		return vit_load_fail(&r->l, n->line, n->column, "more than %d entries",
				     VIT_JOB_MAX_ITEMS);
	*out = VIT_NEW_ARRAY(r->l.arena, n->count, struct vit_job_category);
	*count = n->count;
	for (uint32_t i = 0; i < n->count; i++)
		if (!load_category(r, &n->children[i], &(*out)[i]))
			return false;
	return true;
}

/* What is no plain field. *done: it was one of these. */
static bool load_list(struct vit_job_reader *r, const char *path, const struct vit_yaml *n,
		      bool *done)
{
	struct vit_job *j = r->job;

	*done = true;
	if (strcmp(path, "requires.packages") == 0)
		return load_packages(r, n);
	if (strcmp(path, "requires.runtimes") == 0)
		return vit_job_take_texts(r, n, &j->runtimes, &j->runtime_count);
	if (strcmp(path, "data.categories") == 0)
		return load_categories(r, n, &j->categories, &j->category_count);
	if (strcmp(path, "data.sources") == 0)
		return load_categories(r, n, &j->sources, &j->source_count);
	if (strcmp(path, "data.count") == 0) {
		j->has_data_count = true;
		return vit_yaml_u64(n, &j->data_count) ||
		       vit_load_fail_at(&r->l, n, "a count of examples is expected here");
	}
	*done = false;
	return true;
}

static bool load_member(struct vit_job_reader *r, const char *section, const struct vit_yaml *n)
{
	char path[64];
	bool done;

	snprintf(path, sizeof path, "%s%s%.*s", section, section[0] ? "." : "", VIT_FMT(n->key));
	if (!load_list(r, path, n, &done))
		return false;
	return done || vit_job_take(r, path, n);
}

/* Keys of one section (NULL-terminated), from the table of fields and the lists. */
static void known_keys(const char *section, const char **keys, size_t room)
{
	static const char *const lists[] = { "requires.packages", "requires.runtimes", "data.count",
					     "data.categories", "data.sources" };
	size_t n = 0, length = strlen(section);

	for (size_t i = 0; i < vit_job_field_count + 5 && n + 1 < room; i++) {
		const char *p = i < vit_job_field_count ? vit_job_fields[i].path
							: lists[i - vit_job_field_count];

		if (strncmp(p, section, length) == 0 && p[length] == '.')
			keys[n++] = p + length + 1;
	}
	keys[n] = NULL;
}

static bool load_section(struct vit_job_reader *r, const char *section, const struct vit_yaml *n)
{
	const char *keys[32];

	known_keys(section, keys, sizeof(keys) / sizeof(keys[0]));
	if (!vit_load_keys(&r->l, n, keys))
		return false;
	for (uint32_t i = 0; i < n->count; i++)
		if (!load_member(r, section, &n->children[i]))
			return false;
	return true;
}

bool vit_job_read_file(struct vit_job_reader *r)
{
	static const char *const top[] = { "schema", "name",   "method",   "trainer",   "device",
					   "python", "lora",   "training", "inference", "requires",
					   "data",   "output", NULL };
	const struct vit_yaml *schema = vit_yaml_get(r->doc, "schema");

	if (schema->kind != VIT_YAML_SCALAR || !vit_str_is(schema->text, "vitalis-job/1"))
		return vit_load_fail_at(&r->l, schema, "the schema must be vitalis-job/1");
	if (!vit_load_keys(&r->l, r->doc, top))
		return false;
	r->job->dialect = VIT_STR("vitalis-job/1");
	for (uint32_t i = 0; i < r->doc->count; i++) {
		const struct vit_yaml *n = &r->doc->children[i];
		static const char *const sections[] = { "lora",     "training", "inference",
							"requires", "data",     "output" };
		bool section = false;

		if (n == schema)
			continue;
		for (size_t k = 0; k < sizeof(sections) / sizeof(sections[0]) && !section; k++) {
			section = vit_str_is(n->key, sections[k]);
			if (section && !load_section(r, sections[k], n))
				return false;
		}
		if (!section && !load_member(r, "", n))
			return false;
	}
	return true;
}

/* Whether the text begins as a JSON object does: `{schema: x}` is YAML. */
static bool is_json(struct vit_str text)
{
	struct vit_str t = vit_str_trim(text);

	if (t.n == 0 || t.p[0] != '{')
		return false;
	t = vit_str_trim(vit_str_sub(t, 1, t.n));
	return t.n && (t.p[0] == '"' || t.p[0] == '}');
}

enum vit_errc vit_job_load(struct vit_arena *a, struct vit_str text, struct vit_str source,
			   struct vit_job *out, struct vit_err *err)
{
	struct vit_err local = { .code = VIT_OK };
	struct vit_job_reader r = {
		.l = { .arena = a, .source = source, .err = err ? err : &local },
		.job = out,
		.notes = VIT_VEC(sizeof(struct vit_str)),
	};
	size_t count;
	bool ok;
	enum vit_errc rc = is_json(text) ? vit_yaml_from_json(a, text, source, &r.doc, r.l.err)
					 : vit_yaml_parse(a, text, source, &r.doc, r.l.err);

	if (rc)
		return rc;
	*out = (struct vit_job){ .given = false, .file = source };
	ok = vit_load_kind(&r.l, r.doc, VIT_YAML_MAPPING) &&
	     (vit_yaml_get(r.doc, "schema") ? vit_job_read_file(&r) : vit_job_read_trainer(&r));
	out->notes = vit_vec_take(&r.notes, a, &count);
	out->note_count = (uint32_t)count;
	return ok ? VIT_OK : r.l.err->code;
}
