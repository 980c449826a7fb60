#include "formats/python_dist.h"

bool vit_dist_entry(struct vit_str entry, struct vit_str *name, struct vit_str *version)
{
	bool egg = vit_str_ends(entry, VIT_STR(".egg-info"));
	struct vit_str stem;
	size_t dash;

	if (!egg && !vit_str_ends(entry, VIT_STR(".dist-info")))
		return false;
	stem = vit_str_sub(entry, 0, entry.n - strlen(egg ? ".egg-info" : ".dist-info"));
	/* In both forms the name has its dashes written as underscores. */
	dash = vit_str_find(stem, VIT_STR("-"), 0);
	if (dash == 0 || stem.n == 0 || stem.p[0] == '~')
		return false;
	*name = vit_str_sub(stem, 0, dash == SIZE_MAX ? stem.n : dash);
	*version = VIT_STR_EMPTY;
	if (dash == SIZE_MAX)
		return egg; /* an egg-info of a checkout has no version in its name */
	*version = vit_str_sub(stem, dash + 1, stem.n);
	dash = egg ? vit_str_find(*version, VIT_STR("-py"), 0) : SIZE_MAX;
	if (dash != SIZE_MAX)
		*version = vit_str_sub(*version, 0, dash);
	return version->n > 0;
}

/* "Key: value", the key without case. */
static bool header(struct vit_str line, const char *key, struct vit_str *value)
{
	size_t n = strlen(key);

	if (line.n <= n || line.p[n] != ':' ||
	    !vit_str_ieq(vit_str_sub(line, 0, n), vit_str_c(key)))
		return false;
	*value = vit_str_trim(vit_str_sub(line, n + 1, line.n));
	return true;
}

void vit_dist_metadata_read(struct vit_arena *a, struct vit_str text, struct vit_dist_metadata *out)
{
	struct vit_vec requires = VIT_VEC(sizeof(struct vit_str));
	struct vit_str line, value;
	size_t count;

	*out = (struct vit_dist_metadata){ VIT_STR_EMPTY, VIT_STR_EMPTY, VIT_STR_EMPTY, NULL, 0 };
	while (vit_str_line(&text, &line) && line.n > 0) {
		if (header(line, "Name", &value))
			out->name = vit_arena_str(a, value);
		else if (header(line, "Version", &value))
			out->version = vit_arena_str(a, value);
		else if (header(line, "Requires-Python", &value))
			out->requires_python = vit_arena_str(a, value);
		else if (header(line, "Requires-Dist", &value) &&
			 requires.count < VIT_DIST_MAX_REQUIRES)
			*(struct vit_str *)vit_vec_add(&requires) = vit_arena_str(a, value);
	}
	out->requires = vit_vec_take(&requires, a, &count);
	out->requires_count = (uint32_t)count;
}

/* "3.11.7.final.0" to "3.11.7". */
static struct vit_str numbers(struct vit_str s)
{
	size_t n = 0, dots = 0;

	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] == '.' && dots < 2))) {
		dots += s.p[n] == '.';
		n++;
	}
	while (n > 0 && s.p[n - 1] == '.')
		n--;
	return vit_str_sub(s, 0, n);
}

void vit_pyvenv_read(struct vit_str text, struct vit_pyvenv *out)
{
	struct vit_str line;

	*out = (struct vit_pyvenv){ VIT_STR_EMPTY, VIT_STR_EMPTY, false, false };
	while (vit_str_line(&text, &line)) {
		size_t eq = vit_str_find(line, VIT_STR("="), 0);
		struct vit_str key, value;

		if (eq == SIZE_MAX)
			continue;
		key = vit_str_trim(vit_str_sub(line, 0, eq));
		value = vit_str_trim(vit_str_sub(line, eq + 1, line.n));
		if (vit_str_ieq(key, VIT_STR("home")))
			out->home = value;
		else if (vit_str_ieq(key, VIT_STR("version")) ||
			 vit_str_ieq(key, VIT_STR("version_info")))
			out->version = numbers(value);
		else if (vit_str_ieq(key, VIT_STR("include-system-site-packages")))
			out->system_site = vit_str_ieq(value, VIT_STR("true"));
		else if (vit_str_ieq(key, VIT_STR("uv")))
			out->uv = true;
	}
}

/* name = 'text', with or without an annotation; empty for None. */
static bool constant(struct vit_str line, const char *name, struct vit_str *value)
{
	size_t n = strlen(name), eq;
	char quote;

	if (!vit_str_starts(line, vit_str_c(name)) || line.n == n || !strchr(" :=", line.p[n]))
		return false;
	eq = vit_str_find(line, VIT_STR("="), n);
	if (eq == SIZE_MAX)
		return false;
	*value = vit_str_trim(vit_str_sub(line, eq + 1, line.n));
	quote = value->n ? value->p[0] : '\0';
	if (value->n < 2 || (quote != '\'' && quote != '"') || value->p[value->n - 1] != quote)
		*value = VIT_STR_EMPTY;
	else
		*value = vit_str_sub(*value, 1, value->n - 1);
	return true;
}

void vit_torch_build_read(struct vit_str text, struct vit_torch_build *out)
{
	struct vit_str line, value;

	*out = (struct vit_torch_build){ VIT_STR_EMPTY, VIT_STR_EMPTY, VIT_STR_EMPTY,
					 VIT_STR_EMPTY };
	while (vit_str_line(&text, &line)) {
		if (constant(line, "__version__", &value))
			out->version = value;
		else if (constant(line, "cuda", &value))
			out->cuda = value;
		else if (constant(line, "hip", &value))
			out->hip = value;
		else if (constant(line, "xpu", &value))
			out->xpu = value;
	}
}
