/*
 * Which language a text is probably in: by script, and among Latin scripts by
 * stop words. An estimate for the mix of a whole set, not a verdict on one row:
 * texts that are short, or mostly code or names, are left undecided.
 */
#ifndef VIT_DATA_LANGUAGE_H
#define VIT_DATA_LANGUAGE_H

#include "base/str.h"

#define VIT_LANGUAGES 24
#define VIT_LANGUAGE_SAMPLE 500 /* bytes that are looked at */

#define VIT_LANGUAGE_ROWS 20000  /* all of the first rows, then one in eight */

/* Counts of one row, filled turn by turn. */
struct vit_language_counts {
	size_t bytes;
	unsigned scripts[12];
	unsigned words, stops[8];
};

/* The stop words, indexed: made once. */
#define VIT_LANGUAGE_SLOTS 512
struct vit_language_words {
	uint64_t words[VIT_LANGUAGE_SLOTS];   /* up to 8 bytes of the word; 0: free */
	unsigned char of[VIT_LANGUAGE_SLOTS]; /* bit per language */
};
void vit_language_words_init(struct vit_language_words *w);

void vit_language_add(const struct vit_language_words *w, struct vit_language_counts *c,
		      struct vit_str text);
/* Index of the language; 0 is "undetermined". */
unsigned vit_language_of(const struct vit_language_counts *c);
const char *vit_language_name(unsigned language); /* "English"; index below VIT_LANGUAGES */

#endif
