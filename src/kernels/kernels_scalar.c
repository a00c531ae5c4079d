/* kernels_scalar.c: the definition of every kernel in plain C. */
#include "base/strict_float.h"
#include "kernels/vocabulary_scalar.h"

#define KERNELS_NAME scalar
#define KERNELS_SUPPORTED true
#include "kernels/kernels_template.h"
