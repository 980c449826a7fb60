/* Area 'files': one kind of row, exactly its ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check_case.h"
#include "checks/files.h"

const struct vit_pass *const vit_passes[] = { &vit_pass_files };
const size_t vit_pass_count = 1;

static const struct vit_err refused = { .code = VIT_E_PERM, .msg = "config.json: Permission denied" };

/* A good model: nothing may fire. */
static void add_model(struct check_case *c)
{
	struct vit_file *f;

	case_file(c, "config.json", VIT_FK_CONFIG, 800);
	case_file(c, "model.safetensors", VIT_FK_WEIGHTS, 1 << 20)->flags = VIT_FF_SYMLINK |
									   VIT_FF_LINK_CACHE;
	case_file(c, "tokenizer.json", VIT_FK_TOKENIZER, 9000)->flags = VIT_FF_HARDLINKED;
	case_file(c, "README.md", VIT_FK_DOC, 100)->flags = VIT_FF_EXECUTABLE;
	case_file(c, ".gitattributes", VIT_FK_META, 0);
	case_file(c, "pkg/__init__.py", VIT_FK_CODE, 0);
	f = case_file(c, ".git", VIT_FK_VCS, 0);
	f->type = VIT_FT_DIR;
	case_file(c, ".cache/huggingface/download/x.lock", VIT_FK_HUB_CACHE, 0);
	case_file(c, "train.jsonl", VIT_FK_DATA, 10);
}

struct row {
	const char *path;
	enum vit_file_kind kind;
	enum vit_file_type type;
	uint64_t size;
	uint32_t flags;
	const char *fires;
};

