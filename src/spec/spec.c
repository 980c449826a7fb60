/* The database: documents in, immutable specs out. */
#include "spec/spec.h"

#include "base/map.h"
#include "spec/load.h"

/* One spec; of a built-in one only the head is read until it is needed. */
struct entry {
	struct vit_spec *spec;
	struct vit_spec_body *body;
	struct vit_str text;             /* of the document while it is not whole */
	bool whole;
};

struct vit_spec_db {
	struct vit_arena *arena;
	struct entry **entries;          /* sorted by kind and id */
	size_t count, capacity;
};

const char *vit_role_name(enum vit_role r)
{
	static const char *const names[VIT_ROLE_COUNT] = {
		[VIT_ROLE_OTHER] = "other", [VIT_ROLE_EMBEDDING] = "embedding",
		[VIT_ROLE_HEAD] = "head", [VIT_ROLE_ATTENTION] = "attention",
		[VIT_ROLE_MLP] = "mlp", [VIT_ROLE_EXPERT] = "expert",
		[VIT_ROLE_SHARED_EXPERT] = "shared_expert", [VIT_ROLE_ROUTER] = "router",
		[VIT_ROLE_NORM] = "norm", [VIT_ROLE_CONV] = "conv", [VIT_ROLE_SSM] = "ssm",
		[VIT_ROLE_VISION] = "vision", [VIT_ROLE_PROJECTOR] = "projector",
		[VIT_ROLE_MTP] = "mtp", [VIT_ROLE_ADAPTER] = "adapter",
		[VIT_ROLE_POOLER] = "pooler",
	};

	return names[r];
}

const struct vit_spec *vit_spec_family(const struct vit_spec *s)
{
	while (s && (s->kind == VIT_SPEC_MODEL ||
		     (s->kind == VIT_SPEC_REQUIREMENTS && s->body->item_count == 0)))
		s = s->parent;
	return s && s->kind != VIT_SPEC_OVERLAY ? s : NULL;
}

static bool before(const struct vit_spec *a, const struct vit_spec *b)
{
	return a->kind != b->kind ? a->kind < b->kind : vit_str_cmp(a->id, b->id) < 0;
}

static void insert(struct vit_spec_db *db, struct entry *e)
{
	size_t at = db->count;

	if (db->count == db->capacity) {
		struct entry **grown;

		db->capacity = db->capacity ? db->capacity * 2 : 64;
		grown = VIT_NEW_ARRAY(db->arena, db->capacity, struct entry *);
		for (size_t i = 0; i < db->count; i++)
			grown[i] = db->entries[i];
		db->entries = grown;
	}
	for (; at > 0 && before(e->spec, db->entries[at - 1]->spec); at--)
		db->entries[at] = db->entries[at - 1];
	db->entries[at] = e;
	db->count++;
}

static struct entry *find(const struct vit_spec_db *db, struct vit_str id)
{
	for (size_t i = 0; i < db->count; i++)
		if (vit_str_eq(db->entries[i]->spec->id, id))
			return db->entries[i];
	return NULL;
}

/* Keys of the four kinds of document. */
static const char *const family_keys[] = {
	"schema", "kind", "id", "title", "match", "root", "config", "rules", "dimensions", "moe",
	"names", "tensors", "report", "adapter", "forward", NULL,
};
static const char *const overlay_keys[] = {
	"schema", "kind", "id", "title", "match", "config", "rules", "dimensions", "weights",
	"extra", NULL,
};
static const char *const model_keys[] = {
	"schema", "kind", "id", "title", "extends", "family", "repo", "revisions", "values",
	"files", "identify", "attestations", "config", "rules", NULL,
};
static const char *const requirements_keys[] = {
	"schema", "kind", "id", "title", "extends", "match", "root", "config", "rules",
	"dimensions", "moe", "names", "tensors", "report", "values", "files", "attestations",
	"revisions", "repo", NULL,
};

