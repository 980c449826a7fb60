#include "collect/remote_internal.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/path.h"
#include "collect/files_internal.h"
#include "formats/gptoss_metal.h"
#include "json/reader.h"

/* Shards of one model whose header is fetched. */
#define MAX_SHARDS 20000u
/* Other files whose first bytes are. */
#define MAX_PEEKED 512u
/* The shortest entry of a header beside its name:
 * "":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}, */
#define ENTRY_BYTES 51u
/* The length before the header, and its braces. */
#define AROUND_BYTES 10u

bool remote_is_shard(struct vit_str path)
{
	return vit_str_ends(path, VIT_STR(".safetensors")) &&
	       vit_kind_by_name(path, VIT_FT_REGULAR) == VIT_FK_WEIGHTS;
}

bool remote_is_metal(struct vit_str path)
{
	return vit_str_is(path, "metal/model.bin");
}

bool remote_is_peeked(struct vit_str path)
{
	enum vit_file_kind kind = vit_kind_by_name(path, VIT_FT_REGULAR);

	return !remote_is_metal(path) && !remote_is_small(path) && !remote_is_shard(path) &&
	       (kind == VIT_FK_PICKLE || kind == VIT_FK_OTHER_WEIGHTS || kind == VIT_FK_OTHER || kind == VIT_FK_WEIGHTS);
}

bool remote_is_small(struct vit_str path)
{
	static const char *const lists[] = { "vitalis.lock", "SHA256SUMS", "SHA256SUMS.txt", "sha256sum.txt",
					     "sha256sums.txt" };
	struct vit_str dir = vit_path_dir(path);

	if (dir.n && !vit_str_is(dir, "additional_chat_templates"))
		return false;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (vit_str_is(path, lists[i]))
			return true;
	switch (vit_kind_by_name(path, VIT_FT_REGULAR)) {
	case VIT_FK_CONFIG:
	case VIT_FK_INDEX:
	case VIT_FK_TOKENIZER:
	case VIT_FK_TEMPLATE:
	case VIT_FK_ADAPTER:
		return true;
	case VIT_FK_WEIGHTS:
	case VIT_FK_PICKLE:
	case VIT_FK_GGUF:
	case VIT_FK_OTHER_WEIGHTS:
	case VIT_FK_CODE:
	case VIT_FK_NATIVE:
	case VIT_FK_DOC:
	case VIT_FK_META:
	case VIT_FK_VCS:
	case VIT_FK_HUB_CACHE:
	case VIT_FK_PARTIAL:
	case VIT_FK_DATA:
	case VIT_FK_OTHER:
	case VIT_FK_COUNT:
		break;
	}
	return false;
}

struct remote_file *remote_find(const struct remote_build *b, struct vit_str path)
{
	for (size_t i = 0; i < b->files.count; i++) {
		struct remote_file *f = vit_vec_at(&b->files, i);
		if (vit_str_eq(f->path, path))
			return f;
	}
	return NULL;
}

/* ---- what the index tells --------------------------------------------------- */

static void count_entry(struct vit_arena *a, const struct vit_json_event *shard, size_t name_bytes,
			struct remote_shards *out)
{
	uint32_t at = vit_map_get(&out->at, shard->raw);

	if (at == VIT_MAP_NONE) {
		struct vit_str name = vit_arena_str(a, shard->raw);
		if (out->names.count >= MAX_SHARDS)
			return;
		at = (uint32_t)out->names.count;
		*(struct vit_str *)vit_vec_add(&out->names) = name;
		*(uint64_t *)vit_vec_add(&out->bytes) = AROUND_BYTES;
		vit_map_add(&out->at, name, at);
	}
	*(uint64_t *)vit_vec_at(&out->bytes, at) += name_bytes + ENTRY_BYTES;
}

static bool read_weight_map(struct vit_arena *a, struct vit_json_reader *r, struct remote_shards *out)
{
	struct vit_json_event ev;

	if (vit_json_next(r, &ev) != VIT_JSON_OBJECT_BEGIN)
		return ev.type != VIT_JSON_ARRAY_BEGIN || vit_json_skip_rest(r);
	while (vit_json_next(r, &ev) == VIT_JSON_KEY) {
		size_t n = ev.raw.n;
		if (vit_json_next(r, &ev) == VIT_JSON_STRING && !(ev.flags & VIT_JSON_ESCAPED))
			count_entry(a, &ev, n, out);
		else if ((ev.type == VIT_JSON_OBJECT_BEGIN || ev.type == VIT_JSON_ARRAY_BEGIN) &&
			 !vit_json_skip_rest(r))
			return false;
	}
	return ev.type == VIT_JSON_OBJECT_END;
}

