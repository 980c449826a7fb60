/*
 * nvidia-smi's XML: elements with text, no attributes that matter, a document
 * type without definitions. Read in one pass with the path of open elements
 * beside it; entities are the five of XML, and nothing is ever fetched.
 */
#include "base/num.h"
#include "host/parse_devices.h"
#include "host/parse_nvidia.h"

#define MAX_DEPTH 16
#define MIB (UINT64_C(1) << 20)

struct smi {
	struct vit_arena *a;
	struct vit_str text;
	size_t at;
	struct vit_str open[MAX_DEPTH]; /* names of open elements, borrowed */
	unsigned depth;                 /* may be above MAX_DEPTH: such elements are passed over */
	struct vit_nvidia *out;
	struct vit_vec devices, processes;
	struct vit_nvidia_device *device;
	struct vit_nvidia_process process; /* the one being read */
	bool has_pid;
};

static enum vit_errc bad(const struct smi *s, struct vit_err *err, const char *what)
{
	enum vit_errc rc = vit_err_set(err, VIT_E_SYNTAX, "nvidia-smi -q -x: byte %zu: %s", s->at,
				       what);

	if (err)
		err->offset = s->at;
	return rc;
}

/* Is the path of open elements this one, from the root? */
static bool within(const struct smi *s, const char *path)
{
	struct vit_str rest = vit_str_c(path), part;
	unsigned i = 0;

	if (s->depth > MAX_DEPTH)
		return false;
	while (vit_str_split(&rest, '/', &part)) {
		if (i >= s->depth || !vit_str_eq(s->open[i], part))
			return false;
		i++;
	}
	return i == s->depth;
}

static struct vit_str decoded(struct smi *s, struct vit_str raw)
{
	static const struct { const char *entity; char c; } known[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&apos;", '\'' },
	};
	char *p = vit_arena_alloc(s->a, raw.n + 1);
	size_t n = 0, i = 0;

	while (i < raw.n) {
		size_t used = 0;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]) && used == 0; k++) {
			if (vit_str_starts(vit_str_sub(raw, i, raw.n), vit_str_c(known[k].entity))) {
				p[n++] = known[k].c;
				used = strlen(known[k].entity);
			}
		}
		if (used == 0) {
			p[n++] = raw.p[i];
			used = 1;
		}
		i += used;
	}
	return (struct vit_str){ p, n };
}

/* "81559 MiB"; what has another unit is not known. */
static struct vit_known mebibytes(struct vit_str value)
{
	struct vit_known k = { false, 0 };
	uint64_t n;

	if (!vit_str_ends(value, VIT_STR(" MiB")))
		return k;
	if (vit_parse_u64(vit_str_trim(vit_str_sub(value, 0, value.n - 4)), &n))
		k.known = vit_mul_u64(n, MIB, &k.value);
	if (!k.known)
		k.value = 0;
	return k;
}

static enum vit_nvidia_mig mig(struct vit_str value)
{
	if (vit_str_is(value, "Enabled"))
		return VIT_NVIDIA_MIG_ON;
	if (vit_str_is(value, "Disabled"))
		return VIT_NVIDIA_MIG_OFF;
	return vit_str_is(value, "N/A") ? VIT_NVIDIA_MIG_NONE : VIT_NVIDIA_MIG_UNKNOWN;
}

static void clock(struct vit_str value, struct vit_known *out)
{
	if (vit_str_ends(value, VIT_STR(" MHz")))
		out->known = vit_parse_u64(vit_str_trim(vit_str_sub(value, 0, value.n - 4)),
					   &out->value);
}

static void process_text(struct smi *s, struct vit_str value)
{
	if (within(s, "nvidia_smi_log/gpu/processes/process_info/pid"))
		s->has_pid = vit_parse_u64(value, &s->process.pid);
	else if (within(s, "nvidia_smi_log/gpu/processes/process_info/process_name"))
		s->process.name = vit_nvidia_program(s->a, value);
	else if (within(s, "nvidia_smi_log/gpu/processes/process_info/used_memory"))
		s->process.bytes = mebibytes(value);
}

static void device_text(struct smi *s, struct vit_str value)
{
	struct vit_nvidia_device *d = s->device;

	if (within(s, "nvidia_smi_log/gpu/product_name"))
		d->name = value;
	else if (within(s, "nvidia_smi_log/gpu/product_architecture"))
		d->architecture = value;
	else if (within(s, "nvidia_smi_log/gpu/mig_mode/current_mig"))
		d->mig = mig(value);
	else if (within(s, "nvidia_smi_log/gpu/fb_memory_usage/total"))
		d->total = mebibytes(value);
	else if (within(s, "nvidia_smi_log/gpu/fb_memory_usage/reserved"))
		d->reserved = mebibytes(value);
	else if (within(s, "nvidia_smi_log/gpu/fb_memory_usage/used"))
		d->used = mebibytes(value);
	else if (within(s, "nvidia_smi_log/gpu/fb_memory_usage/free"))
		d->free = mebibytes(value);
	else if (within(s, "nvidia_smi_log/gpu/max_clocks/mem_clock"))
		clock(value, &d->memory_mhz);
	else
		process_text(s, value);
}

