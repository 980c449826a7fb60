/* Rows against each other: duplicates, samples, near duplicates, lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "data/lengths.h"
#include "data/near.h"
#include "data/seen.h"
#include "memory.h"

static void hashes(void **state)
{
	struct vit_data_hash h[6];
	static const char *const parts[6][2] = { { "ab", "c" }, { "a", "bc" }, { "abc", "" },
						 { "", "abc" }, { "abc\0", "" }, { "abd", "" } };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		vit_data_hash_init(&h[i]);
		vit_data_hash_add(&h[i], (struct vit_str){ parts[i][0], i == 4 ? 4 : strlen(parts[i][0]) });
		vit_data_hash_add(&h[i], vit_str_c(parts[i][1]));
		vit_data_hash_end(&h[i]);
		for (size_t k = 0; k < i; k++)
			assert_true(h[i].a != h[k].a && h[i].b != h[k].b);
	}
}

/* A full table keeps a part that the keys alone choose, with all its copies. */
static void sampling(void **state)
{
	struct vit_seen s;
	uint64_t found = 0, rows = 200000;

	(void)state;
	vit_seen_init(&s, (size_t)1 << 12);
	for (unsigned round = 0; round < 2; round++)
		for (uint64_t i = 0; i < rows; i++) {
			struct vit_data_hash h;
			vit_data_hash_init(&h);
			vit_data_hash_add(&h, (struct vit_str){ (const char *)&i, sizeof i });
			vit_data_hash_end(&h);
			if (vit_seen_samples(&s, h.a))
				found += vit_seen_add(&s, h.a, 0, 1) != NULL;
		}
	/* 4,096 slots, filled to three quarters: at most 3,072 of 200,000 rows, that
	 * is one in 2^7; and each of them was found once more. */
	assert_true(s.shift >= 6 && s.shift <= 8);
	assert_true(s.count <= 3072);
	assert_true(found >= s.count);
	assert_in_range(s.count << s.shift, rows * 9 / 10, rows * 11 / 10);
	vit_seen_release(&s);
}

static void duplicates_by_content(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	/* Another id, another order of keys, an escape: the same example. */
	memory_scan(a, VIT_STR("{\"id\":1,\"prompt\":\"caf\xc3\xa9?\",\"completion\":\"yes\"}\n"
			       "{\"completion\":\"yes\",\"prompt\":\"caf\\u00e9?\",\"id\":2}\n"
			       "{\"prompt\":\"caf\xc3\xa9?\",\"completion\":\"no\"}\n"
			       "{\"prompt\":\"caf\xc3\xa9?y\",\"completion\":\"es\"}\n"),
		    NULL, &d);
	assert_string_equal(memory_lines(a, &d.files[0], VIT_DI_duplicate), "2");
	assert_int_equal(d.files[0].issues[VIT_DI_duplicate].others[0], 1);
	assert_string_equal(memory_lines(a, &d.files[0], VIT_DI_conflicting_answer), "3");
	assert_int_equal(d.duplicates.duplicates, 1);
	assert_int_equal(d.duplicates.sample_shift, 0);
	vit_arena_free(a);
}

/* Prompts that are missing are not one prompt. */
static void no_prompt_no_conflict(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	memory_scan(a, VIT_STR("{\"messages\":[{\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"one\"}]}\n"
			       "{\"messages\":[{\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"two\"}]}\n"
			       "{\"messages\":[{\"role\":\"user\",\"content\":5},{\"role\":\"assistant\",\"content\":\"three\"}]}\n"),
		    NULL, &d);
	assert_int_equal(d.files[0].issues[VIT_DI_conflicting_answer].count, 0);
	assert_int_equal(d.files[0].issues[VIT_DI_missing_field].count, 2);
	vit_arena_free(a);
}

/* Roles, keys, categories, sources and columns are printed, but no secret that stands in one. */
static void private_names(void **state)
{
#define TURNS "[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]"
	struct vit_arena *a = vit_arena_new();
	struct vit_data d;

	(void)state;
	memory_scan(a, VIT_STR("{\"messages\":[{\"role\":\"anna@posteo.de\",\"content\":\"q\",\"bert@posteo.de\":1},"
			       "{\"role\":\"assistant\",\"content\":\"a\"}]}\n"
			       "{\"messages\":" TURNS ",\"category\":\"Water\",\"source\":\"cora@posteo.de\"}\n"
			       "{\"messages\":" TURNS ",\"category\":\"DE89 3704 0044 0532 0130 00\",\"source\":\"dora@posteo.de\"}\n"
			       "{\"messages\":" TURNS ",\"emil@posteo.de\":1,\"emil@posteo.de\":2}\n"),
		    NULL, &d);
	assert_true(vit_str_is(d.files[0].issues[VIT_DI_unknown_role].detail, "\"(withheld: private)\""));
	assert_true(vit_str_is(d.files[0].issues[VIT_DI_unknown_key].detail, "\"(withheld: private)\""));
	assert_true(vit_str_is(d.files[0].issues[VIT_DI_duplicate_key].detail, "\"(withheld: private)\" twice"));
	assert_int_equal(d.sources.count, 1);
	assert_true(vit_str_is(d.sources.names[0].name, "(withheld: private)"));
	assert_int_equal(d.sources.names[0].count, 2);
	assert_int_equal(d.categories.count, 2);
	assert_true(vit_str_is(d.categories.names[0].name, "(withheld: private)"));
	assert_true(vit_str_is(d.categories.names[1].name, "Water"));
	assert_int_equal(d.files[0].column_count, 3);
	vit_arena_free(a);
#undef TURNS
}

/* 60,000 rows, of which 10,000 are copies, through a table of 3,072: the number
 * is an estimate then, and says so. */
