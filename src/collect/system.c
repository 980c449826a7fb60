#include "base/num.h"
#include "collect/collect.h"
#include "collect/devices.h"
#include "collect/system_probe.h"

#define MAX_TEXT (16u << 20) /* /proc/cpuinfo takes 1.5 kB a processor */

void vit_probe_failed(struct vit_probe *p, enum vit_probe_need need, const char *what,
		      const struct vit_err *err)
{
	struct vit_str *note;

	if (need == VIT_PROBE_OPTIONAL &&
	    (err->code == VIT_E_NOTFOUND || err->code == VIT_E_UNSUPPORTED))
		return;
	if (p->out->err.code == VIT_OK)
		p->out->err = *err;
	note = vit_vec_add(&p->notes);
	*note = vit_arena_printf(p->a, "%s: %s", what, err->msg);
}

bool vit_probe_file(struct vit_probe *p, const char *path, enum vit_probe_need need)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	if (p->h->read_file(p->h->ctx, path, &p->text, &err) == VIT_OK)
		return true;
	vit_buf_clear(&p->text);
	vit_probe_failed(p, need, "file", &err);
	return false;
}

bool vit_probe_number(struct vit_probe *p, const char *name, enum vit_probe_need need,
		      uint64_t *value)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	if (p->h->sysctl_u64(p->h->ctx, name, value, &err) == VIT_OK)
		return true;
	vit_probe_failed(p, need, "sysctl", &err);
	return false;
}

struct vit_str vit_probe_string(struct vit_probe *p, const char *name, enum vit_probe_need need)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };

	if (p->h->sysctl_str(p->h->ctx, name, &p->text, &err) == VIT_OK)
		return vit_arena_str(p->a, vit_str_trim(vit_buf_view(&p->text)));
	vit_probe_failed(p, need, "sysctl", &err);
	return VIT_STR_EMPTY;
}

void vit_probe_set(struct vit_probe *p, struct vit_measure *m, uint64_t value,
		   const char *source)
{
	m->known = true;
	m->value = value;
	m->source = vit_arena_str(p->a, vit_str_c(source));
}

void vit_probe_measure(struct vit_probe *p, const char *name, enum vit_probe_need need,
		       uint64_t unit, struct vit_measure *m)
{
	uint64_t value;

	if (vit_probe_number(p, name, need, &value) && vit_mul_u64(value, unit, &value))
		vit_probe_set(p, m, value, vit_arena_printf(p->a, "sysctl %s", name).p);
}

static void identify(struct vit_probe *p)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_host_identity *id = &p->identity;

	if (p->h->identity(p->h->ctx, id, &err) != VIT_OK) {
		memset(id, 0, sizeof(*id));
		vit_probe_failed(p, VIT_PROBE_NEEDED, "system", &err);
		return;
	}
	p->out->os = vit_arena_str(p->a, vit_str_c(id->os));
	p->out->kernel = vit_arena_str(p->a, vit_str_c(id->release));
	p->out->arch = vit_arena_str(p->a, vit_str_c(id->arch));
}

static void probe_by_system(struct vit_probe *p)
{
	static const struct {
		const char *os;
		void (*probe)(struct vit_probe *p);
	} systems[] = {
		{ "Linux", vit_probe_linux },     { "Darwin", vit_probe_darwin },
		{ "FreeBSD", vit_probe_freebsd }, { "DragonFly", vit_probe_freebsd },
		{ "NetBSD", vit_probe_uvm },      { "OpenBSD", vit_probe_uvm },
	};
	struct vit_err err = { VIT_OK, 0, 0, "" };

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		if (strcmp(p->identity.os, systems[i].os) == 0) {
			systems[i].probe(p);
			return;
		}
	}
	if (p->identity.os[0]) {
		(void)vit_err_set(&err, VIT_E_UNSUPPORTED, "memory and processors of %s are not "
				  "known to this tool", p->identity.os);
		vit_probe_failed(p, VIT_PROBE_NEEDED, "system", &err);
	}
}

/* The folder above; empty when there is none. "out" lies in ".". */
static struct vit_str parent(struct vit_arena *a, struct vit_str path)
{
	size_t end = path.n, slash;

