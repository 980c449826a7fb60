/*
 * The check catalogue: every id the tool can report, from one table.
 *
 * A row of checks/<area>.def is
 *
 *	VIT_CHECK(area, slug, severity, since, title, rationale, remedy, hidden_by)
 *
 * severity is ERROR, WARNING, NOTE or FROZEN. slug is a C identifier; the public id is "area/slug" with '_' as '-':
 * (weights, header_truncated) is "weights/header-truncated", VIT_CK_weights_header_truncated.
 * title says in one sentence what holds when the check passes. rationale: why it
 * matters. remedy: what to do. hidden_by: public id of the root cause that makes
 * this one not applicable when it fails, "" for none ("a b": either).
 * Ids are stable for ever.
 */
#ifndef VIT_CATALOG_CATALOG_H
#define VIT_CATALOG_CATALOG_H

#include "base/str.h"

enum vit_severity { VIT_SEV_NOTE, VIT_SEV_WARNING, VIT_SEV_ERROR,
		    VIT_SEV_FROZEN /* an error that no policy may demote */ };

enum vit_area {
	VIT_AREA_files, VIT_AREA_config, VIT_AREA_tokenizer, VIT_AREA_weights,
	VIT_AREA_architecture, VIT_AREA_integrity, VIT_AREA_system, VIT_AREA_runtimes,
	VIT_AREA_python, VIT_AREA_data, VIT_AREA_forecast, VIT_AREA_COUNT
};

enum vit_check_id {
#define VIT_CHECK(area, slug, ...) VIT_CK_##area##_##slug,
#include "catalog/checks.def"
#undef VIT_CHECK
	VIT_CK_COUNT
};

struct vit_check_info {
	enum vit_area area;
	enum vit_severity severity;
	const char *id;        /* "weights/header-truncated" */
	const char *since;     /* "0.1" */
	const char *title, *rationale, *remedy, *hidden_by;
};

const struct vit_check_info *vit_check_info(enum vit_check_id id);
/* VIT_CK_COUNT when there is none. */
enum vit_check_id vit_check_find(struct vit_str id);
/* The known id nearest in spelling, for "did you mean"; VIT_CK_COUNT when none is near. */
enum vit_check_id vit_check_nearest(struct vit_str id);
const char *vit_area_name(enum vit_area a);
/* VIT_AREA_COUNT when there is none. */
enum vit_area vit_area_find(struct vit_str name);
const char *vit_severity_name(enum vit_severity s); /* "note" "warning" "error" (frozen too) */

#endif
