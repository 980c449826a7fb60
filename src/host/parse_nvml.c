#include "base/num.h"
#include "host/parse_devices.h"
#include "host/parse_nvidia.h"
#include "host/table.h"

#define NVML_NOT_SUPPORTED 3

struct vit_str vit_nvidia_program(struct vit_arena *a, struct vit_str command)
{
	size_t end = vit_str_find(command, VIT_STR(" "), 0), slash;

	/* Arguments may name people and projects; they are nobody's business here. */
	command = vit_str_sub(command, 0, end == SIZE_MAX ? command.n : end);
	slash = vit_str_rchr(command, '/');
	if (slash != SIZE_MAX)
		command = vit_str_sub(command, slash + 1, command.n);
	return vit_arena_str(a, command);
}

struct vit_nvidia_process *vit_nvidia_process(struct vit_vec *processes, uint64_t pid)
{
	struct vit_nvidia_process *p;

	for (size_t i = 0; i < processes->count; i++) {
		p = vit_vec_at(processes, i);
		if (p->pid == pid)
			return p;
	}
	if (processes->count >= VIT_NVIDIA_MAX_PROCESSES)
		return NULL;
	p = vit_vec_add(processes);
	p->pid = pid;
	p->name = VIT_STR_EMPTY;
	return p;
}

static struct vit_known number(const struct vit_table_row *row, size_t field)
{
	struct vit_known k = { false, 0 };

	if (field < row->count)
		k.known = vit_parse_u64(row->fields[field], &k.value);
	if (!k.known)
		k.value = 0;
	return k;
}

static struct vit_str text(const struct vit_table_row *row, size_t field)
{
	return field < row->count ? row->fields[field] : VIT_STR_EMPTY;
}

static void system_row(struct vit_arena *a, const struct vit_table_row *row,
		       struct vit_nvidia *out)
{
	struct vit_known cuda;

	if (vit_str_is(row->fields[0], "init")) {
		out->init = number(row, 1);
		out->init_text = text(row, 2);
	} else if (vit_str_is(row->fields[0], "driver")) {
		out->driver = text(row, 1);
	} else if (vit_str_is(row->fields[0], "cuda")) {
		cuda = number(row, 1);
		if (cuda.known)
			out->cuda = vit_arena_printf(a, "%llu.%llu",
						     (unsigned long long)(cuda.value / 1000),
						     (unsigned long long)(cuda.value % 1000 / 10));
	}
}

static void capability(const struct vit_table_row *row, struct vit_nvidia_device *d)
{
	struct vit_known major = number(row, 2), minor = number(row, 3);

	if (!major.known || !minor.known || major.value > 1000 || minor.value > 9)
		return;
	d->has_capability = true;
	d->major = (uint32_t)major.value;
	d->minor = (uint32_t)minor.value;
}

static void memory(const struct vit_table_row *row, struct vit_nvidia_device *d)
{
	d->total = number(row, 2);
	d->used = number(row, 3);
	d->free = number(row, 4);
	d->reserved = number(row, 5);
	d->used_holds_reserved = !d->reserved.known;
}

static enum vit_nvidia_mig mig(struct vit_str word)
{
	if (vit_str_is(word, "on"))
		return VIT_NVIDIA_MIG_ON;
	if (vit_str_is(word, "off"))
		return VIT_NVIDIA_MIG_OFF;
	return vit_str_is(word, "none") ? VIT_NVIDIA_MIG_NONE : VIT_NVIDIA_MIG_UNKNOWN;
}

/* A program may be on the list of compute and on that of graphics. */
static void process(struct vit_arena *a, const struct vit_table_row *row,
		    struct vit_vec *processes)
{
	struct vit_known pid = number(row, 2), bytes = number(row, 3);
	struct vit_nvidia_process *p;

	if (!pid.known)
		return;
	p = vit_nvidia_process(processes, pid.value);
	if (!p)
		return;
	if (bytes.known && (!p->bytes.known || bytes.value > p->bytes.value))
		p->bytes = bytes;
	if (p->name.n == 0)
		p->name = vit_nvidia_program(a, text(row, 4));
}

