/*
 * Runtimes on machines of literals: files in a folder, ps and http from
 * tables. Replies are as the servers' documentation shows them; a real
 * llama-server is asked in tests/differential/runtime_servers.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "collect/runtimes.h"
#include "folder.h"

struct reply {
	const char *url;
	int status; /* 0: nothing listens */
	const char *body;
};

static const struct reply *replies;
static const char *ps_names, *ps_args, *home, *ollama_host, *system_name;
static struct folder f;
static struct vit_arena *a;
static unsigned asked;

static enum vit_errc env(void *ctx, const char *name, struct vit_buf *out, struct vit_err *err)
{
	const char *value = strcmp(name, "HOME") == 0 ? home : strcmp(name, "OLLAMA_HOST") == 0 ? ollama_host : NULL;

	(void)ctx;
	if (!value)
		return vit_err_set(err, VIT_E_NOTFOUND, "%s is not set", name);
	vit_buf_clear(out);
	vit_buf_puts(out, value);
	return VIT_OK;
}

static enum vit_errc run(void *ctx, const char *const *argv, unsigned timeout_ms, struct vit_buf *out, int *status,
			 struct vit_err *err)
{
	const char *text = NULL;

	(void)ctx;
	(void)timeout_ms;
	if (strcmp(argv[0], "ps") == 0)
		text = strcmp(argv[1], "-ax") == 0 ? ps_names : ps_args;
	if (!text)
		return vit_err_set(err, VIT_E_NOTFOUND, "%s: no such program", argv[0]);
	vit_buf_clear(out);
	vit_buf_puts(out, text);
	*status = 0;
	return VIT_OK;
}

static enum vit_errc identity(void *ctx, struct vit_host_identity *out, struct vit_err *err)
{
	(void)ctx;
	(void)err;
	memset(out, 0, sizeof(*out));
	memcpy(out->os, system_name, strlen(system_name));
	return VIT_OK;
}

static void http(void *ctx, struct vit_http_session *session, struct vit_http_job *jobs, size_t count,
		 vit_http_step_fn step, void *step_ctx)
{
	(void)ctx;
	(void)session;
	for (size_t i = 0; i < count; i++) {
		struct vit_http_response *r = &jobs[i].response;
		const struct reply *hit = replies;

		asked++;
		while (hit && hit->url && !vit_str_is(jobs[i].request.url, hit->url))
			hit++;
		if (hit && hit->url && hit->status) {
			r->status = hit->status;
			vit_buf_puts(&r->body, hit->body);
		} else if (hit && hit->url) {
			(void)vit_err_set(&r->err, VIT_E_TIMEOUT, "no answer");
		} else {
			(void)vit_err_set(&r->err, VIT_E_IO, "connection refused");
		}
		assert_true(step(step_ctx, &jobs[i]) < 0);
	}
}

static void http_close(void *ctx, struct vit_http_session *session)
{
	(void)ctx;
	(void)session;
}

static struct vit_runtimes collect(const char *model)
{
	struct vit_host h = *vit_host_real();
	struct vit_runtimes_options o = { .model_root = vit_str_c(model), .model_name = VIT_STR("gpt-oss-20b") };
	struct vit_runtimes r;

	h.env = env;
	h.run = run;
	h.identity = identity;
	h.http = http;
	h.http_close = http_close;
	asked = 0;
	vit_collect_runtimes(a, &h, &o, &r);
	return r;
}

static const char *at(const char *name)
{
	return vit_arena_str(a, vit_str_c(folder_at(&f, name))).p;
}

static int setup(void **state)
{
	(void)state;
	a = vit_arena_new();
	folder_new(&f);
	replies = NULL;
	ps_names = ps_args = ollama_host = NULL;
	system_name = "Linux";
	home = at("home");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(&f);
	vit_arena_free(a);
	return 0;
}

static void is(struct vit_str s, const char *expected)
{
	if (!vit_str_is(s, expected))
		fail_msg("'%.*s' is not '%s'", VIT_FMT(s), expected);
}

