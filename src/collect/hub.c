#include "collect/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "collect/net.h"

#define GIT_TEXT_MAX ((size_t)4 << 20) /* .git/config, HEAD, packed-refs */

/* ---- what a clone says of itself --------------------------------------------------- */

/* A small file of the clone's .git; empty when it cannot be read. */
static struct vit_str git_text(struct vit_arena *a, const struct vit_files *files, const char *name)
{
	struct vit_str path = vit_arena_printf(a, "%.*s/.git/%s", VIT_FMT(files->root), name), text = VIT_STR_EMPTY;
	int fd = open(path.p, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	struct vit_buf b;
	struct stat st;

	if (fd < 0)
		return text;
	vit_buf_init(&b, GIT_TEXT_MAX);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && vit_source_drain(fd, &b))
		text = vit_arena_str(a, vit_buf_view(&b));
	vit_buf_release(&b);
	close(fd);
	return text;
}

/* "https://endpoint/org/name[.git]" of the first remote whose address begins so. */
static struct vit_str git_repo(struct vit_arena *a, const struct vit_files *files, struct vit_str endpoint)
{
	struct vit_str text = git_text(a, files, "config"), line, key = VIT_STR("url"), tail = VIT_STR(".git");

	while (vit_str_line(&text, &line)) {
		struct vit_str value = vit_str_trim(line);
		if (!vit_str_starts(value, key))
			continue;
		value = vit_str_trim(vit_str_sub(value, key.n, value.n));
		if (!vit_str_starts(value, VIT_STR("=")))
			continue;
		value = vit_str_trim(vit_str_sub(value, 1, value.n));
		if (!vit_str_starts(value, endpoint))
			continue;
		value = vit_str_sub(value, endpoint.n + 1, value.n);
		return vit_str_ends(value, tail) ? vit_str_sub(value, 0, value.n - tail.n) : value;
	}
	return VIT_STR_EMPTY;
}

static struct vit_str packed_ref(struct vit_arena *a, const struct vit_files *files, struct vit_str ref)
{
	struct vit_str text = git_text(a, files, "packed-refs"), line;

	while (vit_str_line(&text, &line))
		if (line.n == 41 + ref.n && line.p[40] == ' ' && vit_str_ends(line, ref))
			return vit_str_sub(line, 0, 40);
	return VIT_STR_EMPTY;
}

static struct vit_str git_head(struct vit_arena *a, const struct vit_files *files)
{
	struct vit_str head = vit_str_trim(git_text(a, files, "HEAD")), mark = VIT_STR("ref: "), commit;

	if (vit_str_starts(head, mark)) {
		struct vit_str ref = vit_arena_str(a, vit_str_sub(head, mark.n, head.n));
		/* A name of ours alone: no way out of .git. */
		if (!vit_str_starts(ref, VIT_STR("refs/heads/")) || vit_str_find(ref, VIT_STR(".."), 0) != SIZE_MAX)
			return VIT_STR_EMPTY;
		commit = vit_str_trim(git_text(a, files, ref.p));
		head = commit.n ? commit : packed_ref(a, files, ref);
	}
	return vit_hub_is_commit(head) ? head : VIT_STR_EMPTY;
}

/* The commit that most of the client's notes name. Of two that are named as often, the
 * one that was so first. */
static struct vit_str noted_revision(const struct vit_integrity *in)
{
	struct vit_str best = VIT_STR_EMPTY;
	uint32_t most = 0;
	struct vit_map times;

	vit_map_init(&times, 16);
	for (uint32_t i = 0; i < in->promise_count; i++) {
		struct vit_str r = in->promises[i].revision;
		uint32_t n = vit_map_get(&times, r);
		if (!vit_hub_is_commit(r))
			continue;
		n = n == VIT_MAP_NONE ? 1 : n + 1;
		vit_map_set(&times, r, n);
		if (n > most) {
			most = n;
			best = r;
		}
	}
	vit_map_release(&times);
	return best;
}

static struct vit_str local_revision(struct vit_arena *a, const struct vit_files *files, const struct vit_integrity *in)
{
	struct vit_str r = files->hub_revision;

	if (!vit_hub_is_commit(r))
		r = noted_revision(in);
	if (r.n == 0 && files->git_clone)
		r = git_head(a, files);
	return vit_arena_str(a, r);
}

/* ---- which repository --------------------------------------------------------------- */

static enum vit_errc find_repo(struct vit_arena *a, const struct vit_files *files, const struct vit_hub_options *opt,
			       struct vit_str endpoint, struct vit_hub_ref *ref, struct vit_hub *out, struct vit_err *err)
{
	struct vit_str given = vit_str_c(opt->repo), scheme = VIT_STR("hf://"), name;

