#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"

struct fixture {
	char dir[64];
	char path[128];
	struct vit_err err;
};

static int setup(void **state)
{
	static struct fixture f;
	memset(&f, 0, sizeof(f));
	snprintf(f.dir, sizeof(f.dir), "/tmp/vitalis-output-XXXXXX");
	*state = &f;
	return mkdtemp(f.dir) ? 0 : -1;
}

/* Entries of the folder, "." and ".." left out. */
static unsigned entries(const char *dir)
{
	unsigned n = 0;
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	DIR *d = opendir(f->dir);
	for (struct dirent *e; d && (e = readdir(d));)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(f->dir);
}

static const char *in_dir(struct fixture *f, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name);
	return f->path;
}

static void assert_content(const char *path, const char *want)
{
	char got[64] = "";
	FILE *in = fopen(path, "rb");
	assert_non_null(in);
	size_t n = fread(got, 1, sizeof(got) - 1, in);
	fclose(in);
	assert_int_equal(n, strlen(want));
	assert_string_equal(got, want);
}

static void makes_and_replaces_files(void **state)
{
	struct fixture *f = *state;
	const char *path = in_dir(f, "a.md");
	assert_int_equal(vit_output_check(path, &f->err), VIT_OK);
	assert_int_equal(vit_output_commit(path, VIT_STR("one, long enough\n"), &f->err), VIT_OK);
	assert_content(path, "one, long enough\n");
	assert_int_equal(vit_output_commit(path, VIT_STR("two\n"), &f->err), VIT_OK);
	assert_content(path, "two\n");
	/* Nothing is left beside it. */
	assert_int_equal(entries(f->dir), 1);
}

static void keeps_permissions_and_follows_links(void **state)
{
	struct fixture *f = *state;
	char link_path[128];
	struct stat st;
	snprintf(link_path, sizeof(link_path), "%s/link.md", f->dir);
	const char *path = in_dir(f, "real.md");
	assert_int_equal(vit_output_commit(path, VIT_STR("one\n"), &f->err), VIT_OK);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(symlink("real.md", link_path), 0);
	assert_int_equal(vit_output_commit(link_path, VIT_STR("two\n"), &f->err), VIT_OK);
	assert_content(path, "two\n");
	assert_int_equal(lstat(link_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(entries(f->dir), 2);
}

static void refuses_what_it_cannot_write(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(vit_output_check(f->dir, &f->err), VIT_E_UNSUPPORTED);
	assert_int_equal(vit_output_check(in_dir(f, "none/a.md"), &f->err), VIT_E_NOTFOUND);
	assert_int_equal(vit_output_commit(f->path, VIT_STR("x"), &f->err), VIT_E_NOTFOUND);
	assert_int_equal(entries(f->dir), 0);
	assert_int_equal(vit_output_check("-", &f->err), VIT_OK);
	assert_int_equal(vit_output_check("in-this-folder.md", &f->err), VIT_OK);
}

static void devices_are_written_in_place(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	assert_int_equal(vit_output_check("/dev/null", &f->err), VIT_OK);
	assert_int_equal(vit_output_commit("/dev/null", VIT_STR("x"), &f->err), VIT_OK);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

static void full_device_is_an_error(void **state)
{
	struct fixture *f = *state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	assert_int_equal(vit_output_commit("/dev/full", VIT_STR("x"), &f->err), VIT_E_IO);
	assert_non_null(strstr(f->err.msg, "/dev/full"));
}

static void collects_up_to_the_ceiling(void **state)
{
	(void)state;
	struct vit_buf b;
	vit_buf_init(&b, 4);
	assert_true(vit_output_collect(&b, "abc", 3));
	assert_false(vit_output_collect(&b, "de", 2));
	assert_int_equal(b.n, 3);
	vit_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_and_replaces_files, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_permissions_and_follows_links, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_it_cannot_write, setup, teardown),
		cmocka_unit_test_setup_teardown(devices_are_written_in_place, setup, teardown),
		cmocka_unit_test_setup_teardown(full_device_is_an_error, setup, teardown),
		cmocka_unit_test(collects_up_to_the_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
