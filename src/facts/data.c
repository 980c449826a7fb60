#include "facts/data.h"

const char *vit_data_container_name(enum vit_data_container c)
{
	switch (c) {
	case VIT_DATA_EMPTY:
		return "empty";
	case VIT_DATA_JSONL:
		return "JSON lines";
	case VIT_DATA_ARRAY:
		return "JSON array";
	case VIT_DATA_OBJECT:
		return "JSON object";
	case VIT_DATA_CSV:
		return "CSV";
	case VIT_DATA_PARQUET:
		return "Parquet";
	case VIT_DATA_ARROW:
		return "Arrow";
	case VIT_DATA_UTF16:
		return "UTF-16 text";
	case VIT_DATA_OTHER:
		return "not recognised";
	case VIT_DATA_UNREADABLE:
		return "not readable";
	}
	return "not recognised";
}

const char *vit_data_compression_name(enum vit_data_compression c)
{
	switch (c) {
	case VIT_DATA_PLAIN:
		return "none";
	case VIT_DATA_GZIP:
		return "gzip";
	case VIT_DATA_ZSTD:
		return "zstd";
	}
	return "none";
}

const char *vit_data_split_name(enum vit_data_split s)
{
	switch (s) {
	case VIT_SPLIT_TRAIN:
		return "train";
	case VIT_SPLIT_VALID:
		return "valid";
	case VIT_SPLIT_TEST:
		return "test";
	}
	return "train";
}

const char *vit_data_format_name(enum vit_data_format f)
{
	switch (f) {
	case VIT_FORMAT_UNKNOWN:
		return "unknown";
	case VIT_FORMAT_CHAT:
		return "chat";
	case VIT_FORMAT_SHAREGPT:
		return "sharegpt";
	case VIT_FORMAT_ALPACA:
		return "alpaca";
	case VIT_FORMAT_PROMPT:
		return "prompt-completion";
	case VIT_FORMAT_PAIR:
		return "question-answer";
	case VIT_FORMAT_TEXT:
		return "text";
	case VIT_FORMAT_PREFERENCE:
		return "preference";
	case VIT_FORMAT_UNPAIRED:
		return "unpaired-preference";
	case VIT_FORMAT_STEPWISE:
		return "stepwise";
	case VIT_FORMAT_COUNT:
		break;
	}
	return "unknown";
}

const char *vit_data_trainer_name(enum vit_data_trainer t)
{
	switch (t) {
	case VIT_DATA_TRL:
		return "TRL";
	case VIT_DATA_AXOLOTL:
		return "axolotl";
	case VIT_DATA_LLAMA_FACTORY:
		return "LLaMA-Factory";
	case VIT_DATA_MLX:
		return "mlx-lm";
	case VIT_DATA_OPENAI:
		return "OpenAI";
	case VIT_DATA_TRAINERS:
		break;
	}
	return "";
}

const char *vit_data_issue_name(enum vit_data_issue i)
{
	static const char *const names[] = {
#define VIT_DATA_ISSUE(slug) #slug,
#include "facts/data_issues.def"
#undef VIT_DATA_ISSUE
	};

	return i < VIT_DI_COUNT ? names[i] : "";
}

uint64_t vit_data_examples(const struct vit_data *d)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < d->file_count; i++)
		if (d->files[i].split == VIT_SPLIT_TRAIN)
			n += d->files[i].examples;
	return n;
}

uint64_t vit_data_issue_total(const struct vit_data *d, enum vit_data_issue i)
{
	uint64_t n = 0;

	for (uint32_t f = 0; f < d->file_count; f++)
		n += d->files[f].issues[i].count;
	return n;
}
