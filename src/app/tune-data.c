/*
 * What is to be learnt from, read and looked through in threads.
 *
 * Pairs never change once they are read: a thread that looks at them holds them, and another split
 * is a copy. So nothing here needs a lock. What an older thread brings is known by its cancellable,
 * which is not the current one any more.
 */
#include "app/tune-data.h"

#include "library/edited-pairs.h"
#include "library/tuning-settings.h"
#include "model/captioner.h"

#include <sys/resource.h>

#define NICENESS 10 /* of looking at the pictures */
#define POLL_MSEC 200
#define SPLIT_DELAY_MSEC 150 /* while a person turns the number */

typedef struct
{
  GlossPairs *pairs; /* owned */
  gboolean has_own_split;
} SharedPairs;

/* What a thread is to do, and how far it is. */
typedef struct
{
  SharedPairs *shared; /* owned reference, or NULL */
  char *path;          /* owned; of the data or of the tokenizer, or NULL */
  double share;
  guint64 seed;
  guint max_tokens;
  int n_done, n_all; /* atomic */
} Work;

struct _GlossTuneData
{
  GObject parent_instance;

  GlossTuneDataState state;
  char *path;               /* owned, or NULL */
  char *tokenizer;          /* owned, or NULL */
  SharedPairs *shared;      /* owned reference, or NULL */
  GError *error;            /* owned, or NULL */
  GlossDataReport *lengths; /* owned, or NULL */
  GlossDataReport *looks;   /* owned, or NULL */
  GlossTuneLookState lengths_state, looks_state;
  GCancellable *reading, *measuring, *looking; /* owned, or NULL */
  GTask *look_task;                            /* owned reference, or NULL */
  double share;
  guint64 seed;
  guint max_tokens;
  guint poll_id, split_id;
};

enum
{
  PAIRS_CHANGED,
  REPORT_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossTuneData, gloss_tune_data, G_TYPE_OBJECT)

static void
shared_clear (gpointer data)
{
  gloss_pairs_free (((SharedPairs *) data)->pairs);
}

static SharedPairs *
shared_new (GlossPairs *pairs, gboolean has_own_split)
{
  SharedPairs *shared = g_atomic_rc_box_new0 (SharedPairs);

  shared->pairs = pairs;
  shared->has_own_split = has_own_split;
  return shared;
}

static void
shared_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, shared_clear);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_clear_pointer (&work->shared, shared_unref);
  g_free (work->path);
  g_free (work);
}

static Work *
work_new (GlossTuneData *data, const char *path)
{
  Work *work = g_new0 (Work, 1);

  work->shared = data->shared ? g_atomic_rc_box_acquire (data->shared) : NULL;
  work->path = g_strdup (path);
  work->share = data->share;
  work->seed = data->seed;
  work->max_tokens = data->max_tokens;
  return work;
}