/* The processes of the report that this tool grew from. */
static void the_processes_of_lm_studio(void **state)
{
	static const struct { uint64_t pid; enum vit_runtime_role role; } want[] = {
		{ 42742, VIT_ROLE_MAIN },    { 42749, VIT_ROLE_GPU },	  { 42750, VIT_ROLE_NETWORK },
		{ 42753, VIT_ROLE_UTILITY }, { 42756, VIT_ROLE_RENDERER },
	};
	struct vit_runtimes all;
	const struct vit_runtime *r;

	(void)state;
	system_name = "Darwin";
#define APP "/Applications/LM Studio.app/Contents/"
	ps_names = "    1  12000 /sbin/launchd\n42742 210000 " APP "MacOS/LM Studio\n"
		   "42749  80000 " APP "Frameworks/LM Studio Helper (GPU).app/Contents/MacOS/LM Studio Helper (GPU)\n"
		   "42750  40000 " APP "Frameworks/LM Studio Helper.app/Contents/MacOS/LM Studio Helper\n"
		   "42753  60000 " APP "Frameworks/LM Studio Helper.app/Contents/MacOS/LM Studio Helper\n"
		   "42756 110000 " APP "Frameworks/LM Studio Helper (Renderer).app/Contents/MacOS/LM Studio Helper (Renderer)\n"
		   "  900   1000 /usr/sbin/cupsd\n";
	ps_args = "42750 " APP "x --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en\n"
		  "42753 " APP "x --type=utility --utility-sub-type=node.mojom.NodeService --lang=en\n";
	all = collect("/m");
	assert_true(all.processes_known);
	r = &all.rows[VIT_RUNTIME_LM_STUDIO];
	assert_int_equal(r->process_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(r->processes[i].pid, want[i].pid);
		assert_int_equal(r->processes[i].role, want[i].role);
	}
	assert_int_equal(r->processes[0].memory_bytes, 210000 * 1024);
	assert_int_equal(all.rows[VIT_RUNTIME_OLLAMA].process_count, 0);
}

static void lm_studio_on_linux(void **state)
{
	static const struct reply table[] = {
		{ "http://127.0.0.1:4321/lmstudio-greeting", 200, "{\"lmstudio\":true}" },
		/* An older server: unknown paths get 200 and a text. */
		{ "http://127.0.0.1:4321/api/v1/models", 200, "{\"error\":\"Unexpected endpoint or method.\"}" },
		{ "http://127.0.0.1:4321/api/v0/models", 200,
		  "{\"data\":[{\"id\":\"openai/gpt-oss-20b\",\"state\":\"loaded\",\"compatibility_type\":\"gguf\","
		  "\"max_context_length\":131072,\"loaded_context_length\":4096}]}" },
		{ NULL, 0, NULL },
	};
	struct vit_runtimes all;
	const struct vit_runtime *r;

	(void)state;
	folder_text(&f, "home/LM-Studio-0.3.23-3-x64.AppImage", "\177ELF");
	folder_text(&f, "home/.lmstudio/.internal/app-install-location.json",
		    vit_arena_printf(a, "{\"path\":\"%s\",\"argv\":[]}", at("home/LM-Studio-0.3.23-3-x64.AppImage")).p);
	folder_text(&f, "home/.lmstudio/.internal/http-server-config.json", "{\"port\":4321,\"networkInterface\":\"127.0.0.1\"}");
	folder_text(&f, "home/.lmstudio/settings.json", vit_arena_printf(a, "{\"downloadsFolder\":\"%s\"}", at("models")).p);
	replies = table;
	all = collect(at("models/openai/gpt-oss-20b"));
	r = &all.rows[VIT_RUNTIME_LM_STUDIO];
	assert_true(r->installed);
	is(r->version, "0.3.23-3");
	assert_true(r->model_inside);
	is(r->server.address, "127.0.0.1:4321");
	assert_int_equal(r->server.state, VIT_SERVER_ANSWERS);
	is(r->server.api, "REST v0");
	assert_int_equal(r->served, 0);
	assert_int_equal(r->server.models[0].loaded_context, 4096);
	all = collect(at("models/gpt-oss-20b"));
	assert_false(all.rows[VIT_RUNTIME_LM_STUDIO].model_inside);
	assert_false(all.processes_known);
	/* The application is gone, its notes are still there. */
	folder_remove(&f);
	folder_new(&f);
	home = at("home");
	folder_text(&f, "home/.lmstudio/.internal/app-install-location.json", "{\"path\":\"/nowhere/LM-Studio.AppImage\"}");
	all = collect("/m");
	assert_false(all.rows[VIT_RUNTIME_LM_STUDIO].installed);
}

