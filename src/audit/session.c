#include "audit/session.h"

#include <time.h>

#include "base/path.h"
#include "collect/integrity.h"
#include "spec/policy.h"

#define USER_FILE_MAX ((size_t)1 << 20)

/* What is wrong with a file of the user's is a mistake of use, whatever its kind. */
static enum vit_errc mistake(struct vit_err *err, const char *before)
{
	struct vit_err cause = *err;

	return vit_err_set(err, VIT_E_USAGE, "%s%s", before, cause.msg);
}

static enum vit_errc open_specs(struct vit_session *s, struct vit_err *err)
{
	const char *name = s->options->spec;
	struct vit_str text;
	enum vit_errc rc = vit_spec_db_new(s->arena, &s->specs, err);

	if (rc || !name)
		return rc;
	s->forced = vit_spec_db_find(s->specs, vit_str_c(name));
	if (s->forced)
		return VIT_OK;
	rc = vit_read_user_file(s->arena, name, USER_FILE_MAX, &text, err);
	if (rc == VIT_E_NOTFOUND)
		return vit_err_set(err, VIT_E_USAGE,
				   "--spec %s: neither a file nor a built-in spec; `vitalis-audit specs` lists them",
				   name);
	if (rc)
		return mistake(err, "--spec ");
	rc = vit_spec_db_add(s->specs, text, vit_str_c(name), &s->forced, err);
	return rc ? mistake(err, "") : VIT_OK;
}

static enum vit_errc open_policy(struct vit_session *s, struct vit_err *err)
{
	const char *path = s->options->policy, *fail_on = s->options->fail_on;
	struct vit_str text;
	enum vit_errc rc;

	s->policy.fail_on = VIT_SEV_ERROR;
	if (path) {
		rc = vit_read_user_file(s->arena, path, USER_FILE_MAX, &text, err);
		if (rc)
			return mistake(err, "--policy ");
		rc = vit_policy_load(s->arena, text, vit_str_c(path), &s->policy, err);
		if (rc)
			return mistake(err, "");
	}
	if (!fail_on)
		return VIT_OK;
	for (unsigned i = VIT_SEV_NOTE; i <= VIT_SEV_ERROR; i++) {
		if (vit_str_is(vit_str_c(fail_on), vit_severity_name((enum vit_severity)i))) {
			s->policy.fail_on = (enum vit_severity)i;
			return VIT_OK;
		}
	}
	return vit_err_set(err, VIT_E_USAGE, "--fail-on %s: expected error, warning or note", fail_on);
}

static enum vit_errc open_host(struct vit_session *s, struct vit_err *err)
{
	enum vit_errc rc;
	int64_t ns;

	s->host = vit_host_real();
	if (s->options->host_root) {
		rc = vit_host_replay_open(&s->replay, s->options->host_root, err);
		if (rc)
			return rc;
		s->replaying = true;
		s->host = &s->replay;
	}
	if (s->options->record_host) {
		rc = vit_host_record_open(&s->record, s->host, s->options->record_host, err);
		if (rc)
			return rc;
		s->recording = true;
		s->host = &s->record;
	}
	s->now = s->options->now;
	if (s->now < 0) {
		/* The date of the report is that of the run, whatever machine is replayed. */
		rc = vit_host_real()->now(vit_host_real()->ctx, &ns, err);
		if (rc)
			return rc;
		s->now = ns / 1000000000;
	}
	return VIT_OK;
}

/* What was selected, of the checks that the scope has. */
static enum vit_errc narrow(struct vit_eval *ev, enum vit_scope scope, struct vit_err *err)
{
	bool any = false;

	for (unsigned i = 0; i < VIT_CK_COUNT; i++) {
		enum vit_area area = vit_check_info((enum vit_check_id)i)->area;

		ev->selected[i] &= scope == VIT_SCOPE_DATA ? area == VIT_AREA_data :
							     area == VIT_AREA_system || area == VIT_AREA_runtimes ||
								     area == VIT_AREA_python;
		any |= ev->selected[i];
	}
	if (!any)
		return vit_err_set(err, VIT_E_USAGE, "--only and --skip leave no check of %s to run",
				   scope == VIT_SCOPE_DATA ? "the data" : "the machine");
	return VIT_OK;
}

