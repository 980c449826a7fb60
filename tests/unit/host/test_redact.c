#include "host_test.h"

#include "host/redact.h"

static const struct vit_redact ann = {
	.home = { "/data/people/ann", 16 },
	.user = { "ann", 3 },
	.host = { "anns-mac.example.org", 20 },
};

static void becomes(const struct vit_redact *r, struct vit_str text, const char *expected)
{
	struct vit_buf out;

	vit_buf_init(&out, 1 << 20);
	vit_redact_text(r, text, &out);
	assert_str(vit_buf_view(&out), expected);
	vit_buf_release(&out);
}

static void people(void **state)
{
	const struct vit_redact root = { VIT_STR("/root"), VIT_STR("root"), VIT_STR("localhost") };

	(void)state;
	becomes(&ann, VIT_STR("/data/people/ann/models"), "/home/user/models");
	becomes(&ann, VIT_STR("/data/people/annabel/x"), "/data/people/annabel/x");
	becomes(&ann, VIT_STR("/home/bob.b-2/m /Users/Ann Lee"), "/home/user/m /Users/user Lee");
	becomes(&ann, VIT_STR("/home/ and /Users//x"), "/home/ and /Users//x");
	becomes(&ann, VIT_STR("user ann, annex, ann"), "user user, annex, user");
	becomes(&ann, VIT_STR("anns-mac.example.org anns-mac anns-macs"), "host host anns-macs");
	becomes(&root, VIT_STR("/root/x root localhost"), "/root/x root localhost");
}

static void numbers(void **state)
{
	(void)state;
	becomes(&ann, VIT_STR("HWaddr 02:42:ac:11:00:02."), "HWaddr 00:00:00:00:00:00.");
	becomes(&ann, VIT_STR("02-42-AC-11-00-02"), "00-00-00-00-00-00");
	becomes(&ann, VIT_STR("00000000:65:00.0 12:34:56"), "00000000:65:00.0 12:34:56");
	becomes(&ann, VIT_STR("GPU-5f8e4c2a-1b3d-4e5f-8a9b-0c1d2e3f4a5b"),
		"GPU-00000000-0000-0000-0000-000000000000");
	becomes(&ann, VIT_STR("/docker/b712e5bb99634d04ddf4a8d5392319bf/x"),
		"/docker/00000000000000000000000000000000/x");
	/* Sizes and 31 digits are no ids. */
	becomes(&ann, VIT_STR("9223372036854771712 0xd0c abcdefabcdefabcdefabcdefabcdefa"),
		"9223372036854771712 0xd0c abcdefabcdefabcdefabcdefabcdefa");
}

/* What nvidia-smi -q -x and amdkfd say of one board. */
static void boards(void **state)
{
	(void)state;
	becomes(&ann, VIT_STR("<serial>1753024030071</serial>\n<pdi>0x71f483a9b04da496</pdi>"),
		"<serial>REDACTED</serial>\n<pdi>REDACTED</pdi>");
	becomes(&ann, VIT_STR("<uuid>GPU-2153d072-fa05-9385-cbc7-03a09d57b8e5</uuid>"),
		"<uuid>REDACTED</uuid>");
	becomes(&ann, VIT_STR("<chassis_serial_number>N/A</chassis_serial_number>"),
		"<chassis_serial_number>N/A</chassis_serial_number>");
	becomes(&ann, VIT_STR("<total>81559 MiB</total><serial"), "<total>81559 MiB</total><serial");
	becomes(&ann, VIT_STR("hive_id 11638818706288400384\nunique_id 9895604649984\nx"),
		"hive_id 0\nunique_id 0\nx");
}

static void secrets(void **state)
{
	(void)state;
	becomes(&ann, VIT_STR("Serial\t\t: 10000000abcdef\nModel: x"),
		"Serial\t\t: REDACTED\nModel: x");
	becomes(&ann, VIT_STR("Serial Number (system): C02XX\n"),
		"Serial Number (system): REDACTED\n");
	becomes(&ann, VIT_STR("{\"serial_number\" : \"C02\", \"a\": 1}"),
		"{\"serial_number\" : \"REDACTED\", \"a\": 1}");
	/* What stands between is looked at as well. */
	becomes(&ann, VIT_STR("serial of ann: 12"), "serial of user: REDACTED");
	becomes(&ann, VIT_STR("serial killers\nserial:"), "serial killers\nserial:");
	becomes(&ann, VIT_STR("HF_TOKEN=hf_AbCdEfGhIjKlMnOpQrSt;"), "HF_TOKEN=hf_REDACTED;");
	becomes(&ann, VIT_STR("Authorization: Bearer abc.def-ghi="),
		"Authorization: Bearer REDACTED");
	becomes(&ann, VIT_STR("at 'http://bob:p@ss@proxy:1/x@y'"), "at 'http://REDACTED@proxy:1/x@y'");
	becomes(&ann, VIT_STR("https://proxy/a@b"), "https://proxy/a@b");
	becomes(&ann, VIT_STR("hf_short task-force sk-learn"), "hf_short task-force sk-learn");
}

static void edges(void **state)
{
	const struct vit_redact none = { VIT_STR_EMPTY, VIT_STR_EMPTY, VIT_STR_EMPTY };

	(void)state;
	becomes(&none, VIT_STR_EMPTY, "");
	becomes(&none, VIT_STR("MemTotal: 1 kB\n"), "MemTotal: 1 kB\n");
	becomes(&none, VIT_STR("/home"), "/home");
	becomes(&none, VIT_STR("serial"), "serial");
	/* Twice over changes nothing more: a replay may be recorded again. */
	becomes(&ann, VIT_STR("/home/user Serial: REDACTED\n00:00:00:00:00:00 user host"),
		"/home/user Serial: REDACTED\n00:00:00:00:00:00 user host");
}

static void names(void **state)
{
	(void)state;
	assert_true(vit_redact_is_secret(VIT_STR("/etc/machine-id")));
	assert_true(vit_redact_is_secret(VIT_STR("/sys/class/dmi/id/product_serial")));
	assert_true(vit_redact_is_secret(VIT_STR("HF_TOKEN")));
	assert_true(vit_redact_is_secret(VIT_STR("kern.hostname")));
	assert_false(vit_redact_is_secret(VIT_STR("/proc/meminfo")));
	assert_false(vit_redact_is_secret(VIT_STR("HF_HOME")));
}

/* Queries that carry a signature go; cursors of a listing stay. */
static void test_url(void **state)
{
	static const struct { const char *url, *shown; } t[] = {
		{ "https://h/a?X-Amz-Signature=abc&x=1", "https://h/a?REDACTED" },
		{ "https://h/a?cursor=c2lnbmF0dXJl&limit=9", "https://h/a?cursor=c2lnbmF0dXJl&limit=9" },
		{ "https://h/a?Key-Pair-Id=K", "https://h/a?REDACTED" },
		{ "https://h/signature/token", "https://h/signature/token" },
		{ "https://h/a?", "https://h/a?" },
	};
	struct vit_buf b;

	(void)state;
	vit_buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		vit_buf_clear(&b);
		vit_redact_url(vit_str_c(t[i].url), &b);
		assert_str(vit_buf_view(&b), t[i].shown);
	}
	vit_buf_release(&b);
	assert_true(vit_redact_is_secret(VIT_STR("HTTPS_PROXY")));
	assert_false(vit_redact_is_secret(VIT_STR("NO_PROXY")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),
		cmocka_unit_test(people), cmocka_unit_test(numbers), cmocka_unit_test(boards), cmocka_unit_test(secrets),
		cmocka_unit_test(edges),  cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
