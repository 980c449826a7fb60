#include "base/num.h"
#include "present/present.h"

static struct vit_str place(const struct vit_present *p, const struct vit_report_finding *f)
{
	if (f->path.n)
		return vit_arena_printf(p->arena, " (%.*s)", VIT_FMT(f->path));
	return VIT_STR_EMPTY;
}

struct vit_str vit_present_others(const struct vit_present *p, const struct vit_report *r,
				  const struct vit_report_finding *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->finding_count; i++)
		n += r->findings[i].id == f->id && !r->findings[i].waived &&
		     r->findings[i].severity == f->severity;
	return n < 2 ? VIT_STR_EMPTY
		     : vit_arena_printf(p->arena, " (and %u more of this check)", n - 1);
}

static struct vit_val finding_line(const struct vit_present *p, const struct vit_report *r,
				   const struct vit_report_finding *f)
{
	struct vit_str where = place(p, f), others = vit_present_others(p, r, f);

	return vit_val_str(vit_arena_printf(p->arena, "%s: %.*s%.*s%.*s", vit_check_info(f->id)->id,
					    VIT_FMT(f->message), VIT_FMT(where), VIT_FMT(others)));
}

uint32_t vit_present_leading(const struct vit_report *r, const struct vit_report_finding **out,
			     uint32_t max, enum vit_severity at_least)
{
	bool seen[VIT_CK_COUNT] = { false };
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->finding_count && n < max; i++) {
		const struct vit_report_finding *f = &r->findings[i];
		if (f->waived || seen[f->id] || f->severity < at_least)
			continue;
		seen[f->id] = true;
		out[n++] = f;
	}
	return n;
}

/* What a reader might take for checked and was not, and the words of the summary for it. */
static bool no_digests(const struct vit_present *p)
{
	return !p->facts->integrity.asked && !p->facts->hub.asked;
}

static bool hub_alone(const struct vit_present *p)
{
	return !p->facts->integrity.asked && p->facts->hub.asked;
}

static bool numbers(const struct vit_present *p)
{
	return p->facts->numbers.asked;
}

static bool no_numbers(const struct vit_present *p)
{
	return !p->facts->numbers.asked && p->facts->remote.kind == VIT_REMOTE_NONE;
}

static bool remote(const struct vit_present *p)
{
	return p->facts->remote.kind != VIT_REMOTE_NONE;
}

static bool no_devices(const struct vit_present *p)
{
	return !p->facts->system.devices_probed;
}

static bool no_python(const struct vit_present *p)
{
	return !p->facts->python.probed;
}

static bool no_runtimes(const struct vit_present *p)
{
	return p->report->sections[VIT_SECTION_RUNTIMES - 1].nodes == NULL;
}

static bool no_data(const struct vit_present *p)
{
	return p->report->sections[VIT_SECTION_DATA - 1].nodes == NULL;
}

static bool no_forecast(const struct vit_present *p)
{
	return !p->outlook->main.forecast.available;
}

static const struct {
	const char *brief, *text;
	bool (*holds)(const struct vit_present *p); /* NULL: always */
} never[] = {
	{ "the numbers in the weights",
	  "The content of the weights: headers were read, the numbers behind them were not.",
	  no_numbers },
	{ "the weights' content",
	  "The content of the weights: their bytes were not downloaded, headers alone were read.", remote },
	{ NULL,
	  "Whether the numbers in the weights are the right ones: they were held against each "
	  "other only.",
	  numbers },
	{ NULL, "Whether the model answers well: nothing was run.", NULL },
	{ NULL, "The factual accuracy of any training data, and its licence.", NULL },
	{ "digests",
	  "The digests of the files: sizes were compared, bytes were not hashed (--verify).",
	  no_digests },
	{ "digests",
	  "The digests of the weights: sizes and the client's notes were compared with the hub, "
	  "bytes were not hashed (--verify).",
	  hub_alone },
	{ "GPUs", "GPUs and other accelerators.", no_devices },
	{ "Python", "Python and its packages.", no_python },
	{ "runtimes", "Runtimes such as LM Studio.", no_runtimes },
	{ "training data", "Training data.", no_data },
	{ "memory and time of a job", "Memory and time of a job.", no_forecast },
};
#define NEVER_COUNT ((uint32_t)(sizeof never / sizeof never[0]))

