/*
 * Patterns of tokenizer.json through PCRE2, with Unicode properties.
 *
 * They are written for Oniguruma (Ruby syntax), which the reference uses. What
 * it reads differently is rewritten: \s \S \w \W \h as it defines them, ^ and $
 * at every line, {n,m}+ as a repetition and not as a possessive. Case-
 * insensitive groups fold as Unicode says in both ('ſ for 's). What PCRE2 has
 * not (&& in classes, properties by block name) is refused. Which characters
 * have a property is the library's Unicode version.
 */
#ifndef VIT_TEXT_TOKENS_REGEX_H
#define VIT_TEXT_TOKENS_REGEX_H

#include "base/arena.h"
#include "base/err.h"

#define VIT_REGEX_MAX_PATTERN 65536

struct vit_regex;
struct vit_regex_state; /* scratch of one thread */

/* NULL when the pattern cannot be used; err says why. Put in front of *list. */
struct vit_regex *vit_regex_new(struct vit_arena *a, struct vit_str pattern,
				struct vit_regex **list, struct vit_err *err);
/* Frees what PCRE2 made for a whole list; the arena keeps the rest. */
void vit_regex_release(struct vit_regex *list);
struct vit_str vit_regex_pattern(const struct vit_regex *r); /* as the file has it */

struct vit_regex_state *vit_regex_state_new(void);
void vit_regex_state_free(struct vit_regex_state *s);

/* Where to go on: begin with zeros. */
struct vit_regex_iter {
	size_t at;
	bool any;         /* there was a match before */
	size_t last_end;  /* its end */
};

/* The next match in valid UTF-8: 1 and its place, 0 none left, -1 with err
 * when the pattern gave up. Empty matches are told, but not at the end of the
 * match before. */
int vit_regex_next(const struct vit_regex *r, struct vit_regex_state *s, struct vit_str text,
		   struct vit_regex_iter *it, size_t *begin, size_t *end, struct vit_err *err);

#endif
