#include "formats/tokenizer.h"

#include <stdlib.h>

/* Added ids nearer to each other than this are looked up by position. */
#define MAX_SPAN (1u << 20)

struct scan {
	struct vit_json_reader reader;
	struct vit_arena *arena;
	struct vit_tokenizer_scan *out;
	const struct vit_str *wanted;
	size_t wanted_count;
	bool wanted_length[256];     /* is there a wanted text of that length (255: and above)? */
	const struct vit_tokenizer_sink *sink; /* or NULL */
	struct vit_err refusal;      /* of the sink */
	struct vit_buf text;         /* a string, decoded or kept over the next event */
	struct vit_buf text2;        /* the second of a pair */
	struct vit_vec added, named; /* struct vit_added_token */
	uint64_t *seen;              /* one bit an id of the vocabulary */
	size_t seen_words;
	uint64_t vocab_distinct;
	uint32_t *added_at; /* id - added_first -> 1 + index into added, 0 none */
	uint64_t added_first, added_span;
};

static void bad(struct scan *s, uint64_t offset)
{
	/* Where the JSON breaks off, the entry is not at fault. */
	if (s->reader.err.code == VIT_OK && s->out->bad_entries++ == 0)
		s->out->bad_offset = offset;
}

/* The text of a KEY or STRING event; valid until the next. */
static struct vit_str text_of(struct scan *s, const struct vit_json_event *ev)
{
	if (!(ev->flags & VIT_JSON_ESCAPED))
		return ev->raw;
	vit_buf_clear(&s->text);
	vit_json_decode(ev, &s->text);
	return vit_buf_view(&s->text);
}

/* The same, and still valid after the next event. */
static struct vit_str keep_text(const struct vit_json_event *ev, struct vit_buf *in)
{
	vit_buf_clear(in);
	if (ev->flags & VIT_JSON_ESCAPED)
		vit_json_decode(ev, in);
	else
		vit_buf_str(in, ev->raw);
	return vit_buf_view(in);
}

static bool key_is(struct scan *s, const struct vit_json_event *ev, const char *name)
{
	return vit_str_is(text_of(s, ev), name);
}

/* Passes over the value that `ev` began. */
static bool discard(struct scan *s, const struct vit_json_event *ev)
{
	if (ev->type == VIT_JSON_OBJECT_BEGIN || ev->type == VIT_JSON_ARRAY_BEGIN)
		return vit_json_skip_rest(&s->reader);
	return ev->type != VIT_JSON_ERROR && ev->type != VIT_JSON_END;
}

/* A value of the wrong type. */
static bool reject(struct scan *s, const struct vit_json_event *ev)
{
	bad(s, ev->offset);
	return discard(s, ev);
}

static bool is_id(const struct vit_json_event *ev)
{
	return ev->type == VIT_JSON_NUMBER && (ev->flags & VIT_JSON_U64) && ev->u64 <= UINT32_MAX;
}

/* ---- ids ---------------------------------------------------------------- */

static bool see(struct scan *s, uint64_t id)
{
	size_t word = (size_t)(id / 64);

	if (word >= s->seen_words) {
		size_t words = s->seen_words ? s->seen_words : 4096;
		while (words <= word)
			words *= 2;
		s->seen = vit_xrealloc(s->seen, words * sizeof *s->seen);
		memset(s->seen + s->seen_words, 0, (words - s->seen_words) * sizeof *s->seen);
		s->seen_words = words;
	}
	uint64_t bit = (uint64_t)1 << (id % 64);
	bool before = (s->seen[word] & bit) != 0;
	s->seen[word] |= bit;
	return before;
}

static void note_max(struct scan *s, uint64_t id)
{
	if (id > s->out->max_id)
		s->out->max_id = id;
}

static void vocab_id(struct scan *s, uint64_t id)
{
	struct vit_tokenizer_scan *out = s->out;

	note_max(s, id);
	if (id >= VIT_TOK_MAX_TRACKED || !see(s, id)) {
		s->vocab_distinct++;
		return;
	}
	if (out->duplicate_ids++ == 0 || id < out->duplicate_id_first)
		out->duplicate_id_first = id;
}

