#include "base/num.h"
#include "host/parse.h"

/* Version 1 writes "no limit" as LONG_MAX cut to a page, of 64 KiB at most. */
#define NO_LIMIT_V1 (UINT64_C(0x8000000000000000) - 65536)

static bool lists_controller(struct vit_str list, const char *controller)
{
	struct vit_str name;

	while (vit_str_split(&list, ',', &name))
		if (vit_str_is(name, controller))
			return true;
	return false;
}

static struct vit_str cgroup_path(struct vit_str path)
{
	struct vit_str rest = path, part;

	if (path.n == 0 || path.p[0] != '/' || memchr(path.p, '\0', path.n))
		return VIT_STR("/");
	while (vit_str_split(&rest, '/', &part))
		if (vit_str_is(part, "..") || vit_str_is(part, "."))
			return VIT_STR("/");
	return path;
}

/* "4:memory:/docker/1f3a", "0::/user.slice": the path may hold colons. */
void vit_parse_cgroup(struct vit_str text, struct vit_cgroup_paths *out)
{
	struct vit_str line;

	*out = (struct vit_cgroup_paths){ .unified = VIT_STR_EMPTY, .memory = VIT_STR_EMPTY,
					  .cpu = VIT_STR_EMPTY };
	while (vit_str_line(&text, &line)) {
		size_t first = vit_str_find(line, VIT_STR(":"), 0);
		size_t second = first == SIZE_MAX ? SIZE_MAX :
				vit_str_find(line, VIT_STR(":"), first + 1);
		struct vit_str list, path;

		if (second == SIZE_MAX)
			continue;
		list = vit_str_sub(line, first + 1, second);
		path = cgroup_path(vit_str_sub(line, second + 1, line.n));
		if (list.n == 0 && !out->has_unified) {
			out->has_unified = true;
			out->unified = path;
		}
		if (!out->has_memory && lists_controller(list, "memory")) {
			out->has_memory = true;
			out->memory = path;
		}
		if (!out->has_cpu && lists_controller(list, "cpu")) {
			out->has_cpu = true;
			out->cpu = path;
		}
	}
}

struct vit_known vit_parse_cgroup_bytes(struct vit_str text)
{
	struct vit_known bytes = { false, 0 };

	bytes.known = vit_parse_u64(vit_str_trim(text), &bytes.value) &&
		      bytes.value < NO_LIMIT_V1;
	if (!bytes.known)
		bytes.value = 0;
	return bytes;
}

static struct vit_known thousandths(struct vit_str quota, struct vit_str period)
{
	struct vit_known milli = { false, 0 };
	uint64_t q, p;

	if (vit_parse_u64(quota, &q) && vit_parse_u64(period, &p) && p > 0 &&
	    vit_mul_u64(q, 1000, &q)) {
		milli.known = true;
		milli.value = q / p;
	}
	return milli;
}

struct vit_known vit_parse_cpu_max(struct vit_str text)
{
	struct vit_str rest = vit_str_trim(text), quota = VIT_STR_EMPTY;

	if (!vit_str_split(&rest, ' ', &quota))
		return (struct vit_known){ false, 0 };
	return thousandths(quota, vit_str_trim(rest));
}

struct vit_known vit_parse_cpu_cfs(struct vit_str quota, struct vit_str period)
{
	return thousandths(vit_str_trim(quota), vit_str_trim(period));
}

struct vit_known vit_parse_memory_stat(struct vit_str text)
{
	/* Version 1 has both forms; its plain ones leave out the children. */
	static const char *const names[4] = { "inactive_file", "active_file",
					      "total_inactive_file", "total_active_file" };
	struct vit_known values[4] = { { false, 0 } }, sum = { false, 0 };
	struct vit_str line;
	size_t base;

	while (vit_str_line(&text, &line)) {
		struct vit_str name;

		if (!vit_str_split(&line, ' ', &name))
			continue;
		for (size_t i = 0; i < 4; i++)
			if (!values[i].known && vit_str_is(name, names[i]))
				values[i].known = vit_parse_u64(line, &values[i].value);
	}
	base = values[2].known && values[3].known ? 2 : 0;
	if (values[base].known && values[base + 1].known)
		sum.known = vit_add_u64(values[base].value, values[base + 1].value, &sum.value);
	if (!sum.known)
		sum.value = 0;
	return sum;
}
