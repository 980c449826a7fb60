#include "fake_engine.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct fake_engine fake;

static void keep(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static void keep_names(char to[FAKE_MAX][64], struct vit_names names)
{
	for (size_t i = 0; i < names.count && i < FAKE_MAX; i++)
		keep(to[i], 64, names.names[i]);
}

static int answer(struct vit_err *err)
{
	if (fake.error != VIT_OK)
		return (void)vit_err_set(err, fake.error, "the engine's own words"), fake.answer;
	return fake.answer;
}

static void write_to(const struct vit_output *out, const char *called)
{
	char line[128];
	fake.called = called;
	keep(fake.formats[fake.outputs], sizeof(fake.formats[0]), out->format);
	fake.verbosity[fake.outputs++] = out->verbosity;
	int n = snprintf(line, sizeof(line), "%s as %s\n", called, out->format ? out->format : "-");
	if (!fake.silent)
		out->write(out->ctx, line, (size_t)n);
}

static int with_options(const struct vit_audit_options *o, const char *called, struct vit_err *err)
{
	fake.called = called;
	fake.options = *o;
	keep(fake.cache_dir, sizeof(fake.cache_dir), o->cache_dir);
	if (fake.raise_signal)
		raise(fake.raise_signal);
	fake.saw_stop = o->stop && atomic_load(o->stop);
	keep(fake.path, sizeof(fake.path), o->path);
	keep(fake.spec, sizeof(fake.spec), o->spec);
	keep(fake.base, sizeof(fake.base), o->base);
	keep(fake.policy, sizeof(fake.policy), o->policy);
	keep(fake.fail_on, sizeof(fake.fail_on), o->fail_on);
	keep(fake.host_root, sizeof(fake.host_root), o->host_root);
	keep(fake.record_host, sizeof(fake.record_host), o->record_host);
	keep_names(fake.only, o->only);
	keep_names(fake.skip, o->skip);
	if (o->dump_facts && !fake.silent)
		o->dump_facts->write(o->dump_facts->ctx, "{}\n", 3);
	for (size_t i = 0; i < o->output_count && i < FAKE_MAX; i++)
		write_to(&o->outputs[i], called);
	return answer(err);
}

int vit_audit_run(const struct vit_audit_options *options, struct vit_err *err)
{
	return with_options(options, "audit", err);
}

int vit_system_report(const struct vit_audit_options *options, struct vit_err *err)
{
	return with_options(options, "system", err);
}

int vit_data_report(const struct vit_audit_options *options, struct vit_err *err)
{
	return with_options(options, "data", err);
}

int vit_explain(const char *id, const struct vit_output *out, struct vit_err *err)
{
	keep(fake.path, sizeof(fake.path), id);
	write_to(out, "explain");
	return answer(err);
}

int vit_list_checks(const struct vit_output *out, struct vit_err *err)
{
	write_to(out, "checks");
	return answer(err);
}

int vit_list_specs(const struct vit_output *out, struct vit_err *err)
{
	write_to(out, "specs");
	return answer(err);
}

int vit_write_spec(const struct vit_audit_options *options, const struct vit_output *out,
		   struct vit_err *err)
{
	keep(fake.path, sizeof(fake.path), options->path);
	write_to(out, "spec");
	return answer(err);
}

int vit_write_lock(const struct vit_audit_options *options, const struct vit_output *out,
		   struct vit_err *err)
{
	fake.options = *options;
	keep(fake.path, sizeof(fake.path), options->path);
	write_to(out, "lock");
	return answer(err);
}

int vit_tokenize(const struct vit_tokenize_options *options, const struct vit_output *out,
		 struct vit_err *err)
{
	keep(fake.path, sizeof(fake.path), options->path);
	keep(fake.spec, sizeof(fake.spec), options->file);
	write_to(out, options->whole ? "tokenize whole" : "tokenize");
	return answer(err);
}

int vit_calibrate(const struct vit_audit_options *options, const struct vit_measured *measured,
		  const struct vit_output *out, const struct vit_output *store, struct vit_err *err)
{
	fake.options = *options;
	keep(fake.path, sizeof(fake.path), options->path);
	write_to(out, measured->peak ? measured->peak : "nothing");
	write_to(store, "kept");
	return answer(err);
}

const char *vit_version(void)
{
	return "1.2.3";
}

const char *vit_known_format(size_t i)
{
	static const char *const names[] = { "terminal", "markdown", "json" };
	return i < 3 ? names[i] : NULL;
}

const char *vit_known_area(size_t i)
{
	static const char *const names[] = { "files", "weights" };
	return i < 2 ? names[i] : NULL;
}

const char *vit_known_check(size_t i)
{
	return i == 0 ? "files/lfs-pointer" : NULL;
}

const char *vit_known_spec(size_t i)
{
	return i == 0 ? "llama" : NULL;
}

const char *vit_format_for_path(const char *path)
{
	const char *dot = strrchr(path, '.');
	if (!dot)
		return NULL;
	return strcmp(dot, ".md") == 0 ? "markdown" : strcmp(dot, ".json") == 0 ? "json" : NULL;
}
