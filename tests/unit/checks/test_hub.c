/* What the hub says: facts as literals, exactly the ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/hub.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_hub, &vit_pass_hub_copy };
const size_t vit_pass_count = 2;

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define GIT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct vit_hub_entry published[] = {
	{ .path = { "config.json", 11 }, .size = 800, .digest = { GIT_A, 40 } },
	{ .path = { "model.safetensors", 17 }, .size = 4096, .lfs = true, .digest = { SHA_A, 64 } },
};

static void add_remote(struct check_case *c)
{
	c->facts.remote = (struct vit_remote){ .kind = VIT_REMOTE_HUB, .repo = VIT_STR("org/name"),
					       .asked_repo = VIT_STR("org/name"), .listing = published,
					       .listing_count = 2 };
}

static void repository(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_moved], VIT_STATE_NOT_CHECKED);
	case_free(&c);

	case_new(&c);
	add_remote(&c);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_moved], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_listing], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_unlike_pin], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);

	/* Upper and lower case make no other name. */
	case_new(&c);
	add_remote(&c);
	c.facts.remote.asked_repo = VIT_STR("Org/Name");
	assert_string_equal(case_run(&c), "");
	case_free(&c);

	case_new(&c);
	add_remote(&c);
	c.facts.remote.asked_repo = VIT_STR("old/name");
	c.facts.remote.bad_entries = 1;
	assert_string_equal(case_run(&c), "integrity/hub-moved:note integrity/hub-listing:warning");
	case_free(&c);
}

static void one_pin(struct check_case *c, struct vit_architecture *ar, struct vit_spec *model,
		    struct vit_spec_file *file, struct vit_spec_file_version *v)
{
	case_new(c);
	add_remote(c);
	file->versions = v;
	file->version_count = 2;
	model->id = VIT_STR("name");
	model->files = file;
	model->file_count = 1;
	ar->model = model;
}

static void against_the_pin(void **state)
{
	struct vit_spec_file_version two[2] = { { .sha256 = VIT_STR(SHA_B) }, { .sha256 = VIT_STR(SHA_A) } };
	struct vit_spec_file_version other[2] = { { .sha256 = VIT_STR(SHA_B) }, { .has_bytes = true, .bytes = 4096 } };
	struct vit_spec_file file = { .path = VIT_STR("model.safetensors") };
	struct vit_architecture ar = { 0 };
	struct vit_spec model = { 0 };
	struct check_case c;
	struct vit_case k;

	(void)state;
	/* The hub's digest is that of the second revision that the spec knows. */
	one_pin(&c, &ar, &model, &file, two);
	k = (struct vit_case){ .facts = &c.facts, .architecture = &ar };
	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		c.ev.selected[i] = true;
	vit_pass_hub.run(&k, &c.ev);
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_unlike_pin], VIT_STATE_PASS);
	case_free(&c);

	one_pin(&c, &ar, &model, &file, other);
	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		c.ev.selected[i] = true;
	vit_pass_hub.run(&k, &c.ev);
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_unlike_pin], VIT_STATE_FAIL);
	/* "integrity/hub-unlike-pin:error" */
	assert_true(vit_str_is(case_finding(&c, VIT_CK_integrity_hub_unlike_pin)->actual, "sha256 " SHA_A));
	case_free(&c);
}

#define COMMIT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define COMMIT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* A copy with one published file and one of its own, compared as `f` says. */
static void add_copy(struct check_case *c, struct vit_hub_file *f, uint32_t count)
{
	case_new(c);
	add_remote(c);
	c->facts.remote.kind = VIT_REMOTE_NONE;
	c->facts.remote.revision = VIT_STR(COMMIT_A);
	c->facts.remote.asked_revision = VIT_STR("main");
	c->facts.hub = (struct vit_hub){ .asked = true, .head = VIT_STR(COMMIT_A), .local_revision = VIT_STR(COMMIT_A),
					 .files = f, .file_count = count };
}

