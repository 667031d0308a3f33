/* What is said of a run of fine-tuning that is over. */
#include "app/tune-words.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_TRIES 1000
/* Of a name, in letters. */
#define MAX_TITLE 60

char *
gloss_tune_words_format_seconds (double seconds)
{
  guint64 n = (guint64) CLAMP (seconds + 0.5, 0, 1e9);

  if (n < 60)
    return g_strdup_printf (_ ("%u s"), (guint) n);
  if (n < 60 * 60)
    return g_strdup_printf (_ ("%u min"), (guint) ((n + 30) / 60));
  return g_strdup_printf (_ ("%u h %u min"), (guint) (n / 3600), (guint) (n / 60 % 60));
}

/* "Learnt from 90 pictures in 12 min", or NULL when it is not known from how many. */
static char *
describe_learning (const GlossTuneEnd *end)
{
  guint n = end->record->n_training;
  g_autofree char *time = gloss_tune_words_format_seconds (end->seconds);

  if (n == 0)
    return NULL;
  if (end->seconds < 0.5)
    return g_strdup_printf (ngettext ("Learnt from %u picture", "Learnt from %u pictures", n), n);
  return g_strdup_printf (
      ngettext ("Learnt from %u picture in %s", "Learnt from %u pictures in %s", n), n, time);
}

char *
gloss_tune_words_make_heading (const GlossTuneEnd *end)
{
  g_autofree char *learning = describe_learning (end);

  if (!end->is_comparing)
    {
      switch (end->record->state)
        {
        case GLOSS_TUNING_FAILED:
          return g_strdup (_ ("Fine-Tuning Failed"));
        case GLOSS_TUNING_STOPPED:
        case GLOSS_TUNING_INTERRUPTED:
          if (end->n_steps > 0)
            return g_strdup_printf (end->record->state == GLOSS_TUNING_STOPPED
                                        ? _ ("Stopped after Step %u of %u")
                                        : _ ("Interrupted after Step %u of %u"),
                                    end->step, end->n_steps);
          return g_strdup (end->record->state == GLOSS_TUNING_STOPPED ? _ ("Stopped Early")
                                                                      : _ ("Interrupted"));
        case GLOSS_TUNING_RUNNING:
        case GLOSS_TUNING_FINISHED:
          break;
        }
    }
  return learning ? g_steal_pointer (&learning) : g_strdup (_ ("Fine-Tuning Is Done"));
}

/* Which step the result is of. */
static char *
describe_result (const GlossTuneEnd *end)
{
  if (!end->has_result)
    return g_strdup (_ ("Nothing came of it that could be used."));
  if (end->best_step == 0)
    return g_strdup (_ ("No step was better on the held-out pictures than the model that it began "
                        "with."));
  if (end->best_step > 0 && end->n_steps > 0)
    return g_strdup_printf (_ ("Step %u of %u was the best on the held-out pictures and is kept."),
                            (guint) end->best_step, end->n_steps);
  if (end->n_steps > 0 && end->step > 0)
    return g_strdup_printf (_ ("What was learnt until step %u of %u is kept."), end->step,
                            end->n_steps);
  return g_strdup (_ ("What was learnt is kept."));
}

char *
gloss_tune_words_make_summary (const GlossTuneEnd *end)
{
  GlossTuningState state = end->record->state;
  gboolean is_short = state == GLOSS_TUNING_STOPPED || state == GLOSS_TUNING_INTERRUPTED;
  g_autofree char *result = describe_result (end);
  g_autofree char *learning = describe_learning (end);

  if (end->is_comparing || !is_short || !learning)
    return g_steal_pointer (&result);
  /* Translators: two sentences that follow one another, the first without its full stop */
  return g_strdup_printf (_ ("%s. %s"), learning, result);
}

/* A folder's name that looks like @text: no “/”, no dot in front, not too long. */
static char *
clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *cut = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), MAX_TITLE));

  g_strdelimit (cut, "/\n\r\t", '-');
  g_strstrip (cut);
  return g_strdup (cut + strspn (cut, "."));
}

char *
gloss_tune_words_make_name (const GlossTuningRecord *record)
{
  g_autofree char *title = clean (record->title);
  g_autofree char *base = clean (record->settings->base_name ? record->settings->base_name : "");
  g_autofree char *name = *base ? g_strdup_printf ("%s (%s)", *title ? title : _ ("Captions"), base)
                                : g_strdup (*title ? title : _ ("Captions"));

  for (guint i = 1; i < MAX_TRIES; i++)
    {
      g_autofree char *unique = i == 1 ? g_strdup (name) : g_strdup_printf ("%s %u", name, i);

      if (gloss_tuning_record_check_name (unique, NULL))
        return g_steal_pointer (&unique);
    }
  return g_steal_pointer (&name);
}
