#include "steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"
#include "json/tree.h"
#include "model.h"

#define MAX_WORDS 16

struct words {
	char *at[MAX_WORDS];
	unsigned n;
};

static int hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	if (!p)
		tm_die("bad \\x escape");
	return (int)(p - digits);
}

/* \n \t \0 \s \\ \xNN; the length may differ from strlen. */
static struct vit_str unescape(const char *s, struct vit_buf *out)
{
	vit_buf_clear(out);
	for (; *s; s++) {
		if (*s != '\\') {
			vit_buf_putc(out, *s);
			continue;
		}
		switch (*++s) {
		case 'n':
			vit_buf_putc(out, '\n');
			break;
		case 't':
			vit_buf_putc(out, '\t');
			break;
		case 's':
			vit_buf_putc(out, ' ');
			break;
		case '0':
			vit_buf_putc(out, '\0');
			break;
		case '\\':
			vit_buf_putc(out, '\\');
			break;
		case 'x':
			vit_buf_putc(out, (char)(hex(s[1]) * 16 + hex(s[2])));
			s += 2;
			break;
		default:
			tm_die("bad escape \\%c", *s);
		}
	}
	return vit_buf_view(out);
}

static void file_path(char *out, size_t size, const char *dir, const char *name)
{
	snprintf(out, size, "%s/%s", dir, name);
}

/* Replaces the first `from` in text by `to`. */
static void replace(struct vit_buf *text, const char *from, const char *to, const char *what)
{
	struct vit_buf out, a, b;
	struct vit_str old, new;
	size_t at;

	vit_buf_init(&out, (size_t)1 << 30);
	vit_buf_init(&a, 65536);
	vit_buf_init(&b, 65536);
	old = unescape(from, &a);
	new = unescape(to, &b);
	at = vit_str_find(vit_buf_view(text), old, 0);
	if (at == SIZE_MAX)
		tm_die("%s: does not contain %s", what, from);
	vit_buf_add(&out, text->p, at);
	vit_buf_str(&out, new);
	vit_buf_add(&out, text->p + at + old.n, text->n - at - old.n);
	vit_buf_release(text);
	vit_buf_release(&a);
	vit_buf_release(&b);
	*text = out;
}

static void step_sub(const char *dir, const struct words *w)
{
	struct vit_buf text;
	char path[1024];

	file_path(path, sizeof path, dir, w->at[1]);
	tm_read(path, &text);
	replace(&text, w->at[2], w->at[3], path);
	tm_write(path, vit_buf_view(&text));
	vit_buf_release(&text);
}

static void step_header(const char *dir, const struct words *w)
{
	struct vit_buf file, header, out;
	char path[1024];
	uint64_t n;

	file_path(path, sizeof path, dir, w->at[1]);
	tm_read(path, &file);
	n = vit_le64((const unsigned char *)file.p);
	vit_buf_init(&header, (size_t)1 << 28);
	vit_buf_init(&out, (size_t)1 << 30);
	vit_buf_add(&header, file.p + 8, (size_t)n);
	replace(&header, w->at[2], w->at[3], path);
	for (unsigned k = 0; k < 8; k++)
		vit_buf_putc(&out, (char)((uint64_t)header.n >> (8 * k)));
	vit_buf_str(&out, vit_buf_view(&header));
	vit_buf_add(&out, file.p + 8 + n, file.n - 8 - (size_t)n);
	tm_write(path, vit_buf_view(&out));
	vit_buf_release(&file);
	vit_buf_release(&header);
	vit_buf_release(&out);
}

/* End of the JSON value that starts at `from`. */
static size_t value_end(struct vit_str text, size_t from)
{
	struct vit_json_reader r;
	struct vit_json_event ev;
	enum vit_json_type t;

	vit_json_reader_init(&r, vit_str_sub(text, from, text.n), VIT_JSON_ALLOW_TRAILING);
	for (;;) {
		t = vit_json_next(&r, &ev);
		if (t == VIT_JSON_ERROR)
			tm_die("set: the value cannot be read");
		if (r.depth == 0)
			break;
	}
	if (t == VIT_JSON_OBJECT_END || t == VIT_JSON_ARRAY_END)
		return from + (size_t)ev.offset + 1;
	from += (size_t)ev.offset;
	if (t == VIT_JSON_STRING)
		return from + ev.raw.n + 2;
	if (t == VIT_JSON_NUMBER)
		return from + ev.raw.n;
	return from + (t == VIT_JSON_FALSE ? 5 : 4);
}

