/*
 * AMD's and Intel's devices as the kernel shows them, and what is on the bus.
 * The amdgpu driver documents its mem_info files, amdkfd its topology; xe has
 * a file of its memory per tile; i915 of the main line has none.
 */
#include "base/num.h"
#include "collect/devices.h"
#include "host/parse_devices.h"

#define DRM "/sys/class/drm"
#define KFD "/sys/class/kfd/kfd/topology/nodes"
#define PCI "/sys/bus/pci/devices"
#define MAX_CARDS 256
#define MAX_PCI 4096

#define VENDOR_NVIDIA 0x10de
#define VENDOR_AMD 0x1002
#define VENDOR_INTEL 0x8086

struct kfd_node {
	uint64_t domain, location; /* location: bus << 8 | device << 3 | function */
	struct vit_str target;
};

struct scan {
	struct vit_device_probe *d;
	struct vit_vec nodes;      /* struct kfd_node */
};

static bool list(struct vit_probe *p, const char *folder, struct vit_str **names, size_t *count)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	*count = 0;
	if (p->h->list_dir(p->h->ctx, folder, p->a, names, count, &err) == VIT_OK)
		return true;
	*count = 0;
	vit_probe_failed(p, VIT_PROBE_OPTIONAL, "folder", &err);
	return false;
}

/* A file with one number, decimal or 0x hex. */
static bool number(struct vit_probe *p, const char *path, uint64_t *out)
{
	struct vit_str text;

	if (!vit_probe_file(p, path, VIT_PROBE_OPTIONAL))
		return false;
	text = vit_str_trim(vit_buf_view(&p->text));
	if (!vit_str_starts(text, VIT_STR("0x")))
		return vit_parse_u64(text, out);
	return vit_parse_hex(vit_str_sub(text, 2, text.n), out);
}

static void measure(struct vit_probe *p, const char *path, struct vit_measure *m)
{
	uint64_t value;

	if (number(p, path, &value))
		vit_probe_set(p, m, value, path);
}

static void scan_kfd(struct scan *s)
{
	struct vit_probe *p = s->d->p;
	struct vit_str *names;
	size_t count;

	list(p, KFD, &names, &count);
	for (size_t i = 0; i < count && i < MAX_CARDS; i++) {
		struct vit_known version, domain, location;
		struct kfd_node *node;
		const char *path = vit_arena_printf(p->a, KFD "/%.*s/properties",
						    VIT_FMT(names[i])).p;

		if (!vit_probe_file(p, path, VIT_PROBE_OPTIONAL))
			continue;
		version = vit_parse_kfd_property(vit_buf_view(&p->text), "gfx_target_version");
		domain = vit_parse_kfd_property(vit_buf_view(&p->text), "domain");
		location = vit_parse_kfd_property(vit_buf_view(&p->text), "location_id");
		if (!version.known || version.value == 0 || !location.known)
			continue;
		node = vit_vec_add(&s->nodes);
		*node = (struct kfd_node){ domain.value, location.value,
					   vit_kfd_target(p->a, version.value) };
	}
}

/* "0000:03:00.0" as amdkfd writes it. */
static bool location(struct vit_str slot, uint64_t *domain, uint64_t *at)
{
	struct vit_str part[3];
	uint64_t bus, device, function;

	for (int i = 0; i < 3; i++)
		if (!vit_str_split(&slot, i < 2 ? ':' : '.', &part[i]))
			return false;
	if (!vit_parse_hex(part[0], domain) || !vit_parse_hex(part[1], &bus) ||
	    !vit_parse_hex(part[2], &device) || !vit_parse_hex(slot, &function) ||
	    bus > 255 || device > 31 || function > 7)
		return false;
	*at = bus << 8 | device << 3 | function;
	return true;
}

/* The chips that share the machine's memory, of LLVM's list of AMDGPU targets. */
static bool is_apu(struct vit_str target)
{
	static const char *const apus[] = { "gfx902", "gfx909", "gfx90c", "gfx1013", "gfx1033",
					    "gfx1035", "gfx1036", "gfx1103", "gfx1150", "gfx1151",
					    "gfx1152", "gfx1153" };

	for (size_t i = 0; i < sizeof(apus) / sizeof(apus[0]); i++)
		if (vit_str_is(target, apus[i]))
			return true;
	return false;
}

/* libdrm's list: "744C,\tC8,\tAMD Radeon RX 7900 XTX". */
static struct vit_str amd_marketing_name(struct vit_probe *p, uint64_t id, uint64_t revision)
{
	struct vit_str text, line, field;
	uint64_t value;

	if (!vit_probe_file(p, "/usr/share/libdrm/amdgpu.ids", VIT_PROBE_OPTIONAL))
		return VIT_STR_EMPTY;
	text = vit_buf_view(&p->text);
	while (vit_str_line(&text, &line)) {
		if (!vit_str_split(&line, ',', &field) ||
		    !vit_parse_hex(vit_str_trim(field), &value) || value != id)
			continue;
		if (!vit_str_split(&line, ',', &field) ||
		    !vit_parse_hex(vit_str_trim(field), &value) || value != revision)
			continue;
		return vit_arena_str(p->a, vit_str_trim(line));
	}
	return VIT_STR_EMPTY;
}

