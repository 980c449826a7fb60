/*
 * The JSON side files as read: config.json, generation_config.json, ...
 */
#ifndef VIT_FACTS_CONFIG_H
#define VIT_FACTS_CONFIG_H

#include "facts/files.h"
#include "json/tree.h"

enum vit_doc_state {
	VIT_DOC_ABSENT,
	VIT_DOC_OK,          /* parsed; doc.root is set */
	VIT_DOC_INVALID,     /* not JSON; err says where */
	VIT_DOC_UNREADABLE,  /* could not be opened or read, or over a limit: err */
	VIT_DOC_POINTER,     /* a git-LFS pointer, empty or HTML in its place: a files/ finding says so */
};

struct vit_document {
	enum vit_doc_state state;
	struct vit_str path;       /* relative to the root */
	uint32_t file;             /* row in vit_files, or VIT_FILE_NONE */
	struct vit_json_doc doc;
	struct vit_err err;
};

struct vit_config {
	struct vit_document config;            /* config.json */
	struct vit_document generation;        /* generation_config.json */
	struct vit_document tokenizer_config;
	struct vit_document special_tokens_map;
	struct vit_document adapter;           /* adapter_config.json */
	struct vit_document quantize;          /* quantize_config.json (GPTQ), quant_config.json (AWQ) */
	/* Shorthands into config.doc; NULL when absent. */
	const struct vit_json *root;           /* the object of config.json */
	const struct vit_json *text;           /* text_config / llm_config / language_config, else root */
	const struct vit_json *quantization;   /* quantization_config, quantization (MLX), compression_config,
	                                          or the quantize document's root */
	struct vit_str quant_method;           /* "mxfp4", "gptq", "mlx" for MLX, or empty */
	struct vit_str model_type;             /* of root, else of text; or empty */
	struct vit_str architecture;           /* architectures[0], or empty */
	struct vit_str dtype;                  /* dtype / torch_dtype of text or root, "torch." cut off */
};

#endif
