/* Accelerators: in section 9 what they are, in section 7 what they do with the
 * model's numbers. */
#include "facts/devices.h"

#include "present/present.h"

static struct vit_val bytes(const struct vit_measure *m)
{
	return m->known ? vit_val_bytes(m->value) : vit_val_none();
}

static struct vit_val text(struct vit_str s)
{
	return s.n ? vit_val_str(s) : vit_val_none();
}

/* "9.0", "8.0 or above", "gfx942", "". */
static struct vit_str capability(const struct vit_present *p, const struct vit_device *d)
{
	if (d->has_capability)
		return vit_arena_printf(p->arena, "%u.%u%s", d->capability_major, d->capability_minor,
					d->capability_least ? " or above" : "");
	return d->target;
}

static void present_list(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "name", "Accelerator", false },
		{ NULL, "Architecture", false },
		{ "memory_total_bytes", "Memory", true },
		{ "memory_free_bytes", "Free", true },
		{ "memory_used_bytes", "Used", true },
		{ "kind", NULL, false },
		{ "index", NULL, true },
		{ "vendor", NULL, false },
		{ "architecture", NULL, false },
		{ "capability", NULL, false },
		{ "memory_reserved_bytes", NULL, true },
		{ "bandwidth_bytes_per_second", NULL, true },
		{ "integrated", NULL, false },
		{ "mig", NULL, false },
		{ "driver", NULL, false },
		{ "cuda", NULL, false },
		{ "source", NULL, false },
		{ "error", NULL, false },
	};
	const struct vit_system *m = &p->facts->system;
	const uint32_t n = sizeof columns / sizeof columns[0];
	struct vit_node *t = vit_present_table(p, s, "devices", "Accelerators", columns, n, m->device_count);

	for (uint32_t i = 0; i < m->device_count; i++) {
		const struct vit_device *d = &m->devices[i];
		const struct vit_str able = capability(p, d);
		const struct vit_val row[] = {
			text(d->name),
			text(vit_arena_printf(p->arena, "%.*s%s%.*s", VIT_FMT(d->architecture),
					      d->architecture.n && able.n ? " " : "", VIT_FMT(able))),
			bytes(&d->memory_total), bytes(&d->memory_free), bytes(&d->memory_used),
			vit_val_c(vit_device_kind_name(d->kind)), vit_val_u64(d->index), text(d->vendor),
			text(d->architecture), text(able), bytes(&d->memory_reserved), bytes(&d->bandwidth),
			vit_val_bool(d->integrated), vit_val_c(vit_mig_name(d->mig)), text(d->driver),
			text(d->cuda), text(d->source), text(d->error),
		};

		for (uint32_t c = 0; c < n; c++)
			*vit_cell(t, i, c) = row[c];
	}
}

/* What the numbers of memory mean where that is not plain. */
static void present_notes(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_system *m = &p->facts->system;

	for (uint32_t i = 0; i < m->device_count; i++) {
		const struct vit_device *d = &m->devices[i];

		if (d->kind == VIT_DEVICE_METAL && d->memory_total.known)
			vit_present_text(p, s, vit_arena_printf(
				p->arena, "The GPU of %.*s works in the machine's memory. Its memory above is what it "
				"may wire (%.*s)%s%.*s.", VIT_FMT(d->name), VIT_FMT(d->memory_total.source),
				d->memory_free.known ? "; free of it is " : "",
				VIT_FMT(d->memory_free.known ? d->memory_free.source : VIT_STR_EMPTY)));
		else if (d->integrated)
			vit_present_text(p, s, vit_arena_printf(
				p->arena, "%.*s works in the machine's memory.", VIT_FMT(d->name)));
		if (d->mig == VIT_MIG_ON)
			vit_present_text(p, s, vit_arena_printf(
				p->arena, "%.*s, number %u, is divided (MIG): a job gets one of its parts, not the "
				"memory above.", VIT_FMT(d->name), d->index));
	}
}

/* One driver serves all devices of a vendor. */
static void present_drivers(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_system *m = &p->facts->system;

	for (uint32_t i = 0; i < m->device_count; i++) {
		const struct vit_device *d = &m->devices[i];

		if (d->driver.n == 0 || (i > 0 && m->devices[i - 1].kind == d->kind))
			continue;
		vit_present_text(p, s, vit_arena_printf(
			p->arena, "Driver of %.*s: %.*s%s%.*s, by %.*s.", VIT_FMT(d->vendor), VIT_FMT(d->driver),
			d->cuda.n ? ", which runs CUDA up to " : "", VIT_FMT(d->cuda), VIT_FMT(d->source)));
	}
}

