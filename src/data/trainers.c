#include "data/trainers.h"

#include <inttypes.h>

enum fate { FATE_KEPT, FATE_TRUNCATED, FATE_DROPPED, FATE_FAILED };

struct ruling {
	enum fate fate;
	const char *why; /* static */
};

void vit_trainers_init(struct vit_trainers *t, struct vit_arena *a, struct vit_data_trainer_rows *out,
		       uint32_t sequence)
{
	*t = (struct vit_trainers){ .out = out, .sequence = sequence, .arena = a };
}

static void keep_line(uint32_t *lines, uint32_t *kept, uint32_t line)
{
	if (*kept < VIT_DATA_LINES)
		lines[(*kept)++] = line;
}

static void count(struct vit_trainers *t, enum vit_data_trainer which, struct ruling r, uint32_t line)
{
	struct vit_data_trainer_rows *o = &t->out[which];

	switch (r.fate) {
	case FATE_KEPT:
		return;
	case FATE_TRUNCATED:
		o->truncated++;
		keep_line(o->truncated_lines, &o->truncated_kept, line);
		return;
	case FATE_DROPPED:
		if (o->dropped++ == 0)
			o->dropped_reason = vit_str_c(r.why);
		keep_line(o->dropped_lines, &o->dropped_kept, line);
		return;
	case FATE_FAILED:
		if (o->failed++ == 0)
			o->failed_reason = vit_str_c(r.why);
		keep_line(o->failed_lines, &o->failed_kept, line);
		return;
	}
}

static struct ruling kept(void)
{
	return (struct ruling){ FATE_KEPT, NULL };
}

static struct ruling dropped(const char *why)
{
	return (struct ruling){ FATE_DROPPED, why };
}

static struct ruling failed(const char *why)
{
	return (struct ruling){ FATE_FAILED, why };
}

static struct ruling truncated_over(const struct vit_row_tokens *k, uint64_t limit)
{
	return (struct ruling){ k->counted && k->total > limit ? FATE_TRUNCATED : FATE_KEPT, NULL };
}

static bool is_answer(const struct vit_data_turn *t)
{
	return t->role == VIT_TURN_ASSISTANT || t->role == VIT_TURN_CALL;
}

static bool has_system(const struct vit_data_row *r)
{
	return r->turn_count && r->turns[0].role == VIT_TURN_SYSTEM;
}

/* ---- TRL ----------------------------------------------------------------------- */

static struct ruling trl(const struct vit_trainers *t, const struct vit_data_row *r,
			 const struct vit_row_tokens *k)
{
	uint32_t limit = t->sequence ? t->sequence : VIT_TRL_LENGTH;
	bool completion = r->format == VIT_FORMAT_PROMPT;

	if (r->format != t->first && r->format != VIT_FORMAT_UNKNOWN)
		return failed("the columns that the first row set are null here");
	switch (r->format) {
	case VIT_FORMAT_CHAT:
	case VIT_FORMAT_SHAREGPT:
	case VIT_FORMAT_PROMPT:
	case VIT_FORMAT_TEXT:
	case VIT_FORMAT_PREFERENCE:
	case VIT_FORMAT_UNPAIRED:
	case VIT_FORMAT_STEPWISE:
		break;
	case VIT_FORMAT_UNKNOWN:
	case VIT_FORMAT_ALPACA:
	case VIT_FORMAT_PAIR:
	case VIT_FORMAT_COUNT:
		return failed("no column it takes: messages, prompt and completion, or text");
	}
	if (vit_row_has(r, VIT_DI_missing_field))
		return failed("a column or a message's role or content is missing");
	if (vit_row_has(r, VIT_DI_wrong_type))
		return failed("a value of the wrong type");
	if (k->template_failed)
		return failed("the model's template refuses the conversation");
	/* Only prompts are masked by default, and what is masked whole is filtered out. */
	if (completion && k->counted && k->prompt >= limit)
		return dropped("the prompt alone fills max_length: every label is masked");
	return truncated_over(k, limit);
}

/* ---- axolotl -------------------------------------------------------------------- */

