/* Accelerators and pressure, on facts as literals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/devices.h"
#include "facts/devices.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_devices };
const size_t vit_pass_count = 1;

#define GIB (UINT64_C(1) << 30)

static struct vit_measure known(uint64_t value)
{
	return (struct vit_measure){ true, value, VIT_STR("test") };
}

/* A machine with one card that nobody uses, or with none. */
static void add_machine(struct check_case *c, struct vit_device *card)
{
	struct vit_system *s = &c->facts.system;

	c->facts.groups |= VIT_FG_SYSTEM;
	s->probed = true;
	s->devices_probed = true;
	s->bus.listed = true;
	s->nvidia_error = VIT_STR_EMPTY;
	s->bus.nvidia_driver = VIT_STR_EMPTY;
	s->pressure_stall = known(0);
	if (!card)
		return;
	*card = (struct vit_device){ .kind = VIT_DEVICE_CUDA, .name = VIT_STR("NVIDIA H100"),
				     .error = VIT_STR_EMPTY, .memory_total = known(80 * GIB),
				     .memory_reserved = known(GIB), .memory_used = known(0) };
	s->devices = card;
	s->device_count = 1;
	s->bus.nvidia = 1;
	s->bus.nvidia_driver = VIT_STR("nvidia");
}

static void quiet(void **state)
{
	struct check_case c;
	struct vit_device card;

	(void)state;
	case_new(&c);
	add_machine(&c, &card);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_system_gpu_driver], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_system_gpu_busy], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_system_memory_pressure], VIT_STATE_PASS);
	case_free(&c);
	/* No card at all is no fault. */
	case_new(&c);
	add_machine(&c, NULL);
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_system_gpu_driver], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_system_gpu_busy], VIT_STATE_NOT_APPLICABLE);
	case_free(&c);
}

static void missing(const char *bound, bool container, bool job, const char *fires,
		    const char *message)
{
	struct check_case c;
	const struct vit_finding *f;

	case_new(&c);
	add_machine(&c, NULL);
	c.job.given = job;
	c.facts.system.container = container;
	c.facts.system.bus.nvidia = 2;
	c.facts.system.bus.nvidia_driver = vit_str_c(bound);
	assert_string_equal(case_run(&c), fires);
	f = vit_vec_at(&c.ev.findings, 0);
	if (!vit_str_is(f->message, message))
		print_error("%.*s\n", VIT_FMT(f->message));
	assert_true(vit_str_is(f->message, message));
	case_free(&c);
}

static void no_driver(void **state)
{
	(void)state;
	missing("nouveau", false, true, "system/gpu-driver:warning",
		"2 NVIDIA GPUs on the bus, driven by nouveau, which runs no CUDA.");
	missing("vfio-pci", false, false, "system/gpu-driver:note",
		"2 NVIDIA GPUs on the bus, kept for a virtual machine (vfio-pci).");
	missing("", false, false, "system/gpu-driver:note",
		"2 NVIDIA GPUs on the bus, and neither libnvidia-ml nor nvidia-smi here.");
	missing("nvidia", true, false, "system/gpu-driver:note",
		"2 NVIDIA GPUs on the bus of the host were not given to this container.");
}

static void silent_driver(void **state)
{
	struct check_case c;
	const struct vit_finding *f;
	struct vit_device card;

	(void)state;
	case_new(&c);
	add_machine(&c, NULL);
	c.facts.system.nvidia_error =
		VIT_STR("NVML: Driver/library version mismatch (code 18)");
	assert_string_equal(case_run(&c), "system/gpu-driver:note");
	f = vit_vec_at(&c.ev.findings, 0);
	assert_true(vit_str_starts(f->remedy, VIT_STR("The driver was updated")));
	case_free(&c);
	/* One card of several that fell off the bus. */
	case_new(&c);
	add_machine(&c, &card);
	card.error = VIT_STR("device: GPU is lost");
	assert_string_equal(case_run(&c), "system/gpu-driver:note");
	case_free(&c);
}

static void busy(void **state)
{
	struct check_case c;
	struct vit_device card;
	struct vit_device_process held[] = {
		{ 7, VIT_STR("Xorg"), known(GIB / 4) },
		{ 452, VIT_STR("python3"), known(6 * GIB) },
	};
	const struct vit_finding *f;

	(void)state;
	case_new(&c);
	add_machine(&c, &card);
	card.memory_used = known(6 * GIB + GIB / 2);
	card.processes = held;
	card.process_count = 2;
	assert_string_equal(case_run(&c), "system/gpu-busy:note");
	f = vit_vec_at(&c.ev.findings, 0);
	assert_true(vit_str_is(f->message, "Of the 84.8 GB that programs can have of device 0, NVIDIA H100, "
					   "6.98 GB are in use; python3 (process 452) holds 6.44 GB."));
	case_free(&c);
	/* Four percent of 79 GiB are a context or two; a Mac's memory is everyone's. */
	case_new(&c);
	add_machine(&c, &card);
	card.memory_used = known(3 * GIB);
	assert_string_equal(case_run(&c), "");
	case_free(&c);
	case_new(&c);
	add_machine(&c, &card);
	card.memory_used = known(60 * GIB);
	card.integrated = true;
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

static void pressure(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	add_machine(&c, NULL);
	c.facts.system.pressure = VIT_PRESSURE_CRITICAL;
	assert_string_equal(case_run(&c), "system/memory-pressure:note");
	case_free(&c);
	case_new(&c);
	add_machine(&c, NULL);
	c.job.given = true;
	c.facts.system.pressure_stall = known(1000);
	assert_string_equal(case_run(&c), "system/memory-pressure:warning");
	case_free(&c);
	case_new(&c);
	add_machine(&c, NULL);
	c.facts.system.pressure_stall = known(999);
	assert_string_equal(case_run(&c), "");
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet), cmocka_unit_test(no_driver), cmocka_unit_test(silent_driver),
		cmocka_unit_test(busy),  cmocka_unit_test(pressure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
