/* NVIDIA's devices: the management library first; where it is not, its tool. */
#include "base/num.h"
#include "collect/devices.h"
#include "host/parse_devices.h"

/* A driver that has slept wakes its devices for this; a wedged one never answers. */
#define NVML_MS 8000
#define SMI_MS 10000
#define MAX_ANSWER (8u << 20)

static void measure(struct vit_probe *p, struct vit_measure *m, struct vit_known k,
		    const char *source, const char *what)
{
	if (k.known)
		vit_probe_set(p, m, k.value, vit_arena_printf(p->a, "%s, %s", source, what).p);
}

static enum vit_mig mig(enum vit_nvidia_mig m)
{
	switch (m) {
	case VIT_NVIDIA_MIG_UNKNOWN:
		return VIT_MIG_UNKNOWN;
	case VIT_NVIDIA_MIG_NONE:
		return VIT_MIG_NONE;
	case VIT_NVIDIA_MIG_OFF:
		return VIT_MIG_OFF;
	case VIT_NVIDIA_MIG_ON:
		return VIT_MIG_ON;
	}
	return VIT_MIG_UNKNOWN;
}

/* Two transfers a clock: what NVIDIA's tools call the memory clock is half the
 * rate of its data, for HBM and GDDR alike. */
static void bandwidth(struct vit_probe *p, const struct vit_nvidia_device *from,
		      struct vit_device *to)
{
	uint64_t bits;

	if (!from->bus_bits.known || !from->memory_mhz.known ||
	    !vit_mul_u64(from->bus_bits.value, from->memory_mhz.value, &bits) ||
	    !vit_mul_u64(bits, 2000000 / 8, &bits) || bits == 0)
		return;
	vit_probe_set(p, &to->bandwidth, bits,
		      "estimated: bus width times twice the highest memory clock, of NVML");
}

static void processes(struct vit_probe *p, const struct vit_nvidia_device *from,
		      struct vit_device *to, const char *source)
{
	to->processes_known = from->processes_known;
	to->process_count = (uint32_t)from->process_count;
	to->processes = VIT_NEW_ARRAY(p->a, from->process_count + 1, struct vit_device_process);
	for (size_t i = 0; i < from->process_count; i++) {
		to->processes[i].pid = from->processes[i].pid;
		to->processes[i].name = vit_arena_str(p->a, from->processes[i].name);
		measure(p, &to->processes[i].memory, from->processes[i].bytes, source, "process");
	}
}

/* nvidia-smi names an architecture and no capability: rules that need one take
 * the lowest of that name. */
static void lowest_capability(struct vit_device *d, struct vit_str architecture)
{
	static const struct { const char *name; uint32_t major, minor; } lowest[] = {
		{ "Maxwell", 5, 0 },      { "Pascal", 6, 0 }, { "Volta", 7, 0 },
		{ "Turing", 7, 5 },       { "Ampere", 8, 0 }, { "Ada Lovelace", 8, 9 },
		{ "Hopper", 9, 0 },       { "Blackwell", 10, 0 },
	};

	for (size_t i = 0; i < sizeof(lowest) / sizeof(lowest[0]) && !d->has_capability; i++) {
		if (!vit_str_is(architecture, lowest[i].name))
			continue;
		d->has_capability = true;
		d->capability_least = true;
		d->capability_major = lowest[i].major;
		d->capability_minor = lowest[i].minor;
	}
}

