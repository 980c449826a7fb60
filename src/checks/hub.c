#include "checks/hub.h"

#include "base/num.h"

/* ---- the repository -------------------------------------------------------------- */

static void moved(const struct vit_remote *r, struct vit_eval *ev)
{
	struct vit_finding *f;

	/* Names are the same whatever their case. */
	if (r->repo.n && !vit_str_ieq(r->repo, r->asked_repo)) {
		f = vit_eval_fail(ev, VIT_CK_integrity_hub_moved);
		f->message = vit_eval_text(ev, "%.*s has moved: its name is %.*s now.", VIT_FMT(r->asked_repo),
					   VIT_FMT(r->repo));
		f->expected = r->repo;
		f->actual = r->asked_repo;
	}
	vit_eval_pass(ev, VIT_CK_integrity_hub_moved);
}

static void listing(const struct vit_remote *r, struct vit_eval *ev)
{
	struct vit_finding *f;
	char n[VIT_FMT_NUM];

	if (r->bad_entries) {
		vit_fmt_u64(r->bad_entries, n);
		f = vit_eval_fail(ev, VIT_CK_integrity_hub_listing);
		f->message = vit_eval_text(ev, "%s of the hub's listing of %.*s cannot be used and %s left out.",
					   r->bad_entries == 1 ? "One entry" : "Entries", VIT_FMT(r->repo),
					   r->bad_entries == 1 ? "was" : "were");
		f->expected = VIT_STR("each path once, with its size and kind");
		f->actual = vit_eval_text(ev, "%s not so", n);
	}
	vit_eval_pass(ev, VIT_CK_integrity_hub_listing);
}

/* ---- against the published model's spec ------------------------------------------- */

static const struct vit_hub_entry *entry_of(const struct vit_remote *r, struct vit_str path)
{
	uint32_t low = 0, high = r->listing_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int c = vit_str_cmp(r->listing[middle].path, path);
		if (c == 0)
			return &r->listing[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Is the entry one of the versions? Unknown (true) where digests of one kind meet none. */
static bool is_version(const struct vit_spec_file *f, const struct vit_hub_entry *e, struct vit_str *expected)
{
	bool compared = false;

	for (uint32_t i = 0; i < f->version_count; i++) {
		const struct vit_spec_file_version *v = &f->versions[i];
		struct vit_str promised = e->lfs ? v->sha256 : v->git_oid;
		if (promised.n == 0 || e->digest.n == 0)
			continue;
		if (vit_str_ieq(promised, e->digest))
			return true;
		if (!compared)
			*expected = promised;
		compared = true;
	}
	return !compared;
}

static void unlike_pin(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_spec *m = c->architecture->model;
	const struct vit_remote *r = &c->facts->remote;
	const enum vit_check_id id = VIT_CK_integrity_hub_unlike_pin;

	if (!m || m->file_count == 0) {
		vit_eval_not_applicable(ev, id, "not a published model whose files a spec lists");
		return;
	}
	for (uint32_t i = 0; i < m->file_count; i++) {
		const struct vit_hub_entry *e = entry_of(r, m->files[i].path);
		struct vit_str expected = VIT_STR_EMPTY;
		struct vit_finding *f;
		uint32_t row;
		if (!e || e->is_folder || is_version(&m->files[i], e, &expected))
			continue;
		f = vit_eval_fail(ev, id);
		row = vit_files_find(&c->facts->files, e->path);
		/* A card that was rewritten makes no other model. */
		if (row != VIT_FILE_NONE && !vit_file_kind_loaded(c->facts->files.files[row].kind))
			f->severity = VIT_SEV_NOTE;
		f->where.path = e->path;
		f->message = vit_eval_text(ev, "The hub's digest of this file is not one that %.*s has.", VIT_FMT(m->id));
		f->expected = vit_eval_text(ev, "%s %.*s", e->lfs ? "sha256" : "git-sha1", VIT_FMT(expected));
		f->actual = vit_eval_text(ev, "%s %.*s", e->lfs ? "sha256" : "git-sha1", VIT_FMT(e->digest));
	}
	vit_eval_pass(ev, id);
}

static const enum vit_check_id ids[] = {
	VIT_CK_integrity_hub_moved,
	VIT_CK_integrity_hub_listing,
	VIT_CK_integrity_hub_unlike_pin,
};

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_remote *r = &c->facts->remote;

	if (!r->listing) {
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
			vit_eval_not_checked(ev, ids[i], "the hub was not asked");
		return;
	}
	moved(r, ev);
	listing(r, ev);
	unlike_pin(c, ev);
}

const struct vit_pass vit_pass_hub = {
	.name = "hub",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG,
	.ids = ids,
	.id_count = sizeof ids / sizeof ids[0],
	.run = run,
};