enum vit_errc vit_session_open(struct vit_session *s, const struct vit_audit_options *options,
			       enum vit_scope scope, struct vit_err *err)
{
	enum vit_errc rc;

	*s = (struct vit_session){ .options = options, .scope = scope };
	s->arena = vit_arena_new();
	s->log = (struct vit_log){
		.level = options->verbosity == VIT_QUIET   ? VIT_LOG_QUIET :
			 options->verbosity == VIT_VERBOSE ? VIT_LOG_VERBOSE :
							     VIT_LOG_NORMAL,
		.color = options->stderr_color,
	};
	vit_eval_init(&s->eval, s->arena);
	if ((rc = vit_session_check_hub(options, err)))
		return rc;
	if ((rc = open_specs(s, err)) || (rc = open_policy(s, err)) ||
	    (rc = vit_session_job(s, err)))
		return rc;
	if ((rc = vit_select_checks(options, &s->policy, &s->eval, err)))
		return rc;
	if (scope != VIT_SCOPE_MODEL)
		if ((rc = narrow(&s->eval, scope, err)))
			return rc;
	/* The report shows the machine, and every group rests on the walk. */
	s->groups = vit_select_groups(&s->eval) | (scope == VIT_SCOPE_SYSTEM ? VIT_FG_SYSTEM :
						   scope == VIT_SCOPE_MODEL  ? VIT_FG_FILES :
						   options->path	     ? VIT_FG_TOKENIZER :
									       0);
	if (s->forecast && scope == VIT_SCOPE_MODEL)
		s->groups |= VIT_FG_CONFIG | VIT_FG_WEIGHTS | VIT_FG_SYSTEM;
	/* Its tokenizer counts the data's tokens. */
	if (scope == VIT_SCOPE_MODEL && (options->data || s->job.data_file.n) && (s->groups & VIT_FG_DATA))
		s->groups |= VIT_FG_TOKENIZER;
	if (s->groups & (VIT_FG_TOKENIZER | VIT_FG_WEIGHTS))
		s->groups |= VIT_FG_CONFIG;
	return open_host(s, err);
}

/* Anything that an audit could be about: weights, a configuration, a tokenizer. */
static bool holds_a_model(const struct vit_files *f)
{
	for (uint32_t i = 0; i < f->count; i++) {
		if (f->files[i].type == VIT_FT_DIR)
			continue;
		/* One file was named: it is the model, or there is none. */
		if (f->only.n && !vit_str_eq(f->files[i].path, f->only))
			continue;
		switch (f->files[i].kind) {
		case VIT_FK_WEIGHTS:
		case VIT_FK_INDEX:
		case VIT_FK_PICKLE:
		case VIT_FK_GGUF:
		case VIT_FK_OTHER_WEIGHTS:
		case VIT_FK_ADAPTER:
		case VIT_FK_CONFIG:
		case VIT_FK_TOKENIZER:
		case VIT_FK_PARTIAL:
			return true;
		case VIT_FK_TEMPLATE:
		case VIT_FK_CODE:
		case VIT_FK_NATIVE:
		case VIT_FK_DOC:
		case VIT_FK_META:
		case VIT_FK_VCS:
		case VIT_FK_HUB_CACHE:
		case VIT_FK_DATA:
		case VIT_FK_OTHER:
		case VIT_FK_COUNT:
			break;
		}
	}
	return false;
}

struct vit_collect_options vit_session_collect_options(const struct vit_session *s)
{
	return (struct vit_collect_options){
		.groups = s->groups,
		.host = s->host,
		.log = &s->log,
		.progress = s->options->progress,
		.measure_disk = s->options->measure_disk,
		.offline = s->options->offline,
		.jobs = s->options->jobs,
		.stop = s->options->stop,
	};
}

