/* An index made by hand from gitformat-index(5), in versions 2 and 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/buf.h"
#include "formats/git_index.h"

static void be32(struct vit_buf *b, uint32_t v)
{
	for (int s = 24; s >= 0; s -= 8)
		vit_buf_putc(b, (char)(v >> s));
}

static void entry_head(struct vit_buf *b, unsigned char oid, size_t name, unsigned stage)
{
	for (unsigned i = 0; i < 10; i++)
		be32(b, i == 6 ? 0100644 : i);
	for (unsigned i = 0; i < 20; i++)
		vit_buf_putc(b, (char)oid);
	vit_buf_putc(b, (char)(stage << 4 | name >> 8));
	vit_buf_putc(b, (char)name);
}

static void begin(struct vit_buf *b, uint32_t version, uint32_t count)
{
	vit_buf_init(b, 65536);
	vit_buf_puts(b, "DIRC");
	be32(b, version);
	be32(b, count);
}

static void checksum(struct vit_buf *b)
{
	for (unsigned i = 0; i < 20; i++)
		vit_buf_putc(b, 0);
}

static void add_v2(struct vit_buf *b, const char *name, unsigned char oid, unsigned stage)
{
	size_t from = b->n;

	entry_head(b, oid, strlen(name), stage);
	vit_buf_puts(b, name);
	do
		vit_buf_putc(b, 0);
	while ((b->n - from) % 8);
}

static void test_v2(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_git_entry *e = NULL;
	struct vit_err err;
	struct vit_buf b;
	uint32_t n = 0;

	(void)state;
	begin(&b, 2, 4);
	add_v2(&b, "config.json", 0x11, 0);
	add_v2(&b, "metal/model.bin", 0x22, 0);
	add_v2(&b, "x", 0x33, 1); /* unmerged: stages 1 and 2 of one path */
	add_v2(&b, "x", 0x44, 2);
	checksum(&b);
	assert_int_equal(vit_git_index_read(a, vit_buf_view(&b), 20, &e, &n, &err), VIT_OK);
	assert_int_equal(n, 3);
	assert_true(vit_str_is(e[0].path, "config.json"));
	assert_int_equal(e[0].oid[19], 0x11);
	assert_int_equal(e[0].mode, 0100644);
	assert_true(vit_str_is(e[1].path, "metal/model.bin"));
	assert_int_equal(e[2].oid[0], 0x33);
	vit_buf_release(&b);
	vit_arena_free(a);
}

static void test_v4(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_git_entry *e = NULL;
	struct vit_err err;
	struct vit_buf b;
	uint32_t n = 0;

	(void)state;
	begin(&b, 4, 2);
	entry_head(&b, 1, 9, 0);
	vit_buf_putc(&b, 0); /* strip nothing */
	vit_buf_add(&b, "model.bin", 10);
	entry_head(&b, 2, 10, 0);
	vit_buf_putc(&b, 3); /* strip "bin" */
	vit_buf_add(&b, "json", 5);
	checksum(&b);
	assert_int_equal(vit_git_index_read(a, vit_buf_view(&b), 20, &e, &n, &err), VIT_OK);
	assert_int_equal(n, 2);
	assert_true(vit_str_is(e[1].path, "model.json"));
	assert_int_equal(e[1].oid[5], 2);
	vit_buf_release(&b);
	vit_arena_free(a);
}

/* Cut anywhere, it is refused or shorter than it says: never read past its end. */
static void test_truncated(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_git_entry *e = NULL;
	struct vit_err err;
	struct vit_buf b;
	uint32_t n = 0;

	(void)state;
	begin(&b, 2, 2);
	add_v2(&b, "config.json", 0x11, 0);
	add_v2(&b, "tokenizer.json", 0x22, 0);
	checksum(&b);
	for (size_t cut = 0; cut < b.n; cut++)
		assert_int_not_equal(vit_git_index_read(a, (struct vit_str){ b.p, cut }, 20, &e, &n, &err), VIT_OK);
	b.p[7] = 5;
	assert_int_equal(vit_git_index_read(a, vit_buf_view(&b), 20, &e, &n, &err), VIT_E_UNSUPPORTED);
	vit_buf_release(&b);
	vit_arena_free(a);
}

/* git-config(1): section names and keys in any case, blanks around the sign. */
static void test_object_format(void **state)
{
	(void)state;
	assert_int_equal(vit_git_oid_bytes(VIT_STR("[core]\n\tbare = false\n")), 20);
	assert_int_equal(vit_git_oid_bytes(VIT_STR("[core]\n[extensions]\n\tobjectformat = sha256\n")), 32);
	assert_int_equal(vit_git_oid_bytes(VIT_STR("[Extensions]\nobjectFormat=SHA256")), 32);
	assert_int_equal(vit_git_oid_bytes(VIT_STR("[extensions]\n\tobjectformat = sha1\n")), 20);
	assert_int_equal(vit_git_oid_bytes(VIT_STR("[extensions]\n[core]\n\tobjectformat = sha256\n")), 20);
	assert_int_equal(vit_git_oid_bytes(VIT_STR_EMPTY), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_object_format),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
