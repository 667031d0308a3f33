/* How a fine-tuned model compares with its base, in figures. */
#include "app/tune-figures.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define BLEU_4 3

typedef struct
{
  const char *title;
  const char *format; /* of a value */
  gboolean is_better_low;
} Kind;

void
gloss_tune_figure_free (GlossTuneFigure *figure)
{
  g_free (figure->title);
  g_free (figure->before);
  g_free (figure->after);
  g_free (figure->verdict_words);
  g_free (figure->spoken);
  g_free (figure);
}

static void
judge (GlossTuneFigure *figure, double before, double after, gboolean is_better_low)
{
  const char *arrow = after < before ? "↓" : "↑";
  const char *words;

  if (strcmp (figure->before, figure->after) == 0)
    {
      figure->verdict = GLOSS_TUNE_SAME;
      figure->verdict_words = g_strdup (_ ("the same"));
    }
  else
    {
      figure->verdict = (after < before) == is_better_low ? GLOSS_TUNE_BETTER : GLOSS_TUNE_WORSE;
      words = figure->verdict == GLOSS_TUNE_BETTER ? _ ("better") : _ ("worse");
      figure->verdict_words = g_strdup_printf ("%s %s", arrow, words);
    }
}

static void
speak (GlossTuneFigure *figure)
{
  static const char *const words[] = { N_ ("the same"), N_ ("better"), N_ ("worse") };

  if (figure->before)
    /* Translators: a figure, its value before and after fine-tuning, and “better” or “worse” */
    figure->spoken = g_strdup_printf (_ ("%s: before %s, after %s, %s"), figure->title,
                                      figure->before, figure->after, _ (words[figure->verdict]));
  else
    figure->spoken = g_strdup_printf ("%s: %s", figure->title, figure->after);
}

static void
add_number (GPtrArray *figures, const Kind *kind, json_t *before, json_t *after)
{
  GlossTuneFigure *figure;

  if (!json_is_number (after))
    return;
  figure = g_new0 (GlossTuneFigure, 1);
  figure->title = g_strdup (kind->title);
  figure->after = g_strdup_printf (kind->format, json_number_value (after));
  if (json_is_number (before))
    {
      figure->before = g_strdup_printf (kind->format, json_number_value (before));
      judge (figure, json_number_value (before), json_number_value (after), kind->is_better_low);
    }
  speak (figure);
  g_ptr_array_add (figures, figure);
}

static json_int_t
count_alike (json_t *summary, json_int_t n)
{
  double share = json_number_value (json_object_get (summary, "alike_share"));

  return (json_int_t) llround (CLAMP (share, 0, 1) * (double) n);
}

/* Of so many pictures; the base's were the same ones. */
static void
add_alike (GPtrArray *figures, json_t *base, json_t *model, json_int_t n)
{
  GlossTuneFigure *figure;
  json_int_t before = count_alike (base, n), after = count_alike (model, n);

  if (n <= 0 || !json_is_object (model))
    return;
  figure = g_new0 (GlossTuneFigure, 1);
  figure->title = g_strdup (_ ("Identical captions"));
  figure->after = g_strdup_printf (_ ("%u of %u"), (guint) after, (guint) n);
  if (json_is_object (base))
    {
      figure->before = g_strdup_printf (_ ("%u of %u"), (guint) before, (guint) n);
      judge (figure, (double) before, (double) after, TRUE);
    }
  speak (figure);
  g_ptr_array_add (figures, figure);
}

static json_int_t
get_n_scored (json_t *report)
{
  return CLAMP (json_integer_value (json_object_get (report, "pictures_scored")), 0, G_MAXINT);
}

GPtrArray *
gloss_tune_figures_make (json_t *report)
{
  const Kind loss = { _ ("Held-out loss"), "%.2f", TRUE };
  const Kind cider = { "CIDEr", "%.2f", FALSE };
  const Kind bleu = { "BLEU-4", "%.3f", FALSE };
  GPtrArray *figures = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_tune_figure_free);
  json_t *model = json_object_get (report, "model");
  json_t *base = json_object_get (report, "base");

  add_number (figures, &loss, json_object_get (base, "loss"), json_object_get (model, "loss"));
  add_number (figures, &cider, json_object_get (base, "cider"), json_object_get (model, "cider"));
  add_number (figures, &bleu, json_array_get (json_object_get (base, "bleu"), BLEU_4),
              json_array_get (json_object_get (model, "bleu"), BLEU_4));
  add_alike (figures, base, model, get_n_scored (report));
  return figures;
}

/* How many pictures have the reference that most have. */
static guint
count_common_reference (json_t *pictures)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  json_t *picture;
  guint most = 0;
  gsize i;

  json_array_foreach (pictures, i, picture)
  {
    json_t *references = json_object_get (picture, "references");
    const char *text = json_string_value (json_array_get (references, 0));
    guint n = text ? GPOINTER_TO_UINT (g_hash_table_lookup (counts, text)) + 1 : 0;

    if (text)
      g_hash_table_insert (counts, (gpointer) text, GUINT_TO_POINTER (n));
    most = MAX (most, n);
  }
  return most > 1 ? most : 0;
}

GlossAdvice *
gloss_tune_figures_advise (json_t *report)
{
  json_t *model = json_object_get (report, "model");
  json_int_t n_common = json_integer_value (json_object_get (model, "most_common_count"));

  return gloss_advice_make_for_captions (
      (guint) get_n_scored (report), (guint) CLAMP (n_common, 0, G_MAXINT),
      count_common_reference (json_object_get (report, "pictures")));
}
