#include "collect/runtimes_internal.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/path.h"
#include "formats/served.h"

#define CONNECT_MS 500
#define STALL_MS   1500
#define TOTAL_MS   2000
#define MAX_BODY   ((uint64_t)1 << 20)
#define MAX_ASKED  16
/* Of what something else answered, as much as is worth showing. */
#define DETAIL_BYTES 60

struct asked {
	enum vit_runtime_kind kind;
	const char *path;
};

/* One answer, borrowed until the round ends. */
struct answer {
	struct asked asked;
	struct vit_http_job job;
};

struct round {
	struct vit_runtime_probe *p;
	struct answer answers[MAX_ASKED];
	size_t count;
};

static int64_t once(void *ctx, struct vit_http_job *job)
{
	(void)ctx;
	(void)job;
	return -1;
}

static void ask(struct round *r, enum vit_runtime_kind kind, const char *path)
{
	struct vit_str address = r->p->out->rows[kind].server.address;
	struct answer *a;

	if (address.n == 0 || r->count == MAX_ASKED)
		return;
	a = &r->answers[r->count++];
	*a = (struct answer){ .asked = { kind, path } };
	a->job.request = (struct vit_http_request){
		.url = vit_arena_printf(r->p->ask.a, "http://%.*s%s", VIT_FMT(address), path),
		.bearer = VIT_STR_EMPTY,
		.if_range = VIT_STR_EMPTY,
		.max_body = MAX_BODY,
	};
	vit_buf_init(&a->job.response.head, VIT_HTTP_HEAD_MAX);
	vit_buf_init(&a->job.response.body, MAX_BODY);
}

static void run(struct round *r)
{
	struct vit_runtime_probe *p = r->p;
	struct vit_http_job jobs[MAX_ASKED];
	struct vit_http_session session = {
		.ca_file = VIT_STR_EMPTY,
		.ca_path = VIT_STR_EMPTY,
		.proxy_http = VIT_STR_EMPTY,
		.proxy_https = VIT_STR_EMPTY,
		.no_proxy = VIT_STR("*"),
		.agent = VIT_STR("vitalis-audit"),
		.connect_ms = CONNECT_MS,
		.stall_ms = STALL_MS,
		.total_ms = TOTAL_MS,
		.stop = p->options->stop,
	};

	if (r->count == 0)
		return;
	for (size_t i = 0; i < r->count; i++)
		jobs[i] = r->answers[i].job;
	p->ask.h->http(p->ask.h->ctx, &session, jobs, r->count, once, NULL);
	p->ask.h->http_close(p->ask.h->ctx, &session);
	for (size_t i = 0; i < r->count; i++)
		r->answers[i].job = jobs[i];
}

static void finish(struct round *r)
{
	for (size_t i = 0; i < r->count; i++) {
		vit_buf_release(&r->answers[i].job.response.head);
		vit_buf_release(&r->answers[i].job.response.body);
	}
	r->count = 0;
}

/* The answer to a path; NULL when it was not asked. */
static const struct vit_http_response *get(const struct round *r, enum vit_runtime_kind kind,
					   const char *path)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->answers[i].asked.kind == kind && strcmp(r->answers[i].asked.path, path) == 0)
			return &r->answers[i].job.response;
	return NULL;
}

static struct vit_str body(const struct vit_http_response *r)
{
	return r && r->err.code == VIT_OK && r->status == 200 ? vit_buf_view(&r->body)
							      : VIT_STR_EMPTY;
}

static bool locked(const struct vit_http_response *r)
{
	return r && (r->status == 401 || r->status == 403);
}

