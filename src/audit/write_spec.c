/* `spec DIR`: requirements that a model known to be good satisfies. */
#include "audit/session.h"

#include "base/path.h"
#include "base/utf8.h"

#define SPEC_MAX ((size_t)1 << 20) /* what the loader takes */

/* A double-quoted YAML scalar: printable ASCII and valid UTF-8 as they are, the
 * rest escaped. False when the bytes are no UTF-8, which YAML cannot hold. */
static bool quoted(struct vit_buf *b, struct vit_str s)
{
	if (vit_utf8_valid(s) != s.n)
		return false;
	vit_buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			vit_buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			vit_buf_printf(b, "\\x%02x", c);
		else
			vit_buf_putc(b, (char)c);
	}
	vit_buf_putc(b, '"');
	return true;
}

/* Letters, digits, '_': a key that needs no quotes and can stand in an expression. */
static bool plain_key(struct vit_str s)
{
	if (s.n == 0 || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

/* The folder's name as an id: what is no letter, digit, '.', '_' or '-' becomes '-'. */
static void write_id(struct vit_buf *b, struct vit_str name)
{
	size_t from = b->n;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			  c == '.' || c == '_' || c == '-';
		vit_buf_putc(b, ok ? c : '-');
	}
	if (b->n == from)
		vit_buf_puts(b, "model");
}

/* Says nothing about the model: who wrote the file and where it came from. */
static bool is_provenance(struct vit_str key)
{
	return vit_str_is(key, "transformers_version") || vit_str_is(key, "_name_or_path") ||
	       vit_str_is(key, "_commit_hash");
}

static void write_values(struct vit_buf *b, const struct vit_json *root)
{
	vit_buf_puts(b, "values:\n");
	for (uint32_t i = 0; root && i < root->count; i++) {
		const struct vit_json *v = &root->children[i];
		if (!plain_key(v->key) || is_provenance(v->key))
			continue;
		if (v->kind == VIT_JSON_K_BOOL)
			vit_buf_printf(b, "  %.*s: %s\n", VIT_FMT(v->key), v->boolean ? "true" : "false");
		else if (v->kind == VIT_JSON_K_NUMBER && (v->flags & VIT_JSON_I64))
			vit_buf_printf(b, "  %.*s: %lld\n", VIT_FMT(v->key), (long long)v->i64);
	}
}

static void write_files(struct vit_buf *b, const struct vit_files *files)
{
	vit_buf_puts(b, "files:\n");
	for (uint32_t i = 0; i < files->count; i++) {
		const struct vit_file *f = &files->files[i];
		size_t from = b->n;
		if (f->type != VIT_FT_REGULAR || f->kind == VIT_FK_HUB_CACHE || f->kind == VIT_FK_VCS)
			continue;
		vit_buf_puts(b, "  - { path: ");
		if (!quoted(b, f->path)) {
			b->n = from; /* a name that YAML cannot hold is left out; the audit reports it */
			continue;
		}
		vit_buf_printf(b, ", bytes: %llu }\n", (unsigned long long)f->size);
	}
}

/* Without a family the tensors are written one by one. */
static void write_tensors(struct vit_buf *b, const struct vit_weights *w)
{
	vit_buf_puts(b, "tensors:\n");
	for (uint32_t i = 0; i < w->tensor_count; i++) {
		const struct vit_tensor *t = &w->tensors[i];
		size_t from = b->n;
		if (!vit_tensor_is_main(w, t) || (t->flags & (VIT_T_BAD | VIT_T_DUPLICATE)))
			continue;
		vit_buf_puts(b, "  - { name: ");
		if (!quoted(b, t->name)) {
			b->n = from;
			continue;
		}
		vit_buf_puts(b, ", shape: [");
		for (unsigned k = 0; k < t->rank; k++)
			vit_buf_printf(b, "%s%llu", k ? ", " : "", (unsigned long long)t->shape[k]);
		vit_buf_printf(b, "], dtype: [%s] }\n", vit_dtype_name((enum vit_dtype)t->dtype));
	}
}

static void write_spec(struct vit_buf *b, const struct vit_session *s)
{
	const struct vit_spec *family = s->architecture.family;
	const struct vit_config *c = &s->facts.config;

	vit_buf_printf(b, "# Written by vitalis-audit %s from a model known to be good.\n", vit_version());
	vit_buf_puts(b, "schema: vitalis-spec/1\nkind: requirements\nid: ");
	write_id(b, vit_path_base(s->facts.files.root));
	vit_buf_putc(b, '\n');
	if (family && !s->architecture.is_adapter)
		vit_buf_printf(b, "extends: %.*s\n", VIT_FMT(family->id));
	else if (c->model_type.n && plain_key(c->model_type))
		vit_buf_printf(b, "match: { model_type: %.*s }\n", VIT_FMT(c->model_type));
	write_values(b, c->root);
	write_files(b, &s->facts.files);
	if (!family)
		write_tensors(b, &s->facts.weights);
}

int vit_write_spec(const struct vit_audit_options *options, const struct vit_output *out, struct vit_err *err)
{
	struct vit_session s;
	struct vit_buf text;
	int code = VIT_EXIT_INCONCLUSIVE;
	enum vit_errc rc = vit_session_open(&s, options, false, err);

	vit_buf_init(&text, SPEC_MAX);
	s.groups = VIT_FG_FILES | VIT_FG_CONFIG | VIT_FG_WEIGHTS;
	if (!rc)
		rc = vit_session_collect(&s, err);
	if (!rc) {
		vit_session_resolve(&s);
		write_spec(&text, &s);
		if (text.full)
			rc = vit_err_set(err, VIT_E_LIMIT, "%s: its spec would be larger than %zu bytes; add a family "
					 "for its architecture instead", options->path, SPEC_MAX);
		else if (!out->write(out->ctx, text.p, text.n))
			rc = vit_err_set(err, VIT_E_IO, "the spec could not be written");
		else
			code = VIT_EXIT_READY;
	}
	if (rc == VIT_E_USAGE || rc == VIT_E_SYNTAX)
		code = VIT_EXIT_USAGE;
	if (vit_session_close(&s, rc ? NULL : err) && code == VIT_EXIT_READY)
		code = VIT_EXIT_INCONCLUSIVE;
	vit_buf_release(&text);
	return code;
}
