#include "facts/dump_internal.h"

static const char *fault_name(enum vit_metal_fault_kind k)
{
	switch (k) {
	case VIT_METAL_SHORT_HEADER:
		return "short_header";
	case VIT_METAL_MAGIC:
		return "magic";
	case VIT_METAL_VERSION:
		return "version";
	case VIT_METAL_RESERVED:
		return "reserved";
	case VIT_METAL_MODEL_UUID:
		return "model_uuid";
	case VIT_METAL_LAYOUT_UUID:
		return "layout_uuid";
	case VIT_METAL_TOKENIZER_UUID:
		return "tokenizer_uuid";
	case VIT_METAL_DIMENSION:
		return "dimension";
	case VIT_METAL_FLOAT:
		return "constant";
	case VIT_METAL_REGEX:
		return "expression";
	case VIT_METAL_TOKENS:
		return "tokens";
	case VIT_METAL_SIZE:
		return "size";
	}
	return "";
}

static void dump_faults(const struct vit_metal_header *h, struct vit_json_writer *w)
{
	vit_jw_key(w, "faults");
	vit_jw_array(w);
	for (uint32_t i = 0; i < h->fault_count; i++) {
		vit_jw_object(w);
		vit_dump_str(w, "kind", vit_str_c(fault_name(h->faults[i].kind)));
		vit_dump_str(w, "field", vit_str_c(h->faults[i].field));
		vit_dump_u64(w, "offset", h->faults[i].offset);
		vit_dump_u64(w, "expected", h->faults[i].expected);
		vit_dump_u64(w, "actual", h->faults[i].actual);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

void vit_dump_metal(const struct vit_metal_build *m, struct vit_json_writer *w)
{
	const struct vit_metal_header *h = &m->header;
	const struct { const char *key; uint64_t value; } numbers[] = {
		{ "context_length", h->context_length },
		{ "num_blocks", h->num_blocks },
		{ "num_experts", h->num_experts },
		{ "num_active_experts", h->num_active_experts },
		{ "embedding_dim", h->embedding_dim },
		{ "mlp_dim", h->mlp_dim },
		{ "head_dim", h->head_dim },
		{ "num_heads", h->num_heads },
		{ "num_kv_heads", h->num_kv_heads },
		{ "attention_window", h->attention_window },
		{ "num_special_tokens", h->num_special_tokens },
		{ "named_special_tokens", h->named_special_tokens },
		{ "num_text_tokens", h->num_text_tokens },
		{ "regex_size", h->regex_size },
		{ "tokens_size", h->tokens_size },
		{ "weights_offset", h->weights_offset },
		{ "expected_size", h->expected_size },
	};

	vit_jw_object(w);
	vit_dump_str(w, "state", vit_str_c(vit_doc_state_name(m->state)));
	vit_dump_err(w, "error", &m->err);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		vit_dump_u64(w, numbers[i].key, numbers[i].value);
	if (h->fault_count)
		dump_faults(h, w);
	vit_jw_object_end(w);
}
