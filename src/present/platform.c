/* Section 7: which builds of the model are here, and what each accelerator does
 * with its numbers. */
#include "present/present.h"

#include "facts/devices.h"

static void present_build(const struct vit_present *p, struct vit_node *t, uint32_t row, const char *build,
			  struct vit_str path, struct vit_str state, uint64_t size, const char *runs)
{
	(void)p;
	*vit_cell(t, row, 0) = vit_val_c(build);
	*vit_cell(t, row, 1) = vit_val_str(path);
	*vit_cell(t, row, 2) = vit_val_str(state);
	*vit_cell(t, row, 3) = vit_val_bytes(size);
	*vit_cell(t, row, 4) = vit_val_c(runs);
}

struct build {
	const char *name;
	const char *runs;
	struct vit_str path;   /* of the first file */
	struct vit_str state;  /* the worst of its files */
	uint32_t files;
	uint64_t bytes;
};

enum { BUILD_SAFETENSORS, BUILD_MLX, BUILD_METAL, BUILD_GGUF, BUILD_PICKLE, BUILD_COUNT };

static void count(struct build *b, const struct vit_file *f)
{
	struct vit_str state = vit_str_c(vit_file_state(f));

	if (b->files++ == 0) {
		b->path = f->path;
		b->state = state;
	} else if (vit_str_is(b->state, "present")) {
		b->state = state;
	}
	b->bytes += f->size;
}

static bool top_level(const struct vit_file *f)
{
	return vit_str_rchr(f->path, '/') == SIZE_MAX;
}

/* The builds by the kinds of files. MLX is safetensors with its own quantisation block. */
static void count_builds(const struct vit_present *p, bool mlx, struct build builds[BUILD_COUNT])
{
	const struct vit_files *files = &p->facts->files;

	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *f = &files->files[i];

		if (f->type == VIT_FT_DIR)
			continue;
		if (f->kind == VIT_FK_WEIGHTS && top_level(f))
			count(&builds[mlx ? BUILD_MLX : BUILD_SAFETENSORS], f);
		else if (f->kind == VIT_FK_GGUF)
			count(&builds[BUILD_GGUF], f);
		else if (f->kind == VIT_FK_PICKLE && top_level(f))
			count(&builds[BUILD_PICKLE], f);
		else if (vit_str_is(f->path, "metal/model.bin"))
			count(&builds[BUILD_METAL], f);
	}
}

static uint32_t present_builds(const struct vit_present *p, struct vit_section *s, bool mlx)
{
	static const struct vit_column columns[] = {
		{ "build", "Build", false }, { "path", "File", false },  { "state", "State", false },
		{ "bytes", "Bytes", true },  { "runs", "For", false },
	};
	struct build builds[BUILD_COUNT] = {
		[BUILD_SAFETENSORS] = { .name = "safetensors",
					.runs = "transformers, vLLM, SGLang; converters to the others" },
		[BUILD_MLX] = { .name = "MLX", .runs = "mlx-lm and LM Studio on Apple chips" },
		[BUILD_METAL] = { .name = "Metal (gpt-oss)", .runs = "the Metal reference implementation of gpt-oss" },
		[BUILD_GGUF] = { .name = "GGUF", .runs = "llama.cpp, LM Studio, Ollama" },
		[BUILD_PICKLE] = { .name = "PyTorch pickle", .runs = "transformers, older loaders" },
	};
	struct vit_node *t;
	uint32_t rows = 0, r = 0;

	count_builds(p, mlx, builds);
	for (int i = 0; i < BUILD_COUNT; i++)
		rows += builds[i].files > 0;
	if (rows == 0)
		return 0;
	t = vit_node_add(p->arena, s, VIT_NODE_TABLE, "builds", "Builds of the model here");
	t->columns = columns;
	t->column_count = 5;
	t->row_count = rows;
	t->cells = VIT_NEW_ARRAY(p->arena, (size_t)rows * 5, struct vit_val);
	for (int i = 0; i < BUILD_COUNT; i++) {
		struct vit_str path = builds[i].path;

		if (builds[i].files == 0)
			continue;
		if (builds[i].files > 1)
			path = vit_arena_printf(p->arena, "%.*s and %u more", VIT_FMT(path), builds[i].files - 1);
		present_build(p, t, r++, builds[i].name, path, builds[i].state, builds[i].bytes, builds[i].runs);
	}
	return rows;
}

/* What was looked at in metal/model.bin, and what was not. */
static void present_metal(const struct vit_present *p, struct vit_section *s)
{
	const struct vit_metal_build *m = &p->facts->metal;
	const struct vit_metal_header *h = &m->header;
	struct vit_node *g;

	if (!(p->facts->groups & VIT_FG_WEIGHTS) || m->state != VIT_DOC_OK || h->num_blocks == 0)
		return;
	g = vit_node_add(p->arena, s, VIT_NODE_GROUP, "metal", "Header of the Metal build");
	vit_node_value(p->arena, g, "layers", "Layers", vit_val_u64(h->num_blocks), VIT_BASIS_MEASURED,
		       VIT_STR("metal/model.bin"));
	vit_node_value(p->arena, g, "experts", "Experts", vit_val_u64(h->num_experts), VIT_BASIS_MEASURED,
		       VIT_STR("metal/model.bin"));
	vit_node_value(p->arena, g, "hidden_size", "Hidden size", vit_val_u64(h->embedding_dim), VIT_BASIS_MEASURED,
		       VIT_STR("metal/model.bin"));
	vit_node_value(p->arena, g, "context_length", "Positions", vit_val_u64(h->context_length),
		       VIT_BASIS_MEASURED, VIT_STR("metal/model.bin"));
	vit_node_value(p->arena, g, "tokens", "Tokens", vit_val_u64((uint64_t)h->num_text_tokens +
		       h->num_special_tokens), VIT_BASIS_MEASURED, VIT_STR("metal/model.bin"));
	if (h->has_expected_size)
		vit_node_value(p->arena, g, "bytes_needed", "Bytes it needs", vit_val_bytes(h->expected_size),
			       VIT_BASIS_COMPUTED, VIT_STR("the sizes in its header"));
	vit_present_text(p, s, vit_arena_printf(
		p->arena, "Of metal/model.bin the header and the table of tokens were read%s; its weights were not.",
		h->fault_count ? ", and faults were found (see the findings)" : " and are as the format says"));
}

