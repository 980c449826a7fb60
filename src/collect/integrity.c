#include "collect/integrity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "collect/digest_cache.h"
#include "collect/hashing.h"
#include "collect/truth.h"
#include "formats/checksums.h"

/* Sorted by path, within a path the best source first. */
static int promise_order(const void *x, const void *y)
{
	const struct vit_promise *a = x, *b = y;
	int c = vit_str_cmp(a->path, b->path);

	if (c)
		return c;
	return a->truth < b->truth ? -1 : a->truth > b->truth;
}

static void read_truths(struct vit_arena *a, const struct vit_source *source,
			const struct vit_integrity_options *opt, struct vit_integrity *out)
{
	struct vit_truths t;
	size_t n;

	vit_truths_begin(&t, a, source);
	vit_truth_lock(&t);
	vit_truth_spec(&t, opt->model, opt->revision);
	vit_truth_hub_download(&t);
	vit_truth_hub_cache(&t);
	vit_truth_git(&t);
	vit_truth_hub(&t, opt->hub);
	out->truths = vit_vec_take(&t.truths, a, &n);
	out->truth_count = (uint32_t)n;
	out->promises = vit_vec_take(&t.promises, a, &n);
	out->promise_count = (uint32_t)n;
	qsort(out->promises, n, sizeof *out->promises, promise_order);
}

/* Bookkeeping of clients and ours, which no one promises anything about. */
static bool is_content(const struct vit_file *f)
{
	return f->type == VIT_FT_REGULAR && f->kind != VIT_FK_HUB_CACHE && f->kind != VIT_FK_VCS &&
	       !vit_str_is(f->path, "vitalis.lock") &&
	       !vit_str_starts(vit_path_base(f->path), VIT_STR(".vitalis-audit-"));
}

/* How much a promise is worth: a digest above a size, a fresh one above a stale one. */
static unsigned worth(const struct vit_promise *p)
{
	return (p->digest.n ? 2u : 0u) + (p->stale ? 0u : 1u);
}

/* The promise that is compared: the one worth most, among equals that of the best
 * source. `conflict` is another whose digest of the same kind differs. */
static void choose(const struct vit_integrity *in, uint32_t first, uint32_t last, struct vit_verified *v)
{
	for (uint32_t i = first; i < last; i++)
		if (v->promise == UINT32_MAX || worth(&in->promises[i]) > worth(&in->promises[v->promise]))
			v->promise = i;
	if (v->promise == UINT32_MAX)
		return;
	for (uint32_t i = first; i < last && v->conflict == UINT32_MAX; i++) {
		const struct vit_promise *a = &in->promises[v->promise], *b = &in->promises[i];
		bool same_kind = a->algorithm == b->algorithm && a->of_pointer == b->of_pointer;
		if (i != v->promise && !b->stale && a->digest.n && b->digest.n && same_kind &&
		    !vit_str_ieq(a->digest, b->digest))
			v->conflict = i;
	}
	v->algorithm = in->promises[v->promise].algorithm;
}

/* A list of digests, which cannot hold its own. */
static bool is_list(const struct vit_integrity *in, struct vit_str path)
{
	for (uint32_t i = 0; i < in->truth_count; i++)
		if ((in->truths[i].kind == VIT_TRUTH_LOCK || in->truths[i].kind == VIT_TRUTH_SHA256SUMS) &&
		    vit_str_eq(in->truths[i].path, path))
			return true;
	return false;
}

/* One row per content file and per promised path, merged in path order. */
static void list_files(struct vit_arena *a, const struct vit_files *files, struct vit_integrity *out)
{
	struct vit_vec rows = VIT_VEC(sizeof(struct vit_verified));
	uint32_t f = 0, p = 0;
	size_t n;

	for (;;) {
		while (f < files->count && !is_content(&files->files[f]))
			f++;
		if (f == files->count && p == out->promise_count)
			break;
		int c = f == files->count	 ? 1 :
			p == out->promise_count ? -1 :
						  vit_str_cmp(files->files[f].path, out->promises[p].path);
		struct vit_str path = c <= 0 ? files->files[f].path : out->promises[p].path;
		uint32_t first = p;
		while (p < out->promise_count && vit_str_eq(out->promises[p].path, path))
			p++;
		if (files->only.n && !vit_str_eq(path, files->only)) {
			f += c <= 0;
			continue;
		}
		/* Promised, and there as something that is not content (a list naming itself). */
		if (c > 0 && vit_files_find(files, path) != VIT_FILE_NONE &&
		    files->files[vit_files_find(files, path)].type == VIT_FT_REGULAR)
			continue;
		if (c < 0 && is_list(out, path)) {
			f++;
			continue;
		}
		struct vit_verified *v = vit_vec_add(&rows);
		*v = (struct vit_verified){ .path = path, .file = c <= 0 ? f : UINT32_MAX,
					    .promise = UINT32_MAX, .conflict = UINT32_MAX };
		choose(out, first, p, v);
		v->state = v->file == UINT32_MAX ? VIT_VERIFY_MISSING :
			   v->promise == UINT32_MAX ? VIT_VERIFY_UNCOVERED : VIT_VERIFY_NONE;
		if (c <= 0)
			f++;
	}
	out->files = vit_vec_take(&rows, a, &n);
	out->file_count = (uint32_t)n;
}