enum vit_errc vit_session_collect(struct vit_session *s, struct vit_err *err)
{
	struct vit_collect_options opt = vit_session_collect_options(s);
	enum vit_errc rc;

	if (s->options->measure_disk)
		opt.groups |= VIT_FG_SYSTEM;
	if (s->scope == VIT_SCOPE_DATA && !s->options->path) {
		s->facts.groups = s->groups;
		return VIT_OK;
	}
	if (s->scope == VIT_SCOPE_SYSTEM) {
		/* The model's groups are there and empty: fit is then not applicable. */
		s->facts.groups = s->groups;
		s->facts.weights.main_save = UINT32_MAX;
		vit_collect_system(s->arena, s->host, ".", &s->facts.system);
		return VIT_OK;
	}
	rc = vit_collect(s->arena, s->options->path, &opt, &s->facts, err);
	if (rc)
		return rc;
	if (s->facts.files.count == 0)
		return vit_err_set(err, VIT_E_NOTFOUND, "%s: the folder is empty; expected a model's files "
				   "(config.json, *.safetensors)", s->options->path);
	if (!holds_a_model(&s->facts.files) && s->facts.files.only.n)
		return vit_err_set(err, VIT_E_NOTFOUND, "%s: not a file that an audit can begin with; expected a model's "
				   "folder, its config.json, a .safetensors file or an index",
				   s->options->path);
	if (!holds_a_model(&s->facts.files))
		return vit_err_set(err, VIT_E_NOTFOUND, "%s: no model here: none of its %u entries is a config.json, "
				   "a weights file or a tokenizer; name the model's own folder",
				   s->options->path, s->facts.files.count);
	if ((s->facts.groups & VIT_FG_SYSTEM) && s->job.given && s->job.output.n)
		vit_collect_disk(s->arena, s->host, vit_arena_str(s->arena, s->job.output).p,
				 &s->facts.system.output);
	if (s->job.output.n && !s->device.row)
		vit_collect_disk(s->arena, s->host, vit_arena_str(s->arena, s->job.output).p, &s->facts.system.output);
	if (s->options->base) {
		opt.groups = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_WEIGHTS;
		opt.measure_disk = false;
		rc = vit_collect(s->arena, s->options->base, &opt, &s->base, err);
		if (rc)
			return rc;
		if (!s->base.config.root)
			return vit_err_set(err, VIT_E_NOTFOUND, "--base %s: no readable config.json there",
					   s->options->base);
		s->facts.base = &s->base;
	}
	return VIT_OK;
}

struct vit_integrity_options vit_session_integrity_options(const struct vit_session *s)
{
	return (struct vit_integrity_options){
		.model = s->architecture.model,
		.hub = &s->facts.remote,
		.revision = s->architecture.revision,
		.threads = s->options->jobs,
		.progress = s->options->progress,
		.stop = s->options->stop,
		.cache_folder = vit_str_c(s->options->cache_dir),
		.now = s->now,
	};
}

/* One pass over the bytes for both, where both are asked for. */
static enum vit_errc read_bytes(struct vit_session *s, struct vit_err *err)
{
	bool deep = s->options->deep && (s->facts.groups & VIT_FG_WEIGHTS);
	struct vit_hash_options ho = {
		.threads = s->options->jobs,
		.progress = s->options->progress,
		.what = "reading",
		.stop = s->options->stop,
	};
	struct vit_integrity_options o = vit_session_integrity_options(s);
	struct vit_deep *d = NULL;
	enum vit_errc rc = VIT_OK, end = VIT_OK;

	if (s->scope != VIT_SCOPE_MODEL)
		return VIT_OK;
	o.verify = true;
	if (deep)
		o.deep = d = vit_deep_begin(s->arena, &s->facts.files, &s->facts.weights, &s->facts.numbers);
	if (s->options->verify)
		rc = vit_collect_integrity(s->arena, &s->facts.files, &o, &s->facts.integrity, err);
	if (deep)
		end = vit_deep_end(d, &ho, rc ? NULL : err);
	return rc ? rc : end;
}

