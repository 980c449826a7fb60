/* The machine's report; its schema is docs/report.schema.json. */
#include "json/writer.h"

#include <math.h>

#include "base/utf8.h"
#include "report/out.h"
#include "report/render.h"
#include "report/walk.h"

static void member_str(struct vit_json_writer *w, const char *key, struct vit_str s)
{
	if (s.n == 0)
		return;
	vit_jw_key(w, key);
	vit_jw_str(w, s);
}

static void member_c(struct vit_json_writer *w, const char *key, const char *s)
{
	vit_jw_key(w, key);
	vit_jw_cstr(w, s);
}

static void member_u64(struct vit_json_writer *w, const char *key, uint64_t v)
{
	vit_jw_key(w, key);
	vit_jw_u64(w, v);
}

/* A path that is no UTF-8 is given in its display form, else two such paths
 * could look alike. */
static void member_path(struct vit_json_writer *w, struct vit_out *o, struct vit_str path)
{
	vit_jw_key(w, "path");
	vit_jw_str(w, vit_utf8_valid(path) == path.n ? path : vit_out_clean(o, path, 0));
}

/* Bytes and counts are integers even where the arithmetic was in doubles. */
static void number(struct vit_json_writer *w, double d)
{
	const double exact = 9007199254740992.0;

	if (d > -exact && d < exact && !islessgreater(d, (double)(int64_t)d))
		vit_jw_i64(w, (int64_t)d);
	else
		vit_jw_double(w, d);
}

/* Absent values are left out, together with their key. */
static bool is_present(const struct vit_val *v)
{
	switch (v->type) {
	case VIT_VAL_NONE:
		return false;
	case VIT_VAL_DOUBLE:
		return isfinite(v->d);
	case VIT_VAL_RANGE:
		return isfinite(v->d) && isfinite(v->low) && isfinite(v->high);
	case VIT_VAL_STR:
	case VIT_VAL_U64:
	case VIT_VAL_I64:
	case VIT_VAL_BYTES:
	case VIT_VAL_BOOL:
		return true;
	}
	return false;
}

static void value(struct vit_json_writer *w, const struct vit_val *v)
{
	switch (v->type) {
	case VIT_VAL_NONE:
		vit_jw_null(w);
		break;
	case VIT_VAL_STR:
		vit_jw_str(w, v->str);
		break;
	case VIT_VAL_U64:
	case VIT_VAL_BYTES:
		vit_jw_u64(w, v->u64);
		break;
	case VIT_VAL_I64:
		vit_jw_i64(w, v->i64);
		break;
	case VIT_VAL_DOUBLE:
		number(w, v->d);
		break;
	case VIT_VAL_BOOL:
		vit_jw_bool(w, v->u64 != 0);
		break;
	case VIT_VAL_RANGE:
		vit_jw_object(w);
		vit_jw_key(w, "low");
		number(w, v->low);
		vit_jw_key(w, "expected");
		number(w, v->d);
		vit_jw_key(w, "high");
		number(w, v->high);
		member_str(w, "unit", v->str);
		if (v->confidence)
			member_c(w, "confidence", v->confidence);
		member_str(w, "basis", v->basis);
		vit_jw_object_end(w);
		break;
	}
}