static void take(struct vit_device_probe *d, const struct vit_nvidia *n,
		 const struct vit_nvidia_device *from, const char *source)
{
	struct vit_probe *p = d->p;
	struct vit_device *to = vit_probe_device(d, VIT_DEVICE_CUDA, "NVIDIA", source);
	struct vit_known used = from->used;

	to->index = from->index;
	to->name = vit_arena_str(p->a, from->name);
	to->driver = vit_arena_str(p->a, n->driver);
	to->cuda = vit_arena_str(p->a, n->cuda);
	to->error = vit_arena_str(p->a, from->error);
	to->has_capability = from->has_capability;
	to->capability_major = from->major;
	to->capability_minor = from->minor;
	lowest_capability(to, from->architecture);
	to->architecture = from->architecture.n > 0 || !to->has_capability ?
		vit_arena_str(p->a, from->architecture) :
		vit_str_c(vit_cuda_architecture(to->capability_major, to->capability_minor));
	if (to->has_capability && !to->capability_least)
		to->target = vit_arena_printf(p->a, "sm_%u%u", to->capability_major,
					      to->capability_minor);
	to->mig = mig(from->mig);
	measure(p, &to->memory_total, from->total, source, "total");
	measure(p, &to->memory_free, from->free, source, "free");
	measure(p, &to->memory_reserved, from->reserved, source, "reserved");
	measure(p, &to->memory_used, used, source,
		from->used_holds_reserved ? "used, what the driver reserves included" : "used");
	/* GB10 and its like have no memory of their own, and answer so. */
	to->integrated = from->no_memory;
	if (to->integrated) {
		to->memory_total = p->out->memory_total;
		to->memory_free = p->out->memory_available;
	}
	bandwidth(p, from, to);
	processes(p, from, to, source);
}

static void take_all(struct vit_device_probe *d, const struct vit_nvidia *n, const char *source)
{
	struct vit_probe *p = d->p;

	p->out->devices_probed = true;
	for (size_t i = 0; i < n->count; i++)
		take(d, n, &n->devices[i], source);
}

/* True when the library answered, be it that it has no driver. */
static bool by_library(struct vit_device_probe *d)
{
	struct vit_probe *p = d->p;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;
	enum vit_errc rc = p->h->nvml(p->h->ctx, NVML_MS, &p->text, &err);

	if (rc == VIT_OK)
		rc = vit_parse_nvml(p->a, vit_buf_view(&p->text), &n, &err);
	if (rc == VIT_E_NOTFOUND || rc == VIT_E_UNSUPPORTED)
		return false;
	if (rc != VIT_OK) {
		p->out->nvidia_error = vit_arena_str(p->a, vit_str_c(err.msg));
		vit_probe_failed(p, VIT_PROBE_NEEDED, "NVIDIA", &err);
		return true;
	}
	if (n.init.known && n.init.value == 0) {
		take_all(d, &n, "NVML");
		return true;
	}
	p->out->devices_probed = true;
	p->out->nvidia_error = vit_arena_printf(p->a, "NVML: %.*s (code %llu)",
						VIT_FMT(n.init_text),
						(unsigned long long)n.init.value);
	return true;
}

static bool run(struct vit_probe *p, const char *const *argv, struct vit_str *answer)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	int status = 0;

	if (p->h->run(p->h->ctx, argv, SMI_MS, &p->text, &status, &err) != VIT_OK) {
		vit_probe_failed(p, VIT_PROBE_OPTIONAL, "command", &err);
		if (err.code != VIT_E_NOTFOUND)
			p->out->nvidia_error = vit_arena_str(p->a, vit_str_c(err.msg));
		return false;
	}
	*answer = vit_arena_str(p->a, vit_buf_view(&p->text));
	if (status == 0)
		return true;
	/* It says on its standard output what it could not do. */
	p->out->nvidia_error = vit_arena_printf(p->a, "nvidia-smi ended with %d", status);
	return false;
}

static void by_tool(struct vit_device_probe *d)
{
	static const char *const query[] = { "nvidia-smi", "-q", "-x", NULL };
	static const char *const capabilities[] = { "nvidia-smi", "--query-gpu=index,compute_cap",
						    "--format=csv,noheader", NULL };
	struct vit_probe *p = d->p;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;
	struct vit_str answer;

	if (!run(p, query, &answer))
		return;
	if (vit_parse_nvidia_smi(p->a, answer, &n, &err) != VIT_OK) {
		vit_probe_failed(p, VIT_PROBE_NEEDED, "NVIDIA", &err);
		p->out->nvidia_error = vit_arena_str(p->a, vit_str_c(err.msg));
	}
	if (n.count > 0 && run(p, capabilities, &answer))
		vit_parse_nvidia_capabilities(answer, &n);
	take_all(d, &n, "nvidia-smi");
}

void vit_probe_nvidia(struct vit_device_probe *d)
{
	if (!by_library(d))
		by_tool(d);
}
