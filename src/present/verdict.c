#include "base/num.h"
#include "present/present.h"

/* What a reader might take for checked and was not. */
static const char *const never_assessed[] = {
	"The content of the weights: headers were read, the numbers behind them were not.",
	"Whether the model answers well: nothing was run.",
	"The factual accuracy of any training data, and its licence.",
	"Python packages, and runtimes such as LM Studio.",
	"Memory and time of a training job.",
};
#define NEVER_COUNT ((uint32_t)(sizeof never_assessed / sizeof never_assessed[0]))

static struct vit_str place(const struct vit_present *p, const struct vit_report_finding *f)
{
	if (f->path.n)
		return vit_arena_printf(p->arena, " (%.*s)", VIT_FMT(f->path));
	return VIT_STR_EMPTY;
}

static struct vit_val finding_line(const struct vit_present *p, const struct vit_report_finding *f)
{
	struct vit_str where = place(p, f);

	return vit_val_str(vit_arena_printf(p->arena, "%s: %.*s%.*s", vit_check_info(f->id)->id,
					    VIT_FMT(f->message), VIT_FMT(where)));
}

/* The first finding of each id, in the report's order: what matters most. */
static uint32_t leading(const struct vit_report *r, const struct vit_report_finding **out, uint32_t max,
			enum vit_severity at_least, enum vit_severity at_most)
{
	bool seen[VIT_CK_COUNT] = { false };
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->finding_count && n < max; i++) {
		const struct vit_report_finding *f = &r->findings[i];
		if (f->waived || seen[f->id] || f->severity < at_least || f->severity > at_most)
			continue;
		seen[f->id] = true;
		out[n++] = f;
	}
	return n;
}

static const char *bytes_not_assessed(const struct vit_facts *f)
{
	if (f->integrity.asked)
		return f->numbers.asked ? "" : "the numbers in the weights, ";
	return f->numbers.asked ? "digests, " : "the weights' content, digests, ";
}

static void summary(const struct vit_present *p, const struct vit_report *r, struct vit_section *s)
{
	const struct vit_report_finding *top[3];
	uint32_t n = leading(r, top, 3, VIT_SEV_NOTE, VIT_SEV_FROZEN);
	struct vit_node *l;

	vit_present_value(p, s, "audited", "Audited", vit_val_str(r->target), VIT_BASIS_MEASURED, "command line");
	vit_present_value(p, s, "purpose", "The verdict is about", vit_val_str(r->purpose), VIT_BASIS_MEASURED,
			  "options");
	if (n) {
		l = vit_present_list(p, s, "what_matters_most", "What matters most", n);
		l->ordered = true;
		for (uint32_t i = 0; i < n; i++)
			l->cells[i] = finding_line(p, top[i]);
	}
	vit_present_text(p, s, vit_arena_printf(p->arena, "Not assessed: %sPython, runtimes, training data and the job's "
								"memory and time. Section 14 says it in full.",
						bytes_not_assessed(p->facts)));
}

static void risk_rows(const struct vit_present *p, const struct vit_report *r, struct vit_section *s)
{
	static const struct vit_column columns[] = {
		{ "level", "Risk", false },
		{ "id", "Finding", false },
		{ "message", "What", false },
		{ "mitigation", "Mitigation", false },
	};
	static const char *const levels[] = { "low", "medium", "high", "high" };
	const struct vit_report_finding *all[VIT_CK_COUNT];
	uint32_t n = leading(r, all, VIT_CK_COUNT, VIT_SEV_NOTE, VIT_SEV_FROZEN);
	struct vit_node *t;

	if (n == 0) {
		s->not_assessed = VIT_STR("no finding was made from which a risk would follow");
		return;
	}
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "risks", "Risks");
	t->columns = columns;
	t->column_count = 4;
	t->row_count = n;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)n * 4, struct vit_val);
	for (uint32_t i = 0; i < n; i++) {
		*vit_cell(t, i, 0) = vit_val_c(levels[all[i]->severity]);
		*vit_cell(t, i, 1) = vit_val_c(vit_check_info(all[i]->id)->id);
		*vit_cell(t, i, 2) = vit_val_str(all[i]->message);
		*vit_cell(t, i, 3) = vit_val_str(all[i]->remedy);
	}
}

