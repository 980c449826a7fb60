#include "checks/devices.h"

#include "base/num.h"
#include "facts/devices.h"

static const enum vit_check_id ids[] = {
	VIT_CK_system_gpu_driver, VIT_CK_system_gpu_busy, VIT_CK_system_memory_pressure,
};

/* Of what programs can have; below it is a desktop's own or a context's. */
#define BUSY_PERCENT 5
/* Hundredths of a percent of time in which some task waited for memory. */
#define STALL_LIMIT 1000

static struct vit_finding *fail(const struct vit_case *c, struct vit_eval *ev, enum vit_check_id id)
{
	struct vit_finding *f = vit_eval_fail(ev, id);

	if (!c->has_job)
		f->severity = VIT_SEV_NOTE;
	return f;
}

static uint32_t count(const struct vit_system *s, enum vit_device_kind kind)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->device_count; i++)
		n += s->devices[i].kind == kind;
	return n;
}

/* The library speaks and has no device to speak of. */
static void driver_silent(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_system *s = &c->facts->system;
	struct vit_finding *f = fail(c, ev, VIT_CK_system_gpu_driver);

	f->message = vit_eval_text(ev, "NVIDIA's driver does not answer: %.*s.", VIT_FMT(s->nvidia_error));
	f->expected = VIT_STR("the devices and their memory");
	f->actual = s->nvidia_error;
	if (vit_str_find(s->nvidia_error, VIT_STR("ersion mismatch"), 0) != SIZE_MAX)
		f->remedy = VIT_STR("The driver was updated while the old one runs: restart the machine, or unload and "
				    "load the kernel modules of NVIDIA.");
}

/* There is such a card, and nobody to ask about it. */
static void driver_missing(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_system *s = &c->facts->system;
	struct vit_finding *f = fail(c, ev, VIT_CK_system_gpu_driver);
	const char *plural = s->bus.nvidia == 1 ? "" : "s";

	f->expected = VIT_STR("an answer of NVIDIA's driver");
	f->actual = s->bus.nvidia_driver.n ? vit_eval_text(ev, "bound to %.*s, no answer", VIT_FMT(s->bus.nvidia_driver)) :
					     VIT_STR("no driver is bound");
	if (s->container) {
		f->message = vit_eval_text(ev, "%u NVIDIA GPU%s on the bus of the host %s not given to this container.",
					   s->bus.nvidia, plural, s->bus.nvidia == 1 ? "was" : "were");
		f->remedy = VIT_STR("Start the container with its GPUs (`docker run --gpus all`, or nvidia.com/gpu in "
				    "Kubernetes), or leave them to others when the job needs none.");
		return;
	}
	if (vit_str_is(s->bus.nvidia_driver, "nouveau"))
		f->message = vit_eval_text(ev, "%u NVIDIA GPU%s on the bus, driven by nouveau, which runs no CUDA.",
					   s->bus.nvidia, plural);
	else if (vit_str_is(s->bus.nvidia_driver, "vfio-pci"))
		f->message = vit_eval_text(ev, "%u NVIDIA GPU%s on the bus, kept for a virtual machine (vfio-pci).",
					   s->bus.nvidia, plural);
	else
		f->message = vit_eval_text(ev, "%u NVIDIA GPU%s on the bus, and neither libnvidia-ml nor nvidia-smi here.",
					   s->bus.nvidia, plural);
}

static void check_driver(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_system *s = &c->facts->system;

	if (!s->devices_probed && s->nvidia_error.n == 0) {
		vit_eval_not_applicable(ev, VIT_CK_system_gpu_driver, "accelerators are not looked for on this system");
		return;
	}
	if (s->nvidia_error.n && count(s, VIT_DEVICE_CUDA) == 0)
		driver_silent(c, ev);
	else if (s->bus.nvidia > 0 && count(s, VIT_DEVICE_CUDA) == 0)
		driver_missing(c, ev);
	for (uint32_t i = 0; i < s->device_count; i++) {
		const struct vit_device *d = &s->devices[i];
		struct vit_finding *f;

		if (d->error.n == 0)
			continue;
		f = fail(c, ev, VIT_CK_system_gpu_driver);
		f->message = vit_eval_text(ev, "Device %u, %.*s: its driver says %.*s.", d->index,
					   VIT_FMT(d->name.n ? d->name : VIT_STR("which gives no name")),
					   VIT_FMT(d->error));
		f->expected = VIT_STR("the device's memory");
		f->actual = d->error;
	}
	vit_eval_pass(ev, VIT_CK_system_gpu_driver);
}

