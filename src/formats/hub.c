#include "formats/hub.h"

#include "base/buf.h"
#include "base/path.h"
#include "json/reader.h"

#define NAME_MAX_BYTES 96 /* the hub's own limit on a name */
#define REVISION_MAX 255
#define TEXT_MAX 8192

/* ---- names ------------------------------------------------------------------ */

static bool is_name(struct vit_str s)
{
	if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!alnum && c != '-' && c != '_' && c != '.')
			return false;
	}
	return vit_str_find(s, VIT_STR(".."), 0) == SIZE_MAX;
}

/* What git allows in a name of a branch, roughly: no blanks, controls, "..". */
static bool is_revision(struct vit_str s)
{
	if (s.n == 0 || s.n > REVISION_MAX || s.p[0] == '/' || s.p[0] == '-' || s.p[s.n - 1] == '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || strchr("?#*:[]\\^~@%\"<>", s.p[i]))
			return false;
	return vit_str_find(s, VIT_STR(".."), 0) == SIZE_MAX && vit_str_find(s, VIT_STR("//"), 0) == SIZE_MAX;
}

/* Takes the part up to the next '/' off *rest, the slash too. */
static struct vit_str take_part(struct vit_str *rest)
{
	size_t slash = vit_str_find(*rest, VIT_STR("/"), 0);
	struct vit_str part = vit_str_sub(*rest, 0, slash);

	*rest = slash == SIZE_MAX ? VIT_STR_EMPTY : vit_str_sub(*rest, slash + 1, rest->n);
	return part;
}

/* %2F is the one escape that a revision needs. */
static struct vit_str unescaped(struct vit_arena *a, struct vit_str s)
{
	struct vit_buf b;
	struct vit_str out;

	vit_buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < s.n; i++) {
		bool slash = vit_str_ieq(vit_str_sub(s, i, i + 3), VIT_STR("%2f"));
		vit_buf_putc(&b, slash ? '/' : s.p[i]);
		i += slash ? 2 : 0;
	}
	out = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return out;
}

/* A revision, of which refs/pr/N and refs/convert/X take three parts. */
static struct vit_str take_revision(struct vit_arena *a, struct vit_str *rest)
{
	struct vit_str whole = *rest, first = take_part(rest), kind, name;

	if (!vit_str_is(first, "refs"))
		return unescaped(a, first);
	kind = take_part(rest);
	name = take_part(rest);
	if (name.n == 0 || (!vit_str_is(kind, "pr") && !vit_str_is(kind, "convert")))
		return vit_arena_str(a, whole);
	return vit_arena_printf(a, "refs/%.*s/%.*s", VIT_FMT(kind), VIT_FMT(name));
}

static enum vit_errc take_folder(struct vit_arena *a, struct vit_str rest, struct vit_hub_ref *out,
				 struct vit_err *err)
{
	while (rest.n && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (rest.n && !vit_path_is_plain(rest))
		return vit_err_set(err, VIT_E_USAGE, "'%.*s' is no folder of a repository", VIT_FMT(rest));
	out->folder = vit_arena_str(a, rest);
	return VIT_OK;
}

static enum vit_errc bad_ref(struct vit_str text, struct vit_err *err)
{
	return vit_err_set(err, VIT_E_USAGE, "'%.*s' names no model; expected hf://org/name, or "
			   "hf://org/name@revision", VIT_FMT(text));
}

static enum vit_errc check_ref(struct vit_str text, const struct vit_hub_ref *r, struct vit_err *err)
{
	struct vit_str rest = r->repo, owner = take_part(&rest);

	if (!is_name(owner) || (rest.n ? !is_name(rest) : r->repo.n != owner.n))
		return bad_ref(text, err);
	if (!is_revision(r->revision))
		return vit_err_set(err, VIT_E_USAGE, "'%.*s' is no revision; expected a branch, a tag or a commit",
				   VIT_FMT(r->revision));
	return VIT_OK;
}

/* Kinds of repositories that are no models. */
static enum vit_errc refuse_other_kind(struct vit_str text, struct vit_err *err)
{
	if (vit_str_starts(text, VIT_STR("datasets/")) || vit_str_starts(text, VIT_STR("spaces/")) ||
	    vit_str_starts(text, VIT_STR("buckets/")))
		return vit_err_set(err, VIT_E_USAGE, "'%.*s' names a data set, a space or a bucket; only models are audited",
				   VIT_FMT(text));
	return VIT_OK;
}

enum vit_errc vit_hub_ref_parse(struct vit_arena *a, struct vit_str text, struct vit_hub_ref *out,
				struct vit_err *err)
{
	struct vit_str models = VIT_STR("models/"), whole = text, rest = text, owner, name, revision;
	enum vit_errc rc = refuse_other_kind(text, err);
	size_t at;

