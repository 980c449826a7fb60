#include "base/path.h"
#include "report/render.h"

const struct vit_renderer vit_renderers[] = {
	{ "terminal", "txt", "text/plain", vit_render_terminal },
	{ "markdown", "md", "text/markdown", vit_render_markdown },
	{ "json", "json", "application/json", vit_render_json },
	{ "sarif", "sarif", "application/sarif+json", vit_render_sarif },
	{ "junit", "xml", "application/xml", vit_render_junit },
	{ "html", "html", "text/html", vit_render_html },
	{ "github", "github", "text/plain", vit_render_github },
};
const size_t vit_renderer_count = sizeof(vit_renderers) / sizeof(vit_renderers[0]);

const struct vit_renderer *vit_renderer_find(struct vit_str name)
{
	for (size_t i = 0; i < vit_renderer_count; i++)
		if (vit_str_is(name, vit_renderers[i].name))
			return &vit_renderers[i];
	return NULL;
}

const struct vit_renderer *vit_renderer_for_path(struct vit_str path)
{
	static const struct {
		const char *extension, *name;
	} others[] = { { "markdown", "markdown" }, { "htm", "html" }, { "text", "terminal" } };
	struct vit_str ext = vit_path_ext(path);

	/* GitHub's documentation writes results.sarif.json as well. */
	if (vit_str_ends(path, VIT_STR(".sarif.json")))
		return vit_renderer_find(VIT_STR("sarif"));
	for (size_t i = 0; ext.n && i < vit_renderer_count; i++)
		if (vit_str_ieq(ext, vit_str_c(vit_renderers[i].extension)))
			return &vit_renderers[i];
	for (size_t i = 0; ext.n && i < sizeof(others) / sizeof(others[0]); i++)
		if (vit_str_ieq(ext, vit_str_c(others[i].extension)))
			return vit_renderer_find(vit_str_c(others[i].name));
	return NULL;
}