static const struct {
	const char *name;
	enum vit_spec_kind kind;
	const char *const *keys;
} kinds[] = {
	{ "family", VIT_SPEC_FAMILY, family_keys },
	{ "overlay", VIT_SPEC_OVERLAY, overlay_keys },
	{ "model", VIT_SPEC_MODEL, model_keys },
	{ "requirements", VIT_SPEC_REQUIREMENTS, requirements_keys },
};

static bool load_kind(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *schema = vit_yaml_get(doc, "schema");
	const struct vit_yaml *kind = vit_yaml_get(doc, "kind");

	if (!vit_load_kind(l, doc, VIT_YAML_MAPPING))
		return false;
	if (!schema)
		return vit_load_fail_at(l, doc, "`schema: vitalis-spec/1` is missing");
	if (schema->kind != VIT_YAML_SCALAR || !vit_str_is(schema->text, "vitalis-spec/1"))
		return vit_load_fail_at(l, schema, "the schema must be vitalis-spec/1");
	if (!kind)
		return vit_load_fail_at(l, doc, "`kind` is missing (family, overlay, model, "
					"requirements)");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kind->kind == VIT_YAML_SCALAR && vit_str_is(kind->text, kinds[i].name)) {
			l->spec->kind = kinds[i].kind;
			return vit_load_keys(l, doc, kinds[i].keys);
		}
	return vit_load_fail_at(l, kind, "no such kind (family, overlay, model, requirements)");
}

static bool load_identity(struct vit_loader *l, const struct vit_spec_db *db,
			  const struct vit_yaml *doc)
{
	const struct vit_yaml *id = vit_yaml_get(doc, "id"), *title = vit_yaml_get(doc, "title");
	const struct entry *twin;

	if (!id)
		return vit_load_fail_at(l, doc, "`id` is missing");
	if (!vit_load_text(l, id, &l->spec->id))
		return false;
	twin = find(db, l->spec->id);
	if (twin && twin->spec != l->spec)
		return vit_load_fail(l, id->line, id->column, "the id \"%.*s\" is taken by %.*s",
				     VIT_FMT(twin->spec->id), VIT_FMT(twin->spec->source));
	l->spec->title = l->spec->id;
	return !title || vit_load_text(l, title, &l->spec->title);
}

static const struct vit_spec *nearest_spec(const struct vit_spec_db *db, struct vit_str id)
{
	const struct vit_spec *best = NULL;
	unsigned distance = 4;

	for (size_t i = 0; i < db->count; i++) {
		unsigned d = vit_str_distance(id, db->entries[i]->spec->id, distance);

		if (d < distance) {
			distance = d;
			best = db->entries[i]->spec;
		}
	}
	return best;
}

/* `extends`, or a model's `family`. */
static bool load_parent(struct vit_loader *l, const struct vit_spec_db *db,
			const struct vit_yaml *doc)
{
	const struct vit_yaml *n = vit_yaml_get(doc, "extends");
	const struct vit_spec *parent;

	if (!n)
		n = vit_yaml_get(doc, "family");
	if (!n)
		return l->spec->kind != VIT_SPEC_MODEL ||
		       vit_load_fail_at(l, doc, "a model needs `family`");
	if (!vit_load_text(l, n, &l->spec->extends))
		return false;
	/* the head alone: a built-in spec whose parent is looked at when it is needed */
	if (l->head)
		return true;
	parent = vit_spec_db_find(db, l->spec->extends);
	if (!parent) {
		const struct vit_spec *near = nearest_spec(db, l->spec->extends);

		return vit_load_fail(l, n->line, n->column, "no spec \"%.*s\"%s%.*s%s",
				     VIT_FMT(l->spec->extends), near ? ", did you mean \"" : "",
				     VIT_FMT(near ? near->id : VIT_STR_EMPTY), near ? "\"?" : "");
	}
	if (parent->kind == VIT_SPEC_OVERLAY)
		return vit_load_fail_at(l, n, "an overlay cannot be extended");
	l->spec->parent = parent;
	l->parent = parent->body;
	return true;
}

