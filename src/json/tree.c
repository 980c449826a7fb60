#include "json/tree.h"

typedef int vit_json_tree_not_yet;
