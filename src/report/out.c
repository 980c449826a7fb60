#include "report/out.h"

#include <math.h>
#include <stdio.h>

#include "base/utf8.h"

void vit_out_open(struct vit_out *o, struct vit_sink *sink)
{
	o->sink = sink;
	o->n = 0;
	vit_buf_init(&o->clean, SIZE_MAX / 2);
	vit_buf_init(&o->text, SIZE_MAX / 2);
}

static void flush(struct vit_out *o)
{
	if (o->n && !o->sink->failed && !o->sink->write(o->sink->ctx, o->chunk, o->n))
		o->sink->failed = true;
	o->n = 0;
}

void vit_out_close(struct vit_out *o)
{
	flush(o);
	vit_buf_release(&o->clean);
	vit_buf_release(&o->text);
}

void vit_out_raw(struct vit_out *o, struct vit_str s)
{
	while (s.n) {
		size_t room = sizeof(o->chunk) - o->n;
		size_t n = s.n < room ? s.n : room;
		memcpy(o->chunk + o->n, s.p, n);
		o->n += n;
		s = vit_str_sub(s, n, s.n);
		if (o->n == sizeof(o->chunk))
			flush(o);
	}
}

void vit_out_c(struct vit_out *o, const char *literal)
{
	vit_out_raw(o, vit_str_c(literal));
}

void vit_out_repeat(struct vit_out *o, const char *literal, size_t times)
{
	while (times--)
		vit_out_c(o, literal);
}

void vit_out_u64(struct vit_out *o, uint64_t v)
{
	char text[VIT_FMT_NUM];

	vit_out_c(o, vit_fmt_u64(v, text));
}

bool vit_out_write(void *ctx, const char *p, size_t n)
{
	struct vit_out *o = ctx;

	vit_out_raw(o, (struct vit_str){ p, n });
	return !o->sink->failed;
}

struct vit_str vit_out_clean(struct vit_out *o, struct vit_str s, size_t max)
{
	vit_buf_clear(&o->clean);
	vit_display(&o->clean, s, max);
	return vit_buf_view(&o->clean);
}

struct vit_str vit_out_clean_code(struct vit_out *o, struct vit_str s, size_t max)
{
	struct vit_str line, part;
	bool first = true;

	vit_buf_clear(&o->clean);
	if (!vit_str_line(&s, &line))
		return VIT_STR_EMPTY;
	while (vit_str_split(&line, '\\', &part) && o->clean.n < max) {
		if (!first)
			vit_buf_putc(&o->clean, '\\');
		first = false;
		vit_display(&o->clean, part, max - o->clean.n);
	}
	return vit_buf_view(&o->clean);
}

static bool unit_is_bytes(struct vit_str unit)
{
	return vit_str_is(unit, "B") || vit_str_is(unit, "bytes");
}

static void add_double(struct vit_buf *b, double d, struct vit_str unit)
{
	char text[VIT_FMT_NUM];

	if (!isfinite(d))
		vit_buf_puts(b, isnan(d) ? "not a number" : d > 0 ? "infinity" : "-infinity");
	else if (unit_is_bytes(unit) && d >= 0 && d < 9e18)
		vit_buf_puts(b, vit_fmt_bytes((uint64_t)(int64_t)(d < 0 ? d - 0.5 : d + 0.5), text));
	else if (fabs(d) >= 100000 && fabs(d) < 1e15)
		vit_buf_puts(b, vit_fmt_i64((int64_t)(d < 0 ? d - 0.5 : d + 0.5), text));
	else
		vit_buf_printf(b, "%.6g", d);
}

/* An estimate has no six digits. */
static void add_estimate(struct vit_buf *b, double d, struct vit_str unit)
{
	char text[VIT_FMT_NUM];

	if (vit_str_is(unit, "seconds"))
		vit_buf_puts(b, vit_fmt_seconds(d, text));
	else if (unit_is_bytes(unit) || !isfinite(d))
		add_double(b, d, unit);
	else if (fabs(d) >= 1000 && fabs(d) < 1e9)
		vit_buf_puts(b, vit_fmt_i64((int64_t)(d < 0 ? d - 0.5 : d + 0.5), text));
	else
		vit_buf_printf(b, "%.3g", d);
}

static void add_range(struct vit_buf *b, const struct vit_val *v)
{
	bool own = unit_is_bytes(v->str) || vit_str_is(v->str, "seconds"); /* comes with its unit */

	add_estimate(b, v->d, v->str);
	if (v->str.n && !own) {
		vit_buf_putc(b, ' ');
		vit_buf_str(b, v->str);
	}
	if (!islessgreater(v->low, v->d) && !islessgreater(v->high, v->d))
		return;
	vit_buf_puts(b, " (");
	add_estimate(b, v->low, v->str);
	vit_buf_puts(b, " to ");
	add_estimate(b, v->high, v->str);
	vit_buf_putc(b, ')');
}

static void add_bytes(struct vit_buf *b, uint64_t n, enum vit_value_style style)
{
	char exact[VIT_FMT_NUM], rough[VIT_FMT_NUM];

	(void)vit_fmt_bytes(n, rough);
	if (style == VIT_VALUE_SHORT || vit_str_ends(vit_str_c(rough), VIT_STR(" B")))
		vit_buf_puts(b, rough);
	else
		vit_buf_printf(b, "%s B (%s)", vit_fmt_u64(n, exact), rough);
}

struct vit_str vit_out_value(struct vit_out *o, const struct vit_val *v, enum vit_value_style style)
{
	struct vit_buf *b = &o->text;
	char text[VIT_FMT_NUM];
	struct vit_str unit = v->str;

	vit_buf_clear(b);
	switch (v->type) {
	case VIT_VAL_NONE:
		return VIT_STR("\xe2\x80\x93");
	case VIT_VAL_STR:
		return v->str;
	case VIT_VAL_BOOL:
		return v->u64 ? VIT_STR("yes") : VIT_STR("no");
	case VIT_VAL_BYTES:
		add_bytes(b, v->u64, style);
		return vit_buf_view(b);
	case VIT_VAL_RANGE:
		add_range(b, v);
		return vit_buf_view(b);
	case VIT_VAL_U64:
		vit_buf_puts(b, vit_fmt_u64(v->u64, text));
		break;
	case VIT_VAL_I64:
		vit_buf_puts(b, vit_fmt_i64(v->i64, text));
		break;
	case VIT_VAL_DOUBLE:
		add_double(b, v->d, v->str);
		if (unit_is_bytes(v->str))
			unit = VIT_STR_EMPTY;
		break;
	}
	if (unit.n) {
		vit_buf_putc(b, ' ');
		vit_buf_str(b, unit);
	}
	return vit_buf_view(b);
}

static void comma(struct vit_buf *b)
{
	if (b->n)
		vit_buf_puts(b, ", ");
}

struct vit_str vit_out_place(struct vit_out *o, const struct vit_report_finding *f)
{
	struct vit_buf *b = &o->text;
	char text[VIT_FMT_NUM];

	vit_buf_clear(b);
	if (f->line)
		vit_buf_printf(b, "line %s", vit_fmt_u64(f->line, text));
	if (f->line && f->column)
		vit_buf_printf(b, ", column %s", vit_fmt_u64(f->column, text));
	if (f->has_offset) {
		comma(b);
		vit_buf_printf(b, "byte %s", vit_fmt_u64(f->offset, text));
	}
	return vit_buf_view(b);
}

void vit_out_count(struct vit_out *o, uint64_t n, const char *one, const char *many)
{
	vit_out_u64(o, n);
	vit_out_c(o, " ");
	vit_out_c(o, n == 1 ? one : many);
}
