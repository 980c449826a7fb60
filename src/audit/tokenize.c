/* `tokenize DIR [FILE]`: token ids, line by line. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/session.h"
#include "base/num.h"
#include "base/path.h"
#include "text/tokens.h"

#define BLOCK ((size_t)1 << 16)

/* A file as it is read; fd < 0: closed. */
struct stream {
	int fd;
	const char *name;
};

static int64_t read_stream(void *ctx, void *buf, size_t n, struct vit_err *err)
{
	struct stream *s = ctx;

	for (;;) {
		ssize_t got = read(s->fd, buf, n);
		if (got >= 0)
			return got;
		if (errno == EINTR)
			continue;
		vit_err_sys(err, errno, "%s", s->name);
		return -1;
	}
}

static enum vit_errc open_stream(struct stream *s, const char *path, bool regular,
				 struct vit_err *err)
{
	struct stat st;

	s->name = path;
	s->fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC | (regular ? O_NONBLOCK : 0));
	if (s->fd < 0)
		return vit_err_sys(err, errno, "%s", path);
	if (fstat(s->fd, &st) != 0)
		return vit_err_sys(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%s: is a folder, not a file", path);
	if (regular && !S_ISREG(st.st_mode))
		return vit_err_set(err, VIT_E_UNSUPPORTED, "%s: is no regular file", path);
	return VIT_OK;
}

static void close_stream(struct stream *s)
{
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	s->fd = -1;
}

/* ---- the tokenizer -------------------------------------------------------------------------- */

/* What stands where the real file was not downloaded. */
static bool is_pointer(int fd)
{
	static const char head[] = "version https://git-lfs";
	char begin[sizeof head - 1];

	return pread(fd, begin, sizeof begin, 0) == (ssize_t)sizeof begin &&
	       memcmp(begin, head, sizeof begin) == 0;
}

static enum vit_errc load(struct vit_arena *a, const char *path, struct vit_tokens **out,
			  struct vit_err *err)
{
	struct stream s = { .fd = -1 };
	struct vit_err why = { .code = VIT_OK };
	struct stat st;
	const char *file = path;

