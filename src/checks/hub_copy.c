/* What --hub found out about a local copy. */
#include "base/num.h"
#include "base/path.h"
#include "checks/hub.h"

static const struct vit_hub_entry *entry(const struct vit_case *c, const struct vit_hub_file *h)
{
	return &c->facts->remote.listing[h->entry];
}

static struct vit_str digest_text(struct vit_eval *ev, const struct vit_hub_entry *e, struct vit_str digest)
{
	return vit_eval_text(ev, "%s %.*s", e->lfs ? "sha256" : "git-sha1", VIT_FMT(digest));
}

static struct vit_str size_text(struct vit_eval *ev, uint64_t n)
{
	char text[VIT_FMT_NUM];

	return vit_eval_text(ev, "%s bytes", vit_fmt_u64(n, text));
}

static struct vit_finding *fail(struct vit_eval *ev, enum vit_check_id id, const struct vit_hub_file *h)
{
	struct vit_finding *f = vit_eval_fail(ev, id);

	f->where.path = h->path;
	return f;
}

static void altered(const struct vit_case *c, const struct vit_hub_file *h, struct vit_eval *ev)
{
	const struct vit_remote *r = &c->facts->remote;
	const struct vit_hub_entry *e = entry(c, h);
	uint64_t size = c->facts->files.files[h->file].size;
	struct vit_finding *f = fail(ev, VIT_CK_integrity_hub_altered, h);
	bool by_size = size != e->size;

	f->message = vit_eval_text(ev, "The %s is not that of %.*s at %.12s%s.", by_size ? "size" : "content", VIT_FMT(r->repo),
				   r->revision.p, c->facts->hub.local_revision.n ? "" :
				   "; which revision the copy is of is not known");
	f->expected = by_size ? size_text(ev, e->size) : digest_text(ev, e, e->digest);
	f->actual = by_size ? size_text(ev, size) : digest_text(ev, e, h->digest);
	f->remedy = vit_eval_text(ev, "Fetch the file again: `hf download %.*s %.*s --revision %.*s`.%s", VIT_FMT(r->repo),
				  VIT_FMT(h->path), VIT_FMT(r->revision), c->facts->hub.local_revision.n ? "" :
				  " If the copy is of another revision, name it: `--repo org/name@revision`.");
}

static void stale(const struct vit_case *c, const struct vit_hub_file *h, struct vit_eval *ev)
{
	const struct vit_remote *r = &c->facts->remote;
	const struct vit_hub_entry *e = entry(c, h);
	struct vit_finding *f = fail(ev, VIT_CK_integrity_hub_stale, h);

	if (!vit_file_kind_loaded(c->facts->files.files[h->file].kind))
		f->severity = VIT_SEV_NOTE;
	f->message = vit_eval_text(ev, "The file is as it was fetched, and of another revision than %.12s.", r->revision.p);
	f->expected = digest_text(ev, e, e->digest);
	f->actual = digest_text(ev, e, h->digest);
	f->remedy = vit_eval_text(ev, "Run the download to its end: `hf download %.*s --revision %.*s`.", VIT_FMT(r->repo),
				  VIT_FMT(r->revision));
}

/* Weights of several formats beside each other are a choice, and so are folders:
 * only what a loader of this copy reads is missed. */
static bool is_missed(struct vit_str path, bool has_safetensors)
{
	static const char *const read[] = {
		"config.json",		   "generation_config.json", "tokenizer.json",	    "tokenizer_config.json",
		"special_tokens_map.json", "chat_template.jinja",    "chat_template.json", "adapter_config.json",
		"tokenizer.model",	   "vocab.json",	     "merges.txt",
	};

	if (vit_path_dir(path).n)
		return false;
	if (vit_str_ends(path, VIT_STR(".safetensors")) || vit_str_ends(path, VIT_STR(".safetensors.index.json")))
		return has_safetensors;
	for (size_t i = 0; i < sizeof read / sizeof read[0]; i++)
		if (vit_str_is(path, read[i]))
			return true;
	return false;
}

static bool has_safetensors(const struct vit_files *f)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->files[i].kind == VIT_FK_WEIGHTS && vit_path_dir(f->files[i].path).n == 0)
			return true;
	return false;
}

static void missing(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_hub *h = &c->facts->hub;
	const struct vit_remote *r = &c->facts->remote;
	bool safetensors = has_safetensors(&c->facts->files);
	const struct vit_hub_file *first = NULL;
	struct vit_finding *f;
	uint32_t others = 0;
	char n[VIT_FMT_NUM];

	for (uint32_t i = 0; i < h->file_count; i++) {
		if (h->files[i].state != VIT_HUB_MISSING)
			continue;
		if (!is_missed(h->files[i].path, safetensors)) {
			others++;
			first = first ? first : &h->files[i];
			continue;
		}
		f = fail(ev, VIT_CK_integrity_hub_missing, &h->files[i]);
		f->message = vit_eval_text(ev, "%.*s has this file at %.12s, and the copy has not.", VIT_FMT(r->repo),
					   r->revision.p);
		f->expected = size_text(ev, entry(c, &h->files[i])->size);
		f->actual = VIT_STR("no such file");
		f->remedy = vit_eval_text(ev, "Fetch it: `hf download %.*s %.*s --revision %.*s`.", VIT_FMT(r->repo),
					  VIT_FMT(h->files[i].path), VIT_FMT(r->revision));
	}
	if (!first)
		return;
	vit_fmt_u64(others, n);
	f = fail(ev, VIT_CK_integrity_hub_missing, first);
	f->severity = VIT_SEV_NOTE;
	f->message = others == 1 ?
		VIT_STR("This file of the hub is not in the copy; no loader of it misses it.") :
		vit_eval_text(ev, "%s files of the hub are not in the copy, this one first; no loader of it misses them.", n);
	f->expected = VIT_STR("every published file, or a choice of them");
	f->actual = vit_eval_text(ev, "%s not here", n);
}

