/*
 * Whatever listens on a port of this machine: answers of model servers through
 * every reader, lines of ps and property lists. Held: lists stay below their
 * limit, numbers below theirs, parts lie in their text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "formats/served.h"
#include "host/parse.h"

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

static void lists(struct vit_arena *a, struct vit_str text)
{
	enum vit_errc (*const readers[])(struct vit_arena *, struct vit_str, struct vit_served_list *,
					 struct vit_err *) = {
		vit_served_lm_studio_v1, vit_served_lm_studio_v0, vit_served_openai, vit_served_ollama_tags,
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct vit_err err = { VIT_OK, 0, 0, "" };
		struct vit_served_list list;
		enum vit_errc rc = readers[i](a, text, &list, &err);

		must(rc == err.code);
		must(list.count <= VIT_SERVED_MAX_MODELS);
		if (rc == VIT_OK && vit_served_ollama_ps(a, text, &list, &err) == VIT_OK)
			for (uint32_t k = 0; k < list.count; k++)
				must(list.models[k].state_known);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vit_str text = { (const char *)data, size }, rest = text, line;
	struct vit_arena *a = vit_arena_new();
	struct vit_ps_line row;

	lists(a, text);
	(void)vit_served_is_lm_studio(a, text);
	(void)vit_served_member(a, text, "version");
	must(vit_served_number(a, text, "port", 65536) < 65536);
	inside(vit_parse_plist_string(text, "CFBundleShortVersionString"), text);
	while (vit_str_line(&rest, &line)) {
		if (vit_parse_ps_line(line, true, &row))
			inside(row.command, line);
		if (vit_parse_ps_line(line, false, &row))
			inside(row.command, line);
	}
	vit_arena_free(a);
	return 0;
}
