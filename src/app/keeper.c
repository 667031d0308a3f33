/*
 * Keeps what is said about pictures.
 *
 * The main thread puts tasks into a queue, each with a snapshot of what it needs; the thread
 * carries them out in order, and those that have something to tell come back in an idle. Only the
 * main thread touches pictures, also to let go of them.
 */
#include "app/keeper.h"

#include "app/keeper-task.h"

#include <glib/gi18n.h>

/* How long the typing rests before half a word is kept. */
#define REST_MSEC 400

/* Pictures that come back at once: a turn of the main loop must not take long. */
#define LOAD_CHUNK 64

struct _GlossKeeper
{
  GObject parent_instance;

  GThread *thread;     /* owned */
  GAsyncQueue *tasks;  /* owned */
  guint n_loading;     /* tasks of that kind that have not come back */
  GHashTable *folders; /* owned; folder to whether it has text files */
  GHashTable *offered; /* owned; folders for which they were offered */

  GlossPicture *typed; /* owned reference; what was typed is not given to the thread, or NULL */
  guint rest_id;

  GPtrArray *forgotten; /* owned pictures of the last forgetting, or NULL */
  int must_hurry;       /* atomic; nobody waits for what is loaded any more */

  /* the thread's own */
  GlossKeptCaptions *captions;                /* owned; NULL when it cannot be opened */
  GlossForgottenCaptions *forgotten_captions; /* owned */
};

enum
{
  PROBLEM,
  LOADED,
  IDLE,
  SIDECARS_FOUND,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossKeeper, gloss_keeper, G_TYPE_OBJECT)

static gboolean come_back (gpointer data);

/* A word to the person that concerns no task. */
static void
tell_problem (GlossKeeper *keeper, char *sentence)
{
  GlossKeeperTask *task = g_new0 (GlossKeeperTask, 1);

  task->kind = GLOSS_KEEPER_TELL;
  task->keeper = g_object_ref (G_OBJECT (keeper));
  task->problem = sentence;
  g_idle_add (come_back, task);
}

static void
open_store (GlossKeeper *keeper)
{
  g_autofree char *path = gloss_caption_store_get_default_path ();
  g_autoptr (GError) error = NULL;
  char *set_aside = NULL;

  keeper->captions = gloss_kept_captions_open (path, &set_aside, &error);
  if (!keeper->captions)
    tell_problem (keeper, g_strdup_printf (_ ("Captions cannot be kept: %s"), error->message));
  else if (set_aside)
    tell_problem (keeper, set_aside);
}

static gpointer
keeper_main (gpointer data)
{
  GlossKeeper *keeper = data;
  gboolean has_ended = FALSE;

  open_store (keeper);
  while (!has_ended)
    {
      GlossKeeperTask *task = g_async_queue_pop (keeper->tasks);

      has_ended = task->kind == GLOSS_KEEPER_END;
      if (keeper->captions
          && (task->kind != GLOSS_KEEPER_LOAD || !g_atomic_int_get (&keeper->must_hurry)))
        gloss_keeper_task_run (task, keeper->captions, &keeper->forgotten_captions);
      g_idle_add (come_back, task);
    }
  g_clear_pointer (&keeper->captions, gloss_kept_captions_free);
  g_clear_pointer (&keeper->forgotten_captions, gloss_forgotten_captions_free);
  return NULL;
}

/* --- the main thread ------------------------------------------------------------------------- */

static void
push (GlossKeeperTask *task)
{
  g_async_queue_push (GLOSS_KEEPER (task->keeper)->tasks, task);
}

static void
note_folder (GlossKeeper *keeper, const char *path, gboolean has_sidecar, gboolean is_on)
{
  char *folder = g_path_get_dirname (path);

  g_hash_table_replace (keeper->folders, g_strdup (folder), GINT_TO_POINTER (is_on));
  if (has_sidecar && !is_on && g_hash_table_add (keeper->offered, g_strdup (folder)))
    g_signal_emit (keeper, signals[SIDECARS_FOUND], 0, folder);
  g_free (folder);
}

