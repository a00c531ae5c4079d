/* vector.h: what is done to rows of floats between the matrix products. Nothing here enters an
 * archive, so sums are taken in whatever order is fastest on this CPU; on one CPU they are always
 * taken in the same. */
#ifndef LAC_TRAIN_VECTOR_H
#define LAC_TRAIN_VECTOR_H

#include <stddef.h>
#include <stdint.h>

float lac_vector_dot(const float *a, const float *b, size_t n);
void lac_vector_add(float *y, const float *x, size_t n);
void lac_vector_scale(float *x, float factor, size_t n);

/* x becomes exp(x - shift), and the sum is returned. x - shift is at most about 80; below -87 it is
 * as if -87. */
float lac_vector_exp_sum(float *x, float shift, size_t n);
float lac_vector_max(const float *x, size_t n); /* n >= 1 */

/* y = weight x / sqrt(mean(x^2) + epsilon) (Zhang, Sennrich 2019, arXiv 1910.07467); returns the
 * factor 1 / sqrt(...). */
float lac_norm_forward(float *y, const float *x, const float *weight, float epsilon, size_t n);
/* y = weight x factor, as above. */
void lac_norm_repeat(float *y, const float *x, const float *weight, float factor, size_t n);
/* Adds to dx what dy says of x, and to d_weight (may be NULL) what it says of the weight. */
void lac_norm_backward(float *dx, float *d_weight, const float *dy, const float *x, const float *weight, float factor, size_t n);

/* hidden = gate sigmoid(gate) up (Shazeer 2020, arXiv 2002.05202). */
void lac_gate_forward(float *hidden, const float *gate, const float *up, size_t n);
/* What d_hidden says of gate and up. */
void lac_gate_backward(float *d_gate, float *d_up, const float *d_hidden, const float *gate, const float *up, size_t n);

/* d_scores = weights (d_weights - mean) scale: a softmax backwards, `mean` being the weights' sum
 * of d_weights. */
void lac_softmax_backward(float *d_scores, const float *weights, const float *d_weights, float mean, float scale, size_t n);

/* Turns n pairs of neighbours by angles given as cosines and sines; `direction` 1 or -1. */
void lac_rotate_pairs(float *x, const float *cosines, const float *sines, float direction, size_t n);

/* One step of AdamW (Loshchilov, Hutter 2019, arXiv 1711.05101). first_scale and second_scale undo
 * the bias of the moments, which begin at 0. */
struct lac_adam_step {
	float rate, decay, first_beta, second_beta, first_scale, second_scale, epsilon, gradient_scale;
};
void lac_adam_update(float *values, float *first, float *second, const float *gradient, const struct lac_adam_step *step, size_t n);

#endif
