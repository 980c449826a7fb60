/* What a file is by its name and its first bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collect/files_internal.h"

static void kinds_by_name(void **state)
{
	static const struct {
		const char *path;
		enum vit_file_kind kind;
	} t[] = {
		{ "config.json", VIT_FK_CONFIG },
		{ "original/config.json", VIT_FK_CONFIG },
		{ "generation_config.json", VIT_FK_CONFIG },
		{ "preprocessor_config.json", VIT_FK_CONFIG },
		{ "config_sentence_transformers.json", VIT_FK_CONFIG },
		{ "modules.json", VIT_FK_CONFIG },
		{ "model.safetensors", VIT_FK_WEIGHTS },
		{ "model-00001-of-000163.safetensors", VIT_FK_WEIGHTS },
		{ "original/model.safetensors", VIT_FK_WEIGHTS },
		{ "model.safetensors.index.json", VIT_FK_INDEX },
		{ "pytorch_model.bin.index.json", VIT_FK_INDEX },
		{ "pytorch_model-00001-of-00002.bin", VIT_FK_PICKLE },
		{ "training_args.bin", VIT_FK_PICKLE },
		{ "consolidated.00.pth", VIT_FK_PICKLE },
		{ "metal/model.bin", VIT_FK_OTHER_WEIGHTS },
		{ "onnx/model.onnx", VIT_FK_OTHER_WEIGHTS },
		{ "model.safetensors.part-aa", VIT_FK_OTHER_WEIGHTS },
		{ "gemma-2b-it.gguf", VIT_FK_GGUF },
		{ "tokenizer.json", VIT_FK_TOKENIZER },
		{ "tokenizer.model", VIT_FK_TOKENIZER },
		{ "tokenizer_config.json", VIT_FK_TOKENIZER },
		{ "special_tokens_map.json", VIT_FK_TOKENIZER },
		{ "added_tokens.json", VIT_FK_TOKENIZER },
		{ "vocab.json", VIT_FK_TOKENIZER },
		{ "vocab.txt", VIT_FK_TOKENIZER },
		{ "merges.txt", VIT_FK_TOKENIZER },
		{ "spiece.model", VIT_FK_TOKENIZER },
		{ "qwen.tiktoken", VIT_FK_TOKENIZER },
		{ "chat_template.jinja", VIT_FK_TEMPLATE },
		{ "additional_chat_templates/tool_use.jinja", VIT_FK_TEMPLATE },
		{ "adapter_config.json", VIT_FK_ADAPTER },
		{ "adapter_model.safetensors", VIT_FK_WEIGHTS },
		{ "adapter_model.bin", VIT_FK_PICKLE },
		{ "modeling_deepseek.py", VIT_FK_CODE },
		{ "tokenizer_script.py", VIT_FK_CODE },
		{ "Run.SH", VIT_FK_CODE },
		{ "libthing.so", VIT_FK_NATIVE },
		{ "vocab.dll", VIT_FK_NATIVE },
		{ "README.md", VIT_FK_DOC },
		{ "LICENSE", VIT_FK_DOC },
		{ "USAGE_POLICY", VIT_FK_DOC },
		{ "config_notes.md", VIT_FK_DOC },
		{ "huggingface-metadata.txt", VIT_FK_DOC },
		{ "figures/a.PNG", VIT_FK_DOC },
		{ ".gitattributes", VIT_FK_META },
		{ ".DS_Store", VIT_FK_META },
		{ "._model.safetensors", VIT_FK_META },
		{ "vitalis.lock", VIT_FK_META },
		{ "original/dtypes.json", VIT_FK_META },
		{ "PARTS.manifest", VIT_FK_META },
		{ ".git/HEAD", VIT_FK_VCS },
		{ ".cache/huggingface/download/config.json.metadata", VIT_FK_HUB_CACHE },
		{ ".cache/huggingface/.gitignore", VIT_FK_HUB_CACHE },
		{ ".cache/huggingface/download/x.abc.incomplete", VIT_FK_PARTIAL },
		{ "model.safetensors.incomplete", VIT_FK_PARTIAL },
		{ "model.gguf.aria2", VIT_FK_PARTIAL },
		{ "model.safetensors.crdownload", VIT_FK_PARTIAL },
		{ "train.jsonl", VIT_FK_DATA },
		{ "vocab.csv", VIT_FK_DATA },
		{ "data/train.parquet", VIT_FK_DATA },
		{ "holiday.xyz", VIT_FK_OTHER },
		{ "passwd", VIT_FK_OTHER },
		{ ".github.xyz/a.xyz", VIT_FK_OTHER },
		{ "x.gitter/a.xyz", VIT_FK_OTHER },
		/* Loaders look by exact case. */
		{ "CONFIG.JSON", VIT_FK_META },
		{ "Model.Safetensors", VIT_FK_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		enum vit_file_kind k = vit_kind_by_name(vit_str_c(t[i].path), VIT_FT_REGULAR);
		if (k != t[i].kind)
			fail_msg("%s: kind %d, expected %d", t[i].path, (int)k, (int)t[i].kind);
	}
	assert_int_equal(vit_kind_by_name(VIT_STR(".git"), VIT_FT_DIR), VIT_FK_VCS);
	assert_int_equal(vit_kind_by_name(VIT_STR(".cache"), VIT_FT_DIR), VIT_FK_HUB_CACHE);
	assert_int_equal(vit_kind_by_name(VIT_STR("metal"), VIT_FT_DIR), VIT_FK_OTHER);
}

