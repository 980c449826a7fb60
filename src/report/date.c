#include "report/date.h"

#include <stdio.h>

#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY  2932896   /* 9999-12-31 */

/* Civil date from a day count: the era algorithm of Howard Hinnant,
 * "chrono-compatible low-level date algorithms". */
const char *vit_date_day(int64_t days, char out[VIT_DATE_MAX])
{
	if (days < FIRST_DAY)
		days = FIRST_DAY;
	if (days > LAST_DAY)
		days = LAST_DAY;
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int day = (int)(doy - (153 * mp + 2) / 5 + 1);
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);
	int year = (int)(yoe + era * 400 + (month <= 2));
	(void)snprintf(out, VIT_DATE_MAX, "%04d-%02d-%02d", year, month, day);
	return out;
}

const char *vit_date_second(int64_t seconds, char out[VIT_DATE_MAX])
{
	int64_t days = seconds / 86400, rest = seconds % 86400;
	char day[VIT_DATE_MAX];

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	(void)snprintf(out, VIT_DATE_MAX, "%.10sT%02d:%02d:%02dZ", vit_date_day(days, day),
		       (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
	return out;
}
