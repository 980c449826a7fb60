/* overlays, adapters, models: the rest of the documents. */
#include "base/num.h"
#include "base/path.h"
#include "spec/load.h"

static bool load_ranks(struct vit_loader *l, const struct vit_yaml *n, uint32_t *out)
{
	const struct vit_yaml *items;
	uint32_t count;

	*out = UINT32_C(1) << 2;
	if (!n)
		return true;
	items = n->kind == VIT_YAML_SEQUENCE ? n->children : n;
	count = n->kind == VIT_YAML_SEQUENCE ? n->count : 1;
	*out = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t rank;

		if (!vit_yaml_u64(&items[i], &rank) || rank > VIT_MAX_RANK)
			return vit_load_fail_at(l, &items[i], "a rank is a number from 0 to 8");
		*out |= UINT32_C(1) << rank;
	}
	return true;
}

static bool load_form(struct vit_loader *l, const struct vit_yaml *n, struct vit_weight_form *f)
{
	static const char *const keys[] = { "suffix", "rank", "roles", "when", "tensors", NULL };
	const struct vit_yaml *suffix, *tensors;

	if (!vit_load_keys(l, n, keys))
		return false;
	suffix = vit_yaml_get(n, "suffix");
	tensors = vit_yaml_get(n, "tensors");
	f->suffix = VIT_STR(".weight");
	if (suffix) {
		if (!vit_load_kind(l, suffix, VIT_YAML_SCALAR))
			return false;
		f->suffix = vit_arena_str(l->arena, suffix->text);
	}
	if (!tensors || tensors->count == 0)
		return vit_load_fail_at(l, n, "a form of a weight needs `tensors`");
	return load_ranks(l, vit_yaml_get(n, "rank"), &f->ranks) &&
	       vit_load_roles(l, vit_yaml_get(n, "roles"), &f->roles) &&
	       vit_load_expr(l, vit_yaml_get(n, "when"), &f->when) &&
	       vit_load_flat_tensors(l, tensors, &f->tensors, &f->tensor_count);
}

bool vit_load_overlay(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "weights");
	const struct vit_yaml *extra = vit_yaml_get(doc, "extra");
	struct vit_weight_form *forms;

	if (l->spec->kind != VIT_SPEC_OVERLAY)
		return true;
	if (!n)
		return vit_load_fail_at(l, doc, "an overlay needs `weights`");
	if (!vit_load_kind(l, n, VIT_YAML_SEQUENCE))
		return false;
	forms = VIT_NEW_ARRAY(l->arena, n->count, struct vit_weight_form);
	for (uint32_t i = 0; i < n->count; i++)
		if (!load_form(l, &n->children[i], &forms[i]))
			return false;
	l->body->forms = forms;
	l->body->form_count = n->count;
	return !extra || vit_load_flat_tensors(l, extra, &l->body->extras, &l->body->extra_count);
}

bool vit_load_adapter(struct vit_loader *l, const struct vit_yaml *doc)
{
	static const char *const keys[] = { "tensors", NULL };
	const struct vit_yaml *n = vit_yaml_get(doc, "adapter");

	if (!n)
		return true;
	if (!vit_load_keys(l, n, keys))
		return false;
	if (!vit_yaml_get(n, "tensors"))
		return vit_load_fail_at(l, n, "an adapter needs `tensors`");
	l->body->is_adapter = true;
	return vit_load_flat_tensors(l, vit_yaml_get(n, "tensors"), &l->body->extras,
				     &l->body->extra_count);
}

static bool load_hex(struct vit_loader *l, const struct vit_yaml *n, size_t digits,
		     struct vit_str *out)
{
	if (!n)
		return true;
	if (!vit_load_text(l, n, out))
		return false;
	for (size_t i = 0; i < out->n; i++)
		if (!out->p[i] || !strchr("0123456789abcdef", out->p[i]))
			return vit_load_fail_at(l, n, "hexadecimal digits in lower case are "
						"expected here");
	if (out->n != digits)
		return vit_load_fail(l, n->line, n->column, "%zu digits are expected here, "
				     "not %zu", digits, out->n);
	return true;
}

static bool load_version(struct vit_loader *l, const struct vit_yaml *n,
			 struct vit_spec_file_version *v)
{
	const struct vit_yaml *bytes = vit_yaml_get(n, "bytes");
	const struct vit_yaml *revision = vit_yaml_get(n, "revision");

	v->has_bytes = bytes != NULL;
	if (bytes && !vit_yaml_u64(bytes, &v->bytes))
		return vit_load_fail_at(l, bytes, "a number of bytes is expected here");
	return load_hex(l, vit_yaml_get(n, "sha256"), 64, &v->sha256) &&
	       load_hex(l, vit_yaml_get(n, "git_oid"), 40, &v->git_oid) &&
	       (!revision || vit_load_text(l, revision, &v->revision));
}

