/*
 * Environments as they lie on disk: a venv, a conda environment, a system's
 * Python with user packages, broken ones, and one inside the model's folder.
 * Interpreters are shell scripts that answer what Python would; a real venv is
 * made in tests/cli/python-venv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "collect/python.h"
#include "folder.h"

/* The real machine with an environment of the test's own. */
static struct { const char *name, *value; } variables[4];
static struct folder f;
static struct vit_arena *a;

static enum vit_errc env(void *ctx, const char *name, struct vit_buf *out, struct vit_err *err)
{
	(void)ctx;
	for (size_t i = 0; i < 4; i++) {
		if (variables[i].name && strcmp(variables[i].name, name) == 0) {
			vit_buf_clear(out);
			vit_buf_puts(out, variables[i].value);
			return VIT_OK;
		}
	}
	return vit_err_set(err, VIT_E_NOTFOUND, "%s is not set", name);
}

static const char *at(const char *name)
{
	return vit_arena_str(a, vit_str_c(folder_at(&f, name))).p;
}

static void set(size_t i, const char *name, const char *value)
{
	variables[i].name = name;
	variables[i].value = value;
}

static struct vit_python collect(const char *asked)
{
	struct vit_host host = *vit_host_real();
	struct vit_python_options o = { .asked = vit_str_c(asked), .model_root = vit_str_c(at("model")) };
	struct vit_python p;

	host.env = env;
	vit_collect_python(a, &host, &o, &p);
	return p;
}

static void interpreter(const char *path, const char *version, const char *prefix)
{
	folder_text(&f, path, vit_arena_printf(a, "#!/bin/sh\nprintf 'cpython\\n%s\\n%s\\n%s\\n'\n", version, prefix,
					       prefix).p);
	folder_mode(&f, path, 0755);
}

static void dist(const char *place, const char *entry, const char *metadata)
{
	folder_text(&f, vit_arena_printf(a, "%s/%s/METADATA", place, entry).p, metadata);
}

static int setup(void **state)
{
	(void)state;
	memset(variables, 0, sizeof(variables));
	a = vit_arena_new();
	folder_new(&f);
	folder_mkdir(&f, "model");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(&f);
	vit_arena_free(a);
	return 0;
}

static void assert_is(struct vit_str s, const char *expected)
{
	if (!vit_str_is(s, expected))
		fail_msg("'%.*s' is not '%s'", VIT_FMT(s), expected);
}

#define SITE "env/lib/python3.12/site-packages"

static void a_venv(void **state)
{
	struct vit_python p;
	const struct vit_python_package *torch;

	(void)state;
	interpreter("env/bin/python3", "3.12.4", "/usr");
	folder_text(&f, "env/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.12.4\n");
	dist(SITE, "torch-2.8.0+cu128.dist-info",
	     "Metadata-Version: 2.1\nName: torch\nVersion: 2.8.0+cu128\nRequires-Python: >=3.9\n"
	     "Requires-Dist: filelock\nRequires-Dist: triton==3.4.0; sys_platform == \"linux\"\n\nbody\nVersion: 9\n");
	folder_text(&f, SITE "/torch/version.py", "from typing import Optional\n__version__ = '2.8.0+cu128'\n"
						  "debug = False\ncuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n");
	dist(SITE, "Flash_Attn-2.8.3.dist-info", "Name: flash_attn\nVersion: 2.8.3\n");
	folder_mkdir(&f, SITE "/peft-0.17.0.dist-info");
	folder_mkdir(&f, SITE "/~orch-2.7.0.dist-info");
	set(0, "VIRTUAL_ENV", at("env"));
	set(1, "HOME", at("home"));
	/* Not of a venv: */
	dist("home/.local/lib/python3.12/site-packages", "accelerate-1.0.dist-info", "Name: accelerate\nVersion: 1.0\n");
	p = collect("");
	assert_int_equal(p.origin, VIT_PYTHON_VIRTUAL_ENV);
	assert_int_equal(p.kind, VIT_PYTHON_VENV);
	assert_true(p.runs);
	assert_is(p.version, "3.12.4");
	assert_is(p.prefix, at("env"));
	assert_int_equal(p.package_count, 3);
	torch = vit_python_find(&p, VIT_STR("torch"));
	assert_non_null(torch);
	assert_is(torch->version, "2.8.0+cu128");
	assert_is(torch->requires_python, ">=3.9");
	assert_int_equal(torch->requires_count, 2);
	assert_is(torch->requires[1], "triton==3.4.0; sys_platform == \"linux\"");
	assert_true(p.torch_read);
	assert_is(p.torch_cuda, "12.8");
	assert_is(p.torch_hip, "");
	assert_non_null(vit_python_find(&p, VIT_STR("flash-attn")));
	assert_true(vit_python_find(&p, VIT_STR("peft"))->broken);
	/* The same by option. */
	memset(variables, 0, sizeof(variables));
	p = collect(at("env"));
	assert_int_equal(p.origin, VIT_PYTHON_OPTION);
	assert_int_equal(p.package_count, 3);
}

