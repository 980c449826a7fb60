/* The table of a job's fields: what a file and a flag can say, in one place. */
#include <stddef.h>
#include <stdio.h>

#include "base/num.h"
#include "base/utf8.h"
#include "spec/job_internal.h"

static const char *const method_names[] = { "", "inference", "full", "lora", "qlora", NULL };
static const char *const precision_names[] = { "bf16", "mixed", "fp32", NULL };
static const char *const optimizer_names[] = { "adamw", "adamw-8bit", "adafactor",
					       "sgd",   "lion",       NULL };
static const char *const trainer_names[] = { "transformers", "torch", NULL };
static const char *const attention_names[] = { "sdpa", "flash", "eager", NULL };
static const char *const parallel_names[] = { "none",  "data",  "fsdp",   "zero1",
					      "zero2", "zero3", "tensor", NULL };
static const char *const kv_names[] = { "16bit", "8bit", "4bit", NULL };

#define AT(member) offsetof(struct vit_job, member)
#define TOKENS     (1u << 28)
#define MANY       (UINT64_C(1) << 48)

const struct vit_job_field vit_job_fields[] = {
	{ "name", "Name", VIT_JF_TEXT, AT(name), NULL, 0, 0, false },
	{ "method", "Method", VIT_JF_ENUM, AT(method), method_names, 0, 0, false },
	{ "trainer", "Trainer", VIT_JF_ENUM, AT(trainer), trainer_names, 0, 0, true },
	{ "device", "Device", VIT_JF_TEXT, AT(device), NULL, 0, 0, false },
	{ "python", "Python", VIT_JF_TEXT, AT(python), NULL, 0, 0, false },
	{ "lora.rank", "LoRA rank", VIT_JF_U32, AT(lora_rank), NULL, 1, 65536, true },
	{ "lora.targets", "LoRA targets", VIT_JF_TARGETS, AT(targets), NULL, 0, 0, true },
	{ "training.sequence", "Sequence length", VIT_JF_U32, AT(sequence), NULL, 1, TOKENS, true },
	{ "training.batch", "Sequences per device and step", VIT_JF_U32, AT(batch), NULL, 1,
	  1u << 20, true },
	{ "training.accumulate", "Gradient accumulation", VIT_JF_U32, AT(accumulate), NULL, 1,
	  1u << 20, true },
	{ "training.checkpointing", "Activation checkpointing", VIT_JF_BOOL, AT(checkpointing),
	  NULL, 0, 0, true },
	{ "training.precision", "Precision", VIT_JF_ENUM, AT(precision), precision_names, 0, 0,
	  true },
	{ "training.optimizer", "Optimizer", VIT_JF_ENUM, AT(optimizer), optimizer_names, 0, 0,
	  true },
	{ "training.attention", "Attention", VIT_JF_ENUM, AT(attention), attention_names, 0, 0,
	  false },
	{ "training.padded", "Rows are padded", VIT_JF_BOOL, AT(padded), NULL, 0, 0, true },
	{ "training.packing", "Packing", VIT_JF_BOOL, AT(packing), NULL, 0, 0, true },
	{ "training.offload", "Optimizer states in host memory", VIT_JF_BOOL, AT(offload), NULL, 0,
	  0, true },
	{ "training.parallel", "Parallelism", VIT_JF_ENUM, AT(parallel), parallel_names, 0, 0,
	  false },
	{ "training.devices", "Devices", VIT_JF_U32, AT(devices), NULL, 1, 1u << 20, false },
	{ "training.examples", "Examples", VIT_JF_U64, AT(examples), NULL, 1, MANY, true },
	{ "training.tokens_per_example", "Tokens per example", VIT_JF_U64, AT(tokens_per_example),
	  NULL, 1, TOKENS, true },
	{ "training.epochs", "Epochs", VIT_JF_DOUBLE, AT(epochs), NULL, 0, 1000000, true },
	{ "training.max_steps", "Steps at most", VIT_JF_U64, AT(max_steps), NULL, 1, MANY, true },
	{ "inference.context", "Context", VIT_JF_U32, AT(context), NULL, 1, TOKENS, false },
	{ "inference.requests", "Requests at once", VIT_JF_U32, AT(requests), NULL, 1, 1u << 20,
	  false },
	{ "inference.kv_cache", "KV cache", VIT_JF_ENUM, AT(kv), kv_names, 0, 0, false },
	{ "requires.memory", "Memory asked for", VIT_JF_BYTES, AT(minimum_memory), NULL, 0, 0,
	  false },
	{ "requires.device_memory", "Device memory asked for", VIT_JF_BYTES,
	  AT(minimum_device_memory), NULL, 0, 0, false },
	{ "requires.disk", "Disk asked for", VIT_JF_BYTES, AT(minimum_disk), NULL, 0, 0, false },
	{ "data.file", "Training data", VIT_JF_TEXT, AT(data_file), NULL, 0, 0, false },
	{ "output.folder", "Output folder", VIT_JF_TEXT, AT(output), NULL, 0, 0, false },
	{ "output.save_limit", "Checkpoints kept", VIT_JF_U32, AT(save_limit), NULL, 1, 1u << 20,
	  true },
	{ "output.save_steps", "Steps between checkpoints", VIT_JF_U64, AT(save_steps), NULL, 1,
	  MANY, true },
};
const size_t vit_job_field_count = sizeof(vit_job_fields) / sizeof(vit_job_fields[0]);