static void take_text(struct smi *s, struct vit_str raw)
{
	struct vit_str value = vit_str_trim(raw);

	if (value.n == 0)
		return;
	if (within(s, "nvidia_smi_log/driver_version"))
		s->out->driver = decoded(s, value);
	else if (within(s, "nvidia_smi_log/cuda_version"))
		s->out->cuda = decoded(s, value);
	else if (s->device)
		device_text(s, decoded(s, value));
	/* A driver hides the processes of others by saying so. */
	if (s->device && within(s, "nvidia_smi_log/gpu/processes") && vit_str_is(value, "N/A"))
		s->device->processes_known = false;
}

static void entered(struct smi *s)
{
	if (within(s, "nvidia_smi_log/gpu")) {
		s->device = NULL;
		if (s->devices.count >= VIT_NVIDIA_MAX_DEVICES)
			return;
		vit_nvidia_end(s->a, &s->devices, &s->processes);
		s->device = vit_nvidia_add(&s->devices, (uint32_t)s->devices.count);
		/* Drivers that tell what is reserved leave it out of `used`. */
	} else if (s->device && within(s, "nvidia_smi_log/gpu/processes")) {
		s->device->processes_known = true;
	} else if (within(s, "nvidia_smi_log/gpu/processes/process_info")) {
		s->process = (struct vit_nvidia_process){ .name = VIT_STR_EMPTY };
		s->has_pid = false;
	}
}

static void leaving(struct smi *s)
{
	struct vit_nvidia_process *p;

	if (!s->device || !s->has_pid ||
	    !within(s, "nvidia_smi_log/gpu/processes/process_info"))
		return;
	s->has_pid = false;
	p = vit_nvidia_process(&s->processes, s->process.pid);
	if (!p)
		return;
	if (s->process.bytes.known &&
	    (!p->bytes.known || s->process.bytes.value > p->bytes.value))
		p->bytes = s->process.bytes;
	if (p->name.n == 0)
		p->name = s->process.name;
}

static enum vit_errc close_tag(struct smi *s, struct vit_str name, struct vit_err *err)
{
	if (s->depth == 0)
		return bad(s, err, "an end tag without its begin");
	if (s->depth <= MAX_DEPTH && !vit_str_eq(s->open[s->depth - 1], name))
		return bad(s, err, "an end tag of another element");
	leaving(s);
	s->depth--;
	return VIT_OK;
}

/* At '<'. */
static enum vit_errc tag(struct smi *s, struct vit_err *err)
{
	struct vit_str rest = vit_str_sub(s->text, s->at, s->text.n), body, name;
	bool comment = vit_str_starts(rest, VIT_STR("<!--"));
	size_t end = vit_str_find(rest, comment ? VIT_STR("-->") : VIT_STR(">"), 0);
	enum vit_errc rc = VIT_OK;

	if (end == SIZE_MAX)
		return bad(s, err, "a tag that does not end");
	body = vit_str_sub(rest, 1, end);
	if (comment) {
		end += 2;
	} else if (vit_str_starts(body, VIT_STR("?")) || vit_str_starts(body, VIT_STR("!"))) {
		;
	} else if (vit_str_starts(body, VIT_STR("/"))) {
		rc = close_tag(s, vit_str_trim(vit_str_sub(body, 1, body.n)), err);
	} else {
		size_t n = 0;

		while (n < body.n && !strchr(" \t\r\n/", body.p[n]))
			n++;
		name = vit_str_sub(body, 0, n);
		if (name.n == 0)
			return bad(s, err, "a tag without a name");
		if (s->depth < MAX_DEPTH)
			s->open[s->depth] = name;
		s->depth++;
		entered(s);
		if (vit_str_ends(body, VIT_STR("/")))
			rc = close_tag(s, name, err);
	}
	s->at += end + 1;
	return rc;
}

enum vit_errc vit_parse_nvidia_smi(struct vit_arena *a, struct vit_str text,
				   struct vit_nvidia *out, struct vit_err *err)
{
	struct smi s = { .a = a, .text = text, .out = out,
			 .devices = VIT_VEC(sizeof(struct vit_nvidia_device)),
			 .processes = VIT_VEC(sizeof(struct vit_nvidia_process)) };
	enum vit_errc rc = VIT_OK;

	vit_nvidia_init(out);
	while (rc == VIT_OK && s.at < text.n) {
		size_t next = vit_str_find(text, VIT_STR("<"), s.at);

		if (next == SIZE_MAX)
			next = text.n;
		take_text(&s, vit_str_sub(text, s.at, next));
		s.at = next;
		if (next < text.n)
			rc = tag(&s, err);
	}
	if (rc == VIT_OK && s.depth > 0)
		rc = bad(&s, err, "an element that does not end");
	vit_nvidia_end(a, &s.devices, &s.processes);
	out->devices = vit_vec_take(&s.devices, a, &out->count);
	return rc;
}

void vit_parse_nvidia_capabilities(struct vit_str text, struct vit_nvidia *out)
{
	struct vit_str line, index_text, major_text;
	uint64_t index, major, minor;

	while (vit_str_line(&text, &line)) {
		if (!vit_str_split(&line, ',', &index_text) ||
		    !vit_parse_u64(vit_str_trim(index_text), &index))
			continue;
		line = vit_str_trim(line);
		if (!vit_str_split(&line, '.', &major_text) ||
		    !vit_parse_u64(major_text, &major) || !vit_parse_u64(line, &minor) ||
		    major > 1000 || minor > 9)
			continue;
		for (size_t i = 0; i < out->count; i++) {
			if (out->devices[i].index != index)
				continue;
			out->devices[i].has_capability = true;
			out->devices[i].major = (uint32_t)major;
			out->devices[i].minor = (uint32_t)minor;
		}
	}
}