static void one_row_at_a_time(void **state)
{
	static const struct row t[] = {
		{ "x.safetensors", VIT_FK_WEIGHTS, VIT_FT_REGULAR, 135, VIT_FF_LFS_POINTER,
		  "files/lfs-pointer:error" },
		{ "logo.png", VIT_FK_DOC, VIT_FT_REGULAR, 135, VIT_FF_LFS_POINTER,
		  "files/lfs-pointer:note" },
		/* The folder has safetensors: the pickle is a spare copy. */
		{ "pytorch_model.bin", VIT_FK_PICKLE, VIT_FT_REGULAR, 135, VIT_FF_LFS_POINTER,
		  "files/lfs-pointer:warning" },
		{ "metal/model.bin", VIT_FK_OTHER_WEIGHTS, VIT_FT_REGULAR, 135, VIT_FF_LFS_POINTER,
		  "files/lfs-pointer:warning" },
		{ "m.gguf", VIT_FK_GGUF, VIT_FT_REGULAR, 0, 0, "files/empty:error" },
		{ "NOTICE", VIT_FK_DOC, VIT_FT_REGULAR, 0, 0, "files/empty:note" },
		{ "odd.xyz", VIT_FK_OTHER, VIT_FT_REGULAR, 0, 0, "files/empty:note" },
		{ "m.gguf", VIT_FK_GGUF, VIT_FT_REGULAR, 99, VIT_FF_HTML, "files/html-page:error" },
		{ "new.safetensors.incomplete", VIT_FK_PARTIAL, VIT_FT_REGULAR, 5, 0,
		  "files/partial-download:error" },
		{ "model.safetensors.part", VIT_FK_PARTIAL, VIT_FT_REGULAR, 5, 0,
		  "files/partial-download:warning" },
		{ "model.safetensors.aria2", VIT_FK_PARTIAL, VIT_FT_REGULAR, 5, 0,
		  "files/partial-download:error" },
		{ "x.tmp", VIT_FK_PARTIAL, VIT_FT_REGULAR, 0, 0, "files/partial-download:warning" },
		{ ".cache/huggingface/download/a.b.incomplete", VIT_FK_PARTIAL, VIT_FT_REGULAR, 5, 0,
		  "files/partial-download:warning" },
		{ "b\xff", VIT_FK_DOC, VIT_FT_REGULAR, 5, VIT_FF_NOT_UTF8, "files/name-not-utf8:warning" },
		{ "b\n", VIT_FK_DOC, VIT_FT_REGULAR, 5, VIT_FF_CONTROL, "files/name-control:warning" },
		{ "x.safetensors", VIT_FK_WEIGHTS, VIT_FT_LINK, 0, VIT_FF_LINK_OUTSIDE,
		  "files/link-outside:error" },
		{ "passwd", VIT_FK_OTHER, VIT_FT_LINK, 0, VIT_FF_LINK_OUTSIDE,
		  "files/link-outside:warning" },
		{ "x.safetensors", VIT_FK_WEIGHTS, VIT_FT_LINK, 0, VIT_FF_LINK_BROKEN,
		  "files/link-broken:error" },
		{ "x", VIT_FK_OTHER, VIT_FT_LINK, 0, VIT_FF_LINK_BROKEN, "files/link-broken:warning" },
		{ "x", VIT_FK_OTHER, VIT_FT_LINK, 0, VIT_FF_LINK_LOOP, "files/link-loop:warning" },
		{ "up", VIT_FK_OTHER, VIT_FT_DIR, 0, VIT_FF_SYMLINK | VIT_FF_LINK_LOOP,
		  "files/link-loop:warning" },
		{ "x.safetensors", VIT_FK_WEIGHTS, VIT_FT_FIFO, 0, 0, "files/special-file:error" },
		{ "x", VIT_FK_OTHER, VIT_FT_SOCKET, 0, 0, "files/special-file:warning" },
		{ "x", VIT_FK_OTHER, VIT_FT_DEVICE, 0, 0, "files/special-file:warning" },
		{ "modeling_x.py", VIT_FK_CODE, VIT_FT_REGULAR, 5, 0, "files/code:note" },
		{ "x.bin", VIT_FK_PICKLE, VIT_FT_REGULAR, 5, VIT_FF_PICKLE_BYTES, "files/pickle:warning" },
		/* Of old pickles only the name tells. */
		{ "x.pkl", VIT_FK_PICKLE, VIT_FT_REGULAR, 5, 0, "files/pickle:warning" },
		{ "pytorch_model.bin", VIT_FK_PICKLE, VIT_FT_REGULAR, 5, 0, "" },
		{ "x.so", VIT_FK_NATIVE, VIT_FT_REGULAR, 5, 0, "files/native-code:warning" },
		{ "x.safetensors", VIT_FK_WEIGHTS, VIT_FT_REGULAR, 5, VIT_FF_NATIVE_BYTES,
		  "files/native-code:warning" },
		{ "holiday.xyz", VIT_FK_OTHER, VIT_FT_REGULAR, 5, 0, "files/unexpected:note" },
		{ "sub", VIT_FK_OTHER, VIT_FT_DIR, 0, 0, "" },
		{ "alias.json", VIT_FK_CONFIG, VIT_FT_REGULAR, 5, VIT_FF_SYMLINK, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct check_case c;
		case_new(&c);
		add_model(&c);
		assert_string_equal(case_run(&c), "");
		struct vit_file *f = case_file(&c, t[i].path, t[i].kind, t[i].size);
		f->type = t[i].type;
		f->flags = t[i].flags;
		f->link_target = VIT_STR("../elsewhere");
		const char *fired = case_run(&c);
		if (strcmp(fired, t[i].fires) != 0)
			fail_msg("%s (row %zu): fired \"%s\", expected \"%s\"", t[i].path, i, fired,
				 t[i].fires);
		if (*fired) {
			const struct vit_finding *x = vit_vec_at(&c.ev.findings, 0);
			assert_true(vit_str_is(x->where.path, t[i].path));
		}
		case_free(&c);
	}
}

static void pointers_say_what_they_promise(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	struct vit_file *f = case_file(&c, "my model.safetensors", VIT_FK_WEIGHTS, 135);
	f->flags = VIT_FF_LFS_POINTER;
	f->lfs_size = 4792272488;
	f->lfs_oid = VIT_STR("16d0f997dcfc4462089d536bffe51b4bcea2f872f5c430be09ef8ed392312427");
	assert_string_equal(case_run(&c), "files/lfs-pointer:error");
	const struct vit_finding *x = case_finding(&c, VIT_CK_files_lfs_pointer);
	assert_true(vit_str_find(x->message, VIT_STR("4,792,272,488"), 0) != SIZE_MAX);
	assert_true(vit_str_find(x->message, VIT_STR("16d0f997dcfc4462"), 0) != SIZE_MAX);
	assert_true(vit_str_is(x->remedy, "hf download <repo> 'my model.safetensors'"));
	c.facts.files.hub_repo = VIT_STR("openai/gpt-oss-20b");
	case_run(&c);
	x = case_finding(&c, VIT_CK_files_lfs_pointer);
	assert_true(vit_str_is(x->remedy, "hf download openai/gpt-oss-20b 'my model.safetensors'"));
	c.facts.files.git_clone = true;
	case_run(&c);
	x = case_finding(&c, VIT_CK_files_lfs_pointer);
	assert_true(vit_str_is(x->remedy, "git lfs pull --include 'my model.safetensors'"));
	case_free(&c);
}

/* What a person pastes into a shell must be one word and do nothing else. */
static void shell_words(void **state)
{
	static const struct {
		const char *path, *word;
		uint32_t flags;
	} t[] = {
		{ "model-00001-of-00002.safetensors", "model-00001-of-00002.safetensors", 0 },
		{ "a b", "'a b'", 0 },
		{ "$(reboot)", "'$(reboot)'", 0 },
		{ "it's;x", "'it'\\''s;x'", 0 },
		{ "-rf", "'-rf'", 0 },
		{ "caf\xc3\xa9", "'caf\xc3\xa9'", 0 },
		{ "new\nline", "PATH", VIT_FF_CONTROL },
		{ "bad\xff", "PATH", VIT_FF_NOT_UTF8 },
	};
	struct check_case c;

	(void)state;
	case_new(&c);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct vit_file f = { .path = vit_str_c(t[i].path), .flags = t[i].flags };
		assert_true(vit_str_is(vit_files_shell_word(&c.ev, &f), t[i].word));
	}
	case_free(&c);
}

