/*
 * The report as a document: the same headings, tables and lists for Markdown
 * and HTML. A writer gives the operations; doc.c and doc_nodes.c say in which
 * order. Strings given to operations are raw: the writer escapes them.
 * Private to src/report.
 */
#ifndef VIT_REPORT_DOC_H
#define VIT_REPORT_DOC_H

#include "report/out.h"

struct vit_doc;

enum vit_doc_tone { VIT_TONE_PLAIN, VIT_TONE_ERROR, VIT_TONE_WARNING, VIT_TONE_NOTE, VIT_TONE_GOOD };

struct vit_doc_ops {
	/* Level 1 is the document's title; id: an anchor, or NULL. */
	void (*heading)(struct vit_doc *d, unsigned level, struct vit_str text, const char *id);
	void (*paragraph)(struct vit_doc *d);
	void (*paragraph_end)(struct vit_doc *d);
	/* Inside a paragraph, item or cell. */
	void (*text)(struct vit_doc *d, struct vit_str s);
	void (*strong)(struct vit_doc *d, struct vit_str s);
	void (*code)(struct vit_doc *d, struct vit_str s);
	void (*verdict)(struct vit_doc *d, struct vit_str s, enum vit_doc_tone tone);
	/* Lists nest at most twice. */
	void (*list)(struct vit_doc *d, bool ordered);
	void (*list_end)(struct vit_doc *d, bool ordered);
	void (*item)(struct vit_doc *d);
	void (*item_end)(struct vit_doc *d);
	/* Columns without a label are not shown: the caller leaves their cells out. */
	void (*table)(struct vit_doc *d, const struct vit_column *columns, uint32_t count);
	void (*table_end)(struct vit_doc *d);
	void (*row)(struct vit_doc *d);
	void (*row_end)(struct vit_doc *d);
	void (*cell)(struct vit_doc *d, bool right);
	void (*cell_end)(struct vit_doc *d);
	/* Commands, one a line. */
	void (*block)(struct vit_doc *d, struct vit_str lines);
	/* Around everything that belongs to one check with findings. */
	void (*finding)(struct vit_doc *d, enum vit_doc_tone tone);
	void (*finding_end)(struct vit_doc *d);
};

struct vit_doc {
	const struct vit_doc_ops *ops;
	struct vit_out *o;
	const struct vit_render_options *options;
	/* for the writer */
	unsigned list_depth;
	uint32_t numbers[4];
	bool ordered[4];
	bool at_start;  /* nothing on this line yet but what the writer put there */
	bool open_line; /* in a list: the line of an item has no line break yet */
	bool in_cell;
};

/* Title and verdict; then all sections. */
void vit_doc_head(struct vit_doc *d, const struct vit_report *r);
void vit_doc_sections(struct vit_doc *d, const struct vit_report *r);
/* A section's nodes; headings begin at level 3. */
void vit_doc_nodes(struct vit_doc *d, const struct vit_node *first);
/* Text in which a pair of backticks marks a command. */
void vit_doc_prose(struct vit_doc *d, struct vit_str s);
/* A trusted literal. */
void vit_doc_c(struct vit_doc *d, const char *literal);
/* "Not assessed: why." as one paragraph. */
void vit_doc_not_assessed(struct vit_doc *d, struct vit_str why);

#endif
