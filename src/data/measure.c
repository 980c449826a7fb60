#include "data/measure.h"

#define TURN_TOKENS 4

uint64_t vit_data_estimate(struct vit_str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	uint64_t ascii = 0, two = 0, three = 0, four = 0;

	size_t i = 0;

	/* Mostly ASCII: eight bytes at a time up to the first that is not. */
	for (uint64_t v; i + 8 <= text.n; i += 8) {
		memcpy(&v, p + i, 8);
		if (v & 0x8080808080808080u)
			break;
	}
	ascii = i;
	for (; i < text.n; i++) {
		ascii += p[i] < 0x80;
		two += p[i] >= 0xc0 && p[i] < 0xe0;
		three += p[i] >= 0xe0 && p[i] < 0xf0;
		four += p[i] >= 0xf0;
	}
	return (ascii * 10 + 41) / 42 + (two * 10 + 17) / 18 + (three * 10 + 12) / 13 + (four * 10 + 5) / 6;
}

static bool is_trained(const struct vit_data_row *r, const struct vit_data_turn *t)
{
	(void)r;
	return (t->role == VIT_TURN_ASSISTANT || t->role == VIT_TURN_CALL || t->role == VIT_TURN_PLAIN) &&
	       !t->has_weight_zero;
}

void vit_data_measure_estimate(const struct vit_data_row *r, uint32_t sequence, struct vit_row_tokens *out)
{
	bool begun = false;

	*out = (struct vit_row_tokens){ .counted = true };
	for (uint32_t i = 0; i < r->turn_count; i++) {
		const struct vit_data_turn *t = &r->turns[i];
		uint64_t n = vit_data_estimate(t->content) + vit_data_estimate(t->thinking);

		if (t->part == VIT_PART_REJECTED)
			continue;
		/* A call's text is in the message as written. */
		if (t->calls)
			n += vit_data_estimate(t->json) / 2;
		if (t->role != VIT_TURN_PLAIN)
			out->total += TURN_TOKENS;
		if (is_trained(r, t)) {
			out->trainable += n;
			if (sequence && out->total < sequence)
				out->kept_trainable += n < sequence - out->total ? n : sequence - out->total;
			begun = true;
		} else if (!begun) {
			out->prompt += n;
		}
		out->total += n;
	}
	if (!sequence)
		out->kept_trainable = out->trainable;
}
