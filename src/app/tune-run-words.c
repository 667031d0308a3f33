/* What is said of a run of fine-tuning while it goes on. */
#include "app/tune-run-words.h"

#include "app/chart-axis.h"
#include "app/tune-words.h"

#include <glib/gi18n.h>

const char *
gloss_tune_run_words_get_state (GlossTuningJob *job)
{
  switch (gloss_tuning_job_get_state (job))
    {
    case GLOSS_TUNING_JOB_PAST:
      return _ ("Ended");
    case GLOSS_TUNING_JOB_READING:
      return _ ("Reading the Run");
    case GLOSS_TUNING_JOB_WAITING:
      return _ ("Waiting for Another Run");
    case GLOSS_TUNING_JOB_OPENING:
      return _ ("Opening Model and Pictures");
    case GLOSS_TUNING_JOB_RUNNING:
      /* what is said of held-out pictures comes first, and takes a while */
      return gloss_tuning_job_get_step (job) ? _ ("Training") : _ ("Trying Held-out Pictures");
    case GLOSS_TUNING_JOB_PAUSING:
      return _ ("Pausing");
    case GLOSS_TUNING_JOB_PAUSED:
      return _ ("Paused");
    case GLOSS_TUNING_JOB_KEEPING:
      return _ ("Ending and Keeping the Best");
    case GLOSS_TUNING_JOB_COMPARING:
      return _ ("Comparing with the Base");
    case GLOSS_TUNING_JOB_DISCARDING:
      return _ ("Discarding");
    case GLOSS_TUNING_JOB_DISCARDED:
      return _ ("Discarded");
    }
  g_assert_not_reached ();
}

char *
gloss_tune_run_words_make_step (GlossTuningJob *job)
{
  const GlossTrainStep *step = gloss_tuning_job_get_step (job);
  const GlossTuningRecord *record = gloss_tuning_job_get_record (job);
  g_autofree char *now = gloss_chart_format_count (step ? step->step : 0);
  g_autofree char *all = step ? gloss_chart_format_count (step->n_steps) : NULL;

  if (!step)
    return g_strdup (_ ("The first step has not been made yet"));
  if (record->n_training == 0)
    return g_strdup_printf (_ ("Step %s of %s"), now, all);
  return g_strdup_printf (_ ("Step %s of %s · epoch %.1f"), now, all,
                          (double) step->step * record->settings->trainer.batch
                              / record->n_training);
}

char *
gloss_tune_run_words_make_figures (GlossTuningJob *job)
{
  const GlossTrainStep *step = gloss_tuning_job_get_step (job);
  g_autofree char *loss = step ? gloss_chart_format_value (step->smoothed_loss) : NULL;
  g_autofree char *rate = step ? gloss_chart_format_value (step->learning_rate) : NULL;
  g_autofree char *speed = step ? gloss_chart_format_value (step->examples_per_second) : NULL;

  return step
             ? g_strdup_printf (_ ("Loss %s · learning rate %s · %s pictures/s"), loss, rate, speed)
             : g_strdup ("");
}

char *
gloss_tune_run_words_make_time (GlossTuningJob *job)
{
  const GlossTrainStep *step = gloss_tuning_job_get_step (job);
  g_autofree char *elapsed =
      gloss_tune_words_format_seconds (gloss_tuning_job_get_elapsed_seconds (job));
  g_autofree char *left = step ? gloss_tune_words_format_seconds (step->seconds_left) : NULL;

  if (!step || gloss_tuning_job_get_state (job) != GLOSS_TUNING_JOB_RUNNING)
    /* Translators: a time */
    return g_strdup_printf (_ ("Running for %s"), elapsed);
  return g_strdup_printf (_ ("Running for %s · %s left"), elapsed, left);
}

char *
gloss_tune_run_words_make_short (GlossTuningJob *job)
{
  const GlossTrainStep *step = gloss_tuning_job_get_step (job);
  g_autofree char *left = step ? gloss_tune_words_format_seconds (step->seconds_left) : NULL;

  if (!step || gloss_tuning_job_get_state (job) != GLOSS_TUNING_JOB_RUNNING)
    return g_strdup (gloss_tune_run_words_get_state (job));
  return g_strdup_printf (_ ("Step %u of %u, %s left"), step->step, step->n_steps, left);
}