const char *vit_job_method_name(enum vit_job_method m)
{
	return m == VIT_JOB_NONE ? "none" : method_names[m];
}

size_t vit_job_field_find(const char *path)
{
	for (size_t i = 0; i < vit_job_field_count; i++)
		if (strcmp(vit_job_fields[i].path, path) == 0)
			return i;
	VIT_BUG(path);
}

static void *slot(struct vit_job *job, const struct vit_job_field *f)
{
	return (char *)job + f->offset;
}

/* The four enums of a job are of type unsigned int or int, as the compiler likes. */
static void put_enum(void *to, unsigned value)
{
	memcpy(to, &value, sizeof value);
}

static unsigned get_enum(const void *from)
{
	unsigned value;

	memcpy(&value, from, sizeof value);
	return value;
}

_Static_assert(sizeof(enum vit_job_method) == sizeof(unsigned), "enums are of int size");

/* Why a value was not taken: "expected ..., found ...". */
static enum vit_errc refuse(struct vit_err *err, struct vit_str found, const char *expected)
{
	struct vit_buf shown;

	vit_buf_init(&shown, 200);
	vit_display(&shown, found, 60);
	vit_err_set(err, VIT_E_USAGE, "expected %s, found \"%s\"", expected, shown.p);
	vit_buf_release(&shown);
	return VIT_E_USAGE;
}

static enum vit_errc set_enum(const struct vit_job_field *f, void *to, struct vit_str v,
			      struct vit_err *err)
{
	struct vit_buf names;
	const char *near = NULL;
	unsigned best = 4;

	for (unsigned i = 0; f->names[i]; i++) {
		unsigned d = vit_str_distance(v, vit_str_c(f->names[i]), best);

		if (f->names[i][0] && vit_str_is(v, f->names[i])) {
			put_enum(to, i);
			return VIT_OK;
		}
		if (f->names[i][0] && d < best && d < strlen(f->names[i])) {
			best = d;
			near = f->names[i];
		}
	}
	vit_buf_init(&names, 200);
	for (unsigned i = 0; f->names[i]; i++)
		if (f->names[i][0])
			vit_buf_printf(&names, "%s%s", names.n ? ", " : "", f->names[i]);
	refuse(err, v, names.p);
	vit_buf_release(&names);
	if (near && err) {
		struct vit_err before = *err;
		vit_err_set(err, VIT_E_USAGE, "%.*s; did you mean \"%s\"?", 180, before.msg, near);
	}
	return VIT_E_USAGE;
}

static enum vit_errc set_targets(struct vit_arena *a, struct vit_job *job, struct vit_str v,
				 struct vit_err *err)
{
	struct vit_vec names = VIT_VEC(sizeof(struct vit_str));
	struct vit_str rest = v, name;
	size_t count;

	job->target_names = NULL;
	job->target_count = 0;
	job->targets = VIT_TARGETS_ALL_LINEAR;
	if (vit_str_is(v, "all-linear"))
		return VIT_OK;
	job->targets = VIT_TARGETS_ATTENTION;
	if (vit_str_is(v, "attention"))
		return VIT_OK;
	job->targets = VIT_TARGETS_NAMES;
	while (vit_str_split(&rest, ',', &name)) {
		name = vit_str_trim(name);
		if (name.n && names.count < VIT_JOB_MAX_ITEMS)
			*(struct vit_str *)vit_vec_add(&names) = vit_arena_str(a, name);
	}
	job->target_names = vit_vec_take(&names, a, &count);
	job->target_count = (uint32_t)count;
	return count ? VIT_OK : refuse(err, v, "all-linear, attention, or names of modules");
}

