#include "base_test.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/utf8.h"

static void set_fills_every_field(void **state)
{
	(void)state;
	struct vit_err err = { .sys = 7, .offset = 9 };
	assert_int_equal(vit_err_set(&err, VIT_E_LIMIT, "%d files", 3), VIT_E_LIMIT);
	assert_int_equal(err.code, VIT_E_LIMIT);
	assert_int_equal(err.sys, 0);
	assert_int_equal(err.offset, 0);
	assert_string_equal(err.msg, "3 files");
	assert_int_equal(vit_err_at(&err, VIT_E_SYNTAX, 1234, "here"), VIT_E_SYNTAX);
	assert_int_equal(err.offset, 1234);
	assert_int_equal(vit_err_set(NULL, VIT_E_IO, "nobody listens"), VIT_E_IO);
	assert_int_equal(vit_err_at(NULL, VIT_E_IO, 1, "nobody listens"), VIT_E_IO);
	assert_int_equal(vit_err_sys(NULL, ENOENT, "nobody listens"), VIT_E_NOTFOUND);
}

static void sys_tells_the_kinds_apart(void **state)
{
	(void)state;
	static const struct { int sys; enum vit_errc code; } cases[] = {
		{ EACCES, VIT_E_PERM }, { EPERM, VIT_E_PERM }, { ENOENT, VIT_E_NOTFOUND },
		{ ENOTDIR, VIT_E_NOTFOUND }, { EIO, VIT_E_IO }, { ENOSPC, VIT_E_IO },
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct vit_err err;
		char want[VIT_ERR_MSG];
		assert_int_equal(vit_err_sys(&err, cases[i].sys, "open %s", "x"), cases[i].code);
		assert_int_equal(err.sys, cases[i].sys);
		snprintf(want, sizeof(want), "open x: %s", strerror(cases[i].sys));
		assert_string_equal(err.msg, want);
	}
}

static void a_long_message_is_cut_at_a_character(void **state)
{
	(void)state;
	struct vit_err err;
	for (size_t lead = 0; lead < 8; lead++) {
		char text[600] = { 0 };
		memset(text, 'a', lead);
		for (size_t i = lead; i + 4 < sizeof(text); i += 3)
			memcpy(text + i, "\xe2\x82\xac", 3);
		(void)vit_err_set(&err, VIT_E_IO, "%s", text);
		size_t n = strlen(err.msg);
		assert_true(n >= VIT_ERR_MSG - 3 && n < VIT_ERR_MSG);
		assert_int_equal(vit_utf8_valid((struct vit_str){ err.msg, n }), n);
	}
}

static void every_code_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = VIT_OK; a <= VIT_E_INTERRUPTED; a++) {
		assert_string_not_equal(vit_errc_name((enum vit_errc)a), "unknown");
		for (int b = VIT_OK; b < a; b++)
			assert_string_not_equal(vit_errc_name((enum vit_errc)a),
						vit_errc_name((enum vit_errc)b));
	}
}

/* What `f` writes to stderr. */
static void captured(void (*f)(void *), void *ctx, char *out, size_t size)
{
	FILE *tmp = tmpfile();
	assert_non_null(tmp);
	fflush(stderr);
	int saved = dup(STDERR_FILENO);
	assert_true(dup2(fileno(tmp), STDERR_FILENO) >= 0);
	f(ctx);
	fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	rewind(tmp);
	out[fread(out, 1, size - 1, tmp)] = 0;
	fclose(tmp);
}

static void log_all(void *ctx)
{
	const struct vit_log *log = ctx;
	vit_log_error(log, "bad %s", "\x1b[31mname\n");
	vit_log_warn(log, "odd");
	vit_log_verbose(log, "detail");
}

static void the_level_selects_and_control_characters_stay_out(void **state)
{
	(void)state;
	char text[1024];
	struct vit_log log = { VIT_LOG_QUIET, false };
	captured(log_all, &log, text, sizeof(text));
	assert_string_equal(text, "vitalis-audit: error: bad ?[31mname\n\n");
	log.level = VIT_LOG_NORMAL;
	captured(log_all, &log, text, sizeof(text));
	assert_non_null(strstr(text, "vitalis-audit: warning: odd\n"));
	assert_null(strstr(text, "detail"));
	log.level = VIT_LOG_VERBOSE;
	captured(log_all, &log, text, sizeof(text));
	assert_non_null(strstr(text, "vitalis-audit: info: detail\n"));
	log.color = true;
	captured(log_all, &log, text, sizeof(text));
	assert_non_null(strstr(text, "vitalis-audit: \x1b[1;31merror:\x1b[0m bad"));
}

static void log_much(void *ctx)
{
	vit_log_error(ctx, "%05000d", 1);
}

static void a_long_line_is_cut_and_ended(void **state)
{
	(void)state;
	char text[4096];
	struct vit_log log = { VIT_LOG_NORMAL, false };
	captured(log_much, &log, text, sizeof(text));
	size_t n = strlen(text);
	assert_true(n > 900 && n <= 1024);
	assert_int_equal(text[n - 1], '\n');
}

static void *add_many(void *ctx)
{
	for (int i = 0; i < 10000; i++)
		vit_progress_add(ctx, 3);
	return NULL;
}

static void progress_counts_across_threads(void **state)
{
	(void)state;
	struct vit_progress p;
	FILE *out = tmpfile();
	assert_non_null(out);
	pthread_t threads[4];
	vit_progress_start(&p, "hashing", 120000, true, true);
	p.out = out;
	for (size_t i = 0; i < LENGTH(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, &p), 0);
	for (size_t i = 0; i < LENGTH(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&p.done), 4 * 10000 * 3);
	/* Drawing is due: one line with the share, and it is cleared. */
	atomic_store(&p.next_draw_ns, 0);
	vit_progress_add(&p, 0);
	vit_progress_finish(&p);
	char text[4096];
	rewind(out);
	text[fread(text, 1, sizeof(text) - 1, out)] = 0;
	assert_non_null(strstr(text, "hashing [########################] 100%  120 kB"));
	assert_string_equal(text + strlen(text) - 4, "\r\x1b[K");
	fclose(out);
}

static void progress_without_a_terminal_is_silent(void **state)
{
	(void)state;
	struct vit_progress p;
	FILE *out = tmpfile();
	assert_non_null(out);
	vit_progress_start(&p, "hashing", 0, false, false);
	p.out = out;
	atomic_store(&p.next_draw_ns, 0);
	vit_progress_add(&p, 5);
	vit_progress_finish(&p);
	assert_int_equal(ftell(out), 0);
	assert_int_equal(atomic_load(&p.done), 5);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_every_field),
		cmocka_unit_test(sys_tells_the_kinds_apart),
		cmocka_unit_test(a_long_message_is_cut_at_a_character),
		cmocka_unit_test(every_code_has_a_name_of_its_own),
		cmocka_unit_test(the_level_selects_and_control_characters_stay_out),
		cmocka_unit_test(a_long_line_is_cut_and_ended),
		cmocka_unit_test(progress_counts_across_threads),
		cmocka_unit_test(progress_without_a_terminal_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
