#include "collect/deep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* One shard: its tensors in the order of their bytes. */
struct shard_work {
	const struct vit_weights *weights;
	struct vit_numbers *out;
	uint32_t file;
	uint64_t data;        /* offset of the data buffer in the file */
	uint32_t *rows, count, next;
	bool attached, open;  /* open: a tensor is begun and not ended */
	struct vit_number_sums *sums; /* while in work */
};

struct vit_deep {
	struct vit_arena *arena;
	const struct vit_files *files;
	struct vit_number_facts *facts;
	struct shard_work *shards;
	uint32_t count;
	uint32_t *by_file;    /* row of vit_files -> shard, or UINT32_MAX */
};

struct place {
	uint64_t begin, end;
	uint32_t row;
};

static int by_begin(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->row < b->row ? -1 : 1;
}

/* The codes of gpt-oss's scales are stored as U8; the name tells. */
static enum vit_number_kind kind_of(const struct vit_tensor *t)
{
	if (t->dtype == VIT_DT_U8 && vit_str_ends(t->name, VIT_STR("_scales")))
		return VIT_NK_E8M0;
	return vit_number_kind_of((enum vit_dtype)t->dtype);
}

/* Bytes that can be told apart from others': the tensor's own, and wholly there. */
static void list_tensors(struct vit_deep *d, struct shard_work *s, const struct vit_shard *shard)
{
	const struct vit_tensor *tensors = s->weights->tensors;
	uint32_t first = shard->header.tensor_first, n = shard->header.tensor_count, kept = 0;
	struct place *places = vit_xcalloc((size_t)n + 1, sizeof *places);
	uint64_t covered = 0;

	for (uint32_t i = first; i < first + n; i++) {
		if (tensors[i].flags & (VIT_T_BAD | VIT_T_DUPLICATE | VIT_T_BEYOND_FILE))
			continue;
		places[kept++] = (struct place){ tensors[i].begin, tensors[i].end, i };
	}
	qsort(places, kept, sizeof *places, by_begin);
	s->rows = vit_xcalloc((size_t)kept + 1, sizeof *s->rows);
	for (uint32_t i = 0; i < kept; i++) {
		const struct place *p = &places[i];
		if (p->begin < covered || p->end < p->begin)
			continue;
		covered = p->end;
		if (p->begin == p->end) {
			/* No bytes: nothing to wait for. */
			s->out[p->row].kind = (uint8_t)kind_of(&tensors[p->row]);
			s->out[p->row].measured = true;
			d->facts->measured++;
			n--;
			continue;
		}
		s->rows[s->count++] = p->row;
	}
	d->facts->skipped += n - s->count;
	free(places);
}

struct vit_deep *vit_deep_begin(struct vit_arena *a, const struct vit_files *files, const struct vit_weights *w,
				struct vit_number_facts *out)
{
	struct vit_deep *d = vit_xcalloc(1, sizeof *d);

	*out = (struct vit_number_facts){ .asked = true };
	out->tensors = VIT_NEW_ARRAY(a, (size_t)w->tensor_count + 1, struct vit_numbers);
	*d = (struct vit_deep){ .arena = a, .files = files, .facts = out };
	d->shards = vit_xcalloc((size_t)w->shard_count + 1, sizeof *d->shards);
	d->by_file = vit_xcalloc((size_t)files->count + 1, sizeof *d->by_file);
	memset(d->by_file, 0xff, files->count * sizeof *d->by_file);
	for (uint32_t i = 0; i < w->shard_count; i++) {
		const struct vit_shard *shard = &w->shards[i];
		if (shard->save != w->main_save || shard->state != VIT_DOC_OK || !shard->header.parsed)
			continue;
		struct shard_work *s = &d->shards[d->count];
		*s = (struct shard_work){ .weights = w, .out = out->tensors, .file = shard->file,
					  .data = 8 + shard->header.header_length };
		list_tensors(d, s, shard);
		d->by_file[shard->file] = d->count++;
	}
	return d;
}

