/*
 * UTF-8: validation, decoding, and the one display form of untrusted bytes.
 */
#ifndef VIT_BASE_UTF8_H
#define VIT_BASE_UTF8_H

#include "base/buf.h"

/* Length of the longest valid prefix (RFC 3629: no surrogates, no overlong
 * forms, at most U+10FFFF). Equal to s.n when all is valid. */
size_t vit_utf8_valid(struct vit_str s);
/* Decodes one code point at s.p into *cp; bytes taken, 0 when invalid or empty. */
size_t vit_utf8_decode(struct vit_str s, uint32_t *cp);
/* Encodes; bytes written (1..4), 0 when cp is not a scalar value. */
size_t vit_utf8_encode(uint32_t cp, char out[4]);
/* Whether cp may reach a terminal or a report as it is: no control character
 * (C0, DEL, C1), no bidirectional control, no U+2028/9, no BOM. */
bool vit_utf8_harmless(uint32_t cp);

/*
 * Appends s so that it is harmless on any terminal and on one line: valid
 * printable UTF-8 as it is; control characters (C0, DEL, C1), bidirectional
 * controls (U+061C, U+200E/F, U+202A-E, U+2066-9), U+2028/9, BOM and invalid bytes as
 * \n \t \r \xNN \uNNNN; backslash as \\. The result is valid UTF-8. At most
 * `max` bytes of output, then "..." (0: no limit).
 */
void vit_display(struct vit_buf *out, struct vit_str s, size_t max);

#endif
