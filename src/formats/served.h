/*
 * What the servers of models answer: text to structs.
 *
 * LM Studio (REST v1, v0), Ollama (tags, ps), llama-server (props) and the
 * OpenAI-compatible list that all of them speak. The texts come from whatever
 * listens on a port: nothing in them is trusted, and a missing field is no
 * failure. Sources: the servers' own documentation, as of 2026.
 */
#ifndef VIT_FORMATS_SERVED_H
#define VIT_FORMATS_SERVED_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define VIT_SERVED_MAX_MODELS 1000

struct vit_served_model {
	struct vit_str id;         /* as the server names it */
	struct vit_str owner;      /* owned_by, or empty */
	struct vit_str format;     /* "gguf", "mlx", or empty */
	struct vit_str quantization;
	bool state_known, loaded;
	uint64_t max_context, loaded_context; /* tokens; 0: not said */
};

struct vit_served_list {
	struct vit_served_model *models;
	uint32_t count;
	uint32_t left_out;         /* beyond VIT_SERVED_MAX_MODELS */
};

/* Each fails with SYNTAX when the text is not JSON of that shape, LIMIT when it
 * is larger than a document may be. Strings are copied to the arena. */
VIT_MUST_USE enum vit_errc vit_served_lm_studio_v1(struct vit_arena *a, struct vit_str text,
						   struct vit_served_list *out, struct vit_err *err);
VIT_MUST_USE enum vit_errc vit_served_lm_studio_v0(struct vit_arena *a, struct vit_str text,
						   struct vit_served_list *out, struct vit_err *err);
VIT_MUST_USE enum vit_errc vit_served_openai(struct vit_arena *a, struct vit_str text,
					     struct vit_served_list *out, struct vit_err *err);
/* /api/tags; models are marked loaded by a later vit_served_ollama_ps. */
VIT_MUST_USE enum vit_errc vit_served_ollama_tags(struct vit_arena *a, struct vit_str text,
						  struct vit_served_list *out, struct vit_err *err);
/* /api/ps: sets state and context of the models it names. */
VIT_MUST_USE enum vit_errc vit_served_ollama_ps(struct vit_arena *a, struct vit_str text,
						struct vit_served_list *io, struct vit_err *err);

/* A string member of a JSON object, or empty: greetings, versions, settings. */
struct vit_str vit_served_member(struct vit_arena *a, struct vit_str text, const char *key);
/* {"lmstudio": true} */
bool vit_served_is_lm_studio(struct vit_arena *a, struct vit_str text);

/* An integer member below `limit`, by a dotted path; 0 when there is none. */
uint64_t vit_served_number(struct vit_arena *a, struct vit_str text, const char *path, uint64_t limit);

#endif
