/*
 * Chat templates: our own interpreter of the Jinja subset that they use.
 *
 * A template is parsed once into an immutable program and rendered for each
 * row. What it prints equals what transformers' apply_chat_template prints
 * (jinja2 3.1's ImmutableSandboxedEnvironment with trim_blocks, lstrip_blocks,
 * loop controls, the generation tag, json.dumps as `tojson`, raise_exception
 * and strftime_now).
 *
 * It runs no code but the template's own steps: no attributes of the host, no
 * modules, no files, no clock but the one given. A template that reaches for
 * such things has a note VIT_TEMPLATE_NOTE_UNSAFE and is never rendered, even
 * when the place is never reached. What we do not know is named
 * (VIT_TEMPLATE_NOTE_UNSUPPORTED) and stops a rendering only where it is
 * reached.
 *
 * Ceilings hold for everything: size of the template, nesting, steps, depth,
 * memory, output. Over one of them is an outcome, not a failure of ours.
 * Reentrant: renderings of one program may run in several threads, each with
 * its own scratch and output. A rendering may use up to 1 MiB of stack.
 */
#ifndef VIT_TEXT_TEMPLATE_H
#define VIT_TEXT_TEMPLATE_H

#include "text/template_value.h"

#define VIT_TEMPLATE_MAX ((size_t)1 << 20) /* largest source, bytes */
#define VIT_TEMPLATE_MAX_NOTES 32          /* most notes kept of each kind */

enum vit_template_note_kind {
	VIT_TEMPLATE_NOTE_SYNTAX,      /* Jinja would refuse the template */
	VIT_TEMPLATE_NOTE_UNSAFE,      /* reaches for attributes, modules or other templates */
	VIT_TEMPLATE_NOTE_UNSUPPORTED, /* valid, but not known to this interpreter */
};

struct vit_template_note {
	enum vit_template_note_kind kind;
	uint32_t line;        /* 1-based, in the source */
	struct vit_str text;  /* one sentence without its full stop; may quote the source */
};

struct vit_template {
	const struct vit_template_note *notes; /* in order of kind, then line */
	size_t note_count;
	size_t syntax_count, unsafe_count, unsupported_count; /* all of them, also not kept */
	bool has_generation;  /* has {% generation %} blocks */
	bool uses_clock;      /* calls strftime_now: output depends on the day */
	bool uses_tools;      /* reads the variable `tools` */
	bool uses_exception;  /* calls raise_exception: refuses some conversations */
	/* Variables that it reads from outside, in order of first use. */
	const struct vit_str *variables;
	size_t variable_count;
	const struct vit_template_program *program; /* private; NULL with syntax faults */
};

/* Parses; everything lives in the arena and the source is not needed after.
 * Faults of the template are notes and the call succeeds. Fails with
 * VIT_E_LIMIT (source too large) or VIT_E_SYNTAX (source is no UTF-8). */
VIT_MUST_USE enum vit_errc vit_template_parse(struct vit_arena *a, struct vit_str source,
					      const struct vit_template **out,
					      struct vit_err *err);

/*
 * One message as apply_chat_template of transformers 5 hands it to a template:
 * without its members that are null, and with what the assistant thought under
 * each of the names reasoning_content and thinking. A message that is no
 * object is returned as it is. (transformers 4 changes nothing.)
 */
struct vit_tval vit_template_message(struct vit_arena *a, struct vit_tval message);

/* A moment of local time, for strftime_now. */
struct vit_template_clock {
	int year, month, day;     /* 2026, 1..12, 1..31 */
	int hour, minute, second; /* 0..23, 0..59, 0..60 */
};

struct vit_template_limits {
	uint64_t steps;  /* expressions and statements evaluated, items made */
	uint32_t depth;  /* nesting of what is being evaluated */
	size_t memory;   /* bytes of values made, in all */
	size_t output;   /* bytes printed */
};
/* 20 million steps, depth 700, 64 MiB of values, 32 MiB of output. */
extern const struct vit_template_limits vit_template_default_limits;

enum vit_template_outcome {
	VIT_TEMPLATE_RENDERED,
	VIT_TEMPLATE_RAISED,      /* raise_exception was called: a fault of the data */
	VIT_TEMPLATE_ERROR,       /* undefined value, wrong type, ...: as Jinja fails */
	VIT_TEMPLATE_FORBIDDEN,   /* the sandbox forbids it, e.g. to change a list */
	VIT_TEMPLATE_LIMIT,       /* over one of the limits */
	VIT_TEMPLATE_UNSUPPORTED, /* reached what this interpreter does not know */
	VIT_TEMPLATE_UNSAFE,      /* has unsafe notes: not evaluated */
	VIT_TEMPLATE_BROKEN,      /* has syntax notes: not evaluated */
};
/* "rendered", "raised", ...: stable. Static storage. */
const char *vit_template_outcome_name(enum vit_template_outcome o);

/* Bytes [begin, end) of the output. */
struct vit_template_span {
	size_t begin, end;
};

struct vit_template_result {
	enum vit_template_outcome outcome;
	uint32_t line;           /* of the template, unless rendered */
	struct vit_str message;  /* unless rendered; in scratch; not escaped */
	/* What {% generation %} blocks printed, in order of evaluation: where
	 * transformers puts its assistant mask. In scratch. */
	const struct vit_template_span *spans;
	size_t span_count;
};

/*
 * Renders into out, which is cleared first; with any outcome but RENDERED its
 * content is what was printed until then. `context` is a dict of variables;
 * it must outlive the call. Values are made in `scratch`, which the caller
 * resets (vit_arena_reset) between rows; the result's texts lie there too.
 * clock may be NULL: then strftime_now is unsupported.
 */
void vit_template_render(const struct vit_template *t, struct vit_tval context,
			 const struct vit_template_limits *limits,
			 const struct vit_template_clock *clock, struct vit_arena *scratch,
			 struct vit_buf *out, struct vit_template_result *result);

#endif
