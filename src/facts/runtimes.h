/*
 * Programs on this machine that serve models: which are there, which run, what
 * their servers answer, and whether they have this model.
 *
 * Servers are asked on this machine's loopback addresses alone. Owned by the
 * arena of the audit.
 */
#ifndef VIT_FACTS_RUNTIMES_H
#define VIT_FACTS_RUNTIMES_H

#include "base/err.h"
#include "base/str.h"
#include "formats/served.h"

enum vit_runtime_kind {
	VIT_RUNTIME_LM_STUDIO, VIT_RUNTIME_OLLAMA, VIT_RUNTIME_LLAMA_SERVER, VIT_RUNTIME_LLAMA_CPP_PYTHON,
	VIT_RUNTIME_VLLM, VIT_RUNTIME_MLX_LM, VIT_RUNTIME_COUNT
};
const char *vit_runtime_name(enum vit_runtime_kind k); /* "LM Studio", "Ollama", ... */
const char *vit_runtime_slug(enum vit_runtime_kind k); /* "lm-studio", "ollama", ...: as jobs name them */
/* VIT_RUNTIME_COUNT when there is none. */
enum vit_runtime_kind vit_runtime_find(struct vit_str slug);

/* What a process of it does. */
enum vit_runtime_role {
	VIT_ROLE_MAIN, VIT_ROLE_RENDERER, VIT_ROLE_GPU, VIT_ROLE_NETWORK, VIT_ROLE_UTILITY,
	VIT_ROLE_SERVER, VIT_ROLE_WORKER
};
const char *vit_runtime_role_name(enum vit_runtime_role r); /* "main" ... */

struct vit_runtime_process {
	uint64_t pid;
	uint64_t memory_bytes;     /* resident */
	enum vit_runtime_role role;
	struct vit_str name;
};

enum vit_server_state {
	VIT_SERVER_NOT_ASKED,
	VIT_SERVER_CLOSED,   /* nothing listens there */
	VIT_SERVER_SILENT,   /* something listens and did not answer in time */
	VIT_SERVER_OTHER,    /* something else answered */
	VIT_SERVER_LOCKED,   /* it answers and wants a token or key */
	VIT_SERVER_ANSWERS,
};
const char *vit_server_state_name(enum vit_server_state s); /* "answers", "closed", ... */

struct vit_runtime_server {
	enum vit_server_state state;
	struct vit_str address;    /* "127.0.0.1:1234" */
	struct vit_str source;     /* where the address is from: "default", a file, a variable */
	struct vit_str api;        /* "REST v1", "OpenAI", ... */
	struct vit_str detail;     /* what answered instead, or why not; or empty */
	const struct vit_served_model *models;
	uint32_t model_count;
};

struct vit_runtime {
	bool installed;
	struct vit_str location;   /* where it was found */
	struct vit_str version, version_source;
	struct vit_str home;       /* its own folder, or empty */
	struct vit_str models_folder, models_source; /* where it looks for models */
	bool model_inside;         /* this model lies below models_folder, at the depth it reads */
	uint32_t served;           /* row of server.models that is this model, by name; or UINT32_MAX */
	struct vit_runtime_process *processes;
	uint32_t process_count;
	struct vit_runtime_server server;
};

struct vit_runtimes {
	bool probed;
	bool processes_known;
	struct vit_runtime rows[VIT_RUNTIME_COUNT];
	struct vit_str *notes;
	uint32_t note_count;
};

#endif
