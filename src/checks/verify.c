#include "checks/verify.h"

#include "base/num.h"

static struct vit_str size_text(struct vit_eval *ev, uint64_t n)
{
	char text[VIT_FMT_NUM];

	return vit_eval_text(ev, "%s bytes", vit_fmt_u64(n, text));
}

static const struct vit_truth *truth_of(const struct vit_integrity *in, uint32_t promise)
{
	return &in->truths[in->promises[promise].truth];
}

static struct vit_finding *fail(struct vit_eval *ev, enum vit_check_id id, const struct vit_verified *v)
{
	struct vit_finding *f = vit_eval_fail(ev, id);

	f->where.path = v->path;
	return f;
}

/* Content that differs from what its source promises. */
static void differs(const struct vit_integrity *in, const struct vit_verified *v, const struct vit_facts *facts,
		    struct vit_eval *ev)
{
	const struct vit_promise *p = &in->promises[v->promise];
	const struct vit_truth *t = truth_of(in, v->promise);
	bool by_size = v->state == VIT_VERIFY_SIZE;
	struct vit_finding *f;

	/* A trace older than the file says what once was there: the file was changed since. */
	f = fail(ev, p->stale ? VIT_CK_integrity_changed_since_download : VIT_CK_integrity_altered, v);
	if (by_size) {
		f->message = vit_eval_text(ev, "The size is not the one promised by %.*s.", VIT_FMT(t->name));
		f->expected = size_text(ev, p->size);
		f->actual = size_text(ev, facts->files.files[v->file].size);
		return;
	}
	if (p->stale)
		f->message = VIT_STR("The file was modified after the download, and its content is not the one that was "
				     "fetched.");
	else
		f->message = vit_eval_text(ev, "The content is not the one promised by %.*s.", VIT_FMT(t->name));
	f->expected = p->of_pointer ? vit_eval_text(ev, "git id %.*s of its LFS pointer", VIT_FMT(p->digest)) :
				      vit_eval_text(ev, "%s %.*s", vit_digest_name(p->algorithm), VIT_FMT(p->digest));
	f->actual = vit_eval_text(ev, "%s %s", vit_digest_name(v->algorithm), v->digest);
}

static void missing(const struct vit_integrity *in, const struct vit_verified *v, struct vit_eval *ev)
{
	const struct vit_truth *t;
	struct vit_finding *f;

	if (v->promise == UINT32_MAX)
		return;
	t = truth_of(in, v->promise);
	/* The pin's absent files are a finding of their own, and git keeps what a sparse clone leaves out. */
	if (t->kind == VIT_TRUTH_SPEC || t->kind == VIT_TRUTH_GIT || t->kind == VIT_TRUTH_HUB_DOWNLOAD ||
	    t->kind == VIT_TRUTH_HUB)
		return;
	f = fail(ev, VIT_CK_integrity_listed_missing, v);
	f->message = vit_eval_text(ev, "%.*s lists this file, and it is not there.", VIT_FMT(t->name));
}

static void conflict(const struct vit_integrity *in, const struct vit_verified *v, struct vit_eval *ev)
{
	const struct vit_promise *a = &in->promises[v->promise], *b = &in->promises[v->conflict];
	struct vit_finding *f = fail(ev, VIT_CK_integrity_sources_disagree, v);

	f->message = vit_eval_text(ev, "%.*s and %.*s promise different content.", VIT_FMT(in->truths[a->truth].name),
				   VIT_FMT(in->truths[b->truth].name));
	f->expected = vit_eval_text(ev, "%s %.*s", vit_digest_name(a->algorithm), VIT_FMT(a->digest));
	f->actual = vit_eval_text(ev, "%s %.*s", vit_digest_name(b->algorithm), VIT_FMT(b->digest));
}

