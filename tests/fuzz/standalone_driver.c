/*
 * Runs a fuzz target over files, without libFuzzer: corpora are ordinary tests
 * with any compiler. Arguments are files, or folders whose files are taken.
 * Each input lies in a heap block of exactly its size, so that a sanitizer sees
 * a read behind its end.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_CEILING ((size_t)64 << 20)

static bool run_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	if (!in) {
		perror(path);
		return false;
	}
	struct vit_buf b;
	vit_buf_init(&b, INPUT_CEILING);
	char chunk[65536];
	size_t n;
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		vit_buf_add(&b, chunk, n);
	bool ok = !ferror(in) && !b.full;
	fclose(in);
	if (ok) {
		uint8_t *exact = vit_xmalloc(b.n ? b.n : 1);
		memcpy(exact, b.p, b.n);
		LLVMFuzzerTestOneInput(exact, b.n);
		free(exact);
	} else {
		fprintf(stderr, "%s: cannot be read whole\n", path);
	}
	vit_buf_release(&b);
	return ok;
}

static bool run_folder(const char *path, unsigned *count)
{
	DIR *d = opendir(path);
	if (!d) {
		perror(path);
		return false;
	}
	bool ok = true;
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		struct vit_buf name;
		vit_buf_init(&name, 4096);
		vit_buf_printf(&name, "%s/%s", path, e->d_name);
		ok = run_file(name.p) && ok;
		(*count)++;
		vit_buf_release(&name);
	}
	closedir(d);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	bool ok = true;
	/* The empty input is in every corpus. */
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		struct stat st;
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			ok = run_folder(argv[i], &count) && ok;
		} else {
			ok = run_file(argv[i]) && ok;
			count++;
		}
	}
	printf("%u inputs\n", count);
	return ok && count > 0 ? 0 : 1;
}