static struct ruling axolotl(const struct vit_trainers *t, const struct vit_data_row *r,
			     const struct vit_row_tokens *k)
{
	bool chat = r->format == VIT_FORMAT_CHAT || r->format == VIT_FORMAT_SHAREGPT;
	bool answer = false;

	if (r->format != t->first && r->format != VIT_FORMAT_UNKNOWN)
		return failed("the field that the dataset's type reads is null here");
	if (r->format == VIT_FORMAT_UNKNOWN || r->format == VIT_FORMAT_PAIR || r->format == VIT_FORMAT_STEPWISE)
		return failed("no type of dataset reads these columns unless it is described by hand");
	if (vit_row_has(r, VIT_DI_wrong_type) || (vit_row_has(r, VIT_DI_missing_field) && !chat))
		return failed("a field is missing or of the wrong type");
	if (chat && r->turn_count == 0)
		return failed("\"Messages is null\"");
	if (vit_row_has(r, VIT_DI_tool_arguments))
		return failed("arguments of a tool call that json.loads refuses");
	if (k->template_failed)
		return failed("the template refuses the conversation");
	for (uint32_t i = 0; i < r->turn_count; i++)
		answer |= (is_answer(&r->turns[i]) && !r->turns[i].has_weight_zero) || r->turns[i].role == VIT_TURN_PLAIN;
	if (!answer && r->format != VIT_FORMAT_PREFERENCE)
		return dropped("no trainable token: roles_to_train is the assistant");
	/* excess_length_strategy is "drop" unless it is set. */
	if (t->sequence && k->counted && k->total > t->sequence)
		return dropped("longer than sequence_len");
	return kept();
}

/* ---- LLaMA-Factory --------------------------------------------------------------- */

/* The converters' order: user or tool, then assistant, and so on, even in number. */
static bool aligned(const struct vit_data_row *r)
{
	uint32_t place = 0, from = has_system(r) ? 1 : 0;

	for (uint32_t i = from; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];

		/* Answers of several tools in a row are one message. */
		if (t->role == VIT_TURN_TOOL && i > from && r->turns[i - 1].role == VIT_TURN_TOOL &&
		    r->format == VIT_FORMAT_CHAT)
			continue;
		if (place % 2 == 0 ? t->role != VIT_TURN_USER && t->role != VIT_TURN_TOOL : !is_answer(t))
			return false;
		place++;
	}
	return place > 0 && place % 2 == 0;
}

static bool has_content(const struct vit_data_turn *t)
{
	return t->has_content || t->null_content;
}

static const char not_aligned[] = "turns do not alternate from user to assistant, or are odd in number";
static const char no_key[] = "a message without role or content (KeyError)";

/* `messages`: every message is read before their order is looked at. */
static struct ruling openai_converter(const struct vit_data_row *r)
{
	for (uint32_t i = 0; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];

		if (t->role == VIT_TURN_NONE || !has_content(t))
			return failed(no_key);
		if (t->role == VIT_TURN_OTHER || t->role == VIT_TURN_DEVELOPER)
			return failed("a role that is none of its tags (KeyError)");
	}
	return aligned(r) ? kept() : dropped(not_aligned);
}

/* `conversations`: one by one, up to the first that is out of order; its tags
 * are human, gpt, observation, function_call and system. */
static struct ruling sharegpt_converter(const struct vit_data_row *r)
{
	uint32_t place = 0;

	for (uint32_t i = 0; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];
		bool asks = vit_str_is(t->role_text, "human") || vit_str_is(t->role_text, "observation");
		bool answers = vit_str_is(t->role_text, "gpt") || vit_str_is(t->role_text, "function_call");

		if (t->role_text.n == 0 && t->part == VIT_PART_MAIN && t->role == VIT_TURN_SYSTEM)
			continue; /* the row's own "system" */
		if (t->role == VIT_TURN_NONE)
			return failed(no_key);
		if (i == 0 && vit_str_is(t->role_text, "system")) {
			if (!has_content(t))
				return failed(no_key);
			continue;
		}
		if (place++ % 2 ? !answers : !asks)
			return dropped("a role out of order, or none of its tags (human, gpt, observation, function_call, system)");
		if (!has_content(t))
			return failed(no_key);
	}
	return place > 0 && place % 2 == 0 ? kept() : dropped(not_aligned);
}

