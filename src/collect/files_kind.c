#include "base/path.h"
#include "base/utf8.h"
#include "collect/files_internal.h"

enum how {
	NAME, /* the whole name */
	HEAD, /* it begins with */
	TAIL, /* it ends with */
	DIR,  /* the folder it lies in */
};

struct rule {
	const char *text;
	unsigned char n, how, kind;
};
#define R(text, how, kind)                                                                         \
	{                                                                                          \
		(text), sizeof(text) - 1, (how), VIT_FK_##kind                                     \
	}

/* clang-format off */
/* Files that loaders look for: they do so by exact case. First match wins. */
static const struct rule exact_rules[] = {
	R(".safetensors", TAIL, WEIGHTS),
	R(".safetensors.index.json", TAIL, INDEX),
	R(".bin.index.json", TAIL, INDEX),
	R(".gguf", TAIL, GGUF),
	R("adapter_config.json", NAME, ADAPTER),
	R("chat_template.jinja", NAME, TEMPLATE),
	R("chat_template.json", NAME, TEMPLATE),
	R("additional_chat_templates", DIR, TEMPLATE),
	R(".jinja", TAIL, TEMPLATE),
	R(".jinja2", TAIL, TEMPLATE),
	R("tokenizer", HEAD, TOKENIZER), /* but for code: see below */
	R("special_tokens_map.json", NAME, TOKENIZER),
	R("added_tokens.json", NAME, TOKENIZER),
	R("vocab", HEAD, TOKENIZER),
	R("merges.txt", NAME, TOKENIZER),
	R("tekken.json", NAME, TOKENIZER),
	R("sentencepiece", HEAD, TOKENIZER),
	R("spiece", HEAD, TOKENIZER),
	R("source.spm", NAME, TOKENIZER),
	R("target.spm", NAME, TOKENIZER),
	R(".tiktoken", TAIL, TOKENIZER),
	R(".model", TAIL, TOKENIZER),
	R("config.json", NAME, CONFIG),
	R("config_", HEAD, CONFIG),
	R("params.json", NAME, CONFIG),
	R("modules.json", NAME, CONFIG),
	R("model_index.json", NAME, CONFIG),
	R("configuration.json", NAME, CONFIG),
	R("_config.json", TAIL, CONFIG),
	R("vitalis.lock", NAME, META),
	R(".vitalis-audit-", HEAD, META), /* what a run that was killed while it wrote a report leaves */
	R("SHA256SUMS", NAME, META),
};