static void case_collisions(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	case_file(&c, "Config.json", VIT_FK_META, 5)->case_twin = 1;
	case_file(&c, "config.json", VIT_FK_CONFIG, 5)->case_twin = 0;
	assert_string_equal(case_run(&c), "files/case-collision:warning");
	assert_int_equal(c.ev.counts[VIT_CK_files_case_collision], 1);
	assert_true(vit_str_is(case_finding(&c, VIT_CK_files_case_collision)->actual, "Config.json"));
	case_free(&c);
}

static void what_could_not_be_looked_at(void **state)
{
	struct check_case c;

	(void)state;
	case_new(&c);
	add_model(&c);
	struct vit_file *f = case_file(&c, "generation_config.json", VIT_FK_CONFIG, 5);
	f->flags = VIT_FF_UNREADABLE;
	f->err = &refused;
	c.facts.files.limit = VIT_WALK_ENTRIES;
	c.facts.files.limit_path = VIT_STR("zzz");
	assert_string_equal(case_run(&c), "");
	assert_int_equal(c.ev.states[VIT_CK_files_unreadable], VIT_STATE_UNKNOWN);
	assert_true(vit_str_is(c.ev.reasons[VIT_CK_files_unreadable], refused.msg));
	assert_int_equal(c.ev.states[VIT_CK_files_walk_limit], VIT_STATE_UNKNOWN);
	assert_int_equal(c.ev.states[VIT_CK_files_lfs_pointer], VIT_STATE_PASS);
	case_free(&c);

	/* A text nobody loads does not matter; a folder does. */
	case_new(&c);
	f = case_file(&c, "notes.md", VIT_FK_DOC, 5);
	f->flags = VIT_FF_UNREADABLE;
	f->err = &refused;
	case_run(&c);
	assert_int_equal(c.ev.states[VIT_CK_files_unreadable], VIT_STATE_PASS);
	assert_int_equal(c.ev.states[VIT_CK_files_walk_limit], VIT_STATE_PASS);
	f->type = VIT_FT_DIR;
	case_run(&c);
	assert_int_equal(c.ev.states[VIT_CK_files_unreadable], VIT_STATE_UNKNOWN);
	case_free(&c);
}

static void one_file_alone(void **state)
{
	struct check_case c;
	struct vit_shard shards[] = { { .file = 2, .in_index = true } };

	(void)state;
	case_new(&c);
	case_file(&c, "a.safetensors", VIT_FK_WEIGHTS, 0);
	case_file(&c, "model.safetensors.index.json", VIT_FK_INDEX, 5);
	case_file(&c, "z.safetensors", VIT_FK_WEIGHTS, 0);
	c.facts.files.only = VIT_STR("model.safetensors.index.json");
	assert_string_equal(case_run(&c), "");
	/* An index brings the shards it names. */
	c.facts.weights.index.path = c.facts.files.only;
	c.facts.weights.shards = shards;
	c.facts.weights.shard_count = 1;
	assert_string_equal(case_run(&c), "files/empty:error");
	assert_true(vit_str_is(case_finding(&c, VIT_CK_files_empty)->where.path, "z.safetensors"));
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_row_at_a_time),
		cmocka_unit_test(pointers_say_what_they_promise),
		cmocka_unit_test(shell_words),
		cmocka_unit_test(case_collisions),
		cmocka_unit_test(what_could_not_be_looked_at),
		cmocka_unit_test(one_file_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