/* set F PATH VALUE: replaces a value, or adds a member to the object above it.
 * unset F PATH: renames the key out of the way is not the same as absence, so
 * the member's text goes, with one comma beside it. */
static void step_json(const char *dir, const struct words *w, bool unset)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_json_doc doc;
	struct vit_err err;
	struct vit_buf text, out;
	struct vit_str path = vit_str_c(w->at[2]), parent, last;
	const struct vit_json *v, *obj;
	char file[1024];
	size_t dot = vit_str_rchr(path, '.'), from, to;

	file_path(file, sizeof file, dir, w->at[1]);
	tm_read(file, &text);
	if (vit_json_parse(a, vit_buf_view(&text), 0, &doc, &err))
		tm_die("%s: %s", file, err.msg);
	parent = dot == SIZE_MAX ? VIT_STR_EMPTY : vit_str_sub(path, 0, dot);
	last = dot == SIZE_MAX ? path : vit_str_sub(path, dot + 1, path.n);
	obj = parent.n ? vit_json_at(doc.root, parent) : doc.root;
	v = obj ? vit_json_get(obj, last) : NULL;
	if (!obj || (unset && !v))
		tm_die("%s: no %s", file, w->at[2]);
	vit_buf_init(&out, (size_t)1 << 28);
	if (v) {
		from = (size_t)v->offset;
		to = value_end(vit_buf_view(&text), from);
	} else {
		from = to = (size_t)obj->offset + 1;
	}
	if (unset) {
		/* Back over `"key":`, then take the comma before it or after it. */
		while (text.p[from] != ':' || from > (size_t)v->offset)
			from--;
		while (text.p[--from] != '"')
			;
		while (text.p[--from] != '"')
			;
		while (from && strchr(" \n\r\t", text.p[from - 1]))
			from--;
		if (text.p[from - 1] == ',')
			from--;
		else
			while (text.p[to] != '"' && text.p[to] != '}')
				to++;
	}
	vit_buf_add(&out, text.p, from);
	if (!v)
		vit_buf_printf(&out, "\"%.*s\": %s%s", VIT_FMT(last), w->at[3], obj->count ? "," : "");
	else if (!unset)
		vit_buf_puts(&out, w->at[3]);
	vit_buf_add(&out, text.p + to, text.n - to);
	tm_write(file, vit_buf_view(&out));
	vit_buf_release(&text);
	vit_buf_release(&out);
	vit_arena_free(a);
}

static unsigned parse_shape(const char *text, uint64_t shape[8])
{
	struct vit_str rest = vit_str_c(text), one;
	unsigned rank = 0;

	while (rank < 8 && vit_str_split(&rest, 'x', &one))
		if (!vit_parse_u64(one, &shape[rank++]))
			tm_die("bad shape %s", text);
	return rank;
}

static bool data_step(struct tm_model *m, const struct words *w)
{
	const char *op = w->at[0];
	struct vit_buf bytes;
	bool known = true;

	vit_buf_init(&bytes, 4096);
	if (strcmp(op, "poke") == 0)
		tm_poke(m, w->at[1], (size_t)atol(w->at[2]), unescape(w->at[3], &bytes));
	else if (strcmp(op, "fill") == 0)
		tm_fill(m, w->at[1], unescape(w->at[2], &bytes));
	else if (strcmp(op, "same") == 0)
		tm_same(m, w->at[1], w->at[2]);
	else
		known = false;
	vit_buf_release(&bytes);
	return known;
}

static bool tensor_step(const char *dir, const struct words *w)
{
	const char *op = w->at[0];
	struct tm_model m;
	uint64_t shape[8];
	bool known = true;

	tm_load(&m, dir);
	if (strcmp(op, "merge") == 0)
		tm_merge(&m);
	else if (strcmp(op, "drop") == 0)
		tm_drop(&m, w->at[1]);
	else if (strcmp(op, "drop-matching") == 0)
		tm_drop_matching(&m, w->at[1]);
	else if (strcmp(op, "rename") == 0)
		tm_rename(&m, w->at[1], w->at[2]);
	else if (strcmp(op, "transpose") == 0)
		tm_transpose(&m, w->at[1]);
	else if (strcmp(op, "resize") == 0)
		tm_resize(&m, w->at[1], (unsigned)atol(w->at[2]), (int)atol(w->at[3]));
	else if (strcmp(op, "dtype") == 0)
		tm_dtype(&m, w->at[1], w->at[2]);
	else if (strcmp(op, "add") == 0)
		tm_add(&m, w->at[1], w->at[2], shape, parse_shape(w->at[3], shape));
	else
		known = data_step(&m, w);
	if (known)
		tm_save(&m);
	tm_free(&m);
	return known;
}