static void flags_of_names(void **state)
{
	static const struct {
		const char *path;
		uint32_t flags;
	} t[] = {
		{ "plain.txt", 0 },
		{ "caf\xc3\xa9.txt", 0 },
		{ "bad\xff.txt", VIT_FF_NOT_UTF8 },
		{ "\xff/inside", 0 }, /* the folder's own row tells */
		{ "surrogate\xed\xa0\x80", VIT_FF_NOT_UTF8 },
		{ "new\nline", VIT_FF_CONTROL },
		{ "\x1b[31mred", VIT_FF_CONTROL },
		{ "del\x7f", VIT_FF_CONTROL },
		{ "c1\xc2\x85", VIT_FF_CONTROL },
		{ "gnp\xe2\x80\xae.exe", VIT_FF_CONTROL }, /* U+202E */
		{ "\xff\x1b", VIT_FF_NOT_UTF8 | VIT_FF_CONTROL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		assert_int_equal(vit_name_flags(vit_str_c(t[i].path)), t[i].flags);
}

/* ---- by bytes ------------------------------------------------------------------ */

static struct vit_file look(struct vit_arena *a, const char *path, struct vit_str head)
{
	struct vit_file f = { .path = vit_str_c(path),
			      .type = VIT_FT_REGULAR,
			      .kind = vit_kind_by_name(vit_str_c(path), VIT_FT_REGULAR),
			      .size = head.n };

	vit_kind_by_bytes(a, &f, head);
	return f;
}

#define OID     "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
#define POINTER "version https://git-lfs.github.com/spec/v1\noid sha256:" OID "\nsize 12345\n"

static void lfs_pointers(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_file f = look(a, "model.safetensors", VIT_STR(POINTER));

	(void)state;
	assert_int_equal(f.flags, VIT_FF_LFS_POINTER);
	assert_true(vit_str_is(f.lfs_oid, OID));
	assert_int_equal(f.lfs_size, 12345);
	/* As a checkout on Windows leaves it, and with an extension line. */
	f = look(a, "a.bin",
		 VIT_STR("version https://git-lfs.github.com/spec/v1\r\next-0-x sha256:00\r\n"
			 "oid sha256:" OID "\r\nsize 1\r\n"));
	assert_int_equal(f.flags, VIT_FF_LFS_POINTER);
	assert_int_equal(f.lfs_size, 1);
	/* Of a damaged one nothing is believed. */
	f = look(a, "a.bin",
		 VIT_STR("version https://git-lfs.github.com/spec/v1\noid sha256:XYZ\nsize -1\n"));
	assert_int_equal(f.flags, VIT_FF_LFS_POINTER);
	assert_int_equal(f.lfs_oid.n, 0);
	assert_int_equal(f.lfs_size, 0);
	f = look(a, "notes.txt",
		 VIT_STR("version https://git-lfs.github.com/spec/v1 is what a pointer says"));
	assert_int_equal(f.flags, 0);
	/* What is larger than git-lfs would write is a file about pointers. */
	f = (struct vit_file){ .path = VIT_STR("x"), .type = VIT_FT_REGULAR, .size = 1025 };
	vit_kind_by_bytes(a, &f, VIT_STR(POINTER));
	assert_int_equal(f.flags, 0);
	vit_arena_free(a);
}

static void web_pages(void **state)
{
	struct vit_arena *a = vit_arena_new();

	(void)state;
	assert_int_equal(look(a, "model.safetensors", VIT_STR("<!DOCTYPE html><html>")).flags,
			 VIT_FF_HTML);
	assert_int_equal(look(a, "m.gguf", VIT_STR("\xef\xbb\xbf\n  <HTML lang=en>")).flags,
			 VIT_FF_HTML);
	assert_int_equal(look(a, "config.json", VIT_STR(" \r\n<html>")).flags, VIT_FF_HTML);
	assert_int_equal(look(a, "docs.html", VIT_STR("<!doctype html>")).flags, 0);
	assert_int_equal(look(a, "config.json", VIT_STR("<htm")).flags, 0);
	assert_int_equal(look(a, "config.json", VIT_STR("{}")).flags, 0);
	vit_arena_free(a);
}

static void pickles_and_programs(void **state)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_file f = look(a, "weights.bin", VIT_STR("\x80\x04\x95\x10\0\0\0"));

	(void)state;
	assert_int_equal(f.flags, VIT_FF_PICKLE_BYTES);
	assert_int_equal(f.kind, VIT_FK_PICKLE);
	f = look(a, "state.pt", VIT_STR("\x80\x02\x8a\nl\xfc\x9c"));
	assert_int_equal(f.flags, VIT_FF_PICKLE_BYTES);
	f = look(a, "weights.bin", VIT_STR("PK\x03\x04\0\0\x08\x08"));
	assert_int_equal(f.flags, VIT_FF_PICKLE_BYTES);
	/* A zip is a pickle only where torch would write one. */
	f = look(a, "arrays.npz", VIT_STR("PK\x03\x04\0\0\x08\x08"));
	assert_int_equal(f.flags, 0);
	/* Raw numbers that begin with the same byte. */
	f = look(a, "weights.bin", VIT_STR("\x80\x02\0\0\0\0"));
	assert_int_equal(f.flags, 0);
	assert_int_equal(f.kind, VIT_FK_OTHER_WEIGHTS);
	/* A safetensors header of 640 bytes begins with 80 02. */
	f = look(a, "model.safetensors", VIT_STR("\x80\x02\0\0\0\0\0\0{"));
	assert_int_equal(f.flags, 0);
	f = look(a, "model.safetensors", VIT_STR("\x80\x02}q\0(X\0\0"));
	assert_int_equal(f.flags, VIT_FF_PICKLE_BYTES);
	assert_int_equal(f.kind, VIT_FK_WEIGHTS);

	f = look(a, "helper",
		 VIT_STR("\x7f"
			 "ELF\x02\x01"));
	assert_int_equal(f.flags, VIT_FF_NATIVE_BYTES);
	assert_int_equal(f.kind, VIT_FK_NATIVE);
	f = look(a, "helper", VIT_STR("\xcf\xfa\xed\xfe\x0c\0\0\x01"));
	assert_int_equal(f.kind, VIT_FK_NATIVE);
	f = look(a, "helper", VIT_STR("#!/bin/sh\n"));
	assert_int_equal(f.kind, VIT_FK_CODE);
	assert_int_equal(f.flags, 0);
	vit_arena_free(a);
}

static void windows_programs(void **state)
{
	struct vit_arena *a = vit_arena_new();
	char pe[256] = "MZ";

	(void)state;
	pe[0x3c] = (char)0x80;
	memcpy(pe + 0x80, "PE\0\0", 4);
	assert_int_equal(look(a, "helper", (struct vit_str){ pe, sizeof pe }).kind, VIT_FK_NATIVE);
	/* Two letters are not enough, nor an offset behind what was read. */
	pe[0x80] = 'X';
	assert_int_equal(look(a, "helper", (struct vit_str){ pe, sizeof pe }).kind, VIT_FK_OTHER);
	memset(pe + 0x3c, 0xff, 4);
	assert_int_equal(look(a, "helper", (struct vit_str){ pe, sizeof pe }).kind, VIT_FK_OTHER);
	assert_int_equal(look(a, "helper", VIT_STR("MZ")).kind, VIT_FK_OTHER);
	vit_arena_free(a);
}

static void what_is_peeked(void **state)
{
	struct vit_file f = { .path = VIT_STR("x"), .type = VIT_FT_REGULAR, .size = 5000000000 };

	(void)state;
	f.kind = VIT_FK_WEIGHTS;
	assert_true(vit_peek_wanted(&f, 0));
	f.kind = VIT_FK_DOC;
	assert_false(vit_peek_wanted(&f, 0));
	f.size = 130;
	assert_true(vit_peek_wanted(&f, 0));
	f.kind = VIT_FK_VCS;
	assert_false(vit_peek_wanted(&f, 0));
	f.kind = VIT_FK_OTHER;
	f.size = 7;
	assert_true(vit_peek_wanted(&f, 0));
	assert_false(vit_peek_wanted(&f, VIT_PEEK_UNKNOWN_MAX));
	f.kind = VIT_FK_WEIGHTS;
	f.size = 0;
	assert_false(vit_peek_wanted(&f, 0));
	f.size = 9;
	f.type = VIT_FT_FIFO;
	assert_false(vit_peek_wanted(&f, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_by_name),        cmocka_unit_test(flags_of_names),
		cmocka_unit_test(lfs_pointers),         cmocka_unit_test(web_pages),
		cmocka_unit_test(pickles_and_programs), cmocka_unit_test(windows_programs),
		cmocka_unit_test(what_is_peeked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
