#include "data/scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/language.h"
#include "data/lengths.h"
#include "data/names.h"
#include "data/near.h"
#include "data/seen.h"
#include "data/split.h"
#include "data/stream.h"
#include "data/text.h"
#include "data/trainers.h"
#include "json/tree.h"

#define DEFAULT_BATCH 8
/* Rows below which lengths and languages have no usual. */
#define FEW_ROWS 20

/* The first lines of something. */
struct places {
	uint64_t count;
	uint32_t kept, lines[VIT_DATA_LINES];
};

/* What is decided at the end of a file or of the set. */
struct per_file {
	struct places formats[VIT_FORMAT_COUNT];
	struct places languages[VIT_LANGUAGES];
	struct places longest;            /* lines of the longest rows, with their sizes */
	uint64_t longest_bytes[VIT_DATA_LINES];
	bool content_string, content_parts;
	uint32_t parts_line;
};

struct vit_data_scan {
	struct vit_arena *arena;
	struct vit_data_options options;
	struct vit_data *out;
	struct vit_data_file *file;       /* being read */
	struct per_file *per_file, *per;
	uint32_t index;
	struct vit_data_parser parser;
	struct vit_seen rows, prompts;
	struct vit_near near;
	struct vit_names_count categories, sources;
	struct vit_language_words words;
	uint64_t languages[VIT_LANGUAGES];
	struct vit_lengths bytes;         /* of rows */
	struct vit_lengths total, prompt, trainable;
	struct vit_trainers trainers;
	struct vit_data_declared declared;
};

struct vit_data_scan *vit_data_scan_new(struct vit_arena *a, const struct vit_data_options *options,
					struct vit_data *out)
{
	struct vit_data_scan *s = vit_xcalloc(1, sizeof *s);

	s->arena = a;
	s->options = *options;
	s->out = out;
	s->per_file = vit_xcalloc(out->file_count ? out->file_count : 1, sizeof *s->per_file);
	vit_data_parser_init(&s->parser);
	vit_seen_init(&s->rows, options->seen_slots ? options->seen_slots : VIT_SEEN_SLOTS);
	vit_seen_init(&s->prompts, options->seen_slots ? options->seen_slots : VIT_SEEN_SLOTS);
	vit_near_init(&s->near);
	vit_language_words_init(&s->words);
	vit_names_init(&s->categories, a);
	vit_names_init(&s->sources, a);
	vit_lengths_init(&s->bytes);
	vit_lengths_init(&s->total);
	vit_lengths_init(&s->prompt);
	vit_lengths_init(&s->trainable);
	vit_trainers_init(&s->trainers, a, out->trainers, options->sequence);
	out->tokens.sequence = options->sequence;
	out->tokens.batch = options->batch ? options->batch : DEFAULT_BATCH;
	return s;
}

static uint32_t line_of(uint64_t line)
{
	return line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
}

static void place(struct places *p, uint32_t line)
{
	p->count++;
	if (p->kept < VIT_DATA_LINES)
		p->lines[p->kept++] = line;
}

/* One row with the issue; the detail is copied when it is the file's first. */
static void issue(struct vit_data_scan *s, enum vit_data_issue i, uint32_t line, uint32_t other,
		  struct vit_str detail)
{
	struct vit_data_issue_rows *r = &s->file->issues[i];

	if (r->count++ == 0 && detail.n)
		r->detail = vit_arena_str(s->arena, detail);
	if (r->line_count < VIT_DATA_LINES) {
		r->lines[r->line_count] = line;
		r->others[r->line_count++] = other;
	}
}

/* A row found in a sample stands for as many as the sample leaves out. */
static void sampled_issue(struct vit_data_scan *s, enum vit_data_issue i, const struct vit_seen *in, uint32_t line,
			  uint32_t other, struct vit_str detail)
{
	issue(s, i, line, other, detail);
	s->file->issues[i].count += ((uint64_t)1 << in->shift) - 1;
}

