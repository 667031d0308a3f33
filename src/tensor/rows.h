/* Rows of activations in the order in which a product with weights reads them. */
#pragma once

#include "base/pool.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_ROWS_PLAIN,       /* floats, row after row */
  GLOSS_ROWS_PACKED_F32,  /* floats, packed */
  GLOSS_ROWS_PACKED_BF16, /* rounded to bfloat16 as the kernel pack_bf16 does, and packed */
} GlossRowsKind;

/* Rows of a group: as many as the largest kernel keeps the sums of in registers. */
#define GLOSS_ROWS_GROUP 12

/*
 * Packed rows come in groups of 12, the last one with what is left. A group has one pair of columns
 * after the other, and of a pair the two values of each of its rows, those of a row beside each
 * other: [group][n_cols/2][rows of the group][2]. An odd number of columns is filled up with zeros.
 * The kernels thereby read one stream.
 */
typedef struct
{
  GlossRowsKind kind;
  float *data; /* borrowed: gloss_rows_count_floats () of them, whatever the kind */
  gsize n_rows;
  gsize n_cols;
} GlossRows;

/* Floats that rows of any kind take at most; G_MAXSIZE on overflow. Any thread. */
gsize gloss_rows_count_floats (gsize n_rows, gsize n_cols);

/* Rows @first … +@n of @rows, which they go on to share. @first is a multiple of a group, and @n is
 * one too or goes up to the end. Any thread. */
GlossRows gloss_rows_slice (const GlossRows *rows, gsize first, gsize n);

/* The values of pair @pair of the group that @row, its first, begins. Any thread. */
gconstpointer gloss_rows_get_group (const GlossRows *rows, gsize row, gsize pair);

/* Columns first … +@n of row @row = x[n]. @first is even, and @n too or goes up to the end. Any
 * thread, and several at once for different places. */
void gloss_rows_store (const GlossRows *rows, gsize row, gsize first, const float *x, gsize n);

/* All rows = x[n_rows × n_cols]. From the thread that runs the job. */
void gloss_rows_pack (GlossPool *pool, const GlossRows *rows, const float *x);

G_END_DECLS
