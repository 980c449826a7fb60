/*
 * Expressions. The input is the expression's text, then after the byte 0x1e a
 * configuration. A refusal has its place within the text; an evaluation ends in
 * a value or in a fault that says something, the same a second time; a size is
 * the integer that the value is; and a text in brackets means what it meant.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "spec/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fallback[] =
	"{\"architectures\":[\"X\"],\"a\":12,\"b\":5,\"s\":\"t\",\"f\":0.5,\"y\":true,\"z\":0,"
	"\"m\":9223372036854775807,\"l\":[1,2,3],\"o\":{\"a\":4}}";

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void value_text(const struct vit_value *v, struct vit_buf *out)
{
	vit_buf_init(out, 1 << 16);
	vit_value_text(out, v);
}

static void same_value(const struct vit_value *a, const struct vit_value *b)
{
	struct vit_buf one, two;

	value_text(a, &one);
	value_text(b, &two);
	must(a->kind == b->kind && vit_str_eq(vit_buf_view(&one), vit_buf_view(&two)));
	vit_buf_release(&one);
	vit_buf_release(&two);
}

/* An environment with v = 3 in the first slot and nothing in the second. */
static void begin(struct vit_env *env, struct vit_arena *a, const struct vit_symbols *s,
		  const struct vit_json *config)
{
	struct vit_names names = {
		.paths = (const struct vit_path *)(const void *)s->paths.items,
		.path_count = (uint32_t)s->paths.count,
		.var_count = s->var_count,
	};

	vit_env_init(env, a, &names, config, vit_json_get_c(config, "o"));
	vit_env_bind(env, 0, (struct vit_value){ .kind = VIT_V_INT, .u.i64 = 3 });
}

static bool evaluate(struct vit_arena *a, const struct vit_symbols *s, const struct vit_expr *e,
		     const struct vit_json *config, struct vit_value *out)
{
	struct vit_env env;
	bool ok;

	begin(&env, a, s, config);
	ok = vit_expr_eval(&env, e, out);
	must(ok || (env.fault != VIT_EF_NONE && env.fault_text.n > 0));
	must(env.depth == 0);
	return ok;
}

static void check_size(struct vit_arena *a, const struct vit_symbols *s, const struct vit_expr *e,
		       const struct vit_json *config, const struct vit_value *v, bool ok)
{
	struct vit_env env;
	uint64_t n = 0;
	bool truth = false, is_size = ok && v->kind == VIT_V_INT && v->u.i64 >= 0;

	begin(&env, a, s, config);
	must(vit_expr_size(&env, e, &n) == is_size || (ok && v->kind == VIT_V_DOUBLE));
	must(!is_size || n == (uint64_t)v->u.i64);
	begin(&env, a, s, config);
	must(vit_expr_truth(&env, e, &truth) ==
	     (ok && (v->kind == VIT_V_BOOL || v->kind == VIT_V_NULL)));
	must(!ok || v->kind != VIT_V_BOOL || truth == v->u.boolean);
	must(!ok || v->kind != VIT_V_NULL || !truth);
}

/* "(e)" is e, when e is short of the limits. */
static void check_brackets(struct vit_arena *a, struct vit_symbols *s, struct vit_str text,
			   const struct vit_json *config, const struct vit_value *v, bool ok)
{
	struct vit_str wrapped = vit_arena_printf(a, "(%.*s\n)", VIT_FMT(text));
	struct vit_err err = { 0 };
	struct vit_value w;
	struct vit_expr e;

	if (text.n > 2000 || vit_expr_parse(a, s, wrapped, &e, &err) != VIT_OK)
		return;
	must(evaluate(a, s, &e, config, &w) == ok);
	if (ok)
		same_value(v, &w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_str rest = { (const char *)data, size }, text;
	struct vit_arena *a = vit_arena_new();
	struct vit_json_doc doc = { .root = NULL };
	struct vit_err err = { 0 };
	struct vit_symbols s;
	struct vit_expr e;

	if (!vit_str_split(&rest, 0x1e, &text))
		text = VIT_STR_EMPTY;
	if (vit_json_parse(a, rest, VIT_JSON_ALLOW_NAN, &doc, &err) != VIT_OK)
		must(vit_json_parse(a, vit_str_c(fallback), 0, &doc, &err) == VIT_OK);
	vit_symbols_init(&s);
	s.vars[0] = VIT_STR("v");
	s.vars[1] = VIT_STR("u");
	s.var_count = 2;
	if (vit_expr_parse(a, &s, text, &e, &err) != VIT_OK) {
		must(err.code == VIT_E_SYNTAX && err.msg[0] && err.offset <= text.n);
	} else {
		struct vit_value one, two;
		bool ok = evaluate(a, &s, &e, doc.root, &one);

		must(e.count > 0 && e.count <= VIT_EXPR_MAX_NODES);
		must(evaluate(a, &s, &e, doc.root, &two) == ok);
		if (ok)
			same_value(&one, &two);
		check_size(a, &s, &e, doc.root, &one, ok);
		check_brackets(a, &s, text, doc.root, &one, ok);
	}
	vit_symbols_release(&s);
	vit_arena_free(a);
	return 0;
}