/* Which hash a repository's ids are of: their length tells. */
static enum vit_digest_algorithm blob_of(struct vit_str oid)
{
	return oid.n == vit_digest_length(VIT_DIGEST_GIT_BLOB256) ? VIT_DIGEST_GIT_BLOB256 : VIT_DIGEST_GIT_BLOB;
}

/* git's id of the LFS pointer that a file of this sha256 and size has. */
static bool pointer_matches(const char *sha256, uint64_t size, struct vit_str oid)
{
	struct vit_digest *d = NULL;
	char hex[VIT_DIGEST_HEX];
	struct vit_buf text;
	struct vit_err err;
	bool same = false;

	if (vit_digest_new(&d, &err))
		return false;
	vit_buf_init(&text, 1024);
	vit_buf_printf(&text, "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %llu\n", sha256,
		       (unsigned long long)size);
	if (vit_digest_begin(d, blob_of(oid), text.n, &err) == VIT_OK) {
		vit_digest_update(d, text.p, text.n);
		vit_digest_hex(d, hex);
		same = vit_str_ieq(vit_str_c(hex), oid);
	}
	vit_buf_release(&text);
	vit_digest_free(d);
	return same;
}

static enum vit_verify_state compare(const struct vit_integrity *in, const struct vit_verified *v, uint64_t size)
{
	const struct vit_promise *p;

	if (v->promise == UINT32_MAX)
		return VIT_VERIFY_UNCOVERED;
	p = &in->promises[v->promise];
	if (p->digest.n == 0)
		return VIT_VERIFY_UNCOVERED;
	if (p->of_pointer && v->algorithm == VIT_DIGEST_SHA256)
		return pointer_matches(v->digest, size, p->digest) ? VIT_VERIFY_MATCH : VIT_VERIFY_DIFFERS;
	return vit_str_ieq(vit_str_c(v->digest), p->digest) ? VIT_VERIFY_MATCH : VIT_VERIFY_DIFFERS;
}

static void settle(struct vit_arena *a, const struct vit_hash_job *j, struct vit_integrity *out,
		   struct vit_verified *v, struct vit_digest_cache *cache, int64_t now)
{
	struct vit_err *kept;

	out->bytes_hashed += j->bytes;
	switch (j->outcome) {
	case VIT_HASH_DONE:
		memcpy(v->digest, j->digest, sizeof v->digest);
		v->state = compare(out, v, j->file->size);
		vit_digest_cache_put(cache, j->file, j->algorithm, j->digest, now);
		break;
	case VIT_HASH_CHANGED:
		v->state = VIT_VERIFY_CHANGED;
		break;
	case VIT_HASH_FAILED:
		kept = VIT_NEW(a, struct vit_err);
		*kept = j->err;
		v->err = kept;
		v->state = VIT_VERIFY_UNREADABLE;
		break;
	case VIT_HASH_STOPPED:
	case VIT_HASH_PENDING:
		v->state = VIT_VERIFY_STOPPED;
		out->stopped = true;
		break;
	}
}

/* A wrong size settles it without reading a byte. */
static bool size_differs(const struct vit_integrity *in, const struct vit_verified *v, uint64_t size)
{
	return v->promise != UINT32_MAX && in->promises[v->promise].has_size && in->promises[v->promise].size != size;
}

