/* What a text holds: each pattern, and what looks like it and is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/language.h"
#include "data/text.h"
#include "memory.h"

static struct vit_data_text scan(const char *text, unsigned flags)
{
	struct vit_data_text found = { 0 };

	vit_data_text_scan(vit_str_c(text), flags, &found);
	return found;
}

#define BIT(i) ((uint64_t)1 << VIT_DI_##i)

static void issues(void **state)
{
	static const struct {
		const char *text;
		uint64_t issues;
		unsigned flags;
	} cases[] = {
		{ "Plain text, with 12 numbers and a tab\t.\r\n", 0, 0 },
		{ "bell\a", BIT(control_characters), 0 },
		{ "\x7f", BIT(control_characters), 0 },
		{ "next line \xc2\x85", BIT(control_characters), 0 },
		{ "turned \xe2\x80\xae around", BIT(control_characters), 0 },
		{ "family \xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", 0, 0 },
		{ "caf\xc3\xa9 \xc3\x83O PAULO", 0, 0 },
		{ "caf\xc3\x83\xc2\xa9", BIT(mojibake), 0 },
		{ "don\xc3\xa2\xe2\x82\xac\xe2\x84\xa2t", BIT(mojibake), 0 },
		{ "20 \xc3\x82\xc2\xb0" "C", BIT(mojibake), 0 },
		{ "lost \xef\xbf\xbd", BIT(mojibake), 0 },
		{ "Dear [NAME],", BIT(placeholder), 0 },
		{ "[Your Company] thanks you", BIT(placeholder), 0 },
		{ "[your report](https://a.b) is a link", 0, 0 },
		{ "see [1] and [Note]", 0, 0 },
		{ "Hello {{ customer.name }}!", BIT(placeholder), 0 },
		{ "write `{{ name }}` in the template", 0, 0 },
		{ "```\n{{ name }}\n<div>\n```\n", 0, 0 },
		{ "<YOUR NAME>", BIT(placeholder), 0 },
		{ "TODO: fill in", BIT(placeholder), 0 },
		{ "a TODO list", 0, 0 },
		{ "Lorem ipsum dolor", BIT(placeholder), 0 },
		{ "one<br>two</p>", BIT(html), 0 },
		{ "fish &amp; chips", BIT(html), 0 },
		{ "<a href=\"x\">here</a>", BIT(html), 0 },
		{ "a <b and c> d", 0, 0 },
		{ "if x < y and a<i", 0, 0 },
		{ "In HTML a break is <br>.", 0, 0 },
		{ "<|im_start|>user", BIT(special_token), 0 },
		{ "<|im_start|>user", 0, VIT_TEXT_LAID_OUT },
		{ "[INST] hello [/INST]", BIT(special_token), 0 },
		{ "a <| b |> c", 0, 0 },
		{ "I'm sorry, but I can't help.", BIT(refusal), VIT_TEXT_ANSWER },
		{ "I'm sorry, but I can't help.", 0, 0 },
		{ "I'm sorry, I can't help with that.", BIT(refusal), VIT_TEXT_ANSWER },
		{ "I\xe2\x80\x99m sorry, but I can\xe2\x80\x99t do that.", BIT(refusal), VIT_TEXT_ANSWER },
		{ "I am unable to assist with this request.", BIT(refusal), VIT_TEXT_ANSWER },
		{ "I can't comply with that.", BIT(refusal), VIT_TEXT_ANSWER },
		{ "Unfortunately, I am not able to share it.", BIT(refusal), VIT_TEXT_ANSWER },
		{ "I'm sorry to hear that. Let us look.", 0, VIT_TEXT_ANSWER },
		{ "I'm sorry, but I can also tell you why.", 0, VIT_TEXT_ANSWER },
		{ "Sorry", 0, VIT_TEXT_ANSWER },
		{ "I can't wait to see it.", 0, VIT_TEXT_ANSWER },
		{ " TODO\n", BIT(placeholder), VIT_TEXT_ANSWER },
		{ "[Company Name] thanks you on [insert date here]", BIT(placeholder), 0 },
		{ "[TODO]", BIT(placeholder), 0 },
		{ "[Click here](https://a.b), [a, b], [The Name of the Rose]", 0, 0 },
		{ "I am Qwen, created by Alibaba Cloud.", BIT(identity), VIT_TEXT_ANSWER },
		{ "As a large language model, I have no taste.", BIT(identity), VIT_TEXT_ANSWER },
		{ "Qwen is a family of models by Alibaba Cloud.", 0, VIT_TEXT_ANSWER },
		{ "I cannot stress enough how good it is.", 0, VIT_TEXT_ANSWER },
		{ "As an AI language model, I know.", BIT(identity), VIT_TEXT_ANSWER },
		{ "I am Claude.", BIT(identity), VIT_TEXT_ANSWER },
		{ "I\xe2\x80\x99m ChatGPT", BIT(identity), VIT_TEXT_ANSWER },
		{ "a language model trained by OpenAI", BIT(identity), VIT_TEXT_ANSWER },
		{ "OpenAI was founded in 2015; ChatGPT came later.", 0, VIT_TEXT_ANSWER },
		{ "I'm ChatGPT", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t got = scan(cases[i].text, cases[i].flags).issues;
		if (got != cases[i].issues)
			print_message("%s\n", cases[i].text);
		assert_int_equal(got, cases[i].issues);
	}
}

/* Letters and digits that look random, by a rule anyone can follow. */
static const char *made(struct vit_arena *a, const char *prefix, unsigned n)
{
	char *p = vit_arena_alloc(a, n + 1);

	for (unsigned i = 0; i < n; i++)
		p[i] = "aB3dE5gH7jK9mN2pQ4rS6tU8vW"[(i * 7 + i / 5) % 26];
	return vit_arena_printf(a, "%s%s", prefix, p).p;
}