/* ---- columns --------------------------------------------------------------------- */

static struct vit_data_column *column(struct vit_data_scan *s, struct vit_str name)
{
	struct vit_data_file *f = s->file;

	for (uint32_t i = 0; i < f->column_count; i++)
		if (vit_str_eq(f->columns[i].name, name))
			return &f->columns[i];
	/* The names of columns are printed: those that are private are not kept. */
	if (f->column_count == VIT_DATA_COLUMNS || name.n > 200 || vit_data_shown(name).p != name.p) {
		f->more_columns = true;
		return NULL;
	}
	if (!f->columns)
		f->columns = VIT_NEW_ARRAY(s->arena, VIT_DATA_COLUMNS, struct vit_data_column);
	f->columns[f->column_count].name = vit_arena_str(s->arena, name);
	return &f->columns[f->column_count++];
}

static void count_columns(struct vit_data_scan *s, const struct vit_data_row *r, uint32_t line)
{
	for (uint32_t i = 0; i < r->column_count; i++) {
		struct vit_data_column *c;
		unsigned kind = r->column_types[i];

		/* Rows of a file are mostly alike: the same column at the same place. */
		if (i < s->file->column_count && vit_str_eq(s->file->columns[i].name, r->columns[i]))
			c = &s->file->columns[i];
		else
			c = column(s, r->columns[i]);
		if (!c)
			continue;
		c->rows++;
		if (kind != VIT_JSON_K_NULL && !(c->types >> kind & 1)) {
			c->types |= 1u << kind;
			c->first_line[kind] = line;
		}
	}
	for (uint32_t i = 0; i < r->turn_count; i++) {
		if (r->turns[i].has_parts) {
			if (!s->per->content_parts)
				s->per->parts_line = line;
			s->per->content_parts = true;
		} else if (r->conversational && r->turns[i].content.n) {
			s->per->content_string = true;
		}
	}
}

static const char *kind_name(unsigned kind)
{
	const struct vit_json v = { .kind = (enum vit_json_kind)kind };

	return vit_json_kind_name(&v);
}

/* A column whose values are of two types; the line is where the second began. */
static void column_types(struct vit_data_scan *s)
{
	for (uint32_t i = 0; i < s->file->column_count; i++) {
		const struct vit_data_column *c = &s->file->columns[i];
		unsigned first = 8, second = 8;

		for (unsigned k = 0; k < 8; k++) {
			if (!(c->types >> k & 1))
				continue;
			if (first == 8 || c->first_line[k] < c->first_line[first]) {
				second = first;
				first = k;
			} else if (second == 8 || c->first_line[k] < c->first_line[second]) {
				second = k;
			}
		}
		if (second == 8)
			continue;
		issue(s, VIT_DI_column_types, c->first_line[second], c->first_line[first],
		      vit_arena_printf(s->arena, "\"%.*s\": %s, then %s", VIT_CUT(c->name, 60), kind_name(first),
				       kind_name(second)));
	}
	if (s->per->content_parts && s->per->content_string)
		issue(s, VIT_DI_column_types, s->per->parts_line, 0,
		      VIT_STR("content of messages: string in some, array in others"));
}

/* ---- text -------------------------------------------------------------------------- */

static void scan_text(struct vit_data_scan *s, const struct vit_data_row *r, uint32_t line)
{
	struct vit_data_text found = { 0 };
	unsigned places_of[2];

	for (uint32_t i = 0; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];
		unsigned flags = t->role == VIT_TURN_ASSISTANT && t->part != VIT_PART_REJECTED ? VIT_TEXT_ANSWER : 0;

		if (t->role == VIT_TURN_PLAIN)
			flags = VIT_TEXT_LAID_OUT | VIT_TEXT_ANSWER;
		vit_data_text_scan(t->content, flags, &found);
		if (t->thinking.n)
			vit_data_text_scan(t->thinking, 0, &found);
	}
	if (!found.issues)
		return;
	for (unsigned i = 0; i < VIT_DI_COUNT; i++)
		if (found.issues >> i & 1)
			issue(s, (enum vit_data_issue)i, line, 0, VIT_STR_EMPTY);
	places_of[0] = found.secrets;
	places_of[1] = found.emails + found.phones + found.cards + found.ibans;
	s->file->issues[VIT_DI_secret].hits += places_of[0];
	s->file->issues[VIT_DI_personal_data].hits += places_of[1];
	s->out->secrets += found.secrets;
	s->out->emails += found.emails;
	s->out->phones += found.phones;
	s->out->cards += found.cards;
	s->out->ibans += found.ibans;
}

