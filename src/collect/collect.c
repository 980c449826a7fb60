#include "collect/collect.h"

#include <unistd.h>

#include "collect/net.h"
#include "collect/remote.h"

enum vit_errc vit_collect(struct vit_arena *a, const char *path,
			  const struct vit_collect_options *opt, struct vit_facts *out,
			  struct vit_err *err)
{
	struct vit_source source;
	struct vit_read_rate rate = { .asked = false };
	unsigned groups = opt->groups | VIT_FG_FILES;
	enum vit_errc code;

	/* The tokenizer's group needs tokenizer_config.json, already read. */
	if (groups & VIT_FG_TOKENIZER)
		groups |= VIT_FG_CONFIG;
	*out = (struct vit_facts){ .groups = groups };
	if (vit_net_is_address(path))
		code = vit_collect_remote(a, path, opt, &source, &out->files, &out->remote, err);
	else
		code = vit_collect_files(a, path, opt, &source, &out->files, err);
	if (code)
		return code;
	if (groups & VIT_FG_CONFIG)
		vit_collect_config(a, &source, &out->config);
	if (groups & VIT_FG_TOKENIZER)
		vit_collect_tokenizer(a, &source, &out->config, &out->tokenizer);
	if (groups & VIT_FG_WEIGHTS)
		vit_collect_weights(a, &source, opt, &out->weights);
	if (groups & VIT_FG_WEIGHTS)
		vit_collect_metal(&source, &out->metal);
	if ((groups & VIT_FG_SYSTEM) && opt->measure_disk && !out->files.fetched)
		vit_collect_read_rate(a, &source, opt->host, &rate);
	if (source.root_fd >= 0)
		close(source.root_fd);
	if (groups & VIT_FG_SYSTEM) {
		/* Of what is remote, the disk that matters is where it would be fetched to. */
		vit_collect_system(a, opt->host, out->files.fetched ? "." : out->files.root.p, &out->system);
		out->system.read_rate = rate;
	}
	return VIT_OK;
}