	if (opt->repo) {
		out->repo_source = VIT_STR("--repo");
		if (vit_str_starts(given, scheme))
			given = vit_str_sub(given, scheme.n, given.n);
		return vit_hub_ref_parse(a, given, ref, err);
	}
	name = files->hub_repo;
	out->repo_source = VIT_STR("the hub cache's folder");
	if (name.n == 0) {
		name = opt->pin_repo;
		out->repo_source = vit_arena_printf(a, "spec %.*s", VIT_FMT(opt->pin_id));
	}
	if (name.n == 0) {
		name = git_repo(a, files, endpoint);
		out->repo_source = VIT_STR(".git/config");
	}
	if (name.n == 0)
		return vit_err_set(err, VIT_E_NOTFOUND, "which repository of the hub this is a copy of is not known; name it: "
				   "--repo org/name[@revision]");
	return vit_hub_ref_parse(a, name, ref, err);
}

/* ---- asking --------------------------------------------------------------------------- */

/* Files whose content at head is another: both sorted by path. */
static void count_changes(const struct vit_remote *r, const struct vit_hub_entry *head, uint32_t count,
			  struct vit_hub *out)
{
	uint32_t i = 0, k = 0;

	while (i < r->listing_count || k < count) {
		const struct vit_hub_entry *a = i < r->listing_count ? &r->listing[i] : NULL;
		const struct vit_hub_entry *b = k < count ? &head[k] : NULL;
		int c = !a ? 1 : !b ? -1 : vit_str_cmp(a->path, b->path);
		const struct vit_hub_entry *e = c <= 0 ? a : b;
		bool same = c == 0 && a->size == b->size && vit_str_eq(a->digest, b->digest);
		i += c <= 0;
		k += c >= 0;
		if (same || e->is_folder)
			continue;
		if (out->changed++ == 0)
			out->first_changed = e->path;
	}
}

/* Which commit is compared: the one named, the copy's own, or the branch's head. */
static enum vit_errc choose_revision(struct vit_net *net, const struct vit_hub_ref *ref, struct vit_hub *out,
				     struct vit_remote *remote, struct vit_err *err)
{
	struct vit_hub_ref own = *ref;
	struct vit_hub_info info;
	enum vit_errc rc = vit_net_hub_info(net, ref, &info, err);

	if (rc)
		return rc;
	remote->repo = info.id;
	remote->gated = info.gated;
	out->head = remote->revision = info.sha;
	if (ref->revision_named || out->local_revision.n == 0 || vit_str_eq(out->local_revision, info.sha))
		return VIT_OK;
	own.repo = info.id;
	own.revision = out->local_revision;
	rc = vit_net_hub_info(net, &own, &info, err);
	if (rc == VIT_E_NOTFOUND) {
		out->local_unknown = true;
		return VIT_OK;
	}
	if (!rc)
		remote->revision = info.sha;
	return rc;
}

static enum vit_errc ask(struct vit_net *net, const struct vit_hub_ref *ref, struct vit_hub *out,
			 struct vit_remote *remote, struct vit_err *err)
{
	struct vit_hub_entry *entries;
	uint32_t count;
	uint64_t bad = 0;
	enum vit_errc rc;

	remote->endpoint = net->endpoint;
	remote->repo = remote->asked_repo = ref->repo;
	remote->asked_revision = ref->revision;
	if ((rc = choose_revision(net, ref, out, remote, err)))
		return rc;
	rc = vit_net_hub_list(net, remote->repo, remote->revision, &entries, &count, &remote->bad_entries, err);
	if (rc)
		return rc;
	remote->listing = entries;
	remote->listing_count = count;
	if (vit_str_eq(out->head, remote->revision))
		return VIT_OK;
	rc = vit_net_hub_list(net, remote->repo, out->head, &entries, &count, &bad, err);
	if (!rc)
		count_changes(remote, entries, count, out);
	return rc;
}

enum vit_errc vit_collect_hub(struct vit_arena *a, const struct vit_files *files, const struct vit_integrity *integrity,
			      const struct vit_hub_options *opt, struct vit_hub *out, struct vit_remote *remote,
			      struct vit_err *err)
{
	struct vit_err cause;
	struct vit_hub_ref ref;
	struct vit_net net;
	enum vit_errc rc = vit_net_open(&net, a, opt->collect, &cause);

	*out = (struct vit_hub){ .asked = true, .repo_source = VIT_STR_EMPTY, .head = VIT_STR_EMPTY,
				 .first_changed = VIT_STR_EMPTY,
				 .local_revision = local_revision(a, files, integrity) };
	if (!rc)
		rc = find_repo(a, files, opt, net.endpoint, &ref, out, &cause);
	if (!rc && ref.folder.n)
		rc = vit_err_set(&cause, VIT_E_USAGE, "--repo %s: a copy is compared with a whole repository", opt->repo);
	if (!rc)
		rc = ask(&net, &ref, out, remote, &cause);
	vit_net_close(&net, remote);
	if (rc == VIT_E_INTERRUPTED || rc == VIT_E_USAGE) {
		*err = cause;
		return rc;
	}
	if (rc) {
		struct vit_err *kept = VIT_NEW(a, struct vit_err);
		*kept = cause;
		out->err = kept;
		remote->listing = NULL;
	}
	return VIT_OK;
}
