/*
 * A job on a machine: which device it is forecast for, how much memory is there
 * for it, the forecast, what would make it fit, and the same job elsewhere.
 *
 * The device is one of this machine (what is free there counts) or a row of the
 * hardware catalogue (taken as empty). Pure arithmetic on facts; nothing is read
 * and nothing judged. All strings are of the arena.
 */
#ifndef VIT_FORECAST_OUTLOOK_H
#define VIT_FORECAST_OUTLOOK_H

#include "facts/facts.h"
#include "forecast/forecast.h"
#include "spec/hardware.h"

/* What decides how much memory the job may take on a device. */
enum vit_limit_kind {
	VIT_LIMIT_UNKNOWN,
	VIT_LIMIT_AVAILABLE, /* free now, measured */
	VIT_LIMIT_LIMITED,   /* a limit: of a container, of what a GPU may wire */
	VIT_LIMIT_TOTAL,     /* what the device was sold with: of another machine */
};
const char *vit_limit_kind_name(enum vit_limit_kind k); /* "available", ... */

struct vit_limit {
	enum vit_limit_kind kind;
	uint64_t bytes;
	struct vit_str source; /* "free memory of the device, NVML" */
};

enum vit_fit {
	VIT_FIT_UNKNOWN,
	VIT_FIT_YES,
	VIT_FIT_LIKELY /* expected fits, high does not */,
	VIT_FIT_UNLIKELY /* only the low end does */,
	VIT_FIT_NO
};

/* What one device can run of this model, with the job's other values. */
struct vit_capability {
	enum vit_job_method method;
	struct vit_range peak; /* peak_device; of inference `packed`, where that is known */
	bool packed;
	enum vit_fit fit;
};
#define VIT_CAPABILITIES 4 /* inference, qlora, lora, full */

/* One device and the job's forecast for it. */
struct vit_prospect {
	struct vit_str name; /* of the device; "this machine's processor" */
	struct vit_str slug; /* of the catalogue, or empty */
	bool here;           /* a device of this machine */
	bool in_catalogue;   /* bandwidth and throughput are the catalogue's */
	struct vit_str note; /* of the catalogue, or why its figures were not taken */
	struct vit_forecast_device device;
	struct vit_limit limit; /* for peak_device */
	struct vit_limit host;  /* memory of the machine, for what is there; unknown elsewhere */
	struct vit_forecast forecast;
	/* Inference in an engine that keeps the weights as they are stored (llama.cpp, MLX,
	 * vLLM), where that is less than the framework of the forecast needs; else unknown. */
	struct vit_range packed;
	struct vit_capability
		capabilities[VIT_CAPABILITIES]; /* with a comparison, else method NONE */
};

#define VIT_OUTLOOK_CHANGES 6

struct vit_outlook {
	bool asked;     /* there is a job, a --device or a --compare */
	bool job_given; /* false: inference with the defaults was taken to have something
			   to compare */
	struct vit_prospect main;
	struct vit_forecast_change changes[VIT_OUTLOOK_CHANGES]; /* when it does not fit */
	uint32_t change_count;
	struct vit_prospect *others; /* --compare, in the order given */
	uint32_t other_count;
	/* Checkpoints on disk at once: save_limit, or all of the run; 0 when that is not
	 * known. One more exists while a new one is written before an old one goes. */
	uint64_t checkpoints;
	struct vit_range checkpoint_bytes; /* of all of them; unknown: inference */
};

struct vit_outlook_input {
	const struct vit_spec_db *specs;
	const struct vit_hardware_db *hardware;
	const struct vit_facts *facts;
	const struct vit_architecture *arch;
	const struct vit_job *job;
	struct vit_hardware_choice device; /* row NULL: here */
	const struct vit_hardware_choice *compare;
	uint32_t compare_count;
	bool asked;
	/* Measured against forecast by the device's name, valid until the next call; NULL: none. */
	const struct vit_forecast_calibration *(*calibration)(void *ctx, struct vit_str device,
							      const struct vit_job *job);
	void *calibration_ctx;
};

void vit_outlook_run(struct vit_arena *a, const struct vit_outlook_input *in,
		     struct vit_outlook *out);

/* How a peak stands to a limit. */
enum vit_fit vit_fit_of(const struct vit_range *need, const struct vit_limit *limit);
const char *vit_fit_name(enum vit_fit f); /* "yes", "likely", ... */

#endif
