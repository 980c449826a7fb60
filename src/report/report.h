/*
 * The report: verdict, checks, findings and sections, as plain data.
 *
 * Built once (report/build.h), sorted and capped, then immutable. Renderers
 * turn it into bytes; they decide nothing. Strings are raw (they may hold
 * anything a hostile model folder holds): every renderer escapes through
 * report/escape.h. All pointers are borrowed from the audit's arena.
 *
 * Sections hold a tree of nodes. The same node gives the Markdown table row
 * and the JSON member, so the two cannot disagree.
 */
#ifndef VIT_REPORT_REPORT_H
#define VIT_REPORT_REPORT_H

#include "base/arena.h"
#include "catalog/catalog.h"

#define VIT_REPORT_SCHEMA "vitalis-report/1"
#define VIT_REPORT_TEXT_CAP 20 /* findings shown per id in text formats */

enum vit_verdict { VIT_VERDICT_READY, VIT_VERDICT_WARNINGS, VIT_VERDICT_NOT_READY,
		   VIT_VERDICT_INCONCLUSIVE };
const char *vit_verdict_text(enum vit_verdict v); /* "READY WITH WARNINGS" */
const char *vit_verdict_name(enum vit_verdict v); /* "ready_with_warnings": JSON */

/* How a statement is known. */
enum vit_basis { VIT_BASIS_NONE, VIT_BASIS_MEASURED, VIT_BASIS_COMPUTED, VIT_BASIS_ATTESTED,
		 VIT_BASIS_NOT_ASSESSED };
const char *vit_basis_name(enum vit_basis b); /* "measured", ..., "not_assessed" */

enum vit_val_type {
	VIT_VAL_NONE,    /* absent: null in JSON, a dash in text */
	VIT_VAL_STR,     /* untrusted text */
	VIT_VAL_U64,     /* 201,088 in text, 201088 in JSON */
	VIT_VAL_I64,
	VIT_VAL_BYTES,   /* 13,761,316,904 (13.8 GB) in text, the integer in JSON */
	VIT_VAL_DOUBLE,
	VIT_VAL_BOOL,
	VIT_VAL_RANGE,   /* low, expected, high (doubles); {"low":..,"expected":..,"high":..} */
};
struct vit_val {
	enum vit_val_type type;
	struct vit_str str;      /* STR; for numbers: a unit shown behind them in text ("tokens/s"), or empty */
	uint64_t u64;            /* U64, BYTES, BOOL */
	int64_t i64;
	double d;                /* DOUBLE, expected of RANGE */
	double low, high;
	struct vit_str basis;    /* RANGE: formula and inputs, for JSON; or empty */
	const char *confidence;  /* RANGE: "high", ..., or NULL */
};

enum vit_node_kind {
	VIT_NODE_VALUE,  /* label: value (how it is known, from what) */
	VIT_NODE_GROUP,  /* a JSON object; in text a sub-heading with its children below */
	VIT_NODE_TABLE,  /* a JSON array of objects; in text a table */
	VIT_NODE_TEXT,   /* a paragraph; not in JSON unless it has a key */
	VIT_NODE_LIST,   /* a JSON array of strings; in text a bulleted or numbered list */
	VIT_NODE_CODE,   /* commands to run, one a line; a JSON string when it has a key */
};

struct vit_column {
	const char *key;         /* JSON member; NULL: text only */
	const char *label;       /* heading; NULL: JSON only */
	bool right;              /* numbers */
};

struct vit_node {
	enum vit_node_kind kind;
	const char *key;         /* JSON member name, static; NULL: not in JSON */
	struct vit_str label;    /* for people; empty: JSON only */
	struct vit_val value;    /* VALUE, TEXT, CODE */
	enum vit_basis basis;
	struct vit_str source;   /* "config.json", "headers of 3 shards" */
	struct vit_node *children, *last_child, *next; /* GROUP */
	const struct vit_column *columns;              /* TABLE */
	uint32_t column_count;
	struct vit_val *cells;   /* rows x columns (TABLE), items (LIST) */
	uint32_t row_count;      /* TABLE, LIST */
	uint64_t rows_total;     /* when more exist than are given, else 0 */
	bool ordered;            /* LIST: numbered */
	uint32_t text_rows;      /* TABLE: rows shown in text formats; 0 = all */
};

/* The sections of product.md, in order. */
enum vit_section_id {
	VIT_SECTION_SUMMARY = 1, VIT_SECTION_FILES, VIT_SECTION_ARCHITECTURE, VIT_SECTION_WEIGHTS,
	VIT_SECTION_TOKENIZER, VIT_SECTION_INTEGRITY, VIT_SECTION_PLATFORM, VIT_SECTION_RUNTIMES,
	VIT_SECTION_SYSTEM, VIT_SECTION_DATA, VIT_SECTION_FORECAST, VIT_SECTION_RISKS,
	VIT_SECTION_RECOMMENDATIONS, VIT_SECTION_NOT_ASSESSED, VIT_SECTION_CONCLUSION,
	VIT_SECTION_PROVENANCE,
	VIT_SECTION_COUNT = VIT_SECTION_PROVENANCE
};

struct vit_section {
	enum vit_section_id id;
	const char *title;       /* "Model files" */
	const char *key;         /* top-level JSON member: "files", "model", "weights", ... */
	struct vit_str not_assessed; /* the one line, when the section has nothing */
	struct vit_node *nodes, *last;
};

struct vit_report_finding {
	enum vit_check_id id;
	enum vit_severity severity;   /* after policy */
	struct vit_str path, pointer, tensor;
	uint64_t offset;
	bool has_offset;
	uint32_t line, column;
	struct vit_str message, expected, actual, remedy;
	bool waived;                  /* by policy or baseline: shown, does not decide */
	struct vit_str waiver;        /* reason and end date */
};

struct vit_report_check {
	enum vit_check_id id;
	const char *state;            /* "pass" ...: JSON spelling */
	enum vit_severity severity;   /* after policy */
	struct vit_str reason;
	uint64_t findings;            /* all of them */
	/* Set by vit_report_decide: those of them that were counted and not kept. */
	uint64_t dropped;
	enum vit_severity dropped_severity;
	bool dropped_waived;
};

struct vit_report {
	struct vit_str tool_version;
	struct vit_str target;        /* what was audited, as the user gave it */
	struct vit_str target_name;   /* "gpt-oss-20b" */
	struct vit_str purpose;       /* what the verdict is for: "the model (no job given)" */
	enum vit_verdict verdict;
	int exit_code;
	enum vit_severity fail_on;
	uint64_t errors, warnings, notes, waived;   /* findings, dropped ones counted */
	uint64_t passed, failed, not_applicable, not_checked, unknown; /* checks */
	struct vit_report_check *checks;            /* every id of the catalogue, catalogue order */
	uint32_t check_count;
	struct vit_report_finding *findings;        /* sorted: severity falls, then path, line, offset, id */
	uint32_t finding_count;
	struct vit_section sections[VIT_SECTION_COUNT];
	int64_t date;                 /* seconds since the epoch (SOURCE_DATE_EPOCH honoured by the caller) */
};

#endif
