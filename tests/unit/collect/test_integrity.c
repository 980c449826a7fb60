/* Sources of truth in real folders: a good folder is verified by each, and one
 * byte flipped in it is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/collect.h"
#include "collect/integrity.h"
#include "folder.h"

extern char **environ;

/* Of "hello\n": sha256sum(1) and `git hash-object` say so. */
#define HELLO "hello\n"
#define HELLO_SHA256 "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
#define HELLO_GIT "ce013625030ba8dba906f756967f9e9ca394464a"
#define ZERO_SHA256 "0000000000000000000000000000000000000000000000000000000000000000"

/* A time at which no file of a test is young any more. */
#define LATER ((int64_t)4000000000)
#define REVISION "0123456789012345678901234567890123456789"
#define TRACE ".cache/huggingface/download/a.bin.metadata"

struct given {
	struct folder folder;
	struct vit_arena *arena;
	struct vit_facts facts;
	struct vit_integrity *in;
};

static void begin(struct given *g)
{
	*g = (struct given){ .arena = vit_arena_new() };
	g->in = &g->facts.integrity;
	folder_new(&g->folder);
	folder_text(&g->folder, "a.bin", HELLO);
}

static void end(struct given *g)
{
	folder_remove(&g->folder);
	vit_arena_free(g->arena);
}

static void verify(struct given *g, const char *sub, const char *cache)
{
	struct vit_collect_options co = { .groups = VIT_FG_FILES };
	struct vit_integrity_options io = { .verify = true, .threads = 2, .now = LATER,
					    .cache_folder = vit_str_c(cache) };
	struct vit_err err;

	assert_int_equal(vit_collect(g->arena, folder_at(&g->folder, sub), &co, &g->facts, &err), VIT_OK);
	assert_int_equal(vit_collect_integrity(g->arena, &g->facts.files, &io, g->in, &err), VIT_OK);
}

static const struct vit_verified *row(const struct given *g, const char *path)
{
	for (uint32_t i = 0; i < g->in->file_count; i++)
		if (vit_str_is(g->in->files[i].path, path))
			return &g->in->files[i];
	return NULL;
}

static enum vit_verify_state state(const struct given *g, const char *path)
{
	const struct vit_verified *v = row(g, path);

	assert_non_null(v);
	return v->state;
}

static enum vit_truth_kind kind(const struct given *g, const char *path)
{
	const struct vit_verified *v = row(g, path);

	assert_non_null(v);
	assert_true(v->promise < g->in->promise_count);
	return g->in->truths[g->in->promises[v->promise].truth].kind;
}

static struct stat stat_of(const struct given *g, const char *name)
{
	struct stat st;

	assert_int_equal(stat(folder_at(&g->folder, name), &st), 0);
	return st;
}

static void set_mtime(const struct given *g, const char *name, struct timespec t)
{
	struct timespec times[2] = { t, t };

	assert_int_equal(utimensat(AT_FDCWD, folder_at(&g->folder, name), times, 0), 0);
}

/* As a bad disk does it: the size and the time of writing stay. */
static void flip(const struct given *g, const char *name)
{
	struct stat st = stat_of(g, name);
	int fd = open(folder_at(&g->folder, name), O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "j", 1, 0), 1);
	close(fd);
	set_mtime(g, name, st.st_mtim);
}

static void found_by(struct given *g, enum vit_truth_kind expected)
{
	verify(g, ".", "");
	assert_int_equal(state(g, "a.bin"), VIT_VERIFY_MATCH);
	assert_int_equal(kind(g, "a.bin"), expected);
	assert_int_equal(g->in->bytes_hashed >= 6, true);
	flip(g, "a.bin");
	verify(g, ".", "");
	assert_int_equal(state(g, "a.bin"), VIT_VERIFY_DIFFERS);
}

/* ---- lists --------------------------------------------------------------- */

