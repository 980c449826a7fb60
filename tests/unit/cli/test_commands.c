#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "fake_engine.h"

#define MAX_WORDS 24

struct fixture {
	char dir[64], out[96], err[96];
	int saved_out, saved_err;
	char stdout_text[8192], stderr_text[8192];
};

static int setup(void **state)
{
	static struct fixture f;
	memset(&f, 0, sizeof(f));
	memset(&fake, 0, sizeof(fake));
	snprintf(f.dir, sizeof(f.dir), "/tmp/vitalis-commands-XXXXXX");
	if (!mkdtemp(f.dir) || chdir(f.dir) != 0)
		return -1;
	*state = &f;
	unsetenv("SOURCE_DATE_EPOCH");
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "a.md", "b.json", "c.txt", "facts.json", ".out", ".err",
					     "vitalis.lock" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	/* Fails when a temporary file was left behind. */
	return chdir("/") == 0 ? rmdir(f->dir) : -1;
}

static void slurp(const char *path, char *to, size_t size)
{
	FILE *in = fopen(path, "rb");
	to[0] = '\0';
	if (!in)
		return;
	to[fread(to, 1, size - 1, in)] = '\0';
	fclose(in);
}

static int redirect(int fd, const char *path)
{
	int saved = dup(fd), to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(saved >= 0 && to >= 0);
	assert_int_equal(dup2(to, fd), fd);
	close(to);
	return saved;
}

/* Runs the program with the words of `line`. */
static int run(struct fixture *f, const char *line)
{
	char words[512], *argv[MAX_WORDS] = { NULL };
	int argc = 1;
	snprintf(words, sizeof(words), "%s", line);
	char *save = NULL;
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	fake.outputs = 0;
	fake.called = NULL;
	fflush(stdout);
	fflush(stderr);
	f->saved_out = redirect(STDOUT_FILENO, ".out");
	f->saved_err = redirect(STDERR_FILENO, ".err");
	int code = vit_cli_main(argc, argv);
	fflush(stderr);
	dup2(f->saved_out, STDOUT_FILENO);
	dup2(f->saved_err, STDERR_FILENO);
	close(f->saved_out);
	close(f->saved_err);
	slurp(".out", f->stdout_text, sizeof(f->stdout_text));
	slurp(".err", f->stderr_text, sizeof(f->stderr_text));
	return code;
}

static void report_goes_to_stdout_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, "model"), 0);
	assert_string_equal(fake.called, "audit");
	assert_string_equal(fake.path, "model");
	assert_string_equal(f->stdout_text, "audit as markdown\n");
	assert_string_equal(f->stderr_text, "");
	assert_int_equal(run(f, "model -f terminal"), 0);
	assert_string_equal(f->stdout_text, "audit as terminal\n");
}

static void options_reach_the_engine(void **state)
{
	struct fixture *f = *state;
	setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
	assert_int_equal(run(f, "m --spec s.yaml --base b --policy p.yaml --only files,weights --skip "
				"files/x --fail-on note --host-root h --record-host r --jobs 3 --offline"),
			 0);
	assert_string_equal(fake.spec, "s.yaml");
	assert_string_equal(fake.base, "b");
	assert_string_equal(fake.policy, "p.yaml");
	assert_int_equal(fake.options.only.count, 2);
	assert_string_equal(fake.only[1], "weights");
	assert_int_equal(fake.options.skip.count, 1);
	assert_string_equal(fake.skip[0], "files/x");
	assert_string_equal(fake.fail_on, "note");
	assert_string_equal(fake.host_root, "h");
	assert_string_equal(fake.record_host, "r");
	assert_int_equal(fake.options.jobs, 3);
	assert_true(fake.options.offline);
	assert_int_equal(fake.options.now, 1700000000);
	assert_false(fake.options.progress); /* stderr is a file here */
	assert_int_equal(run(f, "m"), 0);
	assert_null(fake.options.spec);
	assert_null(fake.options.dump_facts);
	assert_int_equal(fake.options.jobs, 0);
	assert_false(fake.options.offline);
}

static void the_engines_answer_is_the_exit_code(void **state)
{
	struct fixture *f = *state;
	static const int codes[] = { 0, 1, 2 };
	for (size_t i = 0; i < 3; i++) {
		fake.answer = codes[i];
		assert_int_equal(run(f, "m"), codes[i]);
		/* The report is written whatever the code. */
		assert_string_equal(f->stdout_text, "audit as markdown\n");
	}
	fake.answer = 2;
	fake.error = VIT_E_NOTFOUND;
	fake.silent = true;
	assert_int_equal(run(f, "m"), 2);
	assert_string_equal(f->stdout_text, "");
	assert_string_equal(f->stderr_text, "vitalis-audit: error: the engine's own words\n");
	fake.answer = 64;
	fake.error = VIT_E_USAGE;
	assert_int_equal(run(f, "m"), 64);
}

