/*
 * Counts tokens inside its process: count_tokens TOKENIZER.JSON TEXT RUNS
 *
 * The text is taken in documents: whole lines until there are 2,000 bytes, as
 * tests/bench/tokens.py takes it. Prints processor seconds to load, then for each run
 * processor seconds to count and the number of tokens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "text/tokens.h"

#define DOCUMENT 2000

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int64_t read_file(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	(void)err;
	return (int64_t)fread(buf, 1, n, ctx);
}

static struct vit_str slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0) {
		perror(path);
		exit(1);
	}
	size_t n = (size_t)ftell(f);
	rewind(f);
	char *p = malloc(n + 1);
	if (!p || fread(p, 1, n, f) != n)
		exit(1);
	fclose(f);
	return (struct vit_str){ p, n };
}

static void fail(const struct vit_err *err)
{
	fprintf(stderr, "count_tokens: %s\n", err->msg);
	exit(1);
}

static uint64_t count_all(struct vit_encoder *e, struct vit_str text)
{
	struct vit_err err = { .code = VIT_OK };
	uint64_t total = 0;
	size_t begin = 0, count;

	while (begin < text.n) {
		size_t end = begin;
		while (end < text.n && end - begin < DOCUMENT) {
			const char *line = memchr(text.p + end, '\n', text.n - end);
			end = line ? (size_t)(line - text.p) + 1 : text.n;
		}
		if (vit_encode_count(e, vit_str_sub(text, begin, end), 0, &count, &err))
			fail(&err);
		total += count;
		begin = end;
	}
	return total;
}

int main(int argc, char **argv)
{
	struct vit_err err = { .code = VIT_OK };
	struct vit_tokens *t = NULL;

	if (argc != 4) {
		fprintf(stderr, "usage: count_tokens TOKENIZER.JSON TEXT RUNS\n");
		return 64;
	}
	FILE *f = fopen(argv[1], "rb");
	if (!f) {
		perror(argv[1]);
		return 1;
	}
	double begin = now();
	if (vit_tokens_load(read_file, f, &t, &err))
		fail(&err);
	printf("load %.6f\n", now() - begin);
	fclose(f);
	struct vit_str text = slurp(argv[2]);
	struct vit_encoder *e = vit_encoder_new(t);
	for (long run = strtol(argv[3], NULL, 10); run > 0; run--) {
		begin = now();
		uint64_t tokens = count_all(e, text);
		printf("count %.6f %llu\n", now() - begin, (unsigned long long)tokens);
	}
	vit_encoder_free(e);
	vit_tokens_free(t);
	free((char *)(uintptr_t)text.p);
	return 0;
}