static void present_processes(const struct vit_present *p, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "device", "Accelerator", true },
		{ "pid", "Process", true },
		{ "name", "Program", false },
		{ "memory_bytes", "Its memory there", true },
	};
	const struct vit_system *m = &p->facts->system;
	struct vit_node *t;
	uint32_t rows = 0;

	for (uint32_t i = 0; i < m->device_count; i++)
		rows += m->devices[i].process_count;
	if (rows == 0)
		return;
	t = vit_present_table(p, s, "device_processes", "Programs on the accelerators", columns, 4, rows);
	t->text_rows = 20;
	rows = 0;
	for (uint32_t i = 0; i < m->device_count; i++) {
		const struct vit_device *d = &m->devices[i];

		for (uint32_t k = 0; k < d->process_count; k++, rows++) {
			*vit_cell(t, rows, 0) = vit_val_u64(d->index);
			*vit_cell(t, rows, 1) = vit_val_u64(d->processes[k].pid);
			*vit_cell(t, rows, 2) = text(d->processes[k].name);
			*vit_cell(t, rows, 3) = bytes(&d->processes[k].memory);
		}
	}
}

void vit_present_devices(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_system *m = &p->facts->system;

	if (m->device_count > 0) {
		present_list(p, s);
		present_drivers(p, s);
		present_notes(p, s);
		present_processes(p, s);
	} else if (m->devices_probed) {
		vit_present_text(p, s, VIT_STR("No accelerator was found."));
	} else {
		vit_present_text(p, s, VIT_STR("Accelerators are not known: nobody could be asked for them here."));
	}
	if (m->visible_devices.n)
		vit_present_value(p, s, "visible_devices", "Hides the others from programs",
				  vit_val_str(m->visible_devices), VIT_BASIS_MEASURED, "environment");
	if (m->nvidia_error.n)
		vit_present_value(p, s, "nvidia_error", "NVIDIA's driver says", vit_val_str(m->nvidia_error),
				  VIT_BASIS_MEASURED, "NVML or nvidia-smi");
}

static struct vit_str says(const struct vit_present *p, const struct vit_device_number *x)
{
	switch (x->support) {
	case VIT_HOW_UNKNOWN:
		return VIT_STR("not known");
	case VIT_HOW_NATIVE:
		return VIT_STR("native");
	case VIT_HOW_EMULATED:
		return vit_arena_printf(p->arena, "kept, computed in %s", x->to);
	case VIT_HOW_DEQUANTISED:
		return vit_arena_printf(p->arena, "becomes %s when loaded", x->to);
	}
	return VIT_STR_EMPTY;
}

bool vit_present_device_repeats(const struct vit_system *m, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (m->devices[k].kind == m->devices[i].kind &&
		    vit_str_eq(m->devices[k].name, m->devices[i].name))
			return true;
	return false;
}

void vit_present_device_numbers(const struct vit_present *p, struct vit_section *s, const bool *used)
{
	static const struct vit_column columns[] = {
		{ "device", "Accelerator", false },
		{ "number", "Numbers", false },
		{ NULL, "Here", false },
		{ "in_model", "In this model", false },
		{ "source", "By", false },
		{ "support", NULL, false },
		{ "to", NULL, false },
		{ "needs", NULL, false },
	};
	const struct vit_system *m = &p->facts->system;
	struct vit_node *t;
	uint32_t row = 0, kinds = 0;

	if (m->device_count == 0)
		return;
	for (uint32_t i = 0; i < m->device_count; i++)
		kinds += !vit_present_device_repeats(m, i);
	t = vit_present_table(p, s, "numbers", "What the accelerators do with numbers", columns, 8,
		  kinds * VIT_NUMBER_COUNT);
	for (uint32_t i = 0; i < m->device_count; i++) {
		const struct vit_device *d = &m->devices[i];

		for (int n = 0; n < VIT_NUMBER_COUNT && !vit_present_device_repeats(m, i); n++, row++) {
			const struct vit_device_number *x = &d->numbers[n];

			*vit_cell(t, row, 0) = text(d->name);
			*vit_cell(t, row, 1) = vit_val_c(vit_number_name((enum vit_number)n));
			*vit_cell(t, row, 2) = vit_val_str(says(p, x));
			*vit_cell(t, row, 3) = vit_val_bool(used[n]);
			*vit_cell(t, row, 4) = text(vit_str_c(x->source));
			*vit_cell(t, row, 5) = vit_val_c(vit_number_support_name(x->support));
			*vit_cell(t, row, 6) = text(vit_str_c(x->to));
			*vit_cell(t, row, 7) = text(vit_str_c(x->needs));
		}
	}
}