static void one_file(const struct vit_case *c, const struct vit_verified *v, struct vit_eval *ev)
{
	const struct vit_integrity *in = &c->facts->integrity;

	if (v->conflict != UINT32_MAX)
		conflict(in, v, ev);
	switch (v->state) {
	case VIT_VERIFY_DIFFERS:
	case VIT_VERIFY_SIZE:
		differs(in, v, c->facts, ev);
		break;
	case VIT_VERIFY_MISSING:
		missing(in, v, ev);
		break;
	case VIT_VERIFY_CHANGED:
		fail(ev, VIT_CK_integrity_unstable, v)->message =
			VIT_STR("The file changed while it was hashed: something is still writing it.");
		break;
	case VIT_VERIFY_UNREADABLE:
		vit_eval_unknown(ev, VIT_CK_integrity_altered, "%s", v->err->msg);
		break;
	case VIT_VERIFY_STOPPED:
		vit_eval_unknown(ev, VIT_CK_integrity_altered, "interrupted before every file was hashed");
		break;
	case VIT_VERIFY_NONE:
	case VIT_VERIFY_MATCH:
	case VIT_VERIFY_UNCOVERED:
		break;
	}
}

/* Content that no source speaks of, in one finding: it is the set that matters. */
static void uncovered(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_integrity *in = &c->facts->integrity;
	uint64_t n = 0;
	char text[VIT_FMT_NUM];
	const struct vit_verified *first = NULL;
	struct vit_finding *f;

	for (uint32_t i = 0; i < in->file_count; i++) {
		if (in->files[i].state != VIT_VERIFY_UNCOVERED)
			continue;
		n++;
		if (!first)
			first = &in->files[i];
	}
	if (n == 0) {
		vit_eval_pass(ev, VIT_CK_integrity_uncovered);
		return;
	}
	f = vit_eval_fail(ev, VIT_CK_integrity_uncovered);
	f->message = vit_eval_text(ev, "%s %s no source of truth speaks of %s hashed and compared with nothing; "
				       "the first is %.*s.",
				   vit_fmt_u64(n, text), n == 1 ? "file that" : "files that", n == 1 ? "was" : "were",
				   VIT_FMT(first->path));
}

static void bad_lists(const struct vit_integrity *in, struct vit_eval *ev)
{
	char text[VIT_FMT_NUM];

	for (uint32_t i = 0; i < in->truth_count; i++) {
		const struct vit_truth *t = &in->truths[i];
		struct vit_finding *f;
		if (!t->err && t->bad_lines == 0)
			continue;
		f = vit_eval_fail(ev, VIT_CK_integrity_source_unreadable);
		f->where.path = t->path;
		f->where.line = t->bad_line;
		vit_fmt_u64(t->bad_lines, text);
		if (t->err)
			f->message = vit_eval_text(ev, "%s", t->err->msg);
		else if (t->kind == VIT_TRUTH_HUB_DOWNLOAD)
			f->message = vit_eval_text(ev, "%s of its notes cannot be read as a commit, a digest and a time.", text);
		else
			f->message = vit_eval_text(ev, "%s of its lines cannot be read as a digest and a file's name.", text);
	}
	vit_eval_pass(ev, VIT_CK_integrity_source_unreadable);
}

static const enum vit_check_id ids[] = {
	VIT_CK_integrity_altered,	   VIT_CK_integrity_changed_since_download,
	VIT_CK_integrity_listed_missing,   VIT_CK_integrity_sources_disagree,
	VIT_CK_integrity_unstable,	   VIT_CK_integrity_uncovered,
	VIT_CK_integrity_source_unreadable,
};

static void run(const struct vit_case *c, struct vit_eval *ev)
{
	const struct vit_integrity *in = &c->facts->integrity;

	if (!in->asked) {
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
			vit_eval_not_checked(ev, ids[i], "no byte was hashed; --verify asks for it");
		return;
	}
	for (uint32_t i = 0; i < in->file_count; i++)
		one_file(c, &in->files[i], ev);
	uncovered(c, ev);
	bad_lists(in, ev);
	if (in->promise_count == 0 && !in->stopped && in->truth_count)
		vit_eval_unknown(ev, VIT_CK_integrity_altered,
				 "--verify was asked for, and %.*s promises nothing about any file",
				 VIT_FMT(in->truths[0].name));
	else if (in->promise_count == 0 && !in->stopped)
		vit_eval_unknown(ev, VIT_CK_integrity_altered,
				 "--verify was asked for, and no source of truth was found: no lock, no published "
				 "model's spec, no trace of the hub, no git clone");
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		vit_eval_pass(ev, ids[i]);
}

const struct vit_pass vit_pass_verify = {
	.name = "verify",
	.needs = VIT_FG_FILES,
	.ids = ids,
	.id_count = sizeof ids / sizeof ids[0],
	.run = run,
};
