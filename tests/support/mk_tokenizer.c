/*
 * A tokenizer.json of the shape and size of the o200k one: 256 byte letters,
 * then words over an alphabet of twelve two-byte letters, shorter ones first,
 * with two or three merges each, all of them between known tokens.
 */
#include <stdio.h>

#include "base/utf8.h"
#include "mk.h"

#define BASE_TOKENS 199998
#define MERGES 446189
#define ADDED_FIRST 199998
#define ADDED_LAST 200018
#define LETTERS 12u
#define CEILING ((size_t)64 << 20)

/* The code point that byte-level BPE shows byte b as (GPT-2's table). */
static uint32_t byte_letter(unsigned b, unsigned *hidden)
{
	if ((b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174)
		return b;
	return 256 + (*hidden)++;
}

/* Word number i of `length` letters: digits in base LETTERS, from U+00C0 on. */
static void put_word(struct vit_buf *b, unsigned length, uint64_t i)
{
	char out[4];
	uint64_t scale = 1;
	for (unsigned k = 1; k < length; k++)
		scale *= LETTERS;
	for (; length > 0; length--, scale /= LETTERS) {
		size_t n = vit_utf8_encode(0xC0 + (uint32_t)(i / scale % LETTERS), out);
		vit_buf_add(b, out, n);
	}
}

struct words {
	unsigned length;
	uint64_t i, of;           /* word i of LETTERS to the power of length */
};

static void next_word(struct words *w)
{
	if (++w->i < w->of)
		return;
	w->length++;
	w->i = 0;
	w->of *= LETTERS;
}

static void put_vocab(struct vit_json_writer *w, struct vit_buf *key)
{
	uint64_t id = 0;
	unsigned hidden = 0;
	char out[4];
	for (unsigned byte = 0; byte < 256; byte++) {
		size_t n = vit_utf8_encode(byte_letter(byte, &hidden), out);
		vit_jw_key_str(w, (struct vit_str){ out, n });
		vit_jw_u64(w, id++);
	}
	for (struct words at = { 2, 0, LETTERS * LETTERS }; id < BASE_TOKENS; next_word(&at)) {
		vit_buf_clear(key);
		put_word(key, at.length, at.i);
		vit_jw_key_str(w, vit_buf_view(key));
		vit_jw_u64(w, id++);
	}
}

static void put_merge(struct vit_json_writer *w, struct vit_buf *word, size_t cut)
{
	vit_jw_array(w);
	vit_jw_str(w, (struct vit_str){ word->p, cut });
	vit_jw_str(w, (struct vit_str){ word->p + cut, word->n - cut });
	vit_jw_array_end(w);
}

/* Each token gets at least one merge; as many of the longest get a third as the
 * total asks for. */
static void put_merges(struct vit_json_writer *w, struct vit_buf *word)
{
	uint64_t left = MERGES, tokens = BASE_TOKENS - 256;
	for (struct words at = { 2, 0, LETTERS * LETTERS }; tokens > 0; next_word(&at), tokens--) {
		vit_buf_clear(word);
		put_word(word, at.length, at.i);
		unsigned cuts = at.length - 1;
		unsigned most = left > 2 * tokens ? 3 : 2;
		for (unsigned k = 0; k < cuts && k < most && left > 0; k++, left--)
			put_merge(w, word, (size_t)(k + 1) * 2);
	}
	if (left > 0)
		VIT_BUG("mk_tokenizer: not enough merges");
}

static void put_bool(struct vit_json_writer *w, const char *key, bool v)
{
	vit_jw_key(w, key);
	vit_jw_bool(w, v);
}

static const char *added_name(unsigned id, char out[64])
{
	static const struct {
		unsigned id;
		const char *name;
	} named[] = { { 199998, "startoftext" }, { 199999, "endoftext" }, { 200002, "return" },
		      { 200003, "constrain" },	 { 200005, "channel" },	  { 200006, "start" },
		      { 200007, "end" },	 { 200008, "message" },	  { 200012, "call" },
		      { 200018, "endofprompt" } };
	snprintf(out, 64, "<|reserved_%u|>", id);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (named[i].id == id)
			snprintf(out, 64, "<|%s|>", named[i].name);
	}
	return out;
}

