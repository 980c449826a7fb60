/*
 * SARIF 2.1.0 for GitHub code scanning.
 *
 * Source of the rules: the OASIS schema (additionalProperties false, nothing
 * nullable: what is not known is left out) and GitHub's "SARIF support for code
 * scanning". Texts are in display form: viewers decode JSON escapes.
 */
#include "base/num.h"
#include "base/utf8.h"
#include "json/writer.h"
#include "report/date.h"
#include "report/escape.h"
#include "report/render.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"
/* GitHub shows the worst 5,000 of a run. */
#define RESULTS_MAX 5000
/* GitHub's limit on rule texts, characters. */
#define RULE_TEXT_MAX 1000

struct sarif {
	struct vit_json_writer w;
	struct vit_out *o;
	struct vit_buf text;
	const struct vit_report *r;
	const struct vit_render_options *options;
	int32_t rule_index[VIT_CK_COUNT + 1]; /* -1: not among the rules */
};

static void member_c(struct sarif *s, const char *key, const char *value)
{
	vit_jw_key(&s->w, key);
	vit_jw_cstr(&s->w, value);
}

static void member_display(struct sarif *s, const char *key, struct vit_str value)
{
	vit_jw_key(&s->w, key);
	vit_jw_str(&s->w, vit_out_clean(s->o, value, VIT_OUT_TEXT_MAX));
}

static void open_object(struct sarif *s, const char *key)
{
	vit_jw_key(&s->w, key);
	vit_jw_object(&s->w);
}

static void open_array(struct sarif *s, const char *key)
{
	vit_jw_key(&s->w, key);
	vit_jw_array(&s->w);
}

/* "[text](target)" is a link and "{0}" a placeholder in a SARIF message (§3.11):
 * neither may come out of a model's names. */
static void add_message(struct vit_buf *b, struct vit_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char next = i + 1 < s.n ? s.p[i + 1] : 0;
		if (s.p[i] == ']' && next == '(')
			vit_buf_putc(b, '\\');
		if (s.p[i] == '{' && next >= '0' && next <= '9')
			vit_buf_putc(b, '{');
		vit_buf_putc(b, s.p[i]);
	}
}

static void message_part(struct sarif *s, const char *before, struct vit_str text)
{
	if (text.n == 0)
		return;
	vit_buf_puts(&s->text, before);
	add_message(&s->text, vit_out_clean(s->o, text, VIT_OUT_TEXT_MAX));
}

static void message_object(struct sarif *s, const char *key)
{
	open_object(s, key);
	vit_jw_key(&s->w, "text");
	vit_jw_str(&s->w, vit_buf_view(&s->text));
	vit_jw_object_end(&s->w);
}

/* {"text": literal} for the texts of the catalogue. */
static void text_object(struct sarif *s, const char *key, const char *literal, size_t max)
{
	struct vit_str t = vit_str_sub(vit_str_c(literal), 0, max);

	open_object(s, key);
	vit_jw_key(&s->w, "text");
	vit_jw_str(&s->w, vit_str_sub(t, 0, vit_utf8_valid(t)));
	vit_jw_object_end(&s->w);
}

static const char *level(enum vit_severity v)
{
	return vit_severity_name(v);
}

static const char *problem_severity(enum vit_severity v)
{
	return v == VIT_SEV_NOTE ? "recommendation" : vit_severity_name(v);
}

static void rule(struct sarif *s, const struct vit_report_check *c)
{
	const struct vit_check_info *info = vit_check_info(c->id);

	vit_jw_object(&s->w);
	member_c(s, "id", info->id);
	text_object(s, "shortDescription", info->title, RULE_TEXT_MAX);
	text_object(s, "fullDescription", info->rationale[0] ? info->rationale : info->title,
		    RULE_TEXT_MAX);
	text_object(s, "help", info->remedy[0] ? info->remedy : info->title, SIZE_MAX);
	open_object(s, "defaultConfiguration");
	member_c(s, "level", level(c->severity));
	vit_jw_object_end(&s->w);
	open_object(s, "properties");
	member_c(s, "precision", "very-high");
	member_c(s, "problem.severity", problem_severity(c->severity));
	open_array(s, "tags");
	vit_jw_cstr(&s->w, vit_area_name(info->area));
	vit_jw_array_end(&s->w);
	vit_jw_object_end(&s->w);
	vit_jw_object_end(&s->w);
}