static void find_language(struct vit_data_scan *s, const struct vit_data_row *r, uint32_t line)
{
	struct vit_language_counts c = { 0 };
	unsigned language;

	/* A mix shows in a sample as well. */
	if (s->bytes.rows > VIT_LANGUAGE_ROWS && s->bytes.rows % 8)
		return;

	for (uint32_t i = 0; i < r->turn_count && c.bytes < VIT_LANGUAGE_SAMPLE; i++)
		vit_language_add(&s->words, &c, r->turns[i].content);
	language = vit_language_of(&c);
	s->languages[language]++;
	place(&s->per->languages[language], line);
}

/* ---- duplicates ----------------------------------------------------------------------- */

static void add_turn(struct vit_data_hash *h, const struct vit_data_turn *t)
{
	char head[2] = { (char)('a' + t->role), (char)('0' + t->part) };

	vit_data_hash_add(h, (struct vit_str){ head, 2 });
	vit_data_hash_add(h, t->content);
	if (t->thinking.n)
		vit_data_hash_add(h, t->thinking);
	if (t->calls)
		vit_data_hash_add(h, t->json);
}

/* The first turn that is learnt at the end: what comes before it is the prompt. */
static uint32_t last_answer(const struct vit_data_row *r)
{
	for (uint32_t i = r->turn_count; i > 0; i--)
		if (r->turns[i - 1].role == VIT_TURN_ASSISTANT && r->turns[i - 1].part != VIT_PART_REJECTED)
			return i - 1;
	return r->turn_count;
}

/* 24 bits to tell contents apart, and the file. */
static uint32_t check_bits(uint64_t hash, uint32_t file)
{
	return (uint32_t)(hash >> 40) << 8 | (file & 255);
}

static bool is_train(const struct vit_data_scan *s, uint32_t file)
{
	return s->out->files[file].split == VIT_SPLIT_TRAIN;
}

/* True when the row is a copy of one before. */
static bool find_duplicate(struct vit_data_scan *s, uint64_t key, uint64_t more, uint32_t line)
{
	const struct vit_seen_slot *before;
	uint32_t check = check_bits(more, s->index), file;

	if (!vit_seen_samples(&s->rows, key))
		return false;
	before = vit_seen_add(&s->rows, key, check, line);
	if (!before || before->check >> 8 != check >> 8)
		return false;
	file = before->check & 255;
	if (is_train(s, file) && !is_train(s, s->index))
		sampled_issue(s, VIT_DI_split_overlap, &s->rows, line, before->line, VIT_STR_EMPTY);
	else
		sampled_issue(s, VIT_DI_duplicate, &s->rows, line, file == s->index ? before->line : 0,
		      file == s->index ? VIT_STR_EMPTY : s->out->files[file].path);
	return true;
}

static void find_conflict(struct vit_data_scan *s, const struct vit_data_hash *prompt, uint64_t answer, uint32_t line)
{
	const struct vit_seen_slot *before;
	uint32_t check = check_bits(answer, s->index);

	if (!vit_seen_samples(&s->prompts, prompt->a))
		return;
	before = vit_seen_add(&s->prompts, prompt->a, check, line);
	if (before && before->check >> 8 != check >> 8)
		sampled_issue(s, VIT_DI_conflicting_answer, &s->prompts, line, (before->check & 255) == s->index ? before->line : 0,
		      VIT_STR_EMPTY);
}

