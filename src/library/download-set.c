/* Several files of one source into one folder, a few at a time. */
#include "library/download-set.h"

#include "base/i18n.h"

#include "net/speed.h"

#include <glib/gstdio.h>
#include <sys/statvfs.h>

typedef struct
{
  const GlossSource *source; /* borrowed, as all to func */
  const GPtrArray *files;
  const char *folder;
  gboolean keeps_folders;
  const GlossHttpOptions *options;
  GCancellable *stop;
  GlossDownloadFunc func;
  gpointer user_data;

  GMutex lock;
  /* guarded by lock */
  guint next;
  guint64 *n_bytes; /* of each file; owned */
  guint64 n_total_bytes;
  GlossSpeed speed;
  gint64 came_usec; /* when something came last */
  GError *error;    /* the first; owned */
} Set;

typedef struct
{
  Set *set;
  guint index;
} Tell;

static char *
make_path (const Set *set, const GlossSourceFile *file)
{
  g_autofree char *base = g_path_get_basename (file->name);

  return g_build_filename (set->folder, set->keeps_folders ? file->name : base, NULL);
}

static void
tell (const GlossTransferProgress *progress, gpointer user_data)
{
  Tell *tell_what = user_data;
  Set *set = tell_what->set;
  const GlossSourceFile *file = g_ptr_array_index (set->files, tell_what->index);
  GlossDownloadProgress all = { .file_name = file->name, .seconds_left = -1 };
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&set->lock);
  for (guint i = 0; i < set->files->len; i++)
    all.n_bytes += i == tell_what->index ? progress->n_bytes : set->n_bytes[i];
  gloss_speed_add (&set->speed, now, all.n_bytes);
  all.n_total_bytes = set->files->len == 1 ? progress->n_total_bytes : set->n_total_bytes;
  all.bytes_per_second = gloss_speed_get (&set->speed);
  all.n_failures = progress->n_failures;
  if (progress->n_bytes != set->n_bytes[tell_what->index])
    set->came_usec = now;
  all.is_waiting = progress->is_waiting && now - set->came_usec > 2 * G_USEC_PER_SEC;
  set->n_bytes[tell_what->index] = progress->n_bytes;
  if (all.is_waiting)
    all.bytes_per_second = 0;
  if (all.bytes_per_second > 0 && all.n_total_bytes >= all.n_bytes)
    all.seconds_left = (double) (all.n_total_bytes - all.n_bytes) / all.bytes_per_second;
  if (set->func)
    set->func (&all, set->user_data);
  g_mutex_unlock (&set->lock);
}

static gpointer
work (gpointer data)
{
  Set *set = data;

  for (;;)
    {
      Tell tell_what = { .set = set };
      const GlossSourceFile *file;
      g_autofree char *path = NULL;
      g_autofree char *parent = NULL;
      GError *error = NULL;
      gboolean has_more;

      g_mutex_lock (&set->lock);
      has_more = set->next < set->files->len && !set->error;
      tell_what.index = set->next++;
      g_mutex_unlock (&set->lock);
      if (!has_more)
        return NULL;
      file = g_ptr_array_index (set->files, tell_what.index);
      path = make_path (set, file);
      parent = g_path_get_dirname (path);
      g_mkdir_with_parents (parent, 0777);
      if (g_file_test (path, G_FILE_TEST_EXISTS)
          || gloss_source_download (set->source, file, path, set->options, set->stop, tell,
                                    &tell_what, &error))
        continue;
      g_mutex_lock (&set->lock);
      if (!set->error)
        set->error = g_steal_pointer (&error);
      g_mutex_unlock (&set->lock);
      g_clear_error (&error);
      g_cancellable_cancel (set->stop);
    }
}

/* What is there of each file, and whether the rest fits. */
static gboolean
measure (Set *set, GError **error)
{
  guint64 n_left = 0, n_free;
  gboolean is_known = TRUE;
  struct statvfs disk;
  g_autofree char *needed = NULL;
  g_autofree char *available = NULL;

  for (guint i = 0; i < set->files->len; i++)
    {
      const GlossSourceFile *file = g_ptr_array_index (set->files, i);
      g_autofree char *path = make_path (set, file);
      g_autofree char *part = g_strconcat (path, ".part", NULL);
      GStatBuf status;

      is_known &= file->n_bytes > 0;
      if (g_stat (path, &status) == 0 || g_stat (part, &status) == 0)
        set->n_bytes[i] = (guint64) status.st_size;
      if (!g_uint64_checked_add (&set->n_total_bytes, set->n_total_bytes, file->n_bytes))
        set->n_total_bytes = G_MAXUINT64;
      n_left += file->n_bytes > set->n_bytes[i] ? file->n_bytes - set->n_bytes[i] : 0;
    }
  if (!is_known)
    set->n_total_bytes = 0;
  if (statvfs (set->folder, &disk) != 0
      || !g_uint64_checked_mul (&n_free, disk.f_bavail, disk.f_frsize) || n_left <= n_free)
    return TRUE;
  needed = g_format_size (n_left);
  available = g_format_size (n_free);
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
      _ ("%s are still to be downloaded, and the disk has %s free; free some of it, or put the "
         "models on another disk"),
      needed, available);
  return FALSE;
}

static void
stop (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

gboolean
gloss_download_set_run (const GlossSource *source, const GPtrArray *files, const char *folder,
                        gboolean keeps_folders, const GlossHttpOptions *options,
                        GCancellable *cancellable, GlossDownloadFunc func, gpointer user_data,
                        GError **error)
{
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autofree guint64 *n_bytes = g_new0 (guint64, files->len + 1);
  Set set = { .source = source,
              .files = files,
              .folder = folder,
              .keeps_folders = keeps_folders,
              .options = options,
              .stop = inner,
              .func = func,
              .user_data = user_data,
              .n_bytes = n_bytes };
  GThread *threads[GLOSS_DOWNLOAD_N_AT_ONCE] = { NULL };
  gulong handler = 0;

  if (!measure (&set, error))
    return FALSE;
  g_mutex_init (&set.lock);
  if (cancellable)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (stop), inner, NULL);
  for (guint i = 1; i < MIN (files->len, GLOSS_DOWNLOAD_N_AT_ONCE); i++)
    threads[i] = g_thread_new ("download", work, &set);
  work (&set);
  for (guint i = 1; i < GLOSS_DOWNLOAD_N_AT_ONCE; i++)
    {
      if (threads[i])
        g_thread_join (threads[i]);
    }
  g_cancellable_disconnect (cancellable, handler);
  g_mutex_clear (&set.lock);
  if (!set.error)
    return TRUE;
  g_propagate_error (error, set.error);
  return FALSE;
}