static bool needs_rule(const struct sarif *s, const struct vit_report_check *c)
{
	return s->options->verbose || c->findings || vit_check_is(c, "fail") ||
	       vit_check_is(c, "unknown");
}

static void driver(struct sarif *s)
{
	int32_t next = 0;

	for (size_t i = 0; i <= VIT_CK_COUNT; i++)
		s->rule_index[i] = -1;
	open_object(s, "tool");
	open_object(s, "driver");
	member_c(s, "name", VIT_TOOL_NAME);
	member_display(s, "version", s->r->tool_version);
	member_display(s, "semanticVersion", s->r->tool_version);
	open_array(s, "rules");
	for (uint32_t i = 0; i < s->r->check_count; i++) {
		if (!needs_rule(s, &s->r->checks[i]))
			continue;
		rule(s, &s->r->checks[i]);
		s->rule_index[s->r->checks[i].id] = next++;
	}
	vit_jw_array_end(&s->w);
	vit_jw_object_end(&s->w);
	vit_jw_object_end(&s->w);
}

/* FNV-1a, 64 bits: fingerprints are stored by others, so the hash may never
 * change and is not the seeded one of base. */
static uint64_t fnv(uint64_t h, struct vit_str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3); /* between parts: no byte of UTF-8 */
}

/* From rule, path and what names the thing inside the file; never the message. */
static void fingerprint(struct sarif *s, const struct vit_report_finding *f)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	struct vit_buf b;

	vit_buf_init(&b, 64);
	if (!f->tensor.n && !f->pointer.n && f->has_offset)
		vit_buf_printf(&b, "@%llu", (unsigned long long)f->offset);
	else if (!f->tensor.n && !f->pointer.n && f->line)
		vit_buf_printf(&b, "#%u", (unsigned)f->line);
	h = fnv(h, vit_str_c(vit_check_info(f->id)->id));
	h = fnv(h, f->path);
	h = fnv(h, f->tensor);
	h = fnv(h, f->pointer);
	h = fnv(h, vit_buf_view(&b));
	vit_buf_clear(&b);
	vit_buf_printf(&b, "%016llx:1", (unsigned long long)h);
	open_object(s, "partialFingerprints");
	vit_jw_key(&s->w, "primaryLocationLineHash");
	vit_jw_str(&s->w, vit_buf_view(&b));
	vit_jw_object_end(&s->w);
	vit_buf_release(&b);
}

static void artifact_location(struct sarif *s, struct vit_str path)
{
	bool absolute = path.n && path.p[0] == '/';

	vit_buf_clear(&s->text);
	if (absolute)
		vit_buf_puts(&s->text, "file://");
	vit_esc_uri(&s->text, path.n ? path : VIT_STR("."));
	open_object(s, "artifactLocation");
	vit_jw_key(&s->w, "uri");
	vit_jw_str(&s->w, vit_buf_view(&s->text));
	if (!absolute)
		member_c(s, "uriBaseId", "ROOTPATH");
	vit_jw_object_end(&s->w);
}

static void region(struct sarif *s, const struct vit_report_finding *f)
{
	open_object(s, "region");
	vit_jw_key(&s->w, "startLine");
	vit_jw_u64(&s->w, f && f->line ? f->line : 1);
	vit_jw_key(&s->w, "startColumn");
	vit_jw_u64(&s->w, f && f->line && f->column ? f->column : 1);
	if (!f || !f->line) {
		vit_jw_key(&s->w, "endLine");
		vit_jw_u64(&s->w, 1);
		vit_jw_key(&s->w, "endColumn");
		vit_jw_u64(&s->w, 1);
	}
	if (f && f->has_offset && f->offset <= INT32_MAX) {
		vit_jw_key(&s->w, "byteOffset");
		vit_jw_u64(&s->w, f->offset);
	}
	vit_jw_object_end(&s->w);
}

static void logical_location(struct sarif *s, const char *kind, struct vit_str name)
{
	if (name.n == 0)
		return;
	vit_jw_object(&s->w);
	member_display(s, "fullyQualifiedName", name);
	member_c(s, "kind", kind);
	vit_jw_object_end(&s->w);
}