static void recommendations(const struct vit_present *p, const struct vit_report *r, struct vit_section *s)
{
	const struct vit_report_finding *all[VIT_CK_COUNT];
	uint32_t n = leading(r, all, VIT_CK_COUNT, VIT_SEV_WARNING, VIT_SEV_FROZEN);
	struct vit_node *l;

	if (n == 0) {
		s->not_assessed = VIT_STR("nothing was found that asks for an action");
		return;
	}
	l = vit_present_list(p, s, "immediate", "Immediate actions", n);
	l->ordered = true;
	for (uint32_t i = 0; i < n; i++)
		l->cells[i] = vit_val_str(vit_arena_printf(p->arena, "%.*s (%s)", VIT_FMT(all[i]->remedy),
							   vit_check_info(all[i]->id)->id));
}

/* A check that was asked for and could not be decided. */
static uint32_t undecided(const struct vit_report *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->check_count; i++)
		n += strcmp(r->checks[i].state, "unknown") == 0;
	return n;
}

static void not_assessed(const struct vit_present *p, const struct vit_report *r, struct vit_section *s)
{
	const struct vit_spec *m = p->architecture->model;
	uint32_t unknown = undecided(r), k = 0;
	struct vit_node *l = vit_present_list(p, s, "list", "Not assessed", NEVER_COUNT + 1);

	l->row_count = NEVER_COUNT;
	for (uint32_t i = 0; i < NEVER_COUNT; i++)
		l->cells[i] = vit_val_c(never_assessed[i]);
	if (p->facts->numbers.asked)
		l->cells[0] = vit_val_c("Whether the numbers in the weights are the right ones: they were held against each "
					"other only.");
	if (p->facts->remote.kind != VIT_REMOTE_NONE)
		l->cells[0] = vit_val_c("The content of the weights: their bytes were not downloaded, headers alone were read.");
	if (!p->facts->integrity.asked)
		l->cells[l->row_count++] =
			p->facts->hub.asked ?
				vit_val_c("The digests of the weights: sizes and the client's notes were compared with the hub, "
					  "bytes were not hashed (--verify).") :
				vit_val_c("The digests of the files: sizes were compared, bytes were not hashed (--verify).");
	if (unknown) {
		l = vit_present_list(p, s, "undecided", "Asked for and not decided", unknown);
		for (uint32_t i = 0; i < r->check_count; i++)
			if (strcmp(r->checks[i].state, "unknown") == 0)
				l->cells[k++] = vit_val_str(vit_arena_printf(
					p->arena, "%s: %.*s", vit_check_info(r->checks[i].id)->id,
					VIT_FMT(r->checks[i].reason)));
	}
	if (m && m->attestation_count) {
		l = vit_present_list(p, s, "attestations", "Attested, not measured", m->attestation_count);
		for (uint32_t i = 0; i < m->attestation_count; i++)
			l->cells[i] = vit_val_str(m->attestations[i]);
	}
}

static void conclusion(const struct vit_present *p, const struct vit_report *r, struct vit_section *s)
{
	struct vit_str steps[8];
	uint32_t n = 0;
	struct vit_node *l;

	vit_present_value(p, s, "verdict", "Verdict", vit_val_c(vit_verdict_text(r->verdict)),
			  VIT_BASIS_COMPUTED, "the findings and the threshold");
	if (r->errors)
		steps[n++] = VIT_STR("Mend the errors of section 1; section 13 has the commands.");
	if (undecided(r))
		steps[n++] = VIT_STR("Remove what kept checks from being decided (section 14), then audit again.");
	if (r->warnings)
		steps[n++] = VIT_STR("Look at the warnings and mend or waive them in a policy.");
	if (r->errors || r->warnings || undecided(r))
		steps[n++] = VIT_STR("Run the same audit again and keep its report beside the job.");
	else
		steps[n++] = VIT_STR("Keep this report beside the job.");
	l = vit_present_list(p, s, "next_steps", "Next steps", n);
	l->ordered = true;
	for (uint32_t i = 0; i < n; i++)
		l->cells[i] = vit_val_str(steps[i]);
	vit_present_text(p, s, VIT_STR("Expected timeline: not assessed; no job was given."));
}

void vit_present_verdict(const struct vit_present *p, struct vit_report *r)
{
	summary(p, r, &r->sections[VIT_SECTION_SUMMARY - 1]);
	risk_rows(p, r, &r->sections[VIT_SECTION_RISKS - 1]);
	recommendations(p, r, &r->sections[VIT_SECTION_RECOMMENDATIONS - 1]);
	not_assessed(p, r, &r->sections[VIT_SECTION_NOT_ASSESSED - 1]);
	conclusion(p, r, &r->sections[VIT_SECTION_CONCLUSION - 1]);
	vit_present_provenance(p, r, &r->sections[VIT_SECTION_PROVENANCE - 1]);
}
