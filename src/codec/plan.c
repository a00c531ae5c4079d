#include "codec/plan.h"
#include "base/threads.h"
#include "engine/predictor.h"

enum lac_status lac_plan_check(const struct lac_options *options, struct lac_error *error)
{
	if (options->n_threads > LAC_THREADS_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "%u threads are more than %u", options->n_threads, LAC_THREADS_MAX);
	if (options->batch_rows > LAC_BATCH_ROWS_MAX)
		return lac_fail(error, LAC_BAD_ARGUMENT, 0, "a batch of %u rows is more than %u", (unsigned)options->batch_rows,
			LAC_BATCH_ROWS_MAX);
	return LAC_OK;
}

/* what a core reaches at full speed: 3072 pages of 4 KiB, the table of addresses of the CPUs
 * measured */
#define NEAR_BYTES (12u << 20)

/* Every step reads all weights once, and every stream's keys and values. Few streams stay near,
 * many share the weights: few, if then a stream's share of the weights is less than what it reads
 * of its own (half a cache on average). Measured with 4.2 M parameters: 9 streams are decoded 1.4
 * times as fast as 64. */
static uint32_t best_slots(const struct lac_model *model, uint32_t window, uint32_t most)
{
	const uint64_t cache = lac_session_slot_bytes(model, window), n_near = NEAR_BYTES / cache;

	return n_near && n_near < most && model->info.n_parameters / n_near <= cache / 2 ? (uint32_t)n_near : most;
}

/* Weights that are far away are fetched for twice as many rows. Measured with 24 M parameters:
 * products are 1.15 to 1.2 times as fast. */
static uint32_t best_rows(const struct lac_model *model)
{
	return model->info.n_parameters > NEAR_BYTES ? 2 * LAC_BATCH_ROWS_DEFAULT : LAC_BATCH_ROWS_DEFAULT;
}

struct lac_plan lac_plan_make(const struct lac_model *model, uint32_t window, const struct lac_options *options, uint64_t memory_bytes,
	uint32_t most_slots)
{
	struct lac_plan plan = { .n_threads = lac_threads_wanted(options->n_threads), .window = window, .n_slots = most_slots,
		.batch_rows = options->batch_rows ? options->batch_rows : model ? best_rows(model) : LAC_BATCH_ROWS_DEFAULT };

	if (!model)
		return plan;
	plan.n_slots = best_slots(model, window, most_slots);
	while (plan.n_threads > 1 && memory_bytes / plan.n_threads < lac_predictor_bytes(model, window, 1, plan.batch_rows))
		plan.n_threads--;
	while (plan.n_slots > 1 && memory_bytes / plan.n_threads < lac_predictor_bytes(model, window, plan.n_slots, plan.batch_rows))
		plan.n_slots--;
	while (plan.batch_rows > 1 && memory_bytes / plan.n_threads < lac_predictor_bytes(model, window, plan.n_slots, plan.batch_rows))
		plan.batch_rows /= 2;
	return plan;
}