static struct vit_str amd_name(struct vit_probe *p, const char *device, uint64_t id)
{
	struct vit_str name = VIT_STR_EMPTY;
	uint64_t revision;

	if (vit_probe_file(p, vit_arena_printf(p->a, "%s/product_name", device).p,
			   VIT_PROBE_OPTIONAL))
		name = vit_arena_str(p->a, vit_str_trim(vit_buf_view(&p->text)));
	if (name.n == 0 &&
	    number(p, vit_arena_printf(p->a, "%s/revision", device).p, &revision))
		name = amd_marketing_name(p, id, revision);
	if (name.n == 0)
		name = vit_arena_printf(p->a, "AMD GPU 1002:%04llx", (unsigned long long)id);
	return name;
}

/* An APU computes in its carve-out and in what the driver may map of the rest. */
static void apu_memory(struct vit_probe *p, const char *device, struct vit_device *gpu)
{
	struct vit_measure total = { false, 0, VIT_STR_EMPTY }, used = total;
	uint64_t sum;

	gpu->integrated = true;
	measure(p, vit_arena_printf(p->a, "%s/mem_info_gtt_total", device).p, &total);
	measure(p, vit_arena_printf(p->a, "%s/mem_info_gtt_used", device).p, &used);
	if (gpu->memory_total.known && total.known &&
	    vit_add_u64(gpu->memory_total.value, total.value, &sum))
		vit_probe_set(p, &gpu->memory_total, sum, "mem_info_vram_total plus mem_info_gtt_total");
	if (gpu->memory_used.known && used.known &&
	    vit_add_u64(gpu->memory_used.value, used.value, &sum))
		vit_probe_set(p, &gpu->memory_used, sum, "mem_info_vram_used plus mem_info_gtt_used");
}

static void amd(struct scan *s, const char *device, uint64_t id, struct vit_str slot)
{
	struct vit_probe *p = s->d->p;
	struct vit_device *gpu = vit_probe_device(s->d, VIT_DEVICE_ROCM, "AMD", "sysfs");
	uint64_t domain = 0, at = 0;

	gpu->mig = VIT_MIG_NONE;
	gpu->name = amd_name(p, device, id);
	if (location(slot, &domain, &at)) {
		for (size_t i = 0; i < s->nodes.count; i++) {
			const struct kfd_node *node = vit_vec_at(&s->nodes, i);

			if (node->domain == domain && node->location == at)
				gpu->target = node->target;
		}
	}
	gpu->architecture = vit_str_c(vit_rocm_architecture(gpu->target));
	if (vit_probe_file(p, "/sys/module/amdgpu/version", VIT_PROBE_OPTIONAL))
		gpu->driver = vit_arena_str(p->a, vit_str_trim(vit_buf_view(&p->text)));
	measure(p, vit_arena_printf(p->a, "%s/mem_info_vram_total", device).p, &gpu->memory_total);
	measure(p, vit_arena_printf(p->a, "%s/mem_info_vram_used", device).p, &gpu->memory_used);
	if (is_apu(gpu->target))
		apu_memory(p, device, gpu);
	if (!gpu->memory_total.known || !gpu->memory_used.known ||
	    gpu->memory_used.value > gpu->memory_total.value)
		return;
	vit_probe_set(p, &gpu->memory_free, gpu->memory_total.value - gpu->memory_used.value,
		      "total less used, of sysfs");
	if (gpu->integrated && p->out->memory_available.known &&
	    p->out->memory_available.value < gpu->memory_free.value)
		vit_probe_set(p, &gpu->memory_free, p->out->memory_available.value,
			      "memory available, which is less than the driver has left to map");
}

/* Of the kernel's list of PCI ids (include/drm/intel/pciids.h) those that are
 * sold as accelerators. */
static const struct { uint64_t id; const char *name, *architecture; } intel_gpus[] = {
	{ 0x56a0, "Intel Arc A770", "Xe-HPG" },
	{ 0x56a1, "Intel Arc A750", "Xe-HPG" },
	{ 0x56a2, "Intel Arc A580", "Xe-HPG" },
	{ 0x56a5, "Intel Arc A380", "Xe-HPG" },
	{ 0x56a6, "Intel Arc A310", "Xe-HPG" },
	{ 0x5690, "Intel Arc A770M", "Xe-HPG" },
	{ 0x5691, "Intel Arc A730M", "Xe-HPG" },
	{ 0x5692, "Intel Arc A550M", "Xe-HPG" },
	{ 0x5693, "Intel Arc A370M", "Xe-HPG" },
	{ 0x5694, "Intel Arc A350M", "Xe-HPG" },
	{ 0x56c0, "Intel Data Center GPU Flex 170", "Xe-HPG" },
	{ 0x56c1, "Intel Data Center GPU Flex 140", "Xe-HPG" },
	{ 0x0bd5, "Intel Data Center GPU Max 1550", "Xe-HPC" },
	{ 0x0bda, "Intel Data Center GPU Max 1100", "Xe-HPC" },
	{ 0xe20b, "Intel Arc B580", "Xe2-HPG" },
	{ 0xe20c, "Intel Arc B570", "Xe2-HPG" },
	{ 0xe211, "Intel Arc Pro B60", "Xe2-HPG" },
	{ 0xe212, "Intel Arc Pro B50", "Xe2-HPG" },
};

