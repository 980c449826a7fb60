/* The walk over real folders, hostile ones among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/collect.h"
#include "folder.h"

struct walked {
	struct vit_arena *arena;
	struct vit_files files;
	struct vit_source source;
};

static struct walked walk_with(const char *path, const struct vit_collect_options *opt)
{
	struct walked w = { .arena = vit_arena_new() };
	struct vit_err err = { 0 };

	if (vit_collect_files(w.arena, path, opt, &w.source, &w.files, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	return w;
}

static struct walked walk(const char *path)
{
	struct vit_collect_options opt = { .groups = VIT_FG_FILES };

	return walk_with(path, &opt);
}

static void done(struct walked *w)
{
	close(w->source.root_fd);
	vit_arena_free(w->arena);
}

static const struct vit_file *row(const struct walked *w, const char *path)
{
	const struct vit_file *f = vit_files_get(&w->files, path);

	if (!f)
		fail_msg("%s is not among the rows", path);
	return f;
}

static void an_ordinary_folder(void **state)
{
	struct folder f;

	(void)state;
	folder_new(&f);
	folder_text(&f, "config.json", "{}");
	folder_text(&f, "model.safetensors", "12345678");
	folder_text(&f, "metal/model.bin", "abc");
	folder_text(&f, "a-b", "");
	folder_text(&f, ".git/objects/aa", "xx");
	folder_text(&f, ".cache/huggingface/download/config.json.metadata", "c\ne\n1\n");

	struct walked w = walk(f.path);
	/* config, model, metal, metal/model.bin, a-b, .git, and .cache with 3 below */
	assert_int_equal(w.files.count, 10);
	for (uint32_t i = 1; i < w.files.count; i++)
		assert_true(vit_str_cmp(w.files.files[i - 1].path, w.files.files[i].path) < 0);
	assert_true(w.files.git_clone);
	assert_false(w.files.hub_snapshot);
	assert_int_equal(w.files.limit, VIT_WALK_COMPLETE);
	assert_int_equal(w.files.total_bytes, 2 + 8 + 3 + 6);
	assert_int_equal(row(&w, ".git")->kind, VIT_FK_VCS);
	assert_null(vit_files_get(&w.files, ".git/objects"));
	assert_int_equal(row(&w, "metal")->type, VIT_FT_DIR);
	assert_int_equal(row(&w, "model.safetensors")->size, 8);
	assert_string_equal(vit_file_state(row(&w, "a-b")), "empty");
	assert_string_equal(vit_file_state(row(&w, "config.json")), "present");
	done(&w);
	folder_remove(&f);
}

static void roots(void **state)
{
	struct vit_collect_options opt = { .groups = VIT_FG_FILES };
	struct vit_arena *a = vit_arena_new();
	struct vit_source s;
	struct vit_files files;
	struct vit_err err = { 0 };
	struct folder f;

	(void)state;
	folder_new(&f);
	folder_fifo(&f, "pipe");
	folder_text(&f, "sub/model.safetensors", "12345678");
	folder_text(&f, "sub/deep/er/x.txt", "1");
	assert_int_equal(vit_collect_files(a, "/nowhere/at/all", &opt, &s, &files, &err),
			 VIT_E_NOTFOUND);
	assert_int_equal(vit_collect_files(a, folder_at(&f, "pipe"), &opt, &s, &files, &err),
			 VIT_E_UNSUPPORTED);

	/* One file: its folder, with little below it. */
	struct walked w = walk(folder_at(&f, "sub/model.safetensors"));
	assert_true(vit_str_is(w.files.only, "model.safetensors"));
	assert_non_null(vit_files_get(&w.files, "model.safetensors"));
	assert_non_null(vit_files_get(&w.files, "deep/er"));
	assert_null(vit_files_get(&w.files, "deep/er/x.txt"));
	assert_int_equal(w.files.limit, VIT_WALK_COMPLETE);
	done(&w);
	folder_remove(&f);
	vit_arena_free(a);
}

