/*
 * Training data of any size, the same bytes for the same arguments:
 *
 *	mk_data ROWS|BYTESm OUT [WORDS]
 *
 * ROWS chat rows, or as many as fill BYTES megabytes, of about WORDS words
 * (default 150) each; one row in a hundred is a copy of an earlier one, and one
 * in fifty differs from one in a few words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define KEPT 1000
#define ROW_MAX 65536

static uint64_t state = 88172645463325252u;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static const char *const syllables[] = { "wa", "ter", "shel", "re", "lief", "co", "or", "di", "na", "te", "sup",
					 "ply", "me", "di", "cal", "team", "e", "va", "cu", "a", "tion", "route",
					 "safe", "ty", "vol", "un", "teer", "in", "for", "ma", "the", "and", "of" };

static size_t add_word(char *out)
{
	size_t n = 0;
	uint64_t r = next();
	unsigned parts = 1 + (unsigned)(r & 3);

	/* Short words are frequent, long ones many. */
	for (unsigned i = 0; i < parts; i++) {
		const char *s = syllables[(r >> (8 + 8 * i)) % (sizeof syllables / sizeof *syllables)];
		size_t length = strlen(s);
		memcpy(out + n, s, length);
		n += length;
	}
	return n;
}

static size_t add_text(char *out, unsigned words)
{
	size_t n = 0;

	for (unsigned i = 0; i < words; i++) {
		n += add_word(out + n);
		if (i % 17 == 16) {
			memcpy(out + n, i % 51 == 50 ? ".\\n" : ". ", i % 51 == 50 ? 3 : 2);
			n += i % 51 == 50 ? 3 : 2;
		} else if (i + 1 < words) {
			out[n++] = ' ';
		}
	}
	return n;
}

static size_t make_row(char *out, unsigned words)
{
	static const char open[] = "{\"messages\": [{\"role\": \"user\", \"content\": \"";
	static const char middle[] = "\"}, {\"role\": \"assistant\", \"content\": \"";
	static const char close[] = "\"}], \"category\": \"Shelter Management\"}\n";
	size_t n = sizeof open - 1;

	memcpy(out, open, n);
	n += add_text(out + n, words / 5 + (unsigned)(next() % (words / 5 + 1)));
	memcpy(out + n, middle, sizeof middle - 1);
	n += sizeof middle - 1;
	n += add_text(out + n, words / 2 + (unsigned)(next() % (words / 2 + 1)));
	memcpy(out + n, close, sizeof close - 1);
	return n + sizeof close - 1;
}

/* A few letters changed. */
static void vary(char *row, size_t n)
{
	for (unsigned i = 0; i < 3; i++) {
		size_t at = 60 + next() % (n - 120);
		if (row[at] >= 'a' && row[at] <= 'z' && row[at - 1] >= 'a' && row[at - 1] <= 'z')
			row[at] = (char)('a' + next() % 26);
	}
}

int main(int argc, char **argv)
{
	static char kept[KEPT][ROW_MAX], row[ROW_MAX];
	static size_t lengths[KEPT];
	uint64_t rows = UINT64_MAX, bytes = UINT64_MAX, written = 0, words = 150;
	struct vit_str amount = vit_str_c(argc > 1 ? argv[1] : "");
	FILE *out;

	if (vit_str_ends(amount, VIT_STR("m"))) {
		if (!vit_parse_u64(vit_str_sub(amount, 0, amount.n - 1), &bytes))
			return 64;
		bytes *= 1000000;
	} else if (!vit_parse_u64(amount, &rows)) {
		return 64;
	}
	if (argc < 3 || (argc > 3 && !vit_parse_u64(vit_str_c(argv[3]), &words)) || words > 2000)
		return 64;
	out = fopen(argv[2], "wb");
	if (!out)
		return 1;
	for (uint64_t i = 0; i < rows && written < bytes; i++) {
		uint64_t kind = next() % 100;
		const char *p = row;
		size_t n;

		if (i >= KEPT && kind < 3) {
			size_t of = next() % KEPT;
			n = lengths[of];
			memcpy(row, kept[of], n);
			if (kind > 0)
				vary(row, n);
		} else {
			n = make_row(row, (unsigned)words);
		}
		if (i < KEPT) {
			memcpy(kept[i], row, n);
			lengths[i] = n;
		}
		if (fwrite(p, 1, n, out) != n)
			return 1;
		written += n;
	}
	return fclose(out) == 0 ? 0 : 1;
}
