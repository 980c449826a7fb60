#include "checks/tokenizer.h"

#include "base/map.h"
#include "base/num.h"
#include "checks/config.h"

static const enum vit_check_id ids[] = {
	VIT_CK_tokenizer_missing,          VIT_CK_tokenizer_invalid,
	VIT_CK_tokenizer_id_range,         VIT_CK_tokenizer_duplicate_id,
	VIT_CK_tokenizer_special_token,    VIT_CK_tokenizer_template_missing,
	VIT_CK_tokenizer_templates_differ, VIT_CK_tokenizer_template_syntax,
	VIT_CK_tokenizer_template_unsafe,  VIT_CK_tokenizer_template_unsupported,
	VIT_CK_tokenizer_pad_is_eos,
};

static struct vit_str content_of(const struct vit_json *v)
{
	struct vit_str s = vit_json_string(v);

	return s.n ? s : vit_json_string(vit_json_get_c(v, "content"));
}

static struct vit_finding *fail(struct vit_eval *ev, enum vit_check_id id, struct vit_str path)
{
	struct vit_finding *r = vit_eval_fail(ev, id);

	r->where.path = path;
	return r;
}

/* The tokenizer, when it was read; else sets id to why not. */
static const struct vit_tokenizer *need(const struct vit_case *c, struct vit_eval *ev,
					enum vit_check_id id)
{
	const struct vit_tokenizer *t = &c->facts->tokenizer;

	switch (t->state) {
	case VIT_DOC_OK:
		return t;
	case VIT_DOC_ABSENT:
		vit_eval_not_applicable(ev, id, "there is no tokenizer.json");
		return NULL;
	case VIT_DOC_INVALID:
		vit_eval_not_applicable(ev, id, "tokenizer.json is not valid JSON");
		return NULL;
	case VIT_DOC_POINTER:
		vit_eval_not_applicable(ev, id, "tokenizer.json has no content");
		return NULL;
	case VIT_DOC_UNREADABLE:
		vit_eval_unknown(ev, id, "%s", t->err.msg);
		return NULL;
	}
	return NULL;
}

/* ---- is it there, is it whole? ------------------------------------------------ */

static void check_missing(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_facts *f = c->facts;
	enum vit_check_id id = VIT_CK_tokenizer_missing;
	uint64_t vocab;

	if (f->tokenizer.state != VIT_DOC_ABSENT || f->tokenizer.slow_only) {
		vit_eval_pass(ev, id);
	} else if (f->files.only.n) {
		vit_eval_not_applicable(ev, id, "only %.*s was asked for", VIT_FMT(f->files.only));
	} else if (f->config.adapter.state != VIT_DOC_ABSENT) {
		vit_eval_not_applicable(ev, id, "an adapter takes the tokenizer of its base model");
	} else if (!f->config.root || !vit_config_vocab_size(&f->config, &vocab)) {
		vit_eval_not_applicable(ev, id, "config.json describes no model of text");
	} else {
		struct vit_finding *r = fail(ev, id, VIT_STR("tokenizer.json"));
		r->message = VIT_STR(
			"There is neither a tokenizer.json nor the files of a slow tokenizer.");
		r->expected = VIT_STR(
			"tokenizer.json, or vocab.json with merges.txt, or tokenizer.model");
		r->actual = VIT_STR("none");
	}
}

static void fail_invalid(const struct vit_tokenizer *t, struct vit_eval *ev, uint64_t offset,
			 const char *expected, const char *actual)
{
	struct vit_finding *r = fail(ev, VIT_CK_tokenizer_invalid, t->path);

	r->where.offset = offset;
	r->where.has_offset = true;
	r->message = vit_eval_text(ev, "tokenizer.json: expected %s, found %s.", expected, actual);
	r->expected = vit_eval_text(ev, "%s", expected);
	r->actual = vit_eval_text(ev, "%s", actual);
}

