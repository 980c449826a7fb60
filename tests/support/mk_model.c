/*
 * The test tool: makes model folders of any size, sparse.
 */
#include <stdio.h>

#include "base/num.h"
#include "mk.h"

static int usage(void)
{
	fprintf(stderr,
		"usage: mk_model gpt-oss-20b OUT [--from DIR] [--tensors-tsv FILE] [--pointers]\n"
		"       mk_model deepseek-v3 OUT\n"
		"       mk_model synthetic OUT --tensors N\n"
		"       mk_model numbers OUT --dtype D --bytes N\n"
		"       mk_model tokenizer OUT-FILE --bytes N\n"
		"       mk_model hostile KIND OUT\n"
		"KIND: %s\n"
		"--from: a folder with the published small files; --pointers: git-LFS pointers in\n"
		"place of the large ones, as after a clone without git-lfs.\n",
		mk_hostile_kinds());
	return 64;
}

struct call {
	const char *words[3];
	size_t count;
	struct mk_options options;
	uint64_t bytes;
};

static bool parse(int argc, char **argv, struct call *c)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		uint64_t *number = strcmp(word, "--tensors") == 0 ? &c->options.tensors
				   : strcmp(word, "--bytes") == 0 ? &c->bytes
								  : NULL;
		const char **text = strcmp(word, "--from") == 0	       ? &c->options.from
				    : strcmp(word, "--dtype") == 0     ? &c->options.dtype
				    : strcmp(word, "--tensors-tsv") == 0 ? &c->options.tensors_tsv
									 : NULL;
		if (strcmp(word, "--pointers") == 0) {
			c->options.pointers = true;
		} else if (number || text) {
			if (!value || (number && !vit_parse_u64(vit_str_c(value), number)))
				return false;
			if (text)
				*text = value;
			i++;
		} else if (word[0] == '-' || c->count == 3) {
			return false;
		} else {
			c->words[c->count++] = word;
		}
	}
	return c->count >= 2;
}

int main(int argc, char **argv)
{
	struct call c = { .options = { .tensors = 1000, .tensors_tsv = VIT_TENSORS_TSV, .dtype = "BF16" },
			  .bytes = 27868174 };
	if (!parse(argc, argv, &c))
		return usage();
	const char *what = c.words[0], *out = c.words[1];
	bool ok;
	if (strcmp(what, "gpt-oss-20b") == 0)
		ok = mk_gpt_oss(out, &c.options);
	else if (strcmp(what, "deepseek-v3") == 0)
		ok = mk_deepseek_v3(out);
	else if (strcmp(what, "synthetic") == 0)
		ok = mk_synthetic(out, c.options.tensors);
	else if (strcmp(what, "numbers") == 0)
		ok = mk_numbers(out, c.options.dtype, c.bytes);
	else if (strcmp(what, "tokenizer") == 0)
		ok = mk_tokenizer(out, c.bytes);
	else if (strcmp(what, "hostile") == 0 && c.count == 3)
		ok = mk_hostile(c.words[2], c.words[1]);
	else
		return usage();
	return ok ? 0 : 1;
}
