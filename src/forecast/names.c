#include "forecast/forecast.h"

const char *vit_confidence_name(enum vit_confidence c)
{
	switch (c) {
	case VIT_CONFIDENCE_NONE:
		return "none";
	case VIT_CONFIDENCE_LOW:
		return "low";
	case VIT_CONFIDENCE_MEDIUM:
		return "medium";
	case VIT_CONFIDENCE_HIGH:
		return "high";
	}
	return "none";
}

const char *vit_engine_name(enum vit_engine e)
{
	switch (e) {
	case VIT_ENGINE_UNKNOWN:
		return "any";
	case VIT_ENGINE_NATIVE:
		return "llama.cpp";
	case VIT_ENGINE_MLX:
		return "mlx";
	case VIT_ENGINE_VLLM:
		return "vllm";
	case VIT_ENGINE_TRANSFORMERS:
		return "transformers";
	case VIT_ENGINE_COUNT:
		break;
	}
	return "any";
}

const char *vit_moment_name(enum vit_moment m)
{
	switch (m) {
	case VIT_MOMENT_LOAD:
		return "load";
	case VIT_MOMENT_FORWARD:
		return "forward";
	case VIT_MOMENT_LOSS:
		return "loss";
	case VIT_MOMENT_BACKWARD:
		return "backward";
	case VIT_MOMENT_EMBEDDING:
		return "embedding";
	case VIT_MOMENT_STEP:
		return "step";
	case VIT_MOMENT_PREFILL:
		return "prefill";
	case VIT_MOMENT_DECODE:
		return "decode";
	case VIT_MOMENT_COUNT:
		break;
	}
	return "load";
}
