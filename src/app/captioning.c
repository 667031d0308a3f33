/* Which pictures are being captioned. */
#include "app/captioning.h"

#include <glib/gi18n.h>
#include <string.h>

/* The job of one picture. */
typedef struct
{
  GlossCaptioning *captioning; /* borrowed; it owns this */
  GlossPicture *picture;       /* owned reference */
  GlossCaptionJob *job;        /* owned reference */
  char *note;                  /* owned, or NULL */
  gboolean is_of_batch;
} Work;

struct _GlossCaptioning
{
  GObject parent_instance;

  GlossEngine *engine; /* owned reference */
  GHashTable *works;   /* owned Work by GlossPicture */

  GQueue waiting;            /* owned references: what the batch still has to do */
  GlossCaptionRequest batch; /* its strings owned */
  guint n_done, n_total;
  gint64 batch_start_usec; /* 0: no batch */
  guint n_failed;
  GlossPicture *first_failed; /* owned reference, or NULL */
};

enum
{
  CHANGED,
  CAPTIONED,
  SAID_AGAIN,
  BATCH_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossCaptioning, gloss_captioning, G_TYPE_OBJECT)

static void
work_free (Work *work)
{
  g_object_unref (work->picture);
  g_object_unref (work->job);
  g_free (work->note);
  g_free (work);
}

static void
clear_batch (GlossCaptioning *captioning)
{
  g_queue_clear_full (&captioning->waiting, g_object_unref);
  g_clear_pointer ((char **) &captioning->batch.prompt, g_free);
  g_clear_pointer ((char **) &captioning->batch.start_with, g_free);
  captioning->batch_start_usec = 0;
}

static void
gloss_captioning_dispose (GObject *object)
{
  GlossCaptioning *captioning = GLOSS_CAPTIONING (object);
  GHashTableIter iter;
  gpointer work;

  if (captioning->works)
    {
      g_hash_table_iter_init (&iter, captioning->works);
      while (g_hash_table_iter_next (&iter, NULL, &work))
        {
          g_signal_handlers_disconnect_by_data (((Work *) work)->job, work);
          gloss_caption_job_stop (((Work *) work)->job);
        }
    }
  g_clear_pointer (&captioning->works, g_hash_table_unref);
  clear_batch (captioning);
  g_clear_object (&captioning->first_failed);
  g_clear_object (&captioning->engine);
  G_OBJECT_CLASS (gloss_captioning_parent_class)->dispose (object);
}

static void
gloss_captioning_class_init (GlossCaptioningClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_captioning_dispose;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_CAPTIONING, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, GLOSS_TYPE_PICTURE);
  signals[CAPTIONED] = g_signal_new ("captioned", GLOSS_TYPE_CAPTIONING, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, GLOSS_TYPE_PICTURE);
  signals[SAID_AGAIN] = g_signal_new ("said-again", GLOSS_TYPE_CAPTIONING, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 1, GLOSS_TYPE_PICTURE);
  signals[BATCH_CHANGED] = g_signal_new ("batch-changed", GLOSS_TYPE_CAPTIONING, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gloss_captioning_init (GlossCaptioning *captioning)
{
  captioning->works = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) work_free);
  g_queue_init (&captioning->waiting);
}

GlossCaptioning *
gloss_captioning_new (GlossEngine *engine)
{
  GlossCaptioning *captioning = g_object_new (GLOSS_TYPE_CAPTIONING, NULL);

  captioning->engine = g_object_ref (engine);
  return captioning;
}

static void
tell_progress (GlossCaptionJob *job, Work *work)
{
  g_signal_emit (work->captioning, signals[CHANGED], 0, work->picture);
}

static char *
dup_note (const Work *work, gboolean is_stopped)
{
  /* Translators: "stopped" is a caption that was stopped before its end */
  const char *end = is_stopped                             ? C_ ("caption", "stopped")
                    : gloss_caption_job_is_cut (work->job) ? _ ("cut at the longest length")
                                                           : NULL;

  if (!end)
    return g_strdup (work->note);
  return work->note ? g_strdup_printf ("%s, %s", work->note, end) : g_strdup (end);
}