static void put_added(struct vit_json_writer *w)
{
	char name[64];
	vit_jw_key(w, "added_tokens");
	vit_jw_array(w);
	for (unsigned id = ADDED_FIRST; id <= ADDED_LAST; id++) {
		vit_jw_object(w);
		vit_jw_key(w, "id");
		vit_jw_u64(w, id);
		vit_jw_key(w, "content");
		vit_jw_cstr(w, added_name(id, name));
		put_bool(w, "single_word", false);
		put_bool(w, "lstrip", false);
		put_bool(w, "rstrip", false);
		put_bool(w, "normalized", false);
		put_bool(w, "special", true);
		vit_jw_object_end(w);
	}
	vit_jw_array_end(w);
}

static void put_byte_level(struct vit_json_writer *w)
{
	vit_jw_object(w);
	vit_jw_key(w, "type");
	vit_jw_cstr(w, "ByteLevel");
	put_bool(w, "add_prefix_space", false);
	put_bool(w, "trim_offsets", true);
	put_bool(w, "use_regex", false);
	vit_jw_object_end(w);
}

/* The o200k pattern. */
static const char pattern[] =
	"[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
	"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
	"[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
	"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
	"\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

static void put_pre_tokenizer(struct vit_json_writer *w)
{
	vit_jw_key(w, "pre_tokenizer");
	vit_jw_object(w);
	vit_jw_key(w, "type");
	vit_jw_cstr(w, "Sequence");
	vit_jw_key(w, "pretokenizers");
	vit_jw_array(w);
	vit_jw_object(w);
	vit_jw_key(w, "type");
	vit_jw_cstr(w, "Split");
	vit_jw_key(w, "pattern");
	vit_jw_object(w);
	vit_jw_key(w, "Regex");
	vit_jw_cstr(w, pattern);
	vit_jw_object_end(w);
	vit_jw_key(w, "behavior");
	vit_jw_cstr(w, "Isolated");
	put_bool(w, "invert", false);
	vit_jw_object_end(w);
	put_byte_level(w);
	vit_jw_array_end(w);
	vit_jw_object_end(w);
}

static void put_model(struct vit_json_writer *w)
{
	static const char *const nulls[] = { "dropout", "unk_token", "continuing_subword_prefix",
					     "end_of_word_suffix" };
	struct vit_buf word;
	vit_buf_init(&word, 64);
	vit_jw_key(w, "model");
	vit_jw_object(w);
	vit_jw_key(w, "type");
	vit_jw_cstr(w, "BPE");
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
		vit_jw_key(w, nulls[i]);
		vit_jw_null(w);
	}
	put_bool(w, "fuse_unk", false);
	put_bool(w, "byte_fallback", false);
	put_bool(w, "ignore_merges", false);
	vit_jw_key(w, "vocab");
	vit_jw_object(w);
	put_vocab(w, &word);
	vit_jw_object_end(w);
	vit_jw_key(w, "merges");
	vit_jw_array(w);
	put_merges(w, &word);
	vit_jw_array_end(w);
	vit_jw_object_end(w);
	vit_buf_release(&word);
}

bool mk_tokenizer(const char *path, uint64_t size)
{
	static const char *const nulls[] = { "truncation", "padding" };
	struct vit_json_writer w;
	struct vit_buf b;
	vit_buf_init(&b, CEILING);
	mk_json(&w, &b, false);
	vit_jw_object(&w);
	vit_jw_key(&w, "version");
	vit_jw_cstr(&w, "1.0");
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
		vit_jw_key(&w, nulls[i]);
		vit_jw_null(&w);
	}
	put_added(&w);
	vit_jw_key(&w, "normalizer");
	vit_jw_null(&w);
	put_pre_tokenizer(&w);
	vit_jw_key(&w, "post_processor");
	put_byte_level(&w);
	vit_jw_key(&w, "decoder");
	put_byte_level(&w);
	put_model(&w);
	vit_jw_object_end(&w);
	bool ok = b.n <= size && !b.full;
	if (!ok)
		fprintf(stderr, "mk_model: the tokenizer takes %zu bytes, more than %llu\n", b.n,
			(unsigned long long)size);
	/* What is missing to the real size is white space at the end. */
	while (ok && b.n < size)
		vit_buf_putc(&b, b.n + 1 == size ? '\n' : ' ');
	ok = ok && mk_write(path, vit_buf_view(&b));
	vit_buf_release(&b);
	return ok;
}
