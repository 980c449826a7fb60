/*
 * What a Python environment leaves on disk: names of its folders, METADATA,
 * pyvenv.cfg, torch/version.py, versions, ranges, requirements and markers.
 * Held: parts lie in their text, a version equals itself and is in "==" of
 * itself, order is antisymmetric, and a normal name is normal again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "formats/pep440.h"
#include "formats/python_dist.h"
#include "formats/requirement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void inside(struct vit_str part, struct vit_str text)
{
	must(part.n == 0 || (part.p >= text.p && part.n <= text.n &&
			     (size_t)(part.p - text.p) <= text.n - part.n));
}

static void versions(struct vit_str a, struct vit_str b)
{
	struct vit_pep440 x, y;
	char range[300];

	if (!vit_pep440_parse(a, &x))
		return;
	must(vit_pep440_cmp(&x, &x) == 0);
	inside(x.local, a);
	if (a.n < 200 && snprintf(range, sizeof(range), "==%.*s", VIT_FMT(a)) > 0 &&
	    !memchr(a.p, ',', a.n) && !memchr(a.p, '\0', a.n))
		must(vit_pep440_matches(&x, vit_str_c(range)));
	if (vit_pep440_parse(b, &y))
		must(vit_pep440_cmp(&x, &y) == -vit_pep440_cmp(&y, &x));
	if (vit_pep440_matches(&x, b))
		must(vit_pep440_is_range(b));
}

static void names(struct vit_str entry)
{
	struct vit_str name, version;
	char once[64], twice[64];

	if (vit_dist_entry(entry, &name, &version)) {
		inside(name, entry);
		inside(version, entry);
		must(name.n > 0);
	}
	if (vit_pep503_name(entry, once, sizeof(once))) {
		must(vit_pep503_name(vit_str_c(once), twice, sizeof(twice)) || once[0] == '\0');
		must(once[0] == '\0' || strcmp(once, twice) == 0);
	}
}

static void requirements(struct vit_str text)
{
	static const struct vit_marker_env env = {
		.python_version = { "3.11", 4 }, .sys_platform = { "linux", 5 }, .extra = { "", 0 },
	};
	struct vit_requirement r;

	(void)vit_marker_decide(text, &env);
	if (!vit_requirement_parse(text, &r))
		return;
	inside(r.name, text);
	inside(r.extras, text);
	inside(r.range, text);
	inside(r.marker, text);
	must(vit_pep440_is_range(r.range));
	(void)vit_marker_decide(r.marker, &env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_str text = { (const char *)data, size }, rest = text, line, after, second;
	struct vit_arena *a = vit_arena_new();
	struct vit_dist_metadata metadata;
	struct vit_torch_build build;
	struct vit_pyvenv venv;

	vit_dist_metadata_read(a, text, &metadata);
	must(metadata.requires_count <= VIT_DIST_MAX_REQUIRES);
	vit_pyvenv_read(text, &venv);
	inside(venv.home, text);
	inside(venv.version, text);
	vit_torch_build_read(text, &build);
	inside(build.version, text);
	inside(build.cuda, text);
	while (vit_str_line(&rest, &line)) {
		after = rest;
		if (!vit_str_line(&after, &second))
			second = VIT_STR_EMPTY;
		versions(line, second);
		names(line);
		requirements(line);
	}
	vit_arena_free(a);
	return 0;
}
