#include "facts/files.h"

uint32_t vit_files_find(const struct vit_files *f, struct vit_str path)
{
	uint32_t low = 0, high = f->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order = vit_str_cmp(f->files[mid].path, path);
		if (order == 0)
			return mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return VIT_FILE_NONE;
}

const struct vit_file *vit_files_get(const struct vit_files *f, const char *path)
{
	uint32_t row = vit_files_find(f, vit_str_c(path));

	return row == VIT_FILE_NONE ? NULL : &f->files[row];
}

const char *vit_file_kind_name(enum vit_file_kind k)
{
	switch (k) {
	case VIT_FK_CONFIG:
		return "config";
	case VIT_FK_INDEX:
		return "index";
	case VIT_FK_WEIGHTS:
		return "weights";
	case VIT_FK_PICKLE:
		return "pickle";
	case VIT_FK_GGUF:
		return "gguf";
	case VIT_FK_OTHER_WEIGHTS:
		return "other-weights";
	case VIT_FK_TOKENIZER:
		return "tokenizer";
	case VIT_FK_TEMPLATE:
		return "template";
	case VIT_FK_ADAPTER:
		return "adapter";
	case VIT_FK_CODE:
		return "code";
	case VIT_FK_NATIVE:
		return "native-code";
	case VIT_FK_DOC:
		return "document";
	case VIT_FK_META:
		return "metadata";
	case VIT_FK_VCS:
		return "vcs";
	case VIT_FK_HUB_CACHE:
		return "hub-cache";
	case VIT_FK_PARTIAL:
		return "partial";
	case VIT_FK_DATA:
		return "data";
	case VIT_FK_OTHER:
	case VIT_FK_COUNT:
		break;
	}
	return "other";
}

const char *vit_file_type_name(enum vit_file_type t)
{
	switch (t) {
	case VIT_FT_REGULAR:
		return "file";
	case VIT_FT_DIR:
		return "folder";
	case VIT_FT_LINK:
		return "link";
	case VIT_FT_FIFO:
		return "fifo";
	case VIT_FT_SOCKET:
		return "socket";
	case VIT_FT_DEVICE:
		return "device";
	}
	return "file";
}

const char *vit_file_state(const struct vit_file *f)
{
	if (f->flags & VIT_FF_LINK_OUTSIDE)
		return "link-outside";
	if (f->flags & VIT_FF_LINK_LOOP)
		return "link-loop";
	if (f->flags & VIT_FF_LINK_BROKEN)
		return "broken-link";
	if (f->flags & VIT_FF_UNREADABLE)
		return "unreadable";
	if (f->type == VIT_FT_DIR)
		return "present";
	if (f->type != VIT_FT_REGULAR)
		return "special";
	if (f->kind == VIT_FK_PARTIAL)
		return "partial";
	if (f->flags & VIT_FF_LFS_POINTER)
		return "lfs-pointer";
	if (f->flags & VIT_FF_HTML)
		return "html";
	return f->size == 0 ? "empty" : "present";
}

bool vit_file_kind_loaded(enum vit_file_kind kind)
{
	switch (kind) {
	case VIT_FK_CONFIG:
	case VIT_FK_INDEX:
	case VIT_FK_WEIGHTS:
	case VIT_FK_PICKLE:
	case VIT_FK_GGUF:
	case VIT_FK_OTHER_WEIGHTS:
	case VIT_FK_TOKENIZER:
	case VIT_FK_TEMPLATE:
	case VIT_FK_ADAPTER:
		return true;
	case VIT_FK_CODE:
	case VIT_FK_NATIVE:
	case VIT_FK_DOC:
	case VIT_FK_META:
	case VIT_FK_VCS:
	case VIT_FK_HUB_CACHE:
	case VIT_FK_PARTIAL:
	case VIT_FK_DATA:
	case VIT_FK_OTHER:
	case VIT_FK_COUNT:
		break;
	}
	return false;
}
