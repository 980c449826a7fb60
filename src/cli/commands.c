#include "cli/commands.h"

#include <sys/stat.h>

#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/stop.h"
#include "cli/texts.h"
#include "vitalis/audit.h"

/* Tells err and gives the exit code for it. */
static int fail(const struct vit_cli *cli, const struct vit_err *err)
{
	vit_log_error(&cli->log, "%s", err->msg);
	if (err->code == VIT_E_USAGE) {
		vit_log_verbose(&cli->log, "see 'vitalis-audit help %s'",
				vit_cmds[cli->args->command].name);
		return VIT_EXIT_USAGE;
	}
	return VIT_EXIT_INCONCLUSIVE;
}

/* Prints text on standard output. */
static int say(const struct vit_cli *cli, const struct vit_buf *text)
{
	struct vit_err err = { .code = VIT_OK };
	if (vit_output_commit("-", vit_buf_view(text), &err) != VIT_OK)
		return fail(cli, &err);
	return VIT_EXIT_READY;
}

static struct vit_names names(const struct vit_cli *cli, enum vit_opt o)
{
	const struct vit_opt_value *v = &cli->args->values[o];
	return (struct vit_names){ v->list, v->count };
}

/* Options that say something of the job, and the field of a job file that says the same. */
static const struct {
	enum vit_opt option;
	const char *field;
} job_fields[] = {
	{ VIT_OPT_train, "method" },
	{ VIT_OPT_lora_rank, "lora.rank" },
	{ VIT_OPT_lora_targets, "lora.targets" },
	{ VIT_OPT_seq, "training.sequence" },
	{ VIT_OPT_batch, "training.batch" },
	{ VIT_OPT_accumulate, "training.accumulate" },
	{ VIT_OPT_checkpointing, "training.checkpointing" },
	{ VIT_OPT_precision, "training.precision" },
	{ VIT_OPT_optimizer, "training.optimizer" },
	{ VIT_OPT_trainer, "trainer" },
	{ VIT_OPT_attention, "training.attention" },
	{ VIT_OPT_packing, "training.packing" },
	{ VIT_OPT_padded, "training.padded" },
	{ VIT_OPT_offload, "training.offload" },
	{ VIT_OPT_parallel, "training.parallel" },
	{ VIT_OPT_devices, "training.devices" },
	{ VIT_OPT_examples, "training.examples" },
	{ VIT_OPT_tokens_per_example, "training.tokens_per_example" },
	{ VIT_OPT_epochs, "training.epochs" },
	{ VIT_OPT_max_steps, "training.max_steps" },
	{ VIT_OPT_context, "inference.context" },
	{ VIT_OPT_requests, "inference.requests" },
	{ VIT_OPT_kv_cache, "inference.kv_cache" },
	{ VIT_OPT_output_dir, "output.folder" },
	{ VIT_OPT_save_limit, "output.save_limit" },
	{ VIT_OPT_save_steps, "output.save_steps" },
	{ VIT_OPT_python, "python" },
	{ VIT_OPT_device, "device" },
};
#define JOB_FIELDS (sizeof(job_fields) / sizeof(job_fields[0]))

/* --calibration, or the user's file; NULL with "none" and without a home. */
static const char *calibration_path(const struct vit_cli *cli)
{
	const struct vit_opt_value *v = &cli->args->values[VIT_OPT_calibration];

	if (v->given)
		return strcmp(v->text, "none") == 0 ? NULL : v->text;
	return cli->terminal.config_dir ?
		       vit_arena_printf(cli->arena, "%s/calibration.yaml", cli->terminal.config_dir).p : NULL;
}

static void fill_job(const struct vit_cli *cli, struct vit_audit_options *o)
{
	const struct vit_opt_value *v = cli->args->values;
	struct vit_job_setting *all =
		VIT_NEW_ARRAY(cli->arena, JOB_FIELDS, struct vit_job_setting);

	for (size_t i = 0; i < JOB_FIELDS; i++) {
		enum vit_opt opt = job_fields[i].option;

		if (v[opt].given)
			all[o->job_setting_count++] = (struct vit_job_setting){
				.field = job_fields[i].field,
				.text = vit_opts[opt].kind == VIT_OPT_FLAG ? "true" : v[opt].text,
				.option = vit_opts[opt].name,
			};
	}
	o->job = v[VIT_OPT_job].text;
	o->job_settings = all;
	o->compare = names(cli, VIT_OPT_compare);
	o->calibration = calibration_path(cli);
}

