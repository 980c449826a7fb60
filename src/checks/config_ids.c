#include "base/num.h"
#include "checks/config.h"

static const enum vit_check_id ids[] = { VIT_CK_config_token_ids, VIT_CK_config_token_id_range };

#define MAX_IDS 64

/* The ids that one file gives for one role; count 0: it says nothing. */
struct id_set {
	uint64_t ids[MAX_IDS];
	unsigned count;
	const struct vit_document *from;
	const struct vit_json *value; /* as it stands there */
};

static void add_id(struct id_set *s, const struct vit_json *v)
{
	if (v->kind == VIT_JSON_K_NUMBER && (v->flags & VIT_JSON_U64) && s->count < MAX_IDS)
		s->ids[s->count++] = v->u64;
}

/* Values of the wrong type count as absent: other checks name them. */
static struct id_set read_ids(const struct vit_document *d, const struct vit_json *v)
{
	struct id_set s = { .from = d, .value = v };

	if (v && v->kind == VIT_JSON_K_ARRAY)
		for (uint32_t i = 0; i < v->count; i++)
			add_id(&s, &v->children[i]);
	else if (v)
		add_id(&s, v);
	return s;
}

static struct id_set config_ids(const struct vit_config *k, const char *key)
{
	const struct vit_json *v = vit_json_get_c(k->root, key);

	if (vit_json_is_null(v))
		v = vit_json_get_c(k->text, key);
	return read_ids(&k->config, v);
}

/* ---- by content --------------------------------------------------------------- */

static struct vit_str content_of(const struct vit_json *v)
{
	struct vit_str s = vit_json_string(v);

	return s.n ? s : vit_json_string(vit_json_get_c(v, "content"));
}

/* The id that added_tokens_decoder gives a text. */
static bool decoder_id(const struct vit_json *side, struct vit_str content, uint64_t *id)
{
	const struct vit_json *map = vit_json_get_c(side, "added_tokens_decoder");

	for (uint32_t i = 0; map && map->kind == VIT_JSON_K_OBJECT && i < map->count; i++)
		if (vit_str_eq(content_of(&map->children[i]), content) &&
		    vit_parse_u64(map->children[i].key, id))
			return true;
	return false;
}

static struct id_set tokenizer_ids(const struct vit_facts *f, const char *key)
{
	const struct vit_document *docs[] = { &f->config.tokenizer_config,
					      &f->config.special_tokens_map };
	const struct vit_json *side = vit_document_object(docs[0]);
	struct id_set s = { 0 };

	for (size_t i = 0; i < 2 && s.count == 0; i++) {
		const struct vit_json *v = vit_json_get_c(vit_document_object(docs[i]), key);
		struct vit_str content = content_of(v);
		bool found = content.n > 0;

		if (found && f->tokenizer.state == VIT_DOC_OK)
			found = vit_tokenizer_added_id(&f->tokenizer, content, &s.ids[0]);
		else if (found)
			found = decoder_id(side, content, &s.ids[0]);
		s.count = found;
		s.from = docs[i];
		s.value = v;
	}
	return s;
}

/* ---- agreement ------------------------------------------------------------------ */

static bool meet(const struct id_set *a, const struct id_set *b)
{
	for (unsigned i = 0; i < a->count; i++)
		for (unsigned k = 0; k < b->count; k++)
			if (a->ids[i] == b->ids[k])
				return true;
	return false;
}

static struct vit_str list_ids(struct vit_eval *ev, const struct id_set *s)
{
	struct vit_buf b;
	struct vit_str text;

	vit_buf_init(&b, 2048);
	for (unsigned i = 0; i < s->count; i++)
		vit_buf_printf(&b, "%s%llu", i ? ", " : "", (unsigned long long)s->ids[i]);
	text = vit_arena_str(ev->arena, vit_buf_view(&b));
	vit_buf_release(&b);
	return text;
}