static void compare(struct vit_data_scan *s, const struct vit_data_row *r, uint32_t line)
{
	struct vit_data_hash whole, prompt, answer;
	struct vit_near_signature near;
	uint32_t last = last_answer(r), of_line = 0;
	unsigned of_file = 0;
	bool near_on = !s->options.no_near && s->near.count < VIT_NEAR_ROWS;

	if (r->turn_count == 0)
		return;
	vit_data_hash_init(&whole);
	vit_data_hash_init(&prompt);
	vit_near_begin(&near);
	for (uint32_t i = 0; i < r->turn_count; i++) {
		if (i == last)
			prompt = whole;
		add_turn(&whole, &r->turns[i]);
		if (near_on)
			vit_near_text(&near, r->turns[i].content);
	}
	vit_data_hash_end(&whole);
	s->out->duplicates.rows++;
	if (find_duplicate(s, whole.a, whole.b, line))
		return;
	/* Rows whose prompt is missing or empty do not share one. */
	bool prompted = !vit_row_has(r, VIT_DI_missing_field) && !vit_row_has(r, VIT_DI_wrong_type) &&
			!vit_row_has(r, VIT_DI_empty_field);
	if (prompted && last > 0 && last < r->turn_count && r->format != VIT_FORMAT_PREFERENCE) {
		vit_data_hash_init(&answer);
		add_turn(&answer, &r->turns[last]);
		vit_data_hash_end(&answer);
		vit_data_hash_end(&prompt);
		find_conflict(s, &prompt, answer.a, line);
	}
	if (!s->options.no_near && vit_near_add(&s->near, &near, s->index, line, &of_file, &of_line)) {
		if (is_train(s, of_file) && !is_train(s, s->index))
			issue(s, VIT_DI_split_overlap, line, of_line, VIT_STR("nearly"));
		else
			issue(s, VIT_DI_near_duplicate, line, of_file == s->index ? of_line : 0, VIT_STR_EMPTY);
	}
}

/* ---- rows -------------------------------------------------------------------------------- */

/* Nothing is left to learn: by the cut, or because no turn is trained on although
 * nothing else is wrong with the row. */
static bool is_untrainable(const struct vit_data_row *r, const struct vit_row_tokens *k)
{
	const uint64_t causes = (uint64_t)1 << VIT_DI_no_assistant | (uint64_t)1 << VIT_DI_missing_field |
				(uint64_t)1 << VIT_DI_empty_field | (uint64_t)1 << VIT_DI_unknown_role |
				(uint64_t)1 << VIT_DI_wrong_type;

	return k->kept_trainable == 0 && (k->trainable > 0 || !(r->issues & causes));
}

static void count_tokens(struct vit_data_scan *s, const struct vit_data_row *r, const struct vit_row_tokens *k,
			 uint32_t line)
{
	struct vit_data_tokens *t = &s->out->tokens;
	uint32_t limit = s->options.sequence;

	if (k->template_failed)
		issue(s, VIT_DI_template_failure, line, 0, k->reason);
	if (!k->counted)
		return;
	t->given = true;
	if (k->total > s->total.maximum || s->total.rows == 0) {
		t->longest_line = line;
		t->longest_file = s->index;
	}
	t->examples++;
	t->total += k->total;
	t->prompt += k->prompt;
	t->trainable += k->trainable;
	vit_lengths_add(&s->total, k->total);
	vit_lengths_add(&s->prompt, k->prompt);
	vit_lengths_add(&s->trainable, k->trainable);
	t->kept_total += limit && k->total > limit ? limit : k->total;
	t->kept_trainable += k->kept_trainable;
	if (limit && k->total > limit) {
		t->over_length++;
		t->over_tokens += k->total - limit;
		t->over_most = k->total - limit > t->over_most ? k->total - limit : t->over_most;
		issue(s, VIT_DI_over_length, line, 0, VIT_STR_EMPTY);
	}
	if (is_untrainable(r, k)) {
		t->untrainable++;
		issue(s, VIT_DI_no_trainable_token, line, 0, VIT_STR_EMPTY);
	}
}

