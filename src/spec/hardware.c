/* Loading of the hardware catalogue; hardware_find.c looks devices up. */
#include "spec/hardware.h"
#include "base/num.h"
#include "base/path.h"
#include "spec/load.h"
#include "spec/spec.h"

extern const struct vit_spec_embedded vit_hardware_embedded[];
extern const size_t vit_hardware_embedded_count;

static bool take_kind(struct vit_loader *l, const struct vit_yaml *n, struct vit_hardware *h)
{
	static const char *const names[] = { "discrete", "unified", "apu" };

	for (unsigned i = 0; i < 3; i++)
		if (n->kind == VIT_YAML_SCALAR && vit_str_is(n->text, names[i])) {
			h->kind = (enum vit_hardware_kind)i;
			return true;
		}
	return vit_load_fail_at(l, n, "discrete, unified or apu is expected here");
}

static bool take_memory(struct vit_loader *l, const struct vit_yaml *n, struct vit_hardware *h)
{
	if (!vit_load_kind(l, n, VIT_YAML_SEQUENCE))
		return false;
	if (n->count == 0 || n->count > VIT_HARDWARE_SIZES)
		return vit_load_fail(l, n->line, n->column, "1 to %d sizes", VIT_HARDWARE_SIZES);
	for (uint32_t i = 0; i < n->count; i++) {
		uint64_t gb;

		if (!vit_yaml_u64(&n->children[i], &gb) || gb == 0 || gb > 100000 ||
		    (i && gb <= h->memory[i - 1]))
			return vit_load_fail_at(l, &n->children[i],
						"whole GB, rising, are expected here");
		h->memory[i] = (uint32_t)gb;
	}
	h->memory_count = n->count;
	return true;
}

/* A figure in units of `unit`; absent is 0. */
static bool take_figure(struct vit_loader *l, const struct vit_yaml *n, double unit, double *out)
{
	double v;

	if (!n)
		return true;
	if (!vit_yaml_double(n, &v) || v <= 0 || v > 1e9)
		return vit_load_fail_at(l, n, "a number above 0 is expected here");
	*out = v * unit;
	return true;
}

static bool take_capability(struct vit_loader *l, const struct vit_yaml *n, struct vit_hardware *h)
{
	struct vit_str rest, major, minor;
	uint64_t a, b;

	if (!n)
		return true;
	rest = n->text;
	if (n->kind != VIT_YAML_SCALAR || !vit_str_split(&rest, '.', &major) ||
	    !vit_str_split(&rest, '.', &minor) || rest.n || !vit_parse_u64(major, &a) ||
	    !vit_parse_u64(minor, &b) || a > 99 || b > 9)
		return vit_load_fail_at(l, n, "a compute capability as \"8.6\" is expected here");
	h->capability_major = (uint32_t)a;
	h->capability_minor = (uint32_t)b;
	return true;
}

static bool take_verified(struct vit_loader *l, const struct vit_yaml *n, struct vit_hardware *h)
{
	const struct vit_str *names;
	uint32_t count;

	if (!n)
		return true;
	if (!vit_load_texts(l, n, &names, &count))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (vit_str_is(names[i], "memory"))
			h->verified_memory = true;
		else if (vit_str_is(names[i], "bandwidth"))
			h->verified_bandwidth = true;
		else if (vit_str_is(names[i], "compute"))
			h->verified_compute = true;
		else
			return vit_load_fail_at(l, n,
						"memory, bandwidth and compute can be verified");
	}
	return true;
}

/* Names of `sources`, or texts of their own, as one text. */
static bool take_source(struct vit_loader *l, const struct vit_yaml *n,
			const struct vit_yaml *sources, struct vit_hardware *h)
{
	const struct vit_str *keys;
	struct vit_buf text;
	uint32_t count;
	bool ok = true;

	h->source = VIT_STR("general knowledge, not looked up");
	if (!n)
		return true;
	if (!vit_load_texts(l, n, &keys, &count))
		return false;
	vit_buf_init(&text, 2000);
	for (uint32_t i = 0; i < count && ok; i++) {
		const struct vit_yaml *s = NULL;

		for (uint32_t k = 0; sources && k < sources->count; k++)
			if (vit_str_eq(sources->children[k].key, keys[i]))
				s = &sources->children[k];
		if (s && s->kind != VIT_YAML_SCALAR)
			ok = vit_load_fail_at(l, s, "a text is expected here");
		else
			vit_buf_printf(&text, "%s%.*s", i ? "; " : "",
				       VIT_FMT(s ? s->text : keys[i]));
	}
	h->source = vit_arena_str(l->arena, vit_buf_view(&text));
	vit_buf_release(&text);
	return ok;
}

