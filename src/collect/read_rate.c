#include "base/num.h"
#include "collect/collect.h"

#define MEASURE_MS 3000
#define LEAST_BYTES (UINT64_C(1) << 20) /* of a file whose rate means something */

/* A file that has its bytes: holes are read from nowhere. */
static bool can_tell(const struct vit_file *f)
{
	switch (f->kind) {
	case VIT_FK_WEIGHTS:
	case VIT_FK_PICKLE:
	case VIT_FK_GGUF:
	case VIT_FK_OTHER_WEIGHTS:
		break;
	case VIT_FK_INDEX:
	case VIT_FK_ADAPTER:
	case VIT_FK_CONFIG:
	case VIT_FK_TOKENIZER:
	case VIT_FK_TEMPLATE:
	case VIT_FK_CODE:
	case VIT_FK_NATIVE:
	case VIT_FK_DOC:
	case VIT_FK_META:
	case VIT_FK_VCS:
	case VIT_FK_HUB_CACHE:
	case VIT_FK_PARTIAL:
	case VIT_FK_DATA:
	case VIT_FK_OTHER:
	case VIT_FK_COUNT:
		return false;
	}
	return f->type == VIT_FT_REGULAR && f->size >= LEAST_BYTES && f->blocks >= f->size / 2 &&
	       (f->flags & (VIT_FF_LFS_POINTER | VIT_FF_LINK_OUTSIDE)) == 0;
}

/* Bytes per second; false when nothing was read or the clock stood still. */
static bool rate_of(const struct vit_host_rate *r, uint64_t *out)
{
	uint64_t nanobytes;

	if (r->nanoseconds == 0 || r->bytes == 0)
		return false;
	/* At most 2 GiB were read: 2^31 * 10^9 is below 2^61. */
	if (!vit_mul_u64(r->bytes, UINT64_C(1000000000), &nanobytes))
		return false;
	*out = nanobytes / r->nanoseconds;
	return true;
}

void vit_collect_read_rate(struct vit_arena *a, const struct vit_source *s,
			   const struct vit_host *host, struct vit_read_rate *out)
{
	const struct vit_file *largest = NULL;
	struct vit_source_file f;
	struct vit_host_rate r = { 0, 0, false };
	enum vit_errc rc;

	*out = (struct vit_read_rate){ .asked = true, .path = VIT_STR_EMPTY };
	for (uint32_t i = 0; i < s->files->count; i++)
		if (can_tell(&s->files->files[i]) &&
		    (!largest || s->files->files[i].size > largest->size))
			largest = &s->files->files[i];
	if (!largest) {
		(void)vit_err_set(&out->err, VIT_E_NOTFOUND,
				  "no file of weights of a mebibyte or more, without holes, is here to read");
		return;
	}
	out->path = largest->path;
	if (vit_source_open(s, largest, &f, &out->err) != VIT_OK)
		return;
	rc = host->read_rate(host->ctx, f.fd, f.size, MEASURE_MS, &r, &out->err);
	vit_source_close(&f);
	if (rc != VIT_OK)
		return;
	out->bytes = r.bytes;
	out->nanoseconds = r.nanoseconds;
	out->cached = r.cached;
	out->bytes_per_second.known = rate_of(&r, &out->bytes_per_second.value);
	out->bytes_per_second.source =
		vit_arena_printf(a, "samples of %.*s%s", VIT_FMT(largest->path),
				 r.cached ? ", perhaps from the page cache" : ", past the page cache");
}
