/* What a session asks of the hub about a copy of this machine (--hub). */
#include "audit/session.h"

#include "checks/hub.h"
#include "collect/hub.h"
#include "collect/net.h"

enum vit_errc vit_session_check_hub(const struct vit_audit_options *o, struct vit_err *err)
{
	bool address = o->path && vit_net_is_address(o->path);

	if (o->repo && !o->hub)
		return vit_err_set(err, VIT_E_USAGE, "--repo says what --hub compares with; give --hub, too");
	if (o->hub && o->offline)
		return vit_err_set(err, VIT_E_USAGE, "--hub asks the hub, and --offline forbids the network");
	if (o->hub && address)
		return vit_err_set(err, VIT_E_USAGE, "--hub compares a folder of this machine with the hub, and %s is no such "
				   "folder", o->path);
	if (o->deep && address)
		return vit_err_set(err, VIT_E_USAGE, "--deep reads the numbers in the weights, and of %s they are not "
				   "downloaded", o->path);
	return VIT_OK;
}

static bool wants_hub(const struct vit_session *s)
{
	bool wanted = false;

	for (size_t i = 0; i < vit_pass_hub_copy.id_count; i++)
		wanted |= s->eval.selected[vit_pass_hub_copy.ids[i]];
	return wanted && s->options->hub && s->scope == VIT_SCOPE_MODEL;
}

enum vit_errc vit_session_ask_hub(struct vit_session *s, struct vit_err *err)
{
	struct vit_collect_options c = vit_session_collect_options(s);
	struct vit_integrity_options i = vit_session_integrity_options(s);
	struct vit_hub_options o = { .repo = s->options->repo, .collect = &c, .pin_repo = VIT_STR_EMPTY };
	enum vit_errc rc;

	if (!wants_hub(s))
		return VIT_OK;
	/* The other sources tell which revision the copy is of. */
	rc = vit_collect_integrity(s->arena, &s->facts.files, &i, &s->facts.integrity, err);
	if (rc)
		return rc;
	if (s->architecture.model) {
		o.pin_repo = vit_spec_repo(s->architecture.model);
		o.pin_id = s->architecture.model->id;
	}
	return vit_collect_hub(s->arena, &s->facts.files, &s->facts.integrity, &o, &s->facts.hub, &s->facts.remote, err);
}

void vit_session_compare_hub(struct vit_session *s)
{
	if (s->facts.hub.asked && !s->facts.hub.err)
		vit_hub_compare(s->arena, &s->facts.files, &s->facts.integrity, &s->facts.remote, &s->facts.hub);
}
