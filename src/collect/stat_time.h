/*
 * Times of a file in nanoseconds, whatever this system calls the fields of
 * struct stat (VIT_STAT_TIMESPEC comes from a check of the build).
 */
#ifndef VIT_COLLECT_STAT_TIME_H
#define VIT_COLLECT_STAT_TIME_H

#include <stdint.h>
#include <sys/stat.h>

#ifdef VIT_STAT_TIMESPEC
#define VIT_ST_MTIM st_mtimespec
#define VIT_ST_CTIM st_ctimespec
#else
#define VIT_ST_MTIM st_mtim
#define VIT_ST_CTIM st_ctim
#endif

static inline int64_t vit_timespec_ns(struct timespec t)
{
	/* A time beyond the range (year 2262) is of no use to us: cut it off. */
	if (t.tv_sec > INT64_MAX / 1000000000 - 1)
		return INT64_MAX;
	if (t.tv_sec < INT64_MIN / 1000000000 + 1)
		return INT64_MIN;
	return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_nsec;
}

static inline int64_t vit_stat_mtime(const struct stat *st)
{
	return vit_timespec_ns(st->VIT_ST_MTIM);
}

static inline int64_t vit_stat_ctime(const struct stat *st)
{
	return vit_timespec_ns(st->VIT_ST_CTIM);
}

#endif
