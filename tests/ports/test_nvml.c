/* Loading NVIDIA's library, asking it and giving it up, with a stand-in. */
#include "host_test.h"

#include "collect/devices.h"
#include "collect/collect.h"
#include "host/parse_devices.h"

#define GIB (UINT64_C(1) << 30)

static struct vit_arena *arena;

static enum vit_errc ask(const char *mode, unsigned timeout_ms, struct vit_nvidia *out,
			 struct vit_err *err)
{
	const struct vit_host *h = vit_host_real();
	struct vit_buf text;
	enum vit_errc rc;

	assert_int_equal(setenv("VIT_TEST_NVML", mode, 1), 0);
	vit_buf_init(&text, 1 << 20);
	rc = h->nvml(h->ctx, timeout_ms, &text, err);
	if (rc == VIT_OK)
		rc = vit_parse_nvml(arena, vit_buf_view(&text), out, err);
	vit_buf_release(&text);
	return rc;
}

static void two_devices(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;
	const struct vit_nvidia_device *d;

	(void)state;
	assert_int_equal(ask("two", 20000, &n, &err), VIT_OK);
	assert_true(n.init.known && n.init.value == 0);
	assert_str(n.driver, "580.159.04");
	assert_str(n.cuda, "12.8");
	assert_int_equal(n.count, 2);
	d = &n.devices[0];
	assert_str(d->name, "NVIDIA Stand-in\tPCIe");
	assert_int_equal(d->total.value, 80 * GIB);
	assert_int_equal(d->used.value, 4 * GIB);
	assert_int_equal(d->free.value, 75 * GIB);
	assert_int_equal(d->reserved.value, 1 * GIB);
	assert_false(d->used_holds_reserved);
	assert_int_equal(d->major * 10 + d->minor, 90);
	assert_int_equal(d->mig, VIT_NVIDIA_MIG_OFF);
	assert_int_equal(d->bus_bits.value, 5120);
	assert_true(d->processes_known);
	/* 4711 is on both lists and is one process. */
	assert_int_equal(d->process_count, 2);
	assert_int_equal(d->processes[0].pid, 4711);
	assert_int_equal(d->processes[0].bytes.value, 3 * GIB);
	assert_str(d->processes[0].name, "python3");
	assert_false(d->processes[1].bytes.known);
	assert_str(d->processes[1].name, "");
	d = &n.devices[1];
	assert_str(d->name, "NVIDIA GB10");
	assert_false(d->total.known);
	assert_true(d->no_memory);
	assert_str(d->error, "");
	assert_int_equal(d->mig, VIT_NVIDIA_MIG_NONE);
	assert_false(d->processes_known);
}

/* The facts of the whole machine hold them. */
static void as_facts(void **state)
{
	struct vit_system s;
	const struct vit_device *d;

	(void)state;
	assert_int_equal(setenv("VIT_TEST_NVML", "two", 1), 0);
	vit_collect_system(arena, vit_host_real(), NULL, &s);
	assert_true(s.devices_probed);
	assert_true(s.device_count >= 2);
	d = &s.devices[0];
	assert_int_equal(d->kind, VIT_DEVICE_CUDA);
	assert_str(d->architecture, "Hopper");
	assert_str(d->target, "sm_90");
	/* 5,120 bits * 2 * 2,619 MHz / 8: the 3.35 TB/s of an H100 SXM's data sheet. */
	assert_int_equal(d->bandwidth.value, UINT64_C(3352320000000));
	assert_int_equal(d->numbers[VIT_NUMBER_FP8].support, VIT_HOW_NATIVE);
	assert_int_equal(s.devices[1].numbers[VIT_NUMBER_MXFP4].support, VIT_HOW_NATIVE);
	/* A device that names no memory of its own computes in the machine's. */
	assert_true(s.devices[1].integrated);
}

static void old_call(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;

	(void)state;
	assert_int_equal(ask("old", 20000, &n, &err), VIT_OK);
	assert_int_equal(n.devices[0].used.value, 5 * GIB);
	assert_false(n.devices[0].reserved.known);
	assert_true(n.devices[0].used_holds_reserved);
}

static void mismatch(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;
	struct vit_system s;

	(void)state;
	assert_int_equal(ask("mismatch", 20000, &n, &err), VIT_OK);
	assert_int_equal(n.init.value, 18);
	assert_int_equal(n.count, 0);
	vit_collect_system(arena, vit_host_real(), NULL, &s);
	assert_str(s.nvidia_error, "NVML: RM has detected an NVML/RM version mismatch. (code 18)");
}

static void gives_up(void **state)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;

	(void)state;
	assert_int_equal(ask("hang", 100, &n, &err), VIT_E_TIMEOUT);
	assert_int_equal(ask("crash", 20000, &n, &err), VIT_E_IO);
}

static int make_arena(void **state)
{
	(void)state;
	arena = vit_arena_new();
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	vit_arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_devices), cmocka_unit_test(as_facts), cmocka_unit_test(old_call),
		cmocka_unit_test(mismatch),    cmocka_unit_test(gives_up),
	};

	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