/* False: the sink wants no more. */
static bool vocab_entry(struct scan *s, struct vit_str piece, uint64_t id, double score)
{
	s->out->vocab_count++;
	if (s->sink && !s->sink->piece(s->sink->ctx, piece, (uint32_t)id, score, &s->refusal))
		return false;
	vocab_id(s, id);
	if (s->added_at && id >= s->added_first && id - s->added_first < s->added_span) {
		uint32_t at = s->added_at[id - s->added_first];
		const struct vit_added_token *t = at ? vit_vec_at(&s->added, at - 1) : NULL;
		if (t && !vit_str_eq(t->content, piece) && s->out->conflicts++ == 0)
			s->out->conflict_id = id;
	}
	if (!s->wanted_length[piece.n < 255 ? piece.n : 255])
		return true;
	for (size_t i = 0; i < s->wanted_count; i++) {
		if (!vit_str_eq(s->wanted[i], piece) || s->named.count >= VIT_TOK_MAX_WANTED)
			continue;
		struct vit_added_token *t = vit_vec_add(&s->named);
		t->id = id;
		t->content = vit_arena_str(s->arena, piece);
		break;
	}
	return true;
}

/* ---- added_tokens ------------------------------------------------------- */

/* The flag of an added token that a member is, or NULL. */
static bool *flag_of(struct scan *s, const struct vit_json_event *key, struct vit_added_token *t,
		     struct vit_added_rules *rules)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = { { "special", &t->special },
		      { "single_word", &rules->single_word },
		      { "lstrip", &rules->lstrip },
		      { "rstrip", &rules->rstrip },
		      { "normalized", &rules->normalized } };

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (key_is(s, key, flags[i].name))
			return flags[i].flag;
	}
	return NULL;
}

/* An added token that is whole. */
static bool keep_added(struct scan *s, struct vit_added_token *token,
		       const struct vit_added_rules *rules)
{
	s->out->added_total++;
	if (s->sink) {
		token->content = vit_buf_view(&s->text2);
		if (!s->sink->added(s->sink->ctx, token, rules, &s->refusal))
			return false;
	}
	if (s->added.count >= VIT_TOK_MAX_ADDED)
		return true;
	struct vit_added_token *kept = vit_vec_add(&s->added);
	*kept = *token;
	kept->content = vit_arena_str(s->arena, vit_str_sub(vit_buf_view(&s->text2), 0,
							    VIT_TOK_MAX_CONTENT));
	return true;
}

static bool read_added_one(struct scan *s, uint64_t offset)
{
	struct vit_added_token token = { .content = VIT_STR_EMPTY };
	struct vit_added_rules rules = { .normalized = true };
	bool has_id = false, has_content = false;
	struct vit_json_event ev;

	while (vit_json_next(&s->reader, &ev) == VIT_JSON_KEY) {
		bool id = key_is(s, &ev, "id"), content = key_is(s, &ev, "content");
		bool *flag = flag_of(s, &ev, &token, &rules);

		vit_json_next(&s->reader, &ev);
		if (id && is_id(&ev)) {
			has_id = true;
			token.id = ev.u64;
		} else if (content && ev.type == VIT_JSON_STRING) {
			has_content = true;
			keep_text(&ev, &s->text2);
		} else if (flag && (ev.type == VIT_JSON_TRUE || ev.type == VIT_JSON_FALSE)) {
			*flag = ev.type == VIT_JSON_TRUE;
		} else if (id || content || flag) {
			if (!reject(s, &ev))
				return false;
			has_id |= id; /* one fault is told once */
			has_content |= content;
		} else if (!discard(s, &ev)) {
			return false;
		}
	}
	if (ev.type != VIT_JSON_OBJECT_END)
		return false;
	if (!has_id || !has_content) {
		bad(s, offset);
		return true;
	}
	return keep_added(s, &token, &rules);
}

