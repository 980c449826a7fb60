/* JSON, SARIF, JUnit, HTML and GitHub annotations: what machines read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "json/tree.h"
#include "lines.h"
#include "sample.h"

static const char evil[] = "x\0y|<b a=\"1\">&'\x1b[31m\n[k](u){0}]]>\xff\xe2\x80\xae\xef\xbf\xbf%,:\\";
#define FINGERPRINT_0 "1780194ad07acfe5:1"
#define FINGERPRINT_1 "78e95b543065517d:1"
#define EVIL ((struct vit_str){ evil, sizeof(evil) - 1 })

struct fixture {
	struct vit_arena *arena;
	struct vit_report r;
};

static int set_up(void **state)
{
	static struct fixture f;

	f.arena = vit_arena_new();
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	vit_arena_free(f->arena);
	return 0;
}

static const struct vit_report *sample(struct fixture *f)
{
	sample_report(&f->r, f->arena);
	vit_report_decide(&f->r, f->arena, NULL, 20454);
	return &f->r;
}

static const struct vit_report *hostile(struct fixture *f)
{
	hostile_report(&f->r, f->arena, EVIL);
	return &f->r;
}

/* Parsed by our strict reader: no duplicate key, no byte that is no JSON. */
static const struct vit_json *parse(struct fixture *f, const struct vit_report *r,
				    const char *format, bool verbose)
{
	struct vit_buf b = render(r, format, (struct vit_render_options){ .verbose = verbose });
	struct vit_json_doc doc;
	struct vit_err err = { .code = VIT_OK };
	struct vit_str text = vit_arena_str(f->arena, vit_buf_view(&b));

	assert_true(is_harmless(text));
	vit_buf_release(&b);
	enum vit_errc rc = vit_json_parse(f->arena, text, 0, &doc, &err);
	if (rc)
		fail_msg("%s", err.msg);
	assert_int_equal(doc.duplicate_count, 0);
	return doc.root;
}

static void assert_at(const struct vit_json *root, const char *path, const char *expected)
{
	struct vit_str s = vit_json_string(vit_json_at(root, vit_str_c(path)));

	if (!vit_str_is(s, expected))
		fail_msg("%s is \"%.*s\", not \"%s\"", path, VIT_FMT(s), expected);
}

static int64_t int_at(const struct vit_json *root, const char *path)
{
	return vit_json_int(vit_json_at(root, vit_str_c(path)), -1);
}

static const struct vit_json *item(const struct vit_json *list, uint32_t i)
{
	assert_non_null(list);
	assert_true(i < list->count);
	return &list->children[i];
}

static void test_json(void **state)
{
	struct fixture *f = *state;
	const struct vit_json *j = parse(f, sample(f), "json", false);

	assert_at(j, "schema", "vitalis-report/1");
	assert_int_equal(int_at(j, "schema_version"), 1);
	assert_at(j, "tool.name", "vitalis-audit");
	assert_at(j, "tool.version", "0.1.0");
	assert_at(j, "target", "models/gpt-oss-20b");
	assert_at(j, "verdict", "not_ready");
	assert_at(j, "fail_on", "error");
	assert_int_equal(int_at(j, "exit_code"), 1);
	assert_int_equal(int_at(j, "counts.errors"), 1);
	assert_int_equal(int_at(j, "counts.warnings"), 1);
	assert_int_equal(int_at(j, "counts.notes"), 360);
	assert_int_equal(int_at(j, "check_counts.unknown"), 1);

	assert_at(j, "model.family", "gpt_oss");
	assert_int_equal(int_at(j, "model.parameters.total"), 20914757184);
	assert_null(vit_json_at(j, VIT_STR("model.parameters.active")));
	assert_at(j, "model.parameters.evidence.active.basis", "not_assessed");
	assert_at(j, "model.parameters.evidence.total.source", "headers of 3 shards");
	assert_null(vit_json_at(j, VIT_STR("model.unseen")));
	assert_int_equal(int_at(j, "files.tree_total"), 1000);
	assert_int_equal(int_at(j, "forecast.peak_bytes.expected"), 16500000000);
	assert_int_equal(int_at(j, "forecast.peak_bytes.low"), 15000000000);
	assert_at(j, "integrity.not_assessed", "no --verify");
	assert_at(j, "runtimes.not_assessed", "nothing was collected for this section");

	const struct vit_json *row = item(vit_json_at(j, VIT_STR("files.tree")), 0);
	assert_int_equal(row->count, 3); /* the note has no key: text only */
	assert_int_equal(int_at(row, "bytes"), 13761316904);
	assert_at(row, "kind", "weights");
	assert_at(item(vit_json_at(j, VIT_STR("forecast.steps")), 0), "",
		  "Run `hf download openai/gpt-oss-20b` again.");
}

