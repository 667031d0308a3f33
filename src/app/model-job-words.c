/* What a person is told about a job. */
#include "app/model-job-words.h"

#include <glib/gi18n.h>
#include <math.h>

char *
gloss_model_job_make_title (GlossModelJob *job)
{
  const GlossModelTask *task = gloss_model_job_get_task (job);

  switch (task->kind)
    {
    case GLOSS_MODEL_TASK_DOWNLOAD:
      return g_strdup (task->name);
    case GLOSS_MODEL_TASK_IMPORT:
      return g_strdup_printf (_ ("Importing %s"), task->name);
    case GLOSS_MODEL_TASK_PREPARE:
      return g_strdup_printf (_ ("Preparing %s"), task->name);
    case GLOSS_MODEL_TASK_VERIFY:
      return g_strdup_printf (_ ("Verifying %s"), task->name);
    }
  g_assert_not_reached ();
}

static char *
make_left (double seconds)
{
  guint minutes = (guint) MIN (ceil (seconds / 60), 60);

  if (seconds < 60)
    return g_strdup_printf (ngettext ("%u second left", "%u seconds left", (guint) ceil (seconds)),
                            (guint) ceil (seconds));
  if (minutes < 60)
    return g_strdup_printf (ngettext ("%u minute left", "%u minutes left", minutes), minutes);
  return g_strdup_printf (_ ("%.1f hours left"), seconds / 3600);
}

/* "1.2 GB of 5.8 GB" */
static char *
make_amount (const GlossModelProgress *progress)
{
  g_autofree char *done = g_format_size (progress->n_bytes);
  g_autofree char *total = g_format_size (progress->n_total_bytes);

  if (progress->n_total_bytes == 0)
    return g_steal_pointer (&done);
  /* Translators: both are sizes */
  return g_strdup_printf (_ ("%s of %s"), done, total);
}

static char *
make_download (const GlossModelProgress *progress)
{
  g_autofree char *amount = make_amount (progress);
  g_autofree char *speed = g_format_size ((guint64) progress->bytes_per_second);
  g_autofree char *left = NULL;

  if (progress->n_failures > 0)
    return g_strdup_printf (_ ("%s · the connection broke, trying again"), amount);
  if (progress->is_waiting)
    return g_strdup_printf (_ ("%s · waiting for the server…"), amount);
  if (progress->bytes_per_second <= 0)
    return g_steal_pointer (&amount);
  if (progress->seconds_left < 0)
    return g_strdup_printf ("%s · %s/s", amount, speed);
  left = make_left (progress->seconds_left);
  return g_strdup_printf ("%s · %s/s · %s", amount, speed, left);
}

static char *
make_running (const GlossModelProgress *progress)
{
  g_autofree char *amount = NULL;

  switch (progress->stage)
    {
    case GLOSS_MODEL_STAGE_LISTING:
      return g_strdup (_ ("Asking which files there are…"));
    case GLOSS_MODEL_STAGE_DOWNLOADING:
      return make_download (progress);
    case GLOSS_MODEL_STAGE_UNPACKING:
      return g_strdup (_ ("Unpacking…"));
    case GLOSS_MODEL_STAGE_TOKENIZER:
      return g_strdup (_ ("Getting the tokenizer…"));
    case GLOSS_MODEL_STAGE_COPYING:
      return g_strdup (_ ("Copying…"));
    case GLOSS_MODEL_STAGE_VERIFYING:
      return g_strdup (_ ("Verifying every value…"));
    case GLOSS_MODEL_STAGE_PREPARING:
      amount = make_amount (progress);
      return progress->n_total_bytes > 0 ? g_strdup_printf (_ ("Preparing: %s"), amount)
                                         : g_strdup (_ ("Preparing…"));
    }
  g_assert_not_reached ();
}

static char *
make_failure (GlossModelJob *job)
{
  if (gloss_model_job_get_way (job) == GLOSS_MODEL_WAY_TOKENIZER)
    return g_strdup (_ ("The model came without its tokenizer, and none is to be had elsewhere. "
                        "Choose a file with it (tokenizer.model); what is there already is used."));
  return g_strdup (gloss_model_job_get_message (job));
}

char *
gloss_model_job_make_status (GlossModelJob *job)
{
  const GlossModelProgress *progress = gloss_model_job_get_progress (job);
  g_autofree char *amount = NULL;

  switch (gloss_model_job_get_state (job))
    {
    case GLOSS_MODEL_JOB_WAITING:
      return g_strdup (_ ("Waiting for its turn"));
    case GLOSS_MODEL_JOB_RUNNING:
      return make_running (progress);
    case GLOSS_MODEL_JOB_STOPPING:
      return g_strdup (_ ("Stopping…"));
    case GLOSS_MODEL_JOB_PAUSED:
      amount = make_amount (progress);
      return g_strdup_printf (_ ("Paused · %s"), amount);
    case GLOSS_MODEL_JOB_FAILED:
      return make_failure (job);
    case GLOSS_MODEL_JOB_DONE:
      return g_strdup (_ ("Done"));
    case GLOSS_MODEL_JOB_CANCELLED:
      return g_strdup (_ ("Cancelled"));
    }
  g_assert_not_reached ();
}