static bool load_device(struct vit_loader *l, const struct vit_yaml *n,
			const struct vit_yaml *sources, struct vit_hardware *h)
{
	static const char *const keys[] = { "name",     "match",  "kind", "memory",     "bandwidth",
					    "compute",  "fp8",    "fp4",  "capability", "target",
					    "verified", "source", "note", NULL };
	static const char *const required[] = { "name", "match", "kind", "memory" };
	const struct vit_yaml *target = vit_yaml_get(n, "target"), *note = vit_yaml_get(n, "note");

	if (!vit_load_keys(l, n, keys))
		return false;
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		if (!vit_yaml_get(n, required[i]))
			return vit_load_fail(l, n->line, n->column, "a device needs `%s`",
					     required[i]);
	h->target = h->note = VIT_STR_EMPTY;
	if (!vit_load_text(l, vit_yaml_get(n, "name"), &h->name) ||
	    !vit_load_texts(l, vit_yaml_get(n, "match"), &h->match, &h->match_count) ||
	    !take_kind(l, vit_yaml_get(n, "kind"), h) ||
	    !take_memory(l, vit_yaml_get(n, "memory"), h) ||
	    !take_figure(l, vit_yaml_get(n, "bandwidth"), 1e9, &h->bandwidth) ||
	    !take_figure(l, vit_yaml_get(n, "compute"), 1e12, &h->compute) ||
	    !take_figure(l, vit_yaml_get(n, "fp8"), 1e12, &h->fp8) ||
	    !take_figure(l, vit_yaml_get(n, "fp4"), 1e12, &h->fp4) ||
	    !take_capability(l, vit_yaml_get(n, "capability"), h) ||
	    !take_verified(l, vit_yaml_get(n, "verified"), h) ||
	    !take_source(l, vit_yaml_get(n, "source"), sources, h) ||
	    (target && !vit_load_text(l, target, &h->target)) ||
	    (note && !vit_load_text(l, note, &h->note)))
		return false;
	h->slug = vit_hardware_slug(l->arena, h->name);
	return true;
}

static bool load_document(struct vit_loader *l, const struct vit_yaml *doc, struct vit_str vendor,
			  struct vit_vec *rows)
{
	static const char *const keys[] = { "schema", "sources", "devices", NULL };
	const struct vit_yaml *schema = vit_yaml_get(doc, "schema");
	const struct vit_yaml *devices = vit_yaml_get(doc, "devices");
	const struct vit_yaml *sources = vit_yaml_get(doc, "sources");

	if (!vit_load_keys(l, doc, keys))
		return false;
	if (!schema || schema->kind != VIT_YAML_SCALAR ||
	    !vit_str_is(schema->text, "vitalis-hardware/1"))
		return vit_load_fail_at(l, schema ? schema : doc,
					"the schema must be vitalis-hardware/1");
	if (sources && !vit_load_kind(l, sources, VIT_YAML_MAPPING))
		return false;
	if (!devices)
		return vit_load_fail_at(l, doc, "`devices` is missing");
	if (!vit_load_kind(l, devices, VIT_YAML_SEQUENCE))
		return false;
	for (uint32_t i = 0; i < devices->count; i++) {
		struct vit_hardware h = { .vendor = vendor };

		if (!load_device(l, &devices->children[i], sources, &h))
			return false;
		*(struct vit_hardware *)vit_vec_add(rows) = h;
	}
	return true;
}

enum vit_errc vit_hardware_add(struct vit_arena *a, struct vit_str yaml, struct vit_str source,
			       struct vit_str vendor, struct vit_vec *rows, struct vit_err *err)
{
	struct vit_err local = { .code = VIT_OK };
	struct vit_loader l = { .arena = a, .source = source, .err = err ? err : &local };
	const struct vit_yaml *doc;
	enum vit_errc rc = vit_yaml_parse(a, yaml, source, &doc, l.err);

	if (rc)
		return rc;
	return load_document(&l, doc, vendor, rows) ? VIT_OK : l.err->code;
}

enum vit_errc vit_hardware_load(struct vit_arena *a, struct vit_hardware_db *out,
				struct vit_err *err)
{
	struct vit_vec rows = VIT_VEC(sizeof(struct vit_hardware));
	enum vit_errc rc = VIT_OK;

	for (size_t i = 0; i < vit_hardware_embedded_count && !rc; i++) {
		const struct vit_spec_embedded *e = &vit_hardware_embedded[i];
		struct vit_str text = { (const char *)e->bytes, e->size };
		struct vit_str file = vit_path_base(vit_str_c(e->path));

		rc = vit_hardware_add(a, text, vit_arena_printf(a, "built-in %s", e->path),
				      vit_str_sub(file, 0, file.n - 5), &rows, err);
	}
	out->rows = vit_vec_take(&rows, a, &out->count);
	return rc;
}
