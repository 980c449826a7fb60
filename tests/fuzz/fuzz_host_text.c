/*
 * The texts of systems and of recordings, through every parser of the host.
 * Held: results lie in their text, what is known is what such a number can be,
 * a table read and written is the same table, and no name survives redaction.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "host/parse.h"
#include "host/parse_devices.h"
#include "host/redact.h"
#include "host/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void inside(struct vit_str part, struct vit_str text)
{
	must(part.n == 0 || (part.p >= text.p && part.n <= text.n &&
			     (size_t)(part.p - text.p) <= text.n - part.n));
}

static void unknown_is_zero(struct vit_known k)
{
	must(k.known || k.value == 0);
}

static void memory(struct vit_str text)
{
	struct vit_meminfo m;
	struct vit_known sum = vit_parse_memory_stat(text);

	vit_parse_meminfo(text, &m);
	const struct vit_known all[] = { m.total, m.free, m.available, m.swap_total, m.swap_free };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		unknown_is_zero(all[i]);
		must(all[i].value % 1024 == 0);
	}
	unknown_is_zero(sum);
	vit_parse_node_meminfo(text, &m);
	unknown_is_zero(m.total);
	unknown_is_zero(m.huge);
	sum = vit_parse_pressure(text);
	unknown_is_zero(sum);
	must(sum.value <= 10000);
}

/* sysfs: a driver's name lies in its text, a target is a short word. */
static void sysfs(struct vit_str text)
{
	struct vit_arena *a = vit_arena_new();
	struct vit_pci_device d;
	struct vit_known version = vit_parse_kfd_property(text, "gfx_target_version");

	(void)vit_parse_pci_uevent(text, &d);
	inside(d.driver, text);
	unknown_is_zero(version);
	must(vit_kfd_target(a, version.value).n <= 12);
	vit_arena_free(a);
}

/* A path of a control group is joined to a mount: it must not climb out. */
static void safe_path(bool has, struct vit_str path)
{
	struct vit_str part;

	if (!has)
		return;
	must(path.n > 0 && path.p[0] == '/' && !memchr(path.p, '\0', path.n));
	while (vit_str_split(&path, '/', &part))
		must(!vit_str_is(part, "..") && !vit_str_is(part, "."));
}

static void groups(struct vit_str text)
{
	struct vit_cgroup_paths p;
	struct vit_known limit = vit_parse_cgroup_bytes(text), cpu = vit_parse_cpu_max(text);
	char digits[32];
	struct vit_str number = vit_str_trim(text);

	vit_parse_cgroup(text, &p);
	safe_path(p.has_unified, p.unified);
	safe_path(p.has_memory, p.memory);
	safe_path(p.has_cpu, p.cpu);
	unknown_is_zero(limit);
	unknown_is_zero(cpu);
	unknown_is_zero(vit_parse_cpu_cfs(text, text));
	must(limit.value < UINT64_C(0x8000000000000000));
	if (limit.known) {
		while (number.n > 1 && number.p[0] == '0')
			number = vit_str_sub(number, 1, number.n);
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)limit.value);
		must(vit_str_is(number, digits));
	}
}

static void processor(struct vit_str text)
{
	struct vit_cpuinfo c;

	vit_parse_cpuinfo(text, &c);
	inside(c.model, text);
	inside(c.implementer, text);
	inside(c.part, text);
	unknown_is_zero(c.logical);
	unknown_is_zero(c.physical);
	must(!c.physical.known || (c.physical.value >= 1 && c.physical.value <= c.logical.value));
}

static void same_table(struct vit_arena *a, struct vit_str text)
{
	struct vit_table one, two;
	struct vit_buf out;

	if (vit_table_parse(a, text, "table", &one, NULL) != VIT_OK)
		return;
	vit_buf_init(&out, 4 * text.n + 1);
	for (size_t i = 0; i < one.count; i++) {
		for (size_t j = 0; j < one.rows[i].count; j++)
			vit_table_field(&out, one.rows[i].fields[j], j == 0);
		vit_buf_putc(&out, '\n');
	}
	must(!out.full);
	/* Escapes take more room: a table at the limit may pass it. */
	if (out.n <= VIT_TABLE_MAX_BYTES) {
		must(vit_table_parse(a, vit_buf_view(&out), "table", &two, NULL) == VIT_OK);
		/* A row of one empty field is written as an empty line, which says nothing. */
		must(two.count <= one.count);
		for (size_t i = 0; i < two.count && two.count == one.count; i++) {
			must(two.rows[i].count == one.rows[i].count);
			for (size_t j = 0; j < two.rows[i].count; j++)
				must(vit_str_eq(two.rows[i].fields[j], one.rows[i].fields[j]));
		}
	}
	vit_buf_release(&out);
}

static bool word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static bool has_word(struct vit_str text, struct vit_str word)
{
	for (size_t at = 0; (at = vit_str_find(text, word, at)) != SIZE_MAX; at++)
		if ((at == 0 || !word_char(text.p[at - 1])) &&
		    (at + word.n == text.n || !word_char(text.p[at + word.n])))
			return true;
	return false;
}

static void redaction(struct vit_str text)
{
	const struct vit_redact r = { VIT_STR("/data/ann"), VIT_STR("ann"), VIT_STR("box.lan") };
	struct vit_buf out;

	/* The shortest thing that grows is a name of three letters, by one. */
	vit_buf_init(&out, 4 * text.n + 64);
	vit_redact_text(&r, text, &out);
	must(!out.full);
	must(!has_word(vit_buf_view(&out), r.user));
	must(!has_word(vit_buf_view(&out), VIT_STR("box")));
	vit_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_str text = { (const char *)data, size };
	struct vit_arena *a = vit_arena_new();

	memory(text);
	groups(text);
	processor(text);
	sysfs(text);
	must(vit_parse_os_release(a, text).n <= text.n + 1);
	same_table(a, text);
	redaction(text);
	(void)vit_redact_is_secret(text);
	vit_arena_free(a);
	return 0;
}