/* What is known when the one who should answer did not. */
static void no_answer(struct vit_runtime_probe *p, struct vit_runtime_server *s,
		      const struct vit_http_response *r)
{
	struct vit_str text;

	if (!r)
		return;
	if (r->status == 0) {
		/* A recording that holds no such exchange says nothing. */
		if (r->err.code == VIT_E_NOTFOUND || r->err.code == VIT_E_UNSUPPORTED)
			return;
		s->state = r->err.code == VIT_E_TIMEOUT ? VIT_SERVER_SILENT : VIT_SERVER_CLOSED;
		s->detail = vit_arena_str(p->ask.a, vit_str_c(r->err.msg));
		return;
	}
	s->state = VIT_SERVER_OTHER;
	text = vit_http_header(r, "Server");
	if (text.n)
		s->detail = vit_arena_printf(p->ask.a, "HTTP status %d of \"%.*s\"", r->status,
					     VIT_FMT(vit_str_sub(text, 0, DETAIL_BYTES)));
	else
		s->detail = vit_arena_printf(p->ask.a, "HTTP status %d", r->status);
}

static void take(struct vit_runtime_server *s, const char *api, const struct vit_served_list *list)
{
	s->state = VIT_SERVER_ANSWERS;
	s->api = vit_str_c(api);
	s->models = list->models;
	s->model_count = list->count;
}

/* --- the first round: who is it? ------------------------------------------------------ */

static bool is_owner(struct vit_runtime_probe *p, const struct vit_http_response *r,
		     const char *owner)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_served_list list;

	if (vit_served_openai(p->ask.a, body(r), &list, &err) != VIT_OK)
		return false;
	return list.count > 0 && vit_str_is(list.models[0].owner, owner);
}

static void identify_8080(struct round *r)
{
	struct vit_runtime *rows = r->p->out->rows;
	struct vit_runtime_server *llama = &rows[VIT_RUNTIME_LLAMA_SERVER].server;
	struct vit_runtime_server *mlx = &rows[VIT_RUNTIME_MLX_LM].server;
	const struct vit_http_response *props = get(r, VIT_RUNTIME_LLAMA_SERVER, "/props");
	const struct vit_http_response *models = get(r, VIT_RUNTIME_LLAMA_SERVER, "/v1/models");
	struct vit_str build = vit_served_member(r->p->ask.a, body(props), "build_info");

	if (build.n || is_owner(r->p, models, "llamacpp")) {
		llama->state = VIT_SERVER_ANSWERS;
		rows[VIT_RUNTIME_LLAMA_SERVER].version = build;
		rows[VIT_RUNTIME_LLAMA_SERVER].version_source = VIT_STR("/props");
		mlx->state = VIT_SERVER_OTHER;
		mlx->detail = VIT_STR("llama-server answers there");
	} else if (is_owner(r->p, models, "")) {
		mlx->state = VIT_SERVER_ANSWERS;
		llama->state = VIT_SERVER_OTHER;
		llama->detail = VIT_STR("mlx_lm.server answers there");
	} else {
		no_answer(r->p, llama, models);
		no_answer(r->p, mlx, models);
		/* Both it and a key-protected llama-server refuse /props alike. */
		if (locked(props) && locked(models))
			llama->state = mlx->state = VIT_SERVER_LOCKED;
	}
}

static void identify_8000(struct round *r)
{
	struct vit_runtime_server *vllm = &r->p->out->rows[VIT_RUNTIME_VLLM].server;
	struct vit_runtime_server *python = &r->p->out->rows[VIT_RUNTIME_LLAMA_CPP_PYTHON].server;
	const struct vit_http_response *a = get(r, VIT_RUNTIME_VLLM, "/v1/models");

	if (is_owner(r->p, a, "vllm")) {
		vllm->state = VIT_SERVER_ANSWERS;
		python->state = VIT_SERVER_OTHER;
		python->detail = VIT_STR("vLLM answers there");
	} else if (is_owner(r->p, a, "me")) {
		python->state = VIT_SERVER_ANSWERS;
		vllm->state = VIT_SERVER_OTHER;
		vllm->detail = VIT_STR("llama-cpp-python answers there");
	} else {
		no_answer(r->p, vllm, a);
		no_answer(r->p, python, a);
		if (locked(a))
			vllm->state = python->state = VIT_SERVER_LOCKED;
	}
}

