/*
 * What each trainer would do with made sets, by the rules of docs/DATA.md. The
 * numbers of LLaMA-Factory and mlx-lm are held against their own code in
 * tests/differential/trainer_rules.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"

/* Ten good rows and one that is odd. */
static struct vit_str set_of(struct vit_arena *a, const char *good, const char *odd)
{
	struct vit_str s = VIT_STR_EMPTY;

	for (unsigned i = 0; i < 10; i++)
		s = vit_arena_printf(a, "%.*s%s\n", VIT_FMT(s), good);
	return vit_arena_printf(a, "%.*s%s\n", VIT_FMT(s), odd);
}

struct fate {
	unsigned dropped, truncated, failed;
};

static void expect(const struct vit_data *d, enum vit_data_trainer t, struct fate f)
{
	print_message("%s: %u %u %u\n", vit_data_trainer_name(t), (unsigned)d->trainers[t].dropped,
		      (unsigned)d->trainers[t].truncated, (unsigned)d->trainers[t].failed);
	assert_int_equal(d->trainers[t].dropped, f.dropped);
	assert_int_equal(d->trainers[t].truncated, f.truncated);
	assert_int_equal(d->trainers[t].failed, f.failed);
}

#define CHAT "{\"messages\":[{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\",\"content\":\"a\"}]}"
#define NONE { 0, 0, 0 }
#define LONG "word word word word word word word word word word word word word word word word word word word word " \
	     "word word word word word word word word word word word word word word word word word word word word "

static void fates(void **state)
{
	static const struct {
		const char *good, *odd;
		struct fate trl, axolotl, factory, mlx, openai;
	} cases[] = {
		/* No assistant: TRL and mlx-lm train on the whole text; axolotl has no
		 * trainable token; LLaMA-Factory counts an odd number of turns. */
		{ CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}", NONE, { 1, 0, 0 }, { 1, 0, 0 }, NONE, { 0, 0, 1 } },
		/* Two user turns: only LLaMA-Factory minds. */
		{ CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"user\",\"content\":\"v\"},"
			"{\"role\":\"assistant\",\"content\":\"a\"}]}", NONE, NONE, { 1, 0, 0 }, NONE, NONE },
		/* A key that OpenAI does not know; an empty answer that it refuses. */
		{ CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"u\",\"mood\":1},{\"role\":\"assistant\",\"content\":\"a\"}]}",
		  NONE, NONE, NONE, NONE, { 0, 0, 1 } },
		{ CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\",\"content\":\"\"}]}",
		  NONE, NONE, NONE, NONE, { 0, 0, 1 } },
		/* Arguments that json.loads refuses end axolotl. */
		{ CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":"
			"[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{x\"}}]}]}",
		  NONE, { 0, 0, 1 }, NONE, NONE, NONE },
		/* Another format than the first row's. */
		{ CHAT, "{\"text\":\"t\"}", { 0, 0, 1 }, { 0, 0, 1 }, NONE, { 0, 0, 1 }, { 0, 0, 1 } },
		/* A prompt of 200 bytes, some 48 tokens, in sequences of 32: TRL masks the
		 * prompt and drops what is masked whole; axolotl drops what is longer. */
		{ "{\"prompt\":\"u\",\"completion\":\"a\"}", "{\"prompt\":\"" LONG "\",\"completion\":\"a\"}", { 1, 0, 0 }, { 1, 0, 0 },
		  { 0, 1, 0 }, { 0, 1, 0 }, { 0, 0, 11 } },
		/* Alpaca: TRL and mlx-lm have no column to read. */
		{ "{\"instruction\":\"u\",\"input\":\"\",\"output\":\"a\"}", "{\"instruction\":\"u\",\"input\":\"\",\"output\":null}",
		  { 0, 0, 11 }, { 0, 0, 1 }, { 1, 0, 0 }, { 0, 0, 11 }, { 0, 0, 11 } },
		/* No JSON: all of them. */
		{ CHAT, "{\"messages\":", { 0, 0, 1 }, { 0, 0, 1 }, { 0, 0, 1 }, { 0, 0, 1 }, { 0, 0, 1 } },
	};
	const struct vit_data_options o = { .sequence = 32 };
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		memory_scan(a, set_of(a, cases[i].good, cases[i].odd), &o, &d);
		print_message("%s\n", cases[i].odd);
		expect(&d, VIT_DATA_TRL, cases[i].trl);
		expect(&d, VIT_DATA_AXOLOTL, cases[i].axolotl);
		expect(&d, VIT_DATA_LLAMA_FACTORY, cases[i].factory);
		expect(&d, VIT_DATA_MLX, cases[i].mlx);
		expect(&d, VIT_DATA_OPENAI, cases[i].openai);
		for (unsigned t = 0; t < VIT_DATA_TRAINERS; t++)
			assert_int_equal(d.trainers[t].refused.n, 0);
	}
	vit_arena_free(a);
}

static void refused_sets(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	/* One list: mlx-lm and OpenAI read lines. */
	memory_scan(a, VIT_STR("[" CHAT "]"), NULL, &d);
	assert_int_equal(d.trainers[VIT_DATA_TRL].refused.n, 0);
	assert_true(d.trainers[VIT_DATA_MLX].refused.n && d.trainers[VIT_DATA_OPENAI].refused.n);
	/* A list inside an object: nobody looks there unasked. */
	memory_scan(a, VIT_STR("{\"examples\":[" CHAT "]}"), NULL, &d);
	for (unsigned t = 0; t < VIT_DATA_TRAINERS; t++)
		assert_true(d.trainers[t].refused.n > 0);
	/* Lines, but fewer than ten. */
	memory_scan(a, VIT_STR(CHAT "\n"), NULL, &d);
	assert_int_equal(d.trainers[VIT_DATA_MLX].refused.n, 0);
	assert_true(d.trainers[VIT_DATA_OPENAI].refused.n > 0);
	/* A column that changes its type: `datasets` loads nothing. */
	memory_scan(a, VIT_STR("{\"text\":\"a\",\"id\":1}\n{\"text\":\"b\",\"id\":\"2\"}\n"), NULL, &d);
	assert_true(d.trainers[VIT_DATA_TRL].refused.n && d.trainers[VIT_DATA_AXOLOTL].refused.n);
	assert_int_equal(d.trainers[VIT_DATA_MLX].refused.n, 0);
	/* A blank line between rows ends mlx-lm. */
	memory_scan(a, VIT_STR("{\"text\":\"a\"}\n\n{\"text\":\"b\"}\n"), NULL, &d);
	assert_int_equal(d.trainers[VIT_DATA_MLX].failed, 1);
	assert_int_equal(d.trainers[VIT_DATA_TRL].failed, 0);
	/* So does one before the first row or behind the last, which is not between rows. */
	memory_scan(a, VIT_STR("\n\r\n{\"text\":\"a\"}\n \n"), NULL, &d);
	assert_int_equal(d.trainers[VIT_DATA_MLX].failed, 3);
	assert_int_equal(d.files[0].blank_lines, 0);
	memory_scan(a, VIT_STR("{\"text\":\"a\"}\n{\"text\":\"b\"}\n"), NULL, &d);
	assert_int_equal(d.trainers[VIT_DATA_MLX].failed, 0);
	vit_arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fates),
		cmocka_unit_test(refused_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