/* The others, by the name in lower case. */
static const struct rule rules[] = {
	R(".py", TAIL, CODE),          R(".pyi", TAIL, CODE),
	R(".ipynb", TAIL, CODE),       R(".sh", TAIL, CODE),
	R(".bash", TAIL, CODE),        R(".zsh", TAIL, CODE),
	R(".ps1", TAIL, CODE),         R(".bat", TAIL, CODE),
	R(".cmd", TAIL, CODE),         R(".js", TAIL, CODE),
	R(".mjs", TAIL, CODE),         R(".ts", TAIL, CODE),
	R(".lua", TAIL, CODE),         R(".pl", TAIL, CODE),
	R(".rb", TAIL, CODE),          R(".r", TAIL, CODE),
	R(".c", TAIL, CODE),           R(".cc", TAIL, CODE),
	R(".cpp", TAIL, CODE),         R(".h", TAIL, CODE),
	R(".hpp", TAIL, CODE),         R(".cu", TAIL, CODE),
	R(".rs", TAIL, CODE),          R(".go", TAIL, CODE),
	R(".swift", TAIL, CODE),       R(".metal", TAIL, CODE),
	R(".java", TAIL, CODE),        R("makefile", NAME, CODE),
	R("dockerfile", NAME, CODE),
	R(".so", TAIL, NATIVE),        R(".dylib", TAIL, NATIVE),
	R(".dll", TAIL, NATIVE),       R(".exe", TAIL, NATIVE),
	R(".pyd", TAIL, NATIVE),       R(".o", TAIL, NATIVE),
	R(".a", TAIL, NATIVE),         R(".pyc", TAIL, NATIVE),
	R(".jar", TAIL, NATIVE),       R(".wasm", TAIL, NATIVE),
	R(".metallib", TAIL, NATIVE),  R(".apk", TAIL, NATIVE),
	R("adapter_model.bin", NAME, PICKLE),
	R("training_args.bin", NAME, PICKLE), R("optimizer.bin", NAME, PICKLE),
	R("scheduler.bin", NAME, PICKLE),
	R(".pt", TAIL, PICKLE),        R(".pth", TAIL, PICKLE),
	R(".ckpt", TAIL, PICKLE),      R(".pkl", TAIL, PICKLE),
	R(".pickle", TAIL, PICKLE),    R(".joblib", TAIL, PICKLE),
	R(".bin", TAIL, OTHER_WEIGHTS),
	R(".onnx", TAIL, OTHER_WEIGHTS),      R(".onnx_data", TAIL, OTHER_WEIGHTS),
	R(".onnx.data", TAIL, OTHER_WEIGHTS), R(".h5", TAIL, OTHER_WEIGHTS),
	R(".hdf5", TAIL, OTHER_WEIGHTS),      R(".keras", TAIL, OTHER_WEIGHTS),
	R(".msgpack", TAIL, OTHER_WEIGHTS),   R(".tflite", TAIL, OTHER_WEIGHTS),
	R(".npz", TAIL, OTHER_WEIGHTS),       R(".npy", TAIL, OTHER_WEIGHTS),
	R(".ot", TAIL, OTHER_WEIGHTS),        R(".pb", TAIL, OTHER_WEIGHTS),
	R(".mlmodel", TAIL, OTHER_WEIGHTS),   R(".nemo", TAIL, OTHER_WEIGHTS),
	R(".ggml", TAIL, OTHER_WEIGHTS),      R(".llamafile", TAIL, NATIVE),
	R(".jsonl", TAIL, DATA),       R(".parquet", TAIL, DATA),
	R(".csv", TAIL, DATA),         R(".tsv", TAIL, DATA),
	R(".arrow", TAIL, DATA),       R(".jsonl.gz", TAIL, DATA),
	R(".jsonl.zst", TAIL, DATA),   R(".wav", TAIL, DATA),
	R(".mp3", TAIL, DATA),         R(".flac", TAIL, DATA),
	R(".mp4", TAIL, DATA),
	R(".md", TAIL, DOC),           R(".txt", TAIL, DOC),
	R(".rst", TAIL, DOC),          R(".pdf", TAIL, DOC),
	R(".html", TAIL, DOC),         R(".htm", TAIL, DOC),
	R(".png", TAIL, DOC),          R(".jpg", TAIL, DOC),
	R(".jpeg", TAIL, DOC),         R(".gif", TAIL, DOC),
	R(".svg", TAIL, DOC),          R(".webp", TAIL, DOC),
	R(".bib", TAIL, DOC),          R(".cff", TAIL, DOC),
	R("readme", HEAD, DOC),        R("license", HEAD, DOC),
	R("licence", HEAD, DOC),       R("notice", HEAD, DOC),
	R("copying", HEAD, DOC),       R("authors", HEAD, DOC),
	R("usage_policy", HEAD, DOC),  R("use_policy", HEAD, DOC),
	R("changelog", HEAD, DOC),     R("citation", HEAD, DOC),
	R(".json", TAIL, META),        R(".yaml", TAIL, META),
	R(".yml", TAIL, META),         R(".toml", TAIL, META),
	R(".ini", TAIL, META),         R(".cfg", TAIL, META),
	R(".xml", TAIL, META),         R(".lock", TAIL, META),
	R(".sha256", TAIL, META),      R(".sha512", TAIL, META),
	R(".md5", TAIL, META),         R(".sig", TAIL, META),
	R(".asc", TAIL, META),         R(".manifest", TAIL, META),
	R(".log", TAIL, META),         R("md5sums", NAME, META),
	R("thumbs.db", NAME, META),    R("modelfile", NAME, META),
	R("events.out.tfevents", HEAD, META),
};
/* clang-format on */

static const char *const partial_tails[] = {
	".incomplete", ".part", ".partial", ".aria2", ".crdownload", ".download", ".tmp",
};

/* Most rules fail at one byte: a folder may have a million names. */
static bool matches(const struct rule *r, struct vit_str dir, struct vit_str name)
{
	struct vit_str text = { r->text, r->n };

	if (r->how == DIR)
		return vit_str_eq(vit_path_base(dir), text);
	if (name.n < text.n)
		return false;
	switch ((enum how)r->how) {
	case NAME:
		return name.n == text.n && name.p[0] == text.p[0] && vit_str_eq(name, text);
	case HEAD:
		return name.p[0] == text.p[0] && memcmp(name.p, text.p, text.n) == 0;
	case TAIL:
		return name.p[name.n - 1] == text.p[text.n - 1] &&
		       memcmp(name.p + name.n - text.n, text.p, text.n) == 0;
	case DIR:
		break;
	}
	return false;
}

