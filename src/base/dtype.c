/* Element types of tensors in files. */
#include "base/dtype.h"

#include <math.h>

static const struct
{
  const char *name;
  gsize size_bytes;
} dtypes[] = {
#define GLOSS_DTYPE_ROW(id, name, size) [GLOSS_DTYPE_##id] = { name, size },
  GLOSS_DTYPES (GLOSS_DTYPE_ROW)
#undef GLOSS_DTYPE_ROW
};

gsize
gloss_dtype_get_size_bytes (GlossDtype dtype)
{
  return dtypes[dtype].size_bytes;
}

const char *
gloss_dtype_get_name (GlossDtype dtype)
{
  return dtypes[dtype].name;
}

gboolean
gloss_dtype_from_name (const char *name, GlossDtype *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    {
      if (strcmp (dtypes[i].name, name) == 0)
        {
          *out = (GlossDtype) i;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
gloss_dtype_is_weight (GlossDtype dtype)
{
  return dtype == GLOSS_DTYPE_F32 || dtype == GLOSS_DTYPE_F16 || dtype == GLOSS_DTYPE_BF16;
}

float
gloss_float_from_f16 (guint16 bits)
{
  guint32 sign = (guint32) (bits & 0x8000) << 16;
  guint32 exponent = (bits >> 10) & 0x1f;
  guint32 mantissa = bits & 0x3ff;

  if (exponent == 0x1f)
    return gloss_float_from_bits (sign | 0x7f800000u | (mantissa << 13));
  if (exponent == 0)
    {
      float magnitude = ldexpf ((float) mantissa, -24);

      return sign ? -magnitude : magnitude;
    }
  return gloss_float_from_bits (sign | ((exponent + 112) << 23) | (mantissa << 13));
}

guint16
gloss_float_to_f16 (float value)
{
  guint32 bits = gloss_float_to_bits (value);
  guint16 sign = (guint16) ((bits >> 16) & 0x8000);
  guint32 magnitude = bits & 0x7fffffffu;

  if (magnitude > 0x7f800000u)
    return sign | 0x7e00;
  /* 65520, half way to what would come after the largest */
  if (magnitude >= 0x477ff000u)
    return sign | 0x7c00;
  /* below 2^-14 steps are of 2^-24; rint () rounds as the rest does */
  if (magnitude < 0x38800000u)
    return sign | (guint16) rintf (ldexpf (gloss_float_from_bits (magnitude), 24));
  magnitude += 0xfffu + ((magnitude >> 13) & 1);
  return sign | (guint16) ((magnitude - 0x38000000u) >> 13);
}
