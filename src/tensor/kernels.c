/* Which instruction set the inner loops use. */
#include "tensor/kernels/kernels.h"

#include <string.h>

extern const GlossKernels gloss_kernels_scalar;
#if defined(GLOSS_HAVE_X86_KERNELS)
extern const GlossKernels gloss_kernels_avx2;
extern const GlossKernels gloss_kernels_avx512;
extern const GlossKernels gloss_kernels_avx512bf16;
#endif

/* Best first. */
static const GlossKernels *const tables[] = {
#if defined(GLOSS_HAVE_X86_KERNELS)
  &gloss_kernels_avx512bf16,
  &gloss_kernels_avx512,
  &gloss_kernels_avx2,
#endif
  &gloss_kernels_scalar,
};

static gboolean
can_run (const char *isa)
{
#if defined(GLOSS_HAVE_X86_KERNELS)
  /* every CPU with AVX2 has F16C, whose name clang 14 does not know */
  if (strcmp (isa, "avx2") == 0)
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
  if (g_str_has_prefix (isa, "avx512"))
    return (strcmp (isa, "avx512") == 0 || __builtin_cpu_supports ("avx512bf16"))
           && __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw")
           && __builtin_cpu_supports ("avx512vl") && __builtin_cpu_supports ("avx512dq");
#endif
  return strcmp (isa, "scalar") == 0;
}

const GlossKernels *
gloss_kernels_find (const char *isa)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      if (strcmp (tables[i]->isa, isa) == 0)
        return can_run (isa) ? tables[i] : NULL;
    }
  return NULL;
}

const GlossKernels *
gloss_kernels_get (void)
{
  static gsize chosen;

  if (g_once_init_enter (&chosen))
    {
      const char *forced = g_getenv ("GLOSS_ISA");
      const GlossKernels *table = forced ? gloss_kernels_find (forced) : NULL;

      for (guint i = 0; !table; i++)
        {
          if (can_run (tables[i]->isa))
            table = tables[i];
        }
      g_once_init_leave (&chosen, (gsize) table);
    }
  return (const GlossKernels *) chosen;
}