void vit_session_resolve(struct vit_session *s)
{
	struct vit_arch_input in;

	if (!(s->facts.groups & VIT_FG_CONFIG))
		return;
	in = vit_session_arch_input(s);
	vit_architecture_resolve(s->arena, s->specs, s->forced, &in, &s->architecture);
}

enum vit_errc vit_session_check(struct vit_session *s, struct vit_err *err)
{
	struct vit_case c = { .facts = &s->facts, .architecture = &s->architecture,
			      .has_job = s->job.given, .job = &s->job, .outlook = &s->outlook,
			      .verify = s->options->verify };
	enum vit_errc rc;

	vit_session_machine(s);
	rc = vit_session_data(s, err);
	if (rc)
		return rc;
	vit_session_resolve(s);
	/* The hub is a source of truth, so it is asked before anything is hashed. */
	if ((rc = vit_session_ask_hub(s, err)) || (rc = read_bytes(s, err)))
		return rc;
	vit_session_compare_hub(s);
	vit_session_forecast(s);
	vit_eval_run(&c, &s->eval);
	return VIT_OK;
}

/* "model" of "./models/gpt-oss-20b/": the last part of the real path. */
static struct vit_str target_name(const struct vit_session *s)
{
	struct vit_str name;

	if (s->scope == VIT_SCOPE_SYSTEM)
		return VIT_STR("this machine");
	if (s->scope == VIT_SCOPE_DATA)
		return vit_path_base(vit_str_c(s->options->data));
	/* A snapshot's folder is called after its commit. */
	if (s->facts.files.hub_snapshot && s->facts.files.hub_repo.n)
		return s->facts.files.hub_repo;
	name = vit_path_base(s->facts.files.root);
	return name.n ? name : s->facts.files.root;
}

/* What the verdict is about. */
static struct vit_str purpose(const struct vit_session *s)
{
	const struct vit_job *j = &s->job;

	if (s->scope == VIT_SCOPE_SYSTEM)
		return VIT_STR("the machine alone");
	if (s->scope == VIT_SCOPE_DATA)
		return VIT_STR("the training data alone");
	if (!j->given)
		return VIT_STR("the model alone; no job was given");
	return vit_arena_printf(s->arena, "the model and the job: %s%s%.*s (%.*s%s%.*s)",
				vit_job_method_name(j->method), j->name.n ? ", " : "",
				VIT_FMT(j->name), VIT_FMT(j->dialect), j->file.n ? ", " : "",
				VIT_FMT(j->file));
}

void vit_session_present(struct vit_session *s)
{
	struct vit_report *r = &s->report;
	struct vit_present p = {
		.arena = s->arena,
		.facts = &s->facts,
		.architecture = &s->architecture,
		.eval = &s->eval,
		.policy = &s->policy,
		.job = &s->job,
		.outlook = &s->outlook,
		.system_only = s->scope == VIT_SCOPE_SYSTEM,
		.data_only = s->scope == VIT_SCOPE_DATA,
		.spec_forced = s->forced != NULL,
	};

	vit_report_init(r, s->arena);
	r->tool_version = vit_str_c(vit_version());
	r->target = s->scope == VIT_SCOPE_SYSTEM ? VIT_STR("this machine") :
		    s->scope == VIT_SCOPE_DATA	 ? vit_str_c(s->options->data) :
						   vit_str_c(s->options->path);
	r->target_name = target_name(s);
	r->purpose = purpose(s);
	r->date = s->now;
	vit_present_facts(&p, r);
	vit_report_decide(r, s->arena, &s->policy, s->now / 86400);
	vit_present_verdict(&p, r);
}

enum vit_errc vit_session_close(struct vit_session *s, struct vit_err *err)
{
	enum vit_errc rc = VIT_OK;

	if (s->recording)
		rc = vit_host_record_close(&s->record, err);
	if (s->replaying)
		vit_host_replay_close(&s->replay);
	vit_eval_free(&s->eval);
	vit_arena_free(s->arena);
	return rc;
}
