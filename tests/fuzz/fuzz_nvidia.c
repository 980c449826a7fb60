/*
 * NVIDIA's answers: NVML's table, nvidia-smi's XML, its list of capabilities.
 * Held: counts keep their limits, a process is listed once, what is not known is
 * zero, versions are short, and what was read before a mistake is still there.
 */
#include <stdlib.h>

#include "host/parse_devices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void known(struct vit_known k)
{
	must(k.known || k.value == 0);
}

static void device(const struct vit_nvidia_device *d, struct vit_str text)
{
	known(d->total);
	known(d->used);
	known(d->free);
	known(d->reserved);
	must(!d->has_capability || (d->major <= 1000 && d->minor <= 9));
	must(d->name.n <= text.n && d->architecture.n <= text.n);
	must(d->process_count <= VIT_NVIDIA_MAX_PROCESSES);
	for (size_t i = 0; i < d->process_count && d->process_count < 64; i++) {
		known(d->processes[i].bytes);
		must(!memchr(d->processes[i].name.p, ' ', d->processes[i].name.n) &&
		     !memchr(d->processes[i].name.p, '/', d->processes[i].name.n));
		for (size_t k = 0; k < i; k++)
			must(d->processes[i].pid != d->processes[k].pid);
	}
}

static void all(const struct vit_nvidia *n, struct vit_str text)
{
	must(n->count <= VIT_NVIDIA_MAX_DEVICES);
	must(n->driver.n <= text.n && n->cuda.n <= text.n + 8);
	known(n->init);
	for (size_t i = 0; i < n->count; i++)
		device(&n->devices[i], text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_str text = { (const char *)data, size };
	struct vit_arena *a = vit_arena_new();
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_nvidia n;

	if (vit_parse_nvml(a, text, &n, &err) == VIT_OK)
		all(&n, text);
	else
		must(err.code != VIT_OK);
	err.code = VIT_OK;
	if (vit_parse_nvidia_smi(a, text, &n, &err) != VIT_OK)
		must(err.code == VIT_E_SYNTAX && err.offset <= size);
	all(&n, text);
	vit_parse_nvidia_capabilities(text, &n);
	all(&n, text);
	vit_arena_free(a);
	return 0;
}
