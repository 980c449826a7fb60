#include "host/http_text.h"

#include "base/num.h"
#include "host/http.h"

struct vit_str vit_http_header(const struct vit_http_response *r, const char *name)
{
	struct vit_str rest = vit_buf_view(&r->head), line, wanted = vit_str_c(name);
	struct vit_str found = VIT_STR_EMPTY;

	while (vit_str_line(&rest, &line)) {
		size_t colon = vit_str_find(line, VIT_STR(":"), 0);
		if (colon != SIZE_MAX && vit_str_ieq(vit_str_sub(line, 0, colon), wanted))
			found = vit_str_trim(vit_str_sub(line, colon + 1, line.n));
	}
	return found;
}

bool vit_http_content_range(struct vit_str value, uint64_t *first, uint64_t *last, uint64_t *total)
{
	struct vit_str unit = VIT_STR("bytes "), range;
	size_t slash, dash;

	value = vit_str_trim(value);
	if (!vit_str_ieq(vit_str_sub(value, 0, unit.n), unit))
		return false;
	value = vit_str_trim(vit_str_sub(value, unit.n, value.n));
	slash = vit_str_find(value, VIT_STR("/"), 0);
	if (slash == SIZE_MAX)
		return false;
	range = vit_str_sub(value, 0, slash);
	value = vit_str_sub(value, slash + 1, value.n);
	*total = UINT64_MAX;
	if (!vit_str_is(value, "*") && !vit_parse_u64(value, total))
		return false;
	if (vit_str_is(range, "*")) {
		*first = 1;
		*last = 0;
		return *total != UINT64_MAX;
	}
	dash = vit_str_find(range, VIT_STR("-"), 0);
	return dash != SIZE_MAX && vit_parse_u64(vit_str_sub(range, 0, dash), first) &&
	       vit_parse_u64(vit_str_sub(range, dash + 1, range.n), last) && *first <= *last && *last < *total;
}

/* ---- Link ----------------------------------------------------------------- */

/* Is one of the relations in the parameters (";rel=\"prev next\";title=x") next? */
static bool is_next(struct vit_str parameters)
{
	struct vit_str part, relations, one;

	while (vit_str_split(&parameters, ';', &part)) {
		size_t equals;
		part = vit_str_trim(part);
		equals = vit_str_find(part, VIT_STR("="), 0);
		if (equals == SIZE_MAX || !vit_str_ieq(vit_str_trim(vit_str_sub(part, 0, equals)), VIT_STR("rel")))
			continue;
		relations = vit_str_trim(vit_str_sub(part, equals + 1, part.n));
		if (relations.n >= 2 && relations.p[0] == '"' && relations.p[relations.n - 1] == '"')
			relations = vit_str_sub(relations, 1, relations.n - 1);
		while (vit_str_split(&relations, ' ', &one))
			if (vit_str_ieq(one, VIT_STR("next")))
				return true;
	}
	return false;
}

/* End of the parameters at `at`: the next comma outside quotes. */
static size_t parameters_end(struct vit_str value, size_t at)
{
	bool quoted = false;

	for (; at < value.n; at++) {
		if (quoted && value.p[at] == '\\')
			at++;
		else if (value.p[at] == '"')
			quoted = !quoted;
		else if (value.p[at] == ',' && !quoted)
			break;
	}
	return at < value.n ? at : value.n;
}

struct vit_str vit_http_link_next(struct vit_str value)
{
	size_t at = 0;

	for (;;) {
		size_t open = vit_str_find(value, VIT_STR("<"), at), close, end;
		if (open == SIZE_MAX)
			return VIT_STR_EMPTY;
		close = vit_str_find(value, VIT_STR(">"), open);
		if (close == SIZE_MAX)
			return VIT_STR_EMPTY;
		end = parameters_end(value, close + 1);
		if (is_next(vit_str_sub(value, close + 1, end)))
			return vit_str_sub(value, open + 1, close);
		at = end;
	}
}

/* ---- waiting ---------------------------------------------------------------- */

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year_of_era, day_of_year;

	y -= m <= 2;
	era = y / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static bool number_at(struct vit_str s, size_t at, size_t digits, int64_t *out)
{
	uint64_t v;

	if (at + digits > s.n || !vit_parse_u64(vit_str_sub(s, at, at + digits), &v))
		return false;
	*out = (int64_t)v;
	return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool http_date(struct vit_str s, int64_t *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day, year, hour, minute, second;
	size_t month;

	if (s.n != 29 || !vit_str_is(vit_str_sub(s, 25, 29), " GMT") || s.p[3] != ',' || s.p[19] != ':' ||
	    s.p[22] != ':')
		return false;
	month = vit_str_find(vit_str_c(months), vit_str_sub(s, 8, 11), 0);
	if (month == SIZE_MAX || month % 3)
		return false;
	if (!number_at(s, 5, 2, &day) || !number_at(s, 12, 4, &year) || !number_at(s, 17, 2, &hour) ||
	    !number_at(s, 20, 2, &minute) || !number_at(s, 23, 2, &second))
		return false;
	if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || year < 1970)
		return false;
	*out = days_from_civil(year, (int64_t)month / 3 + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

bool vit_http_retry_after(struct vit_str value, int64_t now, uint64_t *seconds)
{
	int64_t when;

	value = vit_str_trim(value);
	if (vit_parse_u64(value, seconds))
		return true;
	if (!http_date(value, &when))
		return false;
	*seconds = when > now ? (uint64_t)(when - now) : 0;
	return true;
}

bool vit_http_rate_limit(struct vit_str value, uint64_t *seconds)
{
	struct vit_str part;
	bool spent = false, told = false;
	uint64_t v;

	while (vit_str_split(&value, ';', &part)) {
		part = vit_str_trim(part);
		if (vit_str_is(part, "r=0"))
			spent = true;
		else if (vit_str_starts(part, VIT_STR("t=")) && vit_parse_u64(vit_str_sub(part, 2, part.n), &v)) {
			*seconds = v;
			told = true;
		}
	}
	return spent && told;
}

struct vit_str vit_http_etag(struct vit_str value)
{
	value = vit_str_trim(value);
	if (vit_str_starts(value, VIT_STR("W/")))
		value = vit_str_sub(value, 2, value.n);
	if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = vit_str_sub(value, 1, value.n - 1);
	return value;
}

int64_t vit_http_backoff_ms(unsigned retry, uint64_t random)
{
	int64_t full = retry < 1 ? 500 : retry > 4 ? 8000 : (int64_t)500 << (retry - 1);

	return full - (int64_t)(random % (uint64_t)(full / 2 + 1));
}