static void table(struct vit_json_writer *w, const struct vit_node *n)
{
	vit_jw_array(w);
	for (uint32_t row = 0; row < n->row_count; row++) {
		vit_jw_object(w);
		for (uint32_t c = 0; c < n->column_count; c++) {
			const struct vit_val *v = &n->cells[(size_t)row * n->column_count + c];
			if (!n->columns[c].key || !is_present(v))
				continue;
			vit_jw_key(w, n->columns[c].key);
			value(w, v);
		}
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

static void list(struct vit_json_writer *w, const struct vit_node *n)
{
	vit_jw_array(w);
	for (uint32_t i = 0; i < n->row_count; i++)
		value(w, &n->cells[i]);
	vit_jw_array_end(w);
}

static void rows_total(struct vit_json_writer *w, const struct vit_node *n)
{
	char key[96];
	size_t len = strlen(n->key);

	if (n->rows_total <= n->row_count || len + sizeof("_total") > sizeof(key))
		return;
	memcpy(key, n->key, len);
	memcpy(key + len, "_total", sizeof("_total"));
	member_u64(w, key, n->rows_total);
}

static void leaf(struct vit_json_writer *w, const struct vit_node *n)
{
	switch (n->kind) {
	case VIT_NODE_VALUE:
	case VIT_NODE_TEXT:
	case VIT_NODE_CODE:
		if (!is_present(&n->value))
			return;
		vit_jw_key(w, n->key);
		value(w, &n->value);
		break;
	case VIT_NODE_TABLE:
		vit_jw_key(w, n->key);
		table(w, n);
		rows_total(w, n);
		break;
	case VIT_NODE_LIST:
		vit_jw_key(w, n->key);
		list(w, n);
		rows_total(w, n);
		break;
	case VIT_NODE_GROUP:
		break;
	}
}

static bool has_source(const struct vit_node *n)
{
	return n->key && n->kind != VIT_NODE_GROUP && (n->basis != VIT_BASIS_NONE || n->source.n);
}

/* How the members before it are known: {"hidden_size": {"basis": ..., "source": ...}}. */
static void evidence(struct vit_json_writer *w, const struct vit_node *first)
{
	const struct vit_node *n = first;

	while (n && !has_source(n))
		n = n->next;
	if (!n)
		return;
	vit_jw_key(w, "evidence");
	vit_jw_object(w);
	for (; n; n = n->next) {
		if (!has_source(n))
			continue;
		vit_jw_key(w, n->key);
		vit_jw_object(w);
		if (n->basis != VIT_BASIS_NONE)
			member_c(w, "basis", vit_basis_name(n->basis));
		member_str(w, "source", n->source);
		vit_jw_object_end(w);
	}
	vit_jw_object_end(w);
}

static void section(struct vit_json_writer *w, const struct vit_section *s)
{
	struct vit_walk walk;
	const struct vit_node *n = NULL;
	enum vit_walk_event e;

	vit_jw_key(w, s->key);
	vit_jw_object(w);
	if (s->not_assessed.n || !s->nodes)
		member_str(w, "not_assessed", vit_section_reason(s));
	vit_walk_init(&walk, s->nodes);
	while ((e = vit_walk_next(&walk, &n)) != VIT_WALK_END) {
		if (e == VIT_WALK_ENTER && !n->key) {
			vit_walk_skip(&walk);
		} else if (e == VIT_WALK_ENTER) {
			vit_jw_key(w, n->key);
			vit_jw_object(w);
		} else if (e == VIT_WALK_LEAVE) {
			evidence(w, n->children);
			vit_jw_object_end(w);
		} else if (n->key) {
			leaf(w, n);
		}
	}
	evidence(w, s->nodes);
	vit_jw_object_end(w);
}

static void finding(struct vit_json_writer *w, struct vit_out *o,
		    const struct vit_report_finding *f)
{
	vit_jw_object(w);
	member_c(w, "id", vit_check_info(f->id)->id);
	member_c(w, "severity", vit_severity_name(f->severity));
	member_path(w, o, f->path);
	member_str(w, "pointer", f->pointer);
	member_str(w, "tensor", f->tensor);
	if (f->has_offset)
		member_u64(w, "offset", f->offset);
	if (f->line)
		member_u64(w, "line", f->line);
	if (f->column)
		member_u64(w, "column", f->column);
	vit_jw_key(w, "message");
	vit_jw_str(w, f->message);
	member_str(w, "expected", f->expected);
	member_str(w, "actual", f->actual);
	vit_jw_key(w, "remedy");
	vit_jw_str(w, vit_finding_remedy(f));
	if (f->waived) {
		vit_jw_key(w, "waived");
		vit_jw_bool(w, true);
		member_str(w, "waiver", f->waiver);
	}
	vit_jw_object_end(w);
}

static void check(struct vit_json_writer *w, const struct vit_report_check *c)
{
	const struct vit_check_info *info = vit_check_info(c->id);

	vit_jw_object(w);
	member_c(w, "id", info->id);
	member_c(w, "area", vit_area_name(info->area));
	member_c(w, "state", c->state);
	member_c(w, "severity", vit_severity_name(c->severity));
	member_str(w, "reason", c->reason);
	member_u64(w, "findings", c->findings);
	vit_jw_object_end(w);
}

static void head(struct vit_json_writer *w, const struct vit_report *r)
{
	member_c(w, "schema", VIT_REPORT_SCHEMA);
	member_u64(w, "schema_version", 1);
	vit_jw_key(w, "tool");
	vit_jw_object(w);
	member_c(w, "name", VIT_TOOL_NAME);
	vit_jw_key(w, "version");
	vit_jw_str(w, r->tool_version);
	vit_jw_object_end(w);
	vit_jw_key(w, "target");
	vit_jw_str(w, r->target);
	vit_jw_key(w, "target_name");
	vit_jw_str(w, r->target_name);
	member_str(w, "purpose", r->purpose);
	member_c(w, "verdict", vit_verdict_name(r->verdict));
	vit_jw_key(w, "exit_code");
	vit_jw_i64(w, r->exit_code);
	member_c(w, "fail_on", vit_severity_name(r->fail_on));
	vit_jw_key(w, "counts");
	vit_jw_object(w);
	member_u64(w, "errors", r->errors);
	member_u64(w, "warnings", r->warnings);
	member_u64(w, "notes", r->notes);
	member_u64(w, "waived", r->waived);
	vit_jw_object_end(w);
	vit_jw_key(w, "check_counts");
	vit_jw_object(w);
	member_u64(w, "pass", r->passed);
	member_u64(w, "fail", r->failed);
	member_u64(w, "not_applicable", r->not_applicable);
	member_u64(w, "not_checked", r->not_checked);
	member_u64(w, "unknown", r->unknown);
	vit_jw_object_end(w);
}

void vit_render_json(const struct vit_report *r, const struct vit_render_options *opt,
		     struct vit_sink *sink)
{
	struct vit_out o;
	struct vit_json_writer w;

	(void)opt;
	vit_out_open(&o, sink);
	vit_json_writer_init(&w, vit_out_write, &o, false);
	vit_jw_object(&w);
	head(&w, r);
	vit_jw_key(&w, "findings");
	vit_jw_array(&w);
	for (uint32_t i = 0; i < r->finding_count; i++)
		finding(&w, &o, &r->findings[i]);
	vit_jw_array_end(&w);
	vit_jw_key(&w, "checks");
	vit_jw_array(&w);
	for (uint32_t i = 0; i < r->check_count; i++)
		check(&w, &r->checks[i]);
	vit_jw_array_end(&w);
	for (unsigned i = 0; i < VIT_SECTION_COUNT; i++)
		section(&w, &r->sections[i]);
	vit_jw_object_end(&w);
	vit_jw_finish(&w);
	vit_out_close(&o);
}