static void links(void **state)
{
	struct folder f;

	(void)state;
	folder_new(&f);
	folder_text(&f, "model/config.json", "{}");
	folder_text(&f, "model/sub/x.safetensors", "12345678");
	folder_text(&f, "secret.json", "{\"a\":1}");
	folder_link(&f, "model/alias.json", "config.json");
	folder_link(&f, "model/out.json", "../secret.json");
	folder_link(&f, "model/abs.json", "/etc/passwd");
	folder_link(&f, "model/round.json", "../model/config.json");
	folder_link(&f, "model/gone.bin", "nowhere");
	folder_link(&f, "model/a", "b");
	folder_link(&f, "model/b", "a");
	folder_link(&f, "model/self", "self");
	folder_link(&f, "model/sub/up", "..");
	folder_link(&f, "model/here", ".");
	folder_link(&f, "model/parent", "..");
	folder_link(&f, "model/again", "sub");

	struct walked w = walk(folder_at(&f, "model"));
	const struct vit_file *x = row(&w, "alias.json");
	assert_int_equal(x->flags, VIT_FF_SYMLINK);
	assert_int_equal(x->type, VIT_FT_REGULAR);
	assert_int_equal(x->size, 2);
	assert_true(vit_str_is(x->link_target, "config.json"));
	assert_int_equal(row(&w, "round.json")->flags, VIT_FF_SYMLINK);

	x = row(&w, "out.json");
	assert_int_equal(x->flags, VIT_FF_LINK_OUTSIDE);
	assert_int_equal(x->type, VIT_FT_LINK);
	assert_int_equal(x->size, 0);
	assert_int_equal(row(&w, "abs.json")->flags, VIT_FF_LINK_OUTSIDE);
	assert_int_equal(row(&w, "parent")->flags, VIT_FF_LINK_OUTSIDE);
	assert_int_equal(row(&w, "gone.bin")->flags, VIT_FF_LINK_BROKEN);
	assert_int_equal(row(&w, "a")->flags, VIT_FF_LINK_LOOP);
	assert_int_equal(row(&w, "b")->flags, VIT_FF_LINK_LOOP);
	assert_int_equal(row(&w, "self")->flags, VIT_FF_LINK_LOOP);
	assert_true(row(&w, "sub/up")->flags & VIT_FF_LINK_LOOP);
	assert_true(row(&w, "here")->flags & VIT_FF_LINK_LOOP);
	/* A folder inside, twice: seen, and not walked a second time. */
	x = row(&w, "again");
	assert_int_equal(x->flags, VIT_FF_SYMLINK);
	assert_int_equal(x->type, VIT_FT_DIR);
	assert_null(vit_files_get(&w.files, "again/x.safetensors"));
	/* Linked files count once. */
	assert_int_equal(w.files.total_bytes, 2 + 8);

	/* The reader follows where the walk did, and nowhere else. w was copied. */
	w.source.files = &w.files;
	struct vit_str text;
	struct vit_err err = { 0 };
	assert_int_equal(
		vit_source_slurp(&w.source, row(&w, "alias.json"), 100, w.arena, &text, &err),
		VIT_OK);
	assert_true(vit_str_is(text, "{}"));
	assert_int_not_equal(
		vit_source_slurp(&w.source, row(&w, "out.json"), 100, w.arena, &text, &err),
		VIT_OK);
	assert_int_not_equal(
		vit_source_slurp(&w.source, row(&w, "gone.bin"), 100, w.arena, &text, &err),
		VIT_OK);
	done(&w);
	folder_remove(&f);
}

#define COMMIT "6cee5e81ee83917806bbde320786a8fb61efebee"

static void hub_cache(void **state)
{
	struct folder f;
	const char *repo = "models--openai--gpt-oss-20b";
	char path[512];

	(void)state;
	folder_new(&f);
	(void)snprintf(path, sizeof path, "%s/blobs/abc123", repo);
	folder_text(&f, path, "{\"x\": 1}");
	(void)snprintf(path, sizeof path, "%s/snapshots/" COMMIT "/config.json", repo);
	folder_link(&f, path, "../../blobs/abc123");
	(void)snprintf(path, sizeof path, "%s/snapshots/" COMMIT "/metal/model.bin", repo);
	folder_link(&f, path, "../../../blobs/abc123");
	(void)snprintf(path, sizeof path, "%s/snapshots/" COMMIT "/stolen.json", repo);
	folder_link(&f, path, "../../../models--other--one/blobs/abc");
	folder_text(&f, "models--other--one/blobs/abc", "{}");

	(void)snprintf(path, sizeof path, "%s/snapshots/" COMMIT, repo);
	struct walked w = walk(folder_at(&f, path));
	assert_true(w.files.hub_snapshot);
	assert_true(vit_str_is(w.files.hub_repo, "openai/gpt-oss-20b"));
	assert_true(vit_str_is(w.files.hub_revision, COMMIT));
	assert_int_equal(row(&w, "config.json")->flags, VIT_FF_SYMLINK | VIT_FF_LINK_CACHE);
	assert_int_equal(row(&w, "config.json")->size, 8);
	assert_int_equal(row(&w, "metal/model.bin")->flags, VIT_FF_SYMLINK | VIT_FF_LINK_CACHE);
	/* Another model's blobs are not ours. */
	assert_int_equal(row(&w, "stolen.json")->flags, VIT_FF_LINK_OUTSIDE);
	assert_int_equal(w.files.total_bytes, 8);
	done(&w);

	/* A folder of the snapshot is no snapshot, but its links are as good. */
	(void)snprintf(path, sizeof path, "%s/snapshots/" COMMIT "/metal", repo);
	w = walk(folder_at(&f, path));
	assert_false(w.files.hub_snapshot);
	assert_int_equal(row(&w, "model.bin")->flags, VIT_FF_SYMLINK | VIT_FF_LINK_CACHE);
	done(&w);
	folder_remove(&f);
}