static void test_lock(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	folder_text(&g.folder, "vitalis.lock", "# vitalis-lock/1\n# size 6\n" HELLO_SHA256 "  a.bin\n");
	found_by(&g, VIT_TRUTH_LOCK);
	assert_null(row(&g, "vitalis.lock"));
	/* Another size: no byte is read. */
	folder_text(&g.folder, "a.bin", "hello world\n");
	verify(&g, ".", "");
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_SIZE);
	assert_int_equal(g.in->bytes_hashed, 0);
	end(&g);
}

static void test_sums(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	folder_text(&g.folder, "SHA256SUMS", HELLO_SHA256 " *./a.bin\r\n" HELLO_SHA256 "  gone.bin\n");
	found_by(&g, VIT_TRUTH_SHA256SUMS);
	assert_int_equal(state(&g, "gone.bin"), VIT_VERIFY_MISSING);
	/* A list cannot hold its own digest, and is not counted as uncovered. */
	assert_null(row(&g, "SHA256SUMS"));
	end(&g);
}

static void test_names_that_leave(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	folder_text(&g.folder, "SHA256SUMS",
		    HELLO_SHA256 "  ../a.bin\n\\" HELLO_SHA256 "  ../a.bin\n\\" HELLO_SHA256 "  /etc/passwd\n\\"
				 HELLO_SHA256 "  x/../../a.bin\n");
	verify(&g, ".", "");
	assert_int_equal(g.in->promise_count, 0);
	assert_int_equal(g.in->truths[0].bad_lines, 4);
	assert_int_equal(g.in->file_count, 1);
	end(&g);
}

static void test_lists_disagree(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	folder_text(&g.folder, "vitalis.lock", "# vitalis-lock/1\n" HELLO_SHA256 "  a.bin\n");
	folder_text(&g.folder, "SHA256SUMS", ZERO_SHA256 "  a.bin\n");
	verify(&g, ".", "");
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_MATCH);
	assert_int_equal(kind(&g, "a.bin"), VIT_TRUTH_LOCK);
	assert_true(row(&g, "a.bin")->conflict != UINT32_MAX);
	end(&g);
}

static void test_one_file_alone(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	folder_text(&g.folder, "config.json", "{}");
	folder_text(&g.folder, "SHA256SUMS", HELLO_SHA256 "  a.bin\n" ZERO_SHA256 "  config.json\n");
	verify(&g, "a.bin", "");
	assert_int_equal(g.in->file_count, 1);
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_MATCH);
	assert_int_equal(g.in->bytes_hashed, 6);
	end(&g);
}

/* ---- the hub's client ------------------------------------------------------ */

static void trace(const struct given *g, const char *etag, int64_t seconds)
{
	char text[256];

	(void)snprintf(text, sizeof text, REVISION "\n%s\n%lld.25\n", etag, (long long)seconds);
	folder_text(&g->folder, TRACE, text);
}

static void test_trace(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	trace(&g, HELLO_SHA256, (int64_t)stat_of(&g, "a.bin").st_mtim.tv_sec + 1);
	found_by(&g, VIT_TRUTH_HUB_DOWNLOAD);
	assert_false(g.in->promises[row(&g, "a.bin")->promise].stale);
	assert_true(vit_str_is(g.in->truths[0].revision, REVISION));
	end(&g);
}

static void test_trace_of_git_blob(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	trace(&g, HELLO_GIT, (int64_t)stat_of(&g, "a.bin").st_mtim.tv_sec + 1);
	found_by(&g, VIT_TRUTH_HUB_DOWNLOAD);
	assert_int_equal(row(&g, "a.bin")->algorithm, VIT_DIGEST_GIT_BLOB);
	end(&g);
}

static void test_trace_stale(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	trace(&g, HELLO_SHA256, (int64_t)stat_of(&g, "a.bin").st_mtim.tv_sec - 100);
	found_by(&g, VIT_TRUTH_HUB_DOWNLOAD);
	assert_true(g.in->promises[row(&g, "a.bin")->promise].stale);
	end(&g);
}