static void fill(const struct vit_cli *cli, const struct vit_outputs *out,
		 struct vit_audit_options *o)
{
	const struct vit_opt_value *v = cli->args->values;
	*o = (struct vit_audit_options){
		.path = cli->args->command == VIT_CMD_data ? v[VIT_OPT_model].text :
			cli->args->operand_count	   ? cli->args->operands[0] :
							     NULL,
		.data = cli->args->command == VIT_CMD_data ? cli->args->operands[0] : v[VIT_OPT_data].text,
		.base = v[VIT_OPT_base].text,
		.spec = v[VIT_OPT_spec].text,
		.policy = v[VIT_OPT_policy].text,
		.only = names(cli, VIT_OPT_only),
		.skip = names(cli, VIT_OPT_skip),
		.fail_on = v[VIT_OPT_fail_on].text,
		.verify = v[VIT_OPT_verify].given,
		.deep = v[VIT_OPT_deep].given,
		.measure_disk = v[VIT_OPT_measure_disk].given,
		.hub = v[VIT_OPT_hub].given,
		.repo = v[VIT_OPT_repo].text,
		.cache_dir = v[VIT_OPT_no_cache].given ? NULL : cli->terminal.cache_dir,
		.outputs = out->items,
		.output_count = out->count,
		.dump_facts = out->dump.write ? &out->dump : NULL,
		.host_root = v[VIT_OPT_host_root].text,
		.record_host = v[VIT_OPT_record_host].text,
		.verbosity = vit_args_verbosity(cli->args),
		.stderr_color = cli->terminal.err_color,
		.progress = cli->terminal.err_tty && cli->log.level != VIT_LOG_QUIET,
		.jobs = (unsigned)v[VIT_OPT_jobs].number,
		.offline = v[VIT_OPT_offline].given,
		.now = cli->terminal.now,
	};
	fill_job(cli, o);
}

/* Writes what the engine gave and folds its answer and any trouble into one exit code. */
static int finish(const struct vit_cli *cli, struct vit_outputs *out, int code,
		  const struct vit_err *err)
{
	struct vit_err trouble = { .code = VIT_OK };
	if (err->code != VIT_OK)
		vit_log_error(&cli->log, "%s", err->msg);
	enum vit_errc rc = vit_outputs_commit(out, &trouble);
	vit_outputs_release(out);
	if (rc == VIT_OK)
		return code;
	vit_log_error(&cli->log, "%s", trouble.msg);
	/* A lost report never looks like success, and never hides a worse code. */
	return code == VIT_EXIT_READY ? VIT_EXIT_INCONCLUSIVE : code;
}

typedef int (*audit_fn)(const struct vit_audit_options *, struct vit_err *);

static int with_options(struct vit_cli *cli, audit_fn run)
{
	struct vit_outputs out;
	struct vit_audit_options o;
	struct vit_err err = { .code = VIT_OK };
	if (vit_outputs_plan(cli, "-", &out, &err) != VIT_OK)
		return fail(cli, &err);
	fill(cli, &out, &o);
	/* What may take long ends cleanly; the rest is over at once. */
	if (o.verify || o.deep || o.hub || (o.path && strstr(o.path, "://")))
		vit_stop_watch(&o.stop);
	int code = run(&o, &err);
	vit_stop_obey();
	return finish(cli, &out, code, &err);
}

/* "chekcs" is neither a command nor a folder: say which it was meant to be. */
static bool is_misspelt_command(const struct vit_cli *cli)
{
	const char *path = cli->args->operands[0];
	struct stat st;
	enum vit_cmd near = vit_cmd_nearest(vit_str_c(path));
	if (near == VIT_CMD_COUNT || strchr(path, '/') || lstat(path, &st) == 0)
		return false;
	vit_log_error(&cli->log,
		      "%s: no such command, and no such file or folder: did you mean '%s'?", path,
		      vit_cmds[near].name);
	return true;
}

static int vit_cmd_audit(struct vit_cli *cli)
{
	if (is_misspelt_command(cli))
		return VIT_EXIT_USAGE;
	return with_options(cli, vit_audit_run);
}

static int vit_cmd_data(struct vit_cli *cli)
{
	return with_options(cli, vit_data_report);
}

static int vit_cmd_system(struct vit_cli *cli)
{
	return with_options(cli, vit_system_report);
}

typedef int (*document_fn)(const struct vit_audit_options *, const struct vit_output *,
			   struct vit_err *);

/* One document about the model, to `place` unless -o says otherwise. */
static int with_document(struct vit_cli *cli, const char *place, document_fn run)
{
	struct vit_outputs out;
	struct vit_audit_options o;
	struct vit_err err = { .code = VIT_OK };
	if (vit_outputs_plan(cli, place, &out, &err) != VIT_OK)
		return fail(cli, &err);
	fill(cli, &out, &o);
	int code = VIT_EXIT_READY;
	vit_stop_watch(&o.stop);
	for (size_t i = 0; i < out.count && code == VIT_EXIT_READY; i++)
		code = run(&o, &out.items[i], &err);
	vit_stop_obey();
	return finish(cli, &out, code, &err);
}

