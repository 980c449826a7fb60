#include "text/template_value.h"

#include "base/map.h"
#include "text/template.h"
#include "text/template_ops.h"

/* Dicts up to this many members are searched one by one. */
#define SMALL_DICT 8

struct vit_tval vit_tval_dict(struct vit_arena *a, uint32_t expected)
{
	struct vit_tdict *d = VIT_NEW(a, struct vit_tdict);
	d->capacity = expected ? expected : 4;
	d->members = VIT_NEW_ARRAY(a, d->capacity, struct vit_tpair);
	return (struct vit_tval){ .type = VIT_TV_DICT, .dict = d };
}

/* The position of the slot that holds the key, or of the empty one for it. */
static uint32_t slot_of(const struct vit_tdict *d, const struct vit_tval *key, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & d->index_mask;
	while (d->index[at] && !vit_tpl_same_key(&d->members[d->index[at] - 1].key, key))
		at = (at + 1) & d->index_mask;
	return at;
}

static void reindex(struct vit_arena *a, struct vit_tdict *d)
{
	d->index_mask = 32;
	while (d->index_mask < d->capacity * 2)
		d->index_mask *= 2;
	d->index = VIT_NEW_ARRAY(a, d->index_mask, uint32_t);
	d->index_mask--;
	for (uint32_t i = 0; i < d->count; i++)
		d->index[slot_of(d, &d->members[i].key, vit_tpl_hash(&d->members[i].key))] = i + 1;
}

struct vit_tpair *vit_tpl_dict_find(const struct vit_tdict *d, const struct vit_tval *key)
{
	if (d->index) {
		uint32_t at = d->index[slot_of(d, key, vit_tpl_hash(key))];
		return at ? &d->members[at - 1] : NULL;
	}
	if (key->type == VIT_TV_STR) {
		for (uint32_t i = 0; i < d->count; i++) {
			struct vit_tpair *m = &d->members[i];
			if (m->key.n == key->n && m->key.type == VIT_TV_STR &&
			    memcmp(m->key.text, key->text, key->n) == 0)
				return m;
		}
		return NULL;
	}
	for (uint32_t i = 0; i < d->count; i++)
		if (vit_tpl_same_key(&d->members[i].key, key))
			return &d->members[i];
	return NULL;
}

void vit_tpl_dict_set(struct vit_arena *a, struct vit_tdict *d, const struct vit_tval *key,
		      const struct vit_tval *value)
{
	struct vit_tpair *m = vit_tpl_dict_find(d, key);
	if (m) {
		m->value = *value;
		return;
	}
	if (d->count == d->capacity) {
		if (d->capacity > VIT_TVAL_MAX)
			VIT_BUG("template: a dict grows without bound");
		struct vit_tpair *more = VIT_NEW_ARRAY(a, (size_t)d->capacity * 2, struct vit_tpair);
		memcpy(more, d->members, d->count * sizeof(*more));
		d->members = more;
		d->capacity *= 2;
		d->index = NULL;
	}
	d->members[d->count++] = (struct vit_tpair){ *key, *value };
	if (d->index)
		d->index[slot_of(d, key, vit_tpl_hash(key))] = d->count;
	else if (d->count > SMALL_DICT)
		reindex(a, d);
}

void vit_tval_set(struct vit_arena *a, struct vit_tval *d, struct vit_str key,
		  struct vit_tval value)
{
	struct vit_tval k = vit_tval_str(key);
	vit_tpl_dict_set(a, d->dict, &k, &value);
}

const struct vit_tval *vit_tval_get(struct vit_tval d, struct vit_str key)
{
	if (d.type != VIT_TV_DICT)
		return NULL;
	struct vit_tval k = vit_tval_str(key);
	const struct vit_tpair *m = vit_tpl_dict_find(d.dict, &k);
	return m ? &m->value : NULL;
}

/* --- from JSON --- */

