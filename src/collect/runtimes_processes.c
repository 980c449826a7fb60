#include "collect/runtimes_internal.h"

#include "base/path.h"
#include "host/parse.h"

#define RUN_MS 2000
/* More of one runtime are counted by nobody. */
#define MAX_PROCESSES 64

/* Which runtime a command of ps belongs to: a path on a Mac, a name elsewhere. */
static enum vit_runtime_kind classify(struct vit_str command)
{
	struct vit_str base = vit_path_base(command);

	if (vit_str_find(command, VIT_STR("/LM Studio.app/"), 0) != SIZE_MAX ||
	    vit_str_starts(base, VIT_STR("LM Studio")) || vit_str_ieq(base, VIT_STR("lm-studio")) ||
	    vit_str_is(base, "llmster"))
		return VIT_RUNTIME_LM_STUDIO;
	if (vit_str_ieq(base, VIT_STR("ollama")) ||
	    vit_str_find(command, VIT_STR("/Ollama.app/"), 0) != SIZE_MAX)
		return VIT_RUNTIME_OLLAMA;
	if (vit_str_is(base, "llama-server"))
		return VIT_RUNTIME_LLAMA_SERVER;
	if (vit_str_is(base, "vllm") || vit_str_starts(base, VIT_STR("VLLM::")))
		return VIT_RUNTIME_VLLM;
	if (vit_str_starts(base, VIT_STR("mlx_lm")))
		return VIT_RUNTIME_MLX_LM;
	return VIT_RUNTIME_COUNT;
}

static bool has(struct vit_str text, const char *part)
{
	return vit_str_find(text, vit_str_c(part), 0) != SIZE_MAX;
}

/* Electron says in the arguments what a helper is for; a Mac also in its name. */
static enum vit_runtime_role role_of(enum vit_runtime_kind kind, struct vit_str name,
				     struct vit_str args)
{
	switch (kind) {
	case VIT_RUNTIME_LM_STUDIO:
		if (has(args, "--utility-sub-type=network."))
			return VIT_ROLE_NETWORK;
		if (has(args, "--type=renderer") || has(name, "(Renderer)"))
			return VIT_ROLE_RENDERER;
		if (has(args, "--type=gpu-process") || has(name, "(GPU)"))
			return VIT_ROLE_GPU;
		if (has(args, "--type=") || has(name, "Helper"))
			return VIT_ROLE_UTILITY;
		return vit_str_is(name, "llmster") ? VIT_ROLE_SERVER : VIT_ROLE_MAIN;
	case VIT_RUNTIME_OLLAMA:
		return has(args, " runner")  ? VIT_ROLE_WORKER
		       : has(args, " serve") ? VIT_ROLE_SERVER
					     : VIT_ROLE_MAIN;
	case VIT_RUNTIME_VLLM:
		return vit_str_starts(name, VIT_STR("VLLM::")) ? VIT_ROLE_WORKER : VIT_ROLE_SERVER;
	case VIT_RUNTIME_LLAMA_SERVER:
	case VIT_RUNTIME_LLAMA_CPP_PYTHON:
	case VIT_RUNTIME_MLX_LM:
	case VIT_RUNTIME_COUNT:
		break;
	}
	return VIT_ROLE_SERVER;
}

struct seen {
	enum vit_runtime_kind kind;
	struct vit_runtime_process process;
};

/* Every process by name, those of runtimes kept. */
static bool list(struct vit_runtime_probe *p, struct vit_vec *out)
{
	static const char *const argv[] = { "ps",   "-ax", "-o",    "pid=", "-o",
					    "rss=", "-o",  "comm=", NULL };
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_str rest, line;
	struct vit_ps_line row;
	int status = 1;

	if (p->ask.h->run(p->ask.h->ctx, argv, RUN_MS, &p->ask.text, &status, &err) != VIT_OK ||
	    status != 0) {
		if (err.code != VIT_OK && err.code != VIT_E_NOTFOUND)
			vit_ask_note(&p->ask, vit_str_c(err.msg));
		return false;
	}
	rest = vit_buf_view(&p->ask.text);
	while (vit_str_line(&rest, &line) && out->count < MAX_PROCESSES) {
		enum vit_runtime_kind kind;

		if (!vit_parse_ps_line(line, true, &row) ||
		    (kind = classify(row.command)) == VIT_RUNTIME_COUNT)
			continue;
		*(struct seen *)vit_vec_add(out) = (struct seen){
			.kind = kind,
			.process = { .pid = row.pid,
				     .memory_bytes = row.memory.value,
				     .role = VIT_ROLE_MAIN,
				     .name = vit_arena_str(p->ask.a, vit_path_base(row.command)) },
		};
	}
	return true;
}

/* The arguments of those few alone: what others were started with is not asked. */
static void set_roles(struct vit_runtime_probe *p, struct vit_vec *all)
{
	struct vit_str pids = VIT_STR_EMPTY, rest, line;
	struct vit_err err = { VIT_OK, 0, 0, "" };
	const char *argv[] = { "ps", "-ww", "-o", "pid=", "-o", "args=", "-p", NULL, NULL };
	struct vit_ps_line row;
	int status = 1;

	for (size_t i = 0; i < all->count; i++) {
		struct seen *s = vit_vec_at(all, i);

		s->process.role = role_of(s->kind, s->process.name, VIT_STR_EMPTY);
		pids = vit_arena_printf(p->ask.a, "%.*s%s%llu", VIT_FMT(pids), i ? "," : "",
					(unsigned long long)s->process.pid);
	}
	argv[7] = pids.p;
	if (p->ask.h->run(p->ask.h->ctx, argv, RUN_MS, &p->ask.text, &status, &err) != VIT_OK)
		return;
	rest = vit_buf_view(&p->ask.text);
	while (vit_str_line(&rest, &line)) {
		if (!vit_parse_ps_line(line, false, &row))
			continue;
		for (size_t i = 0; i < all->count; i++) {
			struct seen *s = vit_vec_at(all, i);

			if (s->process.pid == row.pid)
				s->process.role = role_of(s->kind, s->process.name, row.command);
		}
	}
}

void vit_runtime_processes(struct vit_runtime_probe *p)
{
	struct vit_vec all = VIT_VEC(sizeof(struct seen));

	p->out->processes_known = list(p, &all);
	if (all.count)
		set_roles(p, &all);
	for (unsigned k = 0; k < VIT_RUNTIME_COUNT; k++) {
		struct vit_runtime *r = &p->out->rows[k];

		r->processes = VIT_NEW_ARRAY(p->ask.a, all.count, struct vit_runtime_process);
		for (size_t i = 0; i < all.count; i++) {
			const struct seen *s = vit_vec_at(&all, i);

			if (s->kind == (enum vit_runtime_kind)k)
				r->processes[r->process_count++] = s->process;
		}
	}
	vit_vec_free(&all);
}
