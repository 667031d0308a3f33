/* Where the values of an out-major matrix lie in the tensor that a checkpoint has. */
#pragma once

#include "model/tensor-table.h"

G_BEGIN_DECLS

/* Value (out, in) of one layer of a role is element out_offsets[out] + in_offsets[in] of that
 * layer's part of the file's tensor. Vectors have one input. */
typedef struct
{
  gsize n_out;
  gsize n_in;
  gboolean is_dense; /* they lie there as they are wanted: element out·n_in + in */

  /* owned */
  gsize *out_offsets;
  gsize *in_offsets;
} GlossTensorOrder;

/* For @role in a checkpoint with that naming and the complete @config. Inputs and outputs are in
 * the order that Hugging Face's axes have. Any thread. */
void gloss_tensor_order_init (GlossTensorOrder *order, GlossTensorRole role,
                              const GlossTensorNaming *naming, const GlossModelConfig *config);
void gloss_tensor_order_clear (GlossTensorOrder *order);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossTensorOrder, gloss_tensor_order_clear)

/*
 * out[n_rows × n_in] = the rows from @first_row on, of the layer's part that begins at @layer;
 * values have @size_bytes, 2 or 4, and any alignment. @out must not overlap @layer. Any thread.
 */
void gloss_tensor_order_copy_rows (const GlossTensorOrder *order, guint8 *out, const guint8 *layer,
                                   gsize size_bytes, gsize first_row, gsize n_rows);

G_END_DECLS