/* Which of the numbers with rules the weights are stored in. */
static void numbers_used(const struct vit_present *p, bool used[VIT_NUMBER_COUNT])
{
	const struct vit_weights *w = &p->facts->weights;

	for (int n = 0; n < VIT_NUMBER_COUNT; n++)
		used[n] = false;
	used[VIT_NUMBER_MXFP4] = vit_str_is(p->facts->config.quant_method, "mxfp4");
	for (uint32_t i = 0; (p->facts->groups & VIT_FG_WEIGHTS) && i < w->tensor_count; i++) {
		if (!vit_tensor_is_main(w, &w->tensors[i]))
			continue;
		used[VIT_NUMBER_BF16] |= w->tensors[i].dtype == VIT_DT_BF16;
		used[VIT_NUMBER_FP16] |= w->tensors[i].dtype == VIT_DT_F16;
		used[VIT_NUMBER_FP8] |= w->tensors[i].dtype == VIT_DT_F8_E4M3 ||
					w->tensors[i].dtype == VIT_DT_F8_E5M2;
		used[VIT_NUMBER_INT8] |= w->tensors[i].dtype == VIT_DT_I8;
	}
}

/* The sentences a reader looks for: this model's numbers on this machine. */
static void present_used(const struct vit_present *p, struct vit_section *s, const struct vit_device *d,
			 enum vit_number n)
{
	const struct vit_device_number *x = &d->numbers[n];
	const char *name = vit_number_name(n), *needs = x->needs[0] ? "; this needs " : "";

	switch (x->support) {
	case VIT_HOW_UNKNOWN:
		vit_present_text(p, s, vit_arena_printf(
			p->arena, "What %.*s does with the %s weights of this model is not known to this tool.",
			VIT_FMT(d->name), name));
		break;
	case VIT_HOW_NATIVE:
		if (needs[0])
			vit_present_text(p, s, vit_arena_printf(
				p->arena, "%.*s computes with the %s weights of this model as they are%s%s.",
				VIT_FMT(d->name), name, needs, x->needs));
		break;
	case VIT_HOW_EMULATED:
		vit_present_text(p, s, vit_arena_printf(
			p->arena, "%.*s has no %s arithmetic: the %s weights of this model stay as they are and are "
			"computed in %s%s%s.", VIT_FMT(d->name), name, name, x->to, needs, x->needs));
		break;
	case VIT_HOW_DEQUANTISED:
		vit_present_text(p, s, vit_arena_printf(
			p->arena, "%.*s has no %s arithmetic: the %s weights of this model become %s when loaded, "
			"with the memory that takes%s%s.", VIT_FMT(d->name), name, name, x->to, needs, x->needs));
		break;
	}
}

/* Written by MLX: it says so in the header of each file, and in config.json when
 * it has quantised. */
static bool is_mlx(const struct vit_facts *f)
{
	const struct vit_weights *w = &f->weights;

	if (vit_str_is(f->config.quant_method, "mlx"))
		return true;
	for (uint32_t i = 0; (f->groups & VIT_FG_WEIGHTS) && i < w->shard_count; i++) {
		const struct vit_st_header *h = &w->shards[i].header;

		for (uint32_t k = 0; k < h->metadata_count && w->shards[i].state == VIT_DOC_OK; k++)
			if (vit_str_is(h->metadata[2 * k], "format"))
				return vit_str_is(h->metadata[2 * k + 1], "mlx");
	}
	return false;
}

void vit_present_platform(const struct vit_present *p, struct vit_section *s)
{
	bool mlx = is_mlx(p->facts), used[VIT_NUMBER_COUNT];
	bool system = (p->facts->groups & VIT_FG_SYSTEM) && p->facts->system.probed;
	uint32_t builds;

	if (!(p->facts->groups & VIT_FG_FILES)) {
		s->not_assessed = VIT_STR("no selected check needs the folder's files");
		return;
	}
	builds = present_builds(p, s, mlx);
	present_metal(p, s);
	numbers_used(p, used);
	if (system && p->facts->system.device_count > 0) {
		vit_present_device_numbers(p, s, used);
		for (uint32_t i = 0; i < p->facts->system.device_count; i++)
			for (int n = 0; n < VIT_NUMBER_COUNT; n++)
				if (used[n] && !vit_present_device_repeats(&p->facts->system, i))
					present_used(p, s, &p->facts->system.devices[i], (enum vit_number)n);
	} else if (system) {
		vit_present_text(p, s, VIT_STR("No accelerator was found here; the processor computes in FP32 and widens "
					       "other numbers as it goes."));
	}
	if (builds == 0 && !system)
		s->not_assessed = VIT_STR("the folder holds no weights, and no selected check needs the machine");
}
