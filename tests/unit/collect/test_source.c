/* Reading files that change, shrink or are replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "collect/collect.h"
#include "folder.h"

struct given {
	struct folder folder;
	struct vit_arena *arena;
	struct vit_files files;
	struct vit_source source;
	struct vit_err err;
};

static void begin(struct given *g, const char *name, const char *content)
{
	struct vit_collect_options opt = { .groups = VIT_FG_FILES };

	*g = (struct given){ .arena = vit_arena_new() };
	folder_new(&g->folder);
	folder_text(&g->folder, name, content);
	assert_int_equal(
		vit_collect_files(g->arena, g->folder.path, &opt, &g->source, &g->files, &g->err),
		VIT_OK);
}

static void end(struct given *g)
{
	close(g->source.root_fd);
	folder_remove(&g->folder);
	vit_arena_free(g->arena);
}

static void reads_in_pieces(void **state)
{
	struct given g;
	struct vit_source_file f;
	char buf[4];

	(void)state;
	begin(&g, "x", "abcdef");
	assert_int_equal(vit_source_open(&g.source, vit_files_get(&g.files, "x"), &f, &g.err),
			 VIT_OK);
	assert_int_equal(f.size, 6);
	assert_int_equal(vit_source_read(&f, buf, 4, &g.err), 4);
	assert_memory_equal(buf, "abcd", 4);
	assert_int_equal(vit_source_read(&f, buf, 4, &g.err), 2);
	assert_memory_equal(buf, "ef", 2);
	assert_int_equal(vit_source_read(&f, buf, 4, &g.err), 0);
	f.position = 1;
	assert_int_equal(vit_source_read(&f, buf, 2, &g.err), 2);
	assert_memory_equal(buf, "bc", 2);
	f.position = UINT64_MAX;
	assert_int_equal(vit_source_read(&f, buf, 2, &g.err), -1);
	assert_false(vit_source_changed(&f));
	folder_text(&g.folder, "x", "abcdefg");
	assert_true(vit_source_changed(&f));
	vit_source_close(&f);
	end(&g);
}

static void limits_what_it_takes(void **state)
{
	struct given g;
	struct vit_str text;

	(void)state;
	begin(&g, "x", "abcdef");
	const struct vit_file *row = vit_files_get(&g.files, "x");
	assert_int_equal(vit_source_slurp(&g.source, row, 6, g.arena, &text, &g.err), VIT_OK);
	assert_true(vit_str_is(text, "abcdef"));
	assert_int_equal(text.p[text.n], 0);
	assert_int_equal(vit_source_slurp(&g.source, row, 5, g.arena, &text, &g.err), VIT_E_LIMIT);
	end(&g);
}

static void notices_another_file(void **state)
{
	struct given g;
	struct vit_source_file f;
	char other[600];

	(void)state;
	begin(&g, "x", "abcdef");
	folder_text(&g.folder, "y", "ABCDEFG");
	(void)snprintf(other, sizeof other, "%s", folder_at(&g.folder, "y"));
	assert_int_equal(rename(other, folder_at(&g.folder, "x")), 0);
	assert_int_equal(vit_source_open(&g.source, vit_files_get(&g.files, "x"), &f, &g.err),
			 VIT_E_CHANGED);
	/* A link put in its place is not followed. */
	assert_int_equal(unlink(folder_at(&g.folder, "x")), 0);
	folder_link(&g.folder, "x", "/etc/passwd");
	assert_int_not_equal(vit_source_open(&g.source, vit_files_get(&g.files, "x"), &f, &g.err),
			     VIT_OK);
	assert_int_equal(unlink(folder_at(&g.folder, "x")), 0);
	assert_int_equal(vit_source_open(&g.source, vit_files_get(&g.files, "x"), &f, &g.err),
			 VIT_E_NOTFOUND);
	end(&g);
}

/* A reader that cuts the file off behind the first byte it gave. */
static void shrinks_while_read(void **state)
{
	struct given g;
	struct vit_source_file f;
	char buf[8];

	(void)state;
	begin(&g, "x", "abcdef");
	assert_int_equal(vit_source_open(&g.source, vit_files_get(&g.files, "x"), &f, &g.err),
			 VIT_OK);
	assert_int_equal(vit_source_read(&f, buf, 2, &g.err), 2);
	assert_int_equal(truncate(folder_at(&g.folder, "x"), 3), 0);
	assert_int_equal(vit_source_read(&f, buf, 4, &g.err), 1);
	assert_int_equal(vit_source_read(&f, buf, 4, &g.err), 0);
	assert_true(vit_source_changed(&f));
	vit_source_close(&f);
	end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_pieces),
		cmocka_unit_test(limits_what_it_takes),
		cmocka_unit_test(notices_another_file),
		cmocka_unit_test(shrinks_while_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
