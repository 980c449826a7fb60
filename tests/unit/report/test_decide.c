/* Verdict and exit code for every combination that decides them. The catalogue
 * is the real one, but one id is frozen here whether it is there or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "catalog/catalog.h"

#define FROZEN_ID VIT_CK_weights_header_truncated
#define ERROR_ID  VIT_CK_weights_duplicate_name
#define WARN_ID   VIT_CK_config_token_ids
#define NOTE_ID   VIT_CK_files_unexpected
static const struct vit_check_info *catalogue(enum vit_check_id id);
#define vit_check_info(id) catalogue(id)
#include "report/decide.c" /* to give it the catalogue above */

static const struct vit_check_info frozen_row = { .severity = VIT_SEV_FROZEN };
static const struct vit_check_info error_row = { .severity = VIT_SEV_ERROR };
static const struct vit_check_info warning_row = { .severity = VIT_SEV_WARNING };
static const struct vit_check_info note_row = { .severity = VIT_SEV_NOTE };

static const struct vit_check_info *catalogue(enum vit_check_id id)
{
	if (id == FROZEN_ID)
		return &frozen_row;
	if (id == WARN_ID)
		return &warning_row;
	return id == NOTE_ID ? &note_row : &error_row;
}

struct fixture {
	struct vit_arena *arena;
	struct vit_report r;
	struct vit_policy policy;
};

static int set_up(void **state)
{
	static struct fixture f;

	f.arena = vit_arena_new();
	vit_report_init(&f.r, f.arena);
	f.r.findings = VIT_NEW_ARRAY(f.arena, 16, struct vit_report_finding);
	f.policy = (struct vit_policy){ .source = VIT_STR("policy.yaml"), .fail_on = VIT_SEV_ERROR };
	f.policy.waivers = VIT_NEW_ARRAY(f.arena, 4, struct vit_waiver);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	vit_arena_free(f->arena);
	return 0;
}

static struct vit_report_finding *add(struct fixture *f, enum vit_check_id id, const char *path)
{
	struct vit_report_finding *x = &f->r.findings[f->r.finding_count++];

	*x = (struct vit_report_finding){ .id = id, .severity = vit_check_info(id)->severity,
					  .path = vit_str_c(path), .message = VIT_STR("Bad.") };
	f->r.checks[id].state = "fail";
	f->r.checks[id].findings++;
	return x;
}

static void waive(struct fixture *f, enum vit_check_id id, const char *glob, int64_t until)
{
	f->policy.waivers[f->policy.waiver_count++] = (struct vit_waiver){
		.id = id, .path = vit_str_c(glob), .reason = VIT_STR("known"), .until = until,
	};
}

#define TODAY 20454 /* 2026-01-01 */

static void decide(struct fixture *f)
{
	vit_report_decide(&f->r, f->arena, &f->policy, TODAY);
}

static void assert_verdict(const struct fixture *f, enum vit_verdict v, int code)
{
	assert_string_equal(vit_verdict_name(f->r.verdict), vit_verdict_name(v));
	assert_int_equal(f->r.exit_code, code);
}

static void test_nothing_checked(void **state)
{
	struct fixture *f = *state;

	decide(f);
	assert_verdict(f, VIT_VERDICT_INCONCLUSIVE, 2);
	f->r.checks[WARN_ID].state = "not_applicable";
	decide(f);
	assert_verdict(f, VIT_VERDICT_INCONCLUSIVE, 2);
	f->r.checks[ERROR_ID].state = "pass";
	decide(f);
	assert_verdict(f, VIT_VERDICT_READY, 0);
	assert_int_equal(f->r.passed, 1);
	assert_int_equal(f->r.not_applicable, 1);
	assert_int_equal(f->r.not_checked, VIT_CK_COUNT - 2);
}

static void test_unknown(void **state)
{
	struct fixture *f = *state;

	f->r.checks[ERROR_ID].state = "pass";
	f->r.checks[NOTE_ID].state = "unknown";
	decide(f);
	assert_verdict(f, VIT_VERDICT_INCONCLUSIVE, 2);
	add(f, WARN_ID, "a"); /* below the threshold: still inconclusive */
	decide(f);
	assert_verdict(f, VIT_VERDICT_INCONCLUSIVE, 2);
	add(f, FROZEN_ID, "a"); /* findings that decide come first */
	decide(f);
	assert_verdict(f, VIT_VERDICT_NOT_READY, 1);
	assert_int_equal(f->r.unknown, 1);
}

