#include "facts/python.h"

const char *vit_python_origin_name(enum vit_python_origin o)
{
	switch (o) {
	case VIT_PYTHON_NOT_FOUND:
		return "not_found";
	case VIT_PYTHON_OPTION:
		return "option";
	case VIT_PYTHON_VIRTUAL_ENV:
		return "VIRTUAL_ENV";
	case VIT_PYTHON_CONDA:
		return "CONDA_PREFIX";
	case VIT_PYTHON_PATH:
		return "PATH";
	}
	return "not_found";
}

const char *vit_python_kind_name(enum vit_python_kind k)
{
	switch (k) {
	case VIT_PYTHON_SYSTEM:
		return "system";
	case VIT_PYTHON_VENV:
		return "venv";
	case VIT_PYTHON_CONDA_ENV:
		return "conda";
	}
	return "system";
}

const struct vit_python_package *vit_python_find(const struct vit_python *p, struct vit_str name)
{
	uint32_t low = 0, high = p->package_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = vit_str_cmp(p->packages[middle].name, name);

		if (order == 0)
			return &p->packages[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