static int vit_cmd_spec(struct vit_cli *cli)
{
	return with_document(cli, "-", vit_write_spec);
}

/* To standard output as it comes: the ids of a large file need not fit in memory. */
static bool to_stdout(void *ctx, const char *p, size_t n)
{
	return vit_output_commit("-", (struct vit_str){ p, n }, ctx) == VIT_OK;
}

static int vit_cmd_tokenize(struct vit_cli *cli)
{
	const struct vit_args *args = cli->args;
	struct vit_err err = { .code = VIT_OK }, lost = { .code = VIT_OK };
	const struct vit_output out = { .write = to_stdout, .ctx = &lost };
	const struct vit_tokenize_options o = {
		.path = args->operands[0],
		.file = args->operand_count > 1 ? args->operands[1] : NULL,
		.whole = args->values[VIT_OPT_whole].given,
		.no_special_tokens = args->values[VIT_OPT_no_special_tokens].given,
	};
	int code = vit_tokenize(&o, &out, &err);
	if (lost.code != VIT_OK)
		return fail(cli, &lost);
	return err.code != VIT_OK ? fail(cli, &err) : code;
}

/* What lies in a model's folder is not trusted: a link or a pipe of the lock's name
 * would lead the writing elsewhere, with --force too. */
static bool may_write_lock(struct vit_cli *cli, const char *target, bool named)
{
	struct stat st;
	bool linked = lstat(target, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
	if (!named && linked) {
		vit_log_error(&cli->log, "%s is no plain file: a lock is not written through a link or a pipe; remove it, "
			      "or name another place with -o", target);
		return false;
	}
	if (!cli->args->values[VIT_OPT_force].given && stat(target, &st) == 0 && S_ISREG(st.st_mode)) {
		vit_log_error(&cli->log, "%s is there already: --force replaces it", target);
		return false;
	}
	return true;
}

static int vit_cmd_lock(struct vit_cli *cli)
{
	const struct vit_opt_value *places = &cli->args->values[VIT_OPT_output];
	const char *place =
		vit_arena_printf(cli->arena, "%s/vitalis.lock", cli->args->operands[0]).p;
	const char *target = places->given ? places->text : place;
	if (strstr(cli->args->operands[0], "://")) {
		vit_log_error(&cli->log, "%s: a lock is of a folder on this machine", cli->args->operands[0]);
		return VIT_EXIT_USAGE;
	}
	if (!may_write_lock(cli, target, places->given))
		return VIT_EXIT_USAGE;
	return with_document(cli, place, vit_write_lock);
}

/* Every folder above `path`, as far as they can be made; writing says what is missing. */
static void make_folders(struct vit_arena *a, const char *path)
{
	for (size_t i = 1; path[i]; i++)
		if (path[i] == '/')
			(void)mkdir(vit_arena_str(a, (struct vit_str){ path, i }).p, 0777);
}

static int vit_cmd_calibrate(struct vit_cli *cli)
{
	const struct vit_opt_value *v = cli->args->values;
	const struct vit_measured measured = {
		.peak = v[VIT_OPT_peak].text,
		.step = v[VIT_OPT_step_seconds].text,
		.decode = v[VIT_OPT_decode].text,
		.prefill = v[VIT_OPT_prefill].text,
		.log = v[VIT_OPT_log].text,
		.forget = v[VIT_OPT_forget].given,
	};
	const struct vit_outputs none = { .count = 0 };
	struct vit_audit_options o;
	struct vit_buf text, file;
	struct vit_err err = { .code = VIT_OK };
	fill(cli, &none, &o);
	if (!o.calibration) {
		vit_log_error(&cli->log, "there is no home folder to keep it in: --calibration FILE names a place");
		return VIT_EXIT_USAGE;
	}
	vit_buf_init(&text, VIT_OUTPUT_CEILING);
	vit_buf_init(&file, VIT_OUTPUT_CEILING);
	const struct vit_output out = { .write = vit_output_collect, .ctx = &text };
	const struct vit_output store = { .write = vit_output_collect, .ctx = &file };
	int code = vit_calibrate(&o, &measured, &out, &store, &err);
	if (code == VIT_EXIT_READY) {
		make_folders(cli->arena, o.calibration);
		vit_buf_printf(&text, "kept in %s\n", o.calibration);
		if (vit_output_commit(o.calibration, vit_buf_view(&file), &err) != VIT_OK)
			code = VIT_EXIT_INCONCLUSIVE;
	}
	if (err.code != VIT_OK)
		vit_log_error(&cli->log, "%s", err.msg);
	else
		code = say(cli, &text);
	vit_buf_release(&text);
	vit_buf_release(&file);
	return code;
}

/* The lists: the engine is asked once per output. */
static int with_outputs(struct vit_cli *cli, int (*run)(const struct vit_output *, struct vit_err *))
{
	struct vit_outputs out;
	struct vit_err err = { .code = VIT_OK };
	if (vit_outputs_plan(cli, "-", &out, &err) != VIT_OK)
		return fail(cli, &err);
	int code = VIT_EXIT_READY;
	for (size_t i = 0; i < out.count && code == VIT_EXIT_READY; i++)
		code = run(&out.items[i], &err);
	return finish(cli, &out, code, &err);
}

static int vit_cmd_checks(struct vit_cli *cli)
{
	return with_outputs(cli, vit_list_checks);
}

static int vit_cmd_specs(struct vit_cli *cli)
{
	return with_outputs(cli, vit_list_specs);
}

static int vit_cmd_explain(struct vit_cli *cli)
{
	struct vit_outputs out;
	struct vit_err err = { .code = VIT_OK };
	if (vit_outputs_plan(cli, "-", &out, &err) != VIT_OK)
		return fail(cli, &err);
	int code = VIT_EXIT_READY;
	for (size_t i = 0; i < out.count && code == VIT_EXIT_READY; i++)
		code = vit_explain(cli->args->operands[0], &out.items[i], &err);
	return finish(cli, &out, code, &err);
}

static int vit_cmd_help(struct vit_cli *cli)
{
	struct vit_buf text;
	enum vit_cmd topic = VIT_CMD_COUNT;
	if (cli->args->operand_count > 0) {
		topic = vit_cmd_find(vit_str_c(cli->args->operands[0]));
		if (topic == VIT_CMD_COUNT) {
			vit_log_error(&cli->log, "no such command: %s", cli->args->operands[0]);
			return VIT_EXIT_USAGE;
		}
	}
	vit_buf_init(&text, VIT_OUTPUT_CEILING);
	if (topic == VIT_CMD_COUNT)
		vit_help_all(&text);
	else
		vit_help_command(&text, topic);
	int code = say(cli, &text);
	vit_buf_release(&text);
	return code;
}

static int vit_cmd_version(struct vit_cli *cli)
{
	struct vit_buf text;
	vit_buf_init(&text, 256);
	vit_buf_printf(&text, "vitalis-audit %s\n", vit_version());
	int code = say(cli, &text);
	vit_buf_release(&text);
	return code;
}

static void list_known(struct vit_buf *out, const char *(*known)(size_t))
{
	for (size_t i = 0; known(i); i++)
		vit_buf_printf(out, "%s\n", known(i));
}

static void list_formats(struct vit_buf *out)
{
	list_known(out, vit_known_format);
}

static void list_specs(struct vit_buf *out)
{
	list_known(out, vit_known_spec);
}

static void list_areas(struct vit_buf *out)
{
	list_known(out, vit_known_area);
}

static void list_checks(struct vit_buf *out)
{
	list_known(out, vit_known_area);
	list_known(out, vit_known_check);
}

static void list_options(struct vit_buf *out)
{
	for (size_t i = 0; i < VIT_OPT_COUNT; i++)
		vit_buf_printf(out, "--%s\n", vit_opts[i].name);
}

static void checks_page(struct vit_buf *out)
{
	const struct vit_output o = { .format = "markdown", .write = vit_output_collect, .ctx = out };
	if (vit_list_checks(&o, NULL) != VIT_EXIT_READY)
		VIT_BUG("the list of checks cannot be made");
}

static int vit_cmd_generate(struct vit_cli *cli)
{
	static const struct {
		const char *what;
		void (*make)(struct vit_buf *);
	} made[] = {
		{ "man", vit_text_man },           { "bash", vit_text_bash },
		{ "zsh", vit_text_zsh },           { "fish", vit_text_fish },
		{ "checks", checks_page },         { "list-formats", list_formats },
		{ "list-areas", list_areas },      { "list-checks", list_checks },
		{ "list-specs", list_specs },      { "list-options", list_options },
	};
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		if (strcmp(made[i].what, cli->args->operands[0]) != 0)
			continue;
		struct vit_buf text;
		vit_buf_init(&text, VIT_OUTPUT_CEILING);
		made[i].make(&text);
		int code = say(cli, &text);
		vit_buf_release(&text);
		return code;
	}
	vit_log_error(&cli->log, "nothing to generate is called %s", cli->args->operands[0]);
	return VIT_EXIT_USAGE;
}

int vit_cli_run(struct vit_cli *cli)
{
	static int (*const run[VIT_CMD_COUNT])(struct vit_cli *) = {
#define VIT_COMMAND(name, ...) vit_cmd_##name,
#include "cli/commands.def"
#undef VIT_COMMAND
	};
	return run[cli->args->command](cli);
}
