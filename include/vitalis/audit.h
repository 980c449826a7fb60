/*
 * The engine's contract: all that the command line and outside programs need.
 *
 * One call does one command, from facts to rendered bytes. The engine opens
 * what it audits and nothing else for reading, and writes only through the
 * caller's functions (struct vit_output) and, when asked, into the new folder
 * of record_host. It never exits, never prints on stdout, never reads the
 * environment of the process: colour, width, clock and paths are given here.
 *
 * Strings are NUL-terminated because they come from argv; all are borrowed for
 * the time of the call. Paths are bytes. No state is kept between calls; two
 * calls may run in two threads when they write to different outputs.
 *
 * Every command returns one of the exit codes below. *err is untouched unless
 * there is something to tell that no report says: always with 64 and 70, with 2
 * when no report could be made (nothing was written to the outputs then) or an
 * output failed (err->code VIT_E_IO).
 */
#ifndef VITALIS_AUDIT_H
#define VITALIS_AUDIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Exit codes: of the program and of the functions here. */
enum vit_exit {
	VIT_EXIT_READY = 0,        /* no finding at or above the threshold */
	VIT_EXIT_FINDINGS = 1,     /* at least one */
	VIT_EXIT_INCONCLUSIVE = 2, /* something asked for could not be decided, or nothing was there */
	VIT_EXIT_USAGE = 64,       /* bad command line, spec or policy */
	VIT_EXIT_INTERNAL = 70,    /* our own mistake */
};

enum vit_verbosity { VIT_QUIET = -1, VIT_NORMAL = 0, VIT_VERBOSE = 1 };

/* Takes n bytes at p; false stops the output (the call then fails with VIT_E_IO). */
typedef bool (*vit_output_fn)(void *ctx, const char *p, size_t n);

/* One place where output goes. */
struct vit_output {
	const char *format;     /* a name of vit_known_format; NULL: the command's default */
	vit_output_fn write;
	void *ctx;              /* for write */
	bool color;             /* terminal format only */
	unsigned width;         /* columns of the terminal format; 0 = 80 */
	enum vit_verbosity verbosity;
};

/* A list of names from the command line. */
struct vit_names {
	const char *const *names;
	size_t count;
};

/* One thing said of the job, by the field of a job file: "training.batch", "2". */
struct vit_job_setting {
	const char *field;
	const char *text;
	const char *option;     /* the option that said it, for messages: "batch" */
};

struct vit_audit_options {
	const char *path;           /* folder, or one file of it; not NULL (unused by vit_system_report) */
	const char *base;           /* the model an adapter belongs to, or NULL */
	const char *data;           /* training data: a file or a folder, or NULL: what the job names */
	const char *spec;           /* name of a built-in spec, or a YAML file, or NULL: by content */
	const char *policy;         /* YAML file, or NULL */
	struct vit_names only;      /* areas or check ids; empty = all */
	struct vit_names skip;      /* areas or check ids, taken off `only` */
	const char *fail_on;        /* "error" "warning" "note"; NULL: the policy's, else error */
	const char *job;            /* file: vitalis-job/1 or a trainer's configuration; or NULL */
	const struct vit_job_setting *job_settings; /* win over the file */
	size_t job_setting_count;
	struct vit_names compare;   /* devices of the hardware catalogue, to forecast the job for, too */
	const char *calibration;    /* file of vit_calibrate: used when it is there; or NULL */
	bool verify;                /* hash every byte against the best source of truth */
	bool deep;                  /* read the numbers in the weights */
	bool measure_disk;          /* measure the rate of reading the model's largest file */
	bool hub;                   /* compare the folder with the hub */
	const char *repo;           /* "org/name[@revision]" that hub compares with; NULL: by the folder */
	const char *cache_dir;      /* where digests are remembered between runs, or NULL: nowhere */
	const atomic_bool *stop;    /* becomes true on Ctrl-C: work ends early and says so; or NULL */

	const struct vit_output *outputs; /* the same report, once per output, in this order */
	size_t output_count;
	const struct vit_output *dump_facts; /* facts.json, written before the reports; or NULL */

	const char *host_root;      /* replay this recorded machine instead of the real one, or NULL */
	const char *record_host;    /* record the machine into this new or empty folder, or NULL */

	enum vit_verbosity verbosity; /* of diagnostics on stderr */
	bool stderr_color;          /* stderr is a terminal that takes colour */
	bool progress;              /* stderr is a terminal: a bar for bulk work */
	unsigned jobs;              /* worker threads; 0 = as many as there are cores */
	bool offline;               /* no network, whatever else asks for it */
	int64_t now;                /* seconds since the epoch (SOURCE_DATE_EPOCH); < 0: ask the clock */
};

