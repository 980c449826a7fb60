#include <time.h>

#include "present/present.h"

struct vit_str vit_present_date(struct vit_arena *a, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[40];

	if (!gmtime_r(&t, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return VIT_STR_EMPTY;
	return vit_arena_str(a, vit_str_c(text));
}

static void spec_line(const struct vit_present *p, struct vit_node *list, const struct vit_spec *spec)
{
	if (spec)
		list->cells[list->row_count++] = vit_val_str(vit_arena_printf(
			p->arena, "%.*s (%.*s)", VIT_FMT(spec->id), VIT_FMT(spec->source)));
}

void vit_present_provenance(const struct vit_present *p, const struct vit_report *r,
			    struct vit_section *s)
{
	const struct vit_architecture *ar = p->architecture;
	struct vit_node *specs;

	vit_present_value(p, s, "tool_version", "vitalis-audit", vit_val_str(r->tool_version),
			  VIT_BASIS_MEASURED, "built in");
	vit_present_value(p, s, "date", "Date", vit_val_str(vit_present_date(p->arena, r->date)), VIT_BASIS_MEASURED,
			  "clock, or SOURCE_DATE_EPOCH");
	if (p->options.n)
		vit_present_value(p, s, "options", "Options", vit_val_str(p->options), VIT_BASIS_MEASURED,
				  "command line");
	if (p->policy->source.n)
		vit_present_value(p, s, "policy", "Policy", vit_val_str(p->policy->source), VIT_BASIS_MEASURED,
				  "command line");
	if (p->facts->groups & VIT_FG_SYSTEM)
		vit_present_value(p, s, "platform", "Platform",
				  vit_val_str(vit_arena_printf(p->arena, "%.*s %.*s", VIT_FMT(p->facts->system.os),
							       VIT_FMT(p->facts->system.arch))),
				  VIT_BASIS_MEASURED, "host probe");
	if (p->facts->remote.revision.n)
		vit_present_value(p, s, "audited_revision", "Audited revision", vit_val_str(p->facts->remote.revision),
				  VIT_BASIS_ATTESTED, "the hub");
	if (p->facts->remote.requests)
		vit_present_value(p, s, "bytes_fetched", "Bytes fetched over the network",
				  vit_val_bytes(p->facts->remote.bytes), VIT_BASIS_MEASURED, "counted");
	specs = vit_present_list(p, s, "specs", "Specs", 3);
	specs->row_count = 0;
	spec_line(p, specs, ar->family);
	spec_line(p, specs, ar->overlay);
	spec_line(p, specs, ar->model);
}