static enum vit_errc set_number(const struct vit_job_field *f, void *to, struct vit_str v,
				struct vit_err *err)
{
	uint64_t number = 0;
	double fraction = 0;
	char expected[96];
	bool ok = f->kind == VIT_JF_DOUBLE
			  ? vit_parse_double(v, &fraction) && fraction > 0 &&
				    fraction <= (double)f->max
			  : vit_parse_u64(v, &number) && number >= f->min && number <= f->max;

	if (!ok) {
		snprintf(expected, sizeof expected, "a %s from %llu to %llu",
			 f->kind == VIT_JF_DOUBLE ? "number above 0," : "whole number",
			 (unsigned long long)f->min, (unsigned long long)f->max);
		return refuse(err, v, f->kind == VIT_JF_DOUBLE ? "a number above 0" : expected);
	}
	if (f->kind == VIT_JF_DOUBLE)
		*(double *)to = fraction;
	else if (f->kind == VIT_JF_U64)
		*(uint64_t *)to = number;
	else
		*(uint32_t *)to = (uint32_t)number;
	return VIT_OK;
}

static enum vit_errc set_field(struct vit_arena *a, struct vit_job *job, size_t row,
			       struct vit_str v, struct vit_err *err)
{
	const struct vit_job_field *f = &vit_job_fields[row];
	void *to = slot(job, f);

	switch (f->kind) {
	case VIT_JF_U32:
	case VIT_JF_U64:
	case VIT_JF_DOUBLE:
		return set_number(f, to, v, err);
	case VIT_JF_BOOL:
		*(bool *)to = vit_str_is(v, "true");
		return *(bool *)to || vit_str_is(v, "false") ? VIT_OK
							     : refuse(err, v, "true or false");
	case VIT_JF_TEXT:
		if (vit_str_trim(v).n == 0)
			return refuse(err, v, "a text");
		*(struct vit_str *)to = vit_arena_str(a, v);
		return VIT_OK;
	case VIT_JF_ENUM:
		return set_enum(f, to, v, err);
	case VIT_JF_BYTES:
		return vit_parse_size(v, to) ? VIT_OK
					     : refuse(err, v, "a size as 24GB, 16GiB or bytes");
	case VIT_JF_TARGETS:
		return set_targets(a, job, v, err);
	}
	return VIT_OK;
}

enum vit_errc vit_job_set(struct vit_arena *a, struct vit_job *job, const char *path,
			  struct vit_str value, struct vit_err *err)
{
	size_t row = vit_job_field_find(path);
	enum vit_errc rc = set_field(a, job, row, value, err);

	if (rc == VIT_OK)
		job->from_flags |= UINT64_C(1) << row;
	return rc;
}

bool vit_job_take(struct vit_job_reader *r, const char *path, const struct vit_yaml *n)
{
	size_t row = vit_job_field_find(path);
	struct vit_err err = { .code = VIT_OK };

	if (vit_job_fields[row].kind == VIT_JF_TARGETS)
		return vit_job_take_targets(r, n);
	if (!vit_load_kind(&r->l, n, VIT_YAML_SCALAR))
		return false;
	if (vit_yaml_is_null(n))
		return vit_load_fail(&r->l, n->line, n->column, "%.*s has no value",
				     VIT_FMT(n->key));
	if (set_field(r->l.arena, r->job, row, n->text, &err) != VIT_OK)
		return vit_load_fail(&r->l, n->line, n->column, "%s", err.msg);
	r->job->from_file |= UINT64_C(1) << row;
	return true;
}

void vit_job_default(struct vit_job_reader *r, const char *path, const char *value)
{
	if (set_field(r->l.arena, r->job, vit_job_field_find(path), vit_str_c(value), NULL) !=
	    VIT_OK)
		VIT_BUG(path);
}

