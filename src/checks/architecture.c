#include "checks/architecture.h"

#include "base/num.h"

/* ---- fields ------------------------------------------------------------------ */

static enum vit_check_id field_id(enum vit_field_fault fault)
{
	switch (fault) {
	case VIT_FIELD_MISSING:
		return VIT_CK_config_field_missing;
	case VIT_FIELD_TYPE:
		return VIT_CK_config_field_type;
	case VIT_FIELD_RANGE:
		return VIT_CK_config_field_range;
	case VIT_FIELD_RULE:
		return VIT_CK_config_rule;
	case VIT_FIELD_PIN:
		return VIT_CK_architecture_pin_value;
	}
	return VIT_CK_config_rule;
}

static struct vit_str config_path(const struct vit_case *c)
{
	const struct vit_config *f = &c->facts->config;

	return c->architecture->is_adapter ? f->adapter.path : f->config.path;
}

static const enum vit_check_id field_ids[] = {
	VIT_CK_config_field_missing, VIT_CK_config_field_type,	  VIT_CK_config_field_range,
	VIT_CK_config_rule,	     VIT_CK_architecture_pin_value, VIT_CK_config_quantization_unknown,
};
#define FIELD_ID_COUNT (sizeof field_ids / sizeof field_ids[0])

static void quantization(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *f = &c->facts->config;
	struct vit_finding *r;

	if (f->quant_method.n == 0) {
		vit_eval_not_applicable(ev, VIT_CK_config_quantization_unknown, "the model is not quantised");
		return;
	}
	if (c->architecture->overlay_reason.n) {
		r = vit_eval_fail(ev, VIT_CK_config_quantization_unknown);
		r->where.path = config_path(c);
		r->message = vit_eval_text(ev, "No spec describes how %.*s stores weights: their shapes were not checked.",
					   VIT_FMT(f->quant_method));
		r->actual = f->quant_method;
	}
	vit_eval_pass(ev, VIT_CK_config_quantization_unknown);
}

static void run_fields(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_architecture *ar = c->architecture;

	if (!c->facts->config.root && !c->facts->config.adapter.doc.root) {
		for (size_t i = 0; i < FIELD_ID_COUNT; i++)
			vit_eval_not_applicable(ev, field_ids[i], "there is no readable config.json");
		return;
	}
	quantization(c, ev);
	for (uint32_t i = 0; i < ar->field_count; i++) {
		const struct vit_field_problem *p = &ar->fields[i];
		struct vit_finding *f = vit_eval_fail(ev, field_id(p->fault));
		if (p->warning)
			f->severity = VIT_SEV_WARNING;
		f->where.path = config_path(c);
		f->where.pointer = p->field;
		f->where.line = p->line;
		f->where.column = p->column;
		f->message = p->message;
		f->expected = p->expected;
		f->actual = p->actual;
	}
	if (!ar->model)
		vit_eval_not_applicable(ev, VIT_CK_architecture_pin_value, "not a published model that a spec describes");
	for (size_t i = 0; i < FIELD_ID_COUNT; i++) {
		if (!ar->family && !ar->adapter)
			vit_eval_not_applicable(ev, field_ids[i], "%.*s", VIT_FMT(ar->family_reason));
		vit_eval_pass(ev, field_ids[i]);
	}
}

const struct vit_pass vit_pass_fields = {
	.name = "fields",
	.needs = VIT_FG_CONFIG,
	.ids = field_ids,
	.id_count = FIELD_ID_COUNT,
	.run = run_fields,
};

/* ---- tensors ------------------------------------------------------------------ */

static enum vit_check_id tensor_id(enum vit_tensor_fault fault)
{
	switch (fault) {
	case VIT_TF_MISSING:
		return VIT_CK_architecture_tensor_missing;
	case VIT_TF_MISSING_LAYER:
		return VIT_CK_architecture_layer_missing;
	case VIT_TF_UNEXPECTED:
		return VIT_CK_architecture_tensor_unexpected;
	case VIT_TF_SHAPE:
		return VIT_CK_architecture_shape_mismatch;
	case VIT_TF_TRANSPOSED:
		return VIT_CK_architecture_transposed;
	case VIT_TF_DTYPE:
		return VIT_CK_architecture_dtype;
	}
	return VIT_CK_architecture_shape_mismatch;
}

static struct vit_str tensor_message(struct vit_eval *ev, const struct vit_tensor_problem *p)
{
	char n[VIT_FMT_NUM];

	switch (p->fault) {
	case VIT_TF_MISSING:
		return VIT_STR("The family expects this tensor, and no file holds it.");
	case VIT_TF_MISSING_LAYER:
		return vit_eval_text(ev, "Layer %llu is not there: none of its %s tensors.", (unsigned long long)p->layer,
				     vit_fmt_u64(p->count, n));
	case VIT_TF_UNEXPECTED:
		return VIT_STR("The family has no tensor of this name.");
	case VIT_TF_SHAPE:
		return VIT_STR("The shape is not the one that the configuration gives.");
	case VIT_TF_TRANSPOSED:
		return VIT_STR("The shape is the expected one with its sides exchanged.");
	case VIT_TF_DTYPE:
		return VIT_STR("Stored in a dtype that is not allowed in this place.");
	}
	return VIT_STR_EMPTY;
}

