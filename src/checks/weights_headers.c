#include "base/num.h"
#include "base/utf8.h"
#include "checks/weights.h"

#define NAME_CUT 200u

/*
 * One row a fault. In the texts {t} is the tensor, {o} the other tensor or
 * quoted value, {e} and {a} the two numbers, {d} their difference, {l} tensors
 * lost, {c} tensors in all.
 */
struct fault_row {
	enum vit_check_id id;
	bool once; /* one finding a file: warnings that come by the thousand */
	const char *message, *expected, *actual;
};

static const struct fault_row rows[VIT_ST_FAULT_COUNT] = {
	[VIT_ST_TOO_SMALL] = { VIT_CK_weights_header_too_small, false,
			       "The file has {a} bytes, too few for a header's length.",
			       "at least {e} bytes", "{a} bytes" },
	[VIT_ST_HEADER_TOO_LARGE] = { VIT_CK_weights_header_too_large, false,
				      "The first eight bytes ask for a header of {a} bytes.",
				      "at most {e} bytes", "{a} bytes" },
	[VIT_ST_HEADER_BEYOND_FILE] = { VIT_CK_weights_header_truncated, false,
					"The file ends inside its header, {d} bytes before the "
					"header's end.",
					"at least {e} bytes", "{a} bytes" },
	[VIT_ST_HEADER_OVER_HUB] = { VIT_CK_weights_header_over_hub_limit, false,
				     "The header has {a} bytes, more than clients of the hub read.",
				     "at most {e} bytes", "{a} bytes" },
	[VIT_ST_NOT_UTF8] = { VIT_CK_weights_header_not_utf8, false,
			      "The header is not UTF-8: {o}.", "UTF-8", "{o}" },
	[VIT_ST_NOT_JSON] = { VIT_CK_weights_header_not_json, false, "The header is not JSON: {o}.",
			      "JSON", "{o}" },
	[VIT_ST_NOT_OBJECT] = { VIT_CK_weights_header_not_object, false,
				"The header is JSON, but no object.", "an object",
				"another value" },
	[VIT_ST_LEADING_SPACE] = { VIT_CK_weights_header_leading_space, false,
				   "The header begins with white space.", "'{'", "white space" },
	[VIT_ST_DUPLICATE_NAME] = { VIT_CK_weights_duplicate_name, false,
				    "The name {t} stands twice in the header.", "one entry",
				    "two entries" },
	[VIT_ST_NAME_NUL] = { VIT_CK_weights_name_nul, false,
			      "The name {t} contains a NUL character.", "no NUL", "a NUL" },
	[VIT_ST_NAME_EMPTY] = { VIT_CK_weights_name_empty, false, "A tensor has the empty name.",
				"a name", "none" },
	[VIT_ST_ENTRY_NOT_OBJECT] = { VIT_CK_weights_entry_not_object, false,
				      "The entry of {t} is no object.", "an object",
				      "another value" },
	[VIT_ST_ENTRY_DUPLICATE_KEY] = { VIT_CK_weights_entry_duplicate_key, false,
					 "The entry of {t} has {o} twice.", "{o} once", "twice" },
	[VIT_ST_ENTRY_MISSING_KEY] = { VIT_CK_weights_entry_missing_key, false,
				       "The entry of {t} has no {o}.", "{o}", "absent" },
	[VIT_ST_ENTRY_UNKNOWN_KEY] = { VIT_CK_weights_entry_unknown_key, true,
				       "The entry of {t} has an unknown key {o}.",
				       "dtype, shape, data_offsets", "{o}" },
	[VIT_ST_DTYPE_TYPE] = { VIT_CK_weights_dtype_type, false, "The dtype of {t} is no string.",
				"a string", "another value" },
	[VIT_ST_DTYPE_UNKNOWN] = { VIT_CK_weights_dtype_unknown, false,
				   "The dtype of {t}, \"{o}\", is none of the format.",
				   "one of the 22 dtypes", "{o}" },
	[VIT_ST_SHAPE_TYPE] = { VIT_CK_weights_shape_type, false,
				"The shape of {t} is no list of non-negative whole numbers.",
				"whole numbers from 0 to 2^64 - 1", "another value" },
	[VIT_ST_SHAPE_OVERFLOW] = { VIT_CK_weights_shape_overflow, false,
				    "The shape of {t} asks for more than 2^64 bits.",
				    "below 2^64 bits", "more" },
	[VIT_ST_SHAPE_ZERO_OVERFLOW] = { VIT_CK_weights_shape_zero_overflow, true,
					 "Without its zero the shape of {t} would overflow 64 "
					 "bits.",
					 "below 2^64 bits without the zero", "more" },
	[VIT_ST_OFFSETS_TYPE] = { VIT_CK_weights_offsets_type, false,
				  "The data_offsets of {t} are not two non-negative whole numbers.",
				  "[begin, end]", "another value" },
	[VIT_ST_OFFSETS_REVERSED] = { VIT_CK_weights_offsets_reversed, false,
				      "{t} ends at {a}, before its beginning at {e}.",
				      "an end from {e} on", "{a}" },
	[VIT_ST_OFFSETS_HOLE] = { VIT_CK_weights_offsets_hole, false,
				  "{d} bytes in front of {t} belong to no tensor.",
				  "a beginning at {e}", "{a}" },
	[VIT_ST_OFFSETS_OVERLAP] = { VIT_CK_weights_offsets_overlap, false,
				     "{t} begins {d} bytes before the end of {o}.",
				     "a beginning at {e}", "{a}" },
	[VIT_ST_SIZE_MISMATCH] = { VIT_CK_weights_size_mismatch, false,
				   "Shape and dtype of {t} give {e} bytes, its data_offsets {a}.",
				   "{e} bytes", "{a} bytes" },
	[VIT_ST_MISALIGNED_BITS] = { VIT_CK_weights_bits_misaligned, false,
				     "{t} has {a} bits, which fill no whole number of bytes.",
				     "a multiple of {e} bits", "{a} bits" },
	[VIT_ST_UNALIGNED] = { VIT_CK_weights_unaligned, true,
			       "{t} begins at {a}, no multiple of its element size.",
			       "a multiple of {e}", "{a}" },
	[VIT_ST_METADATA_DUPLICATE] = { VIT_CK_weights_metadata_duplicate, false,
					"__metadata__ stands twice in the header.", "once",
					"twice" },
	[VIT_ST_METADATA_TYPE] = { VIT_CK_weights_metadata_type, false,
				   "__metadata__ is no object of strings.", "strings",
				   "another value" },
	[VIT_ST_METADATA_NULL] = { VIT_CK_weights_metadata_null, false, "__metadata__ is null.",
				   "an object, or no such key", "null" },
	[VIT_ST_METADATA_DUPLICATE_KEY] = { VIT_CK_weights_metadata_duplicate_key, true,
					    "The key {o} stands twice in __metadata__.", "once",
					    "twice" },
	[VIT_ST_NO_TENSORS] = { VIT_CK_weights_no_tensors, false, "The header lists no tensors.",
				"tensors", "none" },
	[VIT_ST_TRUNCATED] = { VIT_CK_weights_truncated, false,
			       "The file ends {d} bytes before its data does: {l} of {c} tensors "
			       "are cut or "
			       "missing.",
			       "{e} bytes of data", "{a} bytes" },
	[VIT_ST_TRAILING] = { VIT_CK_weights_trailing_bytes, false,
			      "{d} bytes follow the data of the last tensor.", "{e} bytes of data",
			      "{a} bytes" },
	[VIT_ST_TOO_DEEP] = { VIT_CK_weights_too_deep, false,
			      "The header nests 128 levels or more.", "at most 127 levels",
			      "more" },
	[VIT_ST_LIMIT] = { VIT_CK_weights_header_limit, false,
			   "The header holds something too large to be read: {o}.",
			   "names up to 4 MiB, shapes up to 65,535 dimensions", "{o}" },
};

