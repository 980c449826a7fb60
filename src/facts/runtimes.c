#include "facts/runtimes.h"

static const struct { const char *name, *slug; } runtimes[VIT_RUNTIME_COUNT] = {
	[VIT_RUNTIME_LM_STUDIO] = { "LM Studio", "lm-studio" },
	[VIT_RUNTIME_OLLAMA] = { "Ollama", "ollama" },
	[VIT_RUNTIME_LLAMA_SERVER] = { "llama-server", "llama-server" },
	[VIT_RUNTIME_LLAMA_CPP_PYTHON] = { "llama-cpp-python", "llama-cpp-python" },
	[VIT_RUNTIME_VLLM] = { "vLLM", "vllm" },
	[VIT_RUNTIME_MLX_LM] = { "mlx_lm.server", "mlx-lm" },
};

const char *vit_runtime_name(enum vit_runtime_kind k)
{
	return runtimes[k].name;
}

const char *vit_runtime_slug(enum vit_runtime_kind k)
{
	return runtimes[k].slug;
}

enum vit_runtime_kind vit_runtime_find(struct vit_str slug)
{
	for (unsigned i = 0; i < VIT_RUNTIME_COUNT; i++)
		if (vit_str_ieq(slug, vit_str_c(runtimes[i].slug)) || vit_str_ieq(slug, vit_str_c(runtimes[i].name)))
			return (enum vit_runtime_kind)i;
	return VIT_RUNTIME_COUNT;
}

const char *vit_runtime_role_name(enum vit_runtime_role r)
{
	switch (r) {
	case VIT_ROLE_MAIN:
		return "main";
	case VIT_ROLE_RENDERER:
		return "renderer";
	case VIT_ROLE_GPU:
		return "GPU";
	case VIT_ROLE_NETWORK:
		return "network";
	case VIT_ROLE_UTILITY:
		return "utility";
	case VIT_ROLE_SERVER:
		return "server";
	case VIT_ROLE_WORKER:
		return "worker";
	}
	return "main";
}

const char *vit_server_state_name(enum vit_server_state s)
{
	switch (s) {
	case VIT_SERVER_NOT_ASKED:
		return "not_asked";
	case VIT_SERVER_CLOSED:
		return "closed";
	case VIT_SERVER_SILENT:
		return "silent";
	case VIT_SERVER_OTHER:
		return "other";
	case VIT_SERVER_LOCKED:
		return "locked";
	case VIT_SERVER_ANSWERS:
		return "answers";
	}
	return "not_asked";
}
