/*
 * The engine's thread.
 *
 * The main thread leaves what it wants (a model, jobs) under the lock and the thread takes it from
 * there; what the thread has to tell is left under the lock too, and one idle brings it over.
 */
#include "app/engine.h"

#include "base/memory.h"

#include <glib/gi18n.h>
#include <sys/resource.h>

/* The compute threads inherit it: frames and input come first. While a large model looks, on two
 * cores, the longest frame of three seconds then takes 36 to 44 ms; SCHED_BATCH does not help, and
 * SCHED_IDLE, with 29 to 38 ms, would leave us nothing beside any other program that computes. */
#define NICENESS 10

struct _GlossEngine
{
  GObject parent_instance;

  GThread *thread;          /* owned */
  GlossModelSource *source; /* owned; main thread */
  GlossEngineState state;   /* main thread, as published */
  char *message;            /* owned; main thread */
  guint image_size_px;      /* main thread */
  guint idle_minutes;       /* main thread */
  guint idle_source_id;     /* main thread */
  GlossTurn *turn;          /* owned */

  GMutex lock;
  GCond wake;
  /* guarded by lock */
  GQueue jobs;                /* owned references */
  GlossCaptionJob *running;   /* owned reference, or NULL */
  GlossModelSource *wanted;   /* owned; what to open next, NULL when that is done */
  GlossEngineOptions options; /* for what to open next */
  gboolean must_sleep, must_end;
  GlossEngineState new_state;
  char *new_message; /* owned */
  guint new_image_size_px;
  guint publish_id;
};

/* What the thread has; nobody else sees it. */
typedef struct
{
  GlossModelSource *source; /* owned; what is open, or could not be opened */
  GlossEngineOptions options;
  GlossPool *pool;           /* owned */
  GlossCaptioner *captioner; /* owned; NULL: not open */
  guint image_size_px;
  GError *error;          /* owned; why it cannot be opened */
  double reading_seconds; /* of the last job, 0 before one */
} Open;

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossEngine, gloss_engine, G_TYPE_OBJECT)

static void
close_model (Open *open)
{
  g_clear_pointer (&open->captioner, gloss_captioner_free);
  g_clear_pointer (&open->pool, gloss_pool_free);
  g_clear_error (&open->error);
}

static gboolean
open_captioner (Open *open, GError **error)
{
  const GlossModelSource *source = open->source;
  const GlossModelOptions options = { .arithmetic = open->options.arithmetic };
  g_autoptr (GlossModel) model = NULL;
  g_autoptr (GlossTokenizer) tokenizer = NULL;

  if (!gloss_model_source_check_fit (source, gloss_pool_get_n_threads (open->pool),
                                     gloss_memory_get_available_bytes (), error))
    return FALSE;
  model = gloss_model_load (source->path, &options, error);
  if (!model)
    return FALSE;
  if (!source->tokenizer)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("%s: there is no tokenizer beside it; put the model's tokenizer.model into "
                      "the same folder"),
                   source->name);
      return FALSE;
    }
  tokenizer = gloss_tokenizer_load (source->tokenizer, error);
  if (!tokenizer)
    return FALSE;
  open->captioner = gloss_captioner_new (model, tokenizer, open->pool, error);
  if (!open->captioner)
    return FALSE;
  open->image_size_px =
      (guint) gloss_model_config_get_image_size_px (gloss_model_get_config (model));
  return TRUE;
}