static void sampled_duplicates(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_buf b;
	struct vit_data d;
	const struct vit_data_options o = { .seen_slots = 4096, .no_near = true, .no_languages = true };

	(void)state;
	vit_buf_init(&b, (size_t)8 << 20);
	for (unsigned i = 0; i < 60000; i++)
		vit_buf_printf(&b, "{\"text\":\"row %u\"}\n", i % 6 == 5 ? i - 5 : i);
	memory_scan(a, vit_buf_view(&b), &o, &d);
	assert_true(d.duplicates.sample_shift > 0);
	assert_in_range(d.duplicates.duplicates, 9000, 11000);
	assert_true(d.files[0].issues[VIT_DI_duplicate].detail.n > 0);
	vit_buf_release(&b);
	vit_arena_free(a);
}

/* `changed` of 100 words are others. */
static void sign(struct vit_near_signature *s, unsigned changed, unsigned seed)
{
	char word[16];

	vit_near_begin(s);
	for (unsigned i = 0; i < 100; i++) {
		unsigned v = i * 7919 + seed * 1000003 + (i < changed ? 500000 + i : 0);
		int n = snprintf(word, sizeof word, "%x ", v * 2654435761u);
		vit_near_text(s, (struct vit_str){ word, (size_t)n });
	}
}

static void near_duplicates(void **state)
{
	struct vit_near n;
	struct vit_near_signature s;
	unsigned file, others = 0;
	uint32_t line = 0;

	(void)state;
	vit_near_init(&n);
	for (unsigned i = 0; i < 2000; i++) {
		sign(&s, 0, i);
		others += vit_near_add(&n, &s, 0, i + 1, &file, &line);
	}
	assert_int_equal(others, 0);
	/* 98 three-word sequences; the first 3 words changed leave 95 of 101: 0.94. */
	sign(&s, 3, 77);
	assert_true(vit_near_add(&n, &s, 1, 9999, &file, &line));
	assert_int_equal(line, 78);
	assert_int_equal(file, 0);
	/* Half of them changed: 48 of 148, that is 0.32. */
	sign(&s, 50, 78);
	assert_false(vit_near_add(&n, &s, 1, 9998, &file, &line));
	/* Case and punctuation are no difference. */
	vit_near_begin(&s);
	vit_near_text(&s, VIT_STR("One two three four five six seven eight nine ten eleven twelve thirteen fourteen "
				  "fifteen sixteen seventeen eighteen nineteen twenty twenty-one"));
	assert_false(vit_near_add(&n, &s, 0, 5000, &file, &line));
	vit_near_begin(&s);
	vit_near_text(&s, VIT_STR("one, TWO, three, four five six seven eight nine ten eleven twelve thirteen fourteen "
				  "fifteen sixteen seventeen eighteen nineteen twenty twenty one!"));
	assert_true(vit_near_add(&n, &s, 0, 5001, &file, &line));
	assert_int_equal(line, 5000);
	/* Too short to say. */
	vit_near_begin(&s);
	vit_near_text(&s, VIT_STR("one two three"));
	assert_false(vit_near_add(&n, &s, 0, 5002, &file, &line));
	vit_near_release(&n);
}

static void lengths(void **state)
{
	struct vit_lengths l;
	struct vit_data_percentiles p;
	uint64_t upto[VIT_DATA_BINS], rows[VIT_DATA_BINS];

	(void)state;
	vit_lengths_init(&l);
	for (uint64_t i = 1; i <= 100; i++)
		vit_lengths_add(&l, i);
	vit_lengths_summary(&l, &p);
	assert_int_equal(p.minimum, 1);
	assert_int_equal(p.p50, 50);
	assert_int_equal(p.p95, 95);
	assert_int_equal(p.p99, 99);
	assert_int_equal(p.maximum, 100);
	assert_true(p.mean == 50.5);
	assert_int_equal(vit_lengths_over(&l, 90), 10);
	assert_int_equal(vit_lengths_bins(&l, upto, rows), 4);
	assert_int_equal(upto[0], 16);
	assert_int_equal(rows[0], 16);
	assert_int_equal(rows[3], 100 - 64);
	/* Pairs that fill 100 each: 1+99, 2+98, ..., 49+51; 50 and 100 alone. */
	assert_int_equal(vit_lengths_packed(&l, 100), 51);
	vit_lengths_release(&l);

	/* Two lengths, as often: the longer of two random rows is 10 in one case of
	 * four and 30 in three, 25 on average; rows are 20: a fifth is padding. */
	vit_lengths_init(&l);
	for (unsigned i = 0; i < 50; i++) {
		vit_lengths_add(&l, 10);
		vit_lengths_add(&l, 30);
	}
	assert_true(vit_lengths_padding(&l, 2, 0) > 0.1999 && vit_lengths_padding(&l, 2, 0) < 0.2001);
	/* 30 and 10 fill 40. */
	assert_int_equal(vit_lengths_packed(&l, 40), 50);
	vit_lengths_release(&l);

	/* Beyond what is kept exactly: within 1 part in 64. */
	vit_lengths_init(&l);
	for (unsigned i = 0; i < 10; i++)
		vit_lengths_add(&l, 1000000);
	vit_lengths_add(&l, 9000000);
	assert_in_range(vit_lengths_percentile(&l, 0.5), 1000000, 1000000 + 1000000 / 64);
	assert_int_equal(vit_lengths_percentile(&l, 1), 9000000);
	vit_lengths_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes),	    cmocka_unit_test(sampling),
		cmocka_unit_test(sampled_duplicates),
		cmocka_unit_test(duplicates_by_content), cmocka_unit_test(near_duplicates),
		cmocka_unit_test(no_prompt_no_conflict), cmocka_unit_test(private_names),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