static void intel(struct scan *s, const char *card, const char *device, uint64_t id)
{
	struct vit_probe *p = s->d->p;
	struct vit_device *gpu = vit_probe_device(s->d, VIT_DEVICE_XPU, "Intel", "sysfs");

	gpu->mig = VIT_MIG_NONE;
	gpu->name = vit_arena_printf(p->a, "Intel GPU 8086:%04llx", (unsigned long long)id);
	gpu->integrated = true;
	for (size_t i = 0; i < sizeof(intel_gpus) / sizeof(intel_gpus[0]); i++) {
		if (intel_gpus[i].id == id) {
			gpu->name = vit_str_c(intel_gpus[i].name);
			gpu->architecture = vit_str_c(intel_gpus[i].architecture);
			gpu->integrated = false;
		}
	}
	measure(p, vit_arena_printf(p->a, "%s/tile0/physical_vram_size_bytes", device).p,
		&gpu->memory_total);
	if (!gpu->memory_total.known)
		measure(p, vit_arena_printf(p->a, "%s/lmem_total_bytes", card).p,
			&gpu->memory_total);
	if (gpu->memory_total.known)
		gpu->integrated = false;
}

/* "card0", not "card0-DP-1". */
static bool is_card(struct vit_str name)
{
	uint64_t n;

	return vit_str_starts(name, VIT_STR("card")) &&
	       vit_parse_u64(vit_str_sub(name, 4, name.n), &n);
}

static void scan_cards(struct scan *s)
{
	struct vit_probe *p = s->d->p;
	struct vit_str *names;
	size_t count, cards = 0;

	list(p, DRM, &names, &count);
	for (size_t i = 0; i < count && cards < MAX_CARDS; i++) {
		const char *card, *device;
		uint64_t vendor, id;
		struct vit_str slot = VIT_STR_EMPTY, text, line, key;

		if (!is_card(names[i]))
			continue;
		cards++;
		card = vit_arena_printf(p->a, DRM "/%.*s", VIT_FMT(names[i])).p;
		device = vit_arena_printf(p->a, "%s/device", card).p;
		if (!number(p, vit_arena_printf(p->a, "%s/vendor", device).p, &vendor) ||
		    (vendor != VENDOR_AMD && vendor != VENDOR_INTEL) ||
		    !number(p, vit_arena_printf(p->a, "%s/device", device).p, &id))
			continue;
		if (vit_probe_file(p, vit_arena_printf(p->a, "%s/uevent", device).p,
				   VIT_PROBE_OPTIONAL)) {
			text = vit_arena_str(p->a, vit_buf_view(&p->text));
			while (vit_str_line(&text, &line))
				if (vit_str_split(&line, '=', &key) &&
				    vit_str_is(key, "PCI_SLOT_NAME"))
					slot = vit_str_trim(line);
		}
		if (vendor == VENDOR_AMD)
			amd(s, device, id, slot);
		else
			intel(s, card, device, id);
	}
}

/* Base class 03 is a display controller, 0302 one without a screen; 1200 is
 * what accelerators without any display call themselves. */
static bool is_gpu(uint64_t class)
{
	return class >> 16 == 0x03 || class >> 8 == 0x1200;
}

static void scan_bus(struct vit_probe *p)
{
	struct vit_gpu_bus *bus = &p->out->bus;
	struct vit_str *names;
	size_t count;

	bus->listed = list(p, PCI, &names, &count);
	for (size_t i = 0; i < count && i < MAX_PCI; i++) {
		struct vit_pci_device found;

		if (!vit_probe_file(p, vit_arena_printf(p->a, PCI "/%.*s/uevent",
							VIT_FMT(names[i])).p, VIT_PROBE_OPTIONAL))
			continue;
		if (!vit_parse_pci_uevent(vit_buf_view(&p->text), &found) || !is_gpu(found.class))
			continue;
		bus->amd += found.vendor == VENDOR_AMD;
		bus->intel += found.vendor == VENDOR_INTEL;
		if (found.vendor == VENDOR_NVIDIA && bus->nvidia++ == 0)
			bus->nvidia_driver = vit_arena_str(p->a, found.driver);
	}
}

void vit_probe_sysfs_gpus(struct vit_device_probe *d)
{
	struct scan s = { d, VIT_VEC(sizeof(struct kfd_node)) };

	scan_bus(d->p);
	scan_kfd(&s);
	scan_cards(&s);
	vit_vec_free(&s.nodes);
	d->p->out->devices_probed = d->p->out->devices_probed || d->p->out->bus.listed;
}
