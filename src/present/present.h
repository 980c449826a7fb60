/*
 * From facts and results to the report's sections: what is said, not how it
 * looks. One file per part of the report. Nothing is decided here that the
 * checks decide, and nothing is stated without the basis it rests on.
 */
#ifndef VIT_PRESENT_PRESENT_H
#define VIT_PRESENT_PRESENT_H

#include "checks/eval.h"
#include "forecast/outlook.h"
#include "report/build.h"

/* What the sections are made from. All borrowed; text goes to the arena. */
struct vit_present {
	struct vit_arena *arena;
	const struct vit_facts *facts;
	const struct vit_architecture *architecture;
	const struct vit_eval *eval;
	const struct vit_policy *policy;
	const struct vit_job *job;
	const struct vit_outlook *outlook; /* the job's forecast, or NULL */
	bool system_only;         /* `system`: the machine alone, there is no model */
	bool data_only;           /* `data`: the training data alone */
	const struct vit_report *report; /* in vit_present_verdict */
	struct vit_str options;   /* as given, for provenance */
	struct vit_str spec_note; /* "chosen by content", "forced by --spec x" */
	bool spec_forced;
};

/* Before vit_report_decide: checks, findings, and every section that states no verdict. */
void vit_present_facts(const struct vit_present *p, struct vit_report *r);
/* After it: summary, risks, recommendations, not assessed, conclusion. */
void vit_present_verdict(const struct vit_present *p, struct vit_report *r);

/* The parts, for vit_present_facts. */
void vit_present_files(const struct vit_present *p, struct vit_section *s);
void vit_present_model(const struct vit_present *p, struct vit_section *s);
void vit_present_weights(const struct vit_present *p, struct vit_section *s);
void vit_present_numbers(const struct vit_present *p, struct vit_section *s); /* --deep, of the weights */
void vit_present_tokenizer(const struct vit_present *p, struct vit_section *s);
void vit_present_integrity(const struct vit_present *p, struct vit_section *s);
/* What was fetched over a network, and what it cost; nothing when none was used. */
void vit_present_remote(const struct vit_present *p, struct vit_section *s);
/* "walk", or where a remote model's names and sizes come from. */
const char *vit_present_lister(const struct vit_present *p);
void vit_present_platform(const struct vit_present *p, struct vit_section *s);
void vit_present_system(const struct vit_present *p, struct vit_section *s);
void vit_present_data(const struct vit_present *p, struct vit_section *s);
void vit_present_runtimes(const struct vit_present *p, struct vit_section *s);
void vit_present_python(const struct vit_present *p, struct vit_section *s);
void vit_present_forecast(const struct vit_present *p, struct vit_section *s);
/* `j`: with its defaults filled in, where a forecast did. */
void vit_present_job(const struct vit_present *p, const struct vit_job *j, struct vit_section *s);
void vit_present_provenance(const struct vit_present *p, const struct vit_report *r,
			    struct vit_section *s);

/* Parts of two sections (devices.c). `used`: by enum vit_number, in this model. */
void vit_present_devices(const struct vit_present *p, struct vit_section *s);
void vit_present_device_numbers(const struct vit_present *p, struct vit_section *s, const bool *used);

/* Is device i another piece of one listed before it? */
bool vit_present_device_repeats(const struct vit_system *m, uint32_t i);
/* judgement.c: what follows from the findings and the forecast. */
void vit_present_risks(const struct vit_present *p, const struct vit_report *r, struct vit_section *s);
void vit_present_recommendations(const struct vit_present *p, const struct vit_report *r,
				 struct vit_section *s);
void vit_present_conclusion(const struct vit_present *p, const struct vit_report *r,
			    struct vit_section *s);
/* The first finding of each id that is not waived, in the report's order: what matters most. */
uint32_t vit_present_leading(const struct vit_report *r, const struct vit_report_finding **out,
			     uint32_t max, enum vit_severity at_least);
/* " (and 3 more of this check)": findings of the same id and severity; empty when it is the only one. */
struct vit_str vit_present_others(const struct vit_present *p, const struct vit_report *r,
				  const struct vit_report_finding *f);
/* Checks that were asked for and could not be decided. */
uint32_t vit_present_undecided(const struct vit_report *r);

/* A VALUE node straight in a section. */
void vit_present_value(const struct vit_present *p, struct vit_section *s, const char *key,
		       const char *label, struct vit_val v, enum vit_basis basis, const char *source);
/* "2026-11-23T22:04:05Z"; empty when it is no date. */
struct vit_str vit_present_date(struct vit_arena *a, int64_t seconds);
/* A paragraph. */
void vit_present_text(const struct vit_present *p, struct vit_section *s, struct vit_str text);
/* A table in a section; cells are zeroed, row-major. */
struct vit_node *vit_present_table(const struct vit_present *p, struct vit_section *s, const char *key,
				   const char *label, const struct vit_column *columns,
				   uint32_t column_count, uint32_t rows);
/* A list node of `count` items in a section. */
struct vit_node *vit_present_list(const struct vit_present *p, struct vit_section *s,
				  const char *key, const char *label, uint32_t count);

#endif