static void special_files_are_not_opened(void **state)
{
	struct folder f;

	(void)state;
	folder_new(&f);
	folder_fifo(&f, "model.safetensors");
	folder_socket(&f, "config.json");
	folder_link(&f, "null.bin", "/dev/null");
	folder_link(&f, "to-pipe.bin", "model.safetensors");

	/* Opening the pipe for reading would wait for a writer that never comes. */
	alarm(20);
	struct walked w = walk(f.path);
	alarm(0);
	assert_int_equal(row(&w, "model.safetensors")->type, VIT_FT_FIFO);
	assert_int_equal(row(&w, "config.json")->type, VIT_FT_SOCKET);
	assert_int_equal(row(&w, "null.bin")->flags, VIT_FF_LINK_OUTSIDE);
	assert_int_equal(row(&w, "to-pipe.bin")->type, VIT_FT_FIFO);
	assert_string_equal(vit_file_state(row(&w, "to-pipe.bin")), "special");
	struct vit_source_file file;
	struct vit_err err = { 0 };
	w.source.files = &w.files;
	assert_int_equal(vit_source_open(&w.source, row(&w, "model.safetensors"), &file, &err),
			 VIT_E_UNSUPPORTED);
	done(&w);
	folder_remove(&f);
}

static void hostile_names(void **state)
{
	struct folder f;

	(void)state;
	folder_new(&f);
	folder_text(&f, "new\nline.txt", "x");
	folder_text(&f, "\x1b[31mred.txt", "x");
	folder_text(&f, "<script>alert(1)<", "x");
	folder_text(&f, "a|b`c.txt", "x");
	folder_text(&f, "bad\xff.txt", "x");
	folder_text(&f, "Config.json", "{}");
	folder_text(&f, "config.json", "{}");
	folder_text(&f, "Dir/x", "1");
	folder_text(&f, "dir/X", "1");

	struct walked w = walk(f.path);
	assert_int_equal(w.files.count, 11);
	assert_int_equal(row(&w, "new\nline.txt")->flags, VIT_FF_CONTROL);
	assert_int_equal(row(&w, "bad\xff.txt")->flags, VIT_FF_NOT_UTF8);
	assert_int_equal(row(&w, "a|b`c.txt")->flags, 0);
	uint32_t big = vit_files_find(&w.files, VIT_STR("Config.json"));
	uint32_t small = vit_files_find(&w.files, VIT_STR("config.json"));
	assert_int_equal(w.files.files[big].case_twin, small);
	assert_int_equal(w.files.files[small].case_twin, big);
	/* The folders collide; what lies in them does so because of that. */
	assert_int_not_equal(row(&w, "Dir")->case_twin, VIT_FILE_NONE);
	assert_int_equal(row(&w, "Dir/x")->case_twin, VIT_FILE_NONE);
	done(&w);
	folder_remove(&f);
}

static void limits(void **state)
{
	struct folder f;
	char name[32];

	(void)state;
	folder_new(&f);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof name, "f%d", i);
		folder_text(&f, name, "");
	}
	struct vit_collect_options opt = { .groups = VIT_FG_FILES, .max_entries = 100 };
	struct walked w = walk_with(f.path, &opt);
	assert_int_equal(w.files.count, 100);
	assert_int_equal(w.files.limit, VIT_WALK_ENTRIES);
	assert_true(w.files.limit_path.n > 0);
	done(&w);
	opt = (struct vit_collect_options){ .groups = VIT_FG_FILES, .max_entries = 300 };
	w = walk_with(f.path, &opt);
	assert_int_equal(w.files.limit, VIT_WALK_COMPLETE);
	done(&w);
	folder_remove(&f);

	folder_new(&f);
	folder_text(&f, "1/2/3/4/x", "");
	opt = (struct vit_collect_options){ .groups = VIT_FG_FILES, .max_depth = 3 };
	w = walk_with(f.path, &opt);
	/* The root is a level: 1 and 1/2 are entered, 1/2/3 is seen. */
	assert_int_equal(w.files.count, 3);
	assert_int_equal(w.files.limit, VIT_WALK_DEPTH);
	assert_true(vit_str_is(w.files.limit_path, "1/2/3"));
	done(&w);
	folder_remove(&f);
}