/* So that entries of the vocabulary find the added token of their id. */
static void index_added(struct scan *s)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < s->added.count; i++) {
		const struct vit_added_token *t = vit_vec_at(&s->added, i);
		low = t->id < low ? t->id : low;
		high = t->id > high ? t->id : high;
	}
	if (s->added.count == 0 || high - low >= MAX_SPAN || s->added_at)
		return;
	s->added_first = low;
	s->added_span = high - low + 1;
	s->added_at = vit_xcalloc((size_t)s->added_span, sizeof *s->added_at);
	for (size_t i = 0; i < s->added.count; i++) {
		const struct vit_added_token *t = vit_vec_at(&s->added, i);
		if (t->content.n < VIT_TOK_MAX_CONTENT)
			s->added_at[t->id - low] = (uint32_t)i + 1;
	}
}

static bool read_added(struct scan *s)
{
	struct vit_json_event ev;

	if (vit_json_next(&s->reader, &ev) == VIT_JSON_NULL)
		return true;
	if (ev.type != VIT_JSON_ARRAY_BEGIN)
		return reject(s, &ev);
	while (vit_json_next(&s->reader, &ev) != VIT_JSON_ARRAY_END) {
		bool ok = ev.type == VIT_JSON_OBJECT_BEGIN ? read_added_one(s, ev.offset)
							   : reject(s, &ev);
		if (!ok)
			return false;
	}
	index_added(s);
	return true;
}

/* ---- model ---------------------------------------------------------------- */

static bool read_vocab_map(struct scan *s)
{
	struct vit_json_event key, ev;

	while (vit_json_next(&s->reader, &key) == VIT_JSON_KEY) {
		struct vit_str piece = keep_text(&key, &s->text);
		vit_json_next(&s->reader, &ev);
		if (!is_id(&ev) ? !reject(s, &ev) : !vocab_entry(s, piece, ev.u64, 0))
			return false;
	}
	return key.type == VIT_JSON_OBJECT_END;
}

/* Unigram: [[piece, score], ...]; the id is the position. */
static bool read_vocab_list(struct scan *s)
{
	struct vit_json_event ev;
	uint64_t id = 0;

	for (; vit_json_next(&s->reader, &ev) != VIT_JSON_ARRAY_END; id++) {
		uint64_t offset = ev.offset;
		if (ev.type != VIT_JSON_ARRAY_BEGIN) {
			if (!reject(s, &ev))
				return false;
			continue;
		}
		if (vit_json_next(&s->reader, &ev) == VIT_JSON_STRING) {
			struct vit_str piece = keep_text(&ev, &s->text);
			double score = vit_json_next(&s->reader, &ev) == VIT_JSON_NUMBER ? ev.number : 0;
			if (!vocab_entry(s, piece, id, score))
				return false;
			if (ev.type == VIT_JSON_NUMBER &&
			    vit_json_next(&s->reader, &ev) == VIT_JSON_ARRAY_END)
				continue;
		}
		bad(s, offset);
		if (ev.type == VIT_JSON_ARRAY_END)
			continue;
		if (!discard(s, &ev) || !vit_json_skip_rest(&s->reader))
			return false;
	}
	return true;
}

static bool has_one_space(struct vit_str raw)
{
	const char *space = memchr(raw.p, ' ', raw.n);

	return space && !memchr(space + 1, ' ', raw.n - (size_t)(space + 1 - raw.p));
}

/* "a b" to the sink; false: it wants no more. */
static bool tell_merge(struct scan *s, const struct vit_json_event *ev)
{
	if (!s->sink)
		return true;
	struct vit_str text = text_of(s, ev);
	size_t space = vit_str_find(text, VIT_STR(" "), 0);
	return s->sink->merge(s->sink->ctx, vit_str_sub(text, 0, space),
			      vit_str_sub(text, space + 1, text.n), &s->refusal);
}

/* The strings of ["a", "b"], behind the bracket; false: they are none (`ev` is
 * what was there), or the sink wants no more. */
