#include "base/progress.h"

#include <time.h>

#include "base/num.h"

#define BAR_WIDTH 24
#define REDRAW_NS 100000000

static int64_t now_ns(void)
{
	struct timespec t = { 0 };
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void vit_progress_start(struct vit_progress *p, const char *what, uint64_t total,
			bool bytes, bool enabled)
{
	atomic_init(&p->done, 0);
	p->start_ns = now_ns();
	/* Work that is over at once draws nothing. */
	atomic_init(&p->next_draw_ns, p->start_ns + 3 * (int64_t)REDRAW_NS);
	p->total = total;
	p->what = what;
	p->bytes = bytes;
	p->enabled = enabled;
	p->out = stderr;
}

static const char *amount(const struct vit_progress *p, uint64_t v, char out[VIT_FMT_NUM])
{
	return p->bytes ? vit_fmt_bytes(v, out) : vit_fmt_u64(v, out);
}

static void draw(const struct vit_progress *p, uint64_t done, int64_t now)
{
	char bar[BAR_WIDTH + 1], n1[VIT_FMT_NUM], n2[VIT_FMT_NUM], eta[32] = "";
	double seconds = (double)(now - p->start_ns) / 1e9;
	double rate = seconds > 0 ? (double)done / seconds : 0;
	uint64_t per_second = rate < 1e18 ? (uint64_t)rate : 0;
	if (!p->total) {
		fprintf(p->out, "\r\x1b[K%s  %s  %s/s", p->what, amount(p, done, n1),
			amount(p, per_second, n2));
		fflush(p->out);
		return;
	}
	double share = done < p->total ? (double)done / (double)p->total : 1;
	unsigned filled = (unsigned)(share * BAR_WIDTH);
	for (unsigned i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[BAR_WIDTH] = 0;
	if (rate > 0 && done < p->total) {
		double left = (double)(p->total - done) / rate;
		if (left < 360000)
			snprintf(eta, sizeof(eta), "  %u:%02u left", (unsigned)left / 60,
				 (unsigned)left % 60);
	}
	fprintf(p->out, "\r\x1b[K%s [%s] %3u%%  %s  %s/s%s", p->what, bar,
		(unsigned)(share * 100), amount(p, done, n1), amount(p, per_second, n2), eta);
	fflush(p->out);
}

void vit_progress_add(struct vit_progress *p, uint64_t n)
{
	uint64_t done = atomic_fetch_add_explicit(&p->done, n, memory_order_relaxed) + n;
	if (!p->enabled)
		return;
	int64_t now = now_ns();
	int64_t due = atomic_load_explicit(&p->next_draw_ns, memory_order_relaxed);
	if (now < due)
		return;
	/* Of the threads that see it due, the one that moves the mark draws. */
	if (atomic_compare_exchange_strong(&p->next_draw_ns, &due, now + REDRAW_NS))
		draw(p, done, now);
}

void vit_progress_finish(struct vit_progress *p)
{
	if (!p->enabled)
		return;
	fputs("\r\x1b[K", p->out);
	fflush(p->out);
}
