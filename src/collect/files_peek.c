#include "base/num.h"
#include "base/path.h"
#include "collect/files_internal.h"

bool vit_peek_wanted(const struct vit_file *row, uint32_t unknown)
{
	if (row->type != VIT_FT_REGULAR || row->size == 0)
		return false;
	if (row->kind == VIT_FK_VCS || row->kind == VIT_FK_HUB_CACHE || row->kind == VIT_FK_PARTIAL)
		return false;
	if (vit_file_kind_loaded(row->kind))
		return true;
	if (row->size >= VIT_LFS_POINTER_MIN && row->size <= VIT_LFS_POINTER_MAX)
		return true;
	return row->kind == VIT_FK_OTHER && unknown < VIT_PEEK_UNKNOWN_MAX;
}

/* ---- git-LFS pointers: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md ---- */

static bool is_hex(struct vit_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

static bool lfs_pointer(struct vit_arena *a, struct vit_file *row, struct vit_str head)
{
	struct vit_str line, rest = head;

	if (row->size > VIT_LFS_POINTER_MAX || !vit_str_line(&rest, &line))
		return false;
	if (!vit_str_is(line, "version https://git-lfs.github.com/spec/v1") &&
	    !vit_str_is(line, "version https://hawser.github.com/spec/v1"))
		return false;
	row->flags |= VIT_FF_LFS_POINTER;
	while (vit_str_line(&rest, &line)) {
		struct vit_str oid = VIT_STR("oid sha256:"), size = VIT_STR("size ");
		uint64_t value;

		if (vit_str_starts(line, oid)) {
			struct vit_str hex = vit_str_sub(line, oid.n, line.n);
			if (hex.n == 64 && is_hex(hex))
				row->lfs_oid = vit_arena_str(a, hex);
		} else if (vit_str_starts(line, size)) {
			if (vit_parse_u64(vit_str_sub(line, size.n, line.n), &value))
				row->lfs_size = value;
		}
	}
	return true;
}

/* ---- web pages, pickles, programs ------------------------------------- */

static bool starts_html(struct vit_str head)
{
	struct vit_str bom = VIT_STR("\xef\xbb\xbf");
	struct vit_str doctype = VIT_STR("<!doctype html"), html = VIT_STR("<html");

	if (vit_str_starts(head, bom))
		head = vit_str_sub(head, bom.n, head.n);
	head = vit_str_trim(head);
	return vit_str_ieq(vit_str_sub(head, 0, doctype.n), doctype) ||
	       vit_str_ieq(vit_str_sub(head, 0, html.n), html);
}

static unsigned char byte(struct vit_str head, size_t i)
{
	return (unsigned char)head.p[i];
}

/* Could these be the length field of a safetensors file? */
static bool is_header_length(struct vit_str head)
{
	return head.n >= 8 && vit_le64((const unsigned char *)head.p) <= 100000000;
}

/* PROTO 2..5 and an opcode that a pickle can go on with. Two bytes alone would
 * be found in one raw file of sixteen thousand. */
static bool starts_pickle(struct vit_str head)
{
	unsigned char protocol, next;

	if (head.n < 3 || byte(head, 0) != 0x80)
		return false;
	protocol = byte(head, 1);
	next = byte(head, 2);
	if (protocol == 4 || protocol == 5)
		return next == 0x95;
	return (protocol == 2 || protocol == 3) &&
	       ((next >= '(' && next <= '}') || (next >= 0x88 && next <= 0x8f));
}

static bool starts_zip(struct vit_str head)
{
	return vit_str_starts(head, VIT_STR("PK\x03\x04"));
}

static bool starts_native(struct vit_str head)
{
	static const unsigned char mach[][4] = {
		{ 0xfe, 0xed, 0xfa, 0xce }, { 0xfe, 0xed, 0xfa, 0xcf }, { 0xce, 0xfa, 0xed, 0xfe },
		{ 0xcf, 0xfa, 0xed, 0xfe }, { 0xca, 0xfe, 0xba, 0xbe },
	};
	size_t at;

	if (vit_str_starts(head, VIT_STR("\x7f"
					 "ELF")))
		return true;
	for (size_t i = 0; i < sizeof mach / sizeof *mach; i++)
		if (head.n >= 4 && memcmp(head.p, mach[i], 4) == 0)
			return true;
	if (!vit_str_starts(head, VIT_STR("MZ")) || head.n < 64)
		return false;
	at = vit_le32((const unsigned char *)head.p + 0x3c);
	return vit_str_starts(vit_str_sub(head, at, head.n), VIT_STR("PE\0\0"));
}

void vit_kind_by_bytes(struct vit_arena *a, struct vit_file *row, struct vit_str head)
{
	bool raw = row->kind == VIT_FK_OTHER || row->kind == VIT_FK_OTHER_WEIGHTS ||
		   row->kind == VIT_FK_PICKLE;
	bool zip_is_pickle = row->kind == VIT_FK_PICKLE || row->kind == VIT_FK_WEIGHTS ||
			     vit_str_ends(row->path, VIT_STR(".bin"));

	if (head.n == 0 || lfs_pointer(a, row, head))
		return;
	if (vit_file_kind_loaded(row->kind) && starts_html(head)) {
		row->flags |= VIT_FF_HTML;
		return;
	}
	if (row->kind == VIT_FK_WEIGHTS && is_header_length(head))
		return;
	if (starts_native(head)) {
		row->flags |= VIT_FF_NATIVE_BYTES;
		if (raw)
			row->kind = VIT_FK_NATIVE;
		return;
	}
	if ((raw || row->kind == VIT_FK_WEIGHTS) &&
	    (starts_pickle(head) || (zip_is_pickle && starts_zip(head)))) {
		row->flags |= VIT_FF_PICKLE_BYTES;
		if (raw)
			row->kind = VIT_FK_PICKLE;
		return;
	}
	if (row->kind == VIT_FK_OTHER && vit_str_starts(head, VIT_STR("#!")))
		row->kind = VIT_FK_CODE;
}

void vit_peek(struct vit_arena *a, const struct vit_source *s, struct vit_file *row)
{
	char head[VIT_PEEK_BYTES];
	struct vit_source_file f;
	struct vit_err err = { 0 };
	int64_t got = -1;

	if (vit_source_open(s, row, &f, &err) == VIT_OK) {
		got = vit_source_read(&f, head, sizeof head, &err);
		vit_source_close(&f);
	}
	if (got >= 0) {
		vit_kind_by_bytes(a, row, (struct vit_str){ head, (size_t)got });
		return;
	}
	row->flags |= VIT_FF_UNREADABLE;
	struct vit_err *kept = VIT_NEW(a, struct vit_err);
	*kept = err;
	row->err = kept;
}