static gboolean
is_forgotten (GlossKeeper *keeper, GlossPicture *picture)
{
  return keeper->forgotten && g_ptr_array_find (keeper->forgotten, picture, NULL);
}

static void
take_loaded (GlossKeeper *keeper, GlossKeeperTask *task)
{
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();

  for (guint i = 0; i < task->pictures->len; i++)
    {
      GlossPicture *picture = g_ptr_array_index (task->pictures, i);
      GlossKeptCaption *kept = task->kept ? &g_array_index (task->kept, GlossKeptCaption, i) : NULL;

      /* what happened meanwhile is newer, and is kept by the time it is loaded again */
      if (kept && kept->history && keeper->thread && !is_forgotten (keeper, picture)
          && gloss_picture_get_revision (picture) != g_array_index (task->revisions, guint, i))
        {
          g_ptr_array_add (changed, picture);
          continue;
        }
      if (kept && kept->history)
        gloss_picture_set_records (picture, g_steal_pointer (&kept->record),
                                   g_steal_pointer (&kept->history));
      gloss_picture_set_loaded (picture);
      if (kept)
        note_folder (keeper, gloss_picture_get_path (picture), kept->has_sidecar,
                     task->folders_have[i]);
    }
  gloss_keeper_load (keeper, changed, NULL);
  keeper->n_loading--;
  g_signal_emit (keeper, signals[LOADED], 0);
  if (keeper->n_loading == 0)
    g_signal_emit (keeper, signals[IDLE], 0);
}

static gboolean
come_back (gpointer data)
{
  GlossKeeperTask *task = data;
  GlossKeeper *keeper = GLOSS_KEEPER (task->keeper);

  if (task->problem)
    g_signal_emit (keeper, signals[PROBLEM], 0, task->problem);
  if (task->kind == GLOSS_KEEPER_LOAD)
    take_loaded (keeper, task);
  /* what lies beside a forgotten picture must not bring it back */
  if (task->must_reload && keeper->thread
      && !is_forgotten (keeper, g_ptr_array_index (task->pictures, 0)))
    gloss_keeper_load (keeper, task->pictures, NULL);
  gloss_keeper_task_free (task);
  return G_SOURCE_REMOVE;
}

static void
push_typed (GlossKeeper *keeper)
{
  g_autoptr (GlossPicture) picture = g_steal_pointer (&keeper->typed);
  GlossKeeperTask *task;

  g_clear_handle_id (&keeper->rest_id, g_source_remove);
  if (!picture)
    return;
  task = gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_EDIT, &picture, 1);
  task->text = g_strdup (gloss_picture_get_caption (picture));
  push (task);
}

static void
push_load (GlossKeeper *keeper, GlossPicture *const *pictures, guint n)
{
  /* else what is kept would come back over what is typed */
  push_typed (keeper);
  keeper->n_loading++;
  push (gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_LOAD, pictures, n));
}

void
gloss_keeper_load (GlossKeeper *keeper, GPtrArray *pictures, GlossPicture *first)
{
  GlossPicture *const *all = (GlossPicture *const *) pictures->pdata;

  if (first)
    push_load (keeper, &first, 1);
  for (guint i = 0; i < pictures->len; i += LOAD_CHUNK)
    push_load (keeper, all + i, MIN (LOAD_CHUNK, pictures->len - i));
}

gboolean
gloss_keeper_is_loading (GlossKeeper *keeper)
{
  return keeper->n_loading > 0;
}

static gboolean
typing_rests (gpointer data)
{
  GlossKeeper *keeper = data;

  keeper->rest_id = 0;
  push_typed (keeper);
  return G_SOURCE_REMOVE;
}

void
gloss_keeper_edit (GlossKeeper *keeper, GlossPicture *picture, gboolean is_word_end)
{
  if (keeper->typed && keeper->typed != picture)
    push_typed (keeper);
  g_set_object (&keeper->typed, picture);
  g_clear_handle_id (&keeper->rest_id, g_source_remove);
  if (is_word_end)
    push_typed (keeper);
  else
    keeper->rest_id = g_timeout_add (REST_MSEC, typing_rests, keeper);
}

