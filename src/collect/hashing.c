#include "collect/hashing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/arena.h"

/* What is asked of the kernel ahead of what is hashed. Large enough that a disk
 * queue is kept busy, small enough to count for nothing in the page cache. */
#define WINDOW ((uint64_t)8 << 20)

struct pool {
	const struct vit_source *source;
	struct vit_hash_job **order; /* largest first */
	size_t count;
	atomic_size_t next;
	const atomic_bool *stop;
	struct vit_progress progress;
};

static bool stopped(const struct pool *p)
{
	return p->stop && atomic_load_explicit(p->stop, memory_order_relaxed);
}

/* ---- the page cache ----------------------------------------------------- */

/* Is the byte at `offset` in the page cache already? Asked before anything is
 * read ahead, so that only what we brought in is dropped again. */
static bool is_cached(int fd, uint64_t offset)
{
#ifdef RWF_NOWAIT
	char byte;
	struct iovec v = { &byte, 1 };

	return preadv2(fd, &v, 1, (off_t)offset, RWF_NOWAIT) == 1;
#else
	(void)fd;
	(void)offset;
	return true; /* unknown: leave the cache alone */
#endif
}

static void advise(int fd, uint64_t offset, uint64_t n, int advice)
{
#ifdef POSIX_FADV_WILLNEED
	(void)posix_fadvise(fd, (off_t)offset, (off_t)n, advice);
#else
	(void)fd;
	(void)offset;
	(void)n;
	(void)advice;
#endif
}

#ifdef POSIX_FADV_WILLNEED
enum { ADVISE_RANDOM = POSIX_FADV_RANDOM, ADVISE_NEED = POSIX_FADV_WILLNEED, ADVISE_DROP = POSIX_FADV_DONTNEED };
#else
enum { ADVISE_RANDOM, ADVISE_NEED, ADVISE_DROP };
#endif

/* Windows of one file: [at - WINDOW, at) is being hashed, [at, at + WINDOW) is
 * on its way. */
struct ahead {
	int fd;
	uint64_t size, asked; /* read-ahead was asked for up to here */
	bool cold, next_cold; /* this window, the next one: we brought it in */
};

static void ahead_begin(struct ahead *a, int fd, uint64_t size)
{
	*a = (struct ahead){ .fd = fd, .size = size };
	/* The kernel's own read-ahead would make every probe say "cached". */
	advise(fd, 0, 0, ADVISE_RANDOM);
	a->next_cold = size && !is_cached(fd, 0);
	if (a->next_cold)
		advise(fd, 0, WINDOW, ADVISE_NEED);
}

/* Called at each window's first byte. */
static void ahead_enter(struct ahead *a, uint64_t offset)
{
	a->cold = a->next_cold;
	a->next_cold = false;
	if (a->size - offset <= WINDOW)
		return;
	a->next_cold = !is_cached(a->fd, offset + WINDOW);
	if (a->next_cold)
		advise(a->fd, offset + WINDOW, WINDOW, ADVISE_NEED);
}

static void ahead_leave(struct ahead *a, uint64_t offset)
{
	if (a->cold)
		advise(a->fd, offset, WINDOW, ADVISE_DROP);
}

/* ---- one file ------------------------------------------------------------- */

