#include "formats/run_log.h"

#include "json/tree.h"

static double positive(const struct vit_json *obj, const char *key)
{
	const struct vit_json *v = vit_json_get_c(obj, key);

	return v && v->kind == VIT_JSON_K_NUMBER && v->number > 0 ? v->number : 0;
}

/* What Trainer's memory tracker saw: allocated before training began, and the
 * peak above it. */
static double tracked_peak(const struct vit_json *row)
{
	static const char *const before[] = { "before_init_mem_gpu", "init_mem_gpu_alloc_delta",
					      "train_mem_gpu_alloc_delta",
					      "train_mem_gpu_peaked_delta" };
	double sum = 0;

	if (positive(row, "train_mem_gpu_peaked_delta") <= 0 &&
	    positive(row, "train_mem_gpu_alloc_delta") <= 0)
		return 0;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		const struct vit_json *v = vit_json_get_c(row, before[i]);

		if (v && v->kind == VIT_JSON_K_NUMBER)
			sum += v->number; /* a delta may be negative */
	}
	return sum > 0 ? sum : 0;
}

static void from_row(const struct vit_json *row, double steps, struct vit_run_log *out)
{
	double runtime = positive(row, "train_runtime"),
	       rate = positive(row, "train_steps_per_second");
	double peak = tracked_peak(row);

	if (runtime > 0 && steps > 0)
		out->step_seconds = runtime / steps;
	else if (rate > 0)
		out->step_seconds = 1 / rate;
	if (peak > 0)
		out->peak_bytes = peak;
}

/* trainer_state.json: the last row of log_history with a runtime; a results file: itself. */
static void trainer(const struct vit_json *root, struct vit_run_log *out)
{
	const struct vit_json *history = vit_json_get_c(root, "log_history");
	double steps = positive(root, "global_step");

	out->kind = "Trainer";
	from_row(root, steps, out);
	for (uint32_t i = 0; history && history->kind == VIT_JSON_K_ARRAY && i < history->count;
	     i++) {
		const struct vit_json *row = &history->children[i];
		double own = positive(row, "step");

		from_row(row, own > 0 ? own : steps, out);
	}
}

static void bench(const struct vit_json *root, struct vit_run_log *out)
{
	out->kind = "llama-bench";
	for (uint32_t i = 0; i < root->count; i++) {
		const struct vit_json *row = &root->children[i];
		double rate = positive(row, "avg_ts");
		bool generates = positive(row, "n_gen") > 0, reads = positive(row, "n_prompt") > 0;

		if (generates && !reads && out->decode <= 0)
			out->decode = rate;
		if (reads && !generates && out->prefill <= 0)
			out->prefill = rate;
	}
}

enum vit_errc vit_run_log_read(struct vit_arena *a, struct vit_str text, struct vit_str source,
			       struct vit_run_log *out, struct vit_err *err)
{
	struct vit_err cause = { .code = VIT_OK };
	struct vit_json_doc doc;
	enum vit_errc rc = vit_json_parse(a, text, VIT_JSON_ALLOW_NAN, &doc, &cause);

	*out = (struct vit_run_log){ .kind = "" };
	if (rc)
		return vit_err_set(err, rc, "%.*s: %s", VIT_FMT(source), cause.msg);
	if (doc.root->kind == VIT_JSON_K_OBJECT)
		trainer(doc.root, out);
	else if (doc.root->kind == VIT_JSON_K_ARRAY)
		bench(doc.root, out);
	if (out->peak_bytes > 0 || out->step_seconds > 0 || out->decode > 0 || out->prefill > 0)
		return VIT_OK;
	return vit_err_set(err, VIT_E_UNSUPPORTED,
			   "%.*s: nothing measured in it; expected trainer_state.json with "
			   "train_runtime, or the JSON of llama-bench",
			   VIT_FMT(source));
}
