/* Numbers of weights as literals: what is far from its peers, and what is not. What single
 * changes to a real model's bytes give is in tests/mutations/numbers.tsv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "check_case.h"
#include "checks/weights.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_weights_numbers };
const size_t vit_pass_count = 1;

#define MOST 40

/* A model of `n` layers with one matrix and one norm each. */
struct model {
	struct check_case c;
	struct vit_shard shard;
	struct vit_save save;
	struct vit_tensor tensors[2 * MOST];
	struct vit_numbers numbers[2 * MOST];
	char names[2 * MOST][64];
};

static const uint64_t matrix[2] = { 1000, 1000 }, vector[1] = { 1000 };

static struct vit_numbers sound(uint64_t count, double mean, double deviation, uint64_t hash)
{
	return (struct vit_numbers){ .count = count, .largest = fabs(mean) + 5 * deviation, .mean = mean,
				     .deviation = deviation, .hash = hash, .kind = VIT_NK_BF16, .measured = true };
}

/* Matrices in even rows, norms in odd ones. Layer 10 comes before layer 2, as writers sort. */
static void begin(struct model *m, uint32_t n)
{
	*m = (struct model){ 0 };
	case_new(&m->c);
	m->shard = (struct vit_shard){ .path = VIT_STR("model.safetensors"), .state = VIT_DOC_OK,
				       .header = { .parsed = true, .tensor_count = 2 * n } };
	m->save = (struct vit_save){ .main = true, .shard_count = 1 };
	for (uint32_t i = 0; i < 2 * n; i++) {
		bool is_matrix = i % 2 == 0;
		(void)snprintf(m->names[i], sizeof m->names[i], "model.layers.%u.%s.weight", i / 2,
			       is_matrix ? "mlp.up_proj" : "input_layernorm");
		m->tensors[i] = (struct vit_tensor){ .name = vit_str_c(m->names[i]), .shape = is_matrix ? matrix : vector,
						     .rank = is_matrix ? 2 : 1, .dtype = VIT_DT_BF16,
						     .end = is_matrix ? 2000000 : 2000 };
		m->numbers[i] = is_matrix ? sound(1000000, 0, 0.02, i) : sound(1000, 1, 0.1, i);
	}
	m->c.facts.weights = (struct vit_weights){ .shards = &m->shard, .shard_count = 1, .saves = &m->save, .save_count = 1,
						   .tensors = m->tensors, .tensor_count = 2 * n };
	m->c.facts.numbers = (struct vit_number_facts){ .asked = true, .tensors = m->numbers, .measured = 2 * n };
}

static void fired(struct model *m, const char *expected)
{
	assert_string_equal(case_run(&m->c), expected);
}

static void scale(struct vit_numbers *x, double by)
{
	x->largest *= by;
	x->mean *= by;
	x->deviation *= by;
}

static void test_good(void **unused)
{
	struct model m;

	(void)unused;
	begin(&m, 32);
	fired(&m, "");
	assert_int_equal(m.c.ev.states[VIT_CK_weights_outlier], VIT_STATE_PASS);
	case_free(&m.c);
}

/* As real models do: deviations that grow by layer, norms that span a factor of a
 * hundred, one weight a hundred times its layer's deviation, first and last layers apart. */
static void test_drift(void **unused)
{
	struct model m;

	(void)unused;
	begin(&m, 32);
	for (uint32_t i = 0; i < 32; i++) {
		scale(&m.numbers[2 * i], exp2((double)i / 8));
		scale(&m.numbers[2 * i + 1], pow(100, (double)i / 31));
	}
	m.numbers[4].largest *= 60;
	scale(&m.numbers[0], 8);
	scale(&m.numbers[62], 0.1);
	m.numbers[1].largest *= 100;
	fired(&m, "");
	case_free(&m.c);
}

static void test_flipped_exponent(void **unused)
{
	struct model m;

	(void)unused;
	begin(&m, 32);
	/* 0.02 with its exponent's highest bit: 0.02 * 2^128 is 6.8e36. */
	m.numbers[20].largest = 6.8e36;
	m.numbers[20].deviation = 6.8e36 / 1000;
	fired(&m, "weights/outlier:warning");
	assert_true(vit_str_is(case_finding(&m.c, VIT_CK_weights_outlier)->where.tensor, "model.layers.10.mlp.up_proj.weight"));
	assert_true(vit_str_is(case_finding(&m.c, VIT_CK_weights_outlier)->actual, "6.8e+36"));
	assert_true(vit_str_is(case_finding(&m.c, VIT_CK_weights_outlier)->expected, "about 0.1 (their median)"));
	assert_int_equal(m.c.ev.counts[VIT_CK_weights_outlier], 1);
	case_free(&m.c);
	/* In a norm, too. */
	begin(&m, 32);
	m.numbers[21].largest = 6.8e36;
	fired(&m, "weights/outlier:warning");
	case_free(&m.c);
	/* Without peers: the one number holds nearly all of the sum of squares. */
	begin(&m, 1);
	m.numbers[0].largest = 1000;
	m.numbers[0].deviation = 1;
	fired(&m, "weights/outlier:warning");
	m.numbers[0].deviation = 2;
	case_free(&m.c);
	begin(&m, 1);
	m.numbers[0].largest = 1000;
	m.numbers[0].deviation = 2;
	fired(&m, "");
	case_free(&m.c);
}