static const enum vit_check_id header_ids[] = {
	VIT_CK_weights_header_too_small,
	VIT_CK_weights_header_too_large,
	VIT_CK_weights_header_truncated,
	VIT_CK_weights_header_over_hub_limit,
	VIT_CK_weights_header_limit,
	VIT_CK_weights_header_not_json,
	VIT_CK_weights_header_not_utf8,
	VIT_CK_weights_header_not_object,
	VIT_CK_weights_header_leading_space,
	VIT_CK_weights_too_deep,
	VIT_CK_weights_duplicate_name,
	VIT_CK_weights_name_nul,
	VIT_CK_weights_name_empty,
	VIT_CK_weights_entry_not_object,
	VIT_CK_weights_entry_duplicate_key,
	VIT_CK_weights_entry_missing_key,
	VIT_CK_weights_entry_unknown_key,
	VIT_CK_weights_dtype_type,
	VIT_CK_weights_dtype_unknown,
	VIT_CK_weights_shape_type,
	VIT_CK_weights_shape_overflow,
	VIT_CK_weights_shape_zero_overflow,
	VIT_CK_weights_offsets_type,
	VIT_CK_weights_offsets_reversed,
	VIT_CK_weights_offsets_hole,
	VIT_CK_weights_offsets_overlap,
	VIT_CK_weights_size_mismatch,
	VIT_CK_weights_bits_misaligned,
	VIT_CK_weights_unaligned,
	VIT_CK_weights_metadata_type,
	VIT_CK_weights_metadata_duplicate,
	VIT_CK_weights_metadata_null,
	VIT_CK_weights_metadata_duplicate_key,
	VIT_CK_weights_no_tensors,
	VIT_CK_weights_truncated,
	VIT_CK_weights_trailing_bytes,
};

static void add_name(struct vit_buf *out, struct vit_str name)
{
	vit_buf_str(out, vit_str_sub(name, 0, NAME_CUT));
	if (name.n > NAME_CUT)
		vit_buf_puts(out, "...");
}

