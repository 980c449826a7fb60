#include "collect/remote.h"

#include <stdlib.h>

#include "base/path.h"
#include "collect/files_internal.h"
#include "collect/remote_internal.h"

/* What is looked for in a folder of a plain web server. */
static const char *const usual_names[] = {
	"config.json", "generation_config.json", "model.safetensors.index.json", "tokenizer.json",
	"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
	"tokenizer.model", "vocab.txt", "chat_template.jinja", "chat_template.json", "preprocessor_config.json",
	"quantize_config.json", "quant_config.json", "adapter_config.json", "vitalis.lock", "SHA256SUMS",
};
static const char *const usual_weights[] = { "model.safetensors", "adapter_model.safetensors" };

static bool wants_small(const struct remote_file *f)
{
	return !f->folder && remote_is_small(f->path);
}

static bool wants_part(const struct remote_file *f)
{
	return !f->folder && (remote_is_shard(f->path) || remote_is_metal(f->path) || remote_is_peeked(f->path));
}

/* ---- rows ------------------------------------------------------------------------ */

static int by_path(const void *x, const void *y)
{
	const struct remote_file *a = x, *b = y;

	return vit_str_cmp(a->path, b->path);
}

/* What was found, as the walk of a folder would have listed it. */
static void make_rows(struct remote_build *b, struct vit_source *source, struct vit_files *out)
{
	struct vit_link_roots roots = { 0 };
	struct vit_str *fetched = VIT_NEW_ARRAY(b->arena, b->files.count + 1, struct vit_str);
	uint32_t n = 0;

	if (b->files.count > 1)
		qsort(b->files.items, b->files.count, sizeof(struct remote_file), by_path);
	out->files = VIT_NEW_ARRAY(b->arena, b->files.count + 1, struct vit_file);
	for (size_t i = 0; i < b->files.count; i++) {
		const struct remote_file *f = vit_vec_at(&b->files, i);
		struct vit_file *row = &out->files[n];
		if (!f->found)
			continue;
		row->path = f->path;
		row->type = f->folder ? VIT_FT_DIR : VIT_FT_REGULAR;
		row->kind = vit_kind_by_name(f->path, row->type);
		row->flags = vit_name_flags(f->path) | (f->err ? VIT_FF_UNREADABLE : 0);
		row->case_twin = VIT_FILE_NONE;
		row->size = row->blocks = f->size;
		row->link_target = row->lfs_oid = VIT_STR_EMPTY;
		row->err = f->err;
		fetched[n++] = f->fetched;
	}
	out->count = n;
	out->fetched = fetched;
	vit_files_complete(b->arena, source, &roots, out);
}

/* ---- the hub ---------------------------------------------------------------------- */

static enum vit_errc list_hub(struct remote_build *b, const struct vit_hub_ref *ref, struct vit_files *out,
			      struct vit_err *err)
{
	struct vit_hub_info info;
	struct vit_hub_entry *entries;
	struct vit_str prefix = ref->folder.n ? vit_arena_printf(b->arena, "%.*s/", VIT_FMT(ref->folder)) : VIT_STR_EMPTY;
	uint32_t count, kept = 0;
	enum vit_errc rc = vit_net_hub_info(&b->net, ref, &info, err);

	if (rc)
		return rc;
	b->out->repo = info.id;
	b->out->revision = info.sha;
	b->out->gated = info.gated;
	out->hub_repo = info.id;
	out->hub_revision = info.sha;
	rc = vit_net_hub_list(&b->net, info.id, info.sha, &entries, &count, &b->out->bad_entries, err);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < count; i++) {
		struct vit_hub_entry *e = &entries[i];
		struct remote_file *f;
		struct vit_str url;
		if (!vit_str_starts(e->path, prefix))
			continue;
		url = vit_net_hub_url(&b->net, info.id, info.sha, e->path);
		e->path = vit_arena_str(b->arena, vit_str_sub(e->path, prefix.n, e->path.n));
		entries[kept++] = *e;
		f = vit_vec_add(&b->files);
		*f = (struct remote_file){ .path = e->path, .url = url, .folder = e->is_folder, .found = true,
					   .listed = true, .size = e->size };
	}
	b->out->listing = entries;
	b->out->listing_count = kept;
	if (prefix.n && kept == 0)
		rc = vit_err_set(err, VIT_E_NOTFOUND, "%.*s has no folder '%.*s' at %.*s", VIT_FMT(info.id),
				 VIT_FMT(ref->folder), VIT_FMT(ref->revision));
	return rc;
}

