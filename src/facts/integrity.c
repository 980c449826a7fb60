#include "facts/integrity.h"
#include "facts/remote.h"

const char *vit_verify_state_name(enum vit_verify_state s)
{
	switch (s) {
	case VIT_VERIFY_NONE:
		return "not_checked";
	case VIT_VERIFY_MATCH:
		return "verified";
	case VIT_VERIFY_DIFFERS:
		return "altered";
	case VIT_VERIFY_SIZE:
		return "wrong_size";
	case VIT_VERIFY_UNCOVERED:
		return "unverified";
	case VIT_VERIFY_MISSING:
		return "missing";
	case VIT_VERIFY_CHANGED:
		return "changed";
	case VIT_VERIFY_UNREADABLE:
		return "unreadable";
	case VIT_VERIFY_STOPPED:
		return "stopped";
	}
	return "not_checked";
}

const char *vit_hub_state_name(enum vit_hub_state s)
{
	switch (s) {
	case VIT_HUB_SAME:
		return "same";
	case VIT_HUB_NOTED:
		return "noted";
	case VIT_HUB_SIZE:
		return "same-size";
	case VIT_HUB_ALTERED:
		return "altered";
	case VIT_HUB_STALE:
		return "stale";
	case VIT_HUB_MISSING:
		return "missing";
	case VIT_HUB_EXTRA:
		return "extra";
	case VIT_HUB_UNREADABLE:
		return "unreadable";
	}
	return "unreadable";
}
