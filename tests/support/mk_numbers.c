/*
 * A model whose weights are there: eight shards of pseudo-random, finite numbers. What
 * hashing and --deep are timed on, and holes would not do: a disk is not asked for them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mk.h"

#define SHARDS 8u
#define PER_SHARD 8u
#define COLUMNS 2048u

/* Bits that are set and bits that are cleared in each element, so that it is a finite
 * number not far from nought. */
struct pattern {
	const char *dtype;
	unsigned bytes;
	uint64_t keep, set;
};

static const struct pattern patterns[] = {
	{ "BF16", 2, 0x83ff83ff83ff83ff, 0x3c003c003c003c00 },
	{ "F16", 2, 0x8fff8fff8fff8fff, 0x2000200020002000 },
	{ "F32", 4, 0x83ffffff83ffffff, 0x3c0000003c000000 },
	{ "F64", 8, 0x83ffffffffffffff, 0x3c00000000000000 },
	{ "F8_E4M3", 1, 0xbfbfbfbfbfbfbfbf, 0 },
};

static bool fill(const char *path, uint64_t offset, uint64_t n, const struct pattern *p, uint64_t seed)
{
	static uint64_t block[8192];
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0;

	while (ok && n) {
		size_t take = n < sizeof block ? (size_t)n : sizeof block;
		for (size_t i = 0; i < sizeof block / sizeof block[0]; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			block[i] = ((seed ^ seed >> 29) & p->keep) | p->set;
		}
		ok = pwrite(fd, block, take, (off_t)offset) == (ssize_t)take;
		offset += take;
		n -= take;
	}
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	return ok || mk_fail(path);
}

static const char *shard_name(uint32_t shard, uint32_t shards, char out[64])
{
	snprintf(out, 64, "model-%05u-of-%05u.safetensors", shard + 1, shards);
	return out;
}

bool mk_numbers(const char *dir, const char *dtype, uint64_t bytes)
{
	const struct pattern *p = NULL;
	struct mk_model m = { .arena = vit_arena_new(), .dir = dir, .tensors = VIT_VEC(sizeof(struct mk_tensor)) };
	uint64_t rows;
	char name[64];
	bool ok;

	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
		if (strcmp(dtype, patterns[i].dtype) == 0)
			p = &patterns[i];
	if (!p) {
		fprintf(stderr, "mk_model: no pattern for %s\n", dtype);
		return false;
	}
	rows = bytes / (SHARDS * PER_SHARD * COLUMNS * p->bytes);
	ok = mk_folder(dir) && mk_write(mk_path(m.arena, dir, "config.json"), VIT_STR("{\"model_type\": \"numbers\"}\n"));
	for (unsigned i = 0; i < SHARDS * PER_SHARD; i++)
		mk_add(&m, dtype, rows, COLUMNS, "model.layers.%u.mlp.up_proj.weight", i);
	mk_cut(&m, SHARDS);
	for (uint32_t i = 0; ok && i < SHARDS; i++) {
		uint64_t header;
		const char *file = shard_name(i, SHARDS, name);
		ok = mk_shard(&m, i, file, &header) &&
		     fill(mk_path(m.arena, dir, file), 8 + header, rows * COLUMNS * p->bytes * PER_SHARD, p, i + 1);
	}
	ok = ok && mk_index(&m, false, shard_name, SHARDS);
	vit_vec_free(&m.tensors);
	vit_arena_free(m.arena);
	return ok;
}