static void long_rows(struct vit_data_scan *s, uint64_t bytes, uint32_t line)
{
	struct per_file *p = s->per;
	uint32_t at = p->longest.kept;

	/* Kept sorted, longest first. */
	if (at == VIT_DATA_LINES && bytes <= p->longest_bytes[at - 1])
		return;
	if (at == VIT_DATA_LINES)
		at--;
	else
		p->longest.kept++;
	for (; at > 0 && p->longest_bytes[at - 1] < bytes; at--) {
		p->longest_bytes[at] = p->longest_bytes[at - 1];
		p->longest.lines[at] = p->longest.lines[at - 1];
	}
	p->longest_bytes[at] = bytes;
	p->longest.lines[at] = line;
}

static void take_example(struct vit_data_scan *s, const struct vit_data_row *r, uint32_t line)
{
	struct vit_data_file *f = s->file;
	struct vit_row_tokens tokens;
	uint64_t bytes = 0;

	f->examples++;
	f->formats[r->format]++;
	place(&s->per->formats[r->format], line);
	f->uses |= r->uses;
	for (unsigned i = 0; i < 8; i++)
		f->uses_rows[i] += r->uses >> i & 1;
	count_columns(s, r, line);
	for (uint32_t i = 0; i < r->turn_count; i++)
		bytes += r->turns[i].content.n;
	vit_lengths_add(&s->bytes, bytes);
	long_rows(s, bytes, line);
	scan_text(s, r, line);
	if (!s->options.no_languages)
		find_language(s, r, line);
	compare(s, r, line);
	if (f->split != VIT_SPLIT_TRAIN)
		return;
	if (r->category.n)
		vit_names_add(&s->categories, r->category);
	if (r->source.n)
		vit_names_add(&s->sources, r->source);
	if (r->turn_count == 0)
		tokens = (struct vit_row_tokens){ .counted = false };
	else if (s->options.model)
		vit_data_model_measure(s->options.model, r, s->options.sequence, &tokens);
	else
		vit_data_measure_estimate(r, s->options.sequence, &tokens);
	count_tokens(s, r, &tokens, line);
	vit_trainers_row(&s->trainers, r, &tokens, line);
}

static void take_row(struct vit_data_scan *s, const struct vit_data_piece *piece)
{
	struct vit_data_file *f = s->file;
	const struct vit_data_row *r = &s->parser.row;
	uint32_t line = line_of(piece->line);

	f->rows++;
	if (piece->text.n > f->longest_row) {
		f->longest_row = piece->text.n;
		f->longest_line = line;
	}
	vit_data_parse(&s->parser, piece->text);
	for (unsigned i = 0; i < VIT_DI_COUNT; i++)
		if (r->issues >> i & 1)
			issue(s, (enum vit_data_issue)i, line, 0, r->details[i]);
	if (r->is_object)
		take_example(s, r, line);
	else if (f->split == VIT_SPLIT_TRAIN)
		vit_trainers_bad_row(&s->trainers, line);
}

static void take_bad_piece(struct vit_data_scan *s, const struct vit_data_piece *piece)
{
	char text[120];
	uint32_t line = line_of(piece->line);

	s->file->rows++;
	if (piece->kind == VIT_PIECE_LONG) {
		snprintf(text, sizeof text, "%llu bytes", (unsigned long long)piece->length);
		issue(s, VIT_DI_row_too_long, line, 0, vit_str_c(text));
	} else {
		issue(s, VIT_DI_invalid_json, line, 0, vit_str_c(piece->what));
	}
	if (s->file->split == VIT_SPLIT_TRAIN)
		vit_trainers_bad_row(&s->trainers, line);
}

