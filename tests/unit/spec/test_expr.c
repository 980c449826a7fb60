/* Expressions: values, precedence and faults, each with the result worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "spec/expr.h"

static const char config_text[] =
	"{\"architectures\": [\"LlamaForCausalLM\"], \"hidden_size\": 2880,"
	" \"num_attention_heads\": 64, \"num_key_value_heads\": 8, \"head_dim\": null,"
	" \"name\": \"abc\", \"flag\": true, \"off\": false, \"eps\": 1e-05, \"half\": 0.5,"
	" \"layer_types\": [\"sliding\", \"full\", \"sliding\"], \"steps\": [3, 5, 7],"
	" \"rope_scaling\": {\"factor\": 32.0, \"rope_type\": \"yarn\"}, \"odd\": 63,"
	" \"zero\": 0, \"big\": 9223372036854775807, \"low\": -9223372036854775808,"
	" \"neg\": -7, \"dim\": 5, \"empty\": [], \"huge\": 18446744073709551615,"
	" \"quantization_config\": {\"bits\": 4, \"a.b\": {\"bits\": 8}}}";

/* Symbols: loop variable l = 1, dimension dim = 6 (the field dim is 5), dimension
 * q = num_attention_heads * 64, dimension twice = l * 2. */
struct fixture {
	struct vit_arena *arena;
	struct vit_symbols symbols;
	struct vit_json_doc doc;
};