/* Its base interpreter is gone: the link leads nowhere. */
static void a_broken_venv(void **state)
{
	struct vit_python p;

	(void)state;
	folder_mkdir(&f, "env/bin");
	folder_link(&f, "env/bin/python3", "/nowhere/python3.9");
	folder_text(&f, "env/pyvenv.cfg", "home = /nowhere\nversion = 3.9.1\n");
	set(0, "VIRTUAL_ENV", at("env"));
	p = collect("");
	assert_int_equal(p.origin, VIT_PYTHON_VIRTUAL_ENV);
	assert_false(p.runs);
	assert_true(vit_str_find(p.why, VIT_STR("where no interpreter is"), 0) != SIZE_MAX);

	/* One that starts and fails. */
	folder_text(&f, "bad/bin/python3", "#!/bin/sh\nexit 3\n");
	folder_mode(&f, "bad/bin/python3", 0755);
	folder_text(&f, "bad/pyvenv.cfg", "home = /usr/bin\nversion = 3.9.1\n");
	dist("bad/lib/python3.9/site-packages", "torch-2.0.dist-info", "Name: torch\nVersion: 2.0\n");
	p = collect(at("bad"));
	assert_false(p.runs);
	assert_is(p.version, "3.9.1");
	assert_int_equal(p.package_count, 1);
}

static void a_conda_environment(void **state)
{
	struct vit_python p;

	(void)state;
	interpreter("conda/bin/python", "3.11.9", at("conda"));
	folder_text(&f, "conda/conda-meta/python-3.11.9-h955ad1f_0.json", "{}");
	dist("conda/lib/python3.11/site-packages", "numpy-2.1.0.dist-info", "Name: numpy\nVersion: 2.1.0\n");
	set(0, "CONDA_PREFIX", at("conda"));
	p = collect("");
	assert_int_equal(p.origin, VIT_PYTHON_CONDA);
	assert_int_equal(p.kind, VIT_PYTHON_CONDA_ENV);
	assert_is(p.version, "3.11.9");
	assert_int_equal(p.package_count, 1);
}

/* User packages come before the system's; PEP 668 is seen. */
static void the_system_python(void **state)
{
	const struct vit_python_package *numpy;
	struct vit_python p;

	(void)state;
	interpreter("usr/bin/python3", "3.11.2", at("usr"));
	folder_text(&f, "usr/lib/python3.11/EXTERNALLY-MANAGED", "[externally-managed]\n");
	folder_text(&f, "usr/lib/python3/dist-packages/numpy-1.24.2.egg-info", "Name: numpy\nVersion: 1.24.2\n");
	folder_text(&f, "usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO", "Name: six\nVersion: 1.16.0\n");
	dist("home/.local/lib/python3.11/site-packages", "numpy-2.0.0.dist-info", "Name: numpy\nVersion: 2.0.0\n");
	set(0, "PATH", vit_arena_printf(a, "relative:%s:%s", at("model"), at("usr/bin")).p);
	set(1, "HOME", at("home"));
	/* A trap: an interpreter in the model's folder, on PATH. */
	interpreter("model/python3", "3.11.2", at("model"));
	p = collect("");
	assert_int_equal(p.origin, VIT_PYTHON_PATH);
	assert_is(p.interpreter, at("usr/bin/python3"));
	assert_true(p.externally_managed);
	numpy = vit_python_find(&p, VIT_STR("numpy"));
	assert_is(numpy->version, "2.0.0");
	assert_is(vit_python_find(&p, VIT_STR("six"))->version, "1.16.0");
	set(2, "PYTHONNOUSERSITE", "1");
	p = collect("");
	assert_is(vit_python_find(&p, VIT_STR("numpy"))->version, "1.24.2");
}

static void nothing_of_the_model_is_run(void **state)
{
	struct vit_python p;

	(void)state;
	folder_text(&f, "model/env/bin/python3", vit_arena_printf(a, "#!/bin/sh\ntouch %s\n", at("ran")).p);
	folder_mode(&f, "model/env/bin/python3", 0755);
	folder_text(&f, "model/env/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.0\n");
	set(0, "VIRTUAL_ENV", at("model/env"));
	p = collect("");
	assert_false(p.runs);
	assert_true(vit_str_find(p.why, VIT_STR("inside the model's folder"), 0) != SIZE_MAX);
	p = collect(at("model/env/bin/python3"));
	assert_false(p.runs);
	assert_int_equal(access(at("ran"), F_OK), -1);
	/* Packages of the model's folder through PYTHONPATH are not read either. */
	memset(variables, 0, sizeof(variables));
	interpreter("usr/bin/python3", "3.11.2", at("usr"));
	dist("model/lib", "torch-2.0.dist-info", "Name: torch\nVersion: 2.0\n");
	set(0, "PATH", at("usr/bin"));
	set(1, "PYTHONPATH", at("model/lib"));
	p = collect("");
	assert_int_equal(p.package_count, 0);
	assert_int_equal(p.note_count, 1);
}

static void nothing_there(void **state)
{
	struct vit_python p;

	(void)state;
	p = collect("");
	assert_int_equal(p.origin, VIT_PYTHON_NOT_FOUND);
	assert_false(p.path_known);
	set(0, "PATH", at("empty"));
	p = collect("");
	assert_true(p.path_known);
	assert_int_equal(p.origin, VIT_PYTHON_NOT_FOUND);
	p = collect("python9.9");
	assert_true(vit_str_find(p.why, VIT_STR("python9.9"), 0) != SIZE_MAX);
	p = collect("/no/such/env");
	assert_true(vit_str_find(p.why, VIT_STR("neither an interpreter nor"), 0) != SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_venv, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_venv, setup, teardown),
		cmocka_unit_test_setup_teardown(a_conda_environment, setup, teardown),
		cmocka_unit_test_setup_teardown(the_system_python, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_of_the_model_is_run, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_there, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