static void several_files_from_one_run(void **state)
{
	struct fixture *f = *state;
	char text[64];
	fake.answer = 1;
	assert_int_equal(run(f, "m -o a.md -o b.json --dump-facts facts.json"), 1);
	assert_string_equal(f->stdout_text, "");
	slurp("a.md", text, sizeof(text));
	assert_string_equal(text, "audit as markdown\n");
	slurp("b.json", text, sizeof(text));
	assert_string_equal(text, "audit as json\n");
	slurp("facts.json", text, sizeof(text));
	assert_string_equal(text, "{}\n");
	assert_int_equal(run(f, "m -f json -o c.txt -o a.md -o -"), 1);
	assert_string_equal(f->stdout_text, "audit as json\n");
	slurp("c.txt", text, sizeof(text));
	assert_string_equal(text, "audit as json\n");
	slurp("a.md", text, sizeof(text));
	assert_string_equal(text, "audit as markdown\n");
}

static void facts_may_take_stdout(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, "m --dump-facts -"), 0);
	assert_string_equal(f->stdout_text, "{}\n");
	assert_int_equal(run(f, "m --dump-facts - -o a.md"), 0);
	assert_string_equal(f->stdout_text, "{}\n");
	assert_int_equal(run(f, "m --dump-facts - -o -"), 64);
}

static void outputs_that_contradict(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *line, *message;
		int code;
	} rows[] = {
		{ "m -o c.txt", "cannot tell the format of c.txt", 64 },
		{ "m -f jsn", "unknown format jsn: did you mean json?", 64 },
		{ "m -f md", "unknown format md: did you mean markdown?", 64 },
		{ "m -f json -o a.md", "--format json is not what", 64 },
		{ "m -o a.md -o a.md", "two outputs have the same place: a.md", 64 },
		{ "m -o none/a.md", "cannot write none/a.md", 2 },
		{ "m --dump-facts none/x", "cannot write none/x", 2 },
		{ "m -o a.md --dump-facts a.md", "have the same place: a.md", 64 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(run(f, rows[i].line), rows[i].code);
		if (!strstr(f->stderr_text, rows[i].message))
			fail_msg("%s: %s", rows[i].line, f->stderr_text);
		assert_null(fake.called); /* found out before the work */
		assert_string_equal(f->stdout_text, "");
	}
}

static void a_failed_output_is_never_success(void **state)
{
	struct fixture *f = *state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	assert_int_equal(run(f, "m -f json -o /dev/full -o b.json"), 2);
	assert_non_null(strstr(f->stderr_text, "/dev/full"));
	/* The others are written all the same. */
	assert_int_equal(access("b.json", R_OK), 0);
	fake.answer = 1;
	assert_int_equal(run(f, "m -f json -o /dev/full"), 1);
}

static void quiet_and_verbose(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, "m -q"), 0);
	assert_int_equal(fake.options.verbosity, VIT_QUIET);
	assert_int_equal(fake.verbosity[0], VIT_QUIET);
	assert_int_equal(run(f, "m -v"), 0);
	assert_int_equal(fake.options.verbosity, VIT_VERBOSE);
}

static void other_commands(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, "checks"), 0);
	assert_string_equal(f->stdout_text, "checks as markdown\n");
	assert_int_equal(run(f, "specs -f json"), 0);
	assert_string_equal(f->stdout_text, "specs as json\n");
	assert_int_equal(run(f, "explain files/lfs-pointer"), 0);
	assert_string_equal(fake.path, "files/lfs-pointer");
	assert_int_equal(run(f, "system -o b.json"), 0);
	assert_string_equal(fake.called, "system");
	assert_string_equal(f->stdout_text, "");
	assert_int_equal(run(f, "spec dir"), 0);
	assert_string_equal(f->stdout_text, "spec as -\n");
	assert_string_equal(fake.path, "dir");
	assert_int_equal(run(f, "spec dir -o c.txt"), 0);
	assert_string_equal(f->stdout_text, "");
	assert_int_equal(run(f, "version"), 0);
	assert_string_equal(f->stdout_text, "vitalis-audit 1.2.3\n");
	assert_int_equal(run(f, "--version"), 0);
	assert_string_equal(f->stdout_text, "vitalis-audit 1.2.3\n");
	assert_int_equal(run(f, "help nonsense"), 64);
	assert_int_equal(run(f, "generate list-checks"), 0);
	assert_string_equal(f->stdout_text, "files\nweights\nfiles/lfs-pointer\n");
	assert_int_equal(run(f, "generate nonsense"), 64);
}

