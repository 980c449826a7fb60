/*
 * Every recorded machine again and again, each time with another question
 * failing: never a crash, and what could not be measured is said.
 */
#include "host_test.h"

#include <dirent.h>

#include "collect/collect.h"
#include "facts/devices.h"

#define MEASURES 17

struct failing {
	const struct vit_host *inner;
	unsigned calls, fail_at; /* the call, from 1, that fails */
	enum vit_errc code;
};

static bool fails(struct failing *f)
{
	return ++f->calls == f->fail_at;
}

#define FAIL(f, err) vit_err_set((err), (f)->code, "made to fail")

static enum vit_errc failing_identity(void *ctx, struct vit_host_identity *out,
				      struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->identity(f->inner->ctx, out, err);
}

static enum vit_errc failing_read_file(void *ctx, const char *path, struct vit_buf *out,
				       struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->read_file(f->inner->ctx, path, out, err);
}

static enum vit_errc failing_list_dir(void *ctx, const char *path, struct vit_arena *a,
				      struct vit_str **names, size_t *count, struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) :
	       f->inner->list_dir(f->inner->ctx, path, a, names, count, err);
}

static enum vit_errc failing_sysctl_u64(void *ctx, const char *name, uint64_t *out,
					struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->sysctl_u64(f->inner->ctx, name, out, err);
}

static enum vit_errc failing_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
					struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->sysctl_str(f->inner->ctx, name, out, err);
}

static enum vit_errc failing_run(void *ctx, const char *const *argv, unsigned timeout_ms,
				 struct vit_buf *out, int *status, struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) :
	       f->inner->run(f->inner->ctx, argv, timeout_ms, out, status, err);
}

static enum vit_errc failing_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				    struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->statfs(f->inner->ctx, path, out, err);
}

static enum vit_errc failing_env(void *ctx, const char *name, struct vit_buf *out,
				 struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->env(f->inner->ctx, name, out, err);
}

static enum vit_errc failing_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
				  struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->nvml(f->inner->ctx, timeout_ms, out, err);
}

static enum vit_errc failing_read_rate(void *ctx, int fd, uint64_t size, unsigned timeout_ms,
				       struct vit_host_rate *out, struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) :
	       f->inner->read_rate(f->inner->ctx, fd, size, timeout_ms, out, err);
}

static enum vit_errc failing_now(void *ctx, int64_t *out, struct vit_err *err)
{
	struct failing *f = ctx;

	return fails(f) ? FAIL(f, err) : f->inner->now(f->inner->ctx, out, err);
}

static struct vit_host failing_host(struct failing *f)
{
	return (struct vit_host){
		.ctx = f,
		.replayed = true,
		.identity = failing_identity,
		.read_file = failing_read_file,
		.list_dir = failing_list_dir,
		.sysctl_u64 = failing_sysctl_u64,
		.sysctl_str = failing_sysctl_str,
		.run = failing_run,
		.statfs = failing_statfs,
		.env = failing_env,
		.nvml = failing_nvml,
		.read_rate = failing_read_rate,
		.now = failing_now,
	};
}

/* The measures of a system, for comparing two of them. */
static size_t measures(const struct vit_system *s, struct vit_measure out[MEASURES])
{
	const struct vit_measure all[] = {
		s->cores_physical, s->cores_logical, s->cores_performance, s->cores_efficiency,
		s->cpu_limit_milli, s->memory_total, s->memory_available, s->memory_free,
		s->memory_limit, s->memory_limit_used, s->swap_total, s->swap_free,
		s->wired_limit, s->disk_total, s->disk_free, s->huge_pages, s->pressure_stall,
	};

	memcpy(out, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

/* One question fails with `code`; true when the run had that many questions. */
static bool one_failure(const struct vit_host *inner, const struct vit_system *whole, unsigned k,
			enum vit_errc code)
{
	struct failing f = { inner, 0, k, code };
	struct vit_host h = failing_host(&f);
	struct vit_arena *a = vit_arena_new();
	struct vit_measure before[MEASURES], after[MEASURES];
	struct vit_system s;
	size_t n;
	bool lost = false;

	vit_collect_system(a, &h, "/model", &s);
	vit_collect_disk(a, &h, "/model/out", &s.output);
	n = measures(whole, before);
	measures(&s, after);
	for (size_t i = 0; i < n; i++)
		lost = lost || (before[i].known && !after[i].known);
	/* An absence may be normal and a refusal may prove that a file exists;
	 * trouble is never silent, nor is a number lost without a word. */
	if (f.calls >= k && (code == VIT_E_IO || code == VIT_E_TIMEOUT) &&
	    s.output.err.code == VIT_OK) {
		assert_true(s.note_count > 0);
		assert_int_not_equal(s.err.code, VIT_OK);
	}
	lost = lost || s.device_count < whole->device_count || s.numa_count < whole->numa_count;
	for (uint32_t i = 0; i < s.device_count && i < whole->device_count; i++)
		lost = lost || (whole->devices[i].memory_free.known &&
				!s.devices[i].memory_free.known);
	if (lost && code != VIT_E_NOTFOUND)
		assert_true(s.note_count > 0);
	for (size_t i = 0; i < n; i++)
		assert_true(!after[i].known || after[i].source.n > 0);
	if (s.decider == VIT_MD_NONE)
		assert_int_equal(s.memory_usable, 0);
	vit_arena_free(a);
	return f.calls >= k;
}

static void every_call(const char *path, unsigned *questions)
{
	static const enum vit_errc codes[] = { VIT_E_IO, VIT_E_PERM, VIT_E_NOTFOUND, VIT_E_LIMIT,
					       VIT_E_TIMEOUT };
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_arena *a = vit_arena_new();
	struct vit_system whole;
	struct vit_host inner;

	assert_int_equal(vit_host_replay_open(&inner, path, &err), VIT_OK);
	vit_collect_system(a, &inner, "/model", &whole);
	for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++) {
		unsigned k = 1;

		while (one_failure(&inner, &whole, k, codes[c]))
			k++;
		*questions += k - 1;
	}
	vit_host_replay_close(&inner);
	vit_arena_free(a);
}

static void machines(void **state)
{
	DIR *dir = opendir(VIT_TEST_HOSTS);
	struct dirent *entry;
	unsigned machine_count = 0, questions = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[1024];

		if (entry->d_name[0] == '.' || strchr(entry->d_name, '.'))
			continue;
		snprintf(path, sizeof(path), "%s/%s", VIT_TEST_HOSTS, entry->d_name);
		every_call(path, &questions);
		machine_count++;
	}
	closedir(dir);
	assert_true(machine_count >= 9);
	/* At least identity, memory, processor and disk were asked of each, five times. */
	assert_true(questions >= machine_count * 5 * 2);
	print_message("%u machines, %u failures\n", machine_count, questions);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(machines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