/* Nothing that was asked for came, and this is why the first did not: the server
 * is broken, not the files. */
static const struct vit_err *only_errors(const struct remote_build *b)
{
	const struct vit_err *first = NULL;

	for (size_t i = 0; i < b->files.count; i++) {
		const struct remote_file *f = vit_vec_at(&b->files, i);
		if (f->fetched.n)
			return NULL;
		if (f->err && !first)
			first = f->err;
	}
	return first;
}

static enum vit_errc broken_server(const struct remote_build *b, struct vit_err *err)
{
	const struct vit_err *first = only_errors(b);

	return vit_err_set(err, first->code, "%.*s: no file of it could be fetched; %s", VIT_FMT(b->out->endpoint),
			   first->msg);
}

static enum vit_errc collect_hub(struct remote_build *b, const struct vit_hub_ref *ref, struct vit_files *out,
				 struct vit_err *err)
{
	enum vit_errc rc;

	b->out->kind = VIT_REMOTE_HUB;
	b->out->endpoint = b->net.endpoint;
	b->out->repo = b->out->asked_repo = ref->repo;
	b->out->asked_revision = ref->revision;
	out->root = vit_arena_printf(b->arena, "hf://%.*s%s%.*s", VIT_FMT(ref->repo), ref->folder.n ? "/" : "",
				     VIT_FMT(ref->folder));
	if ((rc = list_hub(b, ref, out, err)) || (rc = remote_fetch(b, wants_small, false, err)))
		return rc;
	if (b->gate.code) {
		*err = b->gate;
		return err->code;
	}
	if (only_errors(b))
		return broken_server(b, err);
	rc = remote_fetch(b, wants_part, true, err);
	if (!rc && b->gate.code) {
		*err = b->gate;
		rc = err->code;
	}
	return rc;
}

/* ---- a folder of a web server -------------------------------------------------------- */

static void look_for(struct remote_build *b, struct vit_str path)
{
	struct vit_buf url;
	struct remote_file *f;

	if (remote_find(b, path))
		return;
	vit_buf_init(&url, VIT_HTTP_URL_MAX);
	vit_buf_printf(&url, "%.*s/", VIT_FMT(b->out->endpoint));
	vit_url_quote(&url, path);
	f = vit_vec_add(&b->files);
	*f = (struct remote_file){ .path = vit_arena_str(b->arena, path), .url = vit_arena_str(b->arena, vit_buf_view(&url)) };
	vit_buf_release(&url);
}

static void look_for_shards(struct remote_build *b)
{
	const struct remote_file *index = remote_find(b, VIT_STR("model.safetensors.index.json"));
	struct remote_shards named;

	remote_shards_read(b->arena, index && index->fetched.p ? index->fetched : VIT_STR_EMPTY, &named);
	for (size_t i = 0; i < named.names.count; i++) {
		struct vit_str name = *(struct vit_str *)vit_vec_at(&named.names, i);
		if (vit_path_is_plain(name) && remote_is_shard(name))
			look_for(b, name);
	}
	if (named.names.count == 0)
		for (size_t i = 0; i < sizeof usual_weights / sizeof usual_weights[0]; i++)
			look_for(b, vit_str_c(usual_weights[i]));
	remote_shards_free(&named);
}

/* Some servers answer every name with a page of theirs. It is no file then; of
 * config.json it is told as what it is. */
static void drop_pages(struct remote_build *b)
{
	for (size_t i = 0; i < b->files.count; i++) {
		struct remote_file *f = vit_vec_at(&b->files, i);
		struct vit_file row = { .kind = VIT_FK_CONFIG, .size = f->size };
		if (!f->fetched.p || vit_str_is(f->path, "config.json"))
			continue;
		vit_kind_by_bytes(b->arena, &row, vit_str_sub(f->fetched, 0, VIT_PEEK_BYTES));
		if (row.flags & VIT_FF_HTML)
			f->found = false;
	}
}

static enum vit_errc nothing_there(const struct remote_build *b, struct vit_err *err)
{
	if (b->gate.code)
		return vit_err_set(err, VIT_E_PERM, "%.*s: the server wants to know who asks (401); of a web server only "
				   "folders that are open to all are audited", VIT_FMT(b->out->endpoint));
	if (b->out->refused)
		return vit_err_set(err, VIT_E_PERM, "%.*s: the server refuses every file of a model (403)",
				   VIT_FMT(b->out->endpoint));
	return vit_err_set(err, VIT_E_NOTFOUND, "%.*s: no model there: neither config.json nor any other of its usual files; "
			   "name the folder that holds them", VIT_FMT(b->out->endpoint));
}