static bool read_pair(struct scan *s, struct vit_json_event *ev)
{
	if (vit_json_next(&s->reader, ev) != VIT_JSON_STRING)
		return false;
	if (s->sink)
		keep_text(ev, &s->text);
	if (vit_json_next(&s->reader, ev) != VIT_JSON_STRING)
		return false;
	if (s->sink)
		keep_text(ev, &s->text2);
	if (vit_json_next(&s->reader, ev) != VIT_JSON_ARRAY_END)
		return false;
	return !s->sink || s->sink->merge(s->sink->ctx, vit_buf_view(&s->text),
					  vit_buf_view(&s->text2), &s->refusal);
}

static bool read_merges(struct scan *s)
{
	struct vit_json_event ev;

	if (vit_json_next(&s->reader, &ev) == VIT_JSON_NULL)
		return true;
	if (ev.type != VIT_JSON_ARRAY_BEGIN)
		return reject(s, &ev);
	while (vit_json_next(&s->reader, &ev) != VIT_JSON_ARRAY_END) {
		uint64_t offset = ev.offset;
		s->out->merges_count++;
		if (ev.type == VIT_JSON_STRING) {
			if (!has_one_space(ev.raw))
				bad(s, offset);
			else if (!tell_merge(s, &ev))
				return false;
			continue;
		}
		if (ev.type != VIT_JSON_ARRAY_BEGIN) {
			if (!reject(s, &ev))
				return false;
			continue;
		}
		if (read_pair(s, &ev))
			continue;
		if (s->refusal.code)
			return false;
		bad(s, offset);
		if (ev.type == VIT_JSON_ARRAY_END)
			continue;
		if (!discard(s, &ev) || !vit_json_skip_rest(&s->reader))
			return false;
	}
	return true;
}

static bool read_vocab(struct scan *s)
{
	struct vit_json_event ev;

	vit_json_next(&s->reader, &ev);
	if (s->out->has_vocab ||
	    (ev.type != VIT_JSON_OBJECT_BEGIN && ev.type != VIT_JSON_ARRAY_BEGIN))
		return reject(s, &ev);
	s->out->has_vocab = true;
	return ev.type == VIT_JSON_OBJECT_BEGIN ? read_vocab_map(s) : read_vocab_list(s);
}

/* A member of the model that the scan does not know. */
static bool read_option(struct scan *s, const struct vit_json_event *key)
{
	struct vit_json_event ev;

	if (!s->sink)
		return vit_json_skip(&s->reader);
	struct vit_str name = keep_text(key, &s->text2);
	vit_json_next(&s->reader, &ev);
	if (ev.type == VIT_JSON_OBJECT_BEGIN || ev.type == VIT_JSON_ARRAY_BEGIN)
		return discard(s, &ev);
	return ev.type != VIT_JSON_ERROR &&
	       s->sink->option(s->sink->ctx, name, &ev, &s->refusal);
}

static bool read_model(struct scan *s)
{
	struct vit_json_event ev;

	vit_json_next(&s->reader, &ev);
	if (s->out->has_model || ev.type != VIT_JSON_OBJECT_BEGIN)
		return reject(s, &ev);
	s->out->has_model = true;
	while (vit_json_next(&s->reader, &ev) == VIT_JSON_KEY) {
		bool ok;
		if (key_is(s, &ev, "vocab")) {
			ok = read_vocab(s);
		} else if (key_is(s, &ev, "merges")) {
			ok = read_merges(s);
		} else if (key_is(s, &ev, "type")) {
			if (vit_json_next(&s->reader, &ev) == VIT_JSON_STRING) {
				struct vit_str name = vit_str_sub(text_of(s, &ev), 0, 64);
				s->out->model = vit_arena_str(s->arena, name);
				continue;
			}
			ok = reject(s, &ev);
		} else {
			ok = read_option(s, &ev);
		}
		if (!ok)
			return false;
	}
	return ev.type == VIT_JSON_OBJECT_END;
}

