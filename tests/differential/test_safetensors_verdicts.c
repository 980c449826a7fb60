/*
 * Every file of tests/data/safetensors-verdicts.jsonl against the verdict that
 * the reference reader (safetensors 0.8.0) gave on it. What it rejects we must
 * fail. What it accepts we may fail only for what the format forbids and serde
 * lets pass: duplicate names, NUL in names, entries and dtypes of the wrong
 * JSON type; and then the tensors we read must be those it read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "formats/safetensors.h"
#include "json/tree.h"

struct bytes {
	unsigned char *p;
	size_t n, at;
};

static int64_t read_bytes(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct bytes *b = ctx;

	(void)err;
	if (n > b->n - b->at)
		n = b->n - b->at;
	memcpy(buf, b->p + b->at, n);
	b->at += n;
	return (int64_t)n;
}

static unsigned digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = strchr(digits, c);

	assert_non_null(at);
	return (unsigned)(at - digits);
}

/* RFC 4648, padded. */
static struct bytes decode_base64(struct vit_str s)
{
	struct bytes b = { malloc(s.n + 1), 0, 0 };

	assert_int_equal(s.n % 4, 0);
	for (size_t i = 0; i < s.n; i += 4) {
		unsigned v = digit(s.p[i]) << 18 | digit(s.p[i + 1]) << 12;
		unsigned n = 1;
		if (s.p[i + 2] != '=') {
			v |= digit(s.p[i + 2]) << 6;
			n = 2;
		}
		if (s.p[i + 3] != '=') {
			v |= digit(s.p[i + 3]);
			n = 3;
		}
		for (unsigned k = 0; k < n; k++)
			b.p[b.n++] = (unsigned char)(v >> (16 - 8 * k));
	}
	return b;
}

static bool is_extra(enum vit_st_fault_kind kind)
{
	return kind == VIT_ST_DUPLICATE_NAME || kind == VIT_ST_NAME_NUL ||
	       kind == VIT_ST_ENTRY_NOT_OBJECT || kind == VIT_ST_DTYPE_TYPE;
}

static const struct vit_tensor *find(const struct vit_vec *tensors, struct vit_str name)
{
	for (size_t i = 0; i < tensors->count; i++) {
		const struct vit_tensor *t = vit_vec_at(tensors, i);
		if (!(t->flags & VIT_T_DUPLICATE) && vit_str_eq(t->name, name))
			return t;
	}
	return NULL;
}

static void same_tensors(const char *name, const struct vit_json *expected,
			 const struct vit_vec *tensors)
{
	size_t ours = 0;

	for (size_t i = 0; i < tensors->count; i++)
		ours += !(((const struct vit_tensor *)vit_vec_at(tensors, i))->flags &
			  VIT_T_DUPLICATE);
	if (ours != expected->count)
		fail_msg("%s: %zu tensors, the reference has %u", name, ours, expected->count);
	for (uint32_t i = 0; i < expected->count; i++) {
		const struct vit_json *e = &expected->children[i];
		const struct vit_json *shape = &e->children[1];
		const struct vit_tensor *t = find(tensors, e->key);
		if (!t)
			fail_msg("%s: tensor %u of the reference is not there", name, i);
		assert_true(vit_str_is(e->children[0].string,
				       vit_dtype_name((enum vit_dtype)t->dtype)));
		assert_int_equal(t->rank, shape->count);
		for (uint32_t k = 0; k < shape->count; k++)
			assert_true(t->shape[k] == shape->children[k].u64);
	}
}

static void same_metadata(const char *name, const struct vit_json *expected,
			  const struct vit_st_header *h)
{
	for (uint32_t i = 0; expected->kind == VIT_JSON_K_OBJECT && i < expected->count; i++) {
		const struct vit_json *e = &expected->children[i];
		bool found = false;
		for (uint32_t k = 0; k < h->metadata_count; k++)
			found |= vit_str_eq(h->metadata[2 * k], e->key) &&
				 vit_str_eq(h->metadata[2 * k + 1], e->string);
		if (!found)
			fail_msg("%s: metadata %u of the reference is not there", name, i);
	}
}

static void check_row(const struct vit_json *row, size_t *accepted, size_t *extra_fails)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_vec tensors = VIT_VEC(sizeof(struct vit_tensor));
	struct vit_st_header h;
	struct vit_err err;
	struct vit_str name = vit_json_string(vit_json_get_c(row, "name"));
	bool accepts = vit_json_bool(vit_json_get_c(row, "accept"), false);
	struct bytes b = decode_base64(vit_json_string(vit_json_get_c(row, "b64")));
	bool rejected = false, extra = false;

	assert_int_equal(b.n, vit_json_int(vit_json_get_c(row, "size"), -1));
	assert_int_equal(vit_st_read(a, read_bytes, &b, b.n, 0, &tensors, &h, &err), VIT_OK);
	for (unsigned k = 0; k < VIT_ST_FAULT_COUNT; k++) {
		if (h.fault_counts[k] == 0)
			continue;
		if (is_extra((enum vit_st_fault_kind)k))
			extra = true;
		else if (vit_st_fault_rejects((enum vit_st_fault_kind)k))
			rejected = true;
	}
	if (!accepts && !rejected && !extra)
		fail_msg("%s: the reference rejects it (%s), we found nothing", name.p,
			 vit_json_string(vit_json_get_c(row, "error")).p);
	if (accepts && rejected)
		fail_msg("%s: the reference accepts it, we fail it", name.p);
	if (accepts) {
		same_tensors(name.p, vit_json_get_c(row, "tensors"), &tensors);
		same_metadata(name.p, vit_json_get_c(row, "metadata"), &h);
	}
	*accepted += accepts;
	*extra_fails += accepts && extra;
	free(b.p);
	vit_vec_free(&tensors);
	vit_arena_free(a);
}

static char *slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *text;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	long size = ftell(f);
	assert_true(size > 0);
	rewind(f);
	text = malloc((size_t)size);
	*n = fread(text, 1, (size_t)size, f);
	assert_int_equal(*n, size);
	fclose(f);
	return text;
}

static void test_verdicts_agree_with_the_reference(void **state)
{
	size_t n, rows = 0, accepted = 0, extra = 0;
	char *text = slurp(VIT_TEST_DATA "/safetensors-verdicts.jsonl", &n);
	struct vit_str rest = { text, n }, line;

	(void)state;
	while (vit_str_line(&rest, &line)) {
		struct vit_arena *a = vit_arena_new();
		struct vit_json_doc doc;
		struct vit_err err;
		assert_int_equal(vit_json_parse(a, line, 0, &doc, &err), VIT_OK);
		check_row(doc.root, &accepted, &extra);
		rows++;
		vit_arena_free(a);
	}
	/* As counted in the file by other means; a file cut short must not pass. */
	assert_int_equal(rows, 491);
	assert_int_equal(accepted, 53);
	/* duplicate_escaped and name_nul. */
	assert_int_equal(extra, 2);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts_agree_with_the_reference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