static void test_json_findings(void **state)
{
	struct fixture *f = *state;
	const struct vit_json *j = parse(f, sample(f), "json", false);
	const struct vit_json *findings = vit_json_get_c(j, "findings");

	assert_int_equal(findings->count, 27); /* none is cut here */
	const struct vit_json *x = item(findings, 0);
	assert_at(x, "id", "weights/header-truncated");
	assert_at(x, "severity", "error");
	assert_at(x, "path", "model-00001-of-00003.safetensors");
	assert_int_equal(int_at(x, "offset"), 1024);
	assert_at(x, "expected", "31,456 bytes");
	assert_at(x, "remedy", "Fetch the file again with `hf download`.");
	assert_null(vit_json_get_c(x, "line"));
	assert_null(vit_json_get_c(x, "waived"));
	x = item(findings, 1);
	assert_int_equal(int_at(x, "line"), 3);
	assert_int_equal(int_at(x, "column"), 7);
	assert_at(x, "pointer", "/eos_token_id");
	assert_true(vit_json_string(vit_json_get_c(x, "remedy")).n > 0); /* the catalogue's */

	const struct vit_json *checks = vit_json_get_c(j, "checks");
	assert_int_equal(checks->count, VIT_CK_COUNT);
	for (uint32_t i = 0; i < checks->count; i++) {
		const struct vit_check_info *info = vit_check_info((enum vit_check_id)i);
		assert_at(item(checks, i), "id", info->id);
		assert_at(item(checks, i), "area", vit_area_name(info->area));
	}
	x = item(checks, VIT_CK_system_memory_fit);
	assert_at(x, "state", "unknown");
	assert_at(x, "reason", "sysctl timed out");
	assert_int_equal(int_at(item(checks, VIT_CK_files_unexpected), "findings"), 360);
}

static void test_json_has_no_null(void **state)
{
	struct fixture *f = *state;
	struct vit_buf b = render(sample(f), "json", (struct vit_render_options){ .color = false });

	assert_false(has_text(&b, ": null"));
	vit_buf_release(&b);
}

/* Bytes come back as they were, but for what JSON cannot hold. */
static void test_json_hostile(void **state)
{
	struct fixture *f = *state;
	const struct vit_json *j = parse(f, hostile(f), "json", false);
	static const char back[] =
		"x\0y|<b a=\"1\">&'\x1b[31m\n[k](u){0}]]>\xef\xbf\xbd\xe2\x80\xae\xef\xbf\xbf%,:\\";
	struct vit_str got = vit_json_string(vit_json_get_c(j, "target"));
	const struct vit_json *x = item(vit_json_get_c(j, "findings"), 0);

	assert_int_equal(got.n, sizeof(back) - 1);
	assert_memory_equal(got.p, back, sizeof(back) - 1);
	/* a path that is no UTF-8: its display form, so that two never look alike */
	assert_at(x, "path",
		  "x\\x00y|<b a=\"1\">&'\\x1b[31m\\n[k](u){0}]]>\\xff\\u202e\xef\xbf\xbf%,:\\\\");
	assert_int_equal(int_at(j, "counts.waived"), 1);
}

static const struct vit_json *run_of(const struct vit_json *sarif)
{
	return item(vit_json_get_c(sarif, "runs"), 0);
}