	*out = (struct vit_hub_ref){ .revision = VIT_STR("main"), .folder = VIT_STR_EMPTY };
	if (rc)
		return rc;
	if (vit_str_starts(rest, models))
		rest = text = vit_str_sub(rest, models.n, rest.n);
	at = vit_str_find(rest, VIT_STR("@"), 0);
	owner = take_part(&rest);
	name = take_part(&rest);
	/* "name@revision", one of the oldest models: the revision begins in the first part. */
	if (at < owner.n) {
		out->repo = vit_arena_str(a, vit_str_sub(text, 0, at));
		rest = vit_str_sub(text, at + 1, text.n);
	} else if (at != SIZE_MAX && at <= owner.n + name.n) {
		out->repo = vit_arena_str(a, vit_str_sub(text, 0, at));
		rest = vit_str_sub(text, at + 1, text.n);
	} else {
		out->repo = name.n ? vit_arena_printf(a, "%.*s/%.*s", VIT_FMT(owner), VIT_FMT(name)) :
				     vit_arena_str(a, owner);
		at = SIZE_MAX;
	}
	if (at != SIZE_MAX) {
		revision = take_revision(a, &rest);
		out->revision = revision;
		out->revision_named = true;
	}
	rc = check_ref(whole, out, err);
	return rc ? rc : take_folder(a, rest, out, err);
}

enum vit_errc vit_hub_ref_parse_page(struct vit_arena *a, struct vit_str path, struct vit_hub_ref *out,
				     struct vit_err *err)
{
	struct vit_str rest = vit_str_starts(path, VIT_STR("/")) ? vit_str_sub(path, 1, path.n) : path, whole = rest;
	struct vit_str owner, name, what;
	enum vit_errc rc = refuse_other_kind(rest, err);