/* Fills the block whole unless the file ends: observers get full blocks. */
static int64_t read_block(struct vit_source_file *f, char *block, struct vit_err *err)
{
	size_t have = 0;

	while (have < VIT_HASH_BLOCK) {
		int64_t n = vit_source_read(f, block + have, VIT_HASH_BLOCK - have, err);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (int64_t)have;
}

static void hash_bytes(struct pool *p, struct vit_hash_job *j, struct vit_source_file *f,
		       struct vit_digest *d, char *block)
{
	struct ahead ahead;

	ahead_begin(&ahead, f->fd, f->size);
	while (j->bytes < f->size) {
		uint64_t offset = j->bytes;
		int64_t n;
		if (stopped(p)) {
			j->outcome = VIT_HASH_STOPPED;
			return;
		}
		if (offset % WINDOW == 0) {
			if (offset)
				ahead_leave(&ahead, offset - WINDOW);
			ahead_enter(&ahead, offset);
		}
		n = read_block(f, block, &j->err);
		if (n < 0) {
			j->outcome = VIT_HASH_FAILED;
			return;
		}
		if (n == 0 || (uint64_t)n > f->size - offset) {
			j->outcome = VIT_HASH_CHANGED;
			return;
		}
		if (!j->no_digest)
			vit_digest_update(d, block, (size_t)n);
		if (j->observe)
			j->observe(j->observe_ctx, offset, block, (size_t)n);
		j->bytes += (uint64_t)n;
		vit_progress_add(&p->progress, (uint64_t)n);
	}
	if (j->bytes)
		ahead_leave(&ahead, (j->bytes - 1) / WINDOW * WINDOW);
	j->outcome = VIT_HASH_DONE;
}

static void hash_file(struct pool *p, struct vit_hash_job *j, struct vit_digest *d, char *block)
{
	struct vit_source_file f;

	j->outcome = VIT_HASH_FAILED;
	if (vit_source_open(p->source, j->file, &f, &j->err))
		return;
	if (j->no_digest || !vit_digest_begin(d, j->algorithm, f.size, &j->err)) {
		hash_bytes(p, j, &f, d, block);
		if (j->outcome == VIT_HASH_DONE) {
			if (!j->no_digest)
				vit_digest_hex(d, j->digest);
			/* Against the walk too: the promise is about the file that was listed. */
			if (vit_source_changed(&f) || f.size != j->file->size ||
			    f.mtime_ns != j->file->mtime_ns)
				j->outcome = VIT_HASH_CHANGED;
		}
	}
	vit_source_close(&f);
}

/* ---- the pool ------------------------------------------------------------- */

static void *worker(void *arg)
{
	struct pool *p = arg;
	struct vit_digest *d = NULL;
	struct vit_err err = { .code = VIT_OK };
	void *block = NULL;

	/* Aligned, so that observers may load vectors and the kernel may copy whole lines. */
	if (posix_memalign(&block, 4096, VIT_HASH_BLOCK) != 0)
		VIT_BUG("out of memory for one block");
	if (vit_digest_new(&d, &err) == VIT_OK) {
		for (;;) {
			size_t i = atomic_fetch_add(&p->next, 1);
			if (i >= p->count || stopped(p))
				break;
			hash_file(p, p->order[i], d, block);
		}
	} else {
		for (size_t i; (i = atomic_fetch_add(&p->next, 1)) < p->count;) {
			p->order[i]->outcome = VIT_HASH_FAILED;
			p->order[i]->err = err;
		}
	}
	vit_digest_free(d);
	free(block);
	return NULL;
}

static int largest_first(const void *x, const void *y)
{
	const struct vit_hash_job *a = *(struct vit_hash_job *const *)x;
	const struct vit_hash_job *b = *(struct vit_hash_job *const *)y;

	if (a->file->size != b->file->size)
		return a->file->size > b->file->size ? -1 : 1;
	return vit_str_cmp(a->file->path, b->file->path);
}

static unsigned thread_count(const struct vit_hash_options *o, size_t jobs)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = o->threads ? o->threads : cores > 0 ? (size_t)cores : 1;

	if (n > VIT_HASH_MAX_THREADS)
		n = VIT_HASH_MAX_THREADS;
	return (unsigned)(n < jobs ? n : jobs);
}

void vit_hash_run(const struct vit_source *source, struct vit_hash_job *jobs, size_t count,
		  const struct vit_hash_options *options)
{
	struct pool p = { .source = source, .count = count, .stop = options->stop };
	pthread_t threads[VIT_HASH_MAX_THREADS];
	unsigned wanted = thread_count(options, count), running = 0;
	uint64_t total = 0;

	if (count == 0)
		return;
	p.order = vit_xcalloc(count, sizeof *p.order);
	for (size_t i = 0; i < count; i++) {
		p.order[i] = &jobs[i];
		total += jobs[i].file->size;
	}
	qsort(p.order, count, sizeof *p.order, largest_first);
	vit_progress_start(&p.progress, options->what, total, true, options->progress);
	/* This thread is one of the workers: with --jobs 1 there is no other. */
	while (running + 1 < wanted && pthread_create(&threads[running], NULL, worker, &p) == 0)
		running++;
	worker(&p);
	for (unsigned i = 0; i < running; i++)
		pthread_join(threads[i], NULL);
	vit_progress_finish(&p.progress);
	free(p.order);
}
