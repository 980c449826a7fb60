#include "temp_dir.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_test.h"

void temp_dir_make(char *out, size_t size)
{
	const char *base = getenv("TMPDIR");

	snprintf(out, size, "%s/vitalis-host-XXXXXX", base && *base ? base : "/tmp");
	assert_non_null(mkdtemp(out));
}

void temp_dir_write(const char *dir, const char *path, const char *content, size_t n)
{
	char whole[4096];
	size_t start = strlen(dir) + 1;
	FILE *f;

	snprintf(whole, sizeof(whole), "%s/%s", dir, path);
	for (char *slash = strchr(whole + start, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	f = fopen(whole, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(content, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void temp_dir_remove(const char *dir)
{
	assert_int_equal(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

char *temp_dir_read(const char *dir, const char *path)
{
	char whole[4096], *text;
	FILE *f;
	size_t n;

	snprintf(whole, sizeof(whole), "%s/%s", dir, path);
	f = fopen(whole, "rb");
	if (!f)
		return NULL;
	text = malloc(1 << 16);
	assert_non_null(text);
	n = fread(text, 1, (1 << 16) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}