	*out = (struct vit_hub_ref){ .revision = VIT_STR("main"), .folder = VIT_STR_EMPTY };
	if (rc)
		return rc;
	owner = take_part(&rest);
	name = take_part(&rest);
	out->repo = name.n ? vit_arena_printf(a, "%.*s/%.*s", VIT_FMT(owner), VIT_FMT(name)) : vit_arena_str(a, owner);
	if (rest.n) {
		what = take_part(&rest);
		if (!vit_str_is(what, "tree") && !vit_str_is(what, "blob") && !vit_str_is(what, "resolve"))
			return bad_ref(whole, err);
		out->revision = take_revision(a, &rest);
		out->revision_named = true;
	}
	rc = check_ref(whole, out, err);
	return rc ? rc : take_folder(a, rest, out, err);
}

static bool is_hex(struct vit_str s, size_t n)
{
	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

bool vit_hub_is_commit(struct vit_str s)
{
	return is_hex(s, 40);
}

/* ---- answers ------------------------------------------------------------------ */

static bool skip_begun(struct vit_json_reader *r, enum vit_json_type t)
{
	return (t != VIT_JSON_OBJECT_BEGIN && t != VIT_JSON_ARRAY_BEGIN) || vit_json_skip_rest(r);
}

/* A string as it is meant, in the arena; empty for what is none. */
static struct vit_str take_string(struct vit_arena *a, struct vit_json_reader *r)
{
	struct vit_json_event ev;
	struct vit_buf b;
	struct vit_str s;

	if (vit_json_next(r, &ev) != VIT_JSON_STRING) {
		(void)skip_begun(r, ev.type);
		return VIT_STR_EMPTY;
	}
	if (!(ev.flags & VIT_JSON_ESCAPED))
		return vit_arena_str(a, ev.raw);
	vit_buf_init(&b, TEXT_MAX);
	vit_json_decode(&ev, &b);
	s = b.full ? VIT_STR_EMPTY : vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return s;
}

static bool take_u64(struct vit_json_reader *r, uint64_t *out)
{
	struct vit_json_event ev;

	if (vit_json_next(r, &ev) == VIT_JSON_NUMBER && (ev.flags & VIT_JSON_U64)) {
		*out = ev.u64;
		return true;
	}
	(void)skip_begun(r, ev.type);
	return false;
}

/* Anything but false, null and absence is a yes: gated is false or "auto" or "manual". */
static bool take_yes(struct vit_json_reader *r)
{
	struct vit_json_event ev;

	vit_json_next(r, &ev);
	(void)skip_begun(r, ev.type);
	return ev.type != VIT_JSON_FALSE && ev.type != VIT_JSON_NULL;
}

struct row {
	struct vit_str type, path, oid, lfs_oid;
	bool has_size, has_lfs;
	uint64_t size;
};

static void take_lfs(struct vit_arena *a, struct vit_json_reader *r, struct row *row)
{
	struct vit_json_event ev;

	if (vit_json_next(r, &ev) != VIT_JSON_OBJECT_BEGIN) {
		(void)skip_begun(r, ev.type);
		return;
	}
	row->has_lfs = true;
	while (vit_json_next(r, &ev) == VIT_JSON_KEY) {
		if (vit_str_is(ev.raw, "oid") || vit_str_is(ev.raw, "sha256"))
			row->lfs_oid = take_string(a, r);
		else if (!vit_json_skip(r))
			return;
	}
	if (vit_str_starts(row->lfs_oid, VIT_STR("sha256:")))
		row->lfs_oid = vit_str_sub(row->lfs_oid, 7, row->lfs_oid.n);
}

static void take_row(struct vit_arena *a, struct vit_json_reader *r, struct vit_hub_listing *out)
{
	struct row row = { .type = VIT_STR_EMPTY, .path = VIT_STR_EMPTY, .oid = VIT_STR_EMPTY,
			   .lfs_oid = VIT_STR_EMPTY };
	struct vit_json_event ev;
	struct vit_hub_entry *e;
	bool folder;

	while (vit_json_next(r, &ev) == VIT_JSON_KEY) {
		if (vit_str_is(ev.raw, "type"))
			row.type = take_string(a, r);
		else if (vit_str_is(ev.raw, "path"))
			row.path = take_string(a, r);
		else if (vit_str_is(ev.raw, "oid"))
			row.oid = take_string(a, r);
		else if (vit_str_is(ev.raw, "size"))
			row.has_size = take_u64(r, &row.size);
		else if (vit_str_is(ev.raw, "lfs"))
			take_lfs(a, r, &row);
		else if (!vit_json_skip(r))
			return;
	}
	folder = vit_str_is(row.type, "directory");
	if (!vit_path_is_plain(row.path) || (!folder && (!vit_str_is(row.type, "file") || !row.has_size))) {
		out->bad_entries++;
		return;
	}
	e = vit_vec_add(&out->entries);
	*e = (struct vit_hub_entry){ .path = row.path, .is_folder = folder, .lfs = row.has_lfs,
				     .size = folder ? 0 : row.size, .digest = VIT_STR_EMPTY };
	if (!folder && row.has_lfs && is_hex(row.lfs_oid, 64))
		e->digest = row.lfs_oid;
	else if (!folder && !row.has_lfs && is_hex(row.oid, 40))
		e->digest = row.oid;
}

enum vit_errc vit_hub_listing_read(struct vit_arena *a, struct vit_str page, struct vit_hub_listing *out,
				   struct vit_err *err)
{
	struct vit_json_reader r;
	struct vit_json_event ev;

	vit_json_reader_init(&r, page, 0);
	if (vit_json_next(&r, &ev) != VIT_JSON_ARRAY_BEGIN)
		return vit_err_set(err, VIT_E_SYNTAX, "the hub's listing is no JSON array");
	while (vit_json_next(&r, &ev) != VIT_JSON_ARRAY_END && ev.type != VIT_JSON_ERROR) {
		if (out->entries.count >= VIT_HUB_MAX_ENTRIES)
			return vit_err_set(err, VIT_E_LIMIT, "the hub lists more than %u entries", VIT_HUB_MAX_ENTRIES);
		if (ev.type == VIT_JSON_OBJECT_BEGIN) {
			take_row(a, &r, out);
		} else {
			out->bad_entries++;
			(void)skip_begun(&r, ev.type);
		}
	}
	if (ev.type != VIT_JSON_ERROR && vit_json_next(&r, &ev) == VIT_JSON_END)
		return VIT_OK;
	return vit_err_at(err, VIT_E_SYNTAX, r.err.offset, "the hub's listing cannot be read: %s", r.err.msg);
}

enum vit_errc vit_hub_info_read(struct vit_arena *a, struct vit_str text, struct vit_hub_info *out,
				struct vit_err *err)
{
	struct vit_json_reader r;
	struct vit_json_event ev;

	*out = (struct vit_hub_info){ .id = VIT_STR_EMPTY, .sha = VIT_STR_EMPTY };
	vit_json_reader_init(&r, text, 0);
	if (vit_json_next(&r, &ev) != VIT_JSON_OBJECT_BEGIN)
		return vit_err_set(err, VIT_E_SYNTAX, "the hub's description of the model is no JSON object");
	while (vit_json_next(&r, &ev) == VIT_JSON_KEY) {
		if (vit_str_is(ev.raw, "id"))
			out->id = take_string(a, &r);
		else if (vit_str_is(ev.raw, "sha"))
			out->sha = take_string(a, &r);
		else if (vit_str_is(ev.raw, "gated"))
			out->gated = take_yes(&r);
		else if (vit_str_is(ev.raw, "private"))
			out->hidden = take_yes(&r);
		else if (vit_str_is(ev.raw, "disabled"))
			out->disabled = take_yes(&r);
		else if (!vit_json_skip(&r))
			break;
	}
	if (ev.type != VIT_JSON_OBJECT_END)
		return vit_err_at(err, VIT_E_SYNTAX, r.err.offset, "the hub's description of the model cannot be read: %s",
				  r.err.msg);
	if (!vit_hub_is_commit(out->sha))
		return vit_err_set(err, VIT_E_SYNTAX, "the hub's description of the model names no commit");
	return VIT_OK;
}