/* The program with most of it: "python3 (process 452) holds 7.25 GB". */
static struct vit_str holder(struct vit_eval *ev, const struct vit_device *d)
{
	const struct vit_device_process *most = NULL;
	char bytes[VIT_FMT_NUM];

	for (uint32_t i = 0; i < d->process_count; i++)
		if (d->processes[i].memory.known && (!most || d->processes[i].memory.value > most->memory.value))
			most = &d->processes[i];
	if (!most)
		return VIT_STR_EMPTY;
	return vit_eval_text(ev, "; %.*s (process %llu) holds %s", VIT_FMT(most->name.n ? most->name : VIT_STR("a program")),
			     (unsigned long long)most->pid, vit_fmt_bytes(most->memory.value, bytes));
}

static void check_busy(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_system *s = &c->facts->system;
	bool any = false;

	for (uint32_t i = 0; i < s->device_count; i++) {
		const struct vit_device *d = &s->devices[i];
		uint64_t reserved = d->memory_reserved.known ? d->memory_reserved.value : 0, room;
		char used[VIT_FMT_NUM], of[VIT_FMT_NUM];
		struct vit_finding *f;

		/* What is shared with the machine is the machine's matter. */
		if (!d->memory_used.known || !d->memory_total.known || d->integrated)
			continue;
		any = true;
		room = reserved < d->memory_total.value ? d->memory_total.value - reserved : 0;
		if (d->memory_used.value / 100 * 100 <= room / 100 * BUSY_PERCENT)
			continue;
		f = vit_eval_fail(ev, VIT_CK_system_gpu_busy);
		f->message = vit_eval_text(ev, "Of the %s that programs can have of device %u, %.*s, %s are in use%.*s.",
					   vit_fmt_bytes(room, of), d->index, VIT_FMT(d->name),
					   vit_fmt_bytes(d->memory_used.value, used), VIT_FMT(holder(ev, d)));
		f->expected = vit_eval_text(ev, "at most %d percent in use", BUSY_PERCENT);
		f->actual = vit_eval_text(ev, "%llu bytes", (unsigned long long)d->memory_used.value);
	}
	if (any)
		vit_eval_pass(ev, VIT_CK_system_gpu_busy);
	else
		vit_eval_not_applicable(ev, VIT_CK_system_gpu_busy, "no accelerator with memory of its own tells its use");
}

static void check_pressure(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_system *s = &c->facts->system;
	struct vit_finding *f;

	if (s->pressure == VIT_PRESSURE_UNKNOWN && !s->pressure_stall.known) {
		vit_eval_not_applicable(ev, VIT_CK_system_memory_pressure, "this system does not tell it");
		return;
	}
	if (s->pressure == VIT_PRESSURE_WARNING || s->pressure == VIT_PRESSURE_CRITICAL) {
		f = fail(c, ev, VIT_CK_system_memory_pressure);
		f->message = vit_eval_text(ev, "macOS is short of memory now: its level of pressure is %s.",
					   vit_pressure_name(s->pressure));
		f->expected = VIT_STR("normal");
		f->actual = vit_str_c(vit_pressure_name(s->pressure));
	} else if (s->pressure_stall.known && s->pressure_stall.value >= STALL_LIMIT) {
		f = fail(c, ev, VIT_CK_system_memory_pressure);
		f->message = vit_eval_text(ev, "Tasks waited for memory in %llu percent of the last ten seconds.",
					   (unsigned long long)(s->pressure_stall.value / 100));
		f->expected = vit_eval_text(ev, "less than %d percent", STALL_LIMIT / 100);
		f->actual = vit_eval_text(ev, "%llu percent", (unsigned long long)(s->pressure_stall.value / 100));
	}
	vit_eval_pass(ev, VIT_CK_system_memory_pressure);
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	if ((c->facts->groups & VIT_FG_SYSTEM) == 0 || !c->facts->system.probed) {
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
			vit_eval_unknown(ev, ids[i], "the machine was not probed");
		return;
	}
	check_driver(c, ev);
	check_busy(c, ev);
	check_pressure(c, ev);
}

const struct vit_pass vit_pass_devices = {
	.name = "devices",
	.needs = VIT_FG_SYSTEM,
	.ids = ids,
	.id_count = sizeof ids / sizeof ids[0],
	.run = run,
};