static void copies(void **state)
{
	/* Rows of the folder are sorted: config.json, model.safetensors, odd.py, README.md first. */
	static const struct {
		const char *path;
		enum vit_file_kind kind;
		struct vit_hub_file f;
		const char *fires;
	} t[] = {
		{ "config.json", VIT_FK_CONFIG, { .state = VIT_HUB_SAME }, "" },
		{ "config.json", VIT_FK_CONFIG, { .state = VIT_HUB_NOTED }, "" },
		{ "config.json", VIT_FK_CONFIG, { .state = VIT_HUB_SIZE }, "" },
		{ "config.json", VIT_FK_CONFIG, { .state = VIT_HUB_ALTERED, .digest = { COMMIT_B, 40 } },
		  "integrity/hub-altered:error" },
		{ "config.json", VIT_FK_CONFIG, { .state = VIT_HUB_STALE, .digest = { COMMIT_B, 40 } },
		  "integrity/hub-stale:error" },
		{ "config.json", VIT_FK_DOC, { .state = VIT_HUB_STALE, .digest = { COMMIT_B, 40 } },
		  "integrity/hub-stale:note" },
		{ "odd.py", VIT_FK_CODE, { .state = VIT_HUB_EXTRA, .entry = UINT32_MAX }, "integrity/hub-extra:warning" },
		{ "odd.safetensors", VIT_FK_WEIGHTS, { .state = VIT_HUB_EXTRA, .entry = UINT32_MAX },
		  "integrity/hub-extra:warning" },
		{ "odd.md", VIT_FK_DOC, { .state = VIT_HUB_EXTRA, .entry = UINT32_MAX }, "" },
		{ "odd.lock", VIT_FK_META, { .state = VIT_HUB_EXTRA, .entry = UINT32_MAX }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct vit_hub_file f = t[i].f;
		struct check_case c;
		f.path = vit_str_c(t[i].path);
		add_copy(&c, &f, 1);
		case_file(&c, t[i].path, t[i].kind, 800);
		assert_string_equal(case_run(&c), t[i].fires);
		if (t[i].fires[0] == 0)
			assert_int_equal(c.ev.states[VIT_CK_integrity_hub_altered], VIT_STATE_PASS);
		case_free(&c);
	}
}

static void what_is_missed(void **state)
{
	static const struct { const char *path; bool safetensors; const char *fires; } t[] = {
		{ "config.json", true, "integrity/hub-missing:error" },
		{ "model.safetensors", true, "integrity/hub-missing:error" },
		/* The copy holds another format on purpose. */
		{ "model.safetensors", false, "integrity/hub-missing:note" },
		{ "pytorch_model.bin", true, "integrity/hub-missing:note" },
		{ "original/config.json", true, "integrity/hub-missing:note" },
		{ "README.md", true, "integrity/hub-missing:note" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct vit_hub_file f = { .path = vit_str_c(t[i].path), .file = UINT32_MAX, .state = VIT_HUB_MISSING };
		struct check_case c;
		add_copy(&c, &f, 1);
		case_file(&c, t[i].safetensors ? "other.safetensors" : "x.gguf",
			  t[i].safetensors ? VIT_FK_WEIGHTS : VIT_FK_GGUF, 800);
		assert_string_equal(case_run(&c), t[i].fires);
		case_free(&c);
	}
}

static void revisions(void **state)
{
	struct check_case c;

	(void)state;
	add_copy(&c, NULL, 0);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_revision], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_missing], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_extra], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_stale], VIT_STATE_PASS);
	case_free(&c);

	/* main has moved on; the copy was compared with its own revision. */
	add_copy(&c, NULL, 0);
	c.facts.hub.head = VIT_STR(COMMIT_B);
	c.facts.hub.changed = 2;
	c.facts.hub.first_changed = VIT_STR("config.json");
	assert_string_equal(case_run(&c), "integrity/hub-revision:note");
	assert_true(vit_str_is(case_finding(&c, VIT_CK_integrity_hub_revision)->message,
			       "main has moved on since: 2 files changed, config.json first."));
	case_free(&c);

	/* Another revision was asked for than the copy is of. */
	add_copy(&c, NULL, 0);
	c.facts.hub.local_revision = VIT_STR(COMMIT_B);
	assert_string_equal(case_run(&c), "integrity/hub-revision:note");
	case_free(&c);

	add_copy(&c, NULL, 0);
	c.facts.hub.local_unknown = true;
	c.facts.hub.local_revision = VIT_STR(COMMIT_B);
	assert_string_equal(case_run(&c), "integrity/hub-revision:note");
	case_free(&c);
}

static void not_compared(void **state)
{
	static const struct vit_err offline = { .code = VIT_E_UNSUPPORTED, .msg = "HF_HUB_OFFLINE is set" };
	struct check_case c;

	(void)state;
	case_new(&c);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_altered], VIT_STATE_NOT_CHECKED);
	case_free(&c);

	/* The model lies on the hub itself. */
	case_new(&c);
	add_remote(&c);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_altered], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);

	case_new(&c);
	c.facts.hub = (struct vit_hub){ .asked = true, .err = &offline };
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_integrity_hub_altered], VIT_STATE_UNKNOWN);
	assert_true(vit_str_is(c.ev.reasons[VIT_CK_integrity_hub_altered], "HF_HUB_OFFLINE is set"));
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repository),
		cmocka_unit_test(against_the_pin), cmocka_unit_test(copies),
		cmocka_unit_test(what_is_missed),  cmocka_unit_test(revisions),
		cmocka_unit_test(not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