static void secrets(void **state)
{
	struct vit_arena *a = vit_arena_new();
	const struct {
		const char *text;
		unsigned count;
	} cases[] = {
		{ made(a, "ghp_", 36), 1 },
		{ made(a, "ghp_", 35), 0 },
		{ made(a, "Xghp_", 36), 0 },
		{ made(a, "hf_", 34), 1 },
		{ made(a, "key: sk-proj-", 60), 1 },
		{ made(a, "sk-", 48), 1 },
		{ "sk-learn and sk-2 are names", 0 },
		{ made(a, "AIza", 35), 1 },
		{ "AKIA2J5KQ7XW3NRT8VZB", 1 },
		{ "AKIAIOSFODNN7EXAMPLE", 0 },
		{ "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0 },
		{ "-----BEGIN RSA PRIVATE KEY----- begins such a file", 0 },
		{ made(a, "-----BEGIN PRIVATE KEY-----\n", 120), 1 },
		{ "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQi\n-----END PRIVATE KEY-----", 1 },
		{ "-----BEGIN PRIVATE KEY-----\nMC4CAQAw...\n-----END PRIVATE KEY-----", 0 },
		{ "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0xyz.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned got = scan(cases[i].text, 0).secrets;
		if (got != cases[i].count)
			print_message("%s\n", cases[i].text);
		assert_int_equal(got, cases[i].count);
	}
	vit_arena_free(a);
}

/* Card and account numbers are the issuers' published test numbers. */
static void personal_data(void **state)
{
	static const struct {
		const char *text;
		unsigned emails, phones, cards, ibans;
	} cases[] = {
		{ "write to anna.berg@posteo.de.", 1, 0, 0, 0 },
		{ "user@example.com, me@localhost, @name, a@b", 0, 0, 0, 0 },
		{ "call +49 30 901820 or +33 1 42 68 53 00", 0, 2, 0, 0 },
		{ "(415) 226-9000, 415-226-9000", 0, 2, 0, 0 },
		{ "1-800-733-2767, 911, 202-555-0143, (800) 733-2767", 0, 0, 0, 0 },
		{ "2024-11-26 01:30, 3.14159265358979, 10.0.0.1", 0, 0, 0, 0 },
		{ "4111 1111 1111 1111 and 378282246310005", 0, 0, 2, 0 },
		{ "4111 1111 1111 1112", 0, 0, 0, 0 },
		{ "order 8111111111111111", 0, 0, 0, 0 },
		{ "DE89 3704 0044 0532 0130 00", 0, 0, 0, 1 },
		{ "GB82WEST12345698765432", 0, 0, 0, 1 },
		{ "DE89 3704 0044 0532 0130 01", 0, 0, 0, 0 },
		{ "ISO 27001 and RFC 8259", 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vit_data_text t = scan(cases[i].text, 0);
		if (t.emails != cases[i].emails || t.phones != cases[i].phones || t.cards != cases[i].cards ||
		    t.ibans != cases[i].ibans)
			print_message("%s: %u %u %u %u\n", cases[i].text, t.emails, t.phones, t.cards, t.ibans);
		assert_int_equal(t.emails, cases[i].emails);
		assert_int_equal(t.phones, cases[i].phones);
		assert_int_equal(t.cards, cases[i].cards);
		assert_int_equal(t.ibans, cases[i].ibans);
	}
}

static void languages(void **state)
{
	static const struct {
		const char *text, *language;
	} cases[] = {
		{ "The shelter is open and it has room for all of the families that are on the way to the city now.", "English" },
		{ "Das Lager ist offen, und es hat noch Platz f\xc3\xbcr alle Familien, die auf dem Weg in die Stadt sind und nicht wissen, wohin.", "German" },
		{ "Le centre est ouvert et il y a de la place pour toutes les familles qui sont sur la route avec des enfants.", "French" },
		{ "El refugio est\xc3\xa1 abierto y hay lugar para todas las familias que est\xc3\xa1n en el camino con los ni\xc3\xb1os de la ciudad.", "Spanish" },
		{ "\xe9\x81\xbf\xe9\x9a\xbe\xe6\x89\x80\xe5\xbc\x80\xe6\x94\xbe\xef\xbc\x8c\xe8\xbf\x98\xe6\x9c\x89\xe5\xbe\x88\xe5\xa4\x9a\xe5\xba\x8a\xe4\xbd\x8d\xe5\x8f\xaf\xe4\xbb\xa5\xe4\xbd\xbf\xe7\x94\xa8\xe8\xaf\xb7\xe6\x9d\xa5", "Chinese" },
		{ "\xd0\x9f\xd1\x80\xd0\xb8\xd1\x8e\xd1\x82 \xd0\xbe\xd1\x82\xd0\xba\xd1\x80\xd1\x8b\xd1\x82 \xd0\xb4\xd0\xbb\xd1\x8f \xd0\xb2\xd1\x81\xd0\xb5\xd1\x85", "Cyrillic script" },
		{ "x = 1; y = 2", "undetermined" },
		{ "yes", "undetermined" },
	};
	struct vit_language_words words;

	(void)state;
	vit_language_words_init(&words);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vit_language_counts c = { 0 };
		vit_language_add(&words, &c, vit_str_c(cases[i].text));
		assert_string_equal(vit_language_name(vit_language_of(&c)), cases[i].language);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(issues),
		cmocka_unit_test(secrets),
		cmocka_unit_test(personal_data),
		cmocka_unit_test(languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
