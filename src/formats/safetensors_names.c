#include "formats/safetensors_internal.h"

static struct vit_tensor *row_at(const struct st_parser *p, uint32_t row)
{
	return vit_vec_at(p->tensors, row);
}

/* The row joins the last run, or begins the next one; false when there is no
 * room for another. */
static bool join_run(struct st_parser *p, uint32_t row)
{
	struct st_run *last = p->run_count ? &p->runs[p->run_count - 1] : NULL;

	if (last && vit_str_cmp(row_at(p, row - 1)->name, row_at(p, row)->name) <= 0) {
		last->end = row + 1;
		return true;
	}
	if (p->run_count == ST_RUNS)
		return false;
	for (unsigned i = 0; i < p->run_count; i++)
		p->runs[i].at = p->runs[i].first;
	p->runs[p->run_count++] = (struct st_run){ row, row + 1, row };
	return true;
}

/* Lookups in a run only rise, until the next run begins and resets `at`. */
static bool mark_in_run(struct st_parser *p, struct st_run *run, uint32_t row)
{
	struct vit_str name = row_at(p, row)->name;
	bool found = false;
	int order = 1;

	while (run->at < run->end && run->at < row &&
	       (order = vit_str_cmp(row_at(p, run->at)->name, name)) < 0)
		run->at++;
	for (uint32_t i = run->at; order == 0 && i < run->end && i < row; i++) {
		struct vit_tensor *t = row_at(p, i);
		if (!vit_str_eq(t->name, name))
			break;
		/* One that is marked has a later one behind it, marked or not:
		 * all equal names of a run are neighbours. */
		t->flags |= VIT_T_DUPLICATE;
		found = true;
	}
	return found;
}

static bool mark_in_map(struct st_parser *p, uint32_t row)
{
	struct vit_str name = row_at(p, row)->name;
	uint32_t earlier = vit_map_add(&p->names, name, row);

	if (earlier == VIT_MAP_NONE)
		return false;
	row_at(p, earlier)->flags |= VIT_T_DUPLICATE;
	vit_map_set(&p->names, name, row);
	return true;
}

bool st_find_duplicates(struct st_parser *p, uint32_t row)
{
	bool found = false;

	if (!p->hashed && !join_run(p, row)) {
		p->hashed = true;
		vit_map_init(&p->names, 2 * (size_t)(row - p->out->tensor_first));
		for (uint32_t i = p->out->tensor_first; i < row; i++)
			if (!(row_at(p, i)->flags & VIT_T_DUPLICATE))
				vit_map_add(&p->names, row_at(p, i)->name, i);
	}
	if (p->hashed)
		return mark_in_map(p, row);
	/* The last run holds the row itself: only its neighbour can be equal. */
	for (unsigned i = 0; i + 1 < p->run_count; i++)
		found |= mark_in_run(p, &p->runs[i], row);
	const struct st_run *last = &p->runs[p->run_count - 1];
	if (row > last->first && vit_str_eq(row_at(p, row - 1)->name, row_at(p, row)->name)) {
		row_at(p, row - 1)->flags |= VIT_T_DUPLICATE;
		found = true;
	}
	return found;
}