static int64_t now_ns(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

typedef bool row_filter(const struct vit_integrity *in, const struct vit_verified *v, const struct vit_file *f);

/* Hashes the rows that `wanted` picks, or remembers them. */
static void hash_rows(struct vit_arena *a, const struct vit_source *source, const struct vit_integrity_options *opt,
		      struct vit_digest_cache *cache, row_filter *wanted, struct vit_integrity *out)
{
	struct vit_hash_options ho = { .threads = opt->threads, .progress = opt->progress, .what = "hashing",
				       .stop = opt->stop };
	struct vit_hash_job *jobs = vit_xcalloc((size_t)out->file_count + 1, sizeof *jobs);
	uint32_t *rows = vit_xcalloc((size_t)out->file_count + 1, sizeof *rows);
	size_t n = 0;

	for (uint32_t i = 0; i < out->file_count; i++) {
		struct vit_verified *v = &out->files[i];
		const struct vit_file *f = v->file == UINT32_MAX ? NULL : &source->files->files[v->file];
		if (!f || !wanted(out, v, f))
			continue;
		if (vit_digest_cache_get(cache, f, v->algorithm, v->digest, &v->remembered_since)) {
			v->remembered = true;
			out->bytes_remembered += f->size;
			v->state = compare(out, v, f->size);
		} else {
			jobs[n] = (struct vit_hash_job){ .file = f, .algorithm = v->algorithm };
			if (opt->deep)
				vit_deep_attach(opt->deep, v->file, &jobs[n]);
			rows[n++] = i;
		}
	}
	vit_hash_run(source, jobs, n, &ho);
	for (size_t i = 0; i < n; i++) {
		settle(a, &jobs[i], out, &out->files[rows[i]], cache, opt->now);
		if (opt->deep)
			vit_deep_settle(opt->deep, out->files[rows[i]].file, &jobs[i]);
	}
	free(jobs);
	free(rows);
}

static bool every_row(const struct vit_integrity *in, const struct vit_verified *v, const struct vit_file *f)
{
	(void)in;
	(void)f;
	return v->state != VIT_VERIFY_SIZE;
}

/* .gitattributes may be younger than the file: then git holds the content and not a pointer. */
static bool maybe_committed_whole(const struct vit_integrity *in, const struct vit_verified *v,
				  const struct vit_file *f)
{
	return v->state == VIT_VERIFY_DIFFERS && in->promises[v->promise].of_pointer &&
	       !(f->flags & VIT_FF_LFS_POINTER);
}

static void verify_committed_whole(struct vit_arena *a, const struct vit_source *source,
				   const struct vit_integrity_options *opt, struct vit_digest_cache *cache,
				   struct vit_integrity *out)
{
	struct vit_verified *before = VIT_NEW_ARRAY(a, (size_t)out->file_count + 1, struct vit_verified);
	bool any = false;

	for (uint32_t i = 0; i < out->file_count; i++) {
		struct vit_verified *v = &out->files[i];
		before[i] = *v;
		if (v->file == UINT32_MAX || !maybe_committed_whole(out, v, &source->files->files[v->file]))
			continue;
		v->algorithm = blob_of(out->promises[v->promise].digest);
		any = true;
	}
	if (!any)
		return;
	hash_rows(a, source, opt, cache, maybe_committed_whole, out);
	for (uint32_t i = 0; i < out->file_count; i++)
		if (out->files[i].state == VIT_VERIFY_DIFFERS)
			out->files[i] = before[i];
}

static void verify(struct vit_arena *a, const struct vit_source *source, const struct vit_integrity_options *opt,
		   struct vit_integrity *out)
{
	struct vit_digest_cache cache;
	int64_t begin = now_ns();

	for (uint32_t i = 0; i < out->file_count; i++) {
		struct vit_verified *v = &out->files[i];
		if (v->file != UINT32_MAX && size_differs(out, v, source->files->files[v->file].size))
			v->state = VIT_VERIFY_SIZE;
	}
	/* Files that are not here have nothing by which a digest could be remembered. */
	vit_digest_cache_open(&cache, source->files->fetched ? VIT_STR_EMPTY : opt->cache_folder);
	hash_rows(a, source, opt, &cache, every_row, out);
	verify_committed_whole(a, source, opt, &cache, out);
	vit_digest_cache_close(&cache);
	out->hash_ns = (uint64_t)(now_ns() - begin);
}

enum vit_errc vit_collect_integrity(struct vit_arena *a, const struct vit_files *files,
				    const struct vit_integrity_options *opt, struct vit_integrity *out,
				    struct vit_err *err)
{
	struct vit_source source = { .files = files };

	*out = (struct vit_integrity){ .asked = opt->verify };
	source.root_fd = files->fetched ? -1 : open(files->root.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (source.root_fd < 0 && !files->fetched)
		return vit_err_sys(err, errno, "%.*s: cannot be opened again", VIT_FMT(files->root));
	if (!opt->lock)
		read_truths(a, &source, opt, out);
	list_files(a, files, out);
	if (opt->verify)
		verify(a, &source, opt, out);
	if (source.root_fd >= 0)
		close(source.root_fd);
	return VIT_OK;
}

bool vit_integrity_lock(const struct vit_integrity *in, const struct vit_files *files, struct vit_buf *out,
			struct vit_str *missing)
{
	vit_buf_puts(out, VIT_LOCK_HEADER "\n");
	for (uint32_t i = 0; i < in->file_count; i++) {
		const struct vit_verified *v = &in->files[i];
		struct vit_checksum row = { .path = v->path, .sha256 = vit_str_c(v->digest), .has_size = true };
		if (v->file == UINT32_MAX)
			continue;
		if (v->algorithm != VIT_DIGEST_SHA256 || v->digest[0] == 0) {
			*missing = v->path;
			return false;
		}
		row.size = files->files[v->file].size;
		vit_checksums_write(out, &row);
	}
	return true;
}