void
gloss_keeper_save (GlossKeeper *keeper, GlossPicture *picture)
{
  GlossKeeperTask *task;

  if (is_forgotten (keeper, picture))
    return;
  push_typed (keeper);
  task = gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_SET, &picture, 1);
  task->record = gloss_caption_record_copy (gloss_picture_get_record (picture));
  push (task);
}

void
gloss_keeper_forget (GlossKeeper *keeper, GPtrArray *pictures)
{
  push_typed (keeper);
  g_clear_pointer (&keeper->forgotten, g_ptr_array_unref);
  keeper->forgotten = g_ptr_array_ref (pictures);
  push (gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_FORGET,
                               (GlossPicture *const *) pictures->pdata, pictures->len));
}

void
gloss_keeper_restore (GlossKeeper *keeper)
{
  if (keeper->forgotten)
    push (gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_RESTORE,
                                 (GlossPicture *const *) keeper->forgotten->pdata,
                                 keeper->forgotten->len));
  g_clear_pointer (&keeper->forgotten, g_ptr_array_unref);
}

void
gloss_keeper_clear_history (GlossKeeper *keeper, GPtrArray *pictures)
{
  push_typed (keeper);
  push (gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_CLEAR_HISTORY,
                               (GlossPicture *const *) pictures->pdata, pictures->len));
}

gboolean
gloss_keeper_has_sidecars (GlossKeeper *keeper, GlossPicture *picture)
{
  g_autofree char *folder = g_path_get_dirname (gloss_picture_get_path (picture));

  return GPOINTER_TO_INT (g_hash_table_lookup (keeper->folders, folder));
}

void
gloss_keeper_set_sidecars (GlossKeeper *keeper, GlossPicture *picture, gboolean has_sidecars,
                           GPtrArray *pictures)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  GlossKeeperTask *task;

  push_typed (keeper);
  g_ptr_array_add (all, picture);
  for (guint i = 0; i < pictures->len; i++)
    {
      if (g_ptr_array_index (pictures, i) != (gpointer) picture)
        g_ptr_array_add (all, g_ptr_array_index (pictures, i));
    }
  g_hash_table_replace (keeper->folders, g_path_get_dirname (gloss_picture_get_path (picture)),
                        GINT_TO_POINTER (has_sidecars));
  task = gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_SET_SIDECARS,
                                (GlossPicture *const *) all->pdata, all->len);
  task->has_sidecars = has_sidecars;
  push (task);
}

void
gloss_keeper_shut_down (GlossKeeper *keeper)
{
  push_typed (keeper);
  g_atomic_int_set (&keeper->must_hurry, TRUE);
  push (gloss_keeper_task_new (G_OBJECT (keeper), GLOSS_KEEPER_END, NULL, 0));
  g_thread_join (g_steal_pointer (&keeper->thread));
}

static void
gloss_keeper_finalize (GObject *object)
{
  GlossKeeper *keeper = GLOSS_KEEPER (object);

  g_assert (!keeper->thread && !keeper->typed);
  g_async_queue_unref (keeper->tasks);
  g_hash_table_unref (keeper->folders);
  g_hash_table_unref (keeper->offered);
  g_clear_pointer (&keeper->forgotten, g_ptr_array_unref);
  G_OBJECT_CLASS (gloss_keeper_parent_class)->finalize (object);
}

static void
gloss_keeper_class_init (GlossKeeperClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_keeper_finalize;
  signals[PROBLEM] = g_signal_new ("problem", GLOSS_TYPE_KEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[LOADED] = g_signal_new ("loaded", GLOSS_TYPE_KEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  signals[IDLE] = g_signal_new ("idle", GLOSS_TYPE_KEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  signals[SIDECARS_FOUND] = g_signal_new ("sidecars-found", GLOSS_TYPE_KEEPER, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gloss_keeper_init (GlossKeeper *keeper)
{
  keeper->tasks = g_async_queue_new ();
  keeper->folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  keeper->offered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

GlossKeeper *
gloss_keeper_new (void)
{
  GlossKeeper *keeper = g_object_new (GLOSS_TYPE_KEEPER, NULL);

  keeper->thread = g_thread_new ("gloss-keeper", keeper_main, keeper);
  return keeper;
}
