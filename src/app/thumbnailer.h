/* Thumbnails, made in the background and kept while there is room. */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

typedef struct _GlossThumbnailer GlossThumbnailer;
typedef struct _GlossThumbnailRequest GlossThumbnailRequest;

/* @texture is borrowed, and NULL when the picture cannot be read. Main thread. */
typedef void (*GlossThumbnailFunc) (GdkTexture *texture, gpointer user_data);

/*
 * Works in @n_threads (≥ 1) threads of low priority, and keeps the thumbnails that were used last,
 * of at most @max_bytes together, with what it takes to find them. All functions here are for the
 * main thread, and none of them waits for a file; freeing waits for the pictures at work to be
 * given up, which is soon.
 */
GlossThumbnailer *gloss_thumbnailer_new (guint n_threads, gsize max_bytes);
void gloss_thumbnailer_free (GlossThumbnailer *thumbnailer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossThumbnailer, gloss_thumbnailer_free)

/* The thumbnail of @path as gloss_thumbnail_make () makes it, if it is kept, or NULL. Borrowed
 * until the main loop runs. */
GdkTexture *gloss_thumbnailer_look_up (GlossThumbnailer *thumbnailer, const char *path,
                                       guint width_px, guint height_px);

/*
 * Has it made, and then calls @func once from the main loop, unless the request was cancelled
 * before or the thumbnailer freed. The request is borrowed, and gone when @func is called.
 * @position is where in the row it will be seen: what is nearest to the focus is made first.
 */
GlossThumbnailRequest *gloss_thumbnailer_request (GlossThumbnailer *thumbnailer, const char *path,
                                                  guint width_px, guint height_px, guint position,
                                                  GlossThumbnailFunc func, gpointer user_data);
void gloss_thumbnailer_cancel (GlossThumbnailer *thumbnailer, GlossThumbnailRequest *request);

/* The position that the person looks at. */
void gloss_thumbnailer_set_focus (GlossThumbnailer *thumbnailer, guint position);

/* How much is kept. */
gsize gloss_thumbnailer_get_n_bytes (GlossThumbnailer *thumbnailer);

G_END_DECLS
