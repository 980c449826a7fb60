#include "cli/outputs.h"

#include "cli/output.h"

static enum vit_errc check_format(const char *name, struct vit_err *err)
{
	unsigned best = 4;
	const char *nearest = NULL;
	for (size_t i = 0; vit_known_format(i); i++) {
		if (strcmp(vit_known_format(i), name) == 0)
			return VIT_OK;
		unsigned d = vit_str_distance(vit_str_c(name), vit_str_c(vit_known_format(i)), best);
		if (d < best) {
			best = d;
			nearest = vit_known_format(i);
		}
	}
	/* "md" is no format name but is what people type. */
	struct vit_buf path;
	vit_buf_init(&path, 64);
	vit_buf_printf(&path, "x.%s", name);
	const char *by_extension = path.full ? NULL : vit_format_for_path(path.p);
	vit_buf_release(&path);
	if (by_extension)
		nearest = by_extension;
	if (nearest)
		return vit_err_set(err, VIT_E_USAGE, "unknown format %s: did you mean %s?", name,
				   nearest);
	return vit_err_set(err, VIT_E_USAGE, "unknown format %s", name);
}

/* The format of the output at `path`; *used is set when --format decided it. */
static enum vit_errc choose_format(const struct vit_cli *cli, const char *path,
				   const char **format, bool *used, struct vit_err *err)
{
	const char *wanted = cli->args->values[VIT_OPT_format].text;
	if (cli->args->command == VIT_CMD_spec || cli->args->command == VIT_CMD_lock) {
		*format = NULL;
		return VIT_OK;
	}
	if (vit_output_is_stdout(path)) {
		*used = true;
		*format = wanted ? wanted : cli->terminal.out_tty ? "terminal" : "markdown";
		return VIT_OK;
	}
	*format = vit_format_for_path(path);
	if (!*format) {
		*used = true;
		*format = wanted;
	} else if (wanted && strcmp(wanted, *format) == 0) {
		*used = true;
	}
	if (!*format)
		return vit_err_set(err, VIT_E_USAGE,
				   "cannot tell the format of %s: give --format, or a file name with "
				   "a known extension",
				   path);
	return VIT_OK;
}

static enum vit_errc plan_one(const struct vit_cli *cli, struct vit_outputs *out, size_t i,
			      bool *format_used, struct vit_err *err)
{
	const char *path = out->paths[i], *format;
	for (size_t k = 0; k < i; k++) {
		if (strcmp(out->paths[k], path) == 0)
			return vit_err_set(err, VIT_E_USAGE, "two outputs have the same place: %s",
					   path);
	}
	enum vit_errc rc = choose_format(cli, path, &format, format_used, err);
	if (rc == VIT_OK)
		rc = vit_output_check(path, err);
	bool is_stdout = vit_output_is_stdout(path);
	out->items[i] = (struct vit_output){
		.format = format,
		.write = vit_output_collect,
		.ctx = &out->bytes[i],
		.color = is_stdout && cli->terminal.out_color,
		.width = is_stdout ? cli->terminal.width : 0,
		.verbosity = vit_args_verbosity(cli->args),
	};
	return rc;
}

static enum vit_errc plan_dump(const struct vit_cli *cli, struct vit_outputs *out,
			       struct vit_err *err)
{
	out->dump_path = cli->args->values[VIT_OPT_dump_facts].text;
	if (!out->dump_path)
		return VIT_OK;
	out->dump = (struct vit_output){
		.format = "json",
		.write = vit_output_collect,
		.ctx = &out->dump_bytes,
	};
	for (size_t i = 0; i < out->count; i++) {
		if (strcmp(out->paths[i], out->dump_path) == 0)
			return vit_err_set(err, VIT_E_USAGE,
					   "a report and --dump-facts have the same place: %s",
					   out->dump_path);
	}
	return vit_output_check(out->dump_path, err);
}

enum vit_errc vit_outputs_plan(const struct vit_cli *cli, const char *place, struct vit_outputs *out,
			       struct vit_err *err)
{
	const struct vit_opt_value *o = &cli->args->values[VIT_OPT_output];
	const char *wanted = cli->args->values[VIT_OPT_format].text;
	const char *dump = cli->args->values[VIT_OPT_dump_facts].text;
	memset(out, 0, sizeof(*out));
	out->count = o->given ? o->count : dump && vit_output_is_stdout(dump) ? 0 : 1;
	out->items = VIT_NEW_ARRAY(cli->arena, out->count, struct vit_output);
	out->bytes = VIT_NEW_ARRAY(cli->arena, out->count, struct vit_buf);
	out->paths = VIT_NEW_ARRAY(cli->arena, out->count, const char *);
	vit_buf_init(&out->dump_bytes, VIT_OUTPUT_CEILING);
	for (size_t i = 0; i < out->count; i++) {
		vit_buf_init(&out->bytes[i], VIT_OUTPUT_CEILING);
		out->paths[i] = o->given ? o->list[i] : place;
	}
	enum vit_errc rc = wanted ? check_format(wanted, err) : VIT_OK;
	bool format_used = false;
	for (size_t i = 0; i < out->count && rc == VIT_OK; i++)
		rc = plan_one(cli, out, i, &format_used, err);
	if (rc == VIT_OK && wanted && !format_used)
		rc = vit_err_set(err, VIT_E_USAGE,
				 "--format %s is not what the names of the output files say: add -o - "
				 "for standard output",
				 wanted);
	if (rc == VIT_OK)
		rc = plan_dump(cli, out, err);
	if (rc != VIT_OK)
		vit_outputs_release(out);
	return rc;
}

enum vit_errc vit_outputs_commit(struct vit_outputs *o, struct vit_err *err)
{
	enum vit_errc first = VIT_OK;
	if (o->dump_path && o->dump_bytes.n > 0)
		first = vit_output_commit(o->dump_path, vit_buf_view(&o->dump_bytes), err);
	for (size_t i = 0; i < o->count; i++) {
		if (o->bytes[i].n == 0)
			continue;
		enum vit_errc rc = vit_output_commit(o->paths[i], vit_buf_view(&o->bytes[i]),
						     first == VIT_OK ? err : NULL);
		first = first == VIT_OK ? rc : first;
	}
	return first;
}

void vit_outputs_release(struct vit_outputs *o)
{
	for (size_t i = 0; i < o->count; i++)
		vit_buf_release(&o->bytes[i]);
	vit_buf_release(&o->dump_bytes);
}