static struct vit_tval number_of(struct vit_arena *a, unsigned flags, int64_t i64, uint64_t u64,
				 double number)
{
	if (flags & VIT_JSON_I64)
		return vit_tval_int(i64);
	if (flags & VIT_JSON_U64) {
		struct vit_str s = vit_arena_printf(a, "%llu", (unsigned long long)u64);
		return (struct vit_tval){ .type = VIT_TV_BIG, .n = (uint32_t)s.n, .text = s.p };
	}
	return vit_tval_float(number);
}

/* One open container of vit_tval_from_json. */
struct opened {
	const struct vit_json *from;
	struct vit_tval *items;  /* ARRAY */
	struct vit_tdict *dict;  /* OBJECT */
	uint32_t next;
};

/* Fills *out, or opens a container for it. */
static bool begin(struct vit_arena *a, const struct vit_json *v, struct vit_tval *out,
		  struct opened *open)
{
	switch (v->kind) {
	case VIT_JSON_K_NULL:
		*out = vit_tval_none();
		return false;
	case VIT_JSON_K_BOOL:
		*out = vit_tval_bool(v->boolean);
		return false;
	case VIT_JSON_K_NUMBER:
		*out = number_of(a, v->flags, v->i64, v->u64, v->number);
		return false;
	case VIT_JSON_K_STRING:
		*out = vit_tval_str(v->string);
		return false;
	case VIT_JSON_K_ARRAY:
		*open = (struct opened){ .from = v,
					 .items = VIT_NEW_ARRAY(a, v->count, struct vit_tval) };
		*out = vit_tval_list(open->items, v->count);
		return true;
	case VIT_JSON_K_OBJECT:
		*out = vit_tval_dict(a, v->count);
		*open = (struct opened){ .from = v, .dict = out->dict };
		return true;
	}
	return false;
}

struct vit_tval vit_tval_from_json(struct vit_arena *a, const struct vit_json *v)
{
	struct opened stack[VIT_JSON_MAX_DEPTH + 1];
	struct vit_tval result = vit_tval_none();
	unsigned depth = begin(a, v, &result, &stack[0]);
	while (depth) {
		struct opened *o = &stack[depth - 1];
		if (o->next == o->from->count) {
			depth--;
			continue;
		}
		const struct vit_json *child = &o->from->children[o->next++];
		struct vit_tval made;
		if (depth > VIT_JSON_MAX_DEPTH)
			VIT_BUG("template: a tree is deeper than the reader allows");
		bool opened = begin(a, child, &made, &stack[depth]);
		if (o->dict)
			vit_tpl_dict_set(a, o->dict, &(struct vit_tval){ .type = VIT_TV_STR,
					 .n = (uint32_t)child->key.n, .text = child->key.p }, &made);
		else
			o->items[o->next - 1] = made;
		depth += opened;
	}
	return result;
}

/* One open container of vit_tval_read: its items are the top of the stack. */
struct reading {
	size_t first;
	struct vit_tdict *dict;
	struct vit_tval key;
};

static struct vit_tval text_of(const struct vit_json_event *ev, bool borrow, struct vit_arena *a,
			       struct vit_buf *scratch)
{
	if (!(ev->flags & VIT_JSON_ESCAPED))
		return vit_tval_str(borrow ? ev->raw : vit_arena_str(a, ev->raw));
	vit_buf_clear(scratch);
	vit_json_decode(ev, scratch);
	return vit_tval_str(vit_arena_str(a, vit_buf_view(scratch)));
}

/* The value of an event that is one by itself; false for the others. */
static bool scalar(const struct vit_json_event *ev, bool borrow, struct vit_arena *a,
		   struct vit_buf *scratch, struct vit_tval *out)
{
	if (ev->type == VIT_JSON_STRING)
		*out = text_of(ev, borrow, a, scratch);
	else if (ev->type == VIT_JSON_TRUE || ev->type == VIT_JSON_FALSE)
		*out = vit_tval_bool(ev->type == VIT_JSON_TRUE);
	else if (ev->type == VIT_JSON_NULL)
		*out = vit_tval_none();
	else if (ev->type == VIT_JSON_NUMBER)
		*out = number_of(a, ev->flags, ev->i64, ev->u64, ev->number);
	else
		return false;
	if (ev->type == VIT_JSON_NUMBER && (ev->flags & VIT_JSON_INTEGER) &&
	    !(ev->flags & VIT_JSON_I64)) {
		struct vit_str s = vit_arena_str(a, ev->raw);
		*out = (struct vit_tval){ .type = VIT_TV_BIG, .n = (uint32_t)s.n, .text = s.p };
	}
	return true;
}