void remote_shards_read(struct vit_arena *a, struct vit_str index, struct remote_shards *out)
{
	struct vit_json_reader r;
	struct vit_json_event ev;

	*out = (struct remote_shards){ .names = VIT_VEC(sizeof(struct vit_str)), .bytes = VIT_VEC(sizeof(uint64_t)) };
	vit_map_init(&out->at, 64);
	vit_json_reader_init(&r, index, VIT_JSON_ALLOW_NAN | VIT_JSON_ALLOW_LONE_SURROGATE);
	if (vit_json_next(&r, &ev) != VIT_JSON_OBJECT_BEGIN)
		return;
	while (vit_json_next(&r, &ev) == VIT_JSON_KEY)
		if (vit_str_is(ev.raw, "weight_map") ? !read_weight_map(a, &r, out) : !vit_json_skip(&r))
			return;
}

void remote_shards_free(struct remote_shards *s)
{
	vit_vec_free(&s->names);
	vit_vec_free(&s->bytes);
	vit_map_release(&s->at);
}

/* ---- fetching ----------------------------------------------------------------- */

/* Bytes before the weights, from the beginning of a file; 0 when it does not tell. */
static uint64_t header_bytes(const struct remote_file *file, struct vit_str begin)
{
	const unsigned char *p = (const unsigned char *)begin.p;
	uint64_t n;

	if (remote_is_peeked(file->path))
		return 0;
	if (remote_is_metal(file->path))
		return begin.n < VIT_METAL_FIXED ? 0 :
		       VIT_METAL_FIXED + (uint64_t)vit_le32(p + 132) * 16 + vit_le32(p + 140) + vit_le32(p + 144);
	n = begin.n < 8 ? 0 : vit_le64(p);
	return begin.n < 8 || n > VIT_REMOTE_HEADER_MAX ? 0 : 8 + n;
}

/* The beginning of a file of weights is there: how much more is its header? */
static bool rest_of_header(void *ctx, struct vit_fetch *f)
{
	struct remote_build *b = ctx;
	const struct remote_file *file = f->user;
	uint64_t want = header_bytes(file, vit_buf_view(&f->content));

	/* How far one of these goes before it ends is for its reader to say. */
	if (remote_is_metal(file->path) && f->has_total && want > f->total)
		want = f->total;
	if (want > VIT_REMOTE_HEADER_MAX + 8)
		return false;
	/* A header that its file cannot hold is seen without it. */
	if (want <= f->content.n || (f->has_total && want > f->total))
		return false;
	if (b->total + (want - f->content.n) > VIT_REMOTE_MAX)
		return false;
	b->total += want - f->content.n;
	f->count = want;
	return true;
}

static void keep_error(struct remote_build *b, struct remote_file *file, const struct vit_err *err)
{
	struct vit_err *kept = VIT_NEW(b->arena, struct vit_err);

	*kept = *err;
	file->err = kept;
}

/* The whole model is closed to us, not one file. */
static bool is_gate(const struct vit_fetch *f)
{
	return f->err.code == VIT_E_PERM && (f->status == 401 || f->refusal == VIT_REFUSAL_GATED);
}

static void settle(struct remote_build *b, struct remote_file *file, const struct vit_fetch *f)
{
	struct vit_err wrong;

	if (is_gate(f) && b->gate.code == VIT_OK)
		(void)vit_net_hub_refusal(&b->net, b->out->repo.n ? b->out->repo : b->out->endpoint, b->out->revision, f,
					  &b->gate);
	if (!file->listed && f->err.code == VIT_E_NOTFOUND)
		return;
	if (!file->listed && f->err.code == VIT_E_PERM) {
		b->out->refused++;
		return;
	}
	file->found = true;
	if (f->err.code != VIT_OK) {
		if (f->has_total && !file->listed)
			file->size = f->total;
		keep_error(b, file, &f->err);
		return;
	}
	if (file->listed && f->has_total && f->total != file->size) {
		(void)vit_err_set(&wrong, VIT_E_CHANGED, "%.*s: listed with %llu bytes, and the server's file has %llu",
				  VIT_FMT(file->path), (unsigned long long)file->size, (unsigned long long)f->total);
		keep_error(b, file, &wrong);
		return;
	}
	if (!file->listed)
		file->size = f->total;
	file->fetched = vit_arena_str(b->arena, vit_buf_view(&f->content));
}

/* How much of a shard the first request asks for. */
static uint64_t first_bytes(const struct remote_file *file, const struct remote_shards *index)
{
	uint32_t at = vit_map_get(&index->at, file->path);
	uint64_t n = at == VIT_MAP_NONE ? VIT_REMOTE_HEAD_BYTES : *(uint64_t *)vit_vec_at(&index->bytes, at);

	if (remote_is_metal(file->path))
		n = VIT_METAL_FIXED;
	if (remote_is_peeked(file->path))
		n = VIT_PEEK_BYTES;
	if (n > VIT_REMOTE_HEADER_MAX)
		n = VIT_REMOTE_HEAD_BYTES;
	return file->listed && file->size < n ? file->size : n;
}

