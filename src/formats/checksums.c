#include "formats/checksums.h"

#include "base/num.h"

static bool is_sha256(struct vit_str s)
{
	if (s.n != 64)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789abcdefABCDEF", s.p[i]) || s.p[i] == 0)
			return false;
	return true;
}

static struct vit_str lower(struct vit_arena *a, struct vit_str s)
{
	char *p = vit_arena_alloc(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'F' ? s.p[i] + 32 : s.p[i]);
	return (struct vit_str){ p, s.n };
}

/* \n, \r and \\ of an escaped line; false on any other escape. */
static bool unescape(struct vit_arena *a, struct vit_str s, struct vit_str *out)
{
	char *p = vit_arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\\') {
			if (++i == s.n || !strchr("nr\\", s.p[i]))
				return false;
			c = (char)(s.p[i] == 'n' ? '\n' : s.p[i] == 'r' ? '\r' : '\\');
		}
		p[n++] = c;
	}
	*out = (struct vit_str){ p, n };
	return true;
}

/* "<64 hex><blank><blank or *>name" */
static bool gnu_line(struct vit_str line, struct vit_str *digest, struct vit_str *name)
{
	if (line.n < 67 || line.p[64] != ' ' || (line.p[65] != ' ' && line.p[65] != '*'))
		return false;
	*digest = vit_str_sub(line, 0, 64);
	*name = vit_str_sub(line, 66, line.n);
	return is_sha256(*digest);
}

/* "SHA256 (name) = <64 hex>" */
static bool bsd_line(struct vit_str line, struct vit_str *digest, struct vit_str *name)
{
	struct vit_str head = VIT_STR("SHA256 ("), middle = VIT_STR(") = ");

	if (line.n < head.n + middle.n + 65 || !vit_str_starts(line, head))
		return false;
	*digest = vit_str_sub(line, line.n - 64, line.n);
	*name = vit_str_sub(line, head.n, line.n - 64 - middle.n);
	return is_sha256(*digest) && vit_str_eq(vit_str_sub(line, line.n - 64 - middle.n, line.n - 64), middle);
}

/* A path below the folder: no part empty, "." or "..". */
static bool is_inside(struct vit_str name)
{
	struct vit_str rest = name, part;

	if (name.n == 0 || name.p[0] == '/' || name.p[name.n - 1] == '/' || memchr(name.p, 0, name.n))
		return false;
	while (vit_str_split(&rest, '/', &part))
		if (part.n == 0 || vit_str_is(part, ".") || vit_str_is(part, ".."))
			return false;
	return true;
}

static bool read_line(struct vit_arena *a, struct vit_str line, struct vit_checksum *row)
{
	bool escaped = line.n && line.p[0] == '\\';
	struct vit_str digest, name;

	if (escaped)
		line = vit_str_sub(line, 1, line.n);
	if (!gnu_line(line, &digest, &name) && !bsd_line(line, &digest, &name))
		return false;
	if (escaped && !unescape(a, name, &name))
		return false;
	if (vit_str_starts(name, VIT_STR("./")))
		name = vit_str_sub(name, 2, name.n);
	/* Backslashes are legal in escaped names alone. */
	if (!is_inside(name) || (!escaped && memchr(name.p, '\\', name.n)))
		return false;
	row->path = vit_arena_str(a, name);
	row->sha256 = lower(a, digest);
	return true;
}

void vit_checksums_read(struct vit_arena *a, struct vit_str text, struct vit_checksums *out)
{
	struct vit_vec rows = VIT_VEC(sizeof(struct vit_checksum));
	struct vit_str line, size_mark = VIT_STR("# size ");
	struct vit_checksum row = { .has_size = false };
	uint32_t number = 0;
	size_t count;

	*out = (struct vit_checksums){ .is_lock = vit_str_starts(text, VIT_STR(VIT_LOCK_HEADER)) };
	while (vit_str_line(&text, &line) && number < VIT_CHECKSUMS_MAX_LINES) {
		number++;
		if (vit_str_starts(line, size_mark)) {
			row.has_size = vit_parse_u64(vit_str_sub(line, size_mark.n, line.n), &row.size);
		} else if (line.n && line.p[0] != '#') {
			if (read_line(a, line, &row)) {
				*(struct vit_checksum *)vit_vec_add(&rows) = row;
			} else if (out->bad_lines++ == 0) {
				out->bad_line = number;
			}
			row = (struct vit_checksum){ .has_size = false };
		}
	}
	out->rows = vit_vec_take(&rows, a, &count);
	out->count = (uint32_t)count;
}

void vit_checksums_write(struct vit_buf *out, const struct vit_checksum *row)
{
	bool escape = false;

	for (size_t i = 0; i < row->path.n; i++)
		escape |= strchr("\n\r\\", row->path.p[i]) != NULL && row->path.p[i] != 0;
	if (row->has_size)
		vit_buf_printf(out, "# size %llu\n", (unsigned long long)row->size);
	if (escape)
		vit_buf_putc(out, '\\');
	vit_buf_str(out, row->sha256);
	vit_buf_puts(out, "  ");
	for (size_t i = 0; i < row->path.n; i++) {
		char c = row->path.p[i];
		if (escape && c == '\n')
			vit_buf_puts(out, "\\n");
		else if (escape && c == '\r')
			vit_buf_puts(out, "\\r");
		else if (escape && c == '\\')
			vit_buf_puts(out, "\\\\");
		else
			vit_buf_putc(out, c);
	}
	vit_buf_putc(out, '\n');
}