static void misspelt_commands_are_told_from_folders(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, "chekcs"), 64);
	assert_non_null(strstr(f->stderr_text, "did you mean 'checks'?"));
	assert_null(fake.called);
	/* A path is a path. */
	assert_int_equal(run(f, "./chekcs"), 0);
	assert_string_equal(fake.called, "audit");
}

static void verify_and_its_cache(void **state)
{
	struct fixture *f = *state;
	setenv("HOME", "/home/x", 1);
	unsetenv("XDG_CACHE_HOME");
	assert_int_equal(run(f, "m --verify"), 0);
	assert_true(fake.options.verify);
	assert_string_equal(fake.cache_dir, "/home/x/.cache/vitalis-audit");
	setenv("XDG_CACHE_HOME", "/var/c", 1);
	assert_int_equal(run(f, "m --verify"), 0);
	assert_string_equal(fake.cache_dir, "/var/c/vitalis-audit");
	setenv("XDG_CACHE_HOME", "relative", 1);
	assert_int_equal(run(f, "m --verify"), 0);
	assert_string_equal(fake.cache_dir, "/home/x/.cache/vitalis-audit");
	assert_int_equal(run(f, "m --verify --no-cache"), 0);
	assert_null(fake.options.cache_dir);
	assert_int_equal(run(f, "m"), 0);
	assert_false(fake.options.verify);
}

static void a_lock_is_not_overwritten(void **state)
{
	struct fixture *f = *state;
	char text[64];
	assert_int_equal(run(f, "lock ."), 0);
	assert_string_equal(fake.path, ".");
	assert_string_equal(f->stdout_text, "");
	slurp("vitalis.lock", text, sizeof(text));
	assert_string_equal(text, "lock as -\n");
	fake.called = NULL;
	assert_int_equal(run(f, "lock ."), 64);
	assert_null(fake.called);
	assert_non_null(strstr(f->stderr_text, "./vitalis.lock is there already: --force"));
	assert_int_equal(run(f, "lock . --force"), 0);
	assert_int_equal(run(f, "lock . -o -"), 0);
	assert_string_equal(f->stdout_text, "lock as -\n");
	assert_int_equal(run(f, "lock . -o c.txt"), 0);
	assert_int_equal(run(f, "lock . -o c.txt"), 64);
	fake.answer = 2;
	fake.silent = true;
	unlink("vitalis.lock");
	assert_int_equal(run(f, "lock ."), 2);
	assert_int_equal(access("vitalis.lock", F_OK), -1);
}

/* A signal during a verification: the engine is told, nothing is written, and
 * the process ends by that very signal. */
static void a_signal_ends_the_process_cleanly(void **state)
{
	struct fixture *f = *state;
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	for (size_t i = 0; i < 3; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			fake.raise_signal = signals[i];
			run(f, "m --verify -o a.md");
			_exit(99);
		}
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_int_equal(access("a.md", F_OK), -1);
	}
	/* Ignored by the caller (nohup): ignored by us. */
	signal(SIGHUP, SIG_IGN);
	fake.raise_signal = SIGHUP;
	assert_int_equal(run(f, "m --verify -o a.md"), 0);
	assert_false(fake.saw_stop);
	signal(SIGHUP, SIG_DFL);
}

static void nothing_given(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, ""), 64);
	assert_string_equal(f->stdout_text, "");
	assert_non_null(strstr(f->stderr_text, "vitalis-audit --help"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(report_goes_to_stdout_and_nothing_else, setup, teardown),
		cmocka_unit_test_setup_teardown(options_reach_the_engine, setup, teardown),
		cmocka_unit_test_setup_teardown(the_engines_answer_is_the_exit_code, setup, teardown),
		cmocka_unit_test_setup_teardown(several_files_from_one_run, setup, teardown),
		cmocka_unit_test_setup_teardown(facts_may_take_stdout, setup, teardown),
		cmocka_unit_test_setup_teardown(outputs_that_contradict, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_output_is_never_success, setup, teardown),
		cmocka_unit_test_setup_teardown(quiet_and_verbose, setup, teardown),
		cmocka_unit_test_setup_teardown(other_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(misspelt_commands_are_told_from_folders, setup, teardown),
		cmocka_unit_test_setup_teardown(verify_and_its_cache, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lock_is_not_overwritten, setup, teardown),
		cmocka_unit_test_setup_teardown(a_signal_ends_the_process_cleanly, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_given, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
