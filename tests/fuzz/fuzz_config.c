/*
 * The JSON side files and what the checks say to them. The input is up to five
 * documents, separated by the byte 0x1e: config.json, generation_config.json,
 * tokenizer_config.json, special_tokens_map.json, tokenizer.json. Every finding
 * has a place and a message, every id is decided, and the dump is JSON.
 */
#include <stdint.h>
#include <stdlib.h>

#include "checks/config.h"
#include "checks/tokenizer.h"
#include "collect/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool to_buf(void *ctx, const char *p, size_t n)
{
	vit_buf_add(ctx, p, n);
	return true;
}

static int64_t from_str(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct vit_str *s = ctx;

	(void)err;
	n = n < s->n ? n : s->n;
	if (n)
		memcpy(buf, s->p, n);
	*s = vit_str_sub(*s, n, s->n);
	return (int64_t)n;
}

static void read_document(struct vit_arena *a, struct vit_str *rest, const char *path,
			  struct vit_document *d)
{
	struct vit_str text;

	*d = (struct vit_document){ .path = vit_str_c(path), .file = VIT_FILE_NONE };
	if (!vit_str_split(rest, 0x1e, &text) || text.n == 0)
		return;
	d->state = vit_json_parse(a, text, VIT_JSON_ALLOW_BOM | VIT_JSON_ALLOW_NAN |
						   VIT_JSON_ALLOW_LONE_SURROGATE,
				  &d->doc, &d->err) == VIT_OK
			   ? VIT_DOC_OK
			   : VIT_DOC_INVALID;
}

static void read_tokenizer(struct vit_arena *a, struct vit_str rest, struct vit_tokenizer *t)
{
	struct vit_tokenizer_scan s;

	t->path = VIT_STR("tokenizer.json");
	if (rest.n == 0)
		return;
	t->state = vit_tokenizer_read(a, from_str, &rest, NULL, 0, &s, &t->err) == VIT_OK
			   ? VIT_DOC_OK
			   : VIT_DOC_INVALID;
	t->is_object = s.is_object;
	t->has_model = s.has_model;
	t->has_vocab = s.has_vocab;
	t->max_id = s.max_id;
	t->distinct_ids = s.distinct_ids;
	t->added = s.added;
	t->added_count = s.added_count;
	t->added_total = s.added_total;
	t->bad_entries = s.bad_entries;
	t->duplicate_ids = s.duplicate_ids;
	t->conflicts = s.conflicts;
}

static void check_dump(struct vit_arena *a, const struct vit_facts *f)
{
	struct vit_json_writer w;
	struct vit_json_doc doc;
	struct vit_err err = { 0 };
	struct vit_buf b;

	vit_buf_init(&b, VIT_JSON_DOC_MAX);
	vit_json_writer_init(&w, to_buf, &b, false);
	vit_facts_dump(f, &w);
	vit_jw_finish(&w);
	must(b.full || vit_json_parse(a, vit_buf_view(&b), 0, &doc, &err) == VIT_OK);
	vit_buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vit_pass *const passes[] = { &vit_pass_config, &vit_pass_config_ids,
							 &vit_pass_tokenizer };
	struct vit_arena *a = vit_arena_new();
	struct vit_facts facts = { .groups = VIT_FG_CONFIG | VIT_FG_TOKENIZER };
	struct vit_case c = { .facts = &facts };
	struct vit_config *k = &facts.config;
	struct vit_str rest = { (const char *)data, size };
	struct vit_eval ev;

	facts.weights.main_save = UINT32_MAX;
	read_document(a, &rest, "config.json", &k->config);
	read_document(a, &rest, "generation_config.json", &k->generation);
	read_document(a, &rest, "tokenizer_config.json", &k->tokenizer_config);
	read_document(a, &rest, "special_tokens_map.json", &k->special_tokens_map);
	read_tokenizer(a, rest, &facts.tokenizer);
	vit_config_shorthands(k);

	vit_eval_init(&ev, a);
	for (size_t p = 0; p < sizeof passes / sizeof *passes; p++) {
		passes[p]->run(&c, &ev);
		for (size_t i = 0; i < passes[p]->id_count; i++)
			must(ev.states[passes[p]->ids[i]] != VIT_STATE_NOT_RUN);
	}
	for (size_t i = 0; i < ev.findings.count; i++) {
		const struct vit_finding *f = vit_vec_at(&ev.findings, i);
		must(f->message.n > 0 && f->where.path.n > 0);
		must(f->expected.n > 0 || f->actual.n > 0);
		must(!f->where.has_offset || f->where.offset <= size);
	}
	vit_eval_free(&ev);
	check_dump(a, &facts);
	vit_arena_free(a);
	return 0;
}
