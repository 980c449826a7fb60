#include "spec/calibration.h"

#include "spec/load.h"

const char *vit_calibration_kind(const struct vit_job *job)
{
	if (job->method == VIT_JOB_INFERENCE || job->method == VIT_JOB_NONE)
		return "inference";
	return job->trainer == VIT_TRAINER_TORCH ? "training-torch" : "training-transformers";
}

static bool take_factor(struct vit_loader *l, const struct vit_yaml *map, const char *key,
			double *out)
{
	const struct vit_yaml *n = vit_yaml_get(map, key);

	if (!n || (n->kind == VIT_YAML_SCALAR && vit_yaml_is_null(n)))
		return true;
	if (vit_yaml_double(n, out) && *out >= VIT_CALIBRATION_LOW && *out <= VIT_CALIBRATION_HIGH)
		return true;
	return vit_load_fail(l, n->line, n->column, "a factor from %g to %g is expected here",
			     VIT_CALIBRATION_LOW, VIT_CALIBRATION_HIGH);
}

static bool load_entry(struct vit_loader *l, const struct vit_yaml *n,
		       struct vit_calibration_entry *e)
{
	static const char *const keys[] = { "device", "kind",    "memory", "step",
					    "decode", "prefill", "source", NULL };
	static const char *const kinds[] = { "training-transformers", "training-torch",
					     "inference" };
	const struct vit_yaml *device, *kind, *source;

	if (!vit_load_keys(l, n, keys))
		return false;
	device = vit_yaml_get(n, "device");
	kind = vit_yaml_get(n, "kind");
	source = vit_yaml_get(n, "source");
	e->source = VIT_STR("calibration");
	if (!device || !kind)
		return vit_load_fail_at(l, n, "an entry needs `device` and `kind`");
	if (!vit_load_text(l, device, &e->device) || !vit_load_text(l, kind, &e->kind) ||
	    (source && !vit_load_text(l, source, &e->source)))
		return false;
	for (size_t i = 0; i < 3; i++)
		if (vit_str_is(e->kind, kinds[i]))
			return take_factor(l, n, "memory", &e->memory) &&
			       take_factor(l, n, "step", &e->step) &&
			       take_factor(l, n, "decode", &e->decode) &&
			       take_factor(l, n, "prefill", &e->prefill);
	return vit_load_fail_at(
		l, kind, "training-transformers, training-torch or inference is expected here");
}

static bool load_document(struct vit_loader *l, const struct vit_yaml *doc,
			  struct vit_calibration *out)
{
	static const char *const keys[] = { "schema", "entries", NULL };
	const struct vit_yaml *schema = vit_yaml_get(doc, "schema"),
			      *list = vit_yaml_get(doc, "entries");

	if (!vit_load_keys(l, doc, keys))
		return false;
	if (!schema || schema->kind != VIT_YAML_SCALAR ||
	    !vit_str_is(schema->text, "vitalis-calibration/1"))
		return vit_load_fail_at(l, schema ? schema : doc,
					"the schema must be vitalis-calibration/1");
	if (!list || (list->kind == VIT_YAML_SCALAR && vit_yaml_is_null(list)))
		return true;
	if (!vit_load_kind(l, list, VIT_YAML_SEQUENCE))
		return false;
	if (list->count > VIT_CALIBRATION_MAX)
		return vit_load_fail(l, list->line, list->column, "more than %d entries",
				     VIT_CALIBRATION_MAX);
	for (uint32_t i = 0; i < list->count; i++) {
		struct vit_calibration_entry e = { .memory = 0 };

		if (!load_entry(l, &list->children[i], &e))
			return false;
		if (vit_calibration_find(out, e.device, e.kind))
			return vit_load_fail_at(l, &list->children[i],
						"the device has an entry of this kind already");
		vit_calibration_put(l->arena, out, &e);
	}
	return true;
}