static bool load_versions(struct vit_loader *l, const struct vit_yaml *n, struct vit_spec_file *f)
{
	static const char *const keys[] = { "bytes", "sha256", "git_oid", "revision", NULL };
	const struct vit_yaml *list = vit_yaml_get(n, "versions");

	if (!list) {
		f->version_count = 1;
		f->versions = VIT_NEW(l->arena, struct vit_spec_file_version);
		return load_version(l, n, f->versions);
	}
	if (!vit_load_kind(l, list, VIT_YAML_SEQUENCE))
		return false;
	if (list->count == 0 || vit_yaml_get(n, "bytes") || vit_yaml_get(n, "sha256"))
		return vit_load_fail_at(l, n, "either `versions` or one size and digest");
	f->versions = VIT_NEW_ARRAY(l->arena, list->count, struct vit_spec_file_version);
	f->version_count = list->count;
	for (uint32_t i = 0; i < list->count; i++)
		if (!vit_load_keys(l, &list->children[i], keys) ||
		    !load_version(l, &list->children[i], &f->versions[i]))
			return false;
	return true;
}

static bool load_file(struct vit_loader *l, const struct vit_yaml *n, struct vit_spec_file *f)
{
	static const char *const keys[] = {
		"path", "bytes", "sha256", "git_oid", "revision", "versions", "optional", NULL,
	};
	const struct vit_yaml *path, *optional;

	if (!vit_load_keys(l, n, keys))
		return false;
	path = vit_yaml_get(n, "path");
	optional = vit_yaml_get(n, "optional");
	if (!path)
		return vit_load_fail_at(l, n, "a file needs `path`");
	if (!vit_load_text(l, path, &f->path))
		return false;
	if (!vit_path_is_plain(f->path))
		return vit_load_fail_at(l, path, "a path below the model folder is expected here");
	return (!optional || vit_load_bool(l, optional, &f->optional)) && load_versions(l, n, f);
}

/* The parent's files first; one of the same path is replaced. */
static bool load_files(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "files");
	const struct vit_spec *parent = l->spec->parent;
	uint32_t count = parent ? parent->file_count : 0, own = n ? n->count : 0;
	struct vit_spec_file *all;

	if (n && !vit_load_kind(l, n, VIT_YAML_SEQUENCE))
		return false;
	all = VIT_NEW_ARRAY(l->arena, (size_t)count + own, struct vit_spec_file);
	if (count)
		memcpy(all, parent->files, count * sizeof(*all));
	for (uint32_t i = 0; i < own; i++) {
		struct vit_spec_file f = { .optional = false };
		uint32_t at = 0;

		if (!load_file(l, &n->children[i], &f))
			return false;
		while (at < count && !vit_str_eq(all[at].path, f.path))
			at++;
		all[at] = f;
		if (at == count)
			count++;
	}
	l->spec->files = all;
	l->spec->file_count = count;
	return true;
}

static bool load_values(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "values");
	uint32_t count = l->parent ? l->parent->value_count : 0, own = n ? n->count : 0;
	struct vit_spec_value *all;

	if (n && !vit_load_kind(l, n, VIT_YAML_MAPPING))
		return false;
	all = VIT_NEW_ARRAY(l->arena, (size_t)count + own, struct vit_spec_value);
	if (count)
		memcpy(all, l->parent->values, count * sizeof(*all));
	for (uint32_t i = 0; i < own; i++) {
		struct vit_spec_value v = { .field = vit_arena_str(l->arena, n->children[i].key) };
		uint32_t at = 0;

		v.path = vit_symbols_path(&l->symbols, l->arena, v.field);
		if (!vit_load_lit(l, &n->children[i], &v.value))
			return false;
		while (at < count && !vit_str_eq(all[at].field, v.field))
			at++;
		all[at] = v;
		if (at == count)
			count++;
	}
	l->body->values = all;
	l->body->value_count = count;
	return true;
}

static bool check_identify(struct vit_loader *l, const struct vit_yaml *n)
{
	for (uint32_t i = 0; i < l->body->identify_count; i++) {
		uint32_t at = 0;

		while (at < l->body->value_count &&
		       !vit_str_eq(l->body->values[at].field, l->body->identify[i]))
			at++;
		if (at == l->body->value_count)
			return vit_load_fail(l, n->line, n->column,
					     "identify: \"%.*s\" is not among `values`",
					     VIT_FMT(l->body->identify[i]));
	}
	return true;
}

bool vit_load_model(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *revisions = vit_yaml_get(doc, "revisions");
	const struct vit_yaml *identify = vit_yaml_get(doc, "identify");
	const struct vit_yaml *repo = vit_yaml_get(doc, "repo");
	const struct vit_yaml *attest = vit_yaml_get(doc, "attestations");
	const struct vit_str *texts;

	if (!load_files(l, doc) || !load_values(l, doc))
		return false;
	if (revisions && !vit_load_texts(l, revisions, &l->body->revisions,
					 &l->body->revision_count))
		return false;
	if (identify && (!vit_load_texts(l, identify, &l->body->identify,
					 &l->body->identify_count) ||
			 !check_identify(l, identify)))
		return false;
	if (attest) {
		struct vit_str *copy;

		if (!vit_load_texts(l, attest, &texts, &l->spec->attestation_count))
			return false;
		copy = VIT_NEW_ARRAY(l->arena, l->spec->attestation_count, struct vit_str);
		if (l->spec->attestation_count)
			memcpy(copy, texts, l->spec->attestation_count * sizeof(*copy));
		l->spec->attestations = copy;
	}
	return !repo || vit_load_text(l, repo, &l->body->repo);
}
