#include "coder/mixing.h"
#include "coder/mixing_model.h"
#include "coder/range_coder.h"

enum lac_mixing_result lac_mixing_decode(const uint8_t *payload, size_t n_payload, uint8_t *text, size_t n_bytes)
{
	struct lac_mixing_model *model = lac_mixing_model_new(text, n_bytes);
	struct lac_range_decoder decoder;

	if (!model)
		return LAC_MIXING_NO_MEMORY;
	lac_range_decoder_start(&decoder, payload, n_payload);
	for (size_t i = 0; i < n_bytes; i++) {
		unsigned byte = 0;

		for (unsigned k = 8; k-- > 0;) {
			const unsigned bit = lac_range_decode_bit(&decoder, model->one);

			byte = byte * 2 + bit;
			if (k == 0)
				text[i] = (uint8_t)byte;
			lac_mixing_model_learn(model, bit);
		}
	}
	lac_mixing_model_free(model);
	return lac_range_decoder_finish(&decoder) ? LAC_MIXING_OK : LAC_MIXING_CORRUPT;
}
