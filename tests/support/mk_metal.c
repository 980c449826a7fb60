#include "mk_metal.h"

#include <string.h>

#define SPECIAL 16

static void u32(struct vit_buf *out, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		vit_buf_putc(out, (char)(unsigned char)(v >> (8 * i) & 0xff));
}

static void f32(struct vit_buf *out, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	u32(out, bits);
}

/* A UUID in text order, its dashes passed over. */
static void uuid(struct vit_buf *out, const char *text)
{
	unsigned high = 0, digits = 0;

	for (; *text; text++) {
		const char *hex = "0123456789abcdef", *at = strchr(hex, *text);

		if (!at)
			continue;
		if (digits++ % 2 == 0)
			high = (unsigned)(at - hex);
		else
			vit_buf_putc(out, (char)(unsigned char)(high << 4 | (unsigned)(at - hex)));
	}
}

void mk_metal_header(struct vit_buf *out, uint32_t blocks, uint32_t experts, uint32_t tokens,
		     uint32_t token_bytes)
{
	static const char regex[] = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|\\s+";

	vit_buf_add(out, "GPT-OSS v1.0", 12);
	u32(out, 0);
	uuid(out, "df52dc86-1789-4ed0-a295-66f10508145b");
	u32(out, 131072);
	u32(out, blocks);
	u32(out, experts);
	u32(out, 4);
	u32(out, 2880);
	u32(out, 2880);
	f32(out, 7.0f);
	u32(out, 64);
	u32(out, 64);
	u32(out, 8);
	u32(out, 128);
	f32(out, 150000.0f);
	f32(out, 0.03125f);
	f32(out, -0.8697008f);
	f32(out, 0.1074663f);
	f32(out, 1.3465736f);
	f32(out, 1e-5f);
	uuid(out, "229177a8-5775-4268-bfd8-d588b351c56d");
	uuid(out, "7401aded-2a95-40cb-b782-9ccebaafe72b");
	u32(out, SPECIAL);
	u32(out, tokens);
	u32(out, sizeof(regex));
	u32(out, tokens * (token_bytes + 2));
	for (int i = 0; i < SPECIAL * 16; i++)
		vit_buf_putc(out, i < 10 * 16 ? 'u' : '\0');
	vit_buf_add(out, regex, sizeof(regex));
	for (uint32_t i = 0; i < tokens; i++) {
		vit_buf_putc(out, (char)(unsigned char)(token_bytes & 0xff));
		vit_buf_putc(out, (char)(unsigned char)(token_bytes >> 8));
		for (uint32_t k = 0; k < token_bytes; k++)
			vit_buf_putc(out, (char)('a' + (char)(i % 26)));
	}
}