/* Of the processes alone, an error is no more than a list that is not there. */
static void error(struct vit_arena *a, const struct vit_table_row *row,
		  struct vit_nvidia_device *d)
{
	struct vit_str what = text(row, 2);
	struct vit_known code = number(row, 3);

	if (vit_str_is(what, "memory") && code.known && code.value == NVML_NOT_SUPPORTED)
		d->no_memory = true;
	else if (vit_str_is(what, "device") || vit_str_is(what, "memory"))
		d->error = vit_arena_printf(a, "%.*s: %.*s", VIT_FMT(what), VIT_FMT(text(row, 4)));
}

static void device_row(struct vit_arena *a, const struct vit_table_row *row,
		       struct vit_nvidia_device *d, struct vit_vec *processes)
{
	struct vit_str what = row->fields[1];

	if (vit_str_is(what, "name"))
		d->name = text(row, 2);
	else if (vit_str_is(what, "memory"))
		memory(row, d);
	else if (vit_str_is(what, "capability"))
		capability(row, d);
	else if (vit_str_is(what, "mig"))
		d->mig = mig(text(row, 2));
	else if (vit_str_is(what, "bus_bits"))
		d->bus_bits = number(row, 2);
	else if (vit_str_is(what, "memory_mhz"))
		d->memory_mhz = number(row, 2);
	else if (vit_str_is(what, "processes"))
		d->processes_known = d->processes_known || vit_str_is(text(row, 2), "compute");
	else if (vit_str_is(what, "process"))
		process(a, row, processes);
	else if (vit_str_is(what, "error"))
		error(a, row, d);
}

void vit_nvidia_init(struct vit_nvidia *out)
{
	*out = (struct vit_nvidia){ .init_text = VIT_STR_EMPTY, .driver = VIT_STR_EMPTY,
				    .cuda = VIT_STR_EMPTY };
}

struct vit_nvidia_device *vit_nvidia_add(struct vit_vec *devices, uint32_t index)
{
	struct vit_nvidia_device *d = vit_vec_add(devices);

	*d = (struct vit_nvidia_device){ .index = index, .name = VIT_STR_EMPTY,
					 .architecture = VIT_STR_EMPTY, .error = VIT_STR_EMPTY };
	return d;
}

void vit_nvidia_end(struct vit_arena *a, struct vit_vec *devices, struct vit_vec *processes)
{
	struct vit_nvidia_device *d;

	if (devices->count == 0) {
		vit_vec_free(processes);
		return;
	}
	d = vit_vec_at(devices, devices->count - 1);
	d->processes = vit_vec_take(processes, a, &d->process_count);
	*processes = VIT_VEC(sizeof(struct vit_nvidia_process));
}

enum vit_errc vit_parse_nvml(struct vit_arena *a, struct vit_str bytes, struct vit_nvidia *out,
			     struct vit_err *err)
{
	struct vit_vec devices = VIT_VEC(sizeof(struct vit_nvidia_device));
	struct vit_vec processes = VIT_VEC(sizeof(struct vit_nvidia_process));
	struct vit_nvidia_device *d = NULL;
	struct vit_table table;
	enum vit_errc rc;

	vit_nvidia_init(out);
	rc = vit_table_parse(a, bytes, "NVML", &table, err);
	if (rc != VIT_OK)
		return rc;
	for (size_t i = 0; i < table.count; i++) {
		const struct vit_table_row *row = &table.rows[i];
		struct vit_known index = number(row, 0);

		if (!index.known) {
			system_row(a, row, out);
			continue;
		}
		if (row->count < 2)
			continue;
		if (vit_str_is(row->fields[1], "device") && index.value < VIT_NVIDIA_MAX_DEVICES &&
		    devices.count < VIT_NVIDIA_MAX_DEVICES) {
			vit_nvidia_end(a, &devices, &processes);
			d = vit_nvidia_add(&devices, (uint32_t)index.value);
		} else if (d && d->index == index.value) {
			device_row(a, row, d, &processes);
		}
	}
	vit_nvidia_end(a, &devices, &processes);
	out->devices = vit_vec_take(&devices, a, &out->count);
	return VIT_OK;
}