static void extra(const struct vit_case *c, const struct vit_hub_file *h, struct vit_eval *ev)
{
	enum vit_file_kind kind = c->facts->files.files[h->file].kind;
	struct vit_finding *f;

	if (!vit_file_kind_loaded(kind) && kind != VIT_FK_CODE && kind != VIT_FK_NATIVE)
		return;
	f = fail(ev, VIT_CK_integrity_hub_extra, h);
	f->message = vit_eval_text(ev, "%.*s has no such file at %.12s.", VIT_FMT(c->facts->remote.repo),
				   c->facts->remote.revision.p);
	f->expected = VIT_STR("no such file");
	f->actual = vit_eval_text(ev, "a file of kind %s", vit_file_kind_name(kind));
}

static void revision(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_hub *h = &c->facts->hub;
	const struct vit_remote *r = &c->facts->remote;
	struct vit_finding *f;
	char n[VIT_FMT_NUM];

	if (!h->local_unknown && vit_str_eq(h->head, r->revision)) {
		/* Named by the user, and not the one the copy is of. */
		if (h->local_revision.n == 0 || vit_str_eq(h->local_revision, r->revision))
			return;
	}
	f = vit_eval_fail(ev, VIT_CK_integrity_hub_revision);
	vit_fmt_u64(h->changed, n);
	if (h->local_unknown)
		f->message = vit_eval_text(ev, "The copy is of a revision that %.*s does not have (any more); it was compared with "
					   "what %.*s is now.", VIT_FMT(r->repo), VIT_FMT(r->asked_revision));
	else if (vit_str_eq(h->head, r->revision))
		f->message = vit_eval_text(ev, "The copy was fetched at another revision than %.*s.", VIT_FMT(r->asked_revision));
	else if (h->changed == 0)
		f->message = vit_eval_text(ev, "%.*s has moved on since, without a change to any file.", VIT_FMT(r->asked_revision));
	else
		f->message = vit_eval_text(ev, "%.*s has moved on since: %s %s changed, %.*s first.", VIT_FMT(r->asked_revision), n,
					   h->changed == 1 ? "file" : "files", VIT_FMT(h->first_changed));
	f->expected = h->head;
	f->actual = h->local_revision.n ? h->local_revision : r->revision;
}

static const enum vit_check_id ids[] = {
	VIT_CK_integrity_hub_altered, VIT_CK_integrity_hub_missing,  VIT_CK_integrity_hub_extra,
	VIT_CK_integrity_hub_stale,   VIT_CK_integrity_hub_revision,
};
#define ID_COUNT (sizeof ids / sizeof ids[0])

static void one_file(const struct vit_case *c, const struct vit_hub_file *h, struct vit_eval *ev)
{
	switch (h->state) {
	case VIT_HUB_ALTERED:
		altered(c, h, ev);
		break;
	case VIT_HUB_STALE:
		stale(c, h, ev);
		break;
	case VIT_HUB_EXTRA:
		extra(c, h, ev);
		break;
	case VIT_HUB_UNREADABLE:
		vit_eval_unknown(ev, VIT_CK_integrity_hub_altered, "%s", h->err->msg);
		break;
	case VIT_HUB_SAME:
	case VIT_HUB_NOTED:
	case VIT_HUB_SIZE:
	case VIT_HUB_MISSING:
		break;
	}
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_hub *h = &c->facts->hub;

	if (!h->asked) {
		for (size_t i = 0; i < ID_COUNT; i++) {
			if (c->facts->remote.kind == VIT_REMOTE_NONE)
				vit_eval_not_checked(ev, ids[i], "the hub was not asked; --hub asks it");
			else
				vit_eval_not_applicable(ev, ids[i], "there is no copy on this machine to compare");
		}
		return;
	}
	for (size_t i = 0; i < ID_COUNT && h->err; i++)
		vit_eval_unknown(ev, ids[i], "%s", h->err->msg);
	if (h->err)
		return;
	for (uint32_t i = 0; i < h->file_count; i++)
		one_file(c, &h->files[i], ev);
	missing(c, ev);
	revision(c, ev);
	for (size_t i = 0; i < ID_COUNT; i++)
		vit_eval_pass(ev, ids[i]);
}

const struct vit_pass vit_pass_hub_copy = {
	.name = "hub copy",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG,
	.ids = ids,
	.id_count = ID_COUNT,
	.run = run,
};
