/* The table of this instruction set. */
#include "tensor/kernels/table.h"

#define GLOSS_STRING_(x) #x
#define GLOSS_STRING(x) GLOSS_STRING_ (x)

extern const GlossKernels GLOSS_KERNEL (kernels);

const GlossKernels GLOSS_KERNEL (kernels) = {
  .isa = GLOSS_STRING (GLOSS_ISA),
#define K(name, arguments) .name = GLOSS_KERNEL (name),
#include "tensor/kernels/kernels.inc"
#undef K
};