static void test_trace_unreadable(void **unused)
{
	static const char *const texts[] = { "", "one\ntwo\n", REVISION "\nnot-hex\n12.5\n",
					     REVISION "\n" HELLO_SHA256 "\nyesterday\n" };
	struct given g;

	(void)unused;
	begin(&g);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		folder_text(&g.folder, TRACE, texts[i]);
		verify(&g, ".", "");
		assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_UNCOVERED);
		assert_int_equal(g.in->truths[0].bad_lines, 1);
	}
	/* Longer than any trace: counted, too. */
	folder_sparse(&g.folder, TRACE, 100000);
	verify(&g, ".", "");
	assert_int_equal(g.in->truths[0].bad_lines, 1);
	/* ".metadata" is the trace of no file. */
	folder_text(&g.folder, ".cache/huggingface/download/.metadata", REVISION "\n" HELLO_SHA256 "\n1.0\n");
	verify(&g, ".", "");
	assert_null(row(&g, ""));
	end(&g);
}

static void test_hub_cache(void **unused)
{
	static const char snapshot[] = "models--org--name/snapshots/" REVISION;
	struct given g;

	(void)unused;
	begin(&g);
	folder_text(&g.folder, "models--org--name/blobs/" HELLO_SHA256, HELLO);
	folder_text(&g.folder, "models--org--name/blobs/" HELLO_GIT, HELLO);
	folder_text(&g.folder, "models--org--name/refs/main", REVISION);
	folder_link(&g.folder, "models--org--name/snapshots/" REVISION "/a.bin", "../../blobs/" HELLO_SHA256);
	folder_link(&g.folder, "models--org--name/snapshots/" REVISION "/sub/config.json",
		    "../../../blobs/" HELLO_GIT);
	verify(&g, snapshot, "");
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_MATCH);
	assert_int_equal(state(&g, "sub/config.json"), VIT_VERIFY_MATCH);
	assert_int_equal(kind(&g, "a.bin"), VIT_TRUTH_HUB_CACHE);
	flip(&g, "models--org--name/blobs/" HELLO_SHA256);
	flip(&g, "models--org--name/blobs/" HELLO_GIT);
	verify(&g, snapshot, "");
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_DIFFERS);
	assert_int_equal(state(&g, "sub/config.json"), VIT_VERIFY_DIFFERS);
	end(&g);
}

/* ---- git ------------------------------------------------------------------- */

/* False where git is not installed. */
static bool git(const struct given *g, const char *a, const char *b, const char *c)
{
	const char *argv[] = { "git", "-C", g->folder.path, "-c", "filter.lfs.clean=cat", "-c",
			       "filter.lfs.required=false", a, b, c, NULL };
	pid_t pid;
	int status = 0;

	if (posix_spawnp(&pid, "git", NULL, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
		return false;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return false;
	assert_int_equal(status, 0);
	return true;
}

static bool begin_clone(struct given *g)
{
	begin(g);
	if (git(g, "init", "-q", "."))
		return true;
	end(g);
	return false;
}

static void test_git(void **unused)
{
	struct given g;

	(void)unused;
	if (!begin_clone(&g))
		skip();
	assert_true(git(&g, "add", "--", "a.bin"));
	found_by(&g, VIT_TRUTH_GIT);
	/* The same of the index's version 4. */
	assert_true(git(&g, "add", "--", "a.bin"));
	assert_true(git(&g, "update-index", "--index-version", "4"));
	folder_text(&g.folder, "a.bin", HELLO);
	verify(&g, ".", "");
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_DIFFERS);
	end(&g);
}

static void test_git_lfs(void **unused)
{
	struct given g;

	(void)unused;
	if (!begin_clone(&g))
		skip();
	folder_text(&g.folder, "a.bin",
		    "version https://git-lfs.github.com/spec/v1\noid sha256:" HELLO_SHA256 "\nsize 6\n");
	assert_true(git(&g, "add", "--", "a.bin"));
	/* A tab ends the pattern as a blank does. */
	folder_text(&g.folder, ".gitattributes", "*.bin\tfilter=lfs diff=lfs merge=lfs -text\n");
	/* The pointer in place of content is no content. */
	verify(&g, ".", "");
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_DIFFERS);
	folder_text(&g.folder, "a.bin", HELLO);
	found_by(&g, VIT_TRUTH_GIT);
	end(&g);
}

