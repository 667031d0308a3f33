/* Thumbnails, made in the background and kept while there is room. */
#include "app/thumbnailer.h"

#include "app/thumbnail.h"

#include <string.h>
#include <sys/resource.h>

#define NICENESS 10

struct _GlossThumbnailRequest
{
  char *path; /* owned */
  guint width_px, height_px;
  guint position;
  GCancellable *cancellable; /* owned */
  GdkTexture *texture;       /* owned; what came of it, or NULL */

  /* the main thread's */
  GlossThumbnailFunc func; /* NULL: cancelled */
  gpointer user_data;
};

/* One thumbnail that is kept. */
typedef struct
{
  char *path;          /* owned; the key */
  GdkTexture *texture; /* owned */
  guint width_px, height_px;
  gsize n_bytes;
  GList link; /* in the thumbnailer's order */
} Kept;

struct _GlossThumbnailer
{
  GThread **threads; /* owned */
  guint n_threads;

  /* the main thread's */
  GHashTable *kept; /* owned Kept by their paths */
  GQueue order;     /* of Kept, what was used last comes first */
  gsize n_bytes, max_bytes;

  /* guarded by lock */
  GMutex lock;
  GCond wake;
  GQueue waiting;     /* owned; requests in the order in which they came */
  GPtrArray *working; /* borrowed; requests that a thread is at */
  GQueue done;        /* owned; requests that are to be answered */
  guint idle;         /* of the answering, 0: none */
  guint focus;
  gboolean must_end;
};

static void
request_free (GlossThumbnailRequest *request)
{
  g_free (request->path);
  g_object_unref (request->cancellable);
  g_clear_object (&request->texture);
  g_free (request);
}

static void
kept_free (Kept *kept)
{
  g_free (kept->path);
  g_object_unref (kept->texture);
  g_free (kept);
}

static void
drop (GlossThumbnailer *thumbnailer, Kept *kept)
{
  g_queue_unlink (&thumbnailer->order, &kept->link);
  thumbnailer->n_bytes -= kept->n_bytes;
  g_hash_table_remove (thumbnailer->kept, kept->path);
}

/* Takes the path and the texture of @request, which are not needed any more. */
static void
keep (GlossThumbnailer *thumbnailer, GlossThumbnailRequest *request)
{
  Kept *kept = g_hash_table_lookup (thumbnailer->kept, request->path);
  gsize n_pixels = (gsize) gdk_texture_get_width (request->texture)
                   * (gsize) gdk_texture_get_height (request->texture);

  if (kept)
    drop (thumbnailer, kept);
  kept = g_new0 (Kept, 1);
  kept->path = g_steal_pointer (&request->path);
  kept->texture = g_steal_pointer (&request->texture);
  kept->width_px = request->width_px;
  kept->height_px = request->height_px;
  kept->n_bytes = n_pixels * 3 + sizeof *kept + strlen (kept->path) + 1;
  kept->link.data = kept;
  thumbnailer->n_bytes += kept->n_bytes;
  g_hash_table_insert (thumbnailer->kept, kept->path, kept);
  g_queue_push_head_link (&thumbnailer->order, &kept->link);
  while (thumbnailer->n_bytes > thumbnailer->max_bytes)
    drop (thumbnailer, g_queue_peek_tail (&thumbnailer->order));
}

static gboolean
answer (gpointer data)
{
  GlossThumbnailer *thumbnailer = data;
  GQueue done;
  GlossThumbnailRequest *request;

  g_mutex_lock (&thumbnailer->lock);
  done = thumbnailer->done;
  g_queue_init (&thumbnailer->done);
  thumbnailer->idle = 0;
  g_mutex_unlock (&thumbnailer->lock);
  while ((request = g_queue_pop_head (&done)))
    {
      if (request->func)
        request->func (request->texture, request->user_data);
      if (request->texture)
        keep (thumbnailer, request);
      request_free (request);
    }
  return G_SOURCE_REMOVE;
}

/* With the lock held. What the person looks at comes first, and of two as near the newer. */
static GlossThumbnailRequest *
take_nearest (GlossThumbnailer *thumbnailer)
{
  GList *nearest = NULL;
  guint least = G_MAXUINT;
  GlossThumbnailRequest *request;

  for (GList *link = thumbnailer->waiting.head; link; link = link->next)
    {
      guint position = ((GlossThumbnailRequest *) link->data)->position;
      guint distance = position > thumbnailer->focus ? position - thumbnailer->focus
                                                     : thumbnailer->focus - position;

      if (distance <= least)
        {
          least = distance;
          nearest = link;
        }
    }
  if (!nearest)
    return NULL;
  request = nearest->data;
  g_queue_delete_link (&thumbnailer->waiting, nearest);
  return request;
}