static struct ruling llama_factory(const struct vit_trainers *t, const struct vit_data_row *r,
				   const struct vit_row_tokens *k)
{
	uint32_t limit = t->sequence ? t->sequence : VIT_LLAMA_FACTORY_LENGTH;
	struct ruling out = kept();

	switch (r->format) {
	case VIT_FORMAT_CHAT:
		out = openai_converter(r);
		break;
	case VIT_FORMAT_SHAREGPT:
		out = sharegpt_converter(r);
		break;
	case VIT_FORMAT_ALPACA:
		if (vit_row_has(r, VIT_DI_wrong_type))
			return failed("instruction or input is no text");
		if (vit_row_has(r, VIT_DI_missing_field))
			return dropped("no output that is a text");
		break;
	case VIT_FORMAT_PREFERENCE:
	case VIT_FORMAT_UNPAIRED:
	case VIT_FORMAT_TEXT:
	case VIT_FORMAT_PROMPT:
	case VIT_FORMAT_PAIR:
		if (vit_row_has(r, VIT_DI_wrong_type) || vit_row_has(r, VIT_DI_missing_field))
			return failed("a column is missing or of the wrong type");
		break;
	case VIT_FORMAT_STEPWISE:
	case VIT_FORMAT_UNKNOWN:
	case VIT_FORMAT_COUNT:
		return failed("no columns that dataset_info.json could name");
	}
	return out.fate == FATE_KEPT ? truncated_over(k, limit) : out;
}

/* ---- mlx-lm ------------------------------------------------------------------------ */

static struct ruling mlx(const struct vit_trainers *t, const struct vit_data_row *r,
			 const struct vit_row_tokens *k)
{
	uint32_t limit = t->sequence ? t->sequence : VIT_MLX_LENGTH;

	if (r->format != t->first)
		return failed("the key that the first row has is not here (KeyError)");
	if (r->format != VIT_FORMAT_CHAT && r->format != VIT_FORMAT_PROMPT && r->format != VIT_FORMAT_TEXT &&
	    r->format != VIT_FORMAT_UNPAIRED)
		return failed("\"Unsupported data format\": prompt and completion, messages, or text");
	if (vit_row_has(r, VIT_DI_wrong_type) || (vit_row_has(r, VIT_DI_missing_field) && r->format != VIT_FORMAT_CHAT))
		return failed("a key is missing or of the wrong type");
	if (k->template_failed)
		return failed("the model's template refuses the conversation");
	return truncated_over(k, limit);
}

/* ---- OpenAI -------------------------------------------------------------------------- */

static struct ruling openai(const struct vit_data_row *r, const struct vit_row_tokens *k)
{
	bool answer = false;

	if (r->format != VIT_FORMAT_CHAT)
		return failed("missing_messages_list");
	if (r->turn_count == 0)
		return failed("missing_messages_list");
	for (uint32_t i = 0; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];

		if (t->role == VIT_TURN_NONE || (!t->has_content && !t->calls))
			return failed("message_missing_key: role or content");
		if (t->name_key.n)
			return failed("message_unrecognized_key");
		if (t->role == VIT_TURN_OTHER)
			return failed("unrecognized_role");
		if (t->bad_content || (!t->calls && !t->has_parts && t->content.n == 0))
			return failed("missing_content");
		answer |= is_answer(t);
	}
	if (!answer)
		return failed("example_missing_assistant_message");
	return truncated_over(k, VIT_OPENAI_LENGTH);
}

/* ---- the set --------------------------------------------------------------------------- */

void vit_trainers_row(struct vit_trainers *t, const struct vit_data_row *r,
		      const struct vit_row_tokens *tokens, uint32_t line)
{
	if (!t->begun) {
		t->begun = true;
		t->first = r->format;
		t->first_conversational = r->conversational;
	}
	count(t, VIT_DATA_TRL, trl(t, r, tokens), line);
	count(t, VIT_DATA_AXOLOTL, axolotl(t, r, tokens), line);
	count(t, VIT_DATA_LLAMA_FACTORY, llama_factory(t, r, tokens), line);
	count(t, VIT_DATA_MLX, mlx(t, r, tokens), line);
	count(t, VIT_DATA_OPENAI, openai(r, tokens), line);
}

