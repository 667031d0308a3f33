/* The values of a model's tensors in the order that a file of another kind has them. */
#pragma once

#include "model/model.h"

G_BEGIN_DECLS

/* Takes @n_bytes of values as they come; FALSE ends the work with the error that it sets. */
typedef gboolean (*GlossTensorSink) (const guint8 *data, gsize n_bytes, gpointer user_data,
                                     GError **error);

/* The type that keeps every value of the tensor as it is: the file's, but F32 for what has an
 * addition or has been changed in single precision. Any thread. */
GlossDtype gloss_tensor_values_choose_dtype (GlossModel *model, GlossTensorRole role, gsize layer);

/*
 * Gives @sink all values of the tensor, with its low-rank addition if it has one, as @dtype and in
 * the order that one layer of a file with @naming has. A table gets @n_rows rows: those beyond its
 * own are its first, which belongs to padding, so that they never count for more than that. In some
 * ten MB of memory and, of the model's files, one tensor. Fails as @sink does. Any thread.
 */
gboolean gloss_tensor_values_write (GlossModel *model, GlossTensorRole role, gsize layer,
                                    const GlossTensorNaming *naming, gsize n_rows, GlossDtype dtype,
                                    GlossTensorSink sink, gpointer user_data, GError **error);

G_END_DECLS