static enum vit_errc collect_folder(struct remote_build *b, struct vit_str address, struct vit_files *out,
				    struct vit_err *err)
{
	bool any = false;
	enum vit_errc rc;

	while (address.n && address.p[address.n - 1] == '/')
		address.n--;
	b->out->kind = VIT_REMOTE_FOLDER;
	b->out->endpoint = vit_arena_str(b->arena, address);
	out->root = b->out->endpoint;
	for (size_t i = 0; i < sizeof usual_names / sizeof usual_names[0]; i++)
		look_for(b, vit_str_c(usual_names[i]));
	rc = remote_fetch(b, wants_small, false, err);
	if (rc)
		return rc;
	if (only_errors(b))
		return broken_server(b, err);
	drop_pages(b);
	look_for_shards(b);
	rc = remote_fetch(b, wants_part, true, err);
	for (size_t i = 0; i < b->files.count; i++)
		any |= ((struct remote_file *)vit_vec_at(&b->files, i))->found;
	if (!rc && (!any || b->gate.code))
		rc = nothing_there(b, err);
	return rc;
}

/* ---- addresses ------------------------------------------------------------------------ */

static enum vit_errc collect_address(struct remote_build *b, struct vit_str address, struct vit_files *out,
				     struct vit_err *err)
{
	struct vit_hub_ref ref;
	struct vit_url url;
	struct vit_err cause;
	enum vit_errc rc;

	if (vit_str_ieq(vit_str_sub(address, 0, 5), VIT_STR("hf://"))) {
		rc = vit_hub_ref_parse(b->arena, vit_str_sub(address, 5, address.n), &ref, err);
		return rc ? rc : collect_hub(b, &ref, out, err);
	}
	if (vit_url_parse(address, &url, &cause) != VIT_OK)
		return vit_err_set(err, VIT_E_USAGE, "%s", cause.msg);
	/* The page of a model, as copied from a browser. */
	if (vit_url_same_origin(&url, &b->net.endpoint_url) && vit_str_starts(url.text, b->net.endpoint)) {
		rc = vit_hub_ref_parse_page(b->arena, vit_str_sub(url.text, b->net.endpoint.n,
								  url.text.n - url.query.n), &ref, err);
		return rc ? rc : collect_hub(b, &ref, out, err);
	}
	if (url.query.n)
		return vit_err_set(err, VIT_E_USAGE, "%.*s: the address of a folder has no '?' in it", VIT_FMT(address));
	if (!url.https && !vit_url_is_loopback(&url))
		return vit_err_set(err, VIT_E_USAGE, "%.*s: a model is fetched over https; http is used on this machine "
				   "alone", VIT_FMT(address));
	return collect_folder(b, url.text, out, err);
}

enum vit_errc vit_collect_remote(struct vit_arena *a, const char *address, const struct vit_collect_options *opt,
				 struct vit_source *source, struct vit_files *out, struct vit_remote *remote,
				 struct vit_err *err)
{
	struct remote_build b = { .arena = a, .opt = opt, .files = VIT_VEC(sizeof(struct remote_file)), .out = remote };
	struct vit_str text = vit_arena_str(a, vit_str_c(address));
	enum vit_errc rc;

	*out = (struct vit_files){ .input = text, .root = text, .only = VIT_STR_EMPTY, .limit_path = VIT_STR_EMPTY,
				   .hub_repo = VIT_STR_EMPTY, .hub_revision = VIT_STR_EMPTY };
	*source = (struct vit_source){ .root_fd = -1, .files = out };
	if (opt->offline)
		return vit_err_set(err, VIT_E_USAGE, "%s lies on a server, and --offline forbids the network", address);
	rc = vit_net_open(&b.net, a, opt, err);
	if (rc)
		return rc;
	vit_progress_start(&b.bar, "fetching", 0, true, opt->progress);
	b.net.fetcher.progress = &b.bar;
	rc = collect_address(&b, text, out, err);
	vit_progress_finish(&b.bar);
	vit_net_close(&b.net, remote);
	if (!rc)
		make_rows(&b, source, out);
	vit_vec_free(&b.files);
	return rc;
}
