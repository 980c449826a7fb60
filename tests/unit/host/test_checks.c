/* The pass on the machine, on facts as literals. */
#include "host_test.h"

#include "checks/system.h"

/* The one table of passes, here with the one pass. */
const struct vit_pass *const vit_passes[] = { &vit_pass_system };
const size_t vit_pass_count = 1;

/* gpt-oss-20b: the bytes its index states. */
#define WEIGHTS UINT64_C(13761264768)

struct fixture {
	struct vit_arena *arena;
	struct vit_eval ev;
	struct vit_facts facts;
	struct vit_shard shards[2];
	struct vit_save save;
	struct vit_tensor tensors[2];
	struct vit_file file;
	struct vit_str note;
	struct vit_case c;
};

/* Nobody decides the other ids here. */
static void begin(struct fixture *f)
{
	vit_eval_free(&f->ev);
	vit_eval_init(&f->ev, f->arena);
	for (size_t i = 0; i < VIT_CK_COUNT; i++)
		f->ev.selected[i] = false;
	for (size_t i = 0; i < vit_pass_system.id_count; i++)
		f->ev.selected[vit_pass_system.ids[i]] = true;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct vit_weights *w;

	assert_non_null(f);
	f->arena = vit_arena_new();
	begin(f);
	f->save.main = true;
	f->save.shard_count = 2;
	f->shards[0].state = f->shards[1].state = VIT_DOC_OK;
	/* Two tensors, one a shard, that together are WEIGHTS. */
	f->tensors[0].end = 4000000000;
	f->tensors[1].shard = 1;
	f->tensors[1].begin = 100;
	f->tensors[1].end = WEIGHTS - 4000000000 + 100;
	w = &f->facts.weights;
	w->shards = f->shards;
	w->shard_count = 2;
	w->saves = &f->save;
	w->save_count = 1;
	w->tensors = f->tensors;
	w->tensor_count = 2;
	f->facts.groups = VIT_FG_ALL;
	f->facts.files.files = &f->file;
	f->facts.files.count = 1;
	f->facts.files.root = VIT_STR("/model");
	f->file.kind = VIT_FK_WEIGHTS;
	f->facts.system.probed = true;
	f->facts.system.decider = VIT_MD_AVAILABLE;
	f->facts.system.memory_usable = WEIGHTS;
	f->facts.system.memory_available =
		(struct vit_measure){ true, WEIGHTS, VIT_STR("/proc/meminfo MemAvailable") };
	f->facts.system.disk_free = (struct vit_measure){ true, WEIGHTS, VIT_STR("statfs") };
	f->c.facts = &f->facts;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vit_eval_free(&f->ev);
	vit_arena_free(f->arena);
	free(f);
	return 0;
}

static void states(struct fixture *f, enum vit_state known, enum vit_state fit,
		   enum vit_state disk)
{
	vit_eval_run(&f->c, &f->ev);
	assert_int_equal(f->ev.states[VIT_CK_system_memory_known], known);
	assert_int_equal(f->ev.states[VIT_CK_system_memory_fit], fit);
	assert_int_equal(f->ev.states[VIT_CK_system_disk_free], disk);
}

static const struct vit_finding *only_finding(struct fixture *f, enum vit_check_id id)
{
	const struct vit_finding *found = vit_vec_at(&f->ev.findings, 0);

	assert_int_equal(f->ev.findings.count, 1);
	assert_int_equal(found->id, id);
	return found;
}

/* Exactly as much as needed is enough. */
static void fits(void **state)
{
	states(*state, VIT_STATE_PASS, VIT_STATE_PASS, VIT_STATE_PASS);
}

static void container_too_small(void **state)
{
	struct fixture *f = *state;
	struct vit_system *s = &f->facts.system;
	const struct vit_finding *found;

	s->decider = VIT_MD_LIMIT;
	s->memory_usable = 6442450944;
	s->memory_limit = (struct vit_measure){ true, 8589934592,
						VIT_STR("/sys/fs/cgroup/memory.max") };
	s->memory_limit_used = (struct vit_measure){ true, 2147483648, VIT_STR("x") };
	states(f, VIT_STATE_PASS, VIT_STATE_FAIL, VIT_STATE_PASS);
	found = only_finding(f, VIT_CK_system_memory_fit);
	assert_int_equal(found->severity, VIT_SEV_WARNING);
	assert_str(found->message, "13,761,264,768 bytes of weights against 6,442,450,944 bytes "
				   "usable (limit of the container minus its use, "
				   "/sys/fs/cgroup/memory.max)");
	assert_str(found->expected, "at most 6,442,450,944 bytes");
	assert_str(found->actual, "13,761,264,768 bytes");
}

static void available_too_small(void **state)
{
	struct fixture *f = *state;
	const struct vit_finding *found;

	f->facts.system.memory_usable = WEIGHTS - 1;
	f->c.has_job = true;
	states(f, VIT_STATE_PASS, VIT_STATE_FAIL, VIT_STATE_PASS);
	found = only_finding(f, VIT_CK_system_memory_fit);
	assert_int_equal(found->severity, VIT_SEV_ERROR);
	assert_str(found->message, "13,761,264,768 bytes of weights against 13,761,264,767 bytes "
				   "usable (available memory, /proc/meminfo MemAvailable)");
}

