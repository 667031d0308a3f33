/* What a chart of the loss says in words. */
#include "app/loss-words.h"

#include "app/chart-axis.h"
#include "base/i18n.h"

const char *
gloss_loss_words_get_empty (void)
{
  return _ ("The chart begins with the first step");
}

char *
gloss_loss_words_read_out (GlossLossSeries *series, guint index)
{
  guint n;
  const GlossLossPoint *point = &gloss_loss_series_get_points (series, &n)[index];
  int before = gloss_loss_series_find_validation_before (series, point->step);
  g_autofree char *step = gloss_chart_format_count (point->step);
  g_autofree char *loss = gloss_chart_format_value (point->loss);
  g_autofree char *smoothed = gloss_chart_format_value (point->smoothed);

  if (before < 0)
    /* Translators: a step of training, its loss, and the smoothed loss */
    return g_strdup_printf (_ ("Step %s · %s · smoothed %s"), step, loss, smoothed);

  const GlossLossValidation *validation =
      &gloss_loss_series_get_validations (series, &n)[(guint) before];
  g_autofree char *validation_step = gloss_chart_format_count (validation->step);
  g_autofree char *validation_loss = gloss_chart_format_value (validation->loss);

  /* Translators: a step of training, its loss, the smoothed loss, the loss on the held-out
   * pictures, and the step in which that was measured */
  return g_strdup_printf (_ ("Step %s · %s · smoothed %s · validation %s (step %s)"), step, loss,
                          smoothed, validation_loss, validation_step);
}

char *
gloss_loss_words_describe (GlossLossSeries *series)
{
  guint n, n_validations;
  const GlossLossPoint *points = gloss_loss_series_get_points (series, &n);
  const GlossLossValidation *validations =
      gloss_loss_series_get_validations (series, &n_validations);
  int best = gloss_loss_series_get_best (series);
  GString *words = g_string_new (_ ("Loss chart."));

  if (n == 0 && n_validations == 0)
    g_string_append_printf (words, " %s", gloss_loss_words_get_empty ());
  if (n > 0)
    {
      g_autofree char *step = gloss_chart_format_count (points[n - 1].step);
      g_autofree char *loss = gloss_chart_format_value (points[n - 1].loss);
      g_autofree char *smoothed = gloss_chart_format_value (points[n - 1].smoothed);

      g_string_append_c (words, ' ');
      g_string_append_printf (words, _ ("Step %s: loss %s, smoothed %s."), step, loss, smoothed);
    }
  if (n_validations > 0)
    {
      g_autofree char *step = gloss_chart_format_count (validations[n_validations - 1].step);
      g_autofree char *loss = gloss_chart_format_value (validations[n_validations - 1].loss);

      g_string_append_c (words, ' ');
      g_string_append_printf (words, _ ("Last validation %s at step %s."), loss, step);
    }
  if (best >= 0)
    {
      g_autofree char *step = gloss_chart_format_count (validations[best].step);
      g_autofree char *loss = gloss_chart_format_value (validations[best].loss);

      g_string_append_c (words, ' ');
      g_string_append_printf (words, _ ("Best validation %s at step %s."), loss, step);
    }
  return g_string_free (words, FALSE);
}