static void test_sarif(void **state)
{
	struct fixture *f = *state;
	const struct vit_json *run = run_of(parse(f, sample(f), "sarif", false));
	const struct vit_json *rules = vit_json_at(run, VIT_STR("tool.driver.rules"));
	const struct vit_json *results = vit_json_get_c(run, "results");

	assert_at(run, "tool.driver.semanticVersion", "0.1.0");
	assert_at(run, "automationDetails.id", "vitalis-audit/gpt-oss-20b/");
	assert_int_equal(results->count, 28); /* 27 findings and the undecided check */
	assert_int_equal(rules->count, 4);
	for (uint32_t i = 0; i < results->count; i++) {
		const struct vit_json *x = item(results, i);
		int64_t index = int_at(x, "ruleIndex");
		assert_in_range(index, 0, rules->count - 1);
		struct vit_str id = vit_json_string(vit_json_get_c(x, "ruleId"));
		assert_true(vit_str_eq(
			id, vit_json_string(vit_json_get_c(item(rules, (uint32_t)index), "id"))));
	}

	const struct vit_json *x = item(results, 0);
	assert_at(x, "level", "error");
	assert_at(x, "message.text",
		  "The header promises more bytes than the file has. Expected: 31,456 bytes; "
		  "actual: 1,016 bytes");
	const struct vit_json *place =
		vit_json_get_c(item(vit_json_get_c(x, "locations"), 0), "physicalLocation");
	assert_at(place, "artifactLocation.uri", "model-00001-of-00003.safetensors");
	assert_at(place, "artifactLocation.uriBaseId", "ROOTPATH");
	assert_int_equal(int_at(place, "region.startLine"), 1);
	assert_int_equal(int_at(place, "region.endColumn"), 1);
	assert_int_equal(int_at(place, "region.byteOffset"), 1024);
	x = item(results, 1);
	place = vit_json_get_c(item(vit_json_get_c(x, "locations"), 0), "physicalLocation");
	assert_int_equal(int_at(place, "region.startLine"), 3);
	assert_int_equal(int_at(place, "region.startColumn"), 7);

	x = item(results, 27);
	assert_at(x, "kind", "open");
	assert_at(x, "level", "none");
	assert_at(x, "message.text", "sysctl timed out");
}

static void test_sarif_invocation(void **state)
{
	struct fixture *f = *state;
	const struct vit_json *run = run_of(parse(f, sample(f), "sarif", false));
	const struct vit_json *x = item(vit_json_get_c(run, "invocations"), 0);

	assert_true(vit_json_bool(vit_json_get_c(x, "executionSuccessful"), false));
	assert_int_equal(int_at(x, "exitCode"), 1);
	assert_at(x, "endTimeUtc", "2026-01-01T00:00:00Z");
	const struct vit_json *notes = vit_json_get_c(x, "toolExecutionNotifications");
	assert_int_equal(notes->count, 2);
	assert_at(item(notes, 0), "associatedRule.id", "system/memory-fit");
	/* 362 findings were counted and 27 kept */
	assert_at(item(notes, 1), "message.text",
		  "335 more findings are not in this file; the JSON report counts them all.");
	assert_at(run, "originalUriBaseIds.ROOTPATH.description.text",
		  "The audited folder: models/gpt-oss-20b");
}

/* The fingerprint is FNV-1a over rule, path, tensor, pointer and place, each
 * closed by 0xff; computed apart (a few lines of Python) from the published
 * constants of the hash. It does not depend on the message. */
static void test_sarif_fingerprint(void **state)
{
	struct fixture *f = *state;
	const struct vit_json *results = vit_json_get_c(run_of(parse(f, sample(f), "sarif", false)),
							"results");

	assert_at(item(results, 0), "partialFingerprints.primaryLocationLineHash", FINGERPRINT_0);
	assert_at(item(results, 1), "partialFingerprints.primaryLocationLineHash", FINGERPRINT_1);
	f->r.findings[0].message = VIT_STR("Other words.");
	results = vit_json_get_c(run_of(parse(f, &f->r, "sarif", false)), "results");
	assert_at(item(results, 0), "partialFingerprints.primaryLocationLineHash", FINGERPRINT_0);
}

static void test_sarif_hostile(void **state)
{
	struct fixture *f = *state;
	const struct vit_json *run = run_of(parse(f, hostile(f), "sarif", true));
	const struct vit_json *results = vit_json_get_c(run, "results");
	const struct vit_json *x = item(results, 0);
	const struct vit_json *place =
		vit_json_get_c(item(vit_json_get_c(x, "locations"), 0), "physicalLocation");

	assert_at(place, "artifactLocation.uri",
		  "x%00y%7C%3Cb%20a%3D%221%22%3E%26%27%1B%5B31m%0A%5Bk%5D%28u%29%7B0%7D%5D%5D%3E%FF"
		  "%E2%80%AE%EF%BF%BF%25%2C%3A%5C");
	/* decoded, the message is in display form, and has neither link nor placeholder */
	struct vit_str text = vit_json_string(vit_json_at(x, VIT_STR("message.text")));
	assert_true(is_harmless(text));
	assert_int_equal(vit_str_find(text, VIT_STR("k](u)"), 0), SIZE_MAX);
	assert_true(vit_str_find(text, VIT_STR("[k\\](u){{0}"), 0) != SIZE_MAX);

	unsigned waived = 0;
	for (uint32_t i = 0; i < results->count; i++) {
		const struct vit_json *s = vit_json_get_c(item(results, i), "suppressions");
		if (!s || s->count == 0)
			continue;
		waived++;
		assert_at(item(s, 0), "kind", "external");
		assert_true(vit_json_string(vit_json_get_c(item(s, 0), "justification")).n > 0);
	}
	assert_int_equal(waived, 1);
	/* on request every check is a result */
	assert_int_equal(results->count, 4 + (VIT_CK_COUNT - 2));
}