/* A repository whose ids are SHA-256: content, pointers, and content committed whole. */
static void test_git_sha256(void **unused)
{
	struct given g;

	(void)unused;
	begin(&g);
	if (!git(&g, "init", "-q", "--object-format=sha256")) {
		end(&g);
		skip();
	}
	assert_true(git(&g, "add", "--", "a.bin"));
	found_by(&g, VIT_TRUTH_GIT);
	assert_int_equal(row(&g, "a.bin")->algorithm, VIT_DIGEST_GIT_BLOB256);
	folder_text(&g.folder, "a.bin", HELLO);
	folder_text(&g.folder, ".gitattributes", "*.bin filter=lfs\n");
	found_by(&g, VIT_TRUTH_GIT);
	folder_text(&g.folder, "a.bin",
		    "version https://git-lfs.github.com/spec/v1\noid sha256:" HELLO_SHA256 "\nsize 6\n");
	assert_true(git(&g, "add", "--", "a.bin"));
	folder_text(&g.folder, "a.bin", HELLO);
	found_by(&g, VIT_TRUTH_GIT);
	end(&g);
}

/* Added before its pattern was: git holds the content itself. */
static void test_git_lfs_later(void **unused)
{
	struct given g;

	(void)unused;
	if (!begin_clone(&g))
		skip();
	assert_true(git(&g, "add", "--", "a.bin"));
	folder_text(&g.folder, ".gitattributes", "*.bin filter=lfs\n");
	found_by(&g, VIT_TRUTH_GIT);
	end(&g);
}

/* ---- remembered digests ------------------------------------------------------ */

static void test_cache(void **unused)
{
	struct timespec old = { .tv_sec = 1000000000 };
	char cache[512], file[600];
	struct given g;

	(void)unused;
	begin(&g);
	folder_text(&g.folder, "m/a.bin", HELLO);
	folder_text(&g.folder, "m/SHA256SUMS", HELLO_SHA256 "  a.bin\n");
	(void)snprintf(cache, sizeof cache, "%s/new/cache", g.folder.path);
	(void)snprintf(file, sizeof file, "%s/digests-1.tsv", cache);
	verify(&g, "m", cache);
	assert_false(row(&g, "a.bin")->remembered);
	verify(&g, "m", cache);
	assert_true(row(&g, "a.bin")->remembered);
	assert_int_equal(row(&g, "a.bin")->remembered_since, LATER);
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_MATCH);
	assert_int_equal(g.in->bytes_hashed, 0);
	assert_int_equal(g.in->bytes_remembered, 6);
	/* Touched: hashed again, and remembered again. */
	set_mtime(&g, "m/a.bin", old);
	verify(&g, "m", cache);
	assert_int_equal(g.in->bytes_hashed, 6);
	verify(&g, "m", cache);
	assert_int_equal(g.in->bytes_hashed, 0);
	/* A flipped byte with the old times: ctime tells. */
	flip(&g, "m/a.bin");
	verify(&g, "m", cache);
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_DIFFERS);
	assert_int_equal(g.in->bytes_hashed, 6);
	verify(&g, "m", cache);
	assert_int_equal(g.in->bytes_hashed, 0);
	assert_int_equal(state(&g, "a.bin"), VIT_VERIFY_DIFFERS);
	/* What others may write is not believed. */
	assert_int_equal(chmod(file, 0660), 0);
	verify(&g, "m", cache);
	assert_int_equal(g.in->bytes_hashed, 6);
	end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_names_that_leave),
		cmocka_unit_test(test_lists_disagree),
		cmocka_unit_test(test_one_file_alone),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_trace_of_git_blob),
		cmocka_unit_test(test_trace_stale),
		cmocka_unit_test(test_trace_unreadable),
		cmocka_unit_test(test_hub_cache),
		cmocka_unit_test(test_git),
		cmocka_unit_test(test_git_lfs),
		cmocka_unit_test(test_git_sha256),
		cmocka_unit_test(test_git_lfs_later),
		cmocka_unit_test(test_cache),
	};

	return cmocka_run_group_tests_name("collect/integrity", tests, NULL, NULL);
}