static void
give_up (GCancellable **cancellable)
{
  if (*cancellable)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

static GTask *
make_task (GlossTuneData *data, GCancellable **cancellable, Work *work,
           GAsyncReadyCallback callback)
{
  GTask *task;

  give_up (cancellable);
  *cancellable = g_cancellable_new ();
  task = g_task_new (data, *cancellable, callback, NULL);
  g_task_set_task_data (task, work, work_free);
  return task;
}

static void
emit (GlossTuneData *data, guint id)
{
  g_signal_emit (data, signals[id], 0);
}

/* Looking at the pictures. */

static void
stop_polling (GlossTuneData *data)
{
  g_clear_handle_id (&data->poll_id, g_source_remove);
  g_clear_object (&data->look_task);
}

static gboolean
poll (gpointer data)
{
  emit (data, REPORT_CHANGED);
  return G_SOURCE_CONTINUE;
}

static void
looked (GObject *object, GAsyncResult *result, gpointer unused)
{
  GlossTuneData *data = GLOSS_TUNE_DATA (object);
  gboolean is_current = g_task_get_cancellable (G_TASK (result)) == data->looking;
  GlossDataReport *report = g_task_propagate_pointer (G_TASK (result), NULL);

  if (!is_current)
    {
      gloss_data_report_free (report);
      return;
    }
  stop_polling (data);
  g_clear_object (&data->looking);
  g_clear_pointer (&data->looks, gloss_data_report_free);
  data->looks = report;
  data->looks_state = report ? GLOSS_TUNE_LOOK_DONE : GLOSS_TUNE_LOOK_FAILED;
  emit (data, REPORT_CHANGED);
}

static void
note_look (guint n_done, guint n_all, gpointer user_data)
{
  Work *work = user_data;

  g_atomic_int_set (&work->n_all, (int) n_all);
  g_atomic_int_set (&work->n_done, (int) n_done);
}

static gpointer
look (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  GlossDataReport *report;

  /* of this thread alone, as Linux has it; when it is refused the window may be a little slower */
  setpriority (PRIO_PROCESS, 0, NICENESS);
  report = gloss_data_report_new (work->shared->pairs, NULL, GLOSS_CAPTION_DEFAULT_PROMPT,
                                  work->max_tokens, TRUE, g_task_get_cancellable (task), note_look,
                                  work, &error);
  if (report)
    g_task_return_pointer (task, report, (GDestroyNotify) gloss_data_report_free);
  else
    g_task_return_error (task, error);
  return NULL;
}

void
gloss_tune_data_look (GlossTuneData *data)
{
  GTask *task;

  if (data->state != GLOSS_TUNE_DATA_READY)
    return;
  stop_polling (data);
  task = make_task (data, &data->looking, work_new (data, NULL), looked);
  data->look_task = g_object_ref (task);
  data->looks_state = GLOSS_TUNE_LOOK_RUNNING;
  data->poll_id = g_timeout_add (POLL_MSEC, poll, data);
  g_thread_unref (g_thread_new ("look-at-data", look, task));
  emit (data, REPORT_CHANGED);
}

void
gloss_tune_data_stop_looking (GlossTuneData *data)
{
  if (data->looks_state != GLOSS_TUNE_LOOK_RUNNING)
    return;
  stop_polling (data);
  give_up (&data->looking);
  data->looks_state = GLOSS_TUNE_LOOK_STOPPED;
  emit (data, REPORT_CHANGED);
}

/* Lengths. */

static void
measured (GObject *object, GAsyncResult *result, gpointer unused)
{
  GlossTuneData *data = GLOSS_TUNE_DATA (object);
  gboolean is_current = g_task_get_cancellable (G_TASK (result)) == data->measuring;
  GlossDataReport *report = g_task_propagate_pointer (G_TASK (result), NULL);

  if (!is_current)
    {
      gloss_data_report_free (report);
      return;
    }
  g_clear_object (&data->measuring);
  g_clear_pointer (&data->lengths, gloss_data_report_free);
  data->lengths = report;
  data->lengths_state = !report           ? GLOSS_TUNE_LOOK_FAILED
                        : data->tokenizer ? GLOSS_TUNE_LOOK_DONE
                                          : GLOSS_TUNE_LOOK_WAITING;
  emit (data, REPORT_CHANGED);
}

static void
measure (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  g_autoptr (GlossTokenizer) tokenizer =
      work->path ? gloss_tokenizer_load (work->path, &error) : NULL;
  GlossDataReport *report =
      error ? NULL
            : gloss_data_report_new (work->shared->pairs, tokenizer, GLOSS_CAPTION_DEFAULT_PROMPT,
                                     work->max_tokens, FALSE, cancellable, NULL, NULL, &error);

  if (report)
    g_task_return_pointer (task, report, (GDestroyNotify) gloss_data_report_free);
  else
    g_task_return_error (task, error);
}

static void
begin_measuring (GlossTuneData *data)
{
  g_autoptr (GTask) task =
      make_task (data, &data->measuring, work_new (data, data->tokenizer), measured);

  data->lengths_state = GLOSS_TUNE_LOOK_RUNNING;
  g_task_run_in_thread (task, measure);
}

/* Reading and splitting. */

static void
forget (GlossTuneData *data)
{
  g_clear_handle_id (&data->split_id, g_source_remove);
  stop_polling (data);
  give_up (&data->reading);
  give_up (&data->measuring);
  give_up (&data->looking);
  g_clear_pointer (&data->path, g_free);
  g_clear_pointer (&data->shared, shared_unref);
  g_clear_pointer (&data->lengths, gloss_data_report_free);
  g_clear_pointer (&data->looks, gloss_data_report_free);
  g_clear_error (&data->error);
  data->lengths_state = data->looks_state = GLOSS_TUNE_LOOK_WAITING;
}

static gboolean
take_shared (GlossTuneData *data, GAsyncResult *result)
{
  gboolean is_current = g_task_get_cancellable (G_TASK (result)) == data->reading;
  GError *error = NULL;
  SharedPairs *shared = g_task_propagate_pointer (G_TASK (result), &error);

  if (!is_current)
    {
      g_clear_pointer (&shared, shared_unref);
      g_clear_error (&error);
      return FALSE;
    }
  g_clear_object (&data->reading);
  g_clear_pointer (&data->shared, shared_unref);
  data->shared = shared;
  data->error = error;
  return TRUE;
}

static void
have_read (GObject *object, GAsyncResult *result, gpointer unused)
{
  GlossTuneData *data = GLOSS_TUNE_DATA (object);

  if (!take_shared (data, result))
    return;
  if (!data->shared || data->shared->pairs->pairs->len == 0)
    {
      data->state = GLOSS_TUNE_DATA_FAILED;
      emit (data, PAIRS_CHANGED);
      return;
    }
  data->state = GLOSS_TUNE_DATA_READY;
  begin_measuring (data);
  emit (data, PAIRS_CHANGED);
  gloss_tune_data_look (data);
}

static void
read_pairs (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;
  GError *error = NULL;
  GlossPairs *pairs = work->path ? gloss_pairs_read (work->path, cancellable, &error)
                                 : gloss_edited_pairs_read_default (cancellable, &error);
  gboolean has_own_split;

  if (!pairs)
    {
      g_task_return_error (task, error);
      return;
    }
  has_own_split = gloss_pairs_count_held_out (pairs) > 0;
  gloss_pairs_split (pairs, work->share, work->seed);
  g_task_return_pointer (task, shared_new (pairs, has_own_split), shared_unref);
}

void
gloss_tune_data_read (GlossTuneData *data, const char *path)
{
  g_autofree char *copy = g_strdup (path);
  g_autoptr (GTask) task = NULL;

  forget (data);
  data->path = g_steal_pointer (&copy);
  data->state = GLOSS_TUNE_DATA_READING;
  task = make_task (data, &data->reading, work_new (data, data->path), have_read);
  emit (data, PAIRS_CHANGED);
  g_task_run_in_thread (task, read_pairs);
}

void
gloss_tune_data_clear (GlossTuneData *data)
{
  forget (data);
  data->state = GLOSS_TUNE_DATA_NONE;
  emit (data, PAIRS_CHANGED);
}

void
gloss_tune_data_fail (GlossTuneData *data, GError *error)
{
  forget (data);
  data->error = error;
  data->state = GLOSS_TUNE_DATA_FAILED;
  emit (data, PAIRS_CHANGED);
}

static void
have_split (GObject *object, GAsyncResult *result, gpointer unused)
{
  if (take_shared (GLOSS_TUNE_DATA (object), result))
    emit (GLOSS_TUNE_DATA (object), PAIRS_CHANGED);
}

static void
split (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;

  g_task_return_pointer (
      task,
      shared_new (gloss_pairs_copy_split (work->shared->pairs, work->share, work->seed), FALSE),
      shared_unref);
}

static gboolean
begin_splitting (gpointer user_data)
{
  GlossTuneData *data = user_data;
  g_autoptr (GTask) task = make_task (data, &data->reading, work_new (data, NULL), have_split);

  data->split_id = 0;
  g_task_run_in_thread (task, split);
  return G_SOURCE_REMOVE;
}

void
gloss_tune_data_set_share (GlossTuneData *data, double share)
{
  if (share == data->share)
    return;
  data->share = share;
  if (data->state == GLOSS_TUNE_DATA_READING)
    {
      g_autofree char *path = g_strdup (data->path);

      gloss_tune_data_read (data, path);
      return;
    }
  g_clear_handle_id (&data->split_id, g_source_remove);
  if (data->state == GLOSS_TUNE_DATA_READY && !data->shared->has_own_split)
    data->split_id = g_timeout_add (SPLIT_DELAY_MSEC, begin_splitting, data);
}

void
gloss_tune_data_set_tokenizer (GlossTuneData *data, const char *path)
{
  if (g_strcmp0 (path, data->tokenizer) == 0)
    return;
  g_free (data->tokenizer);
  data->tokenizer = g_strdup (path);
  if (data->state != GLOSS_TUNE_DATA_READY)
    return;
  begin_measuring (data);
  emit (data, REPORT_CHANGED);
}

static void
gloss_tune_data_dispose (GObject *object)
{
  GlossTuneData *data = GLOSS_TUNE_DATA (object);

  forget (data);
  data->state = GLOSS_TUNE_DATA_NONE;
  g_clear_pointer (&data->tokenizer, g_free);
  G_OBJECT_CLASS (gloss_tune_data_parent_class)->dispose (object);
}

static void
gloss_tune_data_class_init (GlossTuneDataClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_tune_data_dispose;
  signals[PAIRS_CHANGED] = g_signal_new ("pairs-changed", GLOSS_TYPE_TUNE_DATA, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[REPORT_CHANGED] = g_signal_new ("report-changed", GLOSS_TYPE_TUNE_DATA, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_tune_data_init (GlossTuneData *data)
{
  g_autoptr (GlossTuningSettings) defaults = gloss_tuning_settings_new ();

  data->share = defaults->validation_share;
  data->seed = defaults->trainer.seed;
  data->max_tokens = defaults->max_ids;
}

GlossTuneData *
gloss_tune_data_new (void)
{
  return g_object_new (GLOSS_TYPE_TUNE_DATA, NULL);
}

double
gloss_tune_data_get_share (GlossTuneData *data)
{
  return data->share;
}

guint64
gloss_tune_data_get_seed (GlossTuneData *data)
{
  return data->seed;
}

gboolean
gloss_tune_data_has_own_split (GlossTuneData *data)
{
  return data->shared && data->shared->has_own_split;
}

GlossTuneDataState
gloss_tune_data_get_state (GlossTuneData *data)
{
  return data->state;
}

const char *
gloss_tune_data_get_path (GlossTuneData *data)
{
  return data->path;
}

const GlossPairs *
gloss_tune_data_get_pairs (GlossTuneData *data)
{
  return data->shared ? data->shared->pairs : NULL;
}

const GError *
gloss_tune_data_get_error (GlossTuneData *data)
{
  return data->error;
}

const GlossDataReport *
gloss_tune_data_get_lengths (GlossTuneData *data)
{
  return data->lengths;
}

const GlossDataReport *
gloss_tune_data_get_looks (GlossTuneData *data)
{
  return data->looks;
}

GlossTuneLookState
gloss_tune_data_get_lengths_state (GlossTuneData *data)
{
  return data->lengths_state;
}

GlossTuneLookState
gloss_tune_data_get_looks_state (GlossTuneData *data)
{
  return data->looks_state;
}

guint
gloss_tune_data_get_n_looked (GlossTuneData *data, guint *out_n_all)
{
  Work *work = data->look_task ? g_task_get_task_data (data->look_task) : NULL;

  *out_n_all = work ? (guint) g_atomic_int_get (&work->n_all) : 0;
  return work ? (guint) g_atomic_int_get (&work->n_done) : 0;
}