static void report_tensors(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_architecture *ar = c->architecture;
	const struct vit_weights *w = &c->facts->weights;

	for (uint32_t i = 0; i < ar->problem_count; i++) {
		const struct vit_tensor_problem *p = &ar->problems[i];
		enum vit_check_id id = tensor_id(p->fault);
		struct vit_finding *f = vit_eval_fail(ev, id);
		if (p->shard < w->shard_count)
			f->where.path = w->shards[p->shard].path;
		f->where.tensor = p->name;
		f->message = tensor_message(ev, p);
		f->expected = p->expected;
		f->actual = p->actual;
	}
	/* What was found and not kept counts all the same. */
	for (unsigned k = 0; k <= VIT_TF_DTYPE; k++) {
		enum vit_check_id id = tensor_id((enum vit_tensor_fault)k);
		if (ev->states[id] == VIT_STATE_FAIL && ar->problem_totals[k] > ev->counts[id])
			ev->counts[id] = ar->problem_totals[k];
	}
}

static void parameters(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_architecture *ar = c->architecture;
	char n[VIT_FMT_NUM], m[VIT_FMT_NUM];
	struct vit_finding *f;

	if (!ar->total_known || !ar->stored_known || ar->is_adapter) {
		vit_eval_not_applicable(ev, VIT_CK_architecture_parameters_agree, "one of the two totals is not known");
		return;
	}
	if (ar->total != ar->stored_total) {
		f = vit_eval_fail(ev, VIT_CK_architecture_parameters_agree);
		f->message = VIT_STR("The files hold another number of parameters than the configuration gives the class.");
		f->expected = vit_eval_text(ev, "%s", vit_fmt_u64(ar->total, n));
		f->actual = vit_eval_text(ev, "%s", vit_fmt_u64(ar->stored_total, m));
	}
	vit_eval_pass(ev, VIT_CK_architecture_parameters_agree);
}

static void quantization_mismatch(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_architecture *ar = c->architecture;
	struct vit_finding *f;

	if (ar->packed_as) {
		/* of the model as a whole: no path, so that it stands for what follows from it */
		f = vit_eval_fail(ev, VIT_CK_architecture_quantization_mismatch);
		f->message = vit_eval_text(ev, "Weights are stored as %.*s packs them, and config.json names no quantisation.",
					   VIT_FMT(ar->packed_as->id));
	} else if (ar->overlay_packs && ar->stored_known && ar->packed_weights == 0) {
		f = vit_eval_fail(ev, VIT_CK_architecture_quantization_mismatch);
		f->where.path = config_path(c);
		f->where.pointer = VIT_STR("quantization_config");
		f->message = vit_eval_text(ev, "config.json says %.*s, and no weight is stored so.",
					   VIT_FMT(c->facts->config.quant_method));
	}
	vit_eval_pass(ev, VIT_CK_architecture_quantization_mismatch);
}

static const enum vit_check_id tensor_ids[] = {
	VIT_CK_architecture_layer_missing,     VIT_CK_architecture_tensor_missing,
	VIT_CK_architecture_tensor_unexpected, VIT_CK_architecture_transposed,
	VIT_CK_architecture_shape_mismatch,    VIT_CK_architecture_dtype,
	VIT_CK_architecture_parameters_agree,  VIT_CK_architecture_quantization_mismatch,
};
#define TENSOR_ID_COUNT (sizeof tensor_ids / sizeof tensor_ids[0])

/* Why no tensor can be judged, or an empty string. */
static struct vit_str not_judged(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_architecture *ar = c->architecture;

	if (ar->adapter) /* what is there is judged with and without the base */
		return c->facts->weights.shard_count
		       ? VIT_STR_EMPTY : VIT_STR("there are no safetensors files");
	if (!ar->family)
		return ar->family_reason.n ? ar->family_reason : VIT_STR("there is no readable config.json");
	if (c->facts->weights.shard_count == 0)
		return VIT_STR("there are no safetensors files");
	for (uint32_t i = 0; i < ar->field_count; i++)
		if (ar->fields[i].sizes && !ar->fields[i].warning)
			return vit_eval_text(ev, "%.*s, which sizes follow from, is to be mended first",
					     VIT_FMT(ar->fields[i].field));
	if (!ar->shapes_covered)
		return ar->coverage_note.n ? ar->coverage_note : VIT_STR("the spec could not be evaluated");
	if (!ar->stored_known && ar->problem_count == 0)
		return VIT_STR("not every shard of the model is there and readable");
	return VIT_STR_EMPTY;
}

static void run_tensors(const struct vit_case *c, struct vit_eval *ev)
{
	struct vit_str why = not_judged(c, ev);

	if (why.n) {
		for (size_t i = 0; i < TENSOR_ID_COUNT; i++)
			vit_eval_not_applicable(ev, tensor_ids[i], "%.*s", VIT_FMT(why));
		return;
	}
	report_tensors(c, ev);
	quantization_mismatch(c, ev);
	parameters(c, ev);
	for (size_t i = 0; i < TENSOR_ID_COUNT; i++)
		vit_eval_pass(ev, tensor_ids[i]);
}

const struct vit_pass vit_pass_architecture = {
	.name = "architecture",
	.needs = VIT_FG_CONFIG | VIT_FG_WEIGHTS,
	.ids = tensor_ids,
	.id_count = TENSOR_ID_COUNT,
	.run = run_tensors,
};
