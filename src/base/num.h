/*
 * Integers from outside: checked arithmetic, strict parsing, display.
 */
#ifndef VIT_BASE_NUM_H
#define VIT_BASE_NUM_H

#include "base/buf.h"

/* *out = a op b; false on overflow, *out then unspecified. */
static inline bool vit_add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}
static inline bool vit_mul_u64(uint64_t a, uint64_t b, uint64_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}
static inline bool vit_add_i64(int64_t a, int64_t b, int64_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}
static inline bool vit_sub_i64(int64_t a, int64_t b, int64_t *out)
{
	return !__builtin_sub_overflow(a, b, out);
}
static inline bool vit_mul_i64(int64_t a, int64_t b, int64_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

/* Whole string as a decimal number: digits only, no sign, blanks or overflow. */
bool vit_parse_u64(struct vit_str s, uint64_t *out);
/* Whole string as a hexadecimal number, without a prefix. */
bool vit_parse_hex(struct vit_str s, uint64_t *out);
/* With an optional '-'. */
bool vit_parse_i64(struct vit_str s, int64_t *out);
/* Whole string as a finite decimal fraction, independent of the locale. */
bool vit_parse_double(struct vit_str s, double *out);

/* "24GB", "16 GiB", "1.5 TB", or bytes: decimal and binary units, any case. */
bool vit_parse_size(struct vit_str s, uint64_t *out);

/* Capacity for vit_fmt_*: the largest is "-9,223,372,036,854,775,808". */
#define VIT_FMT_NUM 32
/* "201,088". Returns out. */
const char *vit_fmt_u64(uint64_t v, char out[VIT_FMT_NUM]);
const char *vit_fmt_i64(int64_t v, char out[VIT_FMT_NUM]);
/* Bytes for people, decimal units, three digits: "13.8 GB", "1,806 B". */
const char *vit_fmt_bytes(uint64_t v, char out[VIT_FMT_NUM]);
/* Counts for people: "20.9 billion", "3.98 million", "12,345". */
const char *vit_fmt_count(uint64_t v, char out[VIT_FMT_NUM]);
/* Durations for people: "850 ms", "12.3 s", "4 min 10 s", "7 h 45 min", "3 days 4 h".
 * Rounded to what is shown; negative and not finite ones are "?". */
const char *vit_fmt_seconds(double seconds, char out[VIT_FMT_NUM]);

/* Little-endian loads from unaligned bytes. */
static inline uint64_t vit_le64(const unsigned char p[8])
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	       (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}
static inline uint32_t vit_le32(const unsigned char p[4])
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

#endif
