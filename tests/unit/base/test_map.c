#include "base_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"

static void adds_gets_and_replaces(void **state)
{
	(void)state;
	struct vit_map m;
	vit_map_init(&m, 0);
	assert_int_equal(vit_map_get(&m, VIT_STR("a")), VIT_MAP_NONE);
	assert_int_equal(vit_map_add(&m, VIT_STR("a"), 1), VIT_MAP_NONE);
	assert_int_equal(vit_map_add(&m, VIT_STR("a"), 2), 1);
	assert_int_equal(vit_map_get(&m, VIT_STR("a")), 1);
	vit_map_set(&m, VIT_STR("a"), 3);
	vit_map_set(&m, VIT_STR("b"), UINT32_MAX - 1);
	assert_int_equal(vit_map_get(&m, VIT_STR("a")), 3);
	assert_int_equal(vit_map_get(&m, VIT_STR("b")), UINT32_MAX - 1);
	assert_int_equal(m.count, 2);
	vit_map_release(&m);
}

static void keys_are_bytes(void **state)
{
	(void)state;
	static const struct vit_str keys[] = {
		{ "", 0 }, { "\0", 1 }, { "\0\0", 2 }, { "a", 1 }, { "a\0", 2 }, { "a\0b", 3 },
		{ "\xff\xfe", 2 }, { "aaaaaaaa", 8 }, { "aaaaaaaa\0", 9 }, { "A", 1 },
	};
	struct vit_map m;
	vit_map_init(&m, LENGTH(keys));
	for (uint32_t i = 0; i < LENGTH(keys); i++)
		assert_int_equal(vit_map_add(&m, keys[i], i), VIT_MAP_NONE);
	for (uint32_t i = 0; i < LENGTH(keys); i++)
		assert_int_equal(vit_map_get(&m, keys[i]), i);
	assert_int_equal(vit_map_get(&m, (struct vit_str){ NULL, 0 }), 0);
	vit_map_release(&m);
}

#define MANY 100000

static void grows_and_finds_all(void **state)
{
	(void)state;
	char (*names)[24] = calloc(MANY, sizeof(*names));
	assert_non_null(names);
	for (int expected = 0; expected < 2; expected++) {
		struct vit_map m;
		vit_map_init(&m, expected ? MANY : 0);
		size_t capacity = m.capacity;
		for (uint32_t i = 0; i < MANY; i++) {
			snprintf(names[i], sizeof(names[i]), "model.layers.%u", i);
			assert_int_equal(vit_map_add(&m, vit_str_c(names[i]), i), VIT_MAP_NONE);
		}
		if (expected)
			assert_int_equal(m.capacity, capacity);
		assert_int_equal(m.count, MANY);
		assert_true(m.count * 10 <= m.capacity * 7 + 10);
		for (uint32_t i = 0; i < MANY; i++)
			assert_int_equal(vit_map_get(&m, vit_str_c(names[i])), i);
		assert_int_equal(vit_map_get(&m, VIT_STR("model.layers.100000")), VIT_MAP_NONE);
		vit_map_release(&m);
	}
	free(names);
}

/* Not a proof of quality: each bit of the hash is set about half the time, and
 * a change of one bit of the key changes about half of the hash. */
static void the_hash_spreads(void **state)
{
	(void)state;
	unsigned set[64] = { 0 }, changed = 0;
	char key[16] = { 0 };
	for (uint32_t i = 0; i < 4096; i++) {
		memcpy(key + 5, &i, sizeof(i));
		uint64_t h = vit_hash64((struct vit_str){ key, sizeof(key) });
		key[i % 16] ^= (char)(1 << i % 8);
		uint64_t other = vit_hash64((struct vit_str){ key, sizeof(key) });
		key[i % 16] ^= (char)(1 << i % 8);
		changed += (unsigned)__builtin_popcountll(h ^ other);
		for (unsigned bit = 0; bit < 64; bit++)
			set[bit] += (unsigned)(h >> bit & 1);
	}
	for (unsigned bit = 0; bit < 64; bit++)
		assert_in_range(set[bit], 1800, 2300); /* 2048 +- 8 standard deviations of 32 */
	assert_in_range(changed / 4096, 31, 33);
	assert_int_equal(vit_hash64(VIT_STR("same")), vit_hash64(VIT_STR("same")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_gets_and_replaces),
		cmocka_unit_test(keys_are_bytes),
		cmocka_unit_test(grows_and_finds_all),
		cmocka_unit_test(the_hash_spreads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
