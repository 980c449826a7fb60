#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "toy.h"

const char family[] =
	"schema: vitalis-spec/1\nkind: family\nid: toy\nmatch: {model_type: toy}\n"
	"root: text_config\n"
	"config:\n"
	"  width: {type: integer, min: 1, required: true, aliases: [n_embd]}\n"
	"  heads: {type: integer, min: 1, default: 2, multiple_of: groups}\n"
	"  groups: {type: integer, default: heads}\n"
	"  layers: {type: integer, min: 1, max: 9}\n"
	"  vocab: {type: integer, required: true}\n"
	"  kinds: {type: list, length: layers, one_of: [a, b]}\n"
	"  act: {type: string, one_of: [silu, gelu]}\n"
	"  tied: {type: boolean, default: false}\n"
	"rules:\n"
	"  - {check: width % heads == 0, says: heads divide the width}\n"
	"  - {check: vocab > 3, level: warning}\n"
	"dimensions:\n"
	"  head: width / heads\n"
	"  q: heads * head\n"
	"moe: {experts: experts, per_token: chosen, when: experts != null}\n"
	"names:\n  - {\"m.\": \"other.m.\"}\n"
	"tensors:\n"
	"  - {name: m.embed.weight, shape: [vocab, width], role: embedding}\n"
	"  - for: {l: 0..layers-1}\n"
	"    prefix: m.l.{l}.\n"
	"    tensors:\n"
	"      - {name: q.weight, shape: [2 * q, width], role: attention}\n"
	"      - {name: norm, shape: [width], role: norm}\n"
	"      - {name: buffer, shape: [\"*\"], counts: false, optional: true}\n"
	"      - one_of:\n"
	"          - {for: {e: 0..1}, tensors: [{name: \"x.{e}.weight\", shape: [3, width], role: expert}]}\n"
	"          - {tensors: [{name: x.all, shape: [2, 3, width], role: expert}]}\n"
	"  - {name: head.weight, shape: [vocab, width], role: head, when: not tied}\n"
	"report: {layers: layers, hidden_size: width, tied: tied, heads: heads}\n";


void add_layer(struct model *m, int l)
{
	char name[64];

	snprintf(name, sizeof(name), "m.l.%d.q.weight", l);
	model_tensor(m, name, VIT_DT_BF16, 2, (const uint64_t[]){ 16, 8 });
	snprintf(name, sizeof(name), "m.l.%d.norm", l);
	model_tensor(m, name, VIT_DT_BF16, 1, (const uint64_t[]){ 8 });
	for (int e = 0; e < 2; e++) {
		snprintf(name, sizeof(name), "m.l.%d.x.%d.weight", l, e);
		model_tensor(m, name, VIT_DT_BF16, 2, (const uint64_t[]){ 3, 8 });
	}
}

/* The table of CONFIG: 10 tensors, 2 * 5 * 8 + 2 * (128 + 8 + 48) = 448 parameters. */
void good(struct model *m, const char *config)
{
	model_begin(m);
	model_spec(m, family);
	model_config(m, config);
	model_tensor(m, "m.embed.weight", VIT_DT_BF16, 2, (const uint64_t[]){ 5, 8 });
	add_layer(m, 0);
	add_layer(m, 1);
	model_tensor(m, "head.weight", VIT_DT_BF16, 2, (const uint64_t[]){ 5, 8 });
}

struct vit_tensor *tensor(struct model *m, const char *name)
{
	for (size_t i = 0; i < m->tensors.count; i++) {
		struct vit_tensor *t = vit_vec_at(&m->tensors, i);

		if (vit_str_is(t->name, name))
			return t;
	}
	fail_msg("no tensor %s", name);
	return NULL;
}

void drop(struct model *m, const char *name)
{
	struct vit_tensor *t = tensor(m, name), *last = vit_vec_at(&m->tensors,
								   m->tensors.count - 1);

	*t = *last;
	m->tensors.count--;
}

void one_problem(struct model *m, enum vit_tensor_fault fault, const char *name,
			const char *expected, const char *actual)
{
	const struct vit_tensor_problem *p = m->out.problems;

	assert_int_equal(m->out.problem_count, 1);
	assert_int_equal(p->fault, fault);
	assert_string_equal(p->name.p, name);
	assert_string_equal(p->expected.p, expected);
	assert_string_equal(p->actual.p, actual);
	assert_int_equal(m->out.problem_totals[fault], 1);
}