/* What was said, with the words that it had to start with. */
static GlossCaptionRecord *
make_record (const Work *work, gboolean is_stopped)
{
  const GlossCaptionRequest *request = gloss_caption_job_get_request (work->job);
  GlossCaptionRecord *record = g_new0 (GlossCaptionRecord, 1);

  record->text = g_strconcat (request->start_with ? request->start_with : "",
                              gloss_caption_job_get_text (work->job), NULL);
  g_strstrip (record->text);
  record->model = g_strdup (gloss_caption_job_get_model (work->job));
  record->prompt = g_strdup (request->prompt);
  record->note = dup_note (work, is_stopped);
  record->created_usec = g_get_real_time ();
  record->origin = GLOSS_CAPTION_ORIGIN_MODEL;
  return record;
}

/* Takes @record. The same words again are no new caption, but the person is told. */
static void
take_record (Work *work, GlossCaptionRecord *record)
{
  const GlossCaptionRecord *old = gloss_picture_get_record (work->picture);

  if (old && strcmp (old->text, record->text) == 0)
    {
      gloss_caption_record_free (record);
      g_signal_emit (work->captioning, signals[SAID_AGAIN], 0, work->picture);
      return;
    }
  gloss_picture_add_record (work->picture, record);
  g_signal_emit (work->captioning, signals[CAPTIONED], 0, work->picture);
}

static void
settle (Work *work)
{
  const GError *error = gloss_caption_job_get_error (work->job);
  gboolean is_stopped = error && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gboolean has_text = *gloss_caption_job_get_text (work->job) != '\0';

  if (error && !is_stopped)
    {
      gloss_picture_end_work (work->picture, error->message);
      return;
    }
  if (has_text)
    take_record (work, make_record (work, is_stopped));
  /* no words are no caption, and must not take the place of one */
  gloss_picture_end_work (work->picture, has_text || is_stopped
                                             ? NULL
                                             : _ ("The model said nothing about this picture"));
}

static void
note_failure (GlossCaptioning *captioning, GlossPicture *picture)
{
  if (gloss_picture_get_state (picture) != GLOSS_PICTURE_FAILED)
    return;
  if (captioning->n_failed++ == 0)
    g_set_object (&captioning->first_failed, picture);
}

static void start_next (GlossCaptioning *captioning);

static void
finish (GlossCaptionJob *job, Work *work)
{
  GlossCaptioning *captioning = work->captioning;
  g_autoptr (GlossPicture) picture = g_object_ref (work->picture);
  gboolean is_of_batch = work->is_of_batch;

  settle (work);
  g_signal_handlers_disconnect_by_data (job, work);
  g_hash_table_remove (captioning->works, picture);
  g_signal_emit (captioning, signals[CHANGED], 0, picture);
  if (is_of_batch && captioning->batch_start_usec != 0)
    {
      captioning->n_done++;
      note_failure (captioning, picture);
      start_next (captioning);
    }
}

static void
start (GlossCaptioning *captioning, GlossPicture *picture, GlossSharedImage *image,
       const GlossCaptionRequest *request, const char *note, gboolean is_of_batch)
{
  GlossCaptionRequest named = *request;
  Work *work = g_new0 (Work, 1);

  named.image_key = gloss_picture_get_key (picture);
  work->captioning = captioning;
  work->picture = g_object_ref (picture);
  work->job = gloss_caption_job_new (gloss_picture_get_path (picture), image, &named);
  work->note = g_strdup (note);
  work->is_of_batch = is_of_batch;
  g_hash_table_insert (captioning->works, picture, work);
  g_signal_connect (work->job, "changed", G_CALLBACK (tell_progress), work);
  g_signal_connect (work->job, "finished", G_CALLBACK (finish), work);
  gloss_picture_begin_work (picture);
  gloss_engine_submit (captioning->engine, work->job, !is_of_batch);
  g_signal_emit (captioning, signals[CHANGED], 0, picture);
}

