/* The bytes of one tensor from the first to the last, whether they are compressed or not. */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

/* The most that a compressed tensor is asked for at once, and so what its stream holds in memory.
 * The largest layer of the largest PaliGemma has 680 MB, in single precision. */
#define GLOSS_TENSOR_STREAM_MAX_BYTES ((gsize) 1 << 30)

typedef struct _GlossTensorStream GlossTensorStream;

/* @view is borrowed and must outlive the stream. One thread at a time. */
GlossTensorStream *gloss_tensor_stream_new (const GlossTensorView *view);
void gloss_tensor_stream_free (GlossTensorStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTensorStream, gloss_tensor_stream_free)

/*
 * The next @n_bytes, of which the tensor must have as many left, at any alignment. They are there
 * until the next call, with which mapped pages that were given before are released. NULL with
 * GLOSS_ERROR_FORMAT where a compressed tensor is damaged, GLOSS_ERROR_TOO_LARGE beyond
 * GLOSS_TENSOR_STREAM_MAX_BYTES or the memory, or when cancelled.
 */
const guint8 *gloss_tensor_stream_next (GlossTensorStream *stream, gsize n_bytes,
                                        GCancellable *cancellable, GError **error);

/* After the last byte: whether a compressed tensor ends there and has the right checksum. Fails
 * with GLOSS_ERROR_FORMAT. */
gboolean gloss_tensor_stream_finish (GlossTensorStream *stream, GError **error);

G_END_DECLS