static void check_invalid(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_tokenizer *t = &c->facts->tokenizer;
	enum vit_check_id id = VIT_CK_tokenizer_invalid;
	char n[VIT_FMT_NUM];

	if (t->state == VIT_DOC_INVALID) {
		struct vit_finding *r = fail(ev, id, t->path);
		r->where.offset = t->err.offset;
		r->where.has_offset = true;
		r->message = vit_eval_text(ev, "Not valid JSON: %s.", t->err.msg);
		r->expected = VIT_STR("JSON");
		r->actual = vit_eval_text(ev, "%s", t->err.msg);
		return;
	}
	if (!need(c, ev, id))
		return;
	if (!t->is_object)
		fail_invalid(t, ev, 0, "an object", "another JSON value");
	else if (!t->has_model)
		fail_invalid(t, ev, 0, "an object called model", "none");
	else if (!t->has_vocab)
		fail_invalid(t, ev, 0, "a vocabulary in model.vocab", "none");
	else if (t->bad_entries > 0)
		fail_invalid(
			t, ev, t->bad_offset, "tokens and merges of the right types",
			vit_eval_text(ev, "%s of another type", vit_fmt_u64(t->bad_entries, n)).p);
	else if (t->distinct_ids == 0)
		fail_invalid(t, ev, 0, "at least one token", "an empty vocabulary");
	vit_eval_pass(ev, id);
}

/* ---- ids --------------------------------------------------------------------------- */

/* Rows of the input embedding as stored; false when not known. */
static bool embedding_rows(const struct vit_facts *f, uint64_t *rows)
{
	static const char *const names[] = {
		"embed_tokens.weight",    "wte.weight",
		"word_embeddings.weight", "embed_in.weight",
		"tok_embeddings.weight",  "shared.weight",
	};

	if (!(f->groups & VIT_FG_WEIGHTS))
		return false;
	for (uint32_t i = 0; i < f->weights.tensor_count; i++) {
		const struct vit_tensor *t = &f->weights.tensors[i];
		if (t->rank != 2 || !vit_tensor_is_main(&f->weights, t))
			continue;
		for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
			if (!vit_str_ends(t->name, vit_str_c(names[k])))
				continue;
			*rows = t->shape[0];
			return true;
		}
	}
	return false;
}

static void check_range(const struct vit_case *c, struct vit_eval *ev)
{
	enum vit_check_id id = VIT_CK_tokenizer_id_range;
	const struct vit_tokenizer *t = need(c, ev, id);
	char max[VIT_FMT_NUM], limit[VIT_FMT_NUM];
	const char *of = "vocab_size";
	uint64_t rows;

	if (!t)
		return;
	if (t->distinct_ids == 0) {
		vit_eval_not_applicable(ev, id, "the tokenizer has no ids");
		return;
	}
	if (!vit_config_vocab_size(&c->facts->config, &rows)) {
		of = "the number of rows of the embedding";
		if (!embedding_rows(c->facts, &rows)) {
			vit_eval_not_applicable(ev, id, "the size of the vocabulary is not known");
			return;
		}
	}
	if (t->max_id >= rows) {
		struct vit_finding *r = fail(ev, id, t->path);
		vit_fmt_u64(t->max_id, max);
		vit_fmt_u64(rows, limit);
		r->message = vit_eval_text(ev, "The highest token id is %s, but %s is %s.", max, of,
					   limit);
		r->expected = vit_eval_text(ev, "ids below %s", limit);
		r->actual = vit_eval_text(ev, "%s", max);
	}
	vit_eval_pass(ev, id);
}

static void fail_shared(const struct vit_tokenizer *t, struct vit_eval *ev, uint64_t id,
			const char *how, uint64_t count)
{
	char a[VIT_FMT_NUM], n[VIT_FMT_NUM];
	struct vit_finding *r = fail(ev, VIT_CK_tokenizer_duplicate_id, t->path);

	vit_fmt_u64(id, a);
	r->message = vit_eval_text(ev, "%s (%s such %s, the first is %s).", how,
				   vit_fmt_u64(count, n), count == 1 ? "id" : "ids", a);
	r->expected = VIT_STR("one token an id");
	r->actual = vit_eval_text(ev, "two tokens with id %s", a);
}

/* Two added tokens with one id, or one text under two ids. */
static void check_added(const struct vit_tokenizer *t, struct vit_eval *ev)
{
	struct vit_map by_id, by_text;
	uint64_t shared = 0, first = 0;

	vit_map_init(&by_id, t->added_count);
	vit_map_init(&by_text, t->added_count);
	for (uint32_t i = 0; i < t->added_count; i++) {
		const struct vit_added_token *x = &t->added[i];
		struct vit_str key = { (const char *)&x->id, sizeof x->id };
		uint32_t same_id = vit_map_add(&by_id, key, i);
		uint32_t same_text = vit_map_add(&by_text, x->content, i);
		bool twice = same_id != VIT_MAP_NONE &&
			     !vit_str_eq(t->added[same_id].content, x->content);

		twice |= same_text != VIT_MAP_NONE && t->added[same_text].id != x->id;
		if (twice && shared++ == 0)
			first = x->id;
	}
	vit_map_release(&by_id);
	vit_map_release(&by_text);
	if (shared)
		fail_shared(t, ev, first, "Added tokens share an id, or a text", shared);
}

