/* Compute workers: a loop over tiles, spread over threads, that can be cancelled between tiles. */
#pragma once

#include "base/profile.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GlossPool GlossPool;

/*
 * One tile of a loop. @worker is 0 … n_threads − 1, and no two tiles run at once with the same one,
 * so that it can index scratch memory.
 */
typedef void (*GlossTileFunc) (gsize tile, guint worker, gpointer user_data);

/* @n_threads ≥ 1, the calling thread included; 0 means one for each CPU that this process may use.
 */
GlossPool *gloss_pool_new (guint n_threads);
void gloss_pool_free (GlossPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossPool, gloss_pool_free)
guint gloss_pool_get_n_threads (GlossPool *pool);

/* CPUs that this process may use: by affinity, and by the quota of its container. Any thread. */
guint gloss_pool_count_cpus (void);

/*
 * From now on operations that run on @pool count their time in @profile, which is borrowed; NULL:
 * nowhere, which is how a pool begins and costs nothing. Between loops only.
 */
void gloss_pool_set_profile (GlossPool *pool, GlossProfile *profile);
GlossProfile *gloss_pool_get_profile (GlossPool *pool);

/* Times the rest of the block that it stands in as one call of @operation. */
#define GLOSS_PROFILE(pool, operation, a, b, c)                                                    \
  g_auto (GlossProfileSpan) profile_span G_GNUC_UNUSED =                                           \
      gloss_profile_begin (gloss_pool_get_profile (pool), operation, a, b, c)

/*
 * Calls @func once for each tile 0 … @n_tiles − 1 and returns when all are done. Which worker gets
 * which tile varies, so a tile writes only what is its own. Once the job is cancelled the tiles
 * that have not begun are left out, and so are those of every later call until gloss_pool_end_job
 * (): operations stay void, and the job asks at its end, or sooner by gloss_pool_is_cancelled ().
 * One calling thread at a time.
 */
void gloss_pool_run (GlossPool *pool, gsize n_tiles, GlossTileFunc func, gpointer user_data);

/*
 * Scratch memory of @worker, 64-byte aligned, at least @n_bytes, kept between calls and grown only
 * when a call asks for more than any before. Its content is lost by the next call for the same
 * worker. To be called from inside a tile.
 */
gpointer gloss_pool_get_scratch (GlossPool *pool, guint worker, gsize n_bytes);

/*
 * Takes @n_bytes of scratch for every worker now, so that no tile has to, and so that the lack of
 * memory is an error and not the end: GLOSS_ERROR_TOO_LARGE. Between loops only.
 */
gboolean gloss_pool_reserve_scratch (GlossPool *pool, gsize n_bytes, GError **error);

/* A job is what one @cancellable (or NULL) stops. gloss_pool_end_job () is FALSE with
 * G_IO_ERROR_CANCELLED when it was cancelled, so that what it computed must not be used. */
void gloss_pool_begin_job (GlossPool *pool, GCancellable *cancellable);
gboolean gloss_pool_is_cancelled (GlossPool *pool);
gboolean gloss_pool_end_job (GlossPool *pool, GError **error);

G_END_DECLS
