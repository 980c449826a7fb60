/*
 * One row of any bytes: what is no JSON has that issue and nothing else; turns
 * and texts lie in the row or in the parser's own memory; text that is scanned
 * twice gives twice the counts; measures hold together.
 */
#include <stdint.h>
#include <stdlib.h>

#include "data/measure.h"
#include "data/row.h"
#include "data/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void inside(const struct vit_data_parser *p, struct vit_str s)
{
	uintptr_t at = (uintptr_t)s.p, row = (uintptr_t)p->row.text.p, own = (uintptr_t)p->buf.p;

	must(s.n == 0 || (at >= row && at + s.n <= row + p->row.text.n) || (at >= own && at + s.n <= own + p->buf.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint64_t broken = (uint64_t)1 << VIT_DI_invalid_json | (uint64_t)1 << VIT_DI_invalid_utf8;
	struct vit_data_parser p;
	struct vit_data_text once = { 0 }, twice = { 0 };
	struct vit_row_tokens k;
	struct vit_str text = { size ? (const char *)data : "", size };

	vit_data_parser_init(&p);
	vit_data_parse(&p, text);
	if (!p.row.is_object)
		must(p.row.turn_count == 0 && p.row.issues && !(p.row.issues & (p.row.issues - 1)));
	else
		must(!(p.row.issues & broken & ((uint64_t)1 << VIT_DI_invalid_json)));
	for (uint32_t i = 0; i < p.row.turn_count; i++) {
		const struct vit_data_turn *t = &p.row.turns[i];
		inside(&p, t->content);
		inside(&p, t->thinking);
		inside(&p, t->role_text);
		inside(&p, t->json);
		vit_data_text_scan(t->content, VIT_TEXT_ANSWER, &once);
		vit_data_text_scan(t->content, VIT_TEXT_ANSWER, &twice);
		vit_data_text_scan(t->content, VIT_TEXT_ANSWER, &twice);
	}
	must(once.issues == twice.issues && 2 * once.emails == twice.emails && 2 * once.phones == twice.phones &&
	     2 * once.secrets == twice.secrets && 2 * once.cards == twice.cards && 2 * once.ibans == twice.ibans);
	vit_data_text_scan(text, 0, &once);
	vit_data_measure_estimate(&p.row, 16, &k);
	must(k.kept_trainable <= k.trainable && k.trainable <= k.total && k.prompt <= k.total);
	vit_data_parser_release(&p);
	return 0;
}
