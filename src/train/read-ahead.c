/* Pictures of examples, made ready by a thread before they are wanted. */
#include "train/read-ahead.h"

#include "model/resize.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

/* How long a stop may go unnoticed while one waits for the thread. */
#define LOOK_USEC (20 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  gsize index;
  float *input;  /* owned; NULL until it is made */
  GError *error; /* owned; or why it is not */
  gboolean is_begun;
  gboolean is_done;
} Entry;

struct _GlossReadAhead
{
  const GArray *set; /* borrowed */
  gsize side_px;

  GThread *thread;           /* owned; NULL before the first */
  GCancellable *cancellable; /* owned; of what the thread reads */

  pthread_mutex_t lock;   /* not a GMutex: the thread sanitizer cannot see into that one */
  pthread_cond_t changed; /* by the monotonic clock */

  /* guarded by lock */
  GQueue entries; /* owned; in the order in which they are wanted */
  gboolean is_ending;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->input);
  g_clear_error (&entry->error);
  g_free (entry);
}

GlossReadAhead *
gloss_read_ahead_new (const GArray *set, gsize side_px)
{
  GlossReadAhead *ahead = g_new0 (GlossReadAhead, 1);
  pthread_condattr_t by_monotonic;

  ahead->set = set;
  ahead->side_px = side_px;
  ahead->cancellable = g_cancellable_new ();
  pthread_mutex_init (&ahead->lock, NULL);
  pthread_condattr_init (&by_monotonic);
  pthread_condattr_setclock (&by_monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&ahead->changed, &by_monotonic);
  pthread_condattr_destroy (&by_monotonic);
  g_queue_init (&ahead->entries);
  return ahead;
}

void
gloss_read_ahead_free (GlossReadAhead *ahead)
{
  g_cancellable_cancel (ahead->cancellable);
  pthread_mutex_lock (&ahead->lock);
  ahead->is_ending = TRUE;
  pthread_cond_broadcast (&ahead->changed);
  pthread_mutex_unlock (&ahead->lock);
  if (ahead->thread)
    g_thread_join (ahead->thread);
  g_queue_clear_full (&ahead->entries, entry_free);
  g_object_unref (ahead->cancellable);
  pthread_mutex_destroy (&ahead->lock);
  pthread_cond_destroy (&ahead->changed);
  g_free (ahead);
}

/* Its input, newly allocated, or NULL with the reason, or without one where there is no memory. */
static float *
make_input (GlossReadAhead *ahead, GlossPool *pool, gsize index, GError **error)
{
  const char *path = gloss_example_set_get (ahead->set, index)->image_path;
  gsize side = ahead->side_px;
  g_autofree float *input = g_try_new (float, side *side * 3);
  g_autoptr (GlossImage) image = input ? gloss_image_load (path, ahead->cancellable, error) : NULL;

  if (!image || !gloss_model_input_make (pool, input, side, image, GLOSS_RESIZE_BILINEAR, error))
    return NULL;
  return g_steal_pointer (&input);
}

static Entry *
find_waiting (GlossReadAhead *ahead)
{
  for (GList *link = ahead->entries.head; link; link = link->next)
    {
      Entry *entry = link->data;

      if (!entry->is_begun)
        return entry;
    }
  return NULL;
}

static gpointer
run (gpointer data)
{
  GlossReadAhead *ahead = data;
  /* the bits do not depend on the number of threads */
  g_autoptr (GlossPool) pool = gloss_pool_new (1);

  pthread_mutex_lock (&ahead->lock);
  while (!ahead->is_ending)
    {
      Entry *entry = find_waiting (ahead);
      GError *error = NULL;
      float *input;
      gsize index;

      if (!entry)
        {
          pthread_cond_wait (&ahead->changed, &ahead->lock);
          continue;
        }
      entry->is_begun = TRUE;
      index = entry->index;
      pthread_mutex_unlock (&ahead->lock);
      input = make_input (ahead, pool, index, &error);
      pthread_mutex_lock (&ahead->lock);
      /* one that is begun stays until it is done */
      entry->input = input;
      entry->error = error;
      entry->is_done = TRUE;
      pthread_cond_broadcast (&ahead->changed);
    }
  pthread_mutex_unlock (&ahead->lock);
  return NULL;
}

static GList *
find (GlossReadAhead *ahead, gsize index)
{
  for (GList *link = ahead->entries.head; link; link = link->next)
    {
      if (((Entry *) link->data)->index == index)
        return link;
    }
  return NULL;
}

void
gloss_read_ahead_expect (GlossReadAhead *ahead, gsize index)
{
  pthread_mutex_lock (&ahead->lock);
  if (ahead->entries.length < GLOSS_READ_AHEAD_MAX && !find (ahead, index))
    {
      Entry *entry = g_new0 (Entry, 1);

      entry->index = index;
      g_queue_push_tail (&ahead->entries, entry);
      pthread_cond_broadcast (&ahead->changed);
    }
  pthread_mutex_unlock (&ahead->lock);
  if (!ahead->thread)
    ahead->thread = g_thread_new ("gloss-read-ahead", run, ahead);
}

/* What comes before @link (NULL: everything) will not be wanted any more. The one that the thread
 * is at is its. */
static void
forget_before (GlossReadAhead *ahead, GList *link)
{
  for (GList *other = ahead->entries.head; other && other != link;)
    {
      GList *next = other->next;
      Entry *entry = other->data;

      if (!entry->is_begun || entry->is_done)
        {
          entry_free (entry);
          g_queue_delete_link (&ahead->entries, other);
        }
      other = next;
    }
}

/* With the lock: until something has changed, and no longer than it takes to look for a cancel. */
static void
wait_a_moment (GlossReadAhead *ahead)
{
  struct timespec end;

  clock_gettime (CLOCK_MONOTONIC, &end);
  end.tv_nsec += LOOK_USEC * 1000;
  end.tv_sec += end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  pthread_cond_timedwait (&ahead->changed, &ahead->lock, &end);
}

/* The entry, done and out of the queue, or NULL. With the lock. */
static Entry *
take_entry (GlossReadAhead *ahead, gsize index, GCancellable *cancellable)
{
  GList *link = find (ahead, index);
  Entry *entry = link ? link->data : NULL;

  forget_before (ahead, link);
  if (!entry)
    return NULL;
  while (entry->is_begun && !entry->is_done && !g_cancellable_is_cancelled (cancellable))
    wait_a_moment (ahead);
  if (entry->is_begun && !entry->is_done)
    return NULL;
  g_queue_delete_link (&ahead->entries, link);
  if (entry->is_done && (entry->input || entry->error))
    return entry;
  /* the thread is at another: two at once are sooner done */
  entry_free (entry);
  return NULL;
}

gboolean
gloss_read_ahead_take (GlossReadAhead *ahead, gsize index, float *out, gboolean *is_there,
                       GCancellable *cancellable, GError **error)
{
  gboolean is_made;
  Entry *entry;

  *is_there = FALSE;
  pthread_mutex_lock (&ahead->lock);
  entry = take_entry (ahead, index, cancellable);
  pthread_mutex_unlock (&ahead->lock);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      g_clear_pointer (&entry, entry_free);
      return FALSE;
    }
  if (!entry)
    return TRUE;
  *is_there = TRUE;
  is_made = entry->input != NULL;
  if (is_made)
    memcpy (out, entry->input, ahead->side_px * ahead->side_px * 3 * sizeof (float));
  else
    g_propagate_error (error, g_steal_pointer (&entry->error));
  entry_free (entry);
  return is_made;
}
