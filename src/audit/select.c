#include "audit/session.h"

/* Marks every check that `name` means: an area, or one id. */
static enum vit_errc mark(const char *name, bool value, bool *selected, const char *option,
			  struct vit_err *err)
{
	struct vit_str s = vit_str_c(name);
	enum vit_area area = vit_area_find(s);
	enum vit_check_id id = vit_check_find(s), near;

	if (area != VIT_AREA_COUNT) {
		for (unsigned i = 0; i < VIT_CK_COUNT; i++)
			if (vit_check_info((enum vit_check_id)i)->area == area)
				selected[i] = value;
		return VIT_OK;
	}
	if (id != VIT_CK_COUNT) {
		selected[id] = value;
		return VIT_OK;
	}
	near = vit_check_nearest(s);
	if (near != VIT_CK_COUNT)
		return vit_err_set(err, VIT_E_USAGE, "%s %s: no such area or check; did you mean %s?", option,
				   name, vit_check_info(near)->id);
	return vit_err_set(err, VIT_E_USAGE, "%s %s: no such area or check; `vitalis-audit checks` lists them",
			   option, name);
}

enum vit_errc vit_select_checks(const struct vit_audit_options *options, const struct vit_policy *policy,
				struct vit_eval *ev, struct vit_err *err)
{
	enum vit_errc rc;
	bool any = false;

	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		ev->selected[i] = options->only.count == 0;
	for (size_t i = 0; i < options->only.count; i++)
		if ((rc = mark(options->only.names[i], true, ev->selected, "--only", err)))
			return rc;
	for (size_t i = 0; i < options->skip.count; i++)
		if ((rc = mark(options->skip.names[i], false, ev->selected, "--skip", err)))
			return rc;
	for (unsigned i = 0; i < VIT_CK_COUNT; i++) {
		ev->selected[i] = ev->selected[i] && !policy->off[i];
		any |= ev->selected[i];
	}
	if (!any)
		return vit_err_set(err, VIT_E_USAGE, "--only, --skip and the policy leave no check to run");
	return VIT_OK;
}

unsigned vit_select_groups(const struct vit_eval *ev)
{
	unsigned groups = 0;

	for (size_t i = 0; i < vit_pass_count; i++)
		for (size_t k = 0; k < vit_passes[i]->id_count; k++)
			if (ev->selected[vit_passes[i]->ids[k]])
				groups |= vit_passes[i]->needs;
	return groups;
}
