/* Element types of tensors in files, and scalar conversions of the half floats. */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* X (enumerator, name as safetensors spells it, bytes of one element) */
#define GLOSS_DTYPES(X)                                                                            \
  X (F32, "F32", 4)                                                                                \
  X (F16, "F16", 2)                                                                                \
  X (BF16, "BF16", 2)                                                                              \
  X (F64, "F64", 8)                                                                                \
  X (I64, "I64", 8)                                                                                \
  X (I32, "I32", 4)                                                                                \
  X (I16, "I16", 2)                                                                                \
  X (I8, "I8", 1)                                                                                  \
  X (U8, "U8", 1)                                                                                  \
  X (BOOL, "BOOL", 1)

typedef enum
{
#define GLOSS_DTYPE_ENUMERATOR(id, name, size) GLOSS_DTYPE_##id,
  GLOSS_DTYPES (GLOSS_DTYPE_ENUMERATOR)
#undef GLOSS_DTYPE_ENUMERATOR
} GlossDtype;

/* Bytes of one element. Any thread. */
gsize gloss_dtype_get_size_bytes (GlossDtype dtype);

/* Static name, as in safetensors ("BF16"). Any thread. */
const char *gloss_dtype_get_name (GlossDtype dtype);

/* Sets @out to the type named @name in the spelling of safetensors; FALSE when there is none.
 * Any thread. */
gboolean gloss_dtype_from_name (const char *name, GlossDtype *out);

/* TRUE for the types that weights may have: F32, F16, BF16. Any thread. */
gboolean gloss_dtype_is_weight (GlossDtype dtype);

static inline float
gloss_float_from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static inline guint32
gloss_float_to_bits (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

/* bfloat16 is the upper half of a binary32. Exact. */
static inline float
gloss_float_from_bf16 (guint16 bits)
{
  return gloss_float_from_bits ((guint32) bits << 16);
}

/* Rounds to nearest, ties to even; a NaN stays a (quiet) NaN. */
static inline guint16
gloss_float_to_bf16 (float value)
{
  guint32 bits = gloss_float_to_bits (value);

  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return (guint16) ((bits >> 16) | 0x40);
  return (guint16) ((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

/* IEEE binary16 to binary32; exact, subnormals and NaN included. Any thread. */
float gloss_float_from_f16 (guint16 bits);

/* Rounds to nearest, ties to even; what is too large becomes infinite, a NaN stays one. Any thread.
 */
guint16 gloss_float_to_f16 (float value);

G_END_DECLS
