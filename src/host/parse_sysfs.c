#include "base/num.h"
#include "host/parse_devices.h"

bool vit_parse_pci_uevent(struct vit_str text, struct vit_pci_device *out)
{
	struct vit_str line, key, vendor;
	bool has_class = false, has_id = false;

	*out = (struct vit_pci_device){ .driver = VIT_STR_EMPTY };
	while (vit_str_line(&text, &line)) {
		if (!vit_str_split(&line, '=', &key))
			continue;
		line = vit_str_trim(line);
		if (vit_str_is(key, "DRIVER"))
			out->driver = line;
		else if (vit_str_is(key, "PCI_CLASS"))
			has_class = vit_parse_hex(line, &out->class);
		else if (vit_str_is(key, "PCI_ID") && vit_str_split(&line, ':', &vendor))
			has_id = vit_parse_hex(vendor, &out->vendor) && vit_parse_hex(line, &out->device);
	}
	return has_class && has_id;
}

struct vit_known vit_parse_kfd_property(struct vit_str text, const char *name)
{
	struct vit_known k = { false, 0 };
	struct vit_str line, key;

	while (vit_str_line(&text, &line)) {
		if (!vit_str_split(&line, ' ', &key) || !vit_str_is(key, name))
			continue;
		k.known = vit_parse_u64(vit_str_trim(line), &k.value);
		break;
	}
	if (!k.known)
		k.value = 0;
	return k;
}

struct vit_str vit_kfd_target(struct vit_arena *a, uint64_t version)
{
	uint64_t major = version / 10000, minor = version / 100 % 100, step = version % 100;

	if (version == 0 || version > 999999)
		return VIT_STR_EMPTY;
	return vit_arena_printf(a, "gfx%llu%llx%llx", (unsigned long long)major,
				(unsigned long long)minor, (unsigned long long)step);
}
