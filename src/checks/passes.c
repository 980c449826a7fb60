/* Every pass, in the order of the areas. */
#include "checks/architecture.h"
#include "checks/config.h"
#include "checks/data.h"
#include "checks/devices.h"
#include "checks/eval.h"
#include "checks/files.h"
#include "checks/hub.h"
#include "checks/forecast.h"
#include "checks/integrity.h"
#include "checks/metal.h"
#include "checks/python.h"
#include "checks/runtimes.h"
#include "checks/system.h"
#include "checks/tokenizer.h"
#include "checks/verify.h"
#include "checks/weights.h"

const struct vit_pass *const vit_passes[] = {
	&vit_pass_files,
	&vit_pass_config,
	&vit_pass_config_ids,
	&vit_pass_fields,
	&vit_pass_tokenizer,
	&vit_pass_weights_saves,
	&vit_pass_weights_headers,
	&vit_pass_weights_index,
	&vit_pass_weights_dtype,
	&vit_pass_weights_numbers,
	&vit_pass_architecture,
	&vit_pass_metal,
	&vit_pass_pin,
	&vit_pass_verify,
	&vit_pass_hub,
	&vit_pass_hub_copy,
	&vit_pass_system,
	&vit_pass_devices,
	&vit_pass_runtimes,
	&vit_pass_python,
	&vit_pass_data,
	&vit_pass_data_totals,
	&vit_pass_forecast,
};
const size_t vit_pass_count = sizeof vit_passes / sizeof vit_passes[0];
