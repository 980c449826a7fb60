#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

VIT_PRINTF(4, 0)
static void emit(const struct vit_log *log, const char *color, const char *label,
		 const char *fmt, va_list ap);

/* One write for the whole line, so that lines of threads do not mix. Control
 * characters never pass: callers display names from outside with vit_display,
 * this is the second lock on the same door. */
static void emit(const struct vit_log *log, const char *color, const char *label,
		 const char *fmt, va_list ap)
{
	char line[1024];
	bool paint = log && log->color;
	int head = snprintf(line, sizeof(line), "vitalis-audit: %s%s:%s ",
			    paint ? color : "", label, paint ? "\x1b[0m" : "");
	if (head < 0 || (size_t)head >= sizeof(line) - 2)
		return;
	size_t n = (size_t)head;
	size_t room = sizeof(line) - 1 - n;
	int body = vsnprintf(line + n, room, fmt, ap);
	if (body < 0)
		return;
	size_t end = n + ((size_t)body < room ? (size_t)body : room - 1);
	for (; n < end; n++) {
		unsigned char c = (unsigned char)line[n];
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			line[n] = '?';
	}
	line[n++] = '\n';
	fwrite(line, 1, n, stderr);
}

void vit_log_error(const struct vit_log *log, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	emit(log, "\x1b[1;31m", "error", fmt, ap);
	va_end(ap);
}

void vit_log_warn(const struct vit_log *log, const char *fmt, ...)
{
	if (log && log->level < VIT_LOG_NORMAL)
		return;
	va_list ap;
	va_start(ap, fmt);
	emit(log, "\x1b[1;33m", "warning", fmt, ap);
	va_end(ap);
}

void vit_log_verbose(const struct vit_log *log, const char *fmt, ...)
{
	if (!log || log->level < VIT_LOG_VERBOSE)
		return;
	va_list ap;
	va_start(ap, fmt);
	emit(log, "\x1b[2m", "info", fmt, ap);
	va_end(ap);
}
