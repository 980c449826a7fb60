#include "present/present.h"

void vit_present_value(const struct vit_present *p, struct vit_section *s, const char *key,
		       const char *label, struct vit_val v, enum vit_basis basis, const char *source)
{
	struct vit_node *n = vit_node_add(p->arena, s, VIT_NODE_VALUE, key, label);

	n->value = v;
	n->basis = basis;
	n->source = vit_arena_str(p->arena, vit_str_c(source));
}

void vit_present_text(const struct vit_present *p, struct vit_section *s, struct vit_str text)
{
	struct vit_node *n = vit_node_add(p->arena, s, VIT_NODE_TEXT, NULL, "");

	n->value = vit_val_str(text);
}

struct vit_node *vit_present_list(const struct vit_present *p, struct vit_section *s,
				  const char *key, const char *label, uint32_t count)
{
	struct vit_node *n = vit_node_add(p->arena, s, VIT_NODE_LIST, key, label);

	n->row_count = count;
	n->column_count = 1;
	n->cells = VIT_NEW_ARRAY(p->arena, count ? count : 1, struct vit_val);
	return n;
}

struct vit_node *vit_present_table(const struct vit_present *p, struct vit_section *s, const char *key,
				   const char *label, const struct vit_column *columns,
				   uint32_t column_count, uint32_t rows)
{
	struct vit_node *t = vit_node_add(p->arena, s, VIT_NODE_TABLE, key, label);

	t->columns = columns;
	t->column_count = column_count;
	t->row_count = rows;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)rows * column_count + 1, struct vit_val);
	return t;
}

static void set_checks(const struct vit_present *p, struct vit_report *r)
{
	r->check_count = VIT_CK_COUNT;
	r->checks = VIT_NEW_ARRAY(p->arena, VIT_CK_COUNT, struct vit_report_check);
	for (unsigned i = 0; i < VIT_CK_COUNT; i++) {
		enum vit_check_id id = (enum vit_check_id)i;
		r->checks[i] = (struct vit_report_check){
			.id = id,
			.state = vit_state_name(p->eval->states[i]),
			.severity = vit_check_info(id)->severity,
			.reason = p->eval->reasons[i],
			.findings = p->eval->counts[i],
		};
	}
}

static void set_findings(const struct vit_present *p, struct vit_report *r)
{
	size_t n = p->eval->findings.count;

	r->finding_count = (uint32_t)n;
	r->findings = VIT_NEW_ARRAY(p->arena, n ? n : 1, struct vit_report_finding);
	for (size_t i = 0; i < n; i++) {
		const struct vit_finding *f = vit_vec_at(&p->eval->findings, i);
		r->findings[i] = (struct vit_report_finding){
			.id = f->id,
			.severity = f->severity,
			.path = f->where.path,
			.pointer = f->where.pointer,
			.tensor = f->where.tensor,
			.offset = f->where.offset,
			.has_offset = f->where.has_offset,
			.line = f->where.line,
			.column = f->where.column,
			.message = f->message,
			.expected = f->expected,
			.actual = f->actual,
			.remedy = f->remedy.n ? f->remedy : vit_str_c(vit_check_info(f->id)->remedy),
		};
	}
}

static struct vit_section *section(struct vit_report *r, enum vit_section_id id)
{
	return &r->sections[id - 1];
}

static void not_assessed(struct vit_report *r, enum vit_section_id id, const char *why)
{
	section(r, id)->not_assessed = vit_str_c(why);
}

void vit_present_facts(const struct vit_present *p, struct vit_report *r)
{
	static const enum vit_section_id model_sections[] = {
		VIT_SECTION_FILES,     VIT_SECTION_ARCHITECTURE, VIT_SECTION_WEIGHTS,
		VIT_SECTION_TOKENIZER, VIT_SECTION_INTEGRITY,    VIT_SECTION_PLATFORM,
	};

	set_checks(p, r);
	set_findings(p, r);
	if (p->system_only || p->data_only) {
		const char *why = p->data_only ? "only the training data was asked for" : "only the machine was asked for";
		for (size_t i = 0; i < sizeof model_sections / sizeof model_sections[0]; i++)
			not_assessed(r, model_sections[i], why);
	} else {
		vit_present_files(p, section(r, VIT_SECTION_FILES));
		vit_present_model(p, section(r, VIT_SECTION_ARCHITECTURE));
		vit_present_weights(p, section(r, VIT_SECTION_WEIGHTS));
		vit_present_tokenizer(p, section(r, VIT_SECTION_TOKENIZER));
		vit_present_integrity(p, section(r, VIT_SECTION_INTEGRITY));
		vit_present_platform(p, section(r, VIT_SECTION_PLATFORM));
	}
	if (!p->data_only) {
		vit_present_system(p, section(r, VIT_SECTION_SYSTEM));
		vit_present_runtimes(p, section(r, VIT_SECTION_RUNTIMES));
	} else {
		not_assessed(r, VIT_SECTION_SYSTEM, "only the training data was asked for");
		not_assessed(r, VIT_SECTION_RUNTIMES, "only the training data was asked for");
	}
	vit_present_data(p, section(r, VIT_SECTION_DATA));
	vit_present_forecast(p, section(r, VIT_SECTION_FORECAST));
}
