#include "collect/hub.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "hash/digest.h"

/* Files up to this size that hold no weights are hashed without --verify. */
#define SMALL_MAX ((uint64_t)64 << 20)
#define BLOCK 65536

static bool is_content(const struct vit_file *f)
{
	return f->type == VIT_FT_REGULAR && f->kind != VIT_FK_HUB_CACHE && f->kind != VIT_FK_VCS &&
	       !vit_str_is(f->path, "vitalis.lock");
}

static bool is_small(const struct vit_file *f)
{
	switch (f->kind) {
	case VIT_FK_WEIGHTS:
	case VIT_FK_PICKLE:
	case VIT_FK_GGUF:
	case VIT_FK_OTHER_WEIGHTS:
	case VIT_FK_PARTIAL:
		return false;
	case VIT_FK_CONFIG:
	case VIT_FK_INDEX:
	case VIT_FK_TOKENIZER:
	case VIT_FK_TEMPLATE:
	case VIT_FK_ADAPTER:
	case VIT_FK_CODE:
	case VIT_FK_NATIVE:
	case VIT_FK_DOC:
	case VIT_FK_META:
	case VIT_FK_VCS:
	case VIT_FK_HUB_CACHE:
	case VIT_FK_DATA:
	case VIT_FK_OTHER:
	case VIT_FK_COUNT:
		break;
	}
	return f->size <= SMALL_MAX;
}

struct compare {
	struct vit_arena *arena;
	struct vit_source source;
	const struct vit_integrity *integrity;
	const struct vit_remote *remote;
	struct vit_digest *digest; /* NULL: libcrypto refuses */
};

/* Of the integrity facts: the file's digest of that kind, where it was computed. */
static struct vit_str verified(const struct compare *c, struct vit_str path, enum vit_digest_algorithm algorithm)
{
	const struct vit_integrity *in = c->integrity;
	uint32_t low = 0, high = in->asked ? in->file_count : 0;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct vit_verified *v = &in->files[middle];
		int order = vit_str_cmp(v->path, path);
		if (order == 0)
			return v->algorithm == algorithm ? vit_str_c(v->digest) : VIT_STR_EMPTY;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return VIT_STR_EMPTY;
}

/* What the client noted of the file, trusted while the file was not written after it. */
static struct vit_str noted(const struct compare *c, struct vit_str path, enum vit_digest_algorithm algorithm)
{
	const struct vit_integrity *in = c->integrity;
	uint32_t low = 0, high = in->promise_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (vit_str_cmp(in->promises[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < in->promise_count && vit_str_eq(in->promises[low].path, path); low++) {
		const struct vit_promise *p = &in->promises[low];
		enum vit_truth_kind kind = in->truths[p->truth].kind;
		if (kind == VIT_TRUTH_HUB_DOWNLOAD || kind == VIT_TRUTH_HUB_CACHE)
			return p->stale || p->algorithm != algorithm ? VIT_STR_EMPTY : p->digest;
	}
	return VIT_STR_EMPTY;
}

static enum vit_errc hash(struct compare *c, const struct vit_file *row, enum vit_digest_algorithm algorithm,
			  struct vit_str *out, struct vit_err *err)
{
	struct vit_source_file f;
	char *block;
	char hex[VIT_DIGEST_HEX];
	int64_t got = 0;
	enum vit_errc rc = vit_source_open(&c->source, row, &f, err);

	if (rc)
		return rc;
	block = vit_xmalloc(BLOCK);
	rc = vit_digest_begin(c->digest, algorithm, f.size, err);
	while (!rc && (got = vit_source_read(&f, block, BLOCK, err)) > 0)
		vit_digest_update(c->digest, block, (size_t)got);
	if (!rc && got < 0)
		rc = err->code;
	if (!rc && vit_source_changed(&f))
		rc = vit_err_set(err, VIT_E_CHANGED, "%.*s: changed while it was hashed", VIT_FMT(row->path));
	if (!rc) {
		vit_digest_hex(c->digest, hex);
		*out = vit_arena_str(c->arena, vit_str_c(hex));
	}
	free(block);
	vit_source_close(&f);
	return rc;
}

static void both(struct compare *c, const struct vit_file *row, const struct vit_hub_entry *e, struct vit_hub_file *out)
{
	enum vit_digest_algorithm algorithm = e->lfs ? VIT_DIGEST_SHA256 : VIT_DIGEST_GIT_BLOB;
	struct vit_str note = noted(c, row->path, algorithm);
	struct vit_err err;

	out->digest = verified(c, row->path, algorithm);
	if (row->size == e->size && out->digest.n == 0 && e->digest.n && c->digest && is_small(row) &&
	    hash(c, row, algorithm, &out->digest, &err)) {
		struct vit_err *kept = VIT_NEW(c->arena, struct vit_err);
		*kept = err;
		out->err = kept;
		out->state = VIT_HUB_UNREADABLE;
		return;
	}
	/* As the client fetched it, and not what the hub has at this revision. */
	if (note.n && e->digest.n && !vit_str_ieq(note, e->digest) && (out->digest.n == 0 || vit_str_ieq(note, out->digest))) {
		out->digest = note;
		out->state = VIT_HUB_STALE;
	} else if (row->size != e->size || (out->digest.n && e->digest.n && !vit_str_ieq(out->digest, e->digest))) {
		out->state = VIT_HUB_ALTERED;
	} else if (out->digest.n && e->digest.n) {
		out->state = VIT_HUB_SAME;
	} else if (note.n && e->digest.n) {
		out->digest = note;
		out->state = VIT_HUB_NOTED;
	} else {
		out->state = VIT_HUB_SIZE;
	}
}

void vit_hub_compare(struct vit_arena *a, const struct vit_files *files, const struct vit_integrity *integrity,
		     const struct vit_remote *remote, struct vit_hub *out)
{
	struct compare c = { .arena = a, .source = { .files = files }, .integrity = integrity, .remote = remote };
	struct vit_vec rows = VIT_VEC(sizeof(struct vit_hub_file));
	struct vit_err err;
	uint32_t f = 0, e = 0;
	size_t n;

	c.source.root_fd = open(files->root.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vit_digest_new(&c.digest, &err) != VIT_OK)
		c.digest = NULL;
	for (;;) {
		while (f < files->count && !is_content(&files->files[f]))
			f++;
		while (e < remote->listing_count && remote->listing[e].is_folder)
			e++;
		if (f == files->count && e == remote->listing_count)
			break;
		int order = f == files->count ? 1 : e == remote->listing_count ? -1 :
			    vit_str_cmp(files->files[f].path, remote->listing[e].path);
		struct vit_str path = order <= 0 ? files->files[f].path : remote->listing[e].path;
		struct vit_hub_file *row;
		if (files->only.n && !vit_str_eq(path, files->only)) {
			f += order <= 0;
			e += order >= 0;
			continue;
		}
		row = vit_vec_add(&rows);
		*row = (struct vit_hub_file){ .path = path, .file = order <= 0 ? f : UINT32_MAX,
					      .entry = order >= 0 ? e : UINT32_MAX, .digest = VIT_STR_EMPTY,
					      .state = order < 0 ? VIT_HUB_EXTRA : VIT_HUB_MISSING };
		if (order == 0)
			both(&c, &files->files[f], &remote->listing[e], row);
		f += order <= 0;
		e += order >= 0;
	}
	vit_digest_free(c.digest);
	if (c.source.root_fd >= 0)
		close(c.source.root_fd);
	out->files = vit_vec_take(&rows, a, &n);
	out->file_count = (uint32_t)n;
}