static bool load_match(struct vit_loader *l, const struct vit_yaml *doc)
{
	static const char *const keys[] = { "model_type", "architectures", "peft_type", NULL };
	const struct vit_yaml *n = vit_yaml_get(doc, "match");
	struct vit_match *all;

	if (!n)
		return l->spec->kind == VIT_SPEC_MODEL || l->spec->kind == VIT_SPEC_REQUIREMENTS ||
		       vit_load_fail_at(l, doc, "`match` is missing");
	if (l->spec->kind == VIT_SPEC_OVERLAY ? !vit_load_kind(l, n, VIT_YAML_MAPPING)
					      : !vit_load_keys(l, n, keys))
		return false;
	all = VIT_NEW_ARRAY(l->arena, n->count, struct vit_match);
	for (uint32_t i = 0; i < n->count; i++) {
		all[i].key = vit_arena_str(l->arena, n->children[i].key);
		if (!vit_load_texts(l, &n->children[i], &all[i].values, &all[i].count))
			return false;
	}
	l->body->match = all;
	l->body->match_count = n->count;
	for (uint32_t i = 0; i < n->count; i++)
		if (vit_str_is(all[i].key, "peft_type"))
			l->body->is_adapter = true;
	return true;
}

/* A child takes what its parent has and it does not replace. */
static void inherit(struct vit_loader *l)
{
	struct vit_spec_body *b = l->body;
	const struct vit_spec_body *p = l->parent;

	if (!p)
		return;
	*b = *p;
	b->identify_count = 0;
	l->spec->attestations = l->spec->parent->attestations;
	l->spec->attestation_count = l->spec->parent->attestation_count;
}

static bool load_body(struct vit_loader *l, const struct vit_yaml *doc)
{
	const struct vit_yaml *root = vit_yaml_get(doc, "root");
	bool ok;

	inherit(l);
	ok = load_match(l, doc) && vit_load_begin_names(l, doc) &&
	     (!root || vit_load_texts(l, root, &l->body->roots, &l->body->root_count)) &&
	     vit_load_fields(l, doc) && vit_load_rules(l, doc) && vit_load_report(l, doc) &&
	     vit_load_schemes(l, doc) && vit_load_tensors(l, doc) && vit_load_forward(l, doc) &&
	     vit_load_overlay(l, doc) &&
	     vit_load_adapter(l, doc) && vit_load_model(l, doc) && vit_load_end_names(l, doc);
	if (ok && l->body->root_count >= VIT_MAX_ROOTS)
		ok = vit_load_fail_at(l, root, "at most three roots");
	l->body->tensor_count = l->tensor_count;
	return ok;
}

static bool load_document(struct vit_loader *l, const struct vit_spec_db *db,
			  const struct vit_yaml *doc)
{
	if (!load_kind(l, doc) || !load_identity(l, db, doc) || !load_parent(l, db, doc))
		return false;
	return l->head ? load_match(l, doc) : load_body(l, doc);
}

/* Parses into the entry; `head`: the document is cut off before its sections. */
static enum vit_errc load(const struct vit_spec_db *db, struct entry *e, struct vit_str text,
			  bool head, struct vit_err *err)
{
	struct vit_arena *scratch = vit_arena_new();
	struct vit_loader l = {
		.arena = db->arena, .source = e->spec->source, .err = err, .spec = e->spec,
		.body = e->body, .head = head, .exprs = VIT_VEC(sizeof(struct vit_expr *)),
	};
	const struct vit_yaml *doc;
	enum vit_errc rc = vit_yaml_parse(scratch, text, l.source, &doc, err);

	if (rc == VIT_OK) {
		vit_symbols_init(&l.symbols);
		if (!load_document(&l, db, doc))
			rc = VIT_E_USAGE;
		vit_symbols_release(&l.symbols);
		vit_vec_free(&l.exprs);
	}
	vit_arena_free(scratch);
	e->whole = rc == VIT_OK && !head;
	return rc;
}