/* fail_on x severity: exit code, and the verdict when it is 0. */
static void test_thresholds(void **state)
{
	static const enum vit_check_id ids[] = { NOTE_ID, WARN_ID, ERROR_ID, FROZEN_ID };
	static const int codes[3][4] = { { 1, 1, 1, 1 }, { 0, 1, 1, 1 }, { 0, 0, 1, 1 } };

	for (unsigned on = VIT_SEV_NOTE; on <= VIT_SEV_ERROR; on++) {
		for (unsigned s = 0; s < 4; s++) {
			tear_down(state);
			set_up(state);
			struct fixture *f = *state;
			f->policy.fail_on = (enum vit_severity)on;
			add(f, ids[s], "a");
			decide(f);
			assert_int_equal(f->r.exit_code, codes[on][s]);
			if (codes[on][s])
				assert_int_equal(f->r.verdict, VIT_VERDICT_NOT_READY);
			else
				assert_int_equal(f->r.verdict, s == 0 ? VIT_VERDICT_READY :
									VIT_VERDICT_WARNINGS);
			assert_int_equal(f->r.errors, s >= 2);
			assert_int_equal(f->r.warnings, s == 1);
			assert_int_equal(f->r.notes, s == 0);
			/* frozen never shows outside */
			assert_int_equal(f->r.findings[0].severity, s < 2 ? s : 2);
		}
	}
}

static void test_severities(void **state)
{
	struct fixture *f = *state;

	f->policy.has_severity[ERROR_ID] = f->policy.has_severity[NOTE_ID] = true;
	f->policy.severity[ERROR_ID] = VIT_SEV_NOTE;
	f->policy.severity[NOTE_ID] = VIT_SEV_WARNING;
	add(f, ERROR_ID, "a");
	add(f, NOTE_ID, "b");
	decide(f);
	assert_verdict(f, VIT_VERDICT_WARNINGS, 0);
	assert_int_equal(f->r.checks[ERROR_ID].severity, VIT_SEV_NOTE);
	assert_int_equal(f->r.checks[NOTE_ID].severity, VIT_SEV_WARNING);
	assert_int_equal(f->r.findings[0].id, NOTE_ID);
	assert_int_equal(f->r.findings[0].severity, VIT_SEV_WARNING);
}

static void test_frozen(void **state)
{
	struct fixture *f = *state;

	f->policy.has_severity[FROZEN_ID] = true;
	f->policy.severity[FROZEN_ID] = VIT_SEV_NOTE;
	f->policy.off[FROZEN_ID] = true;
	add(f, FROZEN_ID, "a");
	decide(f);
	assert_verdict(f, VIT_VERDICT_NOT_READY, 1);
	assert_int_equal(f->r.finding_count, 1);
	assert_int_equal(f->r.findings[0].severity, VIT_SEV_ERROR);
	assert_int_equal(f->r.checks[FROZEN_ID].severity, VIT_SEV_ERROR);
	assert_string_equal(f->r.checks[FROZEN_ID].state, "fail");
}

static void test_off(void **state)
{
	struct fixture *f = *state;

	f->policy.off[ERROR_ID] = true;
	add(f, ERROR_ID, "a");
	add(f, NOTE_ID, "b");
	decide(f);
	assert_verdict(f, VIT_VERDICT_READY, 0);
	assert_int_equal(f->r.finding_count, 1);
	assert_int_equal(f->r.findings[0].id, NOTE_ID);
	assert_string_equal(f->r.checks[ERROR_ID].state, "not_checked");
	assert_true(vit_str_is(f->r.checks[ERROR_ID].reason, "switched off by the policy"));
	assert_int_equal(f->r.checks[ERROR_ID].findings, 0);
	f->policy.off[NOTE_ID] = true; /* nothing is left that was checked */
	decide(f);
	assert_verdict(f, VIT_VERDICT_INCONCLUSIVE, 2);
}

static void test_waivers(void **state)
{
	struct fixture *f = *state;

	waive(f, ERROR_ID, "shards/*.safetensors", TODAY); /* its last day */
	add(f, ERROR_ID, "shards/a.safetensors");
	decide(f);
	assert_verdict(f, VIT_VERDICT_READY, 0);
	assert_int_equal(f->r.waived, 1);
	assert_int_equal(f->r.errors, 0);
	assert_true(f->r.findings[0].waived);
	assert_true(vit_str_is(f->r.findings[0].waiver, "known (until 2026-01-01)"));
	assert_string_equal(f->r.checks[ERROR_ID].state, "fail");

	add(f, ERROR_ID, "shards/deep/a.safetensors"); /* * stops at / */
	decide(f);
	assert_verdict(f, VIT_VERDICT_NOT_READY, 1);
	assert_int_equal(f->r.errors, 1);
	assert_int_equal(f->r.waived, 1);

	waive(f, ERROR_ID, "", INT64_MAX); /* any path, without end */
	decide(f);
	assert_verdict(f, VIT_VERDICT_READY, 0);
	assert_true(vit_str_is(f->r.findings[1].waiver, "known"));

	add(f, WARN_ID, "shards/a.safetensors"); /* of another id */
	decide(f);
	assert_verdict(f, VIT_VERDICT_WARNINGS, 0);
}