static void identify(struct round *r)
{
	struct vit_runtime *rows = r->p->out->rows;
	struct vit_runtime_server *lm = &rows[VIT_RUNTIME_LM_STUDIO].server;
	struct vit_runtime_server *ollama = &rows[VIT_RUNTIME_OLLAMA].server;
	const struct vit_http_response *a = get(r, VIT_RUNTIME_LM_STUDIO, "/lmstudio-greeting");

	if (vit_served_is_lm_studio(r->p->ask.a, body(a)))
		lm->state = VIT_SERVER_ANSWERS;
	else
		no_answer(r->p, lm, a);
	a = get(r, VIT_RUNTIME_OLLAMA, "/");
	if (vit_str_starts(body(a), VIT_STR("Ollama is running")))
		ollama->state = VIT_SERVER_ANSWERS;
	else
		no_answer(r->p, ollama, a);
	identify_8000(r);
	identify_8080(r);
}

/* --- the second: what does it serve? ----------------------------------------------------- */

static void ask_details(struct round *r)
{
	const struct vit_runtime *rows = r->p->out->rows;

	if (rows[VIT_RUNTIME_LM_STUDIO].server.state == VIT_SERVER_ANSWERS) {
		ask(r, VIT_RUNTIME_LM_STUDIO, "/api/v1/models");
		ask(r, VIT_RUNTIME_LM_STUDIO, "/api/v0/models");
		ask(r, VIT_RUNTIME_LM_STUDIO, "/v1/models");
	}
	if (rows[VIT_RUNTIME_OLLAMA].server.state == VIT_SERVER_ANSWERS) {
		ask(r, VIT_RUNTIME_OLLAMA, "/api/version");
		ask(r, VIT_RUNTIME_OLLAMA, "/api/tags");
		ask(r, VIT_RUNTIME_OLLAMA, "/api/ps");
	}
	if (rows[VIT_RUNTIME_VLLM].server.state == VIT_SERVER_ANSWERS) {
		ask(r, VIT_RUNTIME_VLLM, "/version");
		ask(r, VIT_RUNTIME_VLLM, "/v1/models");
	}
	if (rows[VIT_RUNTIME_LLAMA_CPP_PYTHON].server.state == VIT_SERVER_ANSWERS)
		ask(r, VIT_RUNTIME_LLAMA_CPP_PYTHON, "/v1/models");
	if (rows[VIT_RUNTIME_LLAMA_SERVER].server.state == VIT_SERVER_ANSWERS)
		ask(r, VIT_RUNTIME_LLAMA_SERVER, "/v1/models");
	if (rows[VIT_RUNTIME_MLX_LM].server.state == VIT_SERVER_ANSWERS)
		ask(r, VIT_RUNTIME_MLX_LM, "/v1/models");
}

/* LM Studio answers unknown paths with status 200 and a text: the shape decides. */
static void lm_studio(struct round *r)
{
	struct vit_runtime_server *s = &r->p->out->rows[VIT_RUNTIME_LM_STUDIO].server;
	const struct vit_http_response *v1 = get(r, VIT_RUNTIME_LM_STUDIO, "/api/v1/models");
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_served_list list;

	if (s->state != VIT_SERVER_ANSWERS)
		return;
	if (locked(v1))
		s->state = VIT_SERVER_LOCKED;
	else if (vit_served_lm_studio_v1(r->p->ask.a, body(v1), &list, &err) == VIT_OK)
		take(s, "REST v1", &list);
	else if (vit_served_lm_studio_v0(r->p->ask.a,
					 body(get(r, VIT_RUNTIME_LM_STUDIO, "/api/v0/models")),
					 &list, &err) == VIT_OK)
		take(s, "REST v0", &list);
	else if (vit_served_openai(r->p->ask.a, body(get(r, VIT_RUNTIME_LM_STUDIO, "/v1/models")),
				   &list, &err) == VIT_OK)
		take(s, "OpenAI", &list);
	else
		s->detail = VIT_STR("it listed no models in a form that is known");
}

