/*
 * run_mutations MODELS SCRATCH FILE.tsv|families...: each row in a copy of its
 * model; "families" stands for the rows of families.h.
 * A row fails when another id fires than it names, or one it names does not.
 * Prints one line a failure and a summary; exit 1 when a row failed.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "families.h"
#include "json/tree.h"
#include "model.h"
#include "steps.h"
#include "vitalis/audit.h"

static bool to_buf(void *ctx, const char *p, size_t n)
{
	struct vit_buf *b = ctx;

	vit_buf_add(b, p, n);
	return !b->full;
}

/* A folder of plain files and at most one level of folders, new at `to`. */
static void copy_folder(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *e;

	if (!d || mkdir(to, 0755) != 0)
		tm_die("cannot copy %s to %s", from, to);
	while ((e = readdir(d))) {
		char a[1024], b[1024];
		struct vit_buf text;
		struct stat st;
		if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.'))
			continue;
		snprintf(a, sizeof a, "%s/%s", from, e->d_name);
		snprintf(b, sizeof b, "%s/%s", to, e->d_name);
		if (stat(a, &st) == 0 && S_ISDIR(st.st_mode)) {
			copy_folder(a, b);
			continue;
		}
		tm_read(a, &text);
		tm_write(b, vit_buf_view(&text));
		vit_buf_release(&text);
	}
	closedir(d);
}

static void remove_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d) {
		unlink(path);
		return;
	}
	while ((e = readdir(d))) {
		char a[1024];
		struct stat st;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(a, sizeof a, "%s/%s", path, e->d_name);
		if (lstat(a, &st) == 0 && S_ISDIR(st.st_mode))
			remove_folder(a);
		else
			unlink(a);
	}
	closedir(d);
	rmdir(path);
}

/* Does `ids` (words) name id? */
static bool names(const char *ids, struct vit_str id)
{
	struct vit_str rest = vit_str_c(ids), one;

	while (vit_str_split(&rest, ' ', &one))
		if (vit_str_eq(one, id))
			return true;
	return false;
}

static void set_args(const struct steps_args *args, const char *models, char *base, size_t size,
		     struct vit_audit_options *o, const char **only)
{
	for (unsigned i = 0; i + 1 < args->n; i += 2) {
		if (strcmp(args->at[i], "--base") == 0) {
			snprintf(base, size, "%s/%s", models, args->at[i + 1]);
			o->base = base;
		} else if (strcmp(args->at[i], "--only") == 0) {
			only[0] = args->at[i + 1];
			o->only = (struct vit_names){ only, 1 };
		} else if (strcmp(args->at[i], "--spec") == 0) {
			o->spec = args->at[i + 1];
		} else if (strcmp(args->at[i], "--deep") == 0) {
			o->deep = strcmp(args->at[i + 1], "on") == 0;
		} else {
			tm_die("args: unknown option %s", args->at[i]);
		}
	}
}

/* Compares the findings of the report with the ids of the row. */
static bool compare(struct vit_str report, const char *ids, const char *label)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_json_doc doc;
	struct vit_err err;
	const struct vit_json *findings;
	struct vit_str rest = vit_str_c(strcmp(ids, "-") == 0 ? "" : ids), one;
	bool ok = true;

	if (vit_json_parse(a, report, 0, &doc, &err))
		tm_die("%s: the report is no JSON: %s", label, err.msg);
	findings = vit_json_get_c(doc.root, "findings");
	for (uint32_t i = 0; i < findings->count; i++) {
		const struct vit_json *f = &findings->children[i];
		struct vit_str id = vit_json_string(vit_json_get_c(f, "id"));
		struct vit_str severity = vit_json_string(vit_json_get_c(f, "severity"));
		if (vit_str_is(severity, "note") || names(ids, id))
			continue;
		printf("%s: also fires %.*s: %.*s\n", label, VIT_FMT(id),
		       VIT_FMT(vit_json_string(vit_json_get_c(f, "message"))));
		ok = false;
	}
	while (vit_str_split(&rest, ' ', &one)) {
		bool found = one.n == 0;
		for (uint32_t i = 0; i < findings->count && !found; i++)
			found = vit_str_eq(one, vit_json_string(vit_json_get_c(&findings->children[i], "id")));
		if (!found) {
			printf("%s: %.*s does not fire\n", label, VIT_FMT(one));
			ok = false;
		}
	}
	vit_arena_free(a);
	return ok;
}

static bool run_row(const char *models, const char *scratch, char *row, const char *label)
{
	char *model = row, *mutation, *ids, from[16384], to[16384], base[1024];
	struct steps_args args;
	struct vit_audit_options o = { .path = to, .now = 0 };
	struct vit_err err = { .msg = "" };
	struct vit_buf report;
	const char *only[1];
	struct vit_output out = { .format = "json", .write = to_buf, .ctx = &report };
	bool ok;
	int code;

	mutation = strchr(model, '\t');
	ids = mutation ? strchr(mutation + 1, '\t') : NULL;
	if (!ids)
		tm_die("%s: expected model, mutation and ids with tabs between", label);
	*mutation++ = 0;
	*ids++ = 0;
	snprintf(from, sizeof from, "%s/%s", models, model);
	snprintf(to, sizeof to, "%s/%s", scratch, model);
	remove_folder(to);
	copy_folder(from, to);
	steps_apply(to, mutation, &args);
	set_args(&args, models, base, sizeof base, &o, only);
	vit_buf_init(&report, (size_t)64 << 20);
	o.outputs = &out;
	o.output_count = 1;
	code = vit_audit_run(&o, &err);
	if (report.n == 0) {
		printf("%s: no report, exit %d: %s\n", label, code, err.msg);
		ok = false;
	} else {
		ok = compare(vit_buf_view(&report), ids, label);
	}
	vit_buf_release(&report);
	remove_folder(to);
	return ok;
}

static void run_file(const char *models, const char *scratch, const char *path, unsigned *passed, unsigned *failed)
{
	struct vit_buf text;
	struct vit_str rest, line;
	unsigned number = 0;

	if (strcmp(path, "families") == 0) {
		vit_buf_init(&text, 1 << 20);
		families_rows(models, &text);
	} else {
		tm_read(path, &text);
	}
	rest = vit_buf_view(&text);
	while (vit_str_line(&rest, &line)) {
		char row[8192], label[256];
		number++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (line.n >= sizeof row)
			tm_die("%s:%u: too long", path, number);
		memcpy(row, line.p, line.n);
		row[line.n] = 0;
		snprintf(label, sizeof label, "%.*s:%u", VIT_FMT(vit_str_c(strrchr(path, '/') ? strrchr(path, '/') + 1 : path)),
			 number);
		if (run_row(models, scratch, row, label)) {
			++*passed;
		} else {
			printf("  row: %.*s\n", VIT_FMT(line));
			++*failed;
		}
	}
	vit_buf_release(&text);
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	char scratch[1024];

	if (argc < 4)
		tm_die("usage: run_mutations MODELS SCRATCH FILE.tsv...");
	mkdir(argv[2], 0755);
	snprintf(scratch, sizeof scratch, "%s/%ld", argv[2], (long)getpid());
	mkdir(scratch, 0755);
	for (int i = 3; i < argc; i++)
		run_file(argv[1], scratch, argv[i], &passed, &failed);
	rmdir(scratch);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