static void test_sarif_absolute_target(void **state)
{
	struct fixture *f = *state;

	sample(f);
	f->r.target = VIT_STR("/srv/my models/x");
	const struct vit_json *run = run_of(parse(f, &f->r, "sarif", false));
	assert_at(run, "originalUriBaseIds.ROOTPATH.uri", "file:///srv/my%20models/x/");
}

static void test_sarif_cap(void **state)
{
	struct fixture *f = *state;
	const uint32_t n = 6000;

	sample_report(&f->r, f->arena);
	f->r.findings = VIT_NEW_ARRAY(f->arena, n, struct vit_report_finding);
	f->r.finding_count = n;
	for (uint32_t i = 0; i < n; i++)
		f->r.findings[i] = (struct vit_report_finding){
			.id = VIT_CK_files_unexpected,
			.severity = VIT_SEV_NOTE,
			.path = VIT_STR("a"),
			.message = VIT_STR("m"),
		};
	f->r.checks[VIT_CK_files_unexpected].findings = n;
	f->r.checks[VIT_CK_config_token_ids].findings = 0;
	f->r.checks[VIT_CK_weights_header_truncated].findings = 0;
	f->r.checks[VIT_CK_system_memory_fit].state = "pass";
	vit_report_decide(&f->r, f->arena, NULL, 20454);
	const struct vit_json *run = run_of(parse(f, &f->r, "sarif", false));
	assert_int_equal(vit_json_get_c(run, "results")->count, 5000);
	const struct vit_json *x = item(vit_json_get_c(run, "invocations"), 0);
	assert_at(item(vit_json_get_c(x, "toolExecutionNotifications"), 0), "message.text",
		  "1,000 more findings are not in this file; the JSON report counts them all.");
}