static bool read_part(struct scan *s, const struct vit_json_event *key)
{
	static const struct {
		const char *name;
		enum vit_tokenizer_part part;
	} parts[] = { { "normalizer", VIT_TOKENIZER_NORMALIZER },
		      { "pre_tokenizer", VIT_TOKENIZER_PRE_TOKENIZER },
		      { "post_processor", VIT_TOKENIZER_POST_PROCESSOR } };
	struct vit_json_event ev;

	for (size_t i = 0; s->sink && i < sizeof parts / sizeof *parts; i++) {
		if (!key_is(s, key, parts[i].name))
			continue;
		return vit_json_next(&s->reader, &ev) != VIT_JSON_ERROR &&
		       s->sink->part(s->sink->ctx, parts[i].part, &s->reader, &ev, &s->refusal);
	}
	return vit_json_skip(&s->reader);
}

static bool read_all(struct scan *s)
{
	struct vit_json_event ev;

	if (vit_json_next(&s->reader, &ev) == VIT_JSON_OBJECT_BEGIN) {
		s->out->is_object = true;
		while (vit_json_next(&s->reader, &ev) == VIT_JSON_KEY) {
			bool ok = key_is(s, &ev, "added_tokens") ? read_added(s)
				  : key_is(s, &ev, "model")      ? read_model(s)
								 : read_part(s, &ev);
			if (!ok)
				return false;
		}
		if (ev.type != VIT_JSON_OBJECT_END)
			return false;
	} else if (!discard(s, &ev)) {
		return false;
	}
	return vit_json_next(&s->reader, &ev) == VIT_JSON_END;
}

static void finish(struct scan *s)
{
	struct vit_tokenizer_scan *out = s->out;
	size_t count;

	out->distinct_ids = s->vocab_distinct;
	for (size_t i = 0; i < s->added.count; i++) {
		const struct vit_added_token *t = vit_vec_at(&s->added, i);
		note_max(s, t->id);
		if (t->id >= VIT_TOK_MAX_TRACKED || !see(s, t->id))
			out->distinct_ids++;
	}
	out->added = vit_vec_take(&s->added, s->arena, &count);
	out->added_count = (uint32_t)count;
	out->named = vit_vec_take(&s->named, s->arena, &count);
	out->named_count = (uint32_t)count;
}

static enum vit_errc read_stream(struct scan *s, vit_json_read_fn read, void *ctx,
				 struct vit_err *err)
{
	char *window = vit_xmalloc(VIT_TOK_WINDOW);
	enum vit_errc code = VIT_OK;

	*s->out = (struct vit_tokenizer_scan){ .model = VIT_STR_EMPTY };
	s->added = VIT_VEC(sizeof(struct vit_added_token));
	s->named = VIT_VEC(sizeof(struct vit_added_token));
	vit_buf_init(&s->text, VIT_TOK_WINDOW);
	vit_buf_init(&s->text2, VIT_TOK_WINDOW);
	vit_json_reader_stream(&s->reader, read, ctx, window, VIT_TOK_WINDOW, 0);
	if (!read_all(s)) {
		*err = s->refusal.code ? s->refusal : s->reader.err;
		code = err->code;
	}
	finish(s);
	vit_buf_release(&s->text);
	vit_buf_release(&s->text2);
	free(s->added_at);
	free(s->seen);
	free(window);
	return code;
}

enum vit_errc vit_tokenizer_read(struct vit_arena *a, vit_json_read_fn read, void *ctx,
				 const struct vit_str *wanted, size_t wanted_count,
				 struct vit_tokenizer_scan *out, struct vit_err *err)
{
	struct scan s = { .arena = a,
			  .out = out,
			  .wanted = wanted,
			  .wanted_count = wanted_count < VIT_TOK_MAX_WANTED ? wanted_count
									    : VIT_TOK_MAX_WANTED };

	for (size_t i = 0; i < s.wanted_count; i++)
		s.wanted_length[wanted[i].n < 255 ? wanted[i].n : 255] = true;
	return read_stream(&s, read, ctx, err);
}

enum vit_errc vit_tokenizer_read_into(struct vit_arena *a, vit_json_read_fn read, void *ctx,
				      const struct vit_tokenizer_sink *sink,
				      struct vit_tokenizer_scan *out, struct vit_err *err)
{
	struct scan s = { .arena = a, .out = out, .sink = sink };

	return read_stream(&s, read, ctx, err);
}
