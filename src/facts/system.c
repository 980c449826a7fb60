#include "facts/system.h"

const char *vit_disk_class_name(enum vit_disk_class c)
{
	switch (c) {
	case VIT_DISK_UNKNOWN:
		return "unknown";
	case VIT_DISK_LOCAL:
		return "local";
	case VIT_DISK_NETWORK:
		return "network";
	case VIT_DISK_MEMORY:
		return "memory";
	case VIT_DISK_LAYERED:
		return "layered";
	case VIT_DISK_FUSE:
		return "fuse";
	}
	return "unknown";
}

const char *vit_pressure_name(enum vit_pressure p)
{
	switch (p) {
	case VIT_PRESSURE_UNKNOWN:
		return "unknown";
	case VIT_PRESSURE_NORMAL:
		return "normal";
	case VIT_PRESSURE_WARNING:
		return "warning";
	case VIT_PRESSURE_CRITICAL:
		return "critical";
	}
	return "unknown";
}

enum vit_disk_class vit_disk_classify(struct vit_str kind)
{
	static const struct { const char *kind; enum vit_disk_class class; } known[] = {
		{ "nfs", VIT_DISK_NETWORK },     { "nfs4", VIT_DISK_NETWORK },
		{ "cifs", VIT_DISK_NETWORK },    { "smb2", VIT_DISK_NETWORK },
		{ "smbfs", VIT_DISK_NETWORK },   { "afpfs", VIT_DISK_NETWORK },
		{ "webdav", VIT_DISK_NETWORK },  { "9p", VIT_DISK_NETWORK },
		{ "lustre", VIT_DISK_NETWORK },  { "ceph", VIT_DISK_NETWORK },
		{ "gpfs", VIT_DISK_NETWORK },    { "beegfs", VIT_DISK_NETWORK },
		{ "afs", VIT_DISK_NETWORK },     { "virtiofs", VIT_DISK_FUSE },
		{ "fuse", VIT_DISK_FUSE },       { "fusefs", VIT_DISK_FUSE },
		{ "macfuse", VIT_DISK_FUSE },    { "osxfuse", VIT_DISK_FUSE },
		{ "tmpfs", VIT_DISK_MEMORY },    { "ramfs", VIT_DISK_MEMORY },
		{ "overlay", VIT_DISK_LAYERED }, { "unionfs", VIT_DISK_LAYERED },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (vit_str_is(kind, known[i].kind))
			return known[i].class;
	return kind.n > 0 ? VIT_DISK_LOCAL : VIT_DISK_UNKNOWN;
}