static void take_member(struct vit_data_scan *s, const struct vit_data_piece *piece)
{
	struct vit_data_declared declared = { .given = false };

	vit_data_meta(s->arena, piece->key, piece->text, &declared, &s->categories, &s->sources);
	if (!declared.given || s->file->has_declared)
		return;
	s->file->has_declared = true;
	s->file->declared = declared.examples;
	s->file->declared_by = declared.by;
	s->file->declared_line = line_of(piece->line);
}

/* ---- files --------------------------------------------------------------------------------- */

static int by_line(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Rows of another format than most of the file's. */
static void mixed_formats(struct vit_data_scan *s)
{
	struct vit_data_file *f = s->file;
	struct vit_data_issue_rows *r = &f->issues[VIT_DI_mixed_formats];
	uint32_t lines[VIT_FORMAT_COUNT * VIT_DATA_LINES], n = 0;
	unsigned most = VIT_FORMAT_UNKNOWN;

	for (unsigned i = VIT_FORMAT_UNKNOWN + 1; i < VIT_FORMAT_COUNT; i++)
		if (f->formats[i] > (most == VIT_FORMAT_UNKNOWN ? 0 : f->formats[most]))
			most = i;
	f->format = (enum vit_data_format)most;
	for (unsigned i = VIT_FORMAT_UNKNOWN + 1; i < VIT_FORMAT_COUNT; i++) {
		const struct places *p = &s->per->formats[i];
		if (i == most || p->count == 0)
			continue;
		if (r->count == 0)
			r->detail = vit_arena_printf(s->arena, "%s among %s", vit_data_format_name((enum vit_data_format)i),
						     vit_data_format_name(f->format));
		r->count += p->count;
		memcpy(lines + n, p->lines, p->kept * sizeof *lines);
		n += p->kept;
	}
	qsort(lines, n, sizeof *lines, by_line);
	r->line_count = n < VIT_DATA_LINES ? n : VIT_DATA_LINES;
	memcpy(r->lines, lines, r->line_count * sizeof *lines);
}

static void end_file(struct vit_data_scan *s, const struct vit_data_splitter *split)
{
	struct vit_data_file *f = s->file;

	f->bom = split->bom;
	f->trailing_comma = split->trailing_comma;
	f->lines = split->lines;
	f->blank_lines = split->blank_lines;
	f->crlf_lines = split->crlf_lines;
	f->text_bytes = split->base + split->have;
	f->member = vit_arena_str(s->arena, vit_str_c(split->member));
	f->incomplete |= split->lost;
	if (split->lost)
		f->err = (struct vit_err){ .code = VIT_E_SYNTAX, .offset = split->base + split->at,
					   .msg = "what follows a broken element cannot be told apart" };
	if (f->container == VIT_DATA_CSV || f->container == VIT_DATA_OTHER)
		f->csv_header = vit_arena_str(s->arena, split->head);
	mixed_formats(s);
	column_types(s);
	if (f->split == VIT_SPLIT_TRAIN)
		vit_trainers_blank_lines(&s->trainers, split->blank_lines + split->edge_blank_lines);
}

void vit_data_scan_file(struct vit_data_scan *s, uint32_t index, vit_json_read_fn read, void *ctx)
{
	struct vit_data_stream *stream = vit_data_stream_open(read, ctx);
	struct vit_data_splitter split;
	struct vit_data_piece piece;
	enum vit_data_piece_kind kind;

	s->index = index;
	s->file = &s->out->files[index];
	s->per = &s->per_file[index];
	if (vit_data_split_begin(&split, vit_data_stream_read, stream, &s->file->err)) {
		s->file->container = VIT_DATA_UNREADABLE;
		s->file->compression = vit_data_stream_kind(stream);
		goto out;
	}
	s->file->container = split.container;
	s->file->compression = vit_data_stream_kind(stream);
	while ((kind = vit_data_split_next(&split, &piece, &s->file->err)) != VIT_PIECE_END) {
		if (kind == VIT_PIECE_FAILED) {
			s->file->incomplete = true;
			break;
		}
		if (kind == VIT_PIECE_ROW)
			take_row(s, &piece);
		else if (kind == VIT_PIECE_MEMBER)
			take_member(s, &piece);
		else
			take_bad_piece(s, &piece);
	}
	end_file(s, &split);
out:
	vit_data_split_end(&split);
	vit_data_stream_close(stream);
}

/* ---- the set ----------------------------------------------------------------------------------- */

/* Rows much longer than the rest: over ten times what 95 of 100 rows do not
 * pass, and over 8 KiB. */
static void length_outliers(struct vit_data_scan *s)
{
	uint64_t limit = vit_lengths_percentile(&s->bytes, 0.95) * 10;
	char text[80];

	if (s->bytes.rows < FEW_ROWS || s->bytes.maximum <= limit)
		return;
	limit = limit < 8192 ? 8192 : limit;
	for (uint32_t f = 0; f < s->out->file_count; f++) {
		const struct per_file *p = &s->per_file[f];
		uint32_t lines[VIT_DATA_LINES], n = 0;

		while (n < p->longest.kept && p->longest_bytes[n] > limit) {
			lines[n] = p->longest.lines[n];
			n++;
		}
		if (n == 0)
			continue;
		s->file = &s->out->files[f];
		qsort(lines, n, sizeof *lines, by_line);
		snprintf(text, sizeof text, "up to %llu bytes, over %llu", (unsigned long long)p->longest_bytes[0],
			 (unsigned long long)limit);
		for (uint32_t i = 0; i < n; i++)
			issue(s, VIT_DI_length_outlier, lines[i], 0, vit_str_c(text));
	}
}

/* Rows in another language than nearly all others. */
static void language_mix(struct vit_data_scan *s)
{
	uint64_t known = 0;
	unsigned most = 1;

	for (unsigned i = 1; i < VIT_LANGUAGES; i++) {
		known += s->languages[i];
		most = s->languages[i] > s->languages[most] ? i : most;
	}
	if (known < FEW_ROWS || s->languages[most] * 20 < known * 19)
		return;
	for (uint32_t f = 0; f < s->out->file_count; f++) {
		struct vit_data_issue_rows *r = &s->out->files[f].issues[VIT_DI_language_mix];
		uint32_t lines[VIT_LANGUAGES * VIT_DATA_LINES], n = 0;

		for (unsigned i = 1; i < VIT_LANGUAGES; i++) {
			const struct places *p = &s->per_file[f].languages[i];
			if (i == most || p->count == 0)
				continue;
			if (r->count == 0)
				r->detail = vit_arena_printf(s->arena, "%s among %s", vit_language_name(i),
							     vit_language_name(most));
			r->count += p->count;
			memcpy(lines + n, p->lines, p->kept * sizeof *lines);
			n += p->kept;
		}
		qsort(lines, n, sizeof *lines, by_line);
		r->line_count = n < VIT_DATA_LINES ? n : VIT_DATA_LINES;
		memcpy(r->lines, lines, r->line_count * sizeof *lines);
	}
}

static void take_languages(struct vit_data_scan *s)
{
	struct vit_data_names *out = &s->out->languages;

	out->names = VIT_NEW_ARRAY(s->arena, VIT_LANGUAGES, struct vit_data_name);
	for (unsigned i = 0; i < VIT_LANGUAGES; i++) {
		if (s->languages[i] == 0)
			continue;
		out->names[out->count++] = (struct vit_data_name){ .name = vit_str_c(vit_language_name(i)),
								   .count = s->languages[i] };
		out->rows += s->languages[i];
	}
	vit_names_sort(out);
}

/* By what the tokens were counted, and what counts as trained on. */
static void describe_counting(const struct vit_data_scan *s, struct vit_data_tokens *t)
{
	const struct vit_data_model_parts *p;
	struct vit_str why, no_model = s->options.no_model;
	uint64_t left;

	if (!s->options.model) {
		t->basis = VIT_TOKENS_ESTIMATED;
		t->note = vit_arena_printf(s->arena, "estimated from the text, as %.*s: a token for 4.2 bytes of ASCII, 4 around each turn; "
					   "within about 20 %% on English prose, 40 %% on code and other languages",
					   VIT_FMT(no_model.n ? no_model : VIT_STR("no tokenizer was given")));
		t->rule = VIT_STR("the text of assistant turns; of rows without turns, all of it");
		return;
	}
	p = vit_data_model_parts(s->options.model);
	t->basis = p->template ? VIT_TOKENS_EXACT : VIT_TOKENS_NO_TEMPLATE;
	t->note = p->note;
	t->rule = p->template && p->template->has_generation ?
			  VIT_STR("what the template's generation blocks print; of rows of text, all") :
		  p->template ? VIT_STR("assistant turns with the token that ends them; of rows of text, all") :
				VIT_STR("the text of assistant turns; of rows of text, all");
	left = vit_data_model_uncounted(s->options.model, &why);
	if (left)
		t->note = vit_arena_printf(s->arena, "%.*s; %llu rows could not be counted (%.*s)", VIT_FMT(p->note),
					   (unsigned long long)left, VIT_FMT(why));
}

static void sum_tokens(struct vit_data_scan *s)
{
	struct vit_data_tokens *t = &s->out->tokens;

	vit_lengths_summary(&s->total, &t->per_example);
	vit_lengths_summary(&s->prompt, &t->prompts);
	vit_lengths_summary(&s->trainable, &t->trainables);
	t->bins = vit_lengths_bins(&s->total, t->bin_upto, t->bin_rows);
	t->padding_waste = vit_lengths_padding(&s->total, t->batch, t->sequence);
	t->packed_sequences = vit_lengths_packed(&s->total, t->sequence);
	if (t->packed_sequences)
		t->packing_waste = 1 - (double)t->kept_total / ((double)t->packed_sequences * t->sequence);
	describe_counting(s, t);
}

/* Says of a scaled number that it is one. */
static void tell_sample(struct vit_data_scan *s, enum vit_data_issue i, unsigned shift)
{
	for (uint32_t f = 0; f < s->out->file_count && shift; f++)
		if (s->out->files[f].issues[i].count)
			s->out->files[f].issues[i].detail =
				vit_arena_printf(s->arena, "estimated: of the later rows one in %u was kept, chosen by content", 1u << shift);
}

static void sum_duplicates(struct vit_data_scan *s)
{
	struct vit_data_duplicates *d = &s->out->duplicates;

	tell_sample(s, VIT_DI_duplicate, s->rows.shift);
	tell_sample(s, VIT_DI_split_overlap, s->rows.shift);
	tell_sample(s, VIT_DI_conflicting_answer, s->prompts.shift);
	d->sample_shift = s->rows.shift;
	d->duplicates = vit_data_issue_total(s->out, VIT_DI_duplicate);
	d->conflicts = vit_data_issue_total(s->out, VIT_DI_conflicting_answer);
	d->overlaps = vit_data_issue_total(s->out, VIT_DI_split_overlap);
	d->near_compared = s->near.count;
	d->near_duplicates = vit_data_issue_total(s->out, VIT_DI_near_duplicate);
	d->near_partial = s->near.partial;
}

void vit_data_scan_finish(struct vit_data_scan *s)
{
	length_outliers(s);
	language_mix(s);
	vit_trainers_finish(&s->trainers, s->out);
	vit_names_take(&s->categories, &s->out->categories);
	vit_names_take(&s->sources, &s->out->sources);
	take_languages(s);
	sum_tokens(s);
	sum_duplicates(s);
	vit_data_parser_release(&s->parser);
	vit_seen_release(&s->rows);
	vit_seen_release(&s->prompts);
	vit_near_release(&s->near);
	vit_lengths_release(&s->bytes);
	vit_lengths_release(&s->total);
	vit_lengths_release(&s->prompt);
	vit_lengths_release(&s->trainable);
	free(s->per_file);
	free(s);
}