	while (end > 1 && path.p[end - 1] == '/')
		end--;
	slash = vit_str_rchr(vit_str_sub(path, 0, end), '/');
	if (slash == SIZE_MAX)
		return vit_str_is(path, ".") ? VIT_STR_EMPTY : VIT_STR(".");
	if (slash == 0)
		return end > 1 ? VIT_STR("/") : VIT_STR_EMPTY;
	return vit_arena_str(a, vit_str_sub(path, 0, slash));
}

void vit_collect_disk(struct vit_arena *a, const struct vit_host *h, const char *path,
		      struct vit_disk *out)
{
	struct vit_str at = vit_arena_str(a, vit_str_c(path));
	struct vit_host_disk found;
	enum vit_errc rc;

	*out = (struct vit_disk){ .probed = true, .path = at, .asked = at,
				  .kind = VIT_STR_EMPTY };
	for (;;) {
		out->asked = at;
		rc = h->statfs(h->ctx, at.p, &found, &out->err);
		if (rc != VIT_E_NOTFOUND)
			break;
		at = parent(a, at);
		if (at.n == 0)
			break;
	}
	if (rc != VIT_OK)
		return;
	out->err = (struct vit_err){ VIT_OK, 0, 0, "" };
	out->kind = vit_arena_str(a, vit_str_c(found.kind));
	out->class = vit_disk_classify(out->kind);
	out->total = (struct vit_measure){ true, found.total, VIT_STR("statfs") };
	out->free = (struct vit_measure){ true, found.free, VIT_STR("statfs") };
	if (!vit_str_eq(out->asked, out->path))
		out->free.source = vit_arena_printf(a, "statfs of %.*s, the nearest folder there is",
						    VIT_FMT(out->asked));
}

static void disk(struct vit_probe *p, const char *model_path)
{
	struct vit_err err = { VIT_OK, 0, 0, "" };
	struct vit_host_disk found;

	if (p->h->statfs(p->h->ctx, model_path, &found, &err) != VIT_OK) {
		vit_probe_failed(p, VIT_PROBE_NEEDED, "disk", &err);
		return;
	}
	vit_probe_set(p, &p->out->disk_total, found.total, "statfs of the model's place");
	vit_probe_set(p, &p->out->disk_free, found.free, "statfs of the model's place");
	p->out->disk_kind = vit_arena_str(p->a, vit_str_c(found.kind));
	p->out->disk_class = vit_disk_classify(p->out->disk_kind);
}

/* What a job may use: what is free, and no more than is left below the limit. */
static void decide(struct vit_system *s)
{
	uint64_t room = 0;

	if (s->memory_limit.known) {
		uint64_t used = s->memory_limit_used.known ? s->memory_limit_used.value : 0;

		room = used < s->memory_limit.value ? s->memory_limit.value - used : 0;
	}
	s->decider = VIT_MD_NONE;
	s->memory_usable = 0;
	if (s->memory_available.known) {
		s->decider = VIT_MD_AVAILABLE;
		s->memory_usable = s->memory_available.value;
	} else if (s->memory_total.known) {
		s->decider = VIT_MD_TOTAL;
		s->memory_usable = s->memory_total.value;
	}
	if (s->memory_limit.known && (s->decider == VIT_MD_NONE || room < s->memory_usable)) {
		s->decider = VIT_MD_LIMIT;
		s->memory_usable = room;
	}
}

void vit_collect_system(struct vit_arena *a, const struct vit_host *host, const char *model_path,
			struct vit_system *out)
{
	struct vit_probe p = { .a = a, .h = host, .out = out,
			       .notes = VIT_VEC(sizeof(struct vit_str)) };
	size_t count;

	*out = (struct vit_system){ .probed = true, .replayed = host->replayed,
				    .os = VIT_STR_EMPTY, .os_version = VIT_STR_EMPTY,
				    .kernel = VIT_STR_EMPTY, .arch = VIT_STR_EMPTY,
				    .cpu = VIT_STR_EMPTY, .machine = VIT_STR_EMPTY,
				    .disk_kind = VIT_STR_EMPTY,
				    .bus = { .nvidia_driver = VIT_STR_EMPTY },
				    .nvidia_error = VIT_STR_EMPTY,
				    .visible_devices = VIT_STR_EMPTY };
	vit_buf_init(&p.text, MAX_TEXT);
	identify(&p);
	probe_by_system(&p);
	if (model_path)
		disk(&p, model_path);
	vit_probe_devices(&p);
	vit_buf_release(&p.text);
	decide(out);
	out->notes = vit_vec_take(&p.notes, a, &count);
	out->note_count = (uint32_t)count;
}