static void check_duplicates(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_tokenizer *t = need(c, ev, VIT_CK_tokenizer_duplicate_id);

	if (!t)
		return;
	if (t->duplicate_ids)
		fail_shared(t, ev, t->duplicate_id_first, "Tokens of the vocabulary share an id",
			    t->duplicate_ids);
	if (t->conflicts)
		fail_shared(t, ev, t->conflict_id,
			    "An added token has the id of another token of the vocabulary",
			    t->conflicts);
	check_added(t, ev);
	vit_eval_pass(ev, VIT_CK_tokenizer_duplicate_id);
}

/* ---- side files ----------------------------------------------------------------------- */

static void check_decoder(const struct vit_tokenizer *t, const struct vit_document *d,
			  struct vit_eval *ev)
{
	const struct vit_json *map = vit_json_get_c(vit_document_object(d), "added_tokens_decoder");
	struct vit_map by_id;
	uint64_t id;

	if (!map || map->kind != VIT_JSON_K_OBJECT)
		return;
	vit_map_init(&by_id, t->added_count);
	for (uint32_t i = 0; i < t->added_count; i++)
		vit_map_set(&by_id, (struct vit_str){ (const char *)&t->added[i].id, sizeof id },
			    i);
	for (uint32_t i = 0; i < map->count; i++) {
		const struct vit_json *v = &map->children[i];
		struct vit_str text = content_of(v);
		if (!vit_parse_u64(v->key, &id) || text.n == 0)
			continue;
		uint32_t at = vit_map_get(&by_id, (struct vit_str){ (const char *)&id, sizeof id });
		if (at == VIT_MAP_NONE || vit_str_eq(t->added[at].content, text))
			continue;
		struct vit_finding *r = vit_config_fail(ev, VIT_CK_tokenizer_special_token, d, v);
		r->where.pointer = vit_eval_text(ev, "/added_tokens_decoder/%.*s", VIT_FMT(v->key));
		r->message = vit_eval_text(
			ev, "Token %.*s is %.*s here, but %.*s in tokenizer.json.", VIT_FMT(v->key),
			VIT_FMT(text), VIT_FMT(t->added[at].content));
		r->expected = t->added[at].content;
		r->actual = text;
	}
	vit_map_release(&by_id);
}

/* A special token that the tokenizer does not have is added under a new id. */
static void check_named(const struct vit_tokenizer *t, const struct vit_document *d,
			struct vit_eval *ev)
{
	static const char *const keys[] = { "bos_token", "eos_token", "pad_token", "unk_token",
					    "sep_token", "cls_token", "mask_token" };
	const struct vit_json *o = vit_document_object(d);
	uint64_t id;

	if (t->added_total > t->added_count)
		return; /* not all are known */
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct vit_json *v = vit_json_get_c(o, keys[i]);
		struct vit_str text = content_of(v);
		if (text.n == 0 || text.n >= VIT_TOK_MAX_CONTENT ||
		    vit_tokenizer_added_id(t, text, &id))
			continue;
		struct vit_finding *r = vit_config_fail(ev, VIT_CK_tokenizer_special_token, d, v);
		r->where.pointer = vit_eval_text(ev, "/%s", keys[i]);
		r->message = vit_eval_text(ev, "%s is %.*s, which tokenizer.json does not have.",
					   keys[i], VIT_FMT(text));
		r->expected = VIT_STR("a token of tokenizer.json");
		r->actual = text;
	}
}

static void check_special(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *k = &c->facts->config;
	const struct vit_tokenizer *t = need(c, ev, VIT_CK_tokenizer_special_token);

	if (!t)
		return;
	if (!t->has_vocab) {
		vit_eval_not_applicable(ev, VIT_CK_tokenizer_special_token,
					"tokenizer.json holds no vocabulary to look tokens up in");
		return;
	}
	if (k->tokenizer_config.state != VIT_DOC_OK && k->special_tokens_map.state != VIT_DOC_OK) {
		vit_eval_not_applicable(ev, VIT_CK_tokenizer_special_token,
					"no side file names special tokens");
		return;
	}
	check_decoder(t, &k->tokenizer_config, ev);
	check_named(t, &k->tokenizer_config, ev);
	check_named(t, &k->special_tokens_map, ev);
	vit_eval_pass(ev, VIT_CK_tokenizer_special_token);
}

