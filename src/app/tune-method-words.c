/* What a person is told about ways of fine-tuning. */
#include "app/tune-method-words.h"

#include <glib/gi18n.h>
#include <math.h>

#define MINUTE 60.0
#define HOUR 3600.0
#define DAY 86400.0

char *
gloss_tune_method_format_time (double seconds)
{
  guint minutes = (guint) MIN (rint (seconds / MINUTE), G_MAXINT);
  guint days = (guint) MIN (rint (seconds / DAY), G_MAXINT);

  if (seconds < 0.75 * MINUTE)
    return g_strdup (_ ("Less than a minute"));
  if (minutes < 90)
    return g_strdup_printf (ngettext ("About %u minute", "About %u minutes", minutes), minutes);
  if (seconds < 36 * HOUR)
    return g_strdup_printf (_ ("About %.1f hours"), seconds / HOUR);
  return g_strdup_printf (ngettext ("About %u day", "About %u days", days), days);
}

char *
gloss_tune_method_format_figures (const GlossTrainEstimate *estimate, GlossTuneTimes times)
{
  g_autofree char *memory = g_format_size (estimate->memory_bytes);
  g_autofree char *time = NULL;

  switch (times)
    {
    case GLOSS_TUNE_TIMES_KNOWN:
      time = gloss_tune_method_format_time (estimate->seconds);
      /* Translators: a time, as in "About 12 minutes", and a size, as in "7.1 GB" */
      return g_strdup_printf (C_ ("time and memory", "%s · %s"), time, memory);
    case GLOSS_TUNE_TIMES_LOOKING_UP:
    case GLOSS_TUNE_TIMES_WAITING:
    case GLOSS_TUNE_TIMES_MEASURING:
      return g_strdup_printf (_ ("Measuring… · %s"), memory);
    case GLOSS_TUNE_TIMES_UNASKED:
    case GLOSS_TUNE_TIMES_FAILED:
      break;
    }
  return g_strdup_printf (_ ("%s of memory"), memory);
}

char *
gloss_tune_method_describe_time (const GlossTrainEstimate *estimate, GlossTuneTimes times)
{
  switch (times)
    {
    case GLOSS_TUNE_TIMES_KNOWN:
      return gloss_tune_method_format_time (estimate->seconds);
    case GLOSS_TUNE_TIMES_LOOKING_UP:
    case GLOSS_TUNE_TIMES_MEASURING:
      return g_strdup (_ ("Measuring how fast this machine is…"));
    case GLOSS_TUNE_TIMES_WAITING:
      return g_strdup (_ ("Measured as soon as the machine is free"));
    case GLOSS_TUNE_TIMES_UNASKED:
    case GLOSS_TUNE_TIMES_FAILED:
      return g_strdup (_ ("Not known"));
    }
  g_assert_not_reached ();
}

char *
gloss_tune_method_name_recipe (const GlossTuneRecipe *recipe, gboolean is_changed)
{
  const char *title = _ (gloss_preset_get (recipe->preset)->title);

  /* Translators: %s is the name of a way to fine-tune, as "Balanced" */
  return is_changed ? g_strdup_printf (_ ("%s, Changed"), title) : g_strdup (title);
}

char *
gloss_tune_method_describe_steps (const GlossTuneRecipe *recipe)
{
  g_autofree char *batch =
      g_strdup_printf (ngettext ("%u picture each", "%u pictures each", recipe->trainer.batch),
                       recipe->trainer.batch);

  /* Translators: the second is "8 pictures each" */
  return g_strdup_printf (ngettext ("%u step of %s", "%u steps of %s", recipe->trainer.n_steps),
                          recipe->trainer.n_steps, batch);
}

char *
gloss_tune_method_explain_size (guint64 needed_bytes, guint64 available_bytes)
{
  g_autofree char *needed = g_format_size (needed_bytes);
  g_autofree char *available = g_format_size (available_bytes);

  return g_strdup_printf (_ ("Needs %s of memory, and %s are free."), needed, available);
}

char *
gloss_tune_method_advise_size (GlossTuneEstimator *estimator, guint64 needed_bytes,
                               guint64 available_bytes)
{
  g_autofree char *reason = gloss_tune_method_explain_size (needed_bytes, available_bytes);
  g_autofree char *less = NULL, *advice = NULL;
  GlossPresetId fitting;
  guint64 n_bytes;

  if (gloss_tune_estimator_find_fitting (estimator, available_bytes, &fitting, &n_bytes))
    {
      less = g_format_size (n_bytes);
      advice = g_strdup_printf (_ ("“%s” would fit, with %s."),
                                _ (gloss_preset_get (fitting)->title), less);
    }
  else
    advice = g_strdup (_ ("No other way needs as little: choose a smaller model, or close other "
                          "programs."));
  /* Translators: two sentences: what is wrong, and what would help */
  return g_strdup_printf (C_ ("sentences", "%s %s"), reason, advice);
}

const char *
gloss_tune_method_describe_set (GlossTrainSet set)
{
  switch (set)
    {
    case GLOSS_TRAIN_ATTENTION:
      return _ ("The attention of the language model: what it looks at while it writes");
    case GLOSS_TRAIN_LORA:
      return _ ("A small addition to the language model, which itself stays as it is");
    case GLOSS_TRAIN_ALL:
      return _ ("The whole model, with what it sees of pictures");
    }
  g_assert_not_reached ();
}
