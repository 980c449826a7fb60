/*
 * Dates for people and for XML, in UTC, without the C library's time zone.
 * Years outside 1..9999 are clamped.
 */
#ifndef VIT_REPORT_DATE_H
#define VIT_REPORT_DATE_H

#include <stdint.h>

#define VIT_DATE_MAX 32

/* Days since the epoch as "2026-01-31". Returns out. */
const char *vit_date_day(int64_t days, char out[VIT_DATE_MAX]);
/* Seconds since the epoch as "2026-01-31T12:00:00Z". Returns out. */
const char *vit_date_second(int64_t seconds, char out[VIT_DATE_MAX]);

#endif
