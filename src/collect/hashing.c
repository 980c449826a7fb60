#include "collect/hashing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
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
	size_t count, threads;
	uint64_t total;
	pthread_mutex_t lock;        /* over the next two */
	size_t next;                 /* into order: the first that nobody took */
	size_t idle;                 /* workers without a file */
	const atomic_bool *stop;
	struct vit_progress progress;
};

/* A file in work. Each worker has two, so that two digests can be computed together. */
struct lane {
	struct vit_hash_job *job;    /* NULL: free */
	struct vit_source_file file;
	struct ahead {
		int fd;
		uint64_t size;
		bool cold, next_cold; /* this window, the next one: we brought it in */
	} ahead;
	struct vit_digest *digest;
	unsigned char *block;
	size_t n;                    /* bytes in the block */
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

/* The file is done with, however it ended. */
static void lane_end(struct lane *l, enum vit_hash_outcome outcome)
{
	struct vit_hash_job *j = l->job;

	j->outcome = outcome;
	if (outcome == VIT_HASH_DONE) {
		if (!j->no_digest)
			vit_digest_hex(l->digest, j->digest);
		/* Against the walk too: the promise is about the file that was listed. */
		if (vit_source_changed(&l->file) || l->file.size != j->file->size ||
		    l->file.mtime_ns != j->file->mtime_ns)
			j->outcome = VIT_HASH_CHANGED;
	}
	vit_source_close(&l->file);
	l->job = NULL;
}

static void lane_begin(const struct pool *p, struct lane *l, struct vit_hash_job *j)
{
	j->outcome = VIT_HASH_FAILED;
	if (vit_source_open(p->source, j->file, &l->file, &j->err))
		return;
	l->job = j;
	if (!j->no_digest && vit_digest_begin(l->digest, j->algorithm, l->file.size, &j->err))
		lane_end(l, VIT_HASH_FAILED);
	else if (l->file.size == 0)
		lane_end(l, VIT_HASH_DONE);
	else
		ahead_begin(&l->ahead, l->file.fd, l->file.size);
}

/* Fills the block whole unless the file ends: observers get full blocks. */
static int64_t read_block(struct lane *l, struct vit_err *err)
{
	size_t have = 0;

	while (have < VIT_HASH_BLOCK) {
		int64_t n = vit_source_read(&l->file, l->block + have, VIT_HASH_BLOCK - have, err);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (int64_t)have;
}

/* The next block is in l->block, or the lane is free. */
static void lane_read(const struct pool *p, struct lane *l)
{
	struct vit_hash_job *j = l->job;
	uint64_t offset = j->bytes;
	int64_t n;

	if (stopped(p)) {
		lane_end(l, VIT_HASH_STOPPED);
		return;
	}
	if (offset % WINDOW == 0) {
		if (offset)
			ahead_leave(&l->ahead, offset - WINDOW);
		ahead_enter(&l->ahead, offset);
	}
	n = read_block(l, &j->err);
	if (n < 0)
		lane_end(l, VIT_HASH_FAILED);
	else if (n == 0 || (uint64_t)n > l->file.size - offset)
		lane_end(l, VIT_HASH_CHANGED);
	else
		l->n = (size_t)n;
}

/* The block was hashed. */
static void lane_advance(struct pool *p, struct lane *l)
{
	struct vit_hash_job *j = l->job;

	if (j->observe)
		j->observe(j->observe_ctx, j->bytes, l->block, l->n);
	j->bytes += l->n;
	vit_progress_add(&p->progress, l->n);
	if (j->bytes < l->file.size)
		return;
	ahead_leave(&l->ahead, (j->bytes - 1) / WINDOW * WINDOW);
	lane_end(l, VIT_HASH_DONE);
}

static bool is_digested(const struct lane *l)
{
	return l->job && !l->job->no_digest;
}

static void hash_blocks(struct lane lanes[2])
{
	struct lane *a = &lanes[0], *b = &lanes[1];

	if (is_digested(a) && is_digested(b))
		vit_digest_update_pair(a->digest, a->block, a->n, b->digest, b->block, b->n);
	else if (is_digested(a))
		vit_digest_update(a->digest, a->block, a->n);
	else if (is_digested(b))
		vit_digest_update(b->digest, b->block, b->n);
}

/* ---- the pool ------------------------------------------------------------- */

/* Would a second file beside this one end the whole sooner? Two together take less
 * than each by itself, but each of them takes longer: not beside the file for which all
 * wait at the end. Five thirds is what a file of a pair takes at most, of its time alone. */
static bool may_pair(struct pool *p, const struct lane *busy)
{
	uint64_t left = p->total - atomic_load(&p->progress.done), mine = busy->file.size - busy->job->bytes;

	return is_digested(busy) && vit_digest_pairs(busy->digest) && left / p->threads / 5 * 3 >= mine;
}

/* The next file for a worker, whose other lane is `busy` or NULL. */
static struct vit_hash_job *take(struct pool *p, const struct lane *busy)
{
	struct vit_hash_job *j = NULL;

	pthread_mutex_lock(&p->lock);
	/* A file for each worker that has none comes first. */
	if (p->next < p->count && (!busy || (p->count - p->next > p->idle && may_pair(p, busy)))) {
		j = p->order[p->next++];
		if (!busy)
			p->idle--;
	}
	pthread_mutex_unlock(&p->lock);
	return j;
}

static void is_idle(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->idle++;
	pthread_mutex_unlock(&p->lock);
}

/* False when nothing is left for this worker. Counted idle while both lanes are free. */
static bool fill_lanes(struct pool *p, struct lane lanes[2])
{
	while (!lanes[0].job && !lanes[1].job && !stopped(p)) {
		struct vit_hash_job *j = take(p, NULL);
		if (!j)
			return false;
		lane_begin(p, &lanes[0], j);
		if (!lanes[0].job)
			is_idle(p);
	}
	for (unsigned i = 0; i < 2 && !stopped(p); i++) {
		struct vit_hash_job *j = lanes[i].job ? NULL : take(p, &lanes[1 - i]);
		if (j)
			lane_begin(p, &lanes[i], j);
	}
	return lanes[0].job || lanes[1].job;
}

static void work(struct pool *p, struct lane lanes[2])
{
	while (fill_lanes(p, lanes)) {
		for (unsigned i = 0; i < 2; i++)
			if (lanes[i].job)
				lane_read(p, &lanes[i]);
		hash_blocks(lanes);
		for (unsigned i = 0; i < 2; i++)
			if (lanes[i].job)
				lane_advance(p, &lanes[i]);
		if (!lanes[0].job && !lanes[1].job)
			is_idle(p);
	}
}

static void *worker(void *arg)
{
	struct pool *p = arg;
	struct lane lanes[2] = { 0 };
	struct vit_err err = { .code = VIT_OK };
	void *block = NULL;
	bool ready = true;

	/* Aligned, so that observers may load vectors and the kernel may copy whole lines. */
	if (posix_memalign(&block, 4096, 2 * VIT_HASH_BLOCK) != 0)
		VIT_BUG("out of memory for two blocks");
	for (unsigned i = 0; i < 2; i++) {
		lanes[i].block = (unsigned char *)block + i * VIT_HASH_BLOCK;
		ready = ready && vit_digest_new(&lanes[i].digest, &err) == VIT_OK;
	}
	if (ready) {
		work(p, lanes);
	} else {
		for (struct vit_hash_job *j; (j = take(p, NULL)); is_idle(p)) {
			j->outcome = VIT_HASH_FAILED;
			j->err = err;
		}
	}
	vit_digest_free(lanes[0].digest);
	vit_digest_free(lanes[1].digest);
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

/* Processors that this process may use: a batch system gives a job some of a node's. */
static size_t processors(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef CPU_COUNT
	cpu_set_t mine;

	if (sched_getaffinity(0, sizeof mine, &mine) == 0 && CPU_COUNT(&mine) > 0)
		return (size_t)CPU_COUNT(&mine);
#endif
	return online > 0 ? (size_t)online : 1;
}

static unsigned thread_count(const struct vit_hash_options *o, size_t jobs)
{
	size_t n = o->threads ? o->threads : processors();

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

	if (count == 0)
		return;
	p.order = vit_xcalloc(count, sizeof *p.order);
	for (size_t i = 0; i < count; i++) {
		p.order[i] = &jobs[i];
		p.total += jobs[i].file->size;
	}
	qsort(p.order, count, sizeof *p.order, largest_first);
	p.threads = p.idle = wanted;
	pthread_mutex_init(&p.lock, NULL);
	vit_progress_start(&p.progress, options->what, p.total, true, options->progress);
	/* This thread is one of the workers: with --jobs 1 there is no other. */
	while (running + 1 < wanted && pthread_create(&threads[running], NULL, worker, &p) == 0)
		running++;
	worker(&p);
	for (unsigned i = 0; i < running; i++)
		pthread_join(threads[i], NULL);
	vit_progress_finish(&p.progress);
	pthread_mutex_destroy(&p.lock);
	free(p.order);
}
