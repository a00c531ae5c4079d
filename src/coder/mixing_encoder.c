#include "coder/mixing.h"
#include "coder/mixing_model.h"
#include "coder/range_coder.h"

bool lac_mixing_encode(const uint8_t *text, size_t n_bytes, struct lac_buffer *out)
{
	struct lac_mixing_model *model = lac_mixing_model_new(text, n_bytes);
	struct lac_range_encoder encoder = { 0 };
	bool is_done = false;

	if (!model)
		return false;
	lac_range_encoder_start(&encoder);
	for (size_t i = 0; i < n_bytes; i++)
		for (unsigned k = 8; k-- > 0;) {
			const unsigned bit = text[i] >> k & 1;

			lac_range_encode_bit(&encoder, bit, model->one);
			lac_mixing_model_learn(model, bit);
		}
	lac_range_encoder_finish(&encoder);
	if (!encoder.out.failed) {
		lac_buffer_append(out, encoder.out.bytes, encoder.out.length);
		is_done = !out->failed;
	}
	lac_range_encoder_free(&encoder);
	lac_mixing_model_free(model);
	return is_done;
}