/* Runs in a worker: writes to the rows of its own shard alone. */
static void see(void *ctx, uint64_t offset, const void *p, size_t n)
{
	struct shard_work *s = ctx;
	uint64_t end = offset + n;

	while (s->next < s->count) {
		uint32_t row = s->rows[s->next];
		const struct vit_tensor *t = &s->weights->tensors[row];
		uint64_t from = s->data + t->begin, to = s->data + t->end;
		if (from >= end)
			return;
		if (!s->open) {
			if (!s->sums)
				s->sums = vit_xmalloc(sizeof *s->sums);
			vit_numbers_begin(s->sums, kind_of(t));
			s->open = true;
		}
		from = from > offset ? from : offset;
		vit_numbers_add(s->sums, (const char *)p + (from - offset), (size_t)((to < end ? to : end) - from));
		if (to > end)
			return;
		vit_numbers_end(s->sums, &s->out[row]);
		s->open = false;
		s->next++;
	}
	free(s->sums);
	s->sums = NULL;
}

void vit_deep_attach(struct vit_deep *d, uint32_t file, struct vit_hash_job *job)
{
	struct shard_work *s;

	if (d->by_file[file] == UINT32_MAX)
		return;
	s = &d->shards[d->by_file[file]];
	if (s->attached || s->count == 0)
		return;
	s->attached = true;
	job->observe = see;
	job->observe_ctx = s;
}

void vit_deep_settle(struct vit_deep *d, uint32_t file, const struct vit_hash_job *job)
{
	struct vit_number_facts *f = d->facts;
	struct shard_work *s;
	struct vit_err *kept;

	if (!job->observe)
		return;
	s = &d->shards[d->by_file[file]];
	free(s->sums);
	s->sums = NULL;
	for (uint32_t i = 0; i < s->next; i++)
		f->bytes += s->weights->tensors[s->rows[i]].end - s->weights->tensors[s->rows[i]].begin;
	f->measured += s->next;
	switch (job->outcome) {
	case VIT_HASH_DONE:
		break;
	case VIT_HASH_FAILED:
	case VIT_HASH_CHANGED:
		if (f->err)
			break;
		kept = VIT_NEW(d->arena, struct vit_err);
		if (job->outcome == VIT_HASH_FAILED)
			*kept = job->err;
		else
			(void)vit_err_set(kept, VIT_E_CHANGED, "%.*s: changed while it was read",
					  VIT_FMT(d->files->files[file].path));
		f->err = kept;
		break;
	case VIT_HASH_PENDING:
	case VIT_HASH_STOPPED:
		f->stopped = true;
		break;
	}
}

enum vit_errc vit_deep_end(struct vit_deep *d, const struct vit_hash_options *options, struct vit_err *err)
{
	struct vit_source source = { .files = d->files };
	struct vit_hash_job *jobs = vit_xcalloc((size_t)d->count + 1, sizeof *jobs);
	enum vit_errc rc = VIT_OK;
	size_t n = 0;

	for (uint32_t i = 0; i < d->count; i++) {
		struct shard_work *s = &d->shards[i];
		jobs[n] = (struct vit_hash_job){ .file = &d->files->files[s->file], .no_digest = true };
		vit_deep_attach(d, s->file, &jobs[n]);
		n += jobs[n].observe != NULL;
	}
	source.root_fd = n ? open(d->files->root.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (n && source.root_fd < 0)
		rc = vit_err_sys(err, errno, "%.*s: cannot be opened again", VIT_FMT(d->files->root));
	else if (n)
		vit_hash_run(&source, jobs, n, options);
	for (size_t i = 0; i < n && !rc; i++) {
		vit_deep_settle(d, (uint32_t)(jobs[i].file - d->files->files), &jobs[i]);
		d->facts->bytes_read += jobs[i].bytes;
	}
	if (source.root_fd >= 0)
		close(source.root_fd);
	for (uint32_t i = 0; i < d->count; i++)
		free(d->shards[i].rows);
	free(jobs);
	free(d->by_file);
	free(d->shards);
	free(d);
	return rc;
}