static bool is_never(const struct vit_present *p, uint32_t i)
{
	return !never[i].holds || never[i].holds(p);
}

/* "the numbers in the weights, digests and Python". */
static struct vit_str in_short(const struct vit_present *p)
{
	uint32_t count = 0, n = 0;
	struct vit_str text;
	struct vit_buf b;

	for (uint32_t i = 0; i < NEVER_COUNT; i++)
		count += never[i].brief && is_never(p, i);
	vit_buf_init(&b, 1000);
	for (uint32_t i = 0; i < NEVER_COUNT; i++) {
		if (!never[i].brief || !is_never(p, i))
			continue;
		vit_buf_printf(&b, "%s%s",
			       n == 0           ? ""
			       : n + 1 == count ? " and "
						: ", ",
			       never[i].brief);
		n++;
	}
	text = vit_arena_str(p->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return text;
}

static void summary(const struct vit_present *p, const struct vit_report *r, struct vit_section *s)
{
	const struct vit_report_finding *top[3];
	uint32_t n = vit_present_leading(r, top, 3, VIT_SEV_NOTE);
	struct vit_node *l;

	vit_present_value(p, s, "audited", "Audited", vit_val_str(r->target), VIT_BASIS_MEASURED,
			  "command line");
	vit_present_value(p, s, "purpose", "The verdict is about", vit_val_str(r->purpose),
			  VIT_BASIS_MEASURED, "options");
	if (n) {
		l = vit_present_list(p, s, "what_matters_most", "What matters most", n);
		l->ordered = true;
		for (uint32_t i = 0; i < n; i++)
			l->cells[i] = finding_line(p, r, top[i]);
	}
	if (in_short(p).n)
		vit_present_text(p, s,
				 vit_arena_printf(p->arena,
						  "Not assessed: %.*s. Section 14 says it in full.",
						  VIT_FMT(in_short(p))));
}

uint32_t vit_present_undecided(const struct vit_report *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->check_count; i++)
		n += strcmp(r->checks[i].state, "unknown") == 0;
	return n;
}

static void not_assessed(const struct vit_present *p, const struct vit_report *r,
			 struct vit_section *s)
{
	const struct vit_spec *m = p->architecture->model;
	uint32_t unknown = vit_present_undecided(r), k = 0;
	struct vit_node *l = vit_present_list(p, s, "list", "Not assessed", NEVER_COUNT);

	l->row_count = 0;
	for (uint32_t i = 0; i < NEVER_COUNT; i++)
		if (is_never(p, i))
			l->cells[l->row_count++] = vit_val_c(never[i].text);
	if (unknown) {
		l = vit_present_list(p, s, "undecided", "Asked for and not decided", unknown);
		for (uint32_t i = 0; i < r->check_count; i++)
			if (strcmp(r->checks[i].state, "unknown") == 0)
				l->cells[k++] = vit_val_str(vit_arena_printf(
					p->arena, "%s: %.*s", vit_check_info(r->checks[i].id)->id,
					VIT_FMT(r->checks[i].reason)));
	}
	if (m && m->attestation_count) {
		l = vit_present_list(p, s, "attestations", "Attested, not measured",
				     m->attestation_count);
		for (uint32_t i = 0; i < m->attestation_count; i++)
			l->cells[i] = vit_val_str(m->attestations[i]);
	}
}

void vit_present_verdict(const struct vit_present *given, struct vit_report *r)
{
	struct vit_present with = *given;
	const struct vit_present *p = &with;

	with.report = r;
	summary(p, r, &r->sections[VIT_SECTION_SUMMARY - 1]);
	vit_present_risks(p, r, &r->sections[VIT_SECTION_RISKS - 1]);
	vit_present_recommendations(p, r, &r->sections[VIT_SECTION_RECOMMENDATIONS - 1]);
	not_assessed(p, r, &r->sections[VIT_SECTION_NOT_ASSESSED - 1]);
	vit_present_conclusion(p, r, &r->sections[VIT_SECTION_CONCLUSION - 1]);
	vit_present_provenance(p, r, &r->sections[VIT_SECTION_PROVENANCE - 1]);
}
