/*
 * The training data: what its files hold, row by row, added up. Lines count
 * from 1 in the decompressed text; in a JSON document the line is that on which
 * the element begins. Text of rows is never kept, so that no secret or address
 * can reach a report; the details kept are names of keys and roles, and what
 * the parser expected.
 */
#ifndef VIT_FACTS_DATA_H
#define VIT_FACTS_DATA_H

#include "base/err.h"
#include "base/str.h"

enum vit_data_issue {
#define VIT_DATA_ISSUE(slug) VIT_DI_##slug,
#include "facts/data_issues.def"
#undef VIT_DATA_ISSUE
	VIT_DI_COUNT
};

/* How the rows lie in the file. */
enum vit_data_container {
	VIT_DATA_EMPTY,     /* nothing but blanks */
	VIT_DATA_JSONL,     /* a JSON value a line */
	VIT_DATA_ARRAY,     /* one JSON array */
	VIT_DATA_OBJECT,    /* one JSON object that holds the array among other members */
	VIT_DATA_CSV,       /* recognised by its header, not read */
	VIT_DATA_PARQUET,   /* recognised by its magic, not read */
	VIT_DATA_ARROW,     /* likewise */
	VIT_DATA_UTF16,     /* likewise, by its byte order mark */
	VIT_DATA_OTHER,     /* no container we know */
	VIT_DATA_UNREADABLE,/* could not be opened or read: err */
};

enum vit_data_compression { VIT_DATA_PLAIN, VIT_DATA_GZIP, VIT_DATA_ZSTD };

enum vit_data_split { VIT_SPLIT_TRAIN, VIT_SPLIT_VALID, VIT_SPLIT_TEST };

/* What a row is. */
enum vit_data_format {
	VIT_FORMAT_UNKNOWN,
	VIT_FORMAT_CHAT,          /* messages: [{role, content}] */
	VIT_FORMAT_SHAREGPT,      /* conversations: [{from, value}] */
	VIT_FORMAT_ALPACA,        /* instruction, input, output */
	VIT_FORMAT_PROMPT,        /* prompt, completion */
	VIT_FORMAT_PAIR,          /* question/answer, input/output, ...: no trainer's own names */
	VIT_FORMAT_TEXT,          /* text */
	VIT_FORMAT_PREFERENCE,    /* chosen, rejected, perhaps prompt */
	VIT_FORMAT_UNPAIRED,      /* prompt, completion, label */
	VIT_FORMAT_STEPWISE,      /* prompt, completions, labels */
	VIT_FORMAT_COUNT
};

/* What a row uses beside its format: bits. */
enum {
	VIT_USES_TOOLS = 1,       /* tools, tool_calls, function_call */
	VIT_USES_HARMONY = 2,     /* developer role, thinking, channels */
	VIT_USES_PARTS = 4,       /* content as a list of parts (images, audio) */
	VIT_USES_MESSAGES = 8,    /* prompt, completion, chosen as message lists */
	VIT_USES_SYSTEM = 16,
};

#define VIT_DATA_LINES 20         /* places kept per file and issue; all are counted */
#define VIT_DATA_NAMES 1000       /* categories or sources kept; the rest is one sum */
#define VIT_DATA_FILES 64         /* of a folder; the rest is named as not read */
#define VIT_DATA_COLUMNS 64

/* An issue of one file. */
struct vit_data_issue_rows {
	uint64_t count;                    /* rows */
	uint64_t hits;                     /* places in them, where that says more; else 0 */
	uint32_t line_count;
	uint32_t lines[VIT_DATA_LINES];    /* of the first rows, ascending */
	uint32_t others[VIT_DATA_LINES];   /* duplicates: the line of the first one; else 0 */
	struct vit_str detail;             /* of the first row: what exactly; or empty */
};

/* A member of the rows. */
struct vit_data_column {
	struct vit_str name;
	uint64_t rows;                     /* that have it */
	unsigned types;                    /* bit per enum vit_json_kind, null left out */
	uint32_t first_line[8];            /* per kind: where it was first of that type */
};

struct vit_data_file {
	struct vit_str path;               /* as given, or relative to the folder that was given */
	enum vit_data_split split;
	enum vit_data_container container;
	enum vit_data_compression compression;
	struct vit_err err;                /* why reading stopped early, or failed */
	bool incomplete;                   /* what is behind err.offset was not read */
	uint64_t stored_bytes;             /* of the file */
	uint64_t text_bytes;               /* read, decompressed */
	uint64_t lines;
	uint64_t rows;                     /* that were found, good or bad */
	uint64_t examples;                 /* rows that are objects of valid JSON */
	uint64_t blank_lines;              /* between rows */
	uint64_t crlf_lines;
	uint64_t longest_row;              /* bytes */
	uint32_t longest_line;
	bool bom;
	bool trailing_comma;               /* before the array's end */
	struct vit_str member;             /* OBJECT: that holds the rows, "examples" */
	enum vit_data_format format;       /* of most rows */
	uint64_t formats[VIT_FORMAT_COUNT];
	unsigned uses;                     /* VIT_USES_* of any row */
	uint64_t uses_rows[8];             /* rows per bit of it, tools first */
	struct vit_data_column *columns;
	uint32_t column_count;
	bool more_columns;                 /* than VIT_DATA_COLUMNS */
	struct vit_str csv_header;         /* CSV: its first line, at most 200 bytes */
	/* What the document says of itself. */
	bool has_declared;
	uint64_t declared;                 /* number of examples */
	struct vit_str declared_by;        /* member, "metadata.total_examples" */
	uint32_t declared_line;
	struct vit_data_issue_rows issues[VIT_DI_COUNT];
};

