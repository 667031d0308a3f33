/* How a kernel source names its functions: GLOSS_KERNEL (softmax) is gloss_softmax_avx2 when built
 * with -DGLOSS_ISA=avx2. */
#pragma once

#include "tensor/kernels/kernels.h"

#define GLOSS_PASTE_(a, b, c) a##b##_##c
#define GLOSS_PASTE(a, b, c) GLOSS_PASTE_ (a, b, c)
#define GLOSS_KERNEL(name) GLOSS_PASTE (gloss_, name, GLOSS_ISA)

#define K(name, arguments) void GLOSS_KERNEL (name) arguments;
#include "tensor/kernels/kernels.inc"
#undef K