static void test_expired_waiver(void **state)
{
	struct fixture *f = *state;

	waive(f, ERROR_ID, "", TODAY - 1);
	add(f, ERROR_ID, "a");
	decide(f);
	assert_verdict(f, VIT_VERDICT_NOT_READY, 1);
	assert_false(f->r.findings[0].waived);
	assert_true(vit_str_is(f->r.findings[0].message,
			       "Bad. (Its waiver ended on 2025-12-31: known)"));
}

static void test_baseline(void **state)
{
	struct fixture *f = *state;
	struct vit_baseline_entry entries[] = {
		{ ERROR_ID, VIT_STR("a"), VIT_STR("/x"), VIT_STR("t\0t") },
		{ WARN_ID, VIT_STR("a"), VIT_STR_EMPTY, VIT_STR_EMPTY },
	};

	f->policy.baseline = entries;
	f->policy.baseline_count = 2;
	struct vit_report_finding *x = add(f, ERROR_ID, "a");
	x->pointer = VIT_STR("/x");
	x->tensor = VIT_STR("t\0t");
	add(f, WARN_ID, "b"); /* another path */
	decide(f);
	assert_verdict(f, VIT_VERDICT_WARNINGS, 0);
	assert_true(f->r.findings[0].waived);
	assert_true(vit_str_is(f->r.findings[0].waiver, "accepted by the baseline"));
	assert_false(f->r.findings[1].waived);

	/* "/x" + "t\0t" is not "/xt" + "\0t" */
	x = add(f, ERROR_ID, "a");
	x->pointer = VIT_STR("/xt");
	x->tensor = VIT_STR("\0t");
	decide(f);
	assert_verdict(f, VIT_VERDICT_NOT_READY, 1);
	assert_int_equal(f->r.errors, 1);
}

/* Findings that were counted and not kept decide as their kept siblings do. */
static void test_dropped(void **state)
{
	struct fixture *f = *state;

	add(f, ERROR_ID, "a");
	f->r.checks[ERROR_ID].findings = 1500;
	waive(f, ERROR_ID, "a", INT64_MAX);
	decide(f);
	assert_verdict(f, VIT_VERDICT_NOT_READY, 1);
	assert_int_equal(f->r.errors, 1499);
	assert_int_equal(f->r.waived, 1);
	assert_int_equal(f->r.checks[ERROR_ID].dropped, 1499);
	waive(f, ERROR_ID, "", INT64_MAX);
	decide(f);
	assert_verdict(f, VIT_VERDICT_READY, 0);
	assert_int_equal(f->r.waived, 1500);

	/* a pass lowered its findings to notes: the rest are notes as well */
	struct vit_report_finding *x = add(f, WARN_ID, "a");
	x->severity = VIT_SEV_NOTE;
	f->r.checks[WARN_ID].findings = 10;
	decide(f);
	assert_verdict(f, VIT_VERDICT_READY, 0);
	assert_int_equal(f->r.notes, 10);
}

static void test_order(void **state)
{
	struct fixture *f = *state;
	static const char *const paths[] = { "b", "a", "a", "a", "a", "z" };
	static const uint32_t lines[] = { 1, 9, 2, 2, 2, 1 };
	static const uint64_t offsets[] = { 0, 0, 300, 20, 20, 0 };

	for (unsigned i = 0; i < 6; i++) {
		struct vit_report_finding *x = add(f, ERROR_ID, paths[i]);
		x->line = lines[i];
		x->offset = offsets[i];
		x->has_offset = i == 2 || i == 3 || i == 4;
		x->message = vit_arena_printf(f->arena, "%u", i);
	}
	f->r.findings[5].severity = VIT_SEV_ERROR;
	for (unsigned i = 0; i < 5; i++)
		f->r.findings[i].severity = VIT_SEV_WARNING;
	f->r.findings[3].id = WARN_ID > ERROR_ID ? WARN_ID : ERROR_ID;
	f->r.findings[4].id = WARN_ID > ERROR_ID ? ERROR_ID : WARN_ID;
	vit_report_decide(&f->r, f->arena, NULL, TODAY);
	char got[7] = { 0 };
	for (unsigned i = 0; i < 6; i++)
		got[i] = f->r.findings[i].message.p[0];
	/* severity falls; then path, line, offset, id */
	assert_string_equal(got, "543210");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_nothing_checked), T(test_unknown),        T(test_thresholds),
		T(test_severities),      T(test_frozen),         T(test_off),
		T(test_waivers),         T(test_expired_waiver), T(test_baseline),
		T(test_dropped),         T(test_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