void
gloss_captioning_start (GlossCaptioning *captioning, GlossPicture *picture, GlossSharedImage *image,
                        const GlossCaptionRequest *request, const char *note)
{
  if (!g_hash_table_contains (captioning->works, picture))
    start (captioning, picture, image, request, note, FALSE);
}

GlossCaptionJob *
gloss_captioning_get_job (GlossCaptioning *captioning, GlossPicture *picture)
{
  Work *work = picture ? g_hash_table_lookup (captioning->works, picture) : NULL;

  return work ? work->job : NULL;
}

void
gloss_captioning_stop (GlossCaptioning *captioning, GlossPicture *picture)
{
  GlossCaptionJob *job = gloss_captioning_get_job (captioning, picture);

  if (job)
    gloss_engine_stop (captioning->engine, job);
}

/* One at a time is in the engine's hands, so that what the person asks for goes before the rest. */
static void
start_next (GlossCaptioning *captioning)
{
  g_autoptr (GlossPicture) picture = NULL;

  while ((picture = g_queue_pop_head (&captioning->waiting)))
    {
      if (*gloss_picture_get_caption (picture) == '\0'
          && !g_hash_table_contains (captioning->works, picture))
        {
          start (captioning, picture, NULL, &captioning->batch, NULL, TRUE);
          break;
        }
      captioning->n_done++; /* the person was faster */
      g_clear_object (&picture);
    }
  if (!picture)
    clear_batch (captioning);
  g_signal_emit (captioning, signals[BATCH_CHANGED], 0);
}

void
gloss_captioning_start_batch (GlossCaptioning *captioning, GListModel *pictures,
                              const GlossCaptionRequest *request)
{
  if (captioning->batch_start_usec != 0)
    return;
  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (GlossPicture) picture = g_list_model_get_item (pictures, i);

      if (*gloss_picture_get_caption (picture) == '\0'
          && !g_hash_table_contains (captioning->works, picture))
        g_queue_push_tail (&captioning->waiting, g_steal_pointer (&picture));
    }
  captioning->batch = *request;
  captioning->batch.prompt = g_strdup (request->prompt);
  captioning->batch.start_with = g_strdup (request->start_with);
  captioning->n_done = 0;
  captioning->n_total = g_queue_get_length (&captioning->waiting);
  captioning->n_failed = 0;
  g_clear_object (&captioning->first_failed);
  captioning->batch_start_usec = g_get_monotonic_time ();
  start_next (captioning);
}

void
gloss_captioning_stop_batch (GlossCaptioning *captioning)
{
  GHashTableIter iter;
  gpointer work;

  clear_batch (captioning);
  g_hash_table_iter_init (&iter, captioning->works);
  while (g_hash_table_iter_next (&iter, NULL, &work))
    {
      if (!((Work *) work)->is_of_batch)
        continue;
      /* a batch that begins before it has ended is not its own */
      ((Work *) work)->is_of_batch = FALSE;
      gloss_engine_stop (captioning->engine, ((Work *) work)->job);
    }
  g_signal_emit (captioning, signals[BATCH_CHANGED], 0);
}

gboolean
gloss_captioning_get_batch (GlossCaptioning *captioning, guint *n_done, guint *n_total,
                            double *seconds_left)
{
  double elapsed = (double) (g_get_monotonic_time () - captioning->batch_start_usec) / 1e6;

  if (n_done)
    *n_done = captioning->n_done;
  if (n_total)
    *n_total = captioning->n_total;
  if (seconds_left)
    *seconds_left = captioning->n_done == 0
                        ? -1
                        : elapsed / captioning->n_done * (captioning->n_total - captioning->n_done);
  return captioning->batch_start_usec != 0;
}

guint
gloss_captioning_get_n_failed (GlossCaptioning *captioning, GlossPicture **first)
{
  if (first)
    *first = captioning->first_failed;
  return captioning->n_failed;
}
