/*
 * What promises digests, from hostile bytes: lists, git's index and configuration.
 * Properties: no path of a list leads out of the folder, every digest has 64 digits; a list that was
 * read and written again is read as the same; paths of an index lie in the arena.
 *
 * Input: one byte for the reader, then the text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "formats/checksums.h"
#include "formats/git_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool leaves(struct vit_str path)
{
	struct vit_str part;

	if (path.n == 0 || path.p[0] == '/')
		return true;
	while (vit_str_split(&path, '/', &part))
		if (vit_str_is(part, ".."))
			return true;
	return false;
}

static void check_list(struct vit_arena *a, struct vit_str text)
{
	struct vit_checksums list, again;
	struct vit_buf out;

	vit_checksums_read(a, text, &list);
	vit_buf_init(&out, (size_t)1 << 26);
	for (uint32_t i = 0; i < list.count; i++) {
		if (leaves(list.rows[i].path) || list.rows[i].sha256.n != 64)
			abort();
		vit_checksums_write(&out, &list.rows[i]);
	}
	vit_checksums_read(a, vit_buf_view(&out), &again);
	if (again.count != list.count || again.bad_lines)
		abort();
	for (uint32_t i = 0; i < list.count; i++)
		if (!vit_str_eq(again.rows[i].path, list.rows[i].path) ||
		    !vit_str_ieq(again.rows[i].sha256, list.rows[i].sha256))
			abort();
	vit_buf_release(&out);
}

static void check_index(struct vit_arena *a, struct vit_str text, unsigned oid_bytes)
{
	struct vit_git_entry *entries = NULL;
	struct vit_err err = { .code = VIT_OK };
	uint32_t n = 0;

	if (vit_git_index_read(a, text, oid_bytes, &entries, &n, &err)) {
		if (err.msg[0] == 0)
			abort();
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		if (entries[i].path.p[entries[i].path.n] != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_arena *a;
	struct vit_str text;

	if (size == 0)
		return 0;
	a = vit_arena_new();
	/* In the arena, so that reading beyond its end is seen. */
	text = vit_arena_str(a, (struct vit_str){ (const char *)data + 1, size - 1 });
	switch (data[0] % 4) {
	case 0:
		check_list(a, text);
		break;
	case 1:
		check_index(a, text, 20);
		break;
	case 2:
		check_index(a, text, 32);
		break;
	default:
		if (vit_git_oid_bytes(text) != 20 && vit_git_oid_bytes(text) != 32)
			abort();
		break;
	}
	vit_arena_free(a);
	return 0;
}