void vit_trainers_bad_row(struct vit_trainers *t, uint32_t line)
{
	count(t, VIT_DATA_TRL, failed("a row that is no JSON object: `datasets` loads none of the file"), line);
	count(t, VIT_DATA_AXOLOTL, failed("a row that is no JSON object: `datasets` loads none of the file"), line);
	count(t, VIT_DATA_LLAMA_FACTORY, failed("a row that is no JSON object: `datasets` loads none of the file"), line);
	count(t, VIT_DATA_MLX, failed("a line that json.loads refuses ends the run"), line);
	count(t, VIT_DATA_OPENAI, failed("data_type: the row is no JSON object"), line);
}

void vit_trainers_blank_lines(struct vit_trainers *t, uint64_t lines)
{
	struct vit_data_trainer_rows *o = &t->out[VIT_DATA_MLX];

	if (lines == 0)
		return;
	if (o->failed == 0)
		o->failed_reason = VIT_STR("a blank line, which json.loads refuses, ends the run");
	o->failed += lines;
}

static void refuse(struct vit_trainers *t, enum vit_data_trainer which, struct vit_str why)
{
	if (t->out[which].refused.n == 0)
		t->out[which].refused = why;
}

/* The three that read through `datasets`. */
static void refuse_datasets(struct vit_trainers *t, struct vit_str why)
{
	refuse(t, VIT_DATA_TRL, why);
	refuse(t, VIT_DATA_AXOLOTL, why);
	refuse(t, VIT_DATA_LLAMA_FACTORY, why);
}

static void refuse_file(struct vit_trainers *t, const struct vit_data_file *f)
{
	if (f->container == VIT_DATA_OBJECT) {
		struct vit_str why = vit_arena_printf(
			t->arena, "the examples lie under \"%.*s\" of one object: a list or JSON lines is read%s",
			VIT_FMT(f->member), " (`datasets` alone takes field=)");
		refuse_datasets(t, why);
	}
	if (f->container != VIT_DATA_JSONL) {
		refuse(t, VIT_DATA_MLX, VIT_STR("it reads JSON lines from train.jsonl"));
		refuse(t, VIT_DATA_OPENAI, VIT_STR("uploads are JSON lines"));
	}
	if (f->compression != VIT_DATA_PLAIN) {
		refuse(t, VIT_DATA_MLX, VIT_STR("it reads no compressed file"));
		refuse(t, VIT_DATA_OPENAI, VIT_STR("uploads are not compressed"));
	}
	if (f->bom)
		refuse(t, VIT_DATA_MLX, VIT_STR("a byte order mark, which json.loads refuses"));
	if (f->issues[VIT_DI_column_types].count)
		refuse_datasets(t, vit_arena_printf(t->arena, "a column changes its type (%.*s): `datasets` loads none of the file",
						    VIT_FMT(f->issues[VIT_DI_column_types].detail)));
}

void vit_trainers_finish(struct vit_trainers *t, const struct vit_data *d)
{
	uint64_t examples = vit_data_examples(d);

	for (uint32_t i = 0; i < d->file_count; i++)
		if (d->files[i].split == VIT_SPLIT_TRAIN)
			refuse_file(t, &d->files[i]);
	if (examples < 10)
		refuse(t, VIT_DATA_OPENAI, VIT_STR("at least 10 examples are required"));
	t->out[VIT_DATA_TRL].truncated_rule = vit_arena_printf(
		t->arena, "max_length %" PRIu32 "%s", t->sequence ? t->sequence : VIT_TRL_LENGTH,
		t->sequence ? "" : " (its default)");
	t->out[VIT_DATA_AXOLOTL].truncated_rule = VIT_STR("longer rows are dropped, not cut");
	t->out[VIT_DATA_LLAMA_FACTORY].truncated_rule = vit_arena_printf(
		t->arena, "cutoff_len %" PRIu32 "%s", t->sequence ? t->sequence : VIT_LLAMA_FACTORY_LENGTH,
		t->sequence ? "" : " (its default)");
	t->out[VIT_DATA_MLX].truncated_rule = vit_arena_printf(
		t->arena, "max_seq_length %" PRIu32 "%s", t->sequence ? t->sequence : VIT_MLX_LENGTH,
		t->sequence ? "" : " (its default)");
	t->out[VIT_DATA_OPENAI].truncated_rule = vit_arena_printf(t->arena, "%u tokens an example", VIT_OPENAI_LENGTH);
}
