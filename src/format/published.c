#include "format/published.h"

#include <string.h>

/* Only ever appended to: archives name the places. A default that is replaced keeps its line. */
static const struct lac_model_frame published[] = {
	{ .arithmetic_version = 1, .window = 512, .name = "laconic seed", .identity = {
		0xb5, 0x38, 0xca, 0x9d, 0xa5, 0x97, 0x88, 0x63, 0xc2, 0xc3, 0x8a, 0xd1, 0xd6, 0xa7, 0xfe, 0x1d } },
};
#define N_PUBLISHED (sizeof published / sizeof *published)

const struct lac_model_frame *lac_published_model(uint32_t number)
{
	return number < N_PUBLISHED ? &published[number] : NULL;
}

bool lac_published_number(const struct lac_model_frame *model, uint32_t *number)
{
	for (*number = 0; *number < N_PUBLISHED; ++*number) {
		const struct lac_model_frame *p = &published[*number];

		if (p->arithmetic_version == model->arithmetic_version && p->window == model->window &&
		    memcmp(p->identity, model->identity, sizeof p->identity) == 0)
			return true;
	}
	return false;
}
