/* The loader of vitalis-policy/1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "spec/policy.h"

static struct vit_arena *arena;
static struct vit_policy policy;
static struct vit_err err;

static int set_up(void **state)
{
	(void)state;
	arena = vit_arena_new();
	err = (struct vit_err){ .code = VIT_OK };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

static enum vit_errc load(const char *yaml)
{
	return vit_policy_load(arena, vit_str_c(yaml), VIT_STR("p.yaml"), &policy, &err);
}

static void assert_refused(const char *yaml, const char *message)
{
	assert_int_equal(load(yaml), VIT_E_USAGE);
	assert_string_equal(err.msg, message);
}

static void test_smallest(void **state)
{
	(void)state;
	assert_int_equal(load("schema: vitalis-policy/1\n"), VIT_OK);
	assert_int_equal(policy.fail_on, VIT_SEV_ERROR);
	assert_int_equal(policy.waiver_count, 0);
	assert_int_equal(policy.baseline_count, 0);
	assert_false(policy.off[VIT_CK_files_unexpected]);
	assert_true(vit_str_is(policy.source, "p.yaml"));
}

static void test_whole(void **state)
{
	(void)state;
	assert_int_equal(load("schema: vitalis-policy/1\n"
			      "fail_on: warning\n"
			      "severity:\n"
			      "  files/unexpected: error\n"
			      "  config/token-ids: off\n"
			      "waivers:\n"
			      "  - id: weights/trailing-bytes\n"
			      "    path: \"model-*.safetensors\"\n"
			      "    reason: our exporter pads\n"
			      "    until: 2026-01-01\n"
			      "  - { id: files/code, reason: reviewed }\n"
			      "baseline:\n"
			      "  - { id: files/unexpected, path: a.txt, pointer: /x, tensor: t }\n"),
			 VIT_OK);
	assert_int_equal(policy.fail_on, VIT_SEV_WARNING);
	assert_true(policy.has_severity[VIT_CK_files_unexpected]);
	assert_int_equal(policy.severity[VIT_CK_files_unexpected], VIT_SEV_ERROR);
	assert_true(policy.off[VIT_CK_config_token_ids]);
	assert_false(policy.has_severity[VIT_CK_config_token_ids]);
	assert_int_equal(policy.waiver_count, 2);
	assert_int_equal(policy.waivers[0].id, VIT_CK_weights_trailing_bytes);
	assert_true(vit_str_is(policy.waivers[0].path, "model-*.safetensors"));
	assert_true(vit_str_is(policy.waivers[0].reason, "our exporter pads"));
	assert_int_equal(policy.waivers[0].until, 20454); /* date -ud 2026-01-01 +%s / 86400 */
	assert_int_equal(policy.waivers[0].line, 7);
	assert_int_equal(policy.waivers[1].path.n, 0);
	assert_int_equal(policy.waivers[1].until, INT64_MAX);
	assert_int_equal(policy.baseline_count, 1);
	assert_true(vit_str_is(policy.baseline[0].pointer, "/x"));
	assert_true(vit_str_is(policy.baseline[0].tensor, "t"));
}

static void test_refusals(void **state)
{
#define HEAD "schema: vitalis-policy/1\n"
	(void)state;
	assert_refused("fail_on: error\n", "p.yaml:1:1: \"schema: vitalis-policy/1\" is required");
	assert_refused("schema: vitalis-spec/1\n", "p.yaml:1:9: the schema must be vitalis-policy/1");
	assert_refused(HEAD "failon: error\n",
		       "p.yaml:2:1: unknown key \"failon\", did you mean \"fail_on\"?");
	assert_refused(HEAD "fail_on: fatal\n", "p.yaml:2:10: error, warning or note is expected here");
	assert_refused(HEAD "severity: { weights/duplicate-nam: note }\n",
		       "p.yaml:2:13: no check has the id \"weights/duplicate-nam\", did you mean "
		       "\"weights/duplicate-name\"?");
	assert_refused(HEAD "severity: { files/code: loud }\n",
		       "p.yaml:2:25: error, warning, note or off is expected here");
	assert_refused(HEAD "severity: [files/code]\n", "p.yaml:2:11: a mapping is expected here, not a list");
	assert_refused(HEAD "waivers:\n  - { id: files/code }\n", "p.yaml:3:5: a waiver needs a reason");
	assert_refused(HEAD "waivers:\n  - { reason: x }\n", "p.yaml:3:5: an id is required here");
	assert_refused(HEAD "waivers:\n  - { id: files/code, reason: x, until: 2026-02-29 }\n",
		       "p.yaml:3:41: a day is expected here, as 2026-12-31");
	assert_refused(HEAD "waivers:\n  - { id: files/code, reason: ' ' }\n",
		       "p.yaml:3:31: reason may not be empty");
	assert_refused(HEAD "baseline:\n  - { id: files/code, lineno: 3 }\n",
		       "p.yaml:3:23: unknown key \"lineno\"");
}

/* Leap days: 2028 has one, 2100 has none. */
static void test_days(void **state)
{
	(void)state;
	assert_int_equal(load(HEAD "waivers: [{ id: files/code, reason: x, until: 2028-02-29 }]\n"), VIT_OK);
	assert_int_equal(policy.waivers[0].until, 21243);
	assert_int_equal(load(HEAD "waivers: [{ id: files/code, reason: x, until: 1970-01-01 }]\n"), VIT_OK);
	assert_int_equal(policy.waivers[0].until, 0);
	assert_int_equal(load(HEAD "waivers: [{ id: files/code, reason: x, until: 2100-02-29 }]\n"),
			 VIT_E_USAGE);
}

static void test_frozen_cannot_be_demoted(void **state)
{
	enum vit_check_id id = VIT_CK_COUNT;
	static const char *const demotions[] = { "warning", "note", "off" };

	(void)state;
	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		if (vit_check_info((enum vit_check_id)i)->severity == VIT_SEV_FROZEN)
			id = (enum vit_check_id)i;
	if (id == VIT_CK_COUNT)
		skip(); /* the catalogue freezes no id */
	for (unsigned i = 0; i < 3; i++) {
		struct vit_str yaml = vit_arena_printf(arena, HEAD "severity: { %s: %s }\n",
						       vit_check_info(id)->id, demotions[i]);
		assert_int_equal(load(yaml.p), VIT_E_USAGE);
		assert_non_null(strstr(err.msg, "no policy may demote"));
	}
	struct vit_str yaml = vit_arena_printf(arena, HEAD "severity: { %s: error }\n",
					       vit_check_info(id)->id);
	assert_int_equal(load(yaml.p), VIT_OK);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_smallest), T(test_whole), T(test_refusals), T(test_days),
		T(test_frozen_cannot_be_demoted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
