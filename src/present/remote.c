#include "present/present.h"

#define FILE_ROWS 20000
#define FILE_TEXT_ROWS 60

const char *vit_present_lister(const struct vit_present *p)
{
	switch (p->facts->remote.kind) {
	case VIT_REMOTE_HUB:
		return "the hub's listing";
	case VIT_REMOTE_FOLDER:
		return "the server's answers";
	case VIT_REMOTE_NONE:
		break;
	}
	return "walk";
}

static void present_hub_files(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "path", "File", false },	   { "state", "Against the hub", false },
		{ "expected", NULL, false },	   { "digest", NULL, false },
		{ "expected_bytes", NULL, false },
	};
	const struct vit_hub *h = &p->facts->hub;
	struct vit_node *t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "hub_files", "Files against the hub");

	t->columns = columns;
	t->column_count = 5;
	t->row_count = h->file_count < FILE_ROWS ? h->file_count : FILE_ROWS;
	t->rows_total = h->file_count > FILE_ROWS ? h->file_count : 0;
	t->text_rows = FILE_TEXT_ROWS;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)t->row_count * 5 + 1, struct vit_val);
	for (uint32_t i = 0; i < t->row_count; i++) {
		const struct vit_hub_file *f = &h->files[i];
		*vit_cell(t, i, 0) = vit_val_str(f->path);
		*vit_cell(t, i, 1) = vit_val_c(vit_hub_state_name(f->state));
		if (f->digest.n)
			*vit_cell(t, i, 3) = vit_val_str(f->digest);
		if (f->entry == UINT32_MAX)
			continue;
		if (p->facts->remote.listing[f->entry].digest.n)
			*vit_cell(t, i, 2) = vit_val_str(p->facts->remote.listing[f->entry].digest);
		*vit_cell(t, i, 4) = vit_val_u64(p->facts->remote.listing[f->entry].size);
	}
}

/* A copy of this machine against the hub. */
static void present_copy(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_hub *h = &p->facts->hub;
	uint64_t counts[VIT_HUB_UNREADABLE + 1] = { 0 };

	for (uint32_t i = 0; i < h->file_count; i++)
		counts[h->files[i].state]++;
	if (h->local_revision.n)
		vit_present_value(p, s, "local_revision", "The copy was fetched at", vit_val_str(h->local_revision),
				  VIT_BASIS_ATTESTED, "the client's notes, the hub cache's folder, or the clone");
	if (h->head.n)
		vit_present_value(p, s, "head", "The hub holds now", vit_val_str(h->head), VIT_BASIS_ATTESTED, "the hub");
	if (h->err) {
		vit_present_text(p, s, vit_arena_printf(p->arena, "The copy was not compared with the hub: %s", h->err->msg));
		return;
	}
	if (h->repo_source.n)
		vit_present_value(p, s, "repo_source", "The repository was told by", vit_val_str(h->repo_source),
				  VIT_BASIS_MEASURED, "in this order: --repo, cache folder, spec, clone");
	vit_present_value(p, s, "hub_same", "Files with the hub's digest", vit_val_u64(counts[VIT_HUB_SAME]),
			  VIT_BASIS_MEASURED, "computed");
	vit_present_value(p, s, "hub_noted", "Not hashed; the client noted the hub's digest", vit_val_u64(counts[VIT_HUB_NOTED]),
			  VIT_BASIS_ATTESTED, "the client's notes; --verify hashes");
	vit_present_value(p, s, "hub_same_size", "Not hashed; of the hub's size", vit_val_u64(counts[VIT_HUB_SIZE]),
			  VIT_BASIS_MEASURED, "fstat; weaker than a digest, --verify hashes");
	vit_present_value(p, s, "hub_different", "Of other content", vit_val_u64(counts[VIT_HUB_ALTERED] + counts[VIT_HUB_STALE]),
			  VIT_BASIS_MEASURED, "digest or size");
	vit_present_value(p, s, "hub_missing", "On the hub alone", vit_val_u64(counts[VIT_HUB_MISSING]), VIT_BASIS_MEASURED,
			  "walk against the hub's listing");
	vit_present_value(p, s, "hub_extra", "Here alone", vit_val_u64(counts[VIT_HUB_EXTRA]), VIT_BASIS_MEASURED,
			  "walk against the hub's listing");
	present_hub_files(p, s);
}

void vit_present_remote(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_remote *r = &p->facts->remote;
	struct vit_str counted = VIT_STR("counted");
	struct vit_node *g;

	if (r->requests == 0 && !p->facts->hub.asked)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "remote", "Over the network");
	vit_node_value(p->arena, g, "server", "Server", vit_val_str(r->endpoint), VIT_BASIS_MEASURED,
		       r->repo.n ? VIT_STR("HF_ENDPOINT, or its default") : VIT_STR("command line"));
	if (r->revision.n)
		vit_node_value(p->arena, g, "repo", "Repository", vit_val_str(r->repo), VIT_BASIS_ATTESTED, VIT_STR("the hub"));
	if (r->asked_revision.n)
		vit_node_value(p->arena, g, "asked_revision", "Revision asked for", vit_val_str(r->asked_revision),
			       VIT_BASIS_MEASURED, VIT_STR("command line, or its default"));
	if (r->revision.n)
		vit_node_value(p->arena, g, "revision", "Commit", vit_val_str(r->revision), VIT_BASIS_ATTESTED,
			       VIT_STR("the hub"));
	vit_node_value(p->arena, g, "requests", "Requests made", vit_val_u64(r->requests), VIT_BASIS_MEASURED, counted);
	vit_node_value(p->arena, g, "redirects", "Of these, redirects followed", vit_val_u64(r->redirects),
		       VIT_BASIS_MEASURED, counted);
	vit_node_value(p->arena, g, "retries", "Of these, repetitions", vit_val_u64(r->retries), VIT_BASIS_MEASURED,
		       counted);
	vit_node_value(p->arena, g, "bytes_fetched", "Bytes fetched", vit_val_bytes(r->bytes), VIT_BASIS_MEASURED, counted);
	if (r->refused)
		vit_node_value(p->arena, g, "refused", "Usual files refused (403), taken for absent", vit_val_u64(r->refused),
			       VIT_BASIS_MEASURED, counted);
	if (p->facts->hub.asked)
		present_copy(p, s);
	if (r->kind != VIT_REMOTE_NONE)
		vit_present_text(p, s, VIT_STR("The bytes of the weights were not downloaded: their headers were, and "
					       "nothing is said about the numbers behind them."));
	if (r->kind == VIT_REMOTE_FOLDER)
		vit_present_text(p, s, VIT_STR("A plain web server lists nothing: the usual files of a model and the shards its "
					       "index names were asked for; what else lies there was not seen."));
}