static struct entry *new_entry(const struct vit_spec_db *db, struct vit_str text,
			       struct vit_str source)
{
	struct entry *e = VIT_NEW(db->arena, struct entry);

	e->spec = VIT_NEW(db->arena, struct vit_spec);
	e->body = VIT_NEW(db->arena, struct vit_spec_body);
	e->spec->body = e->body;
	e->spec->source = vit_arena_str(db->arena, source);
	e->text = text;
	return e;
}

enum vit_errc vit_spec_db_add(struct vit_spec_db *db, struct vit_str yaml, struct vit_str source,
			      const struct vit_spec **out, struct vit_err *err)
{
	struct entry *e = new_entry(db, yaml, source);
	enum vit_errc rc = load(db, e, yaml, false, err);

	if (rc != VIT_OK)
		return rc;
	insert(db, e);
	*out = e->spec;
	return VIT_OK;
}

struct vit_str vit_spec_repo(const struct vit_spec *s)
{
	return s->body && s->body->repo.n ? s->body->repo : VIT_STR_EMPTY;
}

size_t vit_spec_db_count(const struct vit_spec_db *db)
{
	return db->count;
}

const struct vit_spec *vit_spec_head(const struct vit_spec_db *db, size_t i)
{
	return db->entries[i]->spec;
}

static const struct vit_spec *whole(const struct vit_spec_db *db, struct entry *e)
{
	struct vit_err err = { .code = VIT_OK };

	/* Only built-in documents wait, and a unit test reads them all. */
	if (!e->whole && load(db, e, e->text, false, &err) != VIT_OK)
		VIT_BUG(err.msg);
	return e->spec;
}

const struct vit_spec *vit_spec_whole(const struct vit_spec_db *db, const struct vit_spec *s)
{
	struct entry *e = find(db, s->id);

	return e ? whole(db, e) : s;
}

const struct vit_spec *vit_spec_db_at(const struct vit_spec_db *db, size_t i)
{
	return whole(db, db->entries[i]);
}

const struct vit_spec *vit_spec_db_find(const struct vit_spec_db *db, struct vit_str id)
{
	struct entry *e = find(db, id);

	return e ? whole(db, e) : NULL;
}

/* The lines before the first section: what tells whether a spec is the one. */
static struct vit_str head_of(struct vit_str text)
{
	static const char *const sections[] = {
		"config:", "root:", "rules:", "dimensions:", "moe:", "names:", "tensors:",
		"report:", "adapter:", "weights:", "extra:", "values:", "files:", "revisions:",
		"identify:", "attestations:",
	};
	struct vit_str rest = text, line;

	while (vit_str_line(&rest, &line))
		for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
			if (vit_str_starts(line, vit_str_c(sections[i])))
				return vit_str_sub(text, 0, (size_t)(line.p - text.p));
	return text;
}

struct vit_spec_db *vit_spec_db_empty(struct vit_arena *a)
{
	struct vit_spec_db *db = VIT_NEW(a, struct vit_spec_db);

	db->arena = a;
	return db;
}

enum vit_errc vit_spec_db_new(struct vit_arena *a, struct vit_spec_db **out, struct vit_err *err)
{
	struct vit_spec_db *db = vit_spec_db_empty(a);

	for (size_t i = 0; i < vit_spec_embedded_count; i++) {
		const struct vit_spec_embedded *from = &vit_spec_embedded[i];
		struct vit_str text = { (const char *)from->bytes, from->size };
		struct entry *e = new_entry(db, text,
					    vit_arena_printf(a, "built-in %s", from->path));
		enum vit_errc rc = load(db, e, head_of(text), true, err);

		if (rc != VIT_OK)
			return rc;
		insert(db, e);
	}
	*out = db;
	return VIT_OK;
}
