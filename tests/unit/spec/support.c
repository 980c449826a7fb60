#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

void model_begin(struct model *m)
{
	struct vit_err err = { .code = VIT_OK };

	memset(m, 0, sizeof(*m));
	m->arena = vit_arena_new();
	m->tensors = VIT_VEC(sizeof(struct vit_tensor));
	if (vit_spec_db_new(m->arena, &m->db, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	m->in.quant_method = VIT_STR_EMPTY;
	m->in.headers_complete = true;
}

void model_end(struct model *m)
{
	vit_vec_free(&m->tensors);
	vit_arena_free(m->arena);
}

struct vit_json_doc parse_json(struct vit_arena *a, struct vit_str text)
{
	struct vit_json_doc doc = { .root = NULL };
	struct vit_err err = { .code = VIT_OK };

	if (vit_json_parse(a, text, VIT_JSON_ALLOW_BOM | VIT_JSON_ALLOW_NAN, &doc, &err) !=
	    VIT_OK)
		fail_msg("%s", err.msg);
	return doc;
}

/* As the collector does it: quantization_config, MLX's quantization. */
void model_config(struct model *m, const char *json)
{
	const struct vit_json *q;

	m->config = parse_json(m->arena, vit_str_c(json));
	m->in.config = m->config.root;
	q = vit_json_get_c(m->in.config, "quantization_config");
	m->in.quantization = q;
	m->in.quant_method = vit_json_string(vit_json_get_c(q, "quant_method"));
}

void model_tensor(struct model *m, const char *name, enum vit_dtype dtype, size_t rank,
		  const uint64_t *shape)
{
	uint64_t *copy = VIT_NEW_ARRAY(m->arena, rank, uint64_t);
	struct vit_tensor *t = vit_vec_add(&m->tensors);
	uint64_t n = 1;

	for (size_t i = 0; i < rank; i++) {
		copy[i] = shape[i];
		n *= shape[i];
	}
	t->name = vit_arena_str(m->arena, vit_str_c(name));
	t->dtype = (uint8_t)(dtype == VIT_DT_UNKNOWN ? VIT_DT_BF16 : dtype);
	t->rank = (uint8_t)rank;
	t->shape = copy;
	t->end = n * vit_dtype_bits((enum vit_dtype)t->dtype) / 8;
}

const struct vit_spec *model_spec(struct model *m, const char *yaml)
{
	const struct vit_spec *spec = NULL;
	struct vit_err err = { .code = VIT_OK };

	if (vit_spec_db_add(m->db, vit_str_c(yaml), VIT_STR("test.yaml"), &spec, &err) != VIT_OK)
		fail_msg("%s", err.msg);
	return spec;
}

void model_resolve(struct model *m, const struct vit_spec *forced)
{
	m->in.tensors = (const struct vit_tensor *)(const void *)m->tensors.items;
	m->in.tensor_count = (uint32_t)m->tensors.count;
	vit_architecture_resolve(m->arena, m->db, forced, &m->in, &m->out);
}

struct vit_str read_file(struct vit_arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct vit_str none = { NULL, 0 };
	char *text;
	long size;

	if (!f)
		return none;
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	text = vit_arena_alloc(a, (size_t)size);
	if (fread(text, 1, (size_t)size, f) != (size_t)size)
		fail_msg("%s: short read", path);
	fclose(f);
	return (struct vit_str){ text, (size_t)size };
}