static void ollama(struct round *r)
{
	struct vit_runtime *row = &r->p->out->rows[VIT_RUNTIME_OLLAMA];
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_served_list list;
	struct vit_str version;

	if (row->server.state != VIT_SERVER_ANSWERS)
		return;
	version = vit_served_member(r->p->ask.a, body(get(r, VIT_RUNTIME_OLLAMA, "/api/version")),
				    "version");
	if (version.n) {
		row->version = version;
		row->version_source = VIT_STR("/api/version");
	}
	if (vit_served_ollama_tags(r->p->ask.a, body(get(r, VIT_RUNTIME_OLLAMA, "/api/tags")),
				   &list, &err) != VIT_OK)
		return;
	if (vit_served_ollama_ps(r->p->ask.a, body(get(r, VIT_RUNTIME_OLLAMA, "/api/ps")), &list,
				 &err) != VIT_OK)
		row->server.detail = VIT_STR("which models are loaded is not known");
	take(&row->server, "REST", &list);
}

static void open_ai(struct round *r, enum vit_runtime_kind kind)
{
	struct vit_runtime *row = &r->p->out->rows[kind];
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_served_list list;
	struct vit_str version;

	if (row->server.state != VIT_SERVER_ANSWERS)
		return;
	version = vit_served_member(r->p->ask.a, body(get(r, kind, "/version")), "version");
	if (version.n) {
		row->version = version;
		row->version_source = VIT_STR("/version");
	}
	if (vit_served_openai(r->p->ask.a, body(get(r, kind, "/v1/models")), &list, &err) != VIT_OK)
		return;
	/* These serve what they were started with. mlx_lm also lists what is in the hub's cache. */
	for (uint32_t i = 0; i < list.count && kind != VIT_RUNTIME_MLX_LM; i++)
		list.models[i].state_known = list.models[i].loaded = true;
	take(&row->server, "OpenAI", &list);
}

/* --- is this model among them? ------------------------------------------------------------- */

static char fold(char c)
{
	return c == ':' || c == '_' || c == '.' ? '-' : (char)tolower((unsigned char)c);
}

/* "openai/gpt-oss-20b", "gpt-oss:20b", "/models/gpt-oss-20b.gguf" name gpt-oss-20b. */
static bool names_model(struct vit_str id, struct vit_str model)
{
	struct vit_str base = vit_path_base(id);

	if (model.n == 0 || base.n < model.n)
		return false;
	for (size_t i = 0; i < model.n; i++)
		if (fold(base.p[i]) != fold(model.p[i]))
			return false;
	return base.n == model.n || fold(base.p[model.n]) == '-' || base.p[model.n] == '@';
}

static void find_model(struct vit_runtime_probe *p)
{
	for (unsigned k = 0; k < VIT_RUNTIME_COUNT; k++) {
		struct vit_runtime *r = &p->out->rows[k];

		for (uint32_t i = 0; i < r->server.model_count && r->served == UINT32_MAX; i++)
			if (names_model(r->server.models[i].id, p->options->model_name))
				r->served = i;
	}
}

void vit_runtime_servers(struct vit_runtime_probe *p)
{
	struct round *r;

	if (p->options->offline || !p->ask.h->http)
		return;
	r = vit_xcalloc(1, sizeof(*r));
	r->p = p;
	ask(r, VIT_RUNTIME_LM_STUDIO, "/lmstudio-greeting");
	ask(r, VIT_RUNTIME_OLLAMA, "/");
	ask(r, VIT_RUNTIME_VLLM, "/v1/models");
	ask(r, VIT_RUNTIME_LLAMA_SERVER, "/props");
	ask(r, VIT_RUNTIME_LLAMA_SERVER, "/v1/models");
	run(r);
	identify(r);
	finish(r);
	ask_details(r);
	run(r);
	lm_studio(r);
	ollama(r);
	open_ai(r, VIT_RUNTIME_VLLM);
	open_ai(r, VIT_RUNTIME_LLAMA_CPP_PYTHON);
	open_ai(r, VIT_RUNTIME_LLAMA_SERVER);
	open_ai(r, VIT_RUNTIME_MLX_LM);
	finish(r);
	free(r);
	find_model(p);
}