static gboolean
publish (gpointer data)
{
  GlossEngine *engine = data;

  g_mutex_lock (&engine->lock);
  engine->publish_id = 0;
  engine->state = engine->new_state;
  g_free (engine->message);
  engine->message = g_strdup (engine->new_message);
  engine->image_size_px = engine->new_image_size_px;
  g_mutex_unlock (&engine->lock);
  g_signal_emit (engine, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
tell (GlossEngine *engine, GlossEngineState state, const Open *open)
{
  g_mutex_lock (&engine->lock);
  /* another model is wanted by now: what is said of the old one would be taken for the new one's */
  if (!engine->wanted || state == GLOSS_ENGINE_LOADING)
    {
      engine->new_state = state;
      g_free (engine->new_message);
      engine->new_message = g_strdup (open->error ? open->error->message : NULL);
      engine->new_image_size_px = open->captioner ? open->image_size_px : 0;
      if (engine->publish_id == 0)
        engine->publish_id =
            g_idle_add_full (G_PRIORITY_DEFAULT, publish, g_object_ref (engine), g_object_unref);
    }
  g_mutex_unlock (&engine->lock);
}

static void
open_model (GlossEngine *engine, Open *open)
{
  close_model (open);
  tell (engine, GLOSS_ENGINE_LOADING, open);
  open->pool = gloss_pool_new (open->options.n_threads);
  open->reading_seconds = 0;
  open_captioner (open, &open->error);
  if (!open->captioner)
    g_clear_pointer (&open->pool, gloss_pool_free);
  tell (engine, open->captioner ? GLOSS_ENGINE_READY : GLOSS_ENGINE_FAILED, open);
}

static void
run_job (GlossEngine *engine, Open *open, GlossCaptionJob *job)
{
  GError *error = NULL;

  if (!gloss_turn_take (engine->turn, TRUE, gloss_caption_job_get_cancellable (job), &error))
    {
      gloss_caption_job_fail (job, error);
      return;
    }
  if (open->source && !open->captioner)
    open_model (engine, open); /* it was asleep, or could not be opened then */
  if (open->captioner)
    gloss_caption_job_run (job, open->captioner, open->source->name, &open->reading_seconds);
  else
    gloss_caption_job_fail (job, open->error
                                     ? g_error_copy (open->error)
                                     : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                                            _ ("no model is chosen")));
  gloss_turn_give (engine->turn);
}

/* With the lock held, which it lets go of while it works. FALSE: there is nothing to do. */
static gboolean
take_turn (GlossEngine *engine, Open *open)
{
  if (engine->wanted)
    {
      gloss_model_source_free (open->source);
      open->source = g_steal_pointer (&engine->wanted);
      open->options = engine->options;
      engine->must_sleep = FALSE;
      g_mutex_unlock (&engine->lock);
      open_model (engine, open);
      g_mutex_lock (&engine->lock);
      return TRUE;
    }
  if (!g_queue_is_empty (&engine->jobs))
    {
      engine->running = g_queue_pop_head (&engine->jobs);
      g_mutex_unlock (&engine->lock);
      run_job (engine, open, engine->running);
      g_mutex_lock (&engine->lock);
      engine->must_sleep = FALSE; /* also when the time was up while it ran */
      g_clear_object (&engine->running);
      return TRUE;
    }
  if (engine->must_sleep)
    {
      engine->must_sleep = FALSE;
      if (!open->captioner)
        return TRUE;
      g_mutex_unlock (&engine->lock);
      close_model (open);
      tell (engine, GLOSS_ENGINE_ASLEEP, open);
      g_mutex_lock (&engine->lock);
      return TRUE;
    }
  return FALSE;
}

static gpointer
engine_main (gpointer data)
{
  GlossEngine *engine = data;
  Open open = { 0 };

  /* of this thread alone, as Linux has it; when it is refused frames may come a little later */
  setpriority (PRIO_PROCESS, 0, NICENESS);
  g_mutex_lock (&engine->lock);
  while (!engine->must_end)
    {
      if (!take_turn (engine, &open))
        g_cond_wait (&engine->wake, &engine->lock);
    }
  g_mutex_unlock (&engine->lock);
  close_model (&open);
  gloss_model_source_free (open.source);
  return NULL;
}

static void
gloss_engine_finalize (GObject *object)
{
  GlossEngine *engine = GLOSS_ENGINE (object);

  g_assert (!engine->thread);
  gloss_model_source_free (engine->source);
  gloss_model_source_free (engine->wanted);
  g_free (engine->message);
  g_free (engine->new_message);
  gloss_turn_free (engine->turn);
  g_mutex_clear (&engine->lock);
  g_cond_clear (&engine->wake);
  G_OBJECT_CLASS (gloss_engine_parent_class)->finalize (object);
}

static void
gloss_engine_class_init (GlossEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gloss_engine_finalize;
  signals[CHANGED] = g_signal_new ("changed", GLOSS_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
gloss_engine_init (GlossEngine *engine)
{
  g_mutex_init (&engine->lock);
  g_cond_init (&engine->wake);
  g_queue_init (&engine->jobs);
  engine->turn = gloss_turn_new ();
}

GlossEngine *
gloss_engine_new (void)
{
  GlossEngine *engine = g_object_new (GLOSS_TYPE_ENGINE, NULL);

  engine->thread = g_thread_new ("gloss-engine", engine_main, engine);
  return engine;
}

void
gloss_engine_choose (GlossEngine *engine, const GlossModelSource *source,
                     const GlossEngineOptions *options)
{
  GlossModelSource *chosen = gloss_model_source_copy (source); /* it may be the old one */

  gloss_model_source_free (engine->source);
  engine->source = chosen;
  engine->state = GLOSS_ENGINE_LOADING;
  engine->image_size_px = 0;
  g_clear_pointer (&engine->message, g_free);

  g_mutex_lock (&engine->lock);
  gloss_model_source_free (engine->wanted);
  engine->wanted = gloss_model_source_copy (source);
  engine->options = *options;
  /* what is on its way to be published is said of the model before */
  engine->new_state = GLOSS_ENGINE_LOADING;
  engine->new_image_size_px = 0;
  g_clear_pointer (&engine->new_message, g_free);
  g_cond_signal (&engine->wake);
  g_mutex_unlock (&engine->lock);
  g_signal_emit (engine, signals[CHANGED], 0);
}

static gboolean
fall_asleep (gpointer data)
{
  GlossEngine *engine = data;

  g_mutex_lock (&engine->lock);
  engine->must_sleep = TRUE;
  g_cond_signal (&engine->wake);
  g_mutex_unlock (&engine->lock);
  engine->idle_source_id = 0;
  return G_SOURCE_REMOVE;
}

static void
restart_idle_clock (GlossEngine *engine)
{
  g_clear_handle_id (&engine->idle_source_id, g_source_remove);
  if (engine->idle_minutes > 0)
    engine->idle_source_id = g_timeout_add_seconds (engine->idle_minutes * 60, fall_asleep, engine);
}

void
gloss_engine_set_idle_minutes (GlossEngine *engine, guint minutes)
{
  engine->idle_minutes = minutes;
  restart_idle_clock (engine);
}

GlossEngineState
gloss_engine_get_state (GlossEngine *engine)
{
  return engine->state;
}

const GlossModelSource *
gloss_engine_get_source (GlossEngine *engine)
{
  return engine->source;
}

const char *
gloss_engine_get_message (GlossEngine *engine)
{
  return engine->message;
}

GlossTurn *
gloss_engine_get_turn (GlossEngine *engine)
{
  return engine->turn;
}

guint
gloss_engine_get_image_size_px (GlossEngine *engine)
{
  return engine->image_size_px;
}

void
gloss_engine_submit (GlossEngine *engine, GlossCaptionJob *job, gboolean is_urgent)
{
  g_signal_connect_object (job, "finished", G_CALLBACK (restart_idle_clock), engine,
                           G_CONNECT_SWAPPED);
  g_mutex_lock (&engine->lock);
  if (is_urgent)
    g_queue_push_head (&engine->jobs, g_object_ref (job));
  else
    g_queue_push_tail (&engine->jobs, g_object_ref (job));
  g_cond_signal (&engine->wake);
  g_mutex_unlock (&engine->lock);
}

void
gloss_engine_stop (GlossEngine *engine, GlossCaptionJob *job)
{
  gboolean is_waiting;

  gloss_caption_job_stop (job);
  g_mutex_lock (&engine->lock);
  is_waiting = g_queue_remove (&engine->jobs, job);
  g_mutex_unlock (&engine->lock);
  if (!is_waiting)
    return;
  gloss_caption_job_fail (job, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                    _ ("stopped before its turn came")));
  g_object_unref (job);
}

void
gloss_engine_shut_down (GlossEngine *engine)
{
  g_clear_handle_id (&engine->idle_source_id, g_source_remove);
  g_mutex_lock (&engine->lock);
  engine->must_end = TRUE;
  if (engine->running)
    gloss_caption_job_stop (engine->running);
  g_queue_clear_full (&engine->jobs, g_object_unref);
  g_cond_signal (&engine->wake);
  g_mutex_unlock (&engine->lock);
  g_thread_join (g_steal_pointer (&engine->thread));
}