	if (stat(path, &st) != 0)
		return vit_err_sys(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		file = vit_path_join(a, vit_str_c(path), VIT_STR("tokenizer.json")).p;
	enum vit_errc code = open_stream(&s, file, true, err);
	if (code == VIT_E_NOTFOUND) {
		vit_err_set(err, code,
			    "%s: has no tokenizer.json; other forms of a tokenizer are not read", path);
	} else if (code == VIT_OK && is_pointer(s.fd)) {
		code = vit_err_set(err, VIT_E_SYNTAX,
				   "%s: is a Git LFS pointer; fetch the file itself", file);
	} else if (code == VIT_OK) {
		code = vit_tokens_load(read_stream, &s, out, &why);
		if (code)
			vit_err_at(err, code, why.offset, "%s: %s", file, why.msg);
	}
	close_stream(&s);
	if (code == VIT_OK && vit_tokens_unsupported(*out)) {
		code = vit_err_set(err, VIT_E_UNSUPPORTED, "%s: not supported: %s", file,
				   vit_tokens_unsupported(*out));
		vit_tokens_free(*out);
		*out = NULL;
	}
	return code;
}

/* ---- texts ------------------------------------------------------------------------------------- */

struct job {
	const struct vit_tokenize_options *o;
	const struct vit_output *out;
	struct vit_encoder *encoder;
	struct vit_buf text, line;
	uint64_t lines;
};

static bool flush(struct job *j, struct vit_err *err)
{
	bool ok = j->out->write(j->out->ctx, j->line.p, j->line.n);

	vit_buf_clear(&j->line);
	if (!ok)
		vit_err_set(err, VIT_E_IO, "the output could not be written");
	return ok;
}

static bool tell(struct job *j, struct vit_str text, struct vit_err *err)
{
	struct vit_err why = { .code = VIT_OK };
	const uint32_t *ids;
	size_t count;

	j->lines++;
	if (vit_encode(j->encoder, text, j->o->no_special_tokens ? 0 : VIT_ENCODE_ADD_SPECIAL, &ids,
		       &count, &why)) {
		(void)flush(j, err);
		if (j->o->whole)
			vit_err_set(err, why.code, "%s", why.msg);
		else
			vit_err_set(err, why.code, "line %llu: %s", (unsigned long long)j->lines,
				    why.msg);
		return false;
	}
	vit_buf_puts(&j->line, "{\"ids\": [");
	for (size_t i = 0; i < count; i++) {
		char digits[12];
		size_t at = sizeof digits;
		uint32_t id = ids[i];
		do
			digits[--at] = (char)('0' + id % 10);
		while ((id /= 10) != 0);
		if (i)
			vit_buf_add(&j->line, ", ", 2);
		vit_buf_add(&j->line, digits + at, sizeof digits - at);
		if (j->line.n >= BLOCK && !flush(j, err))
			return false;
	}
	vit_buf_puts(&j->line, "]}\n");
	return j->line.n < BLOCK || flush(j, err);
}

/* The whole lines that `text` begins with; what is left stays. */
static bool tell_lines(struct job *j, size_t from, struct vit_err *err)
{
	struct vit_str rest = vit_buf_view(&j->text);
	size_t begin = 0, end;

	while ((end = vit_str_find(rest, VIT_STR("\n"), from)) != SIZE_MAX) {
		struct vit_str line = vit_str_sub(rest, begin, end);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (!tell(j, line, err))
			return false;
		begin = from = end + 1;
	}
	memmove(j->text.p, j->text.p + begin, j->text.n - begin);
	j->text.n -= begin;
	j->text.p[j->text.n] = 0;
	return true;
}

static bool run(struct job *j, struct stream *in, struct vit_err *err)
{
	for (;;) {
		size_t from = j->text.n;
		if (!vit_buf_reserve(&j->text, BLOCK)) {
			vit_err_set(err, VIT_E_LIMIT, "%s: %s %llu is longer than %zu bytes", in->name,
				    j->o->whole ? "text" : "line", (unsigned long long)j->lines + 1,
				    VIT_TOKENS_MAX_TEXT);
			return false;
		}
		int64_t got = read_stream(in, j->text.p + from, BLOCK, err);
		if (got < 0)
			return false;
		j->text.n += (size_t)got;
		j->text.p[j->text.n] = 0;
		if (!got)
			break;
		if (!j->o->whole && !tell_lines(j, from, err))
			return false;
	}
	if (j->o->whole || j->text.n) {
		if (!tell(j, vit_buf_view(&j->text), err))
			return false;
	}
	return flush(j, err);
}

int vit_tokenize(const struct vit_tokenize_options *options, const struct vit_output *out,
		 struct vit_err *err)
{
	struct stream in = { .fd = STDIN_FILENO, .name = "standard input" };
	struct job j = { .o = options, .out = out };
	struct vit_arena *a = vit_arena_new();
	struct vit_tokens *t = NULL;
	bool ok = false;

	vit_buf_init(&j.text, VIT_TOKENS_MAX_TEXT + BLOCK);
	vit_buf_init(&j.line, 2 * BLOCK);
	if (load(a, options->path, &t, err))
		goto out;
	if (options->file && strcmp(options->file, "-") != 0 &&
	    open_stream(&in, options->file, false, err))
		goto out;
	j.encoder = vit_encoder_new(t);
	ok = run(&j, &in, err);
out:
	close_stream(&in);
	vit_encoder_free(j.encoder);
	vit_tokens_free(t);
	vit_buf_release(&j.text);
	vit_buf_release(&j.line);
	vit_arena_free(a);
	return ok ? VIT_EXIT_READY : VIT_EXIT_INCONCLUSIVE;
}