static void total_known(void **state)
{
	struct fixture *f = *state;
	struct vit_system *s = &f->facts.system;
	const struct vit_finding *found;

	f->note = VIT_STR("sysctl: hw.pagesize: refused");
	s->notes = &f->note;
	s->note_count = 1;
	s->decider = VIT_MD_TOTAL;
	s->memory_available.known = false;
	s->memory_usable = 25769803776;
	s->memory_total = (struct vit_measure){ true, 25769803776, VIT_STR("sysctl hw.memsize") };
	states(f, VIT_STATE_FAIL, VIT_STATE_PASS, VIT_STATE_PASS);
	found = only_finding(f, VIT_CK_system_memory_known);
	assert_int_equal(found->severity, VIT_SEV_NOTE);
	assert_str(found->message, "of 25,769,803,776 bytes of memory it is not known how many are "
				   "free: sysctl: hw.pagesize: refused");
}

static void nothing_known(void **state)
{
	struct fixture *f = *state;
	struct vit_system *s = &f->facts.system;

	f->note = VIT_STR("file: /proc/meminfo: refused");
	s->notes = &f->note;
	s->note_count = 1;
	s->decider = VIT_MD_NONE;
	s->memory_usable = 0;
	s->disk_free.known = false;
	states(f, VIT_STATE_UNKNOWN, VIT_STATE_UNKNOWN, VIT_STATE_UNKNOWN);
	assert_str(f->ev.reasons[VIT_CK_system_memory_fit],
		   "memory could not be measured: file: /proc/meminfo: refused");
}

static void not_probed(void **state)
{
	struct fixture *f = *state;

	f->facts.system.probed = false;
	states(f, VIT_STATE_UNKNOWN, VIT_STATE_UNKNOWN, VIT_STATE_UNKNOWN);
	assert_str(f->ev.reasons[VIT_CK_system_memory_known], "the machine was not probed");
}

static void no_weights(void **state)
{
	struct fixture *f = *state;

	f->facts.weights.main_save = UINT32_MAX;
	f->facts.weights.shard_count = 0;
	states(f, VIT_STATE_PASS, VIT_STATE_NOT_APPLICABLE, VIT_STATE_PASS);
	assert_str(f->ev.reasons[VIT_CK_system_memory_fit], "there are no weights");
}

static void pointers(void **state)
{
	struct fixture *f = *state;

	f->file.flags = VIT_FF_LFS_POINTER;
	f->facts.system.memory_usable = 1;
	states(f, VIT_STATE_PASS, VIT_STATE_NOT_APPLICABLE, VIT_STATE_PASS);
	assert_str(f->ev.reasons[VIT_CK_system_memory_fit],
		   "the weights are git-LFS pointers, their content is not here");
}

static void no_model(void **state)
{
	struct fixture *f = *state;

	f->facts.files = (struct vit_files){ .root = VIT_STR_EMPTY };
	states(f, VIT_STATE_PASS, VIT_STATE_NOT_APPLICABLE, VIT_STATE_PASS);
	assert_str(f->ev.reasons[VIT_CK_system_memory_fit], "no model was given");
}

static void unread_weights(void **state)
{
	struct fixture *f = *state;

	f->facts.weights.tensor_count = 0;
	states(f, VIT_STATE_PASS, VIT_STATE_NOT_APPLICABLE, VIT_STATE_PASS);
	assert_str(f->ev.reasons[VIT_CK_system_memory_fit],
		   "no tensor of the weights could be read");
	begin(f);
	f->shards[1].state = VIT_DOC_UNREADABLE;
	states(f, VIT_STATE_PASS, VIT_STATE_NOT_APPLICABLE, VIT_STATE_PASS);
	assert_str(f->ev.reasons[VIT_CK_system_memory_fit],
		   "weights are missing or cannot be read, so their size is not known");
}

/* With shards missing the index tells what the whole would take. */
static void missing_shards(void **state)
{
	struct fixture *f = *state;
	const struct vit_finding *found;

	f->save.missing_count = 1;
	f->facts.weights.index.has_total_size = true;
	f->facts.weights.index.total_size = WEIGHTS + 1;
	f->facts.system.disk_free.value = WEIGHTS + 1;
	states(f, VIT_STATE_PASS, VIT_STATE_FAIL, VIT_STATE_PASS);
	found = only_finding(f, VIT_CK_system_memory_fit);
	assert_str(found->actual, "13,761,264,769 bytes");
}

static void full_disk(void **state)
{
	struct fixture *f = *state;
	const struct vit_finding *found;

	f->facts.system.disk_free.value = 12345;
	states(f, VIT_STATE_PASS, VIT_STATE_PASS, VIT_STATE_FAIL);
	found = only_finding(f, VIT_CK_system_disk_free);
	assert_int_equal(found->severity, VIT_SEV_NOTE);
	assert_str(found->message, "12,345 bytes free where the model lies, less than one more "
				   "copy of its 13,761,264,768 bytes of weights");
}

static void no_byte_left(void **state)
{
	struct fixture *f = *state;

	f->facts.weights.main_save = UINT32_MAX;
	f->facts.system.disk_free.value = 0;
	states(f, VIT_STATE_PASS, VIT_STATE_NOT_APPLICABLE, VIT_STATE_FAIL);
	assert_str(only_finding(f, VIT_CK_system_disk_free)->message,
		   "no space is left where the model lies");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fits),          TEST(container_too_small), TEST(available_too_small),
		TEST(total_known),   TEST(nothing_known),       TEST(not_probed),
		TEST(no_weights),    TEST(pointers),            TEST(no_model),
		TEST(unread_weights), TEST(missing_shards),     TEST(full_disk),
		TEST(no_byte_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
