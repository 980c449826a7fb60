#include "facts/dump_internal.h"

void vit_dump_str(struct vit_json_writer *w, const char *key, struct vit_str s)
{
	if (s.n == 0)
		return;
	vit_jw_key(w, key);
	vit_jw_str(w, s);
}

void vit_dump_u64(struct vit_json_writer *w, const char *key, uint64_t v)
{
	vit_jw_key(w, key);
	vit_jw_u64(w, v);
}

void vit_dump_flag(struct vit_json_writer *w, const char *key, bool v)
{
	if (!v)
		return;
	vit_jw_key(w, key);
	vit_jw_bool(w, true);
}

void vit_dump_err(struct vit_json_writer *w, const char *key, const struct vit_err *err)
{
	if (!err || err->code == VIT_OK)
		return;
	vit_jw_key(w, key);
	vit_jw_object(w);
	vit_jw_key(w, "code");
	vit_jw_cstr(w, vit_errc_name(err->code));
	if (err->offset)
		vit_dump_u64(w, "offset", err->offset);
	vit_dump_str(w, "message", vit_str_c(err->msg));
	vit_jw_object_end(w);
}

const char *vit_doc_state_name(enum vit_doc_state s)
{
	switch (s) {
	case VIT_DOC_ABSENT:
		return "absent";
	case VIT_DOC_OK:
		return "ok";
	case VIT_DOC_INVALID:
		return "invalid";
	case VIT_DOC_UNREADABLE:
		return "unreadable";
	case VIT_DOC_POINTER:
		return "pointer";
	}
	return "absent";
}

static const char *limit_name(enum vit_walk_limit l)
{
	switch (l) {
	case VIT_WALK_COMPLETE:
		return "complete";
	case VIT_WALK_ENTRIES:
		return "entries";
	case VIT_WALK_DEPTH:
		return "depth";
	}
	return "complete";
}

static void dump_file(const struct vit_files *all, const struct vit_file *f,
		      struct vit_json_writer *w)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} flags[] = {
		{ VIT_FF_SYMLINK, "symlink" },
		{ VIT_FF_LINK_CACHE, "link-cache" },
		{ VIT_FF_LINK_LOOP, "link-loop" },
		{ VIT_FF_NOT_UTF8, "name-not-utf8" },
		{ VIT_FF_CONTROL, "name-control" },
		{ VIT_FF_PICKLE_BYTES, "pickle-bytes" },
		{ VIT_FF_HARDLINKED, "hardlinked" },
		{ VIT_FF_NATIVE_BYTES, "native-bytes" },
		{ VIT_FF_EXECUTABLE, "executable" },
		{ VIT_FF_LFS_POINTER, "lfs-pointer" },
		{ VIT_FF_HTML, "html" },
		{ VIT_FF_UNREADABLE, "unreadable" },
		{ VIT_FF_LINK_OUTSIDE, "link-outside" },
		{ VIT_FF_LINK_BROKEN, "link-broken" },
	};

	vit_jw_object(w);
	vit_jw_key(w, "path");
	vit_jw_str(w, f->path);
	vit_jw_key(w, "type");
	vit_jw_cstr(w, vit_file_type_name(f->type));
	vit_jw_key(w, "kind");
	vit_jw_cstr(w, vit_file_kind_name(f->kind));
	vit_jw_key(w, "state");
	vit_jw_cstr(w, vit_file_state(f));
	if (f->type == VIT_FT_REGULAR) {
		vit_dump_u64(w, "size_bytes", f->size);
		vit_dump_u64(w, "allocated_bytes", f->blocks);
	}
	if (f->flags) {
		vit_jw_key(w, "flags");
		vit_jw_array(w);
		for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
			if (f->flags & flags[i].flag)
				vit_jw_cstr(w, flags[i].name);
		vit_jw_array_end(w);
	}
	vit_dump_str(w, "link_target", f->link_target);
	if (f->flags & VIT_FF_LFS_POINTER) {
		vit_dump_str(w, "lfs_sha256", f->lfs_oid);
		vit_dump_u64(w, "lfs_size_bytes", f->lfs_size);
	}
	if (f->case_twin != VIT_FILE_NONE)
		vit_dump_str(w, "case_twin", all->files[f->case_twin].path);
	vit_dump_err(w, "error", f->err);
	vit_jw_object_end(w);
}

static void dump_files(const struct vit_files *f, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_dump_str(w, "root", f->root);
	vit_dump_str(w, "input", f->input);
	vit_dump_str(w, "only", f->only);
	vit_dump_u64(w, "total_bytes", f->total_bytes);
	vit_jw_key(w, "walk");
	vit_jw_cstr(w, limit_name(f->limit));
	vit_dump_str(w, "limit_path", f->limit_path);
	vit_dump_u64(w, "unreadable_folders", f->unreadable_dirs);
	vit_dump_flag(w, "git_clone", f->git_clone);
	vit_dump_flag(w, "hub_cache_root", f->hub_cache_root);
	vit_dump_flag(w, "hub_snapshot", f->hub_snapshot);
	vit_dump_str(w, "hub_repo", f->hub_repo);
	vit_dump_str(w, "hub_revision", f->hub_revision);
	vit_jw_key(w, "files");
	vit_jw_array(w);
	for (uint32_t i = 0; i < f->count; i++)
		dump_file(f, &f->files[i], w);
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}

void vit_facts_dump(const struct vit_facts *f, struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "schema");
	vit_jw_cstr(w, "vitalis-facts/1");
	if (f->groups & VIT_FG_FILES) {
		vit_jw_key(w, "files");
		dump_files(&f->files, w);
	}
	if (f->groups & VIT_FG_CONFIG) {
		vit_jw_key(w, "config");
		vit_dump_config(&f->config, w);
	}
	if (f->groups & VIT_FG_TOKENIZER) {
		vit_jw_key(w, "tokenizer");
		vit_dump_tokenizer(&f->tokenizer, w);
	}
	if (f->groups & VIT_FG_WEIGHTS) {
		vit_jw_key(w, "weights");
		vit_dump_weights(&f->weights, &f->numbers, w);
	}
	if ((f->groups & VIT_FG_WEIGHTS) && f->metal.state != VIT_DOC_ABSENT) {
		vit_jw_key(w, "metal");
		vit_dump_metal(&f->metal, w);
	}
	if (f->groups & VIT_FG_SYSTEM) {
		vit_jw_key(w, "system");
		vit_dump_system(&f->system, w);
	}
	if (f->remote.requests) {
		vit_jw_key(w, "remote");
		vit_dump_remote(&f->remote, w);
	}
	if (f->hub.asked) {
		vit_jw_key(w, "hub");
		vit_dump_hub(&f->hub, w);
	}
	if (f->runtimes.probed) {
		vit_jw_key(w, "runtimes");
		vit_dump_runtimes(&f->runtimes, w);
	}
	if (f->python.probed) {
		vit_jw_key(w, "python");
		vit_dump_python(&f->python, w);
	}
	if (f->data.given) {
		vit_jw_key(w, "data");
		vit_dump_data(&f->data, w);
	}
	if (f->base) {
		/* One level: a base has no base. */
		vit_jw_key(w, "base");
		vit_jw_object(w);
		vit_jw_key(w, "files");
		dump_files(&f->base->files, w);
		vit_jw_key(w, "config");
		vit_dump_config(&f->base->config, w);
		vit_jw_key(w, "weights");
		vit_dump_weights(&f->base->weights, NULL, w);
		vit_jw_object_end(w);
	}
	vit_jw_object_end(w);
}
