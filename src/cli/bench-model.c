/* A model of random weights, made for one measurement and gone after it. */
#include "cli/bench-model.h"

#include "model/prepare.h"
#include "model/random-model.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>

#define PREPARED "random.gloss"

static volatile sig_atomic_t pending_signal;

static void
handle_signal (int number)
{
  pending_signal = number;
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

/* While there are files to remove a signal stops the work instead of the program. @before is what
 * each did. */
static void
catch_signals (struct sigaction *before)
{
  struct sigaction action = { .sa_handler = handle_signal, .sa_flags = SA_RESTART };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      sigaction (signals[i], NULL, &before[i]);
      /* nohup stays in force */
      if (before[i].sa_handler != SIG_IGN)
        sigaction (signals[i], &action, NULL);
    }
}

static void
release_signals (const struct sigaction *before)
{
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &before[i], NULL);
}

/* A thread that looks for a signal, since a handler must not cancel. */
typedef struct
{
  GCancellable *cancellable; /* borrowed */
  gint is_done;              /* atomic */
} Watch;

static gpointer
wait_for_signal (gpointer data)
{
  Watch *watch = data;

  while (!pending_signal && !g_atomic_int_get (&watch->is_done))
    g_usleep (20000);
  if (pending_signal)
    g_cancellable_cancel (watch->cancellable);
  return NULL;
}

static gboolean
check_disk (const char *folder, guint64 n_bytes, GError **error)
{
  struct statvfs disk;
  guint64 n_free;

  if (statvfs (folder, &disk) != 0)
    return TRUE; /* writing will tell */
  n_free = (guint64) disk.f_bavail * disk.f_frsize;
  if (n_free >= n_bytes)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               "%s has %.1f GB free, and the random model takes %.1f GB; choose another folder "
               "with --folder",
               folder, (double) n_free / 1e9, (double) n_bytes / 1e9);
  return FALSE;
}

/* Makes Gloss's own file of what is in @folder, which then goes: there is room for both, but not
 * for both in memory. */
static gboolean
prepare (const char *folder, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_build_filename (folder, PREPARED, NULL);
  g_autofree char *source = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (GlossCheckpoint) checkpoint = gloss_checkpoint_open_streamed (folder, NULL, error);
  g_autoptr (GlossPreparation) preparation = NULL;

  if (checkpoint)
    preparation = gloss_preparation_new (checkpoint, error);
  if (!preparation
      || !gloss_preparation_write (preparation, path, FALSE, NULL, NULL, cancellable, error))
    return FALSE;
  g_unlink (source);
  return TRUE;
}

static GlossModel *
write_and_load (const GlossBenchModelOptions *options, const char *folder,
                GCancellable *cancellable, GError **error)
{
  guint64 n_bytes = gloss_random_model_count_bytes (&options->config, options->dtype);
  g_autofree char *prepared = g_build_filename (folder, PREPARED, NULL);

  if (!check_disk (folder, options->is_prepared ? 2 * n_bytes : n_bytes, error)
      || !gloss_random_model_write (folder, &options->config, options->dtype, cancellable, error)
      || (options->is_prepared && !prepare (folder, cancellable, error)))
    return NULL;
  return gloss_model_load (options->is_prepared ? prepared : folder,
                           &(GlossModelOptions){ .arithmetic = options->arithmetic }, error);
}

static void
remove_folder (const char *folder)
{
  static const char *const names[] = { "config.json", "model.safetensors", PREPARED };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

GlossModel *
gloss_bench_model_make (const GlossBenchModelOptions *options, GError **error)
{
  g_autofree char *folder = g_build_filename (options->folder ? options->folder : g_get_tmp_dir (),
                                              "gloss-bench-XXXXXX", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Watch watch = { cancellable, FALSE };
  struct sigaction before[G_N_ELEMENTS (signals)];
  GlossModel *model;
  GThread *thread;

  catch_signals (before);
  if (!g_mkdtemp (folder))
    {
      int saved = errno;

      release_signals (before);
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   "a folder for the random model cannot be made: %s", g_strerror (saved));
      return NULL;
    }
  thread = g_thread_new ("signals", wait_for_signal, &watch);
  model = write_and_load (options, folder, cancellable, error);
  remove_folder (folder);
  g_atomic_int_set (&watch.is_done, TRUE);
  g_thread_join (thread);
  release_signals (before);
  if (pending_signal)
    raise (pending_signal);
  return model;
}
