/* Pictures of examples, decoded and made the model's size by a thread before they are wanted. */
#pragma once

#include "train/example-set.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* So many are made ready at most; each takes the memory of a model's input. */
#define GLOSS_READ_AHEAD_MAX 8

typedef struct _GlossReadAhead GlossReadAhead;

/* For the examples of @set, which is borrowed, and a model whose pictures have @side_px. The thread
 * begins with the first that is expected. One thread at a time calls what follows. */
GlossReadAhead *gloss_read_ahead_new (const GArray *set, gsize side_px);

/* Stops at once whatever is being read. */
void gloss_read_ahead_free (GlossReadAhead *ahead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossReadAhead, gloss_read_ahead_free)

/* Example @index will be wanted, behind those that are expected already. Without meaning when that
 * are as many as there may be, or when it is one of them. */
void gloss_read_ahead_expect (GlossReadAhead *ahead, gsize index);

/*
 * Fills @out[side × side × 3] with the picture of example @index, by the same bits as
 * gloss_model_input_make () has, if it is being made, which this waits for. *@is_there is FALSE
 * when it is not: then it is the caller's to make. What was expected before it is forgotten. FALSE
 * as loading a picture fails, or with G_IO_ERROR_CANCELLED.
 */
gboolean gloss_read_ahead_take (GlossReadAhead *ahead, gsize index, float *out, gboolean *is_there,
                                GCancellable *cancellable, GError **error);

G_END_DECLS
