/* Which published model a folder is, by its content. */
#include "spec/arch.h"

static bool is_shard(struct vit_str path)
{
	return vit_str_ends(path, VIT_STR(".safetensors")) &&
	       vit_str_find(path, VIT_STR("/"), 0) >= path.n;
}

static const struct vit_spec_file *pinned(const struct vit_spec *s, struct vit_str path)
{
	for (uint32_t i = 0; i < s->file_count; i++)
		if (vit_str_eq(s->files[i].path, path))
			return &s->files[i];
	return NULL;
}

static const struct vit_pin_file *stored(const struct vit_arch_input *in, struct vit_str path)
{
	for (uint32_t i = 0; i < in->file_count; i++)
		if (vit_str_eq(in->files[i].path, path))
			return &in->files[i];
	return NULL;
}

static bool has_size(const struct vit_spec_file *f, uint64_t size, uint32_t *version)
{
	for (uint32_t i = 0; i < f->version_count; i++)
		if (f->versions[i].has_bytes && f->versions[i].bytes == size) {
			*version = i;
			return true;
		}
	return false;
}

/* The shards here carry the pin's names, and one at least its size: the rest may be damaged. */
static bool shards_agree(const struct vit_spec *s, const struct vit_arch_input *in)
{
	bool exact = false;
	uint32_t version;

	for (uint32_t i = 0; i < in->file_count; i++) {
		const struct vit_spec_file *f;

		if (!is_shard(in->files[i].path))
			continue;
		f = pinned(s, in->files[i].path);
		if (!f)
			return false;
		exact = exact || has_size(f, in->files[i].size, &version);
	}
	return exact;
}

static const struct vit_spec_value *value_of(const struct vit_spec *s, struct vit_str field)
{
	for (uint32_t i = 0; i < s->body->value_count; i++)
		if (vit_str_eq(s->body->values[i].field, field))
			return &s->body->values[i];
	return NULL;
}

static bool identified(struct vit_held *h, const struct vit_spec *s)
{
	struct vit_env env;

	if (!h->in->config || !h->out->family || vit_spec_family(s) != h->out->family ||
	    !s->body->identify_count)
		return false;
	vit_env_init(&env, h->arena, &s->body->names, h->in->config, h->in->quantization);
	vit_env_roots(&env, s->body);
	for (uint32_t i = 0; i < s->body->identify_count; i++) {
		const struct vit_spec_value *v = value_of(s, s->body->identify[i]);

		if (!v || !vit_lit_matches(&v->value, vit_env_path(&env, v->path)->node))
			return false;
	}
	return true;
}

/* Revisions may be written shortened. */
static bool same_revision(struct vit_str a, struct vit_str b)
{
	return a.n && b.n && (vit_str_starts(a, b) || vit_str_starts(b, a));
}

/* Does the file as it is here belong to that revision? Versions without a revision
 * are those of all revisions that no other version names. */
static bool file_fits(const struct vit_spec_file *f, uint64_t size, struct vit_str revision)
{
	bool named = false;

	for (uint32_t i = 0; i < f->version_count; i++) {
		if (!same_revision(f->versions[i].revision, revision))
			continue;
		named = true;
		if (f->versions[i].has_bytes && f->versions[i].bytes == size)
			return true;
	}
	for (uint32_t i = 0; !named && i < f->version_count; i++)
		if (!f->versions[i].revision.n && f->versions[i].has_bytes &&
		    f->versions[i].bytes == size)
			return true;
	return false;
}

static bool revision_fits(const struct vit_spec *s, const struct vit_arch_input *in,
			  struct vit_str revision)
{
	uint32_t version;

	for (uint32_t i = 0; i < s->file_count; i++) {
		const struct vit_spec_file *f = &s->files[i];
		const struct vit_pin_file *here = stored(in, f->path);

		/* a damaged file says nothing about the revision */
		if (f->version_count < 2 || !here || !has_size(f, here->size, &version))
			continue;
		if (!file_fits(f, here->size, revision))
			return false;
	}
	return true;
}

static void name_revision(struct vit_held *h, const struct vit_spec *s)
{
	struct vit_str found = VIT_STR_EMPTY;
	unsigned fits = 0;

	for (uint32_t i = 0; i < s->body->revision_count; i++)
		if (revision_fits(s, h->in, s->body->revisions[i])) {
			found = s->body->revisions[i];
			fits++;
		}
	if (fits == 1)
		h->out->revision = found;
}

/* The forced spec itself when it lists files, else the model it stands on. */
static const struct vit_spec *forced_pin(const struct vit_spec *forced)
{
	for (; forced; forced = forced->parent)
		if (forced->kind == VIT_SPEC_MODEL ||
		    (forced->kind == VIT_SPEC_REQUIREMENTS && forced->file_count))
			return forced;
	return NULL;
}

void vit_pin_choose(struct vit_held *h, const struct vit_spec *forced)
{
	const struct vit_spec *pin = forced_pin(forced);

	for (size_t i = 0; !forced && !pin && i < vit_spec_db_count(h->db); i++) {
		const struct vit_spec *s = vit_spec_head(h->db, i);

		/* those of other families are not even read */
		if (s->kind != VIT_SPEC_MODEL || !h->out->family ||
		    !vit_str_eq(s->extends, h->out->family->id))
			continue;
		s = vit_spec_whole(h->db, s);
		if (!identified(h, s))
			continue;
		if (shards_agree(s, h->in))
			pin = s;
		else
			h->out->origin = s;
	}
	h->out->model = pin;
	if (!pin)
		return;
	h->out->origin = NULL;
	name_revision(h, pin);
}
