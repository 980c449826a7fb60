#include "fake_host.h"

#include "base/num.h"

static const char *value_of(const struct fake_pair *table, const char *name, bool *found)
{
	*found = false;
	for (; table && table->name; table++) {
		if (strcmp(table->name, name) == 0) {
			*found = true;
			return table->value;
		}
	}
	return NULL;
}

static void copy(char *out, size_t size, const char *text)
{
	size_t n = strlen(text) < size ? strlen(text) : size - 1;

	memcpy(out, text, n);
	out[n] = '\0';
}

static enum vit_errc fake_identity(void *ctx, struct vit_host_identity *out, struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	if (!m->os)
		return vit_err_set(err, VIT_E_PERM, "uname: refused");
	copy(out->os, sizeof(out->os), m->os);
	copy(out->release, sizeof(out->release), m->release);
	copy(out->arch, sizeof(out->arch), m->arch);
	return VIT_OK;
}

static enum vit_errc give(const struct fake_pair *table, const char *name, struct vit_buf *out,
			  enum vit_errc refuse, struct vit_err *err)
{
	bool found;
	const char *value = value_of(table, name, &found);

	if (!value)
		return vit_err_set(err, found ? refuse : VIT_E_NOTFOUND, "%s: %s", name,
				   found ? "refused" : "absent");
	vit_buf_clear(out);
	vit_buf_puts(out, value);
	return out->full ? vit_err_set(err, VIT_E_LIMIT, "%s: too long", name) : VIT_OK;
}

static enum vit_errc fake_read_file(void *ctx, const char *path, struct vit_buf *out,
				    struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	return give(m->files, path, out, m->refuse, err);
}

static enum vit_errc fake_list_dir(void *ctx, const char *path, struct vit_arena *a,
				   struct vit_str **names, size_t *count, struct vit_err *err)
{
	const struct fake_machine *m = ctx;
	struct vit_vec found = VIT_VEC(sizeof(struct vit_str));
	struct vit_str rest = vit_str_c(m->listing), name;

	if (!m->listing)
		return vit_err_set(err, VIT_E_NOTFOUND, "%s: absent", path);
	while (vit_str_split(&rest, ',', &name))
		*(struct vit_str *)vit_vec_add(&found) = name;
	*names = vit_vec_take(&found, a, count);
	return VIT_OK;
}

static enum vit_errc fake_sysctl_str(void *ctx, const char *name, struct vit_buf *out,
				     struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	return give(m->sysctls, name, out, VIT_E_PERM, err);
}

static enum vit_errc fake_sysctl_u64(void *ctx, const char *name, uint64_t *out,
				     struct vit_err *err)
{
	const struct fake_machine *m = ctx;
	bool found;
	const char *value = value_of(m->sysctls, name, &found);

	if (!value)
		return vit_err_set(err, found ? VIT_E_PERM : VIT_E_NOTFOUND, "sysctl %s", name);
	return vit_parse_u64(vit_str_c(value), out) ? VIT_OK :
	       vit_err_set(err, VIT_E_RANGE, "sysctl %s is no number", name);
}

static enum vit_errc fake_run(void *ctx, const char *const *argv, unsigned timeout_ms,
			      struct vit_buf *out, int *status, struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	(void)timeout_ms;
	if (!m->output)
		return vit_err_set(err, VIT_E_TIMEOUT, "%s: took too long", argv[0]);
	vit_buf_clear(out);
	vit_buf_puts(out, m->output);
	*status = 3;
	return VIT_OK;
}

static enum vit_errc fake_statfs(void *ctx, const char *path, struct vit_host_disk *out,
				 struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	if (m->disk_total == 0)
		return vit_err_set(err, VIT_E_IO, "%s: input/output error", path);
	out->total = m->disk_total;
	out->free = m->disk_free;
	copy(out->kind, sizeof(out->kind), "xfs");
	return VIT_OK;
}

static enum vit_errc fake_env(void *ctx, const char *name, struct vit_buf *out,
			      struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	return give(m->env, name, out, VIT_E_PERM, err);
}

static enum vit_errc fake_nvml(void *ctx, unsigned timeout_ms, struct vit_buf *out,
			       struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	(void)timeout_ms;
	if (!m->nvml)
		return vit_err_set(err, VIT_E_NOTFOUND, "NVML: absent");
	vit_buf_clear(out);
	vit_buf_puts(out, m->nvml);
	return VIT_OK;
}

static enum vit_errc fake_read_rate(void *ctx, int fd, uint64_t size, unsigned timeout_ms,
				    struct vit_host_rate *out, struct vit_err *err)
{
	const struct fake_machine *m = ctx;

	(void)fd;
	(void)timeout_ms;
	if (m->read_ns == 0)
		return vit_err_set(err, VIT_E_TIMEOUT, "reading: took too long");
	*out = (struct vit_host_rate){ size, m->read_ns, false };
	return VIT_OK;
}

static enum vit_errc fake_now(void *ctx, int64_t *out, struct vit_err *err)
{
	(void)ctx;
	(void)err;
	*out = 1700000000123456789;
	return VIT_OK;
}

struct vit_host fake_host(struct fake_machine *m)
{
	return (struct vit_host){
		.ctx = m,
		.identity = fake_identity,
		.read_file = fake_read_file,
		.list_dir = fake_list_dir,
		.sysctl_u64 = fake_sysctl_u64,
		.sysctl_str = fake_sysctl_str,
		.run = fake_run,
		.statfs = fake_statfs,
		.env = fake_env,
		.nvml = fake_nvml,
		.read_rate = fake_read_rate,
		.now = fake_now,
	};
}
