/* blas.h: products of row-major matrices, which is all that training asks of BLAS. Each runs on the
 * calling thread alone: the trainer's threads work on different rows of the batch, so that
 * everything between the products is shared out too. */
#ifndef LAC_TRAIN_BLAS_H
#define LAC_TRAIN_BLAS_H

#include <cblas.h>
#include <stddef.h>

/* C = alpha A B^T + beta C; A is m x k, B n x k. A stride is the distance between rows. */
static inline void lac_multiply_nt(size_t m, size_t n, size_t k, float alpha, const float *a, size_t a_stride, const float *b,
	size_t b_stride, float beta, float *c, size_t c_stride)
{
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)m, (blasint)n, (blasint)k, alpha, a, (blasint)a_stride, b,
		(blasint)b_stride, beta, c, (blasint)c_stride);
}

/* C = alpha A B + beta C; A is m x k, B k x n. */
static inline void lac_multiply_nn(size_t m, size_t n, size_t k, float alpha, const float *a, size_t a_stride, const float *b,
	size_t b_stride, float beta, float *c, size_t c_stride)
{
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, alpha, a, (blasint)a_stride, b,
		(blasint)b_stride, beta, c, (blasint)c_stride);
}

/* C = alpha A^T B + beta C; A is k x m, B k x n. */
static inline void lac_multiply_tn(size_t m, size_t n, size_t k, float alpha, const float *a, size_t a_stride, const float *b,
	size_t b_stride, float beta, float *c, size_t c_stride)
{
	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, alpha, a, (blasint)a_stride, b,
		(blasint)b_stride, beta, c, (blasint)c_stride);
}

#endif