static gpointer
work (gpointer data)
{
  GlossThumbnailer *thumbnailer = data;

  /* of this thread alone, as Linux has it; when it is refused frames may come a little later */
  setpriority (PRIO_PROCESS, 0, NICENESS);
  g_mutex_lock (&thumbnailer->lock);
  while (!thumbnailer->must_end)
    {
      GlossThumbnailRequest *request = take_nearest (thumbnailer);

      if (!request)
        {
          g_cond_wait (&thumbnailer->wake, &thumbnailer->lock);
          continue;
        }
      g_ptr_array_add (thumbnailer->working, request);
      g_mutex_unlock (&thumbnailer->lock);
      request->texture = gloss_thumbnail_make (request->path, request->width_px, request->height_px,
                                               request->cancellable, NULL);
      g_mutex_lock (&thumbnailer->lock);
      g_ptr_array_remove_fast (thumbnailer->working, request);
      g_queue_push_tail (&thumbnailer->done, request);
      if (thumbnailer->idle == 0 && !thumbnailer->must_end)
        thumbnailer->idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, answer, thumbnailer, NULL);
    }
  g_mutex_unlock (&thumbnailer->lock);
  return NULL;
}

GlossThumbnailer *
gloss_thumbnailer_new (guint n_threads, gsize max_bytes)
{
  GlossThumbnailer *thumbnailer = g_new0 (GlossThumbnailer, 1);

  thumbnailer->max_bytes = max_bytes;
  thumbnailer->kept =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) kept_free);
  g_queue_init (&thumbnailer->order);
  g_mutex_init (&thumbnailer->lock);
  g_cond_init (&thumbnailer->wake);
  g_queue_init (&thumbnailer->waiting);
  thumbnailer->working = g_ptr_array_new ();
  g_queue_init (&thumbnailer->done);
  thumbnailer->n_threads = n_threads;
  thumbnailer->threads = g_new (GThread *, n_threads);
  for (guint i = 0; i < n_threads; i++)
    thumbnailer->threads[i] = g_thread_new ("gloss-thumbnail", work, thumbnailer);
  return thumbnailer;
}

static void
end_threads (GlossThumbnailer *thumbnailer)
{
  g_mutex_lock (&thumbnailer->lock);
  thumbnailer->must_end = TRUE;
  for (guint i = 0; i < thumbnailer->working->len; i++)
    {
      GlossThumbnailRequest *request = g_ptr_array_index (thumbnailer->working, i);

      g_cancellable_cancel (request->cancellable);
    }
  g_cond_broadcast (&thumbnailer->wake);
  g_mutex_unlock (&thumbnailer->lock);
  for (guint i = 0; i < thumbnailer->n_threads; i++)
    g_thread_join (thumbnailer->threads[i]);
  g_free (thumbnailer->threads);
}

void
gloss_thumbnailer_free (GlossThumbnailer *thumbnailer)
{
  if (!thumbnailer)
    return;
  end_threads (thumbnailer);
  g_clear_handle_id (&thumbnailer->idle, g_source_remove);
  g_queue_clear_full (&thumbnailer->waiting, (GDestroyNotify) request_free);
  g_queue_clear_full (&thumbnailer->done, (GDestroyNotify) request_free);
  g_ptr_array_unref (thumbnailer->working);
  g_hash_table_unref (thumbnailer->kept);
  g_cond_clear (&thumbnailer->wake);
  g_mutex_clear (&thumbnailer->lock);
  g_free (thumbnailer);
}

GdkTexture *
gloss_thumbnailer_look_up (GlossThumbnailer *thumbnailer, const char *path, guint width_px,
                           guint height_px)
{
  Kept *kept = g_hash_table_lookup (thumbnailer->kept, path);

  if (!kept || kept->width_px != width_px || kept->height_px != height_px)
    return NULL;
  g_queue_unlink (&thumbnailer->order, &kept->link);
  g_queue_push_head_link (&thumbnailer->order, &kept->link);
  return kept->texture;
}

GlossThumbnailRequest *
gloss_thumbnailer_request (GlossThumbnailer *thumbnailer, const char *path, guint width_px,
                           guint height_px, guint position, GlossThumbnailFunc func,
                           gpointer user_data)
{
  GlossThumbnailRequest *request = g_new0 (GlossThumbnailRequest, 1);

  g_return_val_if_fail (func, NULL);
  request->path = g_strdup (path);
  request->width_px = width_px;
  request->height_px = height_px;
  request->position = position;
  request->cancellable = g_cancellable_new ();
  request->func = func;
  request->user_data = user_data;
  g_mutex_lock (&thumbnailer->lock);
  g_queue_push_tail (&thumbnailer->waiting, request);
  g_cond_signal (&thumbnailer->wake);
  g_mutex_unlock (&thumbnailer->lock);
  return request;
}

void
gloss_thumbnailer_cancel (GlossThumbnailer *thumbnailer, GlossThumbnailRequest *request)
{
  gboolean is_waiting;

  g_mutex_lock (&thumbnailer->lock);
  is_waiting = g_queue_remove (&thumbnailer->waiting, request);
  g_mutex_unlock (&thumbnailer->lock);
  request->func = NULL;
  if (is_waiting)
    request_free (request);
  else
    g_cancellable_cancel (request->cancellable);
}

void
gloss_thumbnailer_set_focus (GlossThumbnailer *thumbnailer, guint position)
{
  g_mutex_lock (&thumbnailer->lock);
  thumbnailer->focus = position;
  g_mutex_unlock (&thumbnailer->lock);
}

gsize
gloss_thumbnailer_get_n_bytes (GlossThumbnailer *thumbnailer)
{
  return thumbnailer->n_bytes;
}