/* ---- template ---------------------------------------------------------------------------- */

/* Classes of before chats were common: their models are bases. */
static bool is_chat_class(const struct vit_config *k)
{
	static const char *const bases[] = { "gpt2",   "gpt_neox", "gpt_neo",    "gptj",
					     "opt",    "bloom",    "starcoder2", "gpt_bigcode",
					     "falcon", "xglm",     "codegen",    "mpt" };

	if (!vit_str_ends(k->architecture, VIT_STR("ForCausalLM")))
		return false;
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
		if (vit_str_is(k->model_type, bases[i]))
			return false;
	return true;
}

static void check_template(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_tokenizer *t = &c->facts->tokenizer;
	enum vit_check_id missing = VIT_CK_tokenizer_template_missing;
	enum vit_check_id differ = VIT_CK_tokenizer_templates_differ;

	if (t->template_err.code != VIT_OK) {
		vit_eval_unknown(ev, missing, "%s", t->template_err.msg);
		vit_eval_unknown(ev, differ, "%s", t->template_err.msg);
	} else if (t->template_place == VIT_TP_NONE) {
		bool wanted = is_chat_class(&c->facts->config) && t->state == VIT_DOC_OK;
		if (wanted) {
			struct vit_finding *r = fail(ev, missing, VIT_STR("chat_template.jinja"));
			r->message = VIT_STR("There is no chat template.");
			r->expected = VIT_STR(
				"chat_template.jinja, or chat_template in tokenizer_config.json");
			r->actual = VIT_STR("none");
		} else {
			vit_eval_not_applicable(ev, missing,
						"no chat template is asked of this model");
		}
		vit_eval_not_applicable(ev, differ, "there is no chat template");
	} else if (t->template_place != VIT_TP_BOTH) {
		vit_eval_not_applicable(ev, differ, "the chat template is in one place");
	} else if (!t->templates_equal) {
		char a[VIT_FMT_NUM], b[VIT_FMT_NUM];
		struct vit_finding *r = fail(ev, differ, t->template_path);
		vit_fmt_u64(t->template_bytes, a);
		vit_fmt_u64(t->template_inline_bytes, b);
		r->message = vit_eval_text(ev,
					   "The chat template here (%s bytes) is not the one in "
					   "tokenizer_config.json (%s bytes).",
					   a, b);
		r->expected =
			vit_eval_text(ev, "the template of tokenizer_config.json, %s bytes", b);
		r->actual = vit_eval_text(ev, "another one, %s bytes", a);
	}
	vit_eval_pass(ev, missing);
	vit_eval_pass(ev, differ);
}

/* ---- padding ------------------------------------------------------------------------------- */

static void check_padding(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *k = &c->facts->config;
	const struct vit_document *d = &k->tokenizer_config;
	enum vit_check_id id = VIT_CK_tokenizer_pad_is_eos;
	const struct vit_json *v = vit_json_get_c(vit_document_object(d), "pad_token");
	struct vit_str pad = content_of(v);
	struct vit_str eos = content_of(vit_json_get_c(vit_document_object(d), "eos_token"));

	if (pad.n == 0 || eos.n == 0) {
		vit_eval_not_applicable(ev, id, "tokenizer_config.json does not name both tokens");
		return;
	}
	if (vit_str_eq(pad, eos)) {
		struct vit_finding *r = vit_config_fail(ev, id, d, v);
		r->where.pointer = VIT_STR("/pad_token");
		r->message =
			vit_eval_text(ev, "Padding and end of text are both %.*s.", VIT_FMT(pad));
		r->expected = VIT_STR("two tokens");
		r->actual = pad;
	}
	vit_eval_pass(ev, id);
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	check_missing(c, ev);
	check_invalid(c, ev);
	check_range(c, ev);
	check_duplicates(c, ev);
	check_special(c, ev);
	check_template(c, ev);
	vit_check_templates(c, ev);
	check_padding(c, ev);
}

const struct vit_pass vit_pass_tokenizer = {
	.name = "tokenizer",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_TOKENIZER,
	.ids = ids,
	.id_count = sizeof ids / sizeof *ids,
	.run = run,
};
