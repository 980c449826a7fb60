#include "check_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

void case_new(struct check_case *c)
{
	*c = (struct check_case){ .arena = vit_arena_new(),
				  .files = VIT_VEC(sizeof(struct vit_file)) };
	c->facts.groups = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_TOKENIZER | VIT_FG_WEIGHTS;
	c->facts.files.root = VIT_STR("/model");
	c->facts.weights.main_save = UINT32_MAX;
	c->facts.config.config.path = VIT_STR("config.json");
	c->facts.tokenizer.path = VIT_STR("tokenizer.json");
	vit_eval_init(&c->ev, c->arena);
}

void case_free(struct check_case *c)
{
	vit_eval_free(&c->ev);
	vit_vec_free(&c->files);
	vit_arena_free(c->arena);
}

struct vit_file *case_file(struct check_case *c, const char *path, enum vit_file_kind kind,
			   uint64_t size)
{
	struct vit_file *f = vit_vec_add(&c->files);

	*f = (struct vit_file){ .path = vit_str_c(path),
				.type = VIT_FT_REGULAR,
				.kind = kind,
				.size = size,
				.case_twin = VIT_FILE_NONE };
	return f;
}

void case_document(struct check_case *c, struct vit_document *d, const char *path, const char *text)
{
	struct vit_err err = { 0 };
	struct vit_config *k = &c->facts.config;

	*d = (struct vit_document){ .state = VIT_DOC_OK,
				    .path = vit_str_c(path),
				    .file = VIT_FILE_NONE };
	if (vit_json_parse(c->arena, vit_arena_str(c->arena, vit_str_c(text)),
			   VIT_JSON_ALLOW_BOM | VIT_JSON_ALLOW_NAN, &d->doc, &err) != VIT_OK)
		fail_msg("%s: %s", path, err.msg);
	if (d != &k->config || d->doc.root->kind != VIT_JSON_K_OBJECT)
		return;
	k->root = d->doc.root;
	k->text = vit_json_get_c(k->root, "text_config");
	k->text = k->text ? k->text : k->root;
	k->model_type = vit_json_string(vit_json_get_c(k->root, "model_type"));
	const struct vit_json *classes = vit_json_get_c(k->root, "architectures");
	if (classes && classes->count)
		k->architecture = vit_json_string(&classes->children[0]);
}

static int by_path(const void *a, const void *b)
{
	const struct vit_file *x = a, *y = b;

	return vit_str_cmp(x->path, y->path);
}

const char *case_run(struct check_case *c)
{
	struct vit_case given = { .facts = &c->facts, .has_job = c->job.given, .job = &c->job,
				  .outlook = c->outlook, .architecture = &c->architecture };
	size_t n = 0;

	if (c->files.count)
		qsort(c->files.items, c->files.count, sizeof(struct vit_file), by_path);
	c->facts.files.files = c->files.count ? vit_vec_at(&c->files, 0) : NULL;
	c->facts.files.count = (uint32_t)c->files.count;
	vit_eval_free(&c->ev);
	vit_eval_init(&c->ev, c->arena);
	for (size_t i = 0; i < VIT_CK_COUNT; i++)
		c->ev.selected[i] = false;
	for (size_t p = 0; p < vit_pass_count; p++)
		for (size_t i = 0; i < vit_passes[p]->id_count; i++)
			c->ev.selected[vit_passes[p]->ids[i]] = true;
	vit_eval_run(&given, &c->ev);

	c->fired[0] = 0;
	for (unsigned id = 0; id < VIT_CK_COUNT; id++) {
		const struct vit_finding *f = NULL;
		for (size_t i = 0; i < c->ev.findings.count && !f; i++) {
			const struct vit_finding *x = vit_vec_at(&c->ev.findings, i);
			f = x->id == (enum vit_check_id)id ? x : NULL;
		}
		if (!f)
			continue;
		assert_int_equal(c->ev.states[id], VIT_STATE_FAIL);
		/* What every finding owes its reader. */
		assert_true(f->message.n > 0);
		/* Findings about the folder or the repository as a whole; and what is wrong
		 * with the machine lies in no file of the model. */
		assert_true(f->where.path.n > 0 || id == VIT_CK_weights_missing ||
			    id == VIT_CK_integrity_hub_moved || id == VIT_CK_integrity_hub_listing ||
			    id == VIT_CK_integrity_hub_revision ||
			    vit_check_info(id)->area >= VIT_AREA_system);
		assert_true(f->expected.n > 0 && f->actual.n > 0);
		n += (size_t)snprintf(c->fired + n, sizeof c->fired - n, "%s%s:%s", n ? " " : "",
				      vit_check_info(f->id)->id, vit_severity_name(f->severity));
		assert_true(n < sizeof c->fired);
	}
	return c->fired;
}

const struct vit_finding *case_finding(const struct check_case *c, enum vit_check_id id)
{
	for (size_t i = 0; i < c->ev.findings.count; i++) {
		const struct vit_finding *f = vit_vec_at(&c->ev.findings, i);
		if (f->id == id)
			return f;
	}
	fail_msg("%s did not fire", vit_check_info(id)->id);
	return NULL;
}