static void locations(struct sarif *s, const struct vit_report_finding *f)
{
	open_array(s, "locations");
	vit_jw_object(&s->w);
	open_object(s, "physicalLocation");
	artifact_location(s, f ? f->path : VIT_STR_EMPTY);
	region(s, f);
	vit_jw_object_end(&s->w);
	if (f && (f->tensor.n || f->pointer.n)) {
		open_array(s, "logicalLocations");
		logical_location(s, "value", f->tensor);
		logical_location(s, "property", f->pointer);
		vit_jw_array_end(&s->w);
	}
	vit_jw_object_end(&s->w);
	vit_jw_array_end(&s->w);
}

static void rule_reference(struct sarif *s, enum vit_check_id id)
{
	member_c(s, "ruleId", vit_check_info(id)->id);
	if (s->rule_index[id] >= 0) {
		vit_jw_key(&s->w, "ruleIndex");
		vit_jw_i64(&s->w, s->rule_index[id]);
	}
}

static void finding_properties(struct sarif *s, const struct vit_report_finding *f)
{
	open_object(s, "properties");
	if (f->has_offset) {
		vit_jw_key(&s->w, "offset");
		vit_jw_u64(&s->w, f->offset);
	}
	if (f->expected.n)
		member_display(s, "expected", f->expected);
	if (f->actual.n)
		member_display(s, "actual", f->actual);
	member_display(s, "remedy", vit_finding_remedy(f));
	vit_jw_object_end(&s->w);
}

static void suppression(struct sarif *s, const struct vit_report_finding *f)
{
	open_array(s, "suppressions");
	if (f->waived) {
		vit_jw_object(&s->w);
		member_c(s, "kind", "external");
		if (f->waiver.n)
			member_display(s, "justification", f->waiver);
		vit_jw_object_end(&s->w);
	}
	vit_jw_array_end(&s->w);
}

static void result(struct sarif *s, const struct vit_report_finding *f)
{
	vit_jw_object(&s->w);
	rule_reference(s, f->id);
	member_c(s, "kind", "fail");
	member_c(s, "level", level(f->severity));
	vit_buf_clear(&s->text);
	message_part(s, "", f->message);
	message_part(s, " Expected: ", f->expected);
	message_part(s, f->expected.n ? "; actual: " : " Actual: ", f->actual);
	message_object(s, "message");
	locations(s, f);
	fingerprint(s, f);
	suppression(s, f);
	finding_properties(s, f);
	vit_jw_object_end(&s->w);
}

static const char *state_kind(const struct vit_report_check *c)
{
	if (vit_check_is(c, "pass"))
		return "pass";
	return vit_check_is(c, "unknown") ? "open" : "notApplicable";
}

/* A check without a finding, as a result. */
static void state_result(struct sarif *s, const struct vit_report_check *c)
{
	vit_jw_object(&s->w);
	rule_reference(s, c->id);
	member_c(s, "kind", state_kind(c));
	member_c(s, "level", "none");
	vit_buf_clear(&s->text);
	message_part(s, "", c->reason.n ? c->reason : vit_str_c(vit_check_info(c->id)->title));
	message_object(s, "message");
	locations(s, NULL);
	vit_jw_object_end(&s->w);
}

static void results(struct sarif *s)
{
	const struct vit_report *r = s->r;
	uint32_t n = r->finding_count < RESULTS_MAX ? r->finding_count : RESULTS_MAX;

	open_array(s, "results");
	for (uint32_t i = 0; i < n; i++)
		result(s, &r->findings[i]);
	for (uint32_t i = 0; i < r->check_count; i++) {
		const struct vit_report_check *c = &r->checks[i];
		if (vit_check_is(c, "unknown") ||
		    (s->options->verbose && !vit_check_is(c, "fail")))
			state_result(s, c);
	}
	vit_jw_array_end(&s->w);
}

static void notification(struct sarif *s, const struct vit_report_check *c, const char *lvl)
{
	vit_jw_object(&s->w);
	open_object(s, "associatedRule");
	member_c(s, "id", vit_check_info(c->id)->id);
	vit_jw_object_end(&s->w);
	member_c(s, "level", lvl);
	vit_buf_clear(&s->text);
	message_part(s, "", c->reason.n ? c->reason : vit_str_c(c->state));
	message_object(s, "message");
	vit_jw_object_end(&s->w);
}