/* The name in lower case (ASCII), cut at the size of `out`. */
static struct vit_str lower(struct vit_str name, char *out, size_t size)
{
	size_t n = name.n < size ? name.n : size;

	for (size_t i = 0; i < n; i++)
		out[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + ('a' - 'A'))
							      : name.p[i];
	return (struct vit_str){ out, n };
}

static bool is_inside(struct vit_str path, const char *folder)
{
	struct vit_str f = vit_str_c(folder);
	size_t at = 0;

	while ((at = vit_str_find(path, f, at)) != SIZE_MAX) {
		bool begins = at == 0 || path.p[at - 1] == '/';
		bool ends = at + f.n == path.n || path.p[at + f.n] == '/';
		if (begins && ends)
			return true;
		at++;
	}
	return false;
}

/* What an ending says is not overruled by a beginning (config_x.md is a text),
 * but by the endings that texts and side files of tokenizers share. */
static bool ending_decides(enum vit_file_kind kind, struct vit_str low)
{
	if (kind == VIT_FK_DOC)
		return !vit_str_ends(low, VIT_STR(".txt"));
	if (kind == VIT_FK_META)
		return !vit_str_ends(low, VIT_STR(".json"));
	return kind == VIT_FK_DATA;
}

static enum vit_file_kind by_rules(struct vit_str dir, struct vit_str name)
{
	char small[256];
	struct vit_str low = lower(name, small, sizeof small);
	enum vit_file_kind kind = VIT_FK_OTHER;

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (matches(&rules[i], dir, low)) {
			kind = (enum vit_file_kind)rules[i].kind;
			break;
		}
	}
	/* tokenizer.py is code, vocab.so a program. */
	if (kind == VIT_FK_CODE || kind == VIT_FK_NATIVE || kind == VIT_FK_PICKLE)
		return kind;
	for (size_t i = 0; i < sizeof exact_rules / sizeof *exact_rules; i++) {
		if (exact_rules[i].how == HEAD && ending_decides(kind, low))
			continue;
		if (matches(&exact_rules[i], dir, name))
			return (enum vit_file_kind)exact_rules[i].kind;
	}
	if (kind == VIT_FK_OTHER_WEIGHTS && vit_str_starts(low, VIT_STR("pytorch_model")))
		return VIT_FK_PICKLE;
	/* Pieces that someone cut: model.safetensors.part-aa */
	if (kind == VIT_FK_OTHER && vit_str_find(low, VIT_STR(".safetensors."), 0) != SIZE_MAX)
		return VIT_FK_OTHER_WEIGHTS;
	return kind;
}

enum vit_file_kind vit_kind_by_name(struct vit_str path, enum vit_file_type type)
{
	struct vit_str name = vit_path_base(path);

	if (is_inside(path, ".git"))
		return VIT_FK_VCS;
	if (type == VIT_FT_DIR && vit_str_is(name, ".cache"))
		return VIT_FK_HUB_CACHE;
	if (type == VIT_FT_DIR)
		return is_inside(path, ".cache/huggingface") ? VIT_FK_HUB_CACHE : VIT_FK_OTHER;
	for (size_t i = 0; i < sizeof partial_tails / sizeof *partial_tails; i++) {
		struct vit_str tail = vit_str_c(partial_tails[i]);
		if (name.n > tail.n && vit_str_ends(name, tail))
			return VIT_FK_PARTIAL;
	}
	if (is_inside(path, ".cache/huggingface"))
		return VIT_FK_HUB_CACHE;
	/* "._model.safetensors" is what macOS leaves on foreign disks: no weights. */
	if (name.n > 0 && name.p[0] == '.')
		return VIT_FK_META;
	return by_rules(vit_path_dir(path), name);
}

static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x200b || cp == 0x200e ||
	       cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x2069) ||
	       cp == 0xfeff;
}

uint32_t vit_name_flags(struct vit_str path)
{
	struct vit_str rest = vit_path_base(path);
	uint32_t flags = 0, cp;

	while (rest.n > 0) {
		size_t taken = vit_utf8_decode(rest, &cp);
		if (taken == 0) {
			flags |= VIT_FF_NOT_UTF8;
			cp = (unsigned char)rest.p[0];
			taken = 1;
			if (cp >= 0x80)
				cp = 'x';
		}
		if (is_control(cp))
			flags |= VIT_FF_CONTROL;
		rest = vit_str_sub(rest, taken, rest.n);
	}
	return flags;
}
