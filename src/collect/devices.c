#include "collect/devices.h"

struct vit_device *vit_probe_device(struct vit_device_probe *d, enum vit_device_kind kind,
				    const char *vendor, const char *source)
{
	uint32_t index = 0;
	struct vit_device *made;

	for (size_t i = 0; i < d->devices.count; i++)
		index += ((const struct vit_device *)vit_vec_at(&d->devices, i))->kind == kind;
	made = vit_vec_add(&d->devices);
	*made = (struct vit_device){
		.kind = kind,
		.index = index,
		.name = VIT_STR_EMPTY,
		.vendor = vit_str_c(vendor),
		.architecture = VIT_STR_EMPTY,
		.target = VIT_STR_EMPTY,
		.driver = VIT_STR_EMPTY,
		.cuda = VIT_STR_EMPTY,
		.source = vit_str_c(source),
		.error = VIT_STR_EMPTY,
	};
	return made;
}

/*
 * The GPU of an Apple chip works in the machine's memory: it may have what it
 * can wire, and of that only what is available.
 */
static void metal(struct vit_device_probe *d)
{
	struct vit_probe *p = d->p;
	const struct vit_system *s = p->out;
	struct vit_device *gpu;

	if (!vit_str_starts(s->cpu, VIT_STR("Apple ")))
		return;
	gpu = vit_probe_device(d, VIT_DEVICE_METAL, "Apple", "sysctl");
	gpu->name = s->cpu;
	gpu->integrated = true;
	gpu->mig = VIT_MIG_NONE;
	gpu->memory_total = s->wired_limit;
	if (!s->wired_limit.known || !s->memory_available.known)
		return;
	vit_probe_set(p, &gpu->memory_free,
		      s->memory_available.value < s->wired_limit.value ?
			      s->memory_available.value : s->wired_limit.value,
		      "the smaller of the memory available and what the GPU may wire");
}

/* What hides devices from programs; they number what is left anew. */
static void visible(struct vit_probe *p)
{
	static const char *const names[] = { "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
					     "ZE_AFFINITY_MASK" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !p->out->visible_devices.n; i++) {
		struct vit_err err = { VIT_OK, 0, 0, "" };

		if (p->h->env(p->h->ctx, names[i], &p->text, &err) == VIT_OK)
			p->out->visible_devices =
				vit_arena_printf(p->a, "%s=%.*s", names[i],
						 VIT_FMT(vit_buf_view(&p->text)));
		else
			vit_probe_failed(p, VIT_PROBE_OPTIONAL, "environment", &err);
	}
}

void vit_probe_devices(struct vit_probe *p)
{
	struct vit_device_probe d = { .p = p, .devices = VIT_VEC(sizeof(struct vit_device)) };
	size_t count;

	if (vit_str_is(p->out->os, "macOS")) {
		p->out->devices_probed = true;
		metal(&d);
	}
	if (vit_str_is(p->out->os, "Linux")) {
		vit_probe_nvidia(&d);
		vit_probe_sysfs_gpus(&d);
		if (d.devices.count > 0)
			visible(p);
	}
	for (size_t i = 0; i < d.devices.count; i++)
		vit_device_set_numbers(vit_vec_at(&d.devices, i));
	p->out->devices = vit_vec_take(&d.devices, p->a, &count);
	p->out->device_count = (uint32_t)count;
}
