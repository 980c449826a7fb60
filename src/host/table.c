#include "host/table.h"

const char *const vit_recording_names[VIT_REC_COUNT] = {
	[VIT_REC_IDENTITY] = "identity.tsv", [VIT_REC_SYSCTL] = "sysctl.tsv",
	[VIT_REC_LISTS] = "lists.tsv",       [VIT_REC_COMMANDS] = "cmd/index.tsv",
	[VIT_REC_ENV] = "env.tsv",           [VIT_REC_STATFS] = "statfs.tsv",
	[VIT_REC_RATES] = "rates.tsv",
	[VIT_REC_FAILURES] = "failures.tsv",
	[VIT_REC_HTTP] = "http/index.tsv",
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Bytes of the escape at s (which begins with a backslash); 0 when it is none. */
static size_t unescape_one(struct vit_str s, char *out)
{
	static const char from[] = "tnr\\", to[] = "\t\n\r\\";
	const char *hit;
	int high, low;

	if (s.n < 2)
		return 0;
	if (s.p[1] == 'x') {
		high = s.n >= 4 ? hex_digit(s.p[2]) : -1;
		low = s.n >= 4 ? hex_digit(s.p[3]) : -1;
		if (high < 0 || low < 0)
			return 0;
		*out = (char)(unsigned char)(high << 4 | low);
		return 4;
	}
	hit = s.p[1] ? strchr(from, s.p[1]) : NULL;
	if (!hit)
		return 0;
	*out = to[hit - from];
	return 2;
}

static bool unescape(struct vit_arena *a, struct vit_str field, struct vit_str *out)
{
	char *p = vit_arena_alloc(a, field.n + 1);
	size_t n = 0, i = 0;

	while (i < field.n) {
		size_t used = 1;

		if (field.p[i] == '\\')
			used = unescape_one(vit_str_sub(field, i, field.n), &p[n]);
		else
			p[n] = field.p[i];
		if (used == 0)
			return false;
		i += used;
		n++;
	}
	*out = (struct vit_str){ p, n };
	return true;
}

static bool parse_row(struct vit_arena *a, struct vit_str line, struct vit_table_row *row)
{
	struct vit_vec fields = VIT_VEC(sizeof(struct vit_str));
	size_t from = 0;

	for (;;) {
		size_t to = vit_str_find(line, VIT_STR("\t"), from);
		struct vit_str *field = vit_vec_add(&fields);

		if (!unescape(a, vit_str_sub(line, from, to), field)) {
			vit_vec_free(&fields);
			return false;
		}
		if (to == SIZE_MAX)
			break;
		from = to + 1;
	}
	row->fields = vit_vec_take(&fields, a, &row->count);
	return true;
}

enum vit_errc vit_table_parse(struct vit_arena *a, struct vit_str text, const char *name,
			      struct vit_table *out, struct vit_err *err)
{
	struct vit_vec rows = VIT_VEC(sizeof(struct vit_table_row));
	struct vit_str line;
	uint64_t number = 0;
	enum vit_errc rc = VIT_OK;

	if (text.n > VIT_TABLE_MAX_BYTES)
		return vit_err_set(err, VIT_E_LIMIT, "%s: more than %u bytes", name,
				   VIT_TABLE_MAX_BYTES);
	while (rc == VIT_OK && vit_str_line(&text, &line)) {
		number++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (rows.count == VIT_TABLE_MAX_ROWS)
			rc = vit_err_at(err, VIT_E_LIMIT, number, "%s: more than %d rows", name,
					VIT_TABLE_MAX_ROWS);
		else if (!parse_row(a, line, vit_vec_add(&rows)))
			rc = vit_err_at(err, VIT_E_SYNTAX, number,
					"%s, line %llu: unknown escape", name,
					(unsigned long long)number);
	}
	if (rc == VIT_OK)
		out->rows = vit_vec_take(&rows, a, &out->count);
	else
		vit_vec_free(&rows);
	return rc;
}

const struct vit_table_row *vit_table_find(const struct vit_table *t, struct vit_str key,
					   size_t fields)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].count >= fields && vit_str_eq(t->rows[i].fields[0], key))
			return &t->rows[i];
	return NULL;
}

void vit_table_field(struct vit_buf *out, struct vit_str field, bool first)
{
	if (!first)
		vit_buf_putc(out, '\t');
	for (size_t i = 0; i < field.n; i++) {
		unsigned char c = (unsigned char)field.p[i];

		if (c == '\\')
			vit_buf_puts(out, "\\\\");
		else if (c == '\t')
			vit_buf_puts(out, "\\t");
		else if (c == '\n')
			vit_buf_puts(out, "\\n");
		else if (c == '\r')
			vit_buf_puts(out, "\\r");
		else if (c < 0x20 || c == 0x7f || (c == '#' && first && i == 0))
			vit_buf_printf(out, "\\x%02x", c);
		else
			vit_buf_putc(out, (char)c);
	}
}
