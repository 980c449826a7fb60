/*
 * Loads a team's policy, `schema: vitalis-policy/1`:
 *
 *	schema: vitalis-policy/1
 *	fail_on: warning                  # error (default), warning or note
 *	severity:                         # per id: error, warning, note or off
 *	  files/shipped-code: error
 *	waivers:                          # shown in the report, do not decide the exit code
 *	  - id: weights/trailing-bytes
 *	    path: "model-*.safetensors"   # glob over finding paths; absent = any
 *	    reason: written by our exporter, ticket 4711
 *	    until: 2026-12-31             # last day it holds; absent = no end
 *	baseline:                         # findings that were there before, one by one
 *	  - { id: config/unknown-field, path: config.json, pointer: /foo }
 *
 * Unknown keys and ids are errors that name the nearest known one. An id whose
 * severity is frozen cannot be demoted or switched off: that is an error too.
 * It reads no file and does not know what day it is: expiry is decided with the
 * report (report/build.h).
 */
#ifndef VIT_SPEC_POLICY_H
#define VIT_SPEC_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "catalog/policy.h"

#define VIT_POLICY_MAX_WAIVERS 10000 /* of waivers, and of baseline entries */

/* Fills *out from the text of a policy; what the text does not say is reset to
 * its default (fail_on error, nothing waived). Strings live in `a`; `source` is
 * borrowed and names the file in messages.
 * Failures: VIT_E_USAGE, VIT_E_SYNTAX or VIT_E_LIMIT with
 * "<source>:<line>:<column>: ..."; *out is then not usable. */
VIT_MUST_USE enum vit_errc vit_policy_load(struct vit_arena *a, struct vit_str text,
					   struct vit_str source, struct vit_policy *out,
					   struct vit_err *err);

#endif
