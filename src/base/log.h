/*
 * Diagnostics for the person at the terminal: stderr only, never the report.
 */
#ifndef VIT_BASE_LOG_H
#define VIT_BASE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum vit_log_level { VIT_LOG_QUIET, VIT_LOG_NORMAL, VIT_LOG_VERBOSE };

/* Where messages go and how many; passed down, never global. */
struct vit_log {
	enum vit_log_level level;
	bool color;
};

/* "vitalis-audit: error: ...": shown at every level. */
void vit_log_error(const struct vit_log *log, const char *fmt, ...) VIT_PRINTF(2, 3);
void vit_log_warn(const struct vit_log *log, const char *fmt, ...) VIT_PRINTF(2, 3);
void vit_log_verbose(const struct vit_log *log, const char *fmt, ...) VIT_PRINTF(2, 3);

#endif
