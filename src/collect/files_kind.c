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
	unsigned char how;
	unsigned char kind;
};

/* clang-format off */
/* Files that loaders look for: they do so by exact case. First match wins. */
static const struct rule exact_rules[] = {
	{ ".safetensors", TAIL, VIT_FK_WEIGHTS },
	{ ".safetensors.index.json", TAIL, VIT_FK_INDEX },
	{ ".bin.index.json", TAIL, VIT_FK_INDEX },
	{ ".gguf", TAIL, VIT_FK_GGUF },
	{ "adapter_config.json", NAME, VIT_FK_ADAPTER },
	{ "chat_template.jinja", NAME, VIT_FK_TEMPLATE },
	{ "chat_template.json", NAME, VIT_FK_TEMPLATE },
	{ "additional_chat_templates", DIR, VIT_FK_TEMPLATE },
	{ ".jinja", TAIL, VIT_FK_TEMPLATE },
	{ ".jinja2", TAIL, VIT_FK_TEMPLATE },
	{ "tokenizer", HEAD, VIT_FK_TOKENIZER }, /* but for code: see below */
	{ "special_tokens_map.json", NAME, VIT_FK_TOKENIZER },
	{ "added_tokens.json", NAME, VIT_FK_TOKENIZER },
	{ "vocab", HEAD, VIT_FK_TOKENIZER },
	{ "merges.txt", NAME, VIT_FK_TOKENIZER },
	{ "tekken.json", NAME, VIT_FK_TOKENIZER },
	{ "sentencepiece", HEAD, VIT_FK_TOKENIZER },
	{ "spiece", HEAD, VIT_FK_TOKENIZER },
	{ "source.spm", NAME, VIT_FK_TOKENIZER },
	{ "target.spm", NAME, VIT_FK_TOKENIZER },
	{ ".tiktoken", TAIL, VIT_FK_TOKENIZER },
	{ ".model", TAIL, VIT_FK_TOKENIZER },
	{ "config.json", NAME, VIT_FK_CONFIG },
	{ "config_", HEAD, VIT_FK_CONFIG },
	{ "params.json", NAME, VIT_FK_CONFIG },
	{ "modules.json", NAME, VIT_FK_CONFIG },
	{ "model_index.json", NAME, VIT_FK_CONFIG },
	{ "configuration.json", NAME, VIT_FK_CONFIG },
	{ "_config.json", TAIL, VIT_FK_CONFIG },
	{ "vitalis.lock", NAME, VIT_FK_META },
	{ "SHA256SUMS", NAME, VIT_FK_META },
};