static void test_deviation(void **unused)
{
	struct model m;

	(void)unused;
	begin(&m, 32);
	scale(&m.numbers[40], 0.001);
	fired(&m, "weights/outlier:warning");
	case_free(&m.c);
	/* Its neighbours are near it: a drift. */
	begin(&m, 32);
	for (uint32_t i = 0; i < 8; i++)
		scale(&m.numbers[2 * i], exp2(-12 + 1.5 * (double)i));
	fired(&m, "");
	case_free(&m.c);
	/* Five layers tell nothing. */
	begin(&m, 5);
	scale(&m.numbers[4], 0.001);
	fired(&m, "");
	case_free(&m.c);
}

static void test_norm_of_noughts(void **unused)
{
	struct model m;

	(void)unused;
	begin(&m, 12);
	m.numbers[7] = (struct vit_numbers){ .count = 1000, .zero = 1000, .constant = true, .kind = VIT_NK_BF16, .measured = true };
	fired(&m, "weights/outlier:warning");
	case_free(&m.c);
	/* Where all are (a weight that is added to one), it is the model's way. */
	begin(&m, 12);
	for (uint32_t i = 1; i < 24; i += 2)
		m.numbers[i] = (struct vit_numbers){ .count = 1000, .zero = 1000, .constant = true, .kind = VIT_NK_BF16,
						     .measured = true };
	fired(&m, "");
	case_free(&m.c);
}

static void test_not_finite(void **unused)
{
	struct model m;

	(void)unused;
	begin(&m, 12);
	m.numbers[8].nan = 1;
	m.numbers[8].inf = 2;
	fired(&m, "weights/not-finite:error");
	assert_true(vit_str_is(case_finding(&m.c, VIT_CK_weights_not_finite)->message,
			       "Of its 1,000,000 numbers 1 is NaN and 2 are infinite."));
	case_free(&m.c);
	/* A causal mask that was saved: noughts and minus infinity. */
	begin(&m, 1);
	m.numbers[0] = (struct vit_numbers){ .count = 1000000, .inf = 499500, .zero = 500500, .kind = VIT_NK_F32,
					     .mean = 0, .deviation = 0, .measured = true };
	fired(&m, "");
	case_free(&m.c);
	/* Noughts where one number overflowed, and nothing but infinities, are no mask. */
	begin(&m, 1);
	m.numbers[0] = (struct vit_numbers){ .count = 1000, .inf = 1, .zero = 999, .kind = VIT_NK_F32, .measured = true };
	fired(&m, "weights/not-finite:error");
	case_free(&m.c);
	begin(&m, 1);
	m.numbers[0] = (struct vit_numbers){ .count = 1000, .inf = 1000, .kind = VIT_NK_F32, .measured = true };
	fired(&m, "weights/not-finite:error");
	case_free(&m.c);
}

static void test_identical(void **unused)
{
	struct model m;

	(void)unused;
	begin(&m, 12);
	m.numbers[8].hash = m.numbers[4].hash;
	fired(&m, "weights/identical-tensors:warning");
	assert_true(vit_str_is(case_finding(&m.c, VIT_CK_weights_identical_tensors)->where.tensor,
			       "model.layers.4.mlp.up_proj.weight"));
	assert_true(vit_str_is(case_finding(&m.c, VIT_CK_weights_identical_tensors)->message,
			       "Its bytes are those of model.layers.2.mlp.up_proj.weight in model.safetensors, too."));
	case_free(&m.c);
	/* Of other sizes, of noughts, of one dimension, or tied. */
	begin(&m, 12);
	m.numbers[8].hash = m.numbers[4].hash;
	m.tensors[8].end = 1000000;
	m.numbers[3].hash = m.numbers[5].hash;
	m.numbers[12].hash = m.numbers[14].hash;
	m.tensors[12].name = VIT_STR("lm_head.weight");
	m.tensors[14].name = VIT_STR("model.embed_tokens.weight");
	fired(&m, "");
	case_free(&m.c);
	/* Every layer has it: a buffer, or a layer that is used again and again. */
	begin(&m, 12);
	for (uint32_t i = 0; i < 24; i += 2)
		m.numbers[i].hash = 7;
	fired(&m, "");
	case_free(&m.c);
}

static void test_states(void **unused)
{
	struct vit_err err = { .code = VIT_E_IO, .msg = "a.safetensors: cannot be read" };
	struct model m;

	(void)unused;
	begin(&m, 2);
	m.c.facts.numbers = (struct vit_number_facts){ 0 };
	fired(&m, "");
	assert_int_equal(m.c.ev.states[VIT_CK_weights_not_finite], VIT_STATE_NOT_CHECKED);
	case_free(&m.c);
	begin(&m, 2);
	m.c.facts.numbers.stopped = true;
	fired(&m, "");
	assert_int_equal(m.c.ev.states[VIT_CK_weights_not_finite], VIT_STATE_UNKNOWN);
	case_free(&m.c);
	begin(&m, 2);
	m.c.facts.numbers.err = &err;
	m.numbers[2].nan = 1;
	fired(&m, "weights/not-finite:error");
	assert_int_equal(m.c.ev.states[VIT_CK_weights_outlier], VIT_STATE_UNKNOWN);
	case_free(&m.c);
	begin(&m, 0);
	fired(&m, "");
	assert_int_equal(m.c.ev.states[VIT_CK_weights_outlier], VIT_STATE_NOT_APPLICABLE);
	case_free(&m.c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_flipped_exponent),
		cmocka_unit_test(test_deviation),
		cmocka_unit_test(test_norm_of_noughts),
		cmocka_unit_test(test_not_finite),
		cmocka_unit_test(test_identical),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests_name("checks/numbers", tests, NULL, NULL);
}