static void very_deep(void **state)
{
	struct folder f;
	char here[4096];
	bool made = true;

	(void)state;
	folder_new(&f);
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(f.path), 0);
	for (int i = 0; i < 5000 && made; i++)
		made = mkdir("d", 0755) == 0 && chdir("d") == 0;
	assert_int_equal(chdir(here), 0);
	assert_true(made);

	struct walked w = walk(f.path);
	assert_int_equal(w.files.limit, VIT_WALK_DEPTH);
	assert_int_equal(w.files.count, 64);
	done(&w);

	/* Too deep for nftw: taken apart from the top. */
	assert_int_equal(chdir(f.path), 0);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(rename("d/d", "e") == 0 || i == 4999, 1);
		assert_int_equal(rmdir("d"), 0);
		if (i < 4999)
			assert_int_equal(rename("e", "d"), 0);
	}
	assert_int_equal(chdir(here), 0);
	folder_remove(&f);
}

static void hard_links_and_sparse_files(void **state)
{
	struct folder f;
	char other[512];

	(void)state;
	folder_new(&f);
	folder_text(&f, "one.bin", "12345678");
	(void)snprintf(other, sizeof other, "%s/two.bin", f.path);
	assert_int_equal(link(folder_at(&f, "one.bin"), other), 0);
	folder_sparse(&f, "huge.safetensors", (uint64_t)1 << 42);

	struct walked w = walk(f.path);
	assert_true(row(&w, "one.bin")->flags & VIT_FF_HARDLINKED);
	assert_true(row(&w, "two.bin")->flags & VIT_FF_HARDLINKED);
	assert_int_equal(w.files.total_bytes, 8 + ((uint64_t)1 << 42));
	assert_int_equal(row(&w, "huge.safetensors")->size, (uint64_t)1 << 42);
	assert_true(row(&w, "huge.safetensors")->blocks < 1 << 20);
	done(&w);
	folder_remove(&f);
}

static void without_permission(void *ctx)
{
	const struct folder *f = ctx;
	struct vit_collect_options opt = { .groups = VIT_FG_FILES };
	struct vit_err err = { 0 };
	struct vit_arena *a = vit_arena_new();
	struct vit_source s;
	struct vit_files files;
	struct walked w = walk(f->path);
	const struct vit_file *x = row(&w, "config.json");

	assert_true(x->flags & VIT_FF_UNREADABLE);
	assert_int_equal(x->err->code, VIT_E_PERM);
	assert_string_equal(vit_file_state(x), "unreadable");
	x = row(&w, "closed");
	assert_true(x->flags & VIT_FF_UNREADABLE);
	assert_int_equal(x->err->code, VIT_E_PERM);
	assert_int_equal(w.files.unreadable_dirs, 1);
	assert_int_equal(row(&w, "open.json")->flags, 0);
	done(&w);
	assert_int_equal(vit_collect_files(a, folder_at(f, "closed"), &opt, &s, &files, &err),
			 VIT_E_PERM);
	vit_arena_free(a);
}

static void permissions(void **state)
{
	struct folder f;

	(void)state;
	folder_new(&f);
	folder_text(&f, "config.json", "{}");
	folder_text(&f, "open.json", "{}");
	folder_text(&f, "closed/x", "1");
	folder_mode(&f, "config.json", 0);
	folder_mode(&f, "closed", 0);
	bool ran = folder_unprivileged(without_permission, &f);
	folder_mode(&f, "closed", 0755);
	folder_remove(&f);
	if (!ran) {
		print_message("no unprivileged uid here\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_folder),
		cmocka_unit_test(roots),
		cmocka_unit_test(links),
		cmocka_unit_test(hub_cache),
		cmocka_unit_test(special_files_are_not_opened),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(limits),
		cmocka_unit_test(very_deep),
		cmocka_unit_test(hard_links_and_sparse_files),
		cmocka_unit_test(permissions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