enum vit_errc vit_calibration_load(struct vit_arena *a, struct vit_str yaml, struct vit_str source,
				   struct vit_calibration *out, struct vit_err *err)
{
	struct vit_err local = { .code = VIT_OK };
	struct vit_loader l = { .arena = a, .source = source, .err = err ? err : &local };
	const struct vit_yaml *doc;
	enum vit_errc rc = vit_yaml_parse(a, yaml, source, &doc, l.err);

	*out = (struct vit_calibration){ .count = 0 };
	if (rc)
		return rc;
	return load_document(&l, doc, out) ? VIT_OK : l.err->code;
}

static void quoted(struct vit_buf *b, struct vit_str s)
{
	vit_buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			vit_buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			vit_buf_printf(b, "\\x%02x", c);
		else
			vit_buf_putc(b, (char)c);
	}
	vit_buf_putc(b, '"');
}

static void factor(struct vit_buf *b, const char *key, double v)
{
	if (v > 0)
		vit_buf_printf(b, "    %s: %.6g\n", key, v);
}

void vit_calibration_write(const struct vit_calibration *c, struct vit_buf *out)
{
	vit_buf_puts(out, "# Measured against forecast, written by `vitalis-audit calibrate`. "
			  "Later forecasts for\n"
			  "# these devices use it and say so; edit or remove it as you like.\n"
			  "schema: vitalis-calibration/1\nentries:\n");
	for (uint32_t i = 0; i < c->count; i++) {
		const struct vit_calibration_entry *e = &c->entries[i];

		vit_buf_puts(out, "  - device: ");
		quoted(out, e->device);
		vit_buf_printf(out, "\n    kind: %.*s\n", VIT_FMT(e->kind));
		factor(out, "memory", e->memory);
		factor(out, "step", e->step);
		factor(out, "decode", e->decode);
		factor(out, "prefill", e->prefill);
		vit_buf_puts(out, "    source: ");
		quoted(out, e->source);
		vit_buf_putc(out, '\n');
	}
}

static int order(const struct vit_calibration_entry *e, struct vit_str device, struct vit_str kind)
{
	int c = vit_str_cmp(e->device, device);

	return c ? c : vit_str_cmp(e->kind, kind);
}

const struct vit_calibration_entry *vit_calibration_find(const struct vit_calibration *c,
							 struct vit_str device, struct vit_str kind)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (order(&c->entries[i], device, kind) == 0)
			return &c->entries[i];
	return NULL;
}

static void replace(struct vit_calibration_entry *old, const struct vit_calibration_entry *e)
{
	old->memory = e->memory > 0 ? e->memory : old->memory;
	old->step = e->step > 0 ? e->step : old->step;
	old->decode = e->decode > 0 ? e->decode : old->decode;
	old->prefill = e->prefill > 0 ? e->prefill : old->prefill;
	old->source = e->source;
}

void vit_calibration_put(struct vit_arena *a, struct vit_calibration *c,
			 const struct vit_calibration_entry *e)
{
	struct vit_calibration_entry *grown;
	uint32_t at = 0;

	while (at < c->count && order(&c->entries[at], e->device, e->kind) < 0)
		at++;
	if (at < c->count && order(&c->entries[at], e->device, e->kind) == 0) {
		replace(&c->entries[at], e);
		return;
	}
	grown = VIT_NEW_ARRAY(a, c->count + 1, struct vit_calibration_entry);
	for (uint32_t i = 0; i < c->count; i++)
		grown[i + (i >= at)] = c->entries[i];
	grown[at] = *e;
	c->entries = grown;
	c->count++;
}

bool vit_calibration_forget(struct vit_calibration *c, struct vit_str device, struct vit_str kind)
{
	for (uint32_t i = 0; i < c->count; i++) {
		if (order(&c->entries[i], device, kind) != 0)
			continue;
		for (uint32_t k = i + 1; k < c->count; k++)
			c->entries[k - 1] = c->entries[k];
		c->count--;
		return true;
	}
	return false;
}
