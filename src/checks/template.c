#include "checks/tokenizer.h"

#include "base/num.h"

/* Where in a file that holds JSON: there the template's lines are its own. */
static struct vit_str place(struct vit_eval *ev, const struct vit_template_remark *r)
{
	if (vit_str_ends(r->path, VIT_STR(".jinja")))
		return VIT_STR_EMPTY;
	if (r->name.n)
		return vit_eval_text(ev, " (line %u of the template '%.*s')", r->line,
				     VIT_FMT(r->name));
	return vit_eval_text(ev, " (line %u of the template)", r->line);
}

static void fail(struct vit_eval *ev, enum vit_check_id id, const struct vit_template_remark *r,
		 const char *says, struct vit_str expected)
{
	char n[VIT_FMT_NUM];
	struct vit_finding *f = vit_eval_fail(ev, id);
	struct vit_str at = place(ev, r), more = VIT_STR_EMPTY;

	if (r->count > 1)
		more = vit_eval_text(ev, "; and %s more", vit_fmt_u64(r->count - 1, n));
	f->where.path = r->path;
	if (!at.n)
		f->where.line = r->line;
	f->message = vit_eval_text(ev, "%s %.*s%.*s%.*s.", says, VIT_FMT(r->text), VIT_FMT(at),
				   VIT_FMT(more));
	f->expected = expected;
	f->actual = r->text;
}

void vit_check_templates(const struct vit_case *c, struct vit_eval *ev)
{
	static const struct {
		enum vit_check_id id;
		const char *says, *expected;
	} by_kind[] = {
		[VIT_RK_SYNTAX] = { VIT_CK_tokenizer_template_syntax,
				    "The chat template does not parse:",
				    "a template that Jinja parses" },
		[VIT_RK_UNSAFE] = { VIT_CK_tokenizer_template_unsafe, "The chat template",
				    "the conversation's own values and plain filters" },
		[VIT_RK_UNSUPPORTED] = { VIT_CK_tokenizer_template_unsupported,
					 "This program does not render", "what docs/TEMPLATES.md lists" },
	};
	const struct vit_tokenizer *t = &c->facts->tokenizer;

	for (int kind = 0; kind <= VIT_RK_UNSUPPORTED; kind++) {
		enum vit_check_id id = by_kind[kind].id;
		if (t->template_err.code != VIT_OK && !t->templates.read) {
			vit_eval_unknown(ev, id, "%s", t->template_err.msg);
			continue;
		}
		if (!t->templates.read) {
			vit_eval_not_applicable(ev, id, "there is no chat template");
			continue;
		}
		for (uint32_t i = 0; i < t->templates.remark_count; i++) {
			const struct vit_template_remark *r = &t->templates.remarks[i];
			if (r->kind == VIT_RK_UNREAD)
				vit_eval_unknown(ev, id, "%.*s", VIT_FMT(r->text));
			else if ((int)r->kind == kind)
				fail(ev, id, r, by_kind[kind].says, vit_str_c(by_kind[kind].expected));
		}
		vit_eval_pass(ev, id);
	}
}