/* A category or a source, a language: how often. */
struct vit_data_name {
	struct vit_str name;
	uint64_t count;                    /* rows of all training files */
	bool has_declared;
	uint64_t declared;                 /* by the document's own metadata */
};

struct vit_data_names {
	struct vit_data_name *names;       /* by falling count, then name */
	uint32_t count;
	uint64_t rows;                     /* that have the member */
	uint64_t others;                   /* rows whose name is beyond VIT_DATA_NAMES */
};

enum vit_token_basis {
	VIT_TOKENS_ESTIMATED,              /* from characters: see tokens_note */
	VIT_TOKENS_EXACT,                  /* the model's tokenizer and template */
	VIT_TOKENS_NO_TEMPLATE,            /* its tokenizer over the bare text of the turns */
};

struct vit_data_percentiles {
	uint64_t minimum, p50, p95, p99, maximum;
	double mean;
};

#define VIT_DATA_BINS 24
struct vit_data_tokens {
	bool given;                        /* some example was counted */
	enum vit_token_basis basis;
	struct vit_str note;               /* how, in words; names what was not supported */
	struct vit_str rule;               /* what counts as trainable */
	uint64_t examples;                 /* of the training split that were counted */
	uint64_t total, prompt, trainable; /* tokens, one epoch */
	struct vit_data_percentiles per_example, prompts, trainables;
	uint32_t longest_line;             /* of the longest example, in its file */
	uint32_t longest_file;
	uint32_t bins;                     /* of the histogram */
	uint64_t bin_upto[VIT_DATA_BINS];  /* largest length in the bin */
	uint64_t bin_rows[VIT_DATA_BINS];
	/* Against the job's sequence length; sequence 0: none was said. */
	uint32_t sequence;
	uint64_t over_length;              /* examples longer than it */
	uint64_t over_tokens;              /* what is cut off them, together */
	uint64_t over_most;                /* by how much the longest is over */
	uint64_t untrainable;              /* with no trainable token left */
	uint64_t kept_total, kept_trainable; /* after truncation */
	/* Share of the tokens of a padded batch that are none; 0 to 1. */
	uint32_t batch;
	double padding_waste;              /* padded to the longest of a random batch */
	double packing_waste;              /* packed into sequences, best fit */
	uint64_t packed_sequences;
};

/* Exact duplicates and answers: how they were counted. */
struct vit_data_duplicates {
	uint64_t rows;                     /* that were compared */
	uint64_t duplicates;               /* rows beyond the first of their kind */
	uint64_t conflicts;                /* rows whose prompt has another answer before */
	uint64_t overlaps;                 /* rows of valid or test that stand in train */
	unsigned sample_shift;             /* s: in the end one row in 2^s was kept, chosen by its
	                                      hash; counts are then estimates, each row found
	                                      counting as many as its sample left out */
	uint64_t near_compared;            /* rows of the near-duplicate search */
	uint64_t near_duplicates;
	bool near_partial;                 /* the rows behind them were not compared */
};

enum vit_data_trainer {
	VIT_DATA_TRL, VIT_DATA_AXOLOTL, VIT_DATA_LLAMA_FACTORY, VIT_DATA_MLX, VIT_DATA_OPENAI, VIT_DATA_TRAINERS
};

/* What one trainer would do with the training rows. A row counts once, as the
 * worst of the three. */
struct vit_data_trainer_rows {
	struct vit_str refused;            /* it takes none of them: why; or empty */
	uint64_t dropped, truncated, failed;
	struct vit_str dropped_rule, truncated_rule, failed_rule;
	uint32_t dropped_lines[VIT_DATA_LINES], truncated_lines[VIT_DATA_LINES],
		failed_lines[VIT_DATA_LINES];
	uint32_t dropped_kept, truncated_kept, failed_kept;
	struct vit_str failed_reason;      /* of the first failed row */
	struct vit_str dropped_reason;
};

struct vit_data {
	bool given;                        /* --data, or a job with data */
	struct vit_str path;               /* as given */
	bool folder;
	struct vit_data_file *files;
	uint32_t file_count;
	uint32_t files_left;               /* of the folder, beyond VIT_DATA_FILES */
	struct vit_data_names categories, sources, languages;
	struct vit_data_tokens tokens;
	struct vit_data_duplicates duplicates;
	struct vit_data_trainer_rows trainers[VIT_DATA_TRAINERS];
	uint64_t secrets, emails, phones, cards, ibans; /* places found, all files */
};

const char *vit_data_container_name(enum vit_data_container c);   /* "JSON lines" */
const char *vit_data_compression_name(enum vit_data_compression c); /* "none", "gzip", "zstd" */
const char *vit_data_split_name(enum vit_data_split s);           /* "train" */
const char *vit_data_format_name(enum vit_data_format f);         /* "chat", "sharegpt", ... */
const char *vit_data_trainer_name(enum vit_data_trainer t);       /* "TRL", ... */
const char *vit_data_issue_name(enum vit_data_issue i);           /* its slug: "invalid_json" */
/* Examples of the training split. */
uint64_t vit_data_examples(const struct vit_data *d);
/* Rows of all files with the issue. */
uint64_t vit_data_issue_total(const struct vit_data *d, enum vit_data_issue i);

#endif