static void test_junit(void **state)
{
	struct fixture *f = *state;
	struct vit_buf b = render(sample(f), "junit", (struct vit_render_options){ .color = false });
	struct vit_buf head;

	vit_buf_init(&head, 1000);
	vit_buf_printf(&head,
		       "<testsuites name=\"vitalis-audit gpt-oss-20b\" tests=\"%d\" failures=\"1\" "
		       "errors=\"1\" skipped=\"%d\" time=\"0\" timestamp=\"2026-01-01T00:00:00Z\">",
		       VIT_CK_COUNT, VIT_CK_COUNT - 5);
	assert_line(&b, head.p);
	vit_buf_release(&head);
	assert_line(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	assert_line(&b, "      <failure type=\"error\" message=\"The header promises more bytes than the "
			"file has.\">error: model-00001-of-00003.safetensors: byte 1,024: The header "
			"promises more bytes than the file has.");
	assert_line(&b, "  actual: 1,016 bytes");
	assert_line(&b, "fix: Fetch the file again with `hf download`.</failure>");
	assert_line(&b, "      <error message=\"sysctl timed out\"/>");
	assert_line(&b, "      <skipped message=\"no tokenizer is needed\"/>");
	/* below the threshold: said, and no failure */
	assert_line(&b, "      <system-out>warning: config.json: line 3, column 7: The ids of the end "
			"token differ.");
	assert_line(&b, "and 340 more");
	assert_true(has_text(&b, "classname=\"vitalis.weights\""));
	vit_buf_release(&b);
}

static void test_junit_hostile(void **state)
{
	struct fixture *f = *state;
	struct vit_buf b = render(hostile(f), "junit", (struct vit_render_options){ .color = false });

	assert_true(is_harmless(vit_buf_view(&b)));
	assert_true(has_text(&b, "x\\x00y|&lt;b a=&quot;1&quot;&gt;&amp;&#39;\\x1b[31m\\n[k](u){0}]]&gt;"
				 "\\xff\\u202e\\uffff%,:\\\\"));
	assert_false(has_text(&b, "<b a"));
	assert_false(has_text(&b, "\xef\xbf\xbf"));
	vit_buf_release(&b);
}

static void test_html(void **state)
{
	struct fixture *f = *state;
	struct vit_buf b = render(sample(f), "html", (struct vit_render_options){ .color = false });

	assert_line(&b, "<!DOCTYPE html>");
	assert_line(&b, "<h1>Model audit: gpt-oss-20b</h1>");
	assert_line(&b, "<p>Verdict: <strong class=\"verdict error\">NOT READY</strong> for the model "
			"(no job given)</p>");
	assert_line(&b, "<h2 id=\"model\">3. Architecture</h2>");
	assert_line(&b, "<tr><td>Total</td><td>20,914,757,184</td><td>measured</td><td>headers of 3 "
			"shards</td></tr>");
	assert_line(&b, "<p>Not assessed: no --verify.</p>");
	/* self-contained, and works without script */
	assert_false(has_text(&b, "<script"));
	assert_false(has_text(&b, "src="));
	assert_false(has_text(&b, "http://"));
	assert_false(has_text(&b, "https://"));
	assert_false(has_text(&b, "@import"));
	assert_false(has_text(&b, "url("));
	vit_buf_release(&b);
}

static void test_html_hostile(void **state)
{
	struct fixture *f = *state;
	struct vit_buf b = render(hostile(f), "html", (struct vit_render_options){ .verbose = true });

	assert_true(is_harmless(vit_buf_view(&b)));
	assert_line(&b, "<h1>Model audit: x\\x00y|&lt;b a=&quot;1&quot;&gt;&amp;&#39;\\x1b[31m\\n[k](u){0}"
			"]]&gt;\\xff\\u202e\xef\xbf\xbf%,:\\\\</h1>");
	assert_false(has_text(&b, "<b a"));
	vit_buf_release(&b);
}

static void test_github(void **state)
{
	struct fixture *f = *state;
	struct vit_buf b = render(sample(f), "github", (struct vit_render_options){ .color = false });
	struct vit_str rest = vit_buf_view(&b), line;
	unsigned notices = 0;

	assert_line(&b, "::error file=models/gpt-oss-20b/model-00001-of-00003.safetensors,"
			"title=weights/header-truncated::The header promises more bytes than the file "
			"has. expected: 31,456 bytes; actual: 1,016 bytes");
	assert_line(&b, "::warning file=models/gpt-oss-20b/config.json,line=3,col=7,"
			"title=config/token-ids::The ids of the end token differ.");
	while (vit_str_line(&rest, &line))
		notices += vit_str_starts(line, VIT_STR("::notice "));
	assert_int_equal(notices, 10); /* all that GitHub shows, the last for the rest */
	assert_line(&b, "::notice title=vitalis-audit::NOT READY: gpt-oss-20b; 351 more findings are in "
			"the report");
	vit_buf_release(&b);
}

/* No name can start a line, so none can give the runner a command. */
static void test_github_hostile(void **state)
{
	struct fixture *f = *state;

	hostile_report(&f->r, f->arena, VIT_STR("a\n::set-output name=x::y\r\n::error::z"));
	struct vit_buf b = render(&f->r, "github", (struct vit_render_options){ .color = false });
	struct vit_str rest = vit_buf_view(&b), line;

	while (vit_str_line(&rest, &line)) {
		assert_true(vit_str_starts(line, VIT_STR("::error file=")) ||
			    vit_str_starts(line, VIT_STR("::warning file=")) ||
			    vit_str_starts(line, VIT_STR("::notice ")));
		assert_true(vit_str_find(line, VIT_STR("title="), 0) != SIZE_MAX);
	}
	vit_buf_release(&b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_json),
		T(test_json_findings),
		T(test_json_has_no_null),
		T(test_json_hostile),
		T(test_sarif),
		T(test_sarif_invocation),
		T(test_sarif_fingerprint),
		T(test_sarif_hostile),
		T(test_sarif_absolute_target),
		T(test_sarif_cap),
		T(test_junit),
		T(test_junit_hostile),
		T(test_html),
		T(test_html_hostile),
		T(test_github),
		T(test_github_hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