static bool check_pair(const char *key, const struct id_set *known, const struct id_set *other,
		       const char *other_key, struct vit_eval *ev)
{
	if (known->count == 0 || other->count == 0 || meet(known, other))
		return true;
	struct vit_finding *r =
		vit_config_fail(ev, VIT_CK_config_token_ids, other->from, other->value);

	r->where.pointer = vit_eval_text(ev, "/%s", other_key);
	r->expected = list_ids(ev, known);
	r->actual = list_ids(ev, other);
	if (other->value->kind == VIT_JSON_K_STRING || other->value->kind == VIT_JSON_K_OBJECT)
		r->message = vit_eval_text(
			ev, "%s names a token with id %.*s, but %s of %.*s is %.*s.", other_key,
			VIT_FMT(r->actual), key, VIT_FMT(known->from->path), VIT_FMT(r->expected));
	else
		r->message = vit_eval_text(ev, "%s is %.*s here, but %.*s in %.*s.", key,
					   VIT_FMT(r->actual), VIT_FMT(r->expected),
					   VIT_FMT(known->from->path));
	return false;
}

static void check_agreement(const struct vit_facts *f, struct vit_eval *ev)
{
	static const struct {
		const char *id, *token;
	} roles[] = {
		{ "bos_token_id", "bos_token" },
		{ "eos_token_id", "eos_token" },
		{ "pad_token_id", "pad_token" },
	};

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		const struct vit_json *gen = vit_document_object(&f->config.generation);
		struct id_set config = config_ids(&f->config, roles[i].id);
		struct id_set generation =
			read_ids(&f->config.generation, vit_json_get_c(gen, roles[i].id));
		struct id_set tokenizer = tokenizer_ids(f, roles[i].token);

		/* generate() goes by generation_config.json where it says something;
		 * its list of ends may hold more than the others name. */
		if (check_pair(roles[i].id, &config, &generation, roles[i].id, ev))
			check_pair(roles[i].id, generation.count ? &generation : &config,
				   &tokenizer, roles[i].token, ev);
	}
}

/* ---- range ------------------------------------------------------------------------ */

static void check_range(const struct vit_document *d, const struct vit_json *o, uint64_t vocab,
			struct vit_eval *ev)
{
	static const char *const keys[] = {
		"bos_token_id",           "eos_token_id",        "pad_token_id",
		"sep_token_id",           "cls_token_id",        "unk_token_id",
		"decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id",
	};
	char v[VIT_FMT_NUM], id[VIT_FMT_NUM];

	for (size_t i = 0; o && i < sizeof keys / sizeof *keys; i++) {
		struct id_set s = read_ids(d, vit_json_get_c(o, keys[i]));
		for (unsigned k = 0; k < s.count; k++) {
			if (s.ids[k] < vocab)
				continue;
			struct vit_finding *r =
				vit_config_fail(ev, VIT_CK_config_token_id_range, d, s.value);
			vit_fmt_u64(s.ids[k], id);
			vit_fmt_u64(vocab, v);
			r->where.pointer = vit_eval_text(ev, "/%s", keys[i]);
			r->message = vit_eval_text(ev, "%s is %s, but vocab_size is %s.", keys[i],
						   id, v);
			r->expected = vit_eval_text(ev, "below %s", v);
			r->actual = vit_eval_text(ev, "%s", id);
		}
	}
}

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_config *k = &c->facts->config;
	uint64_t vocab;

	if (k->root || vit_document_object(&k->generation))
		check_agreement(c->facts, ev);
	if (vit_config_need(c, ev, VIT_CK_config_token_ids))
		vit_eval_pass(ev, VIT_CK_config_token_ids);
	if (!vit_config_need(c, ev, VIT_CK_config_token_id_range))
		return;
	if (!vit_config_vocab_size(k, &vocab)) {
		vit_eval_not_applicable(ev, VIT_CK_config_token_id_range,
					"config.json gives no vocab_size");
		return;
	}
	check_range(&k->config, k->root, vocab, ev);
	if (k->text != k->root)
		check_range(&k->config, k->text, vocab, ev);
	check_range(&k->generation, vit_document_object(&k->generation), vocab, ev);
	vit_eval_pass(ev, VIT_CK_config_token_id_range);
}

const struct vit_pass vit_pass_config_ids = {
	.name = "config-ids",
	.needs = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_TOKENIZER,
	.ids = ids,
	.id_count = sizeof ids / sizeof *ids,
	.run = run,
};
