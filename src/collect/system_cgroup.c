/*
 * Limits of control groups. A limit anywhere above us holds for us, so every
 * ancestor is asked; a container may see its own group as the root, or its
 * host's path with nothing mounted there, so what is absent is passed over.
 */
#include "base/num.h"
#include "collect/system_probe.h"
#include "host/parse.h"

#define MAX_LEVELS 64

/* How one version of control groups spells things. */
struct spelling {
	const char *memory_mount, *cpu_mount;
	const char *limits[2]; /* of memory; the second may be NULL */
	const char *used;
};

static const struct spelling unified = {
	"/sys/fs/cgroup", "/sys/fs/cgroup", { "memory.max", "memory.high" }, "memory.current",
};
static const struct spelling legacy = {
	"/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu",
	{ "memory.limit_in_bytes", NULL }, "memory.usage_in_bytes",
};

/* The file in the group's folder; p->text holds it. */
static bool group_file(struct vit_probe *p, struct vit_str folder, const char *name,
		       struct vit_str *path)
{
	*path = vit_arena_printf(p->a, "%.*s/%s", VIT_FMT(folder), name);
	return vit_probe_file(p, path->p, VIT_PROBE_OPTIONAL);
}

/* Bytes in use that count against the limit: the kernel takes file cache back
 * before it refuses memory, so that part is no use. */
static struct vit_measure memory_used(struct vit_probe *p, const struct spelling *v,
				      struct vit_str folder)
{
	struct vit_measure used = { false, 0, VIT_STR_EMPTY };
	struct vit_known bytes = { false, 0 }, cache = { false, 0 };
	struct vit_str path, stat;

	if (group_file(p, folder, v->used, &path))
		bytes.known = vit_parse_u64(vit_str_trim(vit_buf_view(&p->text)), &bytes.value);
	if (!bytes.known)
		return used;
	if (group_file(p, folder, "memory.stat", &stat))
		cache = vit_parse_memory_stat(vit_buf_view(&p->text));
	if (!cache.known) {
		vit_probe_set(p, &used, bytes.value, path.p);
		return used;
	}
	vit_probe_set(p, &used, bytes.value > cache.value ? bytes.value - cache.value : 0,
		      vit_arena_printf(p->a, "%.*s less the file cache of memory.stat",
				       VIT_FMT(path)).p);
	return used;
}

static uint64_t room(const struct vit_measure *limit, const struct vit_measure *used)
{
	uint64_t taken = used->known ? used->value : 0;

	return taken < limit->value ? limit->value - taken : 0;
}

/* The tightest limit is the one that leaves least, not the lowest: a parent
 * may be fuller than its child. */
static void memory_level(struct vit_probe *p, const struct spelling *v, struct vit_str folder)
{
	struct vit_system *s = p->out;
	struct vit_measure limit = { false, 0, VIT_STR_EMPTY }, used;

	for (size_t i = 0; i < 2 && v->limits[i]; i++) {
		struct vit_known bytes;
		struct vit_str path;

		if (!group_file(p, folder, v->limits[i], &path))
			continue;
		bytes = vit_parse_cgroup_bytes(vit_buf_view(&p->text));
		if (bytes.known && (!limit.known || bytes.value < limit.value))
			vit_probe_set(p, &limit, bytes.value, path.p);
	}
	if (!limit.known)
		return;
	used = memory_used(p, v, folder);
	if (!s->memory_limit.known ||
	    room(&limit, &used) < room(&s->memory_limit, &s->memory_limit_used)) {
		s->memory_limit = limit;
		s->memory_limit_used = used;
	}
}

static void cpu_level(struct vit_probe *p, const struct spelling *v, struct vit_str folder)
{
	struct vit_measure *m = &p->out->cpu_limit_milli;
	struct vit_known milli = { false, 0 };
	struct vit_str path, ignored;

	if (v == &unified) {
		if (group_file(p, folder, "cpu.max", &path))
			milli = vit_parse_cpu_max(vit_buf_view(&p->text));
	} else if (group_file(p, folder, "cpu.cfs_quota_us", &path)) {
		struct vit_str quota = vit_arena_str(p->a, vit_buf_view(&p->text));

		if (group_file(p, folder, "cpu.cfs_period_us", &ignored))
			milli = vit_parse_cpu_cfs(quota, vit_buf_view(&p->text));
	}
	if (milli.known && (!m->known || milli.value < m->value))
		vit_probe_set(p, m, milli.value, path.p);
}

/* From the group itself up to the mount. */
static void each_level(struct vit_probe *p, const struct spelling *v, const char *mount,
		       struct vit_str path,
		       void (*look)(struct vit_probe *p, const struct spelling *v,
				    struct vit_str folder))
{
	for (size_t level = 0; level < MAX_LEVELS; level++) {
		size_t slash;

		while (path.n > 0 && path.p[path.n - 1] == '/')
			path.n--;
		look(p, v, vit_arena_printf(p->a, "%s%.*s", mount, VIT_FMT(path)));
		if (path.n == 0)
			return;
		slash = vit_str_rchr(path, '/');
		path.n = slash == SIZE_MAX ? 0 : slash;
	}
}

static bool names_container(struct vit_str text)
{
	static const char *const signs[] = { "/docker", "/kubepods", "kubepods.slice", "/lxc/",
					     "/lxc.payload", "libpod-", "containerd", "/podman" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (vit_str_find(text, vit_str_c(signs[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

void vit_probe_linux_limits(struct vit_probe *p)
{
	struct vit_cgroup_paths paths;
	struct vit_str text;

	if (!vit_probe_file(p, "/proc/self/cgroup", VIT_PROBE_OPTIONAL))
		return;
	text = vit_arena_str(p->a, vit_buf_view(&p->text));
	vit_parse_cgroup(text, &paths);
	p->out->container = names_container(paths.unified) || names_container(paths.memory);
	/* A controller belongs to one version at a time. */
	if (paths.has_memory)
		each_level(p, &legacy, legacy.memory_mount, paths.memory, memory_level);
	else if (paths.has_unified)
		each_level(p, &unified, unified.memory_mount, paths.unified, memory_level);
	if (paths.has_cpu)
		each_level(p, &legacy, legacy.cpu_mount, paths.cpu, cpu_level);
	else if (paths.has_unified)
		each_level(p, &unified, unified.cpu_mount, paths.unified, cpu_level);
}