bool vit_job_take_texts(struct vit_job_reader *r, const struct vit_yaml *n, struct vit_str **out,
			uint32_t *count)
{
	const struct vit_str *texts;

	if (n->count > VIT_JOB_MAX_ITEMS)
		return vit_load_fail(&r->l, n->line, n->column, "more than %d entries",
				     VIT_JOB_MAX_ITEMS);
	if (!vit_load_texts(&r->l, n, &texts, count))
		return false;
	*out = VIT_NEW_ARRAY(r->l.arena, *count, struct vit_str);
	for (uint32_t i = 0; i < *count; i++)
		(*out)[i] = texts[i];
	return true;
}

bool vit_job_take_targets(struct vit_job_reader *r, const struct vit_yaml *n)
{
	size_t row = vit_job_field_find("lora.targets");
	struct vit_err err = { .code = VIT_OK };

	if (n->kind == VIT_YAML_SCALAR) {
		if (vit_yaml_is_null(n) || set_targets(r->l.arena, r->job, n->text, &err) != VIT_OK)
			return vit_load_fail_at(&r->l, n,
						"all-linear, attention, or names of "
						"modules are expected here");
	} else if (!vit_job_take_texts(r, n, &r->job->target_names, &r->job->target_count)) {
		return false;
	} else if (r->job->target_count == 0) {
		return vit_load_fail_at(&r->l, n, "an empty list of modules trains nothing");
	} else {
		r->job->targets = VIT_TARGETS_NAMES;
	}
	r->job->from_file |= UINT64_C(1) << row;
	return true;
}

static struct vit_str targets_text(struct vit_arena *a, const struct vit_job *job)
{
	struct vit_str text;
	struct vit_buf b;

	switch (job->targets) {
	case VIT_TARGETS_ALL_LINEAR:
		return VIT_STR("all-linear");
	case VIT_TARGETS_ATTENTION:
		return VIT_STR("attention");
	case VIT_TARGETS_NAMES:
		break;
	}
	vit_buf_init(&b, 4000);
	for (uint32_t i = 0; i < job->target_count && !b.full; i++)
		vit_buf_printf(&b, "%s%.*s", i ? ", " : "", VIT_FMT(job->target_names[i]));
	text = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	return text;
}

struct vit_str vit_job_field_text(struct vit_arena *a, const struct vit_job *job, size_t field)
{
	const struct vit_job_field *f = &vit_job_fields[field];
	const void *from = (const char *)job + f->offset;
	char text[VIT_FMT_NUM];
	uint64_t number = 0;

	switch (f->kind) {
	case VIT_JF_U32:
		number = *(const uint32_t *)from;
		break;
	case VIT_JF_U64:
		number = *(const uint64_t *)from;
		break;
	case VIT_JF_DOUBLE:
		return *(const double *)from > 0 ? vit_arena_printf(a, "%g", *(const double *)from)
						 : VIT_STR_EMPTY;
	case VIT_JF_BOOL:
		return *(const bool *)from ? VIT_STR("yes") : VIT_STR("no");
	case VIT_JF_TEXT:
		return ((const struct vit_str *)from)->n ? *(const struct vit_str *)from
							 : VIT_STR_EMPTY;
	case VIT_JF_ENUM:
		return vit_str_c(f->names[get_enum(from)]);
	case VIT_JF_BYTES:
		number = *(const uint64_t *)from;
		return number ? vit_arena_str(a, vit_str_c(vit_fmt_bytes(number, text)))
			      : VIT_STR_EMPTY;
	case VIT_JF_TARGETS:
		return targets_text(a, job);
	}
	return number ? vit_arena_str(a, vit_str_c(vit_fmt_u64(number, text))) : VIT_STR_EMPTY;
}

enum vit_errc vit_job_finish(struct vit_job *job, struct vit_err *err)
{
	uint64_t said = job->from_file | job->from_flags;

	if (job->method == VIT_JOB_NONE && (job->context || job->requests))
		job->method = VIT_JOB_INFERENCE;
	for (size_t i = 0; i < vit_job_field_count && job->method == VIT_JOB_NONE; i++)
		if (vit_job_fields[i].training && (said >> i & 1))
			return vit_err_set(
				err, VIT_E_USAGE,
				"the job says how to train (%s) and not by "
				"which method: add --train full, lora or qlora, or `method` "
				"to the file",
				vit_job_fields[i].path);
	job->given = job->method != VIT_JOB_NONE;
	if (job->dialect.n == 0 && job->given)
		job->dialect = VIT_STR("flags");
	return VIT_OK;
}
