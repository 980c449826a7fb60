/* The parts of vit_job_load. Private to src/spec. */
#ifndef VIT_SPEC_JOB_INTERNAL_H
#define VIT_SPEC_JOB_INTERNAL_H

#include "spec/job_load.h"
#include "spec/load.h"

/* One job file while it is read. */
struct vit_job_reader {
	struct vit_loader l;
	struct vit_job *job;
	const struct vit_yaml *doc;
	struct vit_vec notes; /* struct vit_str */
};

/* Row of vit_job_fields with that path; VIT_BUG when there is none. */
size_t vit_job_field_find(const char *path);
/* A node into a field, with the place in the failure. */
bool vit_job_take(struct vit_job_reader *r, const char *path, const struct vit_yaml *n);
/* As if the file had said so; the trainer's default. */
void vit_job_default(struct vit_job_reader *r, const char *path, const char *value);
void vit_job_note(struct vit_job_reader *r, const char *fmt, ...) VIT_PRINTF(2, 3);
/* Module names: text with commas, or a list. */
bool vit_job_take_targets(struct vit_job_reader *r, const struct vit_yaml *n);
/* A list of texts into the arena. */
bool vit_job_take_texts(struct vit_job_reader *r, const struct vit_yaml *n, struct vit_str **out,
			uint32_t *count);

/* job_file.c: vitalis-job/1. */
bool vit_job_read_file(struct vit_job_reader *r);
/* job_trainer.c: the dialects; false with a failure when it is none of them. */
bool vit_job_read_trainer(struct vit_job_reader *r);

/* yaml_json.c: a JSON document as the node tree that the loaders read, with the
 * lines of the JSON text. */
enum vit_errc vit_yaml_from_json(struct vit_arena *a, struct vit_str text, struct vit_str source,
				 const struct vit_yaml **out, struct vit_err *err);

#endif
