#include "formats/git_index.h"

#include "base/buf.h"

/* Fixed part of an entry: ten 32-bit fields of stat data, the object id, 16 bits of
 * flags. */
#define STAT_BYTES 40
#define FLAG_EXTENDED 0x4000u

struct cursor {
	const unsigned char *p;
	size_t n, at;
	uint32_t version;
	unsigned oid_bytes;
	struct vit_buf name; /* version 4: names are written as changes to the one before */
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* git's variable-width offset: seven bits a byte, each continuation adds one. */
static bool varint(struct cursor *c, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 9 && c->at < c->n; i++) {
		unsigned char b = c->p[c->at++];
		v = (i ? (v + 1) << 7 : 0) | (b & 0x7fu);
		if (!(b & 0x80u)) {
			*out = v;
			return true;
		}
	}
	return false;
}

static bool name_v4(struct cursor *c)
{
	uint64_t strip;
	const unsigned char *end;

	if (!varint(c, &strip) || strip > c->name.n)
		return false;
	end = memchr(c->p + c->at, 0, c->n - c->at);
	if (!end)
		return false;
	c->name.n -= (size_t)strip;
	vit_buf_add(&c->name, c->p + c->at, (size_t)(end - (c->p + c->at)));
	c->at = (size_t)(end - c->p) + 1;
	return !c->name.full;
}

static bool name_v2(struct cursor *c, size_t begin)
{
	const unsigned char *end = memchr(c->p + c->at, 0, c->n - c->at);
	size_t used;

	if (!end)
		return false;
	vit_buf_clear(&c->name);
	vit_buf_add(&c->name, c->p + c->at, (size_t)(end - (c->p + c->at)));
	/* Entries are padded with one to eight NULs to a multiple of eight. */
	used = (size_t)(end - c->p) - begin;
	c->at = begin + (used / 8 + 1) * 8;
	return !c->name.full && c->at <= c->n;
}

static bool read_entry(struct cursor *c, struct vit_git_entry *e, unsigned *stage)
{
	size_t begin = c->at, behind = begin + STAT_BYTES + c->oid_bytes;
	unsigned flags;

	if (c->n - begin < STAT_BYTES + c->oid_bytes + 2 + 1)
		return false;
	e->mode = be32(c->p + begin + 24);
	memcpy(e->oid, c->p + begin + STAT_BYTES, c->oid_bytes);
	flags = (unsigned)c->p[behind] << 8 | c->p[behind + 1];
	c->at = behind + 2;
	*stage = flags >> 12 & 3;
	if (flags & FLAG_EXTENDED) {
		if (c->version < 3)
			return false;
		c->at += 2;
	}
	return c->version == 4 ? name_v4(c) : name_v2(c, begin);
}

unsigned vit_git_oid_bytes(struct vit_str config)
{
	struct vit_str line;
	bool extensions = false;

	while (vit_str_line(&config, &line)) {
		size_t equals;
		line = vit_str_trim(line);
		if (line.n && line.p[0] == '[')
			extensions = vit_str_ieq(line, VIT_STR("[extensions]"));
		equals = vit_str_find(line, VIT_STR("="), 0);
		if (extensions && equals != SIZE_MAX &&
		    vit_str_ieq(vit_str_trim(vit_str_sub(line, 0, equals)), VIT_STR("objectformat")) &&
		    vit_str_ieq(vit_str_trim(vit_str_sub(line, equals + 1, line.n)), VIT_STR("sha256")))
			return 32;
	}
	return 20;
}

enum vit_errc vit_git_index_read(struct vit_arena *a, struct vit_str bytes, unsigned oid_bytes,
				 struct vit_git_entry **entries, uint32_t *count,
				 struct vit_err *err)
{
	struct cursor c = { .p = (const unsigned char *)bytes.p, .n = bytes.n, .at = 12,
			    .oid_bytes = oid_bytes };
	struct vit_vec rows = VIT_VEC(sizeof(struct vit_git_entry));
	enum vit_errc rc = VIT_OK;
	uint32_t total;
	size_t taken;

	if (bytes.n < 12 + oid_bytes || memcmp(bytes.p, "DIRC", 4) != 0)
		return vit_err_set(err, VIT_E_SYNTAX, "no git index: expected DIRC at its start");
	c.version = be32(c.p + 4);
	total = be32(c.p + 8);
	if (c.version < 2 || c.version > 4)
		return vit_err_set(err, VIT_E_UNSUPPORTED, "git index of version %u; 2, 3 and 4 are read", c.version);
	c.n -= oid_bytes;
	vit_buf_init(&c.name, 65536);
	for (uint32_t i = 0; i < total; i++) {
		struct vit_git_entry e = { .mode = 0 };
		unsigned stage;
		size_t begin = c.at;
		if (!read_entry(&c, &e, &stage)) {
			rc = vit_err_at(err, VIT_E_SYNTAX, begin, "git index: entry %u of %u cannot be read at byte %zu",
					i + 1, total, begin);
			break;
		}
		if (stage > 1)
			continue;
		e.path = vit_arena_str(a, vit_buf_view(&c.name));
		*(struct vit_git_entry *)vit_vec_add(&rows) = e;
	}
	vit_buf_release(&c.name);
	if (rc) {
		vit_vec_free(&rows);
		return rc;
	}
	*entries = vit_vec_take(&rows, a, &taken);
	*count = (uint32_t)taken;
	return VIT_OK;
}