/* Audits options->path. Fails without a report: no such path, unreadable, or no
 * model there (2); unknown format, check, area, spec, or a policy or spec that
 * does not load (64). */
int vit_audit_run(const struct vit_audit_options *options, struct vit_err *err);

/* The machine alone. Of the options it reads outputs, dump_facts, host_root,
 * record_host, only, skip, now and the diagnostics. */
int vit_system_report(const struct vit_audit_options *options, struct vit_err *err);

/* The training data at options->data alone; options->path may name the model whose
 * tokenizer and template count its tokens, or be NULL. Of the options it reads
 * outputs, dump_facts, policy, only, skip, fail_on, the job, now and the
 * diagnostics. */
int vit_data_report(const struct vit_audit_options *options, struct vit_err *err);

/* What the check means, why it matters, how to mend it. 64 when there is no
 * such id (the message suggests the nearest). terminal, markdown or json. */
int vit_explain(const char *id, const struct vit_output *out, struct vit_err *err);

/* Every check: id, severity, title. terminal, markdown (docs/checks.md) or json. */
int vit_list_checks(const struct vit_output *out, struct vit_err *err);

/* The built-in specs and the devices of the hardware catalogue: kind, id, title.
 * terminal, markdown or json. */
int vit_list_specs(const struct vit_output *out, struct vit_err *err);

/* Writes a YAML spec that the model at options->path satisfies. Of the options
 * it reads path, base, spec and the diagnostics; out->format is not used. */
int vit_write_spec(const struct vit_audit_options *options, const struct vit_output *out,
		   struct vit_err *err);

/* Writes a lock: sha256 and size of every file of options->path, sorted, in a
 * form that `sha256sum -c` checks. Of the options it reads path, jobs, progress,
 * cache_dir, stop and the diagnostics. Nothing is written unless every file
 * could be hashed (2 otherwise). */
int vit_write_lock(const struct vit_audit_options *options, const struct vit_output *out,
		   struct vit_err *err);

/*
 * The token ids of a text by the tokenizer.json of `path` (a model's folder, or
 * the file itself): a line {"ids": [...]} for each line of `file`, or one for
 * the whole of it. They are those of the reference library's encode(), without
 * the truncation and padding that a file may set. Bytes that are no UTF-8 are
 * read as U+FFFD.
 */
struct vit_tokenize_options {
	const char *path;
	const char *file;           /* NULL or "-": standard input */
	bool whole;                 /* the whole input is one text, its last newline too */
	bool no_special_tokens;     /* leave out what the tokenizer puts around a text */
};

/* Writes as it reads; out->format is not used. 2 with *err filled: no tokenizer
 * there, a part of it that is not supported, a text that cannot be encoded (the
 * message names the line; what came before is written), or the input fails. */
int vit_tokenize(const struct vit_tokenize_options *options, const struct vit_output *out,
		 struct vit_err *err);

/* What a user measured of a job; NULL: not. */
struct vit_measured {
	const char *peak;           /* "18.4GB": torch.cuda.max_memory_allocated */
	const char *step;           /* seconds of an optimizer step */
	const char *decode, *prefill; /* tokens per second */
	const char *log;            /* file: trainer_state.json, or llama-bench -o json */
	bool forget;                /* take out what is known of the device instead */
};

/* Holds what was measured against the forecast of the job at options->path on its
 * device, and writes the calibration file anew to `store` (the caller replaces
 * options->calibration with it) and what was concluded to `out`. Nothing is
 * written to `store` unless all of it is in order. 64 for a job, a log or a number
 * that cannot be taken; 2 when the job cannot be forecast. */
int vit_calibrate(const struct vit_audit_options *options, const struct vit_measured *measured,
		  const struct vit_output *out, const struct vit_output *store, struct vit_err *err);

/* "0.1.0". */
const char *vit_version(void);

/* The i-th name that an option takes, in the order people should see them;
 * NULL past the end. For help, completions and suggestions. */
const char *vit_known_format(size_t i); /* "terminal", "markdown", "json", ... */
const char *vit_known_area(size_t i);
const char *vit_known_check(size_t i);
const char *vit_known_spec(size_t i);

/* The format that a file's extension names, or NULL: "a/audit.md" -> "markdown". */
const char *vit_format_for_path(const char *path);

#endif
