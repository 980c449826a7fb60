#include "facts/dump_internal.h"

static const char *kind_name(enum vit_remote_kind k)
{
	switch (k) {
	case VIT_REMOTE_NONE:
		return "none";
	case VIT_REMOTE_HUB:
		return "hub";
	case VIT_REMOTE_FOLDER:
		return "folder";
	}
	return "none";
}

static void dump_listing(const struct vit_remote *r, struct vit_json_writer *w)
{
	vit_jw_key(w, "listing");
	vit_jw_array(w);
	for (uint32_t i = 0; i < r->listing_count; i++) {
		const struct vit_hub_entry *e = &r->listing[i];
		if (e->is_folder)
			continue;
		vit_jw_object(w);
		vit_dump_str(w, "path", e->path);
		vit_dump_u64(w, "size_bytes", e->size);
		vit_dump_str(w, e->lfs ? "sha256" : "git_blob", e->digest);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

void vit_dump_remote(const struct vit_remote *r, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "audited");
	vit_jw_cstr(w, kind_name(r->kind));
	vit_dump_str(w, "server", r->endpoint);
	vit_dump_str(w, "repo", r->repo);
	vit_dump_str(w, "asked_repo", r->asked_repo);
	vit_dump_str(w, "asked_revision", r->asked_revision);
	vit_dump_str(w, "revision", r->revision);
	vit_dump_flag(w, "gated", r->gated);
	vit_dump_u64(w, "refused", r->refused);
	vit_dump_u64(w, "bad_entries", r->bad_entries);
	vit_dump_u64(w, "requests", r->requests);
	vit_dump_u64(w, "redirects", r->redirects);
	vit_dump_u64(w, "retries", r->retries);
	vit_dump_u64(w, "bytes", r->bytes);
	if (r->listing)
		dump_listing(r, w);
	vit_jw_object_end(w);
}

void vit_dump_hub(const struct vit_hub *h, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_err(w, "error", h->err);
	vit_dump_str(w, "repo_source", h->repo_source);
	vit_dump_str(w, "local_revision", h->local_revision);
	vit_dump_flag(w, "local_revision_unknown", h->local_unknown);
	vit_dump_str(w, "head", h->head);
	vit_dump_u64(w, "changed_at_head", h->changed);
	vit_jw_key(w, "files");
	vit_jw_array(w);
	for (uint32_t i = 0; i < h->file_count; i++) {
		vit_jw_object(w);
		vit_dump_str(w, "path", h->files[i].path);
		vit_jw_key(w, "state");
		vit_jw_cstr(w, vit_hub_state_name(h->files[i].state));
		vit_dump_str(w, "digest", h->files[i].digest);
		vit_dump_err(w, "error", h->files[i].err);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}
