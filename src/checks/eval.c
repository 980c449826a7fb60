#include "checks/eval.h"

#include <stdarg.h>
#include <stdlib.h>

const char *vit_state_name(enum vit_state s)
{
	switch (s) {
	case VIT_STATE_NOT_RUN:
		return "not_run";
	case VIT_STATE_PASS:
		return "pass";
	case VIT_STATE_FAIL:
		return "fail";
	case VIT_STATE_NOT_APPLICABLE:
		return "not_applicable";
	case VIT_STATE_NOT_CHECKED:
		return "not_checked";
	case VIT_STATE_UNKNOWN:
		return "unknown";
	}
	return "not_run";
}

void vit_eval_init(struct vit_eval *ev, struct vit_arena *arena)
{
	*ev = (struct vit_eval){ .arena = arena, .findings = VIT_VEC(sizeof(struct vit_finding)) };
	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		ev->selected[i] = true;
}

void vit_eval_free(struct vit_eval *ev)
{
	vit_vec_free(&ev->findings);
}

struct vit_finding *vit_eval_fail(struct vit_eval *ev, enum vit_check_id id)
{
	struct vit_finding *f;

	if (!ev->selected[id]) {
		f = &ev->scratch;
	} else {
		ev->states[id] = VIT_STATE_FAIL;
		f = ev->counts[id]++ < VIT_MAX_FINDINGS ? vit_vec_add(&ev->findings) : &ev->scratch;
	}
	*f = (struct vit_finding){ .id = id, .severity = vit_check_info(id)->severity };
	return f;
}

void vit_eval_pass(struct vit_eval *ev, enum vit_check_id id)
{
	if (ev->selected[id] && ev->states[id] == VIT_STATE_NOT_RUN)
		ev->states[id] = VIT_STATE_PASS;
}

/* A state with a reason. What says less never replaces what says more: FAIL
 * stays, and UNKNOWN gives way to FAIL alone. */
static void VIT_PRINTF(4, 0) set_state(struct vit_eval *ev, enum vit_check_id id,
				       enum vit_state state, const char *fmt, va_list ap)
{
	struct vit_buf text;

	if (!ev->selected[id] || ev->states[id] == VIT_STATE_FAIL ||
	    ev->states[id] == VIT_STATE_UNKNOWN)
		return;
	vit_buf_init(&text, 4096);
	vit_buf_vprintf(&text, fmt, ap);
	ev->states[id] = state;
	ev->reasons[id] = vit_arena_str(ev->arena, vit_buf_view(&text));
	vit_buf_release(&text);
}

void vit_eval_not_applicable(struct vit_eval *ev, enum vit_check_id id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_state(ev, id, VIT_STATE_NOT_APPLICABLE, fmt, ap);
	va_end(ap);
}

void vit_eval_not_checked(struct vit_eval *ev, enum vit_check_id id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_state(ev, id, VIT_STATE_NOT_CHECKED, fmt, ap);
	va_end(ap);
}

void vit_eval_unknown(struct vit_eval *ev, enum vit_check_id id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_state(ev, id, VIT_STATE_UNKNOWN, fmt, ap);
	va_end(ap);
}

struct vit_str vit_eval_text(struct vit_eval *ev, const char *fmt, ...)
{
	struct vit_buf text;
	struct vit_str s;
	va_list ap;

	vit_buf_init(&text, 1 << 20);
	va_start(ap, fmt);
	vit_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	s = vit_arena_str(ev->arena, vit_buf_view(&text));
	vit_buf_release(&text);
	return s;
}

/* ---- running ---------------------------------------------------------- */

static bool wanted(const struct vit_pass *pass, const struct vit_eval *ev)
{
	for (size_t i = 0; i < pass->id_count; i++)
		if (ev->selected[pass->ids[i]])
			return true;
	return false;
}

/* A consequence is hidden where its cause shows: at the same path, or when one
 * of the two is about the model as a whole. Elsewhere it is a fault of its own. */