static void add_field(struct vit_buf *out, char field, const struct vit_st_header *h,
		      const struct vit_st_fault *f)
{
	char n[VIT_FMT_NUM];

	switch (field) {
	case 't':
		add_name(out, f->tensor);
		break;
	case 'o':
		add_name(out, f->other);
		break;
	case 'e':
		vit_buf_puts(out, vit_fmt_u64(f->expected, n));
		break;
	case 'a':
		vit_buf_puts(out, vit_fmt_u64(f->actual, n));
		break;
	case 'd':
		vit_buf_puts(out, vit_fmt_u64(f->expected > f->actual ? f->expected - f->actual
								      : f->actual - f->expected,
					      n));
		break;
	case 'l':
		vit_buf_puts(out, vit_fmt_u64(h->lost_tensors, n));
		break;
	case 'c':
		vit_buf_puts(out, vit_fmt_u64(h->tensor_count, n));
		break;
	default:
		VIT_BUG("a field that no fault has");
	}
}

static struct vit_str fill(struct vit_eval *ev, const char *text, const struct vit_st_header *h,
			   const struct vit_st_fault *f)
{
	struct vit_buf out;

	vit_buf_init(&out, 4096);
	for (; *text; text++) {
		if (text[0] == '{' && text[1] && text[2] == '}') {
			add_field(&out, text[1], h, f);
			text += 2;
		} else {
			vit_buf_putc(&out, *text);
		}
	}
	struct vit_str s = vit_arena_str(ev->arena, vit_buf_view(&out));
	vit_buf_release(&out);
	return s;
}

static void report(struct vit_eval *ev, const struct vit_shard *s, const struct vit_st_fault *fault)
{
	const struct fault_row *row = &rows[fault->kind];
	bool kept = ev->selected[row->id] && ev->counts[row->id] < VIT_MAX_FINDINGS;
	struct vit_finding *f = vit_eval_fail(ev, row->id);
	uint32_t count = s->header.fault_counts[fault->kind];
	char n[VIT_FMT_NUM];

	/* What is only counted needs no text: a hostile folder has millions. */
	if (!kept)
		return;
	f->where.path = s->path;
	f->where.offset = fault->offset;
	f->where.has_offset = true;
	f->where.tensor = fault->tensor;
	f->message = fill(ev, row->message, &s->header, fault);
	if (row->once && count > 1)
		f->message = vit_eval_text(ev, "%.*s The file has %s such places.",
					   VIT_FMT(f->message), vit_fmt_u64(count, n));
	f->expected = fill(ev, row->expected, &s->header, fault);
	f->actual = fill(ev, row->actual, &s->header, fault);
}

static void check_shard(struct vit_eval *ev, const struct vit_shard *s)
{
	uint64_t seen = 0;

	for (uint32_t i = 0; i < s->header.fault_count; i++) {
		const struct vit_st_fault *f = &s->header.faults[i];
		uint64_t bit = (uint64_t)1 << f->kind;
		if (!(rows[f->kind].once && (seen & bit)))
			report(ev, s, f);
		seen |= bit;
	}
}

static void settle(struct vit_eval *ev, enum vit_check_id id, const struct vit_weights *w,
		   const struct vit_shard *unreadable, uint32_t pointers)
{
	char n[VIT_FMT_NUM], of[VIT_FMT_NUM];

	if (unreadable)
		vit_eval_unknown(ev, id, "%.*s: %s", VIT_FMT(unreadable->path),
				 unreadable->err.msg);
	else if (w->shard_count == 0)
		vit_eval_not_applicable(ev, id, "there is no safetensors file");
	else if (pointers > 0)
		vit_eval_not_applicable(ev, id,
					"of %s files %s hold something else than weights "
					"(a git-LFS pointer, nothing, a web page)",
					vit_fmt_u64(w->shard_count, of), vit_fmt_u64(pointers, n));
	else
		vit_eval_pass(ev, id);
}

static void run_headers(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_weights *w = &c->facts->weights;
	const struct vit_shard *unreadable = NULL;
	uint32_t pointers = 0;

	for (uint32_t i = 0; i < w->shard_count; i++) {
		const struct vit_shard *s = &w->shards[i];
		if (s->state == VIT_DOC_OK)
			check_shard(ev, s);
		else if (s->state == VIT_DOC_POINTER)
			pointers++;
		else if (!unreadable)
			unreadable = s;
	}
	for (size_t i = 0; i < sizeof(header_ids) / sizeof(header_ids[0]); i++)
		settle(ev, header_ids[i], w, unreadable, pointers);
}

const struct vit_pass vit_pass_weights_headers = {
	.name = "weights-headers",
	.needs = VIT_FG_FILES | VIT_FG_WEIGHTS,
	.ids = header_ids,
	.id_count = sizeof(header_ids) / sizeof(header_ids[0]),
	.run = run_headers,
};