static void add_dimension(struct fixture *f, const char *name, const char *text, uint32_t vars)
{
	struct vit_expr *e = VIT_NEW(f->arena, struct vit_expr);
	struct vit_err err;
	struct vit_dimension *d;

	assert_int_equal(vit_expr_parse(f->arena, &f->symbols, vit_str_c(text), e, &err), VIT_OK);
	vit_map_set(&f->symbols.dimension_map, vit_str_c(name),
		    (uint32_t)f->symbols.dimensions.count);
	d = vit_vec_add(&f->symbols.dimensions);
	d->name = vit_str_c(name);
	d->expr = e;
	d->vars = vars;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct vit_err err;

	f->arena = vit_arena_new();
	vit_symbols_init(&f->symbols);
	f->symbols.vars[0] = VIT_STR("l");
	f->symbols.vars[1] = VIT_STR("unbound");
	f->symbols.var_count = 2;
	add_dimension(f, "dim", "6", 0);
	add_dimension(f, "q", "num_attention_heads * 64", 0);
	add_dimension(f, "twice", "l * 2", 1);
	assert_int_equal(vit_json_parse(f->arena, vit_str_c(config_text), 0, &f->doc, &err),
			 VIT_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vit_symbols_release(&f->symbols);
	vit_arena_free(f->arena);
	free(f);
	return 0;
}

/* The value as text, or "fault: ...". */
static void evaluate(struct fixture *f, const char *text, struct vit_buf *out)
{
	struct vit_names names = { .var_count = 2 };
	struct vit_expr e;
	struct vit_env env;
	struct vit_value v;
	struct vit_err err = { .code = VIT_OK };

	vit_buf_clear(out);
	if (vit_expr_parse(f->arena, &f->symbols, vit_str_c(text), &e, &err) != VIT_OK) {
		vit_buf_printf(out, "syntax %llu: %s", (unsigned long long)err.offset, err.msg);
		return;
	}
	names.dimensions = (const void *)f->symbols.dimensions.items;
	names.dimension_count = (uint32_t)f->symbols.dimensions.count;
	names.paths = (const void *)f->symbols.paths.items;
	names.path_count = (uint32_t)f->symbols.paths.count;
	vit_env_init(&env, f->arena, &names, f->doc.root,
		     vit_json_get_c(f->doc.root, "quantization_config"));
	vit_env_bind(&env, 0, (struct vit_value){ .kind = VIT_V_INT, .u.i64 = 1 });
	if (vit_expr_eval(&env, &e, &v))
		vit_value_text(out, &v);
	else
		vit_buf_printf(out, "fault: %.*s", VIT_FMT(env.fault_text));
}

struct row {
	const char *text, *result;
};

static void run_rows(struct fixture *f, const struct row *rows, size_t count)
{
	struct vit_buf out;

	vit_buf_init(&out, 2000);
	for (size_t i = 0; i < count; i++) {
		evaluate(f, rows[i].text, &out);
		if (strcmp(out.p, rows[i].result) != 0)
			fail_msg("%s\n  gives    %s\n  expected %s", rows[i].text, out.p,
				 rows[i].result);
	}
	vit_buf_release(&out);
}
#define RUN(state, rows) run_rows(*(state), (rows), sizeof(rows) / sizeof((rows)[0]))

static void test_literals(void **state)
{
	static const struct row rows[] = {
		{ "12", "12" }, { "0", "0" }, { "201088", "201,088" }, { "-7", "-7" },
		{ "1.5", "1.5" }, { "1e-05", "1e-05" }, { "\"a b\"", "\"a b\"" },
		{ "'x'", "\"x\"" }, { "\"a\\\"b\\\\\"", "\"a\"b\\\"" }, { "true", "true" },
		{ "false", "false" }, { "null", "null" }, { "class", "\"LlamaForCausalLM\"" },
		{ "9223372036854775807", "9,223,372,036,854,775,807" },
	};

	RUN(state, rows);
}

static void test_names(void **state)
{
	static const struct row rows[] = {
		{ "hidden_size", "2,880" },
		{ "l", "1" },                    /* loop variable */
		{ "dim", "6" },                  /* dimension before field */
		{ "config.dim", "5" },
		{ "config.hidden_size", "2,880" },
		{ "unbound", "null" },           /* no value now: the configuration's, absent */
		{ "rope_scaling.factor", "32" },
		{ "config.rope_scaling.rope_type", "\"yarn\"" },
		{ "head_dim", "null" },          /* null is absent */
		{ "nothing.at.all", "null" },
		{ "twice + 1", "3" },
		{ "quant.bits", "4" },
		{ "quantization_config.bits", "4" },
		{ "quantization_config[\"a.b\"].bits", "8" },
		{ "huge > big", "true" },        /* beyond 2^63: a double */
	};

	RUN(state, rows);
}

static void test_arithmetic(void **state)
{
	static const struct row rows[] = {
		{ "1 + 2 * 3", "7" }, { "(1 + 2) * 3", "9" }, { "10 - 4 - 3", "3" },
		{ "100 / 5 / 4", "5" }, { "2 * 3 % 4", "2" }, { "7 % 3", "1" },
		{ "neg % 3", "-1" }, { "-2 * -3", "6" }, { "- -5", "5" }, { "2 - -3", "5" },
		{ "hidden_size / 64", "45" }, { "q", "4,096" }, { "ceil(7, 2)", "4" },
		{ "floor(7, 2)", "3" }, { "ceil(8, 2)", "4" }, { "ceil(neg, 2)", "-3" },
		{ "floor(neg, 2)", "-4" }, { "min(3, 2)", "2" }, { "max(3, 2)", "3" },
		{ "max(2, 2)", "2" }, { "big - 1", "9,223,372,036,854,775,806" },
		{ "low + 1", "-9,223,372,036,854,775,807" }, { "low % -1", "0" },
	};

	RUN(state, rows);
}

static void test_faults(void **state)
{
	static const struct row rows[] = {
		{ "hidden_size / odd",
		  "fault: hidden_size / odd = 2880 / 63 leaves a remainder of 45" },
		{ "num_attention_heads * head_dim", "fault: head_dim is absent" },
		{ "missing + 1", "fault: missing is absent" },
		{ "q * missing.part", "fault: missing.part is absent" },
		{ "hidden_size / zero", "fault: hidden_size / zero = 2880 / 0 divides by zero" },
		{ "hidden_size % zero", "fault: hidden_size % zero = 2880 % 0 divides by zero" },
		{ "ceil(1, zero)", "fault: ceil(1, zero) = 1 / 0 divides by zero" },
		{ "big + 1", "fault: big + 1 = 9223372036854775807 + 1 overflows" },
		{ "low - 1", "fault: low - 1 = -9223372036854775808 - 1 overflows" },
		{ "big * 2", "fault: big * 2 = 9223372036854775807 * 2 overflows" },
		{ "low / -1", "fault: low / -1 = -9223372036854775808 / -1 overflows" },
		{ "-low", "fault: -low overflows" },
		{ "name + 1", "fault: name is a text where an integer is needed" },
		{ "eps * 2", "fault: eps is a fraction where an integer is needed" },
		{ "flag + 1", "fault: flag is a boolean where an integer is needed" },
		{ "steps * 2", "fault: steps is a list where an integer is needed" },
		{ "name < 3", "fault: name is a text where a number is needed" },
		{ "head_dim < 3", "fault: head_dim is absent" },
		{ "not hidden_size", "fault: hidden_size is an integer where true or false is "
				     "needed" },
		{ "steps[3]", "fault: steps has 3 items, item 3 was asked for" },
		{ "steps[-1]", "fault: steps has 3 items, item -1 was asked for" },
		{ "steps[name]", "fault: name is a text where an integer is needed" },
		{ "hidden_size[0]", "fault: hidden_size is an integer where a list or object is "
				    "needed" },
		{ "len(7)", "fault: 7 is an integer where a list, object or text is needed" },
		{ "3 in name", "fault: name is a text where a list is needed" },
		{ "if name then 1 else 2", "fault: name is a text where true or false is needed" },
	};

	RUN(state, rows);
}

static void test_logic(void **state)
{
	static const struct row rows[] = {
		{ "1 == 1.0", "true" }, { "rope_scaling.factor == 32", "true" },
		{ "half < 1", "true" }, { "1 <= 1", "true" }, { "2 > 3", "false" },
		{ "2 != 3", "true" }, { "name == \"abc\"", "true" }, { "name == 3", "false" },
		{ "head_dim == null", "true" }, { "hidden_size == null", "false" },
		{ "null == false", "false" }, { "true and not false", "true" },
		{ "flag or missing + 1 > 0", "true" },  /* the right side is not looked at */
		{ "off and missing + 1 > 0", "false" },
		{ "not missing", "true" },              /* null counts as false */
		{ "missing or flag", "true" },
		{ "true or false and false", "true" },  /* and binds tighter */
		{ "not 1 == 2", "true" },              /* not binds looser than == */
		{ "1 + 1 == 2 and 3 > 2", "true" },
		{ "head_dim ?? 7", "7" }, { "hidden_size ?? 7", "2,880" },
		{ "head_dim ?? missing ?? 9", "9" },
		{ "off ?? true", "false" },
		{ "missing ?? hidden_size / num_attention_heads", "45" },
		{ "if flag then 1 else missing + 1", "1" },
		{ "if head_dim == null then 2 else 3", "2" },
		{ "if off then 1 else if flag then 4 else 5", "4" },
		{ "(if flag then 1 else 2) + 10", "11" },
		{ "flag == true or false ?? true", "true" },
	};

	RUN(state, rows);
}

static void test_lists(void **state)
{
	static const struct row rows[] = {
		{ "steps[1]", "5" }, { "steps[l + 1]", "7" }, { "layer_types[l] == \"full\"", "true" },
		{ "\"full\" in layer_types", "true" }, { "\"half\" in layer_types", "false" },
		{ "5 in steps", "true" }, { "5.0 in steps", "true" }, { "4 in steps", "false" },
		{ "not 4 in steps", "true" }, { "1 in missing", "false" }, { "1 in empty", "false" },
		{ "\"factor\" in rope_scaling", "true" }, { "len(steps)", "3" },
		{ "len(layer_types) == 3", "true" }, { "len(name)", "3" }, { "len(empty)", "0" },
		{ "len(rope_scaling)", "2" }, { "missing[3]", "null" },
		{ "rope_scaling[\"factor\"]", "32" }, { "rope_scaling[\"Factor\"]", "null" },
	};

	RUN(state, rows);
}

static void test_syntax(void **state)
{
	static const struct row rows[] = {
		{ "", "syntax 0: the expression ends where a value is expected" },
		{ "1 +", "syntax 3: the expression ends where a value is expected" },
		{ "1 2", "syntax 2: the expression should end here" },
		{ "(1", "syntax 2: a closing bracket is expected here" },
		{ "steps[1", "syntax 7: ] is expected here" },
		{ "a.", "syntax 2: a name is expected after the dot" },
		{ "a..b", "syntax 2: a name is expected after the dot" },
		{ "1 < 2 < 3", "syntax 6: comparisons do not chain: use `and`" },
		{ "if 1", "syntax 4: `then` is expected here" },
		{ "if 1 then 2", "syntax 11: `else` is expected here" },
		{ "foo(1)", "syntax 0: no such function (len, min, max, ceil, floor)" },
		{ "min(1)", "syntax 5: a comma is expected here" },
		{ "len(1, 2)", "syntax 5: a closing bracket is expected here" },
		{ "\"abc", "syntax 0: a text without closing quote" },
		{ "\"a\\n\"", "syntax 2: after \\ comes \\ or a quote" },
		{ "1 & 2", "syntax 2: a sign that means nothing here" },
		{ "9223372036854775808", "syntax 0: 9223372036854775808 is too large" },
		{ "1x", "syntax 0: a number runs into a name" },
		{ "and", "syntax 0: a value is expected here" },
		{ "3 == == 4", "syntax 5: a value is expected here" },
	};

	RUN(state, rows);
}

/* Nesting and length end in a refusal, never in a deep stack. */
static void test_limits(void **state)
{
	struct fixture *f = *state;
	struct vit_buf text, out;

	vit_buf_init(&text, 100000);
	vit_buf_init(&out, 2000);
	for (int i = 0; i < 70; i++)
		vit_buf_putc(&text, '(');
	evaluate(f, text.p, &out);
	assert_string_equal(out.p, "syntax 64: nested deeper than 64");
	vit_buf_clear(&text);
	for (int i = 0; i < 70; i++)
		vit_buf_putc(&text, '-');
	vit_buf_putc(&text, '1');
	evaluate(f, text.p, &out);
	assert_string_equal(out.p, "syntax 63: nested deeper than 64");
	vit_buf_clear(&text);
	vit_buf_putc(&text, '1');
	for (int i = 0; i < 255; i++)
		vit_buf_puts(&text, "+1");
	evaluate(f, text.p, &out);
	assert_string_equal(out.p, "256");
	vit_buf_puts(&text, "+1");
	evaluate(f, text.p, &out);
	assert_non_null(strstr(out.p, "more than 256 operations in a row"));
	vit_buf_clear(&text);
	for (int i = 0; i < 600; i++)
		vit_buf_puts(&text, i ? " ?? (1+1)" : "1");
	evaluate(f, text.p, &out);
	assert_int_equal(strncmp(out.p, "syntax", 6), 0);
	vit_buf_clear(&text);
	while (text.n <= 8192)
		vit_buf_puts(&text, "        ");
	evaluate(f, text.p, &out);
	assert_string_equal(out.p, "syntax 0: longer than 8,192 bytes");
	vit_buf_release(&text);
	vit_buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_literals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_arithmetic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_logic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_syntax, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