/* The others, by the name in lower case. */
static const struct rule rules[] = {
	{ ".py", TAIL, VIT_FK_CODE },          { ".pyi", TAIL, VIT_FK_CODE },
	{ ".ipynb", TAIL, VIT_FK_CODE },       { ".sh", TAIL, VIT_FK_CODE },
	{ ".bash", TAIL, VIT_FK_CODE },        { ".zsh", TAIL, VIT_FK_CODE },
	{ ".ps1", TAIL, VIT_FK_CODE },         { ".bat", TAIL, VIT_FK_CODE },
	{ ".cmd", TAIL, VIT_FK_CODE },         { ".js", TAIL, VIT_FK_CODE },
	{ ".mjs", TAIL, VIT_FK_CODE },         { ".ts", TAIL, VIT_FK_CODE },
	{ ".lua", TAIL, VIT_FK_CODE },         { ".pl", TAIL, VIT_FK_CODE },
	{ ".rb", TAIL, VIT_FK_CODE },          { ".r", TAIL, VIT_FK_CODE },
	{ ".c", TAIL, VIT_FK_CODE },           { ".cc", TAIL, VIT_FK_CODE },
	{ ".cpp", TAIL, VIT_FK_CODE },         { ".h", TAIL, VIT_FK_CODE },
	{ ".hpp", TAIL, VIT_FK_CODE },         { ".cu", TAIL, VIT_FK_CODE },
	{ ".rs", TAIL, VIT_FK_CODE },          { ".go", TAIL, VIT_FK_CODE },
	{ ".swift", TAIL, VIT_FK_CODE },       { ".metal", TAIL, VIT_FK_CODE },
	{ ".java", TAIL, VIT_FK_CODE },        { "makefile", NAME, VIT_FK_CODE },
	{ "dockerfile", NAME, VIT_FK_CODE },
	{ ".so", TAIL, VIT_FK_NATIVE },        { ".dylib", TAIL, VIT_FK_NATIVE },
	{ ".dll", TAIL, VIT_FK_NATIVE },       { ".exe", TAIL, VIT_FK_NATIVE },
	{ ".pyd", TAIL, VIT_FK_NATIVE },       { ".o", TAIL, VIT_FK_NATIVE },
	{ ".a", TAIL, VIT_FK_NATIVE },         { ".pyc", TAIL, VIT_FK_NATIVE },
	{ ".jar", TAIL, VIT_FK_NATIVE },       { ".wasm", TAIL, VIT_FK_NATIVE },
	{ ".metallib", TAIL, VIT_FK_NATIVE },  { ".apk", TAIL, VIT_FK_NATIVE },
	{ "adapter_model.bin", NAME, VIT_FK_PICKLE },
	{ "training_args.bin", NAME, VIT_FK_PICKLE }, { "optimizer.bin", NAME, VIT_FK_PICKLE },
	{ "scheduler.bin", NAME, VIT_FK_PICKLE },
	{ ".pt", TAIL, VIT_FK_PICKLE },        { ".pth", TAIL, VIT_FK_PICKLE },
	{ ".ckpt", TAIL, VIT_FK_PICKLE },      { ".pkl", TAIL, VIT_FK_PICKLE },
	{ ".pickle", TAIL, VIT_FK_PICKLE },    { ".joblib", TAIL, VIT_FK_PICKLE },
	{ ".bin", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".onnx", TAIL, VIT_FK_OTHER_WEIGHTS },      { ".onnx_data", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".onnx.data", TAIL, VIT_FK_OTHER_WEIGHTS }, { ".h5", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".hdf5", TAIL, VIT_FK_OTHER_WEIGHTS },      { ".keras", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".msgpack", TAIL, VIT_FK_OTHER_WEIGHTS },   { ".tflite", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".npz", TAIL, VIT_FK_OTHER_WEIGHTS },       { ".npy", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".ot", TAIL, VIT_FK_OTHER_WEIGHTS },        { ".pb", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".mlmodel", TAIL, VIT_FK_OTHER_WEIGHTS },   { ".nemo", TAIL, VIT_FK_OTHER_WEIGHTS },
	{ ".ggml", TAIL, VIT_FK_OTHER_WEIGHTS },      { ".llamafile", TAIL, VIT_FK_NATIVE },
	{ ".jsonl", TAIL, VIT_FK_DATA },       { ".parquet", TAIL, VIT_FK_DATA },
	{ ".csv", TAIL, VIT_FK_DATA },         { ".tsv", TAIL, VIT_FK_DATA },
	{ ".arrow", TAIL, VIT_FK_DATA },       { ".jsonl.gz", TAIL, VIT_FK_DATA },
	{ ".jsonl.zst", TAIL, VIT_FK_DATA },   { ".wav", TAIL, VIT_FK_DATA },
	{ ".mp3", TAIL, VIT_FK_DATA },         { ".flac", TAIL, VIT_FK_DATA },
	{ ".mp4", TAIL, VIT_FK_DATA },
	{ ".md", TAIL, VIT_FK_DOC },           { ".txt", TAIL, VIT_FK_DOC },
	{ ".rst", TAIL, VIT_FK_DOC },          { ".pdf", TAIL, VIT_FK_DOC },
	{ ".html", TAIL, VIT_FK_DOC },         { ".htm", TAIL, VIT_FK_DOC },
	{ ".png", TAIL, VIT_FK_DOC },          { ".jpg", TAIL, VIT_FK_DOC },
	{ ".jpeg", TAIL, VIT_FK_DOC },         { ".gif", TAIL, VIT_FK_DOC },
	{ ".svg", TAIL, VIT_FK_DOC },          { ".webp", TAIL, VIT_FK_DOC },
	{ ".bib", TAIL, VIT_FK_DOC },          { ".cff", TAIL, VIT_FK_DOC },
	{ "readme", HEAD, VIT_FK_DOC },        { "license", HEAD, VIT_FK_DOC },
	{ "licence", HEAD, VIT_FK_DOC },       { "notice", HEAD, VIT_FK_DOC },
	{ "copying", HEAD, VIT_FK_DOC },       { "authors", HEAD, VIT_FK_DOC },
	{ "usage_policy", HEAD, VIT_FK_DOC },  { "use_policy", HEAD, VIT_FK_DOC },
	{ "changelog", HEAD, VIT_FK_DOC },     { "citation", HEAD, VIT_FK_DOC },
	{ ".json", TAIL, VIT_FK_META },        { ".yaml", TAIL, VIT_FK_META },
	{ ".yml", TAIL, VIT_FK_META },         { ".toml", TAIL, VIT_FK_META },
	{ ".ini", TAIL, VIT_FK_META },         { ".cfg", TAIL, VIT_FK_META },
	{ ".xml", TAIL, VIT_FK_META },         { ".lock", TAIL, VIT_FK_META },
	{ ".sha256", TAIL, VIT_FK_META },      { ".sha512", TAIL, VIT_FK_META },
	{ ".md5", TAIL, VIT_FK_META },         { ".sig", TAIL, VIT_FK_META },
	{ ".asc", TAIL, VIT_FK_META },         { ".manifest", TAIL, VIT_FK_META },
	{ ".log", TAIL, VIT_FK_META },         { "md5sums", NAME, VIT_FK_META },
	{ "thumbs.db", NAME, VIT_FK_META },    { "modelfile", NAME, VIT_FK_META },
	{ "events.out.tfevents", HEAD, VIT_FK_META },
};
/* clang-format on */

static const char *const partial_tails[] = {
	".incomplete", ".part", ".partial", ".aria2", ".crdownload", ".download", ".tmp",
};

static bool matches(const struct rule *r, struct vit_str dir, struct vit_str name)
{
	struct vit_str text = vit_str_c(r->text);

	switch ((enum how)r->how) {
	case NAME:
		return vit_str_eq(name, text);
	case HEAD:
		return vit_str_starts(name, text);
	case TAIL:
		return vit_str_ends(name, text);
	case DIR:
		return vit_str_eq(vit_path_base(dir), text);
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