static bool cause_covers(const struct vit_eval *ev, enum vit_check_id cause, struct vit_str path)
{
	for (size_t i = 0; i < ev->findings.count; i++) {
		const struct vit_finding *f = vit_vec_at(&ev->findings, i);
		if (f->id == cause && (f->where.path.n == 0 || path.n == 0 || vit_str_eq(f->where.path, path)))
			return true;
	}
	return false;
}

static bool is_hidden(const struct vit_eval *ev, enum vit_check_id id, struct vit_str path,
		      enum vit_check_id *cause)
{
	struct vit_str rest = vit_str_c(vit_check_info(id)->hidden_by), one;

	while (vit_str_split(&rest, ' ', &one)) {
		if (one.n == 0)
			continue;
		*cause = vit_check_find(one);
		if (*cause == VIT_CK_COUNT)
			VIT_BUG("hidden_by names no check");
		if (ev->states[*cause] == VIT_STATE_FAIL && cause_covers(ev, *cause, path))
			return true;
	}
	return false;
}

static void hide_findings(struct vit_eval *ev)
{
	bool *drop = vit_xcalloc(ev->findings.count + 1, sizeof *drop);
	uint32_t left[VIT_CK_COUNT] = { 0 };
	enum vit_check_id cause = VIT_CK_COUNT;
	size_t kept = 0;

	/* Decided on the whole list before any goes: a cause that is itself a
	 * consequence still hides. */
	for (size_t i = 0; i < ev->findings.count; i++) {
		const struct vit_finding *f = vit_vec_at(&ev->findings, i);
		drop[i] = is_hidden(ev, f->id, f->where.path, &cause);
		if (!drop[i])
			continue;
		ev->counts[f->id]--;
		if (ev->reasons[f->id].n == 0)
			ev->reasons[f->id] = vit_arena_printf(ev->arena, "follows from %s: see there",
							      vit_check_info(cause)->id);
	}
	for (size_t i = 0; i < ev->findings.count; i++) {
		if (drop[i])
			continue;
		left[((struct vit_finding *)vit_vec_at(&ev->findings, i))->id]++;
		if (kept != i)
			memcpy(vit_vec_at(&ev->findings, kept), vit_vec_at(&ev->findings, i),
			       sizeof(struct vit_finding));
		kept++;
	}
	ev->findings.count = kept;
	/* Where all that was kept is a consequence, so is what was only counted. */
	for (unsigned i = 0; i < VIT_CK_COUNT; i++)
		if (left[i] == 0)
			ev->counts[i] = 0;
	free(drop);
}

static void settle_states(struct vit_eval *ev)
{
	for (unsigned i = 0; i < VIT_CK_COUNT; i++) {
		enum vit_check_id id = (enum vit_check_id)i;

		if (!ev->selected[i]) {
			ev->states[i] = VIT_STATE_NOT_CHECKED;
			ev->reasons[i] = VIT_STR("not selected by --only or --skip");
		} else if (ev->states[i] == VIT_STATE_FAIL && ev->counts[i] == 0) {
			ev->states[i] = VIT_STATE_NOT_APPLICABLE;
		} else if (ev->states[i] == VIT_STATE_FAIL) {
			ev->reasons[i] = VIT_STR_EMPTY;
		} else if (ev->states[i] == VIT_STATE_NOT_RUN) {
			VIT_BUG(vit_check_info(id)->id);
		}
	}
}

void vit_eval_run(const struct vit_case *c, struct vit_eval *ev)
{
	for (size_t i = 0; i < vit_pass_count; i++) {
		const struct vit_pass *pass = vit_passes[i];
		if (!wanted(pass, ev))
			continue;
		if ((pass->needs & c->facts->groups) != pass->needs)
			VIT_BUG(pass->name);
		pass->run(c, ev);
		for (size_t k = 0; k < pass->id_count; k++)
			if (ev->selected[pass->ids[k]] && ev->states[pass->ids[k]] == VIT_STATE_NOT_RUN)
				VIT_BUG(vit_check_info(pass->ids[k])->id);
	}
	hide_findings(ev);
	settle_states(ev);
}