/* Sets up the fetch of a file; false when it is not to be fetched. */
static bool begin(struct remote_build *b, struct remote_file *file, bool parts, const struct remote_shards *index,
		  struct vit_fetch *f)
{
	struct vit_err err;

	if (file->listed && file->size == 0) {
		file->fetched = VIT_STR_EMPTY;
		return false;
	}
	if (remote_is_peeked(file->path) && b->peeked++ >= MAX_PEEKED) {
		/* Of files that mean nothing by name, a folder's walk passes over some, too. */
		if (vit_kind_by_name(file->path, VIT_FT_REGULAR) == VIT_FK_OTHER)
			return false;
		(void)vit_err_set(&err, VIT_E_LIMIT, "%.*s: its first bytes were not looked at; there are more than %u such files",
				  VIT_FMT(file->path), MAX_PEEKED);
		keep_error(b, file, &err);
		return false;
	}
	if (parts) {
		vit_fetch_init(f, file->url, VIT_REMOTE_HEADER_MAX + 8);
		f->ranged = true;
		f->count = first_bytes(file, index);
		b->total += f->count;
	} else if (file->listed && file->size > VIT_REMOTE_SMALL_MAX) {
		(void)vit_err_set(&err, VIT_E_LIMIT, "%.*s: %llu bytes, more than the %u that are fetched of such a file",
				  VIT_FMT(file->path), (unsigned long long)file->size, VIT_REMOTE_SMALL_MAX);
		keep_error(b, file, &err);
		return false;
	} else {
		vit_fetch_init(f, file->url, file->listed ? file->size : VIT_REMOTE_SMALL_MAX);
		b->total += file->listed ? file->size : 0;
	}
	f->user = file;
	f->name = file->path;
	return true;
}

static struct vit_str index_text(const struct remote_build *b)
{
	for (size_t i = 0; i < b->files.count; i++) {
		const struct remote_file *f = vit_vec_at(&b->files, i);
		if (f->fetched.p && vit_path_dir(f->path).n == 0 &&
		    vit_str_ends(f->path, VIT_STR(".safetensors.index.json")))
			return f->fetched;
	}
	return VIT_STR_EMPTY;
}

static enum vit_errc settle_all(struct remote_build *b, struct vit_fetch *fetches, size_t n, struct vit_err *err)
{
	enum vit_errc rc = VIT_OK;

	for (size_t i = 0; i < n; i++) {
		if (fetches[i].err.code == VIT_E_INTERRUPTED && !rc)
			rc = vit_err_set(err, VIT_E_INTERRUPTED, "%.*s: interrupted while it was fetched",
					 VIT_FMT(b->out->endpoint));
		settle(b, fetches[i].user, &fetches[i]);
		vit_fetch_release(&fetches[i]);
	}
	return rc;
}

enum vit_errc remote_fetch(struct remote_build *b, bool (*wanted)(const struct remote_file *f), bool parts,
			   struct vit_err *err)
{
	struct remote_shards index;
	struct vit_fetch *fetches;
	size_t n = 0, count = 0, peeks = 0;
	enum vit_errc rc = VIT_OK;

	for (size_t i = 0; i < b->files.count; i++) {
		const struct remote_file *f = vit_vec_at(&b->files, i);
		bool peeked = wanted(f) && remote_is_peeked(f->path);
		count += wanted(f) && !(peeked && peeks++ >= MAX_PEEKED);
	}
	if (count > MAX_SHARDS)
		return vit_err_set(err, VIT_E_LIMIT, "%.*s: %zu files to fetch from, more than the %u that are",
				   VIT_FMT(b->out->endpoint), count, MAX_SHARDS);
	remote_shards_read(b->arena, parts ? index_text(b) : VIT_STR_EMPTY, &index);
	fetches = vit_xcalloc(count + 1, sizeof *fetches);
	for (size_t i = 0; i < b->files.count; i++) {
		struct remote_file *f = vit_vec_at(&b->files, i);
		if (wanted(f) && begin(b, f, parts, &index, &fetches[n]))
			n++;
	}
	if (b->total > VIT_REMOTE_MAX)
		rc = vit_err_set(err, VIT_E_LIMIT, "%.*s: its small files are larger than the %llu bytes that are fetched",
				 VIT_FMT(b->out->endpoint), (unsigned long long)VIT_REMOTE_MAX);
	b->net.fetcher.more = parts ? rest_of_header : NULL;
	b->net.fetcher.more_ctx = b;
	if (!rc)
		vit_fetch_all(&b->net.fetcher, fetches, n);
	if (!rc)
		rc = settle_all(b, fetches, n, err);
	else
		for (size_t i = 0; i < n; i++)
			vit_fetch_release(&fetches[i]);
	free(fetches);
	remote_shards_free(&index);
	return rc;
}