static void strangers_on_the_ports(void **state)
{
	static const struct reply table[] = {
		{ "http://127.0.0.1:1234/lmstudio-greeting", 404, "<html>nginx</html>" },
		{ "http://127.0.0.1:11434/", 200, "Hello" },
		{ "http://127.0.0.1:8080/v1/models", 200, "{\"data\":[]}" },
		{ "http://127.0.0.1:8080/props", 200, "{}" },
		{ "http://127.0.0.1:8000/v1/models", 0, NULL },
		{ NULL, 0, NULL },
	};
	struct vit_runtimes all;

	(void)state;
	replies = table;
	all = collect("/m");
	assert_int_equal(all.rows[VIT_RUNTIME_LM_STUDIO].server.state, VIT_SERVER_OTHER);
	is(all.rows[VIT_RUNTIME_LM_STUDIO].server.detail, "HTTP status 404");
	assert_int_equal(all.rows[VIT_RUNTIME_OLLAMA].server.state, VIT_SERVER_OTHER);
	assert_int_equal(all.rows[VIT_RUNTIME_LLAMA_SERVER].server.state, VIT_SERVER_OTHER);
	assert_int_equal(all.rows[VIT_RUNTIME_MLX_LM].server.state, VIT_SERVER_OTHER);
	assert_int_equal(all.rows[VIT_RUNTIME_VLLM].server.state, VIT_SERVER_SILENT);
	/* Who was not recognised is asked nothing further. */
	assert_int_equal(asked, 5);
	replies = NULL;
	all = collect("/m");
	for (unsigned i = 0; i < VIT_RUNTIME_COUNT; i++)
		assert_int_equal(all.rows[i].server.state, VIT_SERVER_CLOSED);
}

static void the_others(void **state)
{
	static const struct reply table[] = {
		{ "http://127.0.0.1:11500/", 200, "Ollama is running" },
		{ "http://127.0.0.1:11500/api/version", 200, "{\"version\":\"0.11.4\"}" },
		{ "http://127.0.0.1:11500/api/tags", 200, "{\"models\":[{\"name\":\"gpt-oss:20b\"}]}" },
		{ "http://127.0.0.1:11500/api/ps", 200, "{\"models\":[]}" },
		{ "http://127.0.0.1:8080/props", 401, "{\"error\":{}}" },
		{ "http://127.0.0.1:8080/v1/models", 200,
		  "{\"data\":[{\"id\":\"/models/gpt-oss-20b-mxfp4.gguf\",\"owned_by\":\"llamacpp\"}]}" },
		{ "http://127.0.0.1:8000/v1/models", 200,
		  "{\"data\":[{\"id\":\"openai/gpt-oss-120b\",\"owned_by\":\"vllm\",\"max_model_len\":131072}]}" },
		{ "http://127.0.0.1:8000/version", 200, "{\"version\":\"0.11.0\"}" },
		{ NULL, 0, NULL },
	};
	struct vit_runtimes all;

	(void)state;
	replies = table;
	ollama_host = "0.0.0.0:11500";
	all = collect("/m");
	is(all.rows[VIT_RUNTIME_OLLAMA].version, "0.11.4");
	assert_int_equal(all.rows[VIT_RUNTIME_OLLAMA].served, 0);
	assert_true(all.rows[VIT_RUNTIME_OLLAMA].server.models[0].state_known);
	assert_int_equal(all.rows[VIT_RUNTIME_LLAMA_SERVER].server.state, VIT_SERVER_ANSWERS);
	assert_int_equal(all.rows[VIT_RUNTIME_LLAMA_SERVER].served, 0);
	assert_int_equal(all.rows[VIT_RUNTIME_MLX_LM].server.state, VIT_SERVER_OTHER);
	is(all.rows[VIT_RUNTIME_VLLM].version, "0.11.0");
	/* Another size of the same model is another model. */
	assert_int_equal(all.rows[VIT_RUNTIME_VLLM].served, UINT32_MAX);
	/* Another machine is not asked. */
	ollama_host = "http://gpu.example:11434";
	all = collect("/m");
	assert_int_equal(all.rows[VIT_RUNTIME_OLLAMA].server.state, VIT_SERVER_NOT_ASKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_processes_of_lm_studio, setup, teardown),
		cmocka_unit_test_setup_teardown(lm_studio_on_linux, setup, teardown),
		cmocka_unit_test_setup_teardown(strangers_on_the_ports, setup, teardown),
		cmocka_unit_test_setup_teardown(the_others, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