static void write_file(const char *path, const char *text, bool append)
{
	struct vit_buf file, added;

	vit_buf_init(&added, 1 << 20);
	unescape(text, &added);
	vit_buf_init(&file, (size_t)1 << 30);
	if (append) {
		vit_buf_release(&file);
		tm_read(path, &file);
	}
	vit_buf_str(&file, vit_buf_view(&added));
	tm_write(path, vit_buf_view(&file));
	vit_buf_release(&file);
	vit_buf_release(&added);
}

static void truncate_file(const char *path, long n)
{
	struct stat st;

	if (stat(path, &st) != 0 || truncate(path, n < 0 ? st.st_size + n : n) != 0)
		tm_die("cannot truncate %s", path);
}

static void make_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof addr.sun_path)
		tm_die("socket path too long");
	memcpy(addr.sun_path, path, strlen(path));
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0)
		tm_die("cannot bind %s", path);
	close(fd);
}

static bool file_step(const char *dir, const struct words *w)
{
	const char *op = w->at[0];
	char path[1024], other[1024];
	struct vit_buf text, name;
	bool ok = true;

	if (w->n < 2)
		return false;
	vit_buf_init(&name, 4096);
	unescape(w->at[1], &name);
	file_path(path, sizeof path, dir, name.p);
	vit_buf_release(&name);
	if (w->n > 2)
		file_path(other, sizeof other, dir, w->at[2]);
	if (strcmp(op, "delete") == 0)
		ok = unlink(path) == 0;
	else if (strcmp(op, "touch") == 0)
		tm_write(path, VIT_STR_EMPTY);
	else if (strcmp(op, "write") == 0 || strcmp(op, "append") == 0)
		write_file(path, w->at[2], op[0] == 'a');
	else if (strcmp(op, "truncate") == 0)
		truncate_file(path, strtol(w->at[2], NULL, 10));
	else if (strcmp(op, "move") == 0)
		ok = rename(path, other) == 0;
	else if (strcmp(op, "copy") == 0) {
		tm_read(path, &text);
		tm_write(other, vit_buf_view(&text));
		vit_buf_release(&text);
	} else if (strcmp(op, "link") == 0)
		ok = symlink(w->at[2], path) == 0;
	else if (strcmp(op, "fifo") == 0)
		ok = mkfifo(path, 0644) == 0;
	else if (strcmp(op, "mkdir") == 0)
		ok = mkdir(path, 0755) == 0;
	else if (strcmp(op, "mode") == 0)
		ok = chmod(path, (mode_t)strtol(w->at[2], NULL, 8)) == 0;
	else if (strcmp(op, "socket") == 0)
		make_socket(path);
	else
		return false;
	if (!ok)
		tm_die("%s %s failed", op, w->at[1]);
	return true;
}

static void split_words(char *step, struct words *w)
{
	w->n = 0;
	for (char *save = NULL, *p = strtok_r(step, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
		if (w->n == MAX_WORDS)
			tm_die("too many words in a step");
		w->at[w->n++] = p;
	}
	for (unsigned i = w->n; i < MAX_WORDS; i++)
		w->at[i] = (char[]){ "" };
}

void steps_apply(const char *dir, char *mutation, struct steps_args *args)
{
	char *next = mutation;

	args->n = 0;
	while (next) {
		char *step = next, *end = strstr(step, " ; ");
		struct words w;
		if (end)
			*end = 0;
		next = end ? end + 3 : NULL;
		split_words(step, &w);
		if (w.n == 0 || strcmp(w.at[0], "-") == 0)
			continue;
		if (strcmp(w.at[0], "args") == 0) {
			for (unsigned i = 1; i < w.n && args->n < STEPS_MAX_ARGS; i++)
				args->at[args->n++] = w.at[i];
		} else if (strcmp(w.at[0], "sub") == 0) {
			step_sub(dir, &w);
		} else if (strcmp(w.at[0], "header") == 0) {
			step_header(dir, &w);
		} else if (strcmp(w.at[0], "set") == 0 || strcmp(w.at[0], "unset") == 0) {
			step_json(dir, &w, w.at[0][0] == 'u');
		} else if (!file_step(dir, &w) && !tensor_step(dir, &w)) {
			tm_die("unknown step %s", w.at[0]);
		}
	}
}
