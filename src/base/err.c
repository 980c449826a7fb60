#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

/* A message that was cut must not end inside a UTF-8 sequence. */
static void trim_cut(char *msg, size_t n)
{
	for (size_t back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)msg[n - back];
		if (c < 0x80)
			return;
		if (c >= 0xc0) {
			struct vit_str tail = { msg + n - back, back };
			if (vit_utf8_valid(tail) != back)
				msg[n - back] = 0;
			return;
		}
	}
}

VIT_PRINTF(2, 0)
static void format(struct vit_err *err, const char *fmt, va_list ap)
{
	int n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	if (n < 0)
		err->msg[0] = 0;
	else if ((size_t)n >= sizeof(err->msg))
		trim_cut(err->msg, sizeof(err->msg) - 1);
}

enum vit_errc vit_err_set(struct vit_err *err, enum vit_errc code, const char *fmt, ...)
{
	if (!err)
		return code;
	err->code = code;
	err->sys = 0;
	err->offset = 0;
	va_list ap;
	va_start(ap, fmt);
	format(err, fmt, ap);
	va_end(ap);
	return code;
}

enum vit_errc vit_err_at(struct vit_err *err, enum vit_errc code, uint64_t offset,
			 const char *fmt, ...)
{
	if (!err)
		return code;
	err->code = code;
	err->sys = 0;
	err->offset = offset;
	va_list ap;
	va_start(ap, fmt);
	format(err, fmt, ap);
	va_end(ap);
	return code;
}

/* strerror_r returns the text (GNU) or a status (POSIX), by the C library. */
__attribute__((unused)) static const char *text_gnu(const char *result, const char *buf)
{
	(void)buf;
	return result;
}

__attribute__((unused)) static const char *text_posix(int result, const char *buf)
{
	return result == 0 ? buf : "unknown error";
}

enum vit_errc vit_err_sys(struct vit_err *err, int sys, const char *fmt, ...)
{
	enum vit_errc code = VIT_E_IO;
	if (sys == EACCES || sys == EPERM)
		code = VIT_E_PERM;
	else if (sys == ENOENT || sys == ENOTDIR)
		code = VIT_E_NOTFOUND;
	if (!err)
		return code;
	err->code = code;
	err->sys = sys;
	err->offset = 0;
	va_list ap;
	va_start(ap, fmt);
	format(err, fmt, ap);
	va_end(ap);

	char buf[128] = "";
	const char *text = _Generic(strerror_r(sys, buf, sizeof(buf)),
				    char *: text_gnu, int: text_posix)
				   (strerror_r(sys, buf, sizeof(buf)), buf);
	size_t n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", text);
	return code;
}

const char *vit_errc_name(enum vit_errc code)
{
	switch (code) {
	case VIT_OK: return "ok";
	case VIT_E_IO: return "io";
	case VIT_E_PERM: return "perm";
	case VIT_E_NOTFOUND: return "notfound";
	case VIT_E_TIMEOUT: return "timeout";
	case VIT_E_LIMIT: return "limit";
	case VIT_E_SYNTAX: return "syntax";
	case VIT_E_RANGE: return "range";
	case VIT_E_UNSUPPORTED: return "unsupported";
	case VIT_E_USAGE: return "usage";
	case VIT_E_CHANGED: return "changed";
	case VIT_E_INTERRUPTED: return "interrupted";
	}
	return "unknown";
}

void vit_bug(const char *file, int line, const char *text)
{
	fprintf(stderr, "vitalis-audit: internal error: %s:%d: %s\n", file, line, text);
	_exit(70);
}