/* Ends the innermost container. */
static struct vit_tval finish(struct vit_arena *a, struct reading *r, struct vit_vec *values)
{
	if (r->dict)
		return (struct vit_tval){ .type = VIT_TV_DICT, .dict = r->dict };
	size_t n = values->count - r->first;
	struct vit_tval *items = VIT_NEW_ARRAY(a, n, struct vit_tval);
	if (n)
		memcpy(items, vit_vec_at(values, r->first), n * sizeof(*items));
	values->count = r->first;
	return vit_tval_list(items, (uint32_t)n);
}

bool vit_tval_read(struct vit_json_reader *r, const struct vit_json_event *first, bool borrow,
		   struct vit_arena *a, struct vit_tval *out)
{
	struct reading stack[VIT_JSON_MAX_DEPTH];
	struct vit_vec values = VIT_VEC(sizeof(struct vit_tval));
	struct vit_buf scratch;
	struct vit_json_event ev = *first;
	unsigned depth = 0;
	bool ok = true, done = false;
	vit_buf_init(&scratch, VIT_TVAL_MAX);
	while (!done) {
		struct vit_tval v;
		bool value = scalar(&ev, borrow, a, &scratch, &v);
		if (ev.type == VIT_JSON_ERROR || ev.type == VIT_JSON_END ||
		    (!value && depth == VIT_JSON_MAX_DEPTH && ev.type == VIT_JSON_ARRAY_BEGIN)) {
			ok = false;
			break;
		}
		if (ev.type == VIT_JSON_KEY) {
			stack[depth - 1].key = text_of(&ev, borrow, a, &scratch);
		} else if (ev.type == VIT_JSON_ARRAY_BEGIN || ev.type == VIT_JSON_OBJECT_BEGIN) {
			if (depth == VIT_JSON_MAX_DEPTH)
				VIT_BUG("template: deeper than the reader allows");
			stack[depth].first = values.count;
			stack[depth].dict = ev.type == VIT_JSON_OBJECT_BEGIN ?
						    vit_tval_dict(a, 4).dict : NULL;
			depth++;
		} else if (!value) {
			v = finish(a, &stack[--depth], &values);
			value = true;
		}
		if (value && depth == 0) {
			*out = v;
			done = true;
		} else if (value && stack[depth - 1].dict) {
			vit_tpl_dict_set(a, stack[depth - 1].dict, &stack[depth - 1].key, &v);
		} else if (value) {
			*(struct vit_tval *)vit_vec_add(&values) = v;
		}
		if (!done)
			vit_json_next(r, &ev);
	}
	vit_buf_release(&scratch);
	vit_vec_free(&values);
	return ok;
}

/* --- messages --- */

struct vit_tval vit_template_message(struct vit_arena *a, struct vit_tval message)
{
	static const char *const names[] = { "reasoning_content", "thinking", "reasoning" };
	const struct vit_tval *thought = NULL;
	if (message.type != VIT_TV_DICT)
		return message;
	for (size_t i = 0; i < 3 && !thought; i++) {
		thought = vit_tval_get(message, vit_str_c(names[i]));
		if (thought && thought->type == VIT_TV_NONE)
			thought = NULL;
	}
	struct vit_tval made = vit_tval_dict(a, message.dict->count + 2);
	/* In the order that the reference gives: `thinking` first when it is new. */
	if (thought)
		vit_tval_set(a, &made, VIT_STR("thinking"), *thought);
	for (uint32_t i = 0; i < message.dict->count; i++)
		if (message.dict->members[i].value.type != VIT_TV_NONE)
			vit_tpl_dict_set(a, made.dict, &message.dict->members[i].key,
					 &message.dict->members[i].value);
	if (thought)
		vit_tval_set(a, &made, VIT_STR("reasoning_content"), *thought);
	return made;
}