/* Findings that are in no result: said, never silently cut. */
static void cut_notification(struct sarif *s)
{
	const struct vit_report *r = s->r;
	uint64_t all = r->errors + r->warnings + r->notes + r->waived;
	uint64_t given = r->finding_count < RESULTS_MAX ? r->finding_count : RESULTS_MAX;
	char n[VIT_FMT_NUM];

	if (all <= given)
		return;
	vit_buf_clear(&s->text);
	vit_buf_printf(&s->text, "%s more findings are not in this file; the JSON report counts them all.",
		       vit_fmt_u64(all - given, n));
	vit_jw_object(&s->w);
	member_c(s, "level", "warning");
	message_object(s, "message");
	vit_jw_object_end(&s->w);
}

static void invocation(struct sarif *s)
{
	const struct vit_report *r = s->r;
	char date[VIT_DATE_MAX];

	open_array(s, "invocations");
	vit_jw_object(&s->w);
	vit_jw_key(&s->w, "executionSuccessful");
	vit_jw_bool(&s->w, true);
	vit_jw_key(&s->w, "exitCode");
	vit_jw_i64(&s->w, r->exit_code);
	member_c(s, "endTimeUtc", vit_date_second(r->date, date));
	open_array(s, "toolExecutionNotifications");
	for (uint32_t i = 0; i < r->check_count; i++)
		if (vit_check_is(&r->checks[i], "unknown"))
			notification(s, &r->checks[i], "error");
	cut_notification(s);
	vit_jw_array_end(&s->w);
	open_array(s, "toolConfigurationNotifications");
	for (uint32_t i = 0; i < r->check_count; i++)
		if (vit_check_is(&r->checks[i], "not_checked"))
			notification(s, &r->checks[i], "note");
	vit_jw_array_end(&s->w);
	vit_jw_object_end(&s->w);
	vit_jw_array_end(&s->w);
}

static void base_ids(struct sarif *s)
{
	struct vit_str target = s->r->target;

	open_object(s, "originalUriBaseIds");
	open_object(s, "ROOTPATH");
	if (target.n && target.p[0] == '/') {
		vit_buf_clear(&s->text);
		vit_buf_puts(&s->text, "file://");
		vit_esc_uri(&s->text, target);
		if (!vit_str_ends(target, VIT_STR("/")))
			vit_buf_putc(&s->text, '/');
		vit_jw_key(&s->w, "uri");
		vit_jw_str(&s->w, vit_buf_view(&s->text));
	} else {
		vit_buf_clear(&s->text);
		message_part(s, "The audited folder: ", target.n ? target : VIT_STR("."));
		message_object(s, "description");
	}
	vit_jw_object_end(&s->w);
	vit_jw_object_end(&s->w);
}

void vit_render_sarif(const struct vit_report *r, const struct vit_render_options *opt,
		      struct vit_sink *sink)
{
	struct vit_out o;
	struct sarif s = { .o = &o, .r = r, .options = opt };

	vit_out_open(&o, sink);
	vit_buf_init(&s.text, SIZE_MAX / 2);
	vit_json_writer_init(&s.w, vit_out_write, &o, false);
	vit_jw_object(&s.w);
	member_c(&s, "$schema", SCHEMA);
	member_c(&s, "version", "2.1.0");
	open_array(&s, "runs");
	vit_jw_object(&s.w);
	driver(&s);
	open_object(&s, "automationDetails");
	vit_buf_clear(&s.text);
	vit_buf_puts(&s.text, VIT_TOOL_NAME "/");
	vit_buf_str(&s.text, vit_out_clean(&o, r->target_name, 256));
	vit_buf_puts(&s.text, "/");
	vit_jw_key(&s.w, "id");
	vit_jw_str(&s.w, vit_buf_view(&s.text));
	vit_jw_object_end(&s.w);
	base_ids(&s);
	invocation(&s);
	results(&s);
	vit_jw_object_end(&s.w);
	vit_jw_array_end(&s.w);
	vit_jw_object_end(&s.w);
	vit_jw_finish(&s.w);
	vit_buf_release(&s.text);
	vit_out_close(&o);
}
