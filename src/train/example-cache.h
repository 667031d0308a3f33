/* What of an example need not be computed each time: the model's input, or all that comes before
 * what is trained. */
#pragma once

#include "train/example-set.h"
#include "train/gradient.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GlossExampleCache GlossExampleCache;

/* How much is kept where; what finds no room in memory goes into a file. */
typedef struct
{
  gsize memory_bytes;
  guint64 file_bytes;
  const char *folder; /* of the file; NULL: $XDG_CACHE_HOME/gloss */
} GlossExampleCacheRoom;

/*
 * For the examples of @set, where @room says; what finds none is made each time anew, with the same
 * bits. The file is made when it is needed and has no name, so that it is gone with the process.
 * @set, @gradient and @pool are borrowed. One thread at a time.
 */
GlossExampleCache *gloss_example_cache_new (const GArray *set, GlossModel *model,
                                            GlossGradient *gradient, GlossPool *pool,
                                            gsize max_examples, const GlossExampleCacheRoom *room);
void gloss_example_cache_free (GlossExampleCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossExampleCache, gloss_example_cache_free)

/* Example @index will be asked for soon: its picture is read meanwhile, which changes no bit. Those
 * that come are to be named in their order, a few of them. */
void gloss_example_cache_expect (GlossExampleCache *cache, gsize index);

/*
 * Fills in example @index for a pass. Without room in memory it lies in @slot, below the
 * max_examples of above, until that is used again. Inside a job of the pool. Fails as loading a
 * picture does, or with G_IO_ERROR_CANCELLED.
 */
gboolean gloss_example_cache_get (GlossExampleCache *cache, gsize index, gsize slot,
                                  guint64 dropout_key, GlossGradientExample *out,
                                  GCancellable *cancellable, GError **error);

G_END_DECLS
