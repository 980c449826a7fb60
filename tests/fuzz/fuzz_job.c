/*
 * Job files of strangers (vitalis-job/1 and trainers' configurations, YAML and
 * JSON), the hardware catalogue's format, and device names. The first byte
 * chooses: 'h' a hardware file, 'n' a name, else the whole input is a job.
 * A refusal names the source; what is loaded has values within the limits of the
 * table of fields, and is the same when loaded again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "spec/hardware.h"
#include "spec/job_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_refusal(const struct vit_err *err)
{
	must(err->code == VIT_E_SYNTAX || err->code == VIT_E_USAGE || err->code == VIT_E_LIMIT);
	must(vit_str_starts(vit_str_c(err->msg), VIT_STR("fuzz")));
}

static void check_job(struct vit_arena *a, const struct vit_job *job)
{
	must(job->dialect.n > 0);
	must(job->lora_rank <= 65536 && job->sequence <= 1u << 28 && job->epochs >= 0);
	must(job->targets != VIT_TARGETS_NAMES || job->target_count > 0);
	must(job->packing == 0 || job->packing == 1);
	for (uint32_t i = 0; i < job->target_count; i++)
		must(job->target_names[i].p != NULL);
	for (uint32_t i = 0; i < job->category_count; i++)
		must(job->categories[i].minimum_share >= 0 &&
		     job->categories[i].minimum_share <= 1);
	for (uint32_t i = 0; i < job->note_count; i++)
		must(job->notes[i].n > 0);
	for (size_t i = 0; i < vit_job_field_count; i++)
		must(vit_job_field_text(a, job, i).p != NULL);
}

static void job_file(struct vit_arena *a, struct vit_str text)
{
	struct vit_job one, two;
	struct vit_err err = { .code = VIT_OK };

	if (vit_job_load(a, text, VIT_STR("fuzz"), &one, &err) != VIT_OK) {
		check_refusal(&err);
		return;
	}
	check_job(a, &one);
	must(vit_job_load(a, text, VIT_STR("fuzz"), &two, &err) == VIT_OK);
	for (size_t i = 0; i < vit_job_field_count; i++)
		must(vit_str_eq(vit_job_field_text(a, &one, i), vit_job_field_text(a, &two, i)));
	must(one.from_flags == 0 && one.from_file == two.from_file);
	if (vit_job_finish(&one, &err) == VIT_OK)
		must(one.given == (one.method != VIT_JOB_NONE));
}

static void hardware_file(struct vit_arena *a, struct vit_str text)
{
	struct vit_vec rows = VIT_VEC(sizeof(struct vit_hardware));
	struct vit_err err = { .code = VIT_OK };
	struct vit_hardware_choice c;
	struct vit_hardware_db db;

	if (vit_hardware_add(a, text, VIT_STR("fuzz"), VIT_STR("x"), &rows, &err) != VIT_OK)
		check_refusal(&err);
	db.rows = vit_vec_take(&rows, a, &db.count);
	for (size_t i = 0; i < db.count; i++) {
		must(db.rows[i].memory_count >= 1 && db.rows[i].memory_count <= VIT_HARDWARE_SIZES);
		vit_hardware_match(&db, db.rows[i].name, (uint64_t)db.rows[i].memory[0] << 30, &c);
		must(!c.row || c.memory > 0);
	}
}

static void device_name(struct vit_arena *a, struct vit_str name)
{
	struct vit_hardware_choice by_user, by_driver;
	struct vit_err err = { .code = VIT_OK };
	struct vit_hardware_db db;

	must(vit_hardware_load(a, &db, &err) == VIT_OK);
	if (vit_hardware_find(&db, name, &by_user, &err) == VIT_OK)
		must(by_user.row && by_user.memory >= 1u << 30);
	else
		must(err.code == VIT_E_USAGE && err.msg[0]);
	vit_hardware_match(&db, name, 0, &by_driver);
	vit_hardware_match(&db, name, UINT64_C(24) << 30, &by_driver);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_str text = { (const char *)data, size };
	struct vit_arena *a = vit_arena_new();

	if (size && data[0] == 'h')
		hardware_file(a, vit_str_sub(text, 1, size));
	else if (size && data[0] == 'n')
		device_name(a, vit_str_sub(text, 1, size));
	else
		job_file(a, text);
	vit_arena_free(a);
	return 0;
}
