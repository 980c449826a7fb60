#include "families.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "model.h"

/* "model.layers.1." of "model.layers.1.mlp.up_proj.weight", or "" when the name
 * holds no layer number 1. */
static void layer_prefix(const char *name, char out[256])
{
	const char *p = strstr(name, ".1.");

	out[0] = 0;
	if (p)
		snprintf(out, 256, "%.*s", (int)(p + 3 - name), name);
}

/* A matrix of layer 1 whose sides differ: its transpose shows. */
static const struct tm_tensor *pick(const struct tm_model *m)
{
	const struct tm_tensor *best = NULL;

	for (size_t i = 0; i < m->count; i++) {
		const struct tm_tensor *t = &m->tensors[i];
		if (t->rank != 2 || t->shape[0] == t->shape[1] || !strstr(t->name, ".1.") ||
		    strstr(t->name, ".experts."))
			continue;
		if (!best || strcmp(t->name, best->name) < 0)
			best = t;
	}
	return best;
}

static void rows_of(const char *dir, const char *name, struct vit_buf *out)
{
	struct tm_model m;
	const struct tm_tensor *t;
	char layer[256];

	tm_load(&m, dir);
	t = m.count ? pick(&m) : NULL;
	if (!t) {
		tm_free(&m);
		return;
	}
	layer_prefix(t->name, layer);
	vit_buf_printf(out, "%s\tdrop %s\tarchitecture/tensor-missing\n", name, t->name);
	vit_buf_printf(out, "%s\trename %s %sx\tarchitecture/tensor-missing architecture/tensor-unexpected\n", name,
		       t->name, t->name);
	vit_buf_printf(out, "%s\ttranspose %s\tarchitecture/transposed\n", name, t->name);
	vit_buf_printf(out, "%s\tresize %s 0 1\tarchitecture/shape-mismatch\n", name, t->name);
	vit_buf_printf(out, "%s\tresize %s 1 -1\tarchitecture/shape-mismatch\n", name, t->name);
	vit_buf_printf(out, "%s\tmerge ; drop-matching %s\tarchitecture/layer-missing\n", name, layer);
	tm_free(&m);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void families_rows(const char *models, struct vit_buf *out)
{
	DIR *d = opendir(models);
	char *names[256];
	struct dirent *e;
	size_t n = 0;

	if (!d)
		tm_die("cannot open %s", models);
	while ((e = readdir(d)) && n < 256)
		if (e->d_name[0] != '.')
			names[n++] = strdup(e->d_name);
	closedir(d);
	qsort(names, n, sizeof names[0], by_name);
	for (size_t i = 0; i < n; i++) {
		char dir[1024], config[1100];
		struct stat st;
		snprintf(dir, sizeof dir, "%s/%s", models, names[i]);
		snprintf(config, sizeof config, "%s/config.json", dir);
		if (stat(config, &st) == 0)
			rows_of(dir, names[i], out);
		free(names[i]);
	}
}
