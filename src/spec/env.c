/* The environment of evaluations: variables, caches, faults, look-ups. */
#include <stdarg.h>

#include "base/buf.h"
#include "base/num.h"
#include "spec/expr.h"

void vit_env_init(struct vit_env *env, struct vit_arena *a, const struct vit_names *names,
		  const struct vit_json *config, const struct vit_json *quant)
{
	*env = (struct vit_env){ .arena = a, .top = config, .quant = quant, .epoch = 1 };
	env->dimensions = names->dimensions;
	env->paths = names->paths;
	env->dimension_count = names->dimension_count;
	env->path_count = names->path_count;
	env->dim_cache = VIT_NEW_ARRAY(a, env->dimension_count, struct vit_dim_cache);
	env->path_cache = VIT_NEW_ARRAY(a, env->path_count, struct vit_path_cache);
	env->roots[0] = config;
	env->root_names[0] = VIT_STR_EMPTY;
	env->root_count = 1;
}

void vit_env_bind(struct vit_env *env, uint32_t slot, struct vit_value v)
{
	env->vars[slot] = v;
	env->bound |= UINT32_C(1) << slot;
	env->var_epoch[slot] = ++env->epoch;
}

void vit_env_unbind(struct vit_env *env, uint32_t slot)
{
	env->bound &= ~(UINT32_C(1) << slot);
	env->var_epoch[slot] = ++env->epoch;
}

uint64_t vit_env_epoch(const struct vit_env *env, uint32_t vars)
{
	uint64_t latest = 1;

	for (uint32_t i = 0; vars; i++, vars >>= 1)
		if ((vars & 1) && env->var_epoch[i] > latest)
			latest = env->var_epoch[i];
	return latest;
}

void vit_env_clear_fault(struct vit_env *env)
{
	env->fault = VIT_EF_NONE;
	env->fault_field = VIT_STR_EMPTY;
	env->fault_text = VIT_STR_EMPTY;
}

bool vit_env_fault(struct vit_env *env, enum vit_eval_fault kind, struct vit_str field,
		   const char *fmt, ...)
{
	struct vit_buf text;
	va_list ap;

	if (env->fault != VIT_EF_NONE)
		return false;
	vit_buf_init(&text, 600);
	va_start(ap, fmt);
	vit_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	env->fault = kind;
	env->fault_field = field;
	env->fault_text = vit_arena_str(env->arena, vit_buf_view(&text));
	vit_buf_release(&text);
	return false;
}

/* One root, one spelling: the value, or NULL when absent or null. */
static const struct vit_json *look(const struct vit_json *root, struct vit_str path)
{
	const struct vit_json *v = vit_json_at(root, path);

	return vit_json_is_null(v) ? NULL : v;
}

static struct vit_str join(struct vit_arena *a, struct vit_str root, struct vit_str path)
{
	return root.n ? vit_arena_printf(a, "%.*s.%.*s", VIT_FMT(root), VIT_FMT(path)) : path;
}

static bool look_in(struct vit_env *env, const struct vit_path *p, const struct vit_json *root,
		    struct vit_str name, struct vit_path_cache *c)
{
	struct vit_str path = p->text;

	c->node = look(root, path);
	for (uint32_t i = 0; !c->node && i < p->alias_count; i++) {
		path = p->aliases[i];
		c->node = look(root, path);
	}
	c->found = c->node != NULL;
	if (c->found)
		c->where = join(env->arena, name, path);
	return c->found;
}

const struct vit_path_cache *vit_env_path(struct vit_env *env, uint32_t path)
{
	struct vit_path_cache *c = &env->path_cache[path];
	const struct vit_path *p = &env->paths[path];

	if (c->done)
		return c;
	c->done = true;
	c->where = p->text;
	if (p->quant) {
		look_in(env, p, env->quant, VIT_STR("quantization_config"), c);
		return c;
	}
	for (uint32_t i = 0; i < env->root_count; i++)
		if (look_in(env, p, env->roots[i], env->root_names[i], c))
			break;
	return c;
}

struct vit_value vit_value_of_json(const struct vit_json *v)
{
	struct vit_value out = { .kind = VIT_V_NULL };

	if (!v)
		return out;
	switch (v->kind) {
	case VIT_JSON_K_NULL:
		break;
	case VIT_JSON_K_BOOL:
		out.kind = VIT_V_BOOL;
		out.u.boolean = v->boolean;
		break;
	case VIT_JSON_K_NUMBER:
		if (v->flags & VIT_JSON_I64) {
			out.kind = VIT_V_INT;
			out.u.i64 = v->i64;
		} else if (v->number >= -0x1p53 && v->number <= 0x1p53 &&
			   v->number <= (double)(int64_t)v->number &&
			   v->number >= (double)(int64_t)v->number) {
			/* 32.0 is as good as 32: writers differ. */
			out.kind = VIT_V_INT;
			out.u.i64 = (int64_t)v->number;
		} else {
			out.kind = VIT_V_DOUBLE;
			out.u.number = v->number;
		}
		break;
	case VIT_JSON_K_STRING:
		out.kind = VIT_V_STRING;
		out.u.text = v->string;
		break;
	case VIT_JSON_K_ARRAY:
	case VIT_JSON_K_OBJECT:
		out.kind = VIT_V_JSON;
		out.u.json = v;
		break;
	}
	return out;
}

static void sizes_text(struct vit_buf *out, const struct vit_value *v)
{
	char num[VIT_FMT_NUM];

	vit_buf_putc(out, '[');
	for (uint32_t i = 0; i < v->count; i++)
		vit_buf_printf(out, "%s%s", i ? ", " : "", vit_fmt_u64(v->u.sizes[i], num));
	vit_buf_putc(out, ']');
}

void vit_value_text(struct vit_buf *out, const struct vit_value *v)
{
	char num[VIT_FMT_NUM];

	switch (v->kind) {
	case VIT_V_NULL:
		vit_buf_puts(out, "null");
		break;
	case VIT_V_BOOL:
		vit_buf_puts(out, v->u.boolean ? "true" : "false");
		break;
	case VIT_V_INT:
		vit_buf_puts(out, vit_fmt_i64(v->u.i64, num));
		break;
	case VIT_V_DOUBLE:
		vit_buf_printf(out, "%.12g", v->u.number);
		break;
	case VIT_V_STRING:
		vit_buf_printf(out, "\"%.*s\"", VIT_FMT(v->u.text));
		break;
	case VIT_V_JSON:
		vit_json_brief(out, v->u.json, 120);
		break;
	case VIT_V_SIZES:
		sizes_text(out, v);
		break;
	}
}
