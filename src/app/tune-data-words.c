/* What the data page says. */
#include "app/tune-data-words.h"

#include "app/chart-axis.h"
#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

char *
gloss_tune_words_make_title (const char *path)
{
  g_autofree char *name = path ? g_filename_display_basename (path) : NULL;
  char *dot = name ? strrchr (name, '.') : NULL;

  if (!name)
    return g_strdup (_ ("Edited captions"));
  if (dot && dot > name
      && (g_ascii_strcasecmp (dot, ".jsonl") == 0 || g_ascii_strcasecmp (dot, ".json") == 0
          || g_ascii_strcasecmp (dot, ".csv") == 0))
    *dot = '\0';
  return g_steal_pointer (&name);
}

char *
gloss_tune_words_summarize (const GlossPairs *pairs)
{
  guint n_held_out = gloss_pairs_count_held_out (pairs);
  guint n = pairs->pairs->len - n_held_out;
  g_autofree char *count = gloss_chart_format_count (n);
  g_autofree char *held_out = gloss_chart_format_count (n_held_out);
  g_autofree char *learnt =
      g_strdup_printf (g_dngettext ("gloss", "%s pair", "%s pairs", n), count);

  /* Translators: a layout of data, how many pairs of picture and caption it has, and how many more
   * are not learnt from: "COCO · 90 pairs, 10 held out" */
  return g_strdup_printf (_ ("%s · %s, %s held out"), gloss_layout_get_title (pairs->layout),
                          learnt, held_out);
}

void
gloss_tune_finding_free (GlossTuneFinding *finding)
{
  g_free (finding->title);
  g_ptr_array_unref (finding->named);
  g_free (finding);
}

/* Takes @title. */
static void
add_finding (GPtrArray *findings, char *title, const char *words, guint n, GPtrArray *named)
{
  GlossTuneFinding *finding = g_new0 (GlossTuneFinding, 1);

  finding->title = title;
  finding->words = words;
  finding->n = n;
  finding->named = g_ptr_array_ref (named);
  g_ptr_array_add (findings, finding);
}

/* With the number in it. */
static char *
name_problem (GlossPairsProblem problem, guint n)
{
  g_autofree char *count = gloss_chart_format_count (n);

  switch (problem)
    {
    case GLOSS_PAIRS_NO_CAPTION:
      return g_strdup_printf (
          g_dngettext ("gloss", "%s picture without caption", "%s pictures without caption", n),
          count);
    case GLOSS_PAIRS_NO_PICTURE:
      return g_strdup_printf (
          g_dngettext ("gloss", "%s caption without picture", "%s captions without picture", n),
          count);
    case GLOSS_PAIRS_DAMAGED:
      return g_strdup_printf (g_dngettext ("gloss", "%s entry that cannot be understood",
                                           "%s entries that cannot be understood", n),
                              count);
    case GLOSS_PAIRS_REPEATED:
      return g_strdup_printf (g_dngettext ("gloss", "%s entry that repeats another",
                                           "%s entries that repeat another", n),
                              count);
    case GLOSS_N_PAIRS_PROBLEMS:
      break;
    }
  g_assert_not_reached ();
}

static const char *
explain_problem (GlossPairsProblem problem)
{
  switch (problem)
    {
    case GLOSS_PAIRS_NO_PICTURE:
      return _ ("There is no such file where the caption says. Left out.");
    case GLOSS_PAIRS_REPEATED:
      return _ ("Each counts once.");
    default:
      return _ ("Left out.");
    }
}

static void
add_lengths (GPtrArray *findings, const GlossDataReport *lengths)
{
  g_autofree char *n_long = gloss_chart_format_count (lengths->n_too_long);
  g_autofree char *n_alike = gloss_chart_format_count (lengths->n_alike);

  if (lengths->n_too_long > 0)
    add_finding (
        findings,
        g_strdup_printf (g_dngettext ("gloss", "%s caption that is too long",
                                      "%s captions that are too long", lengths->n_too_long),
                         n_long),
        _ ("Their ends are not learnt. The method has the limit under Advanced."),
        lengths->n_too_long, lengths->too_long);
  if (lengths->n_alike > 0)
    add_finding (findings,
                 g_strdup_printf (g_dngettext ("gloss", "%s pair shares its caption with another",
                                               "%s pairs share their captions with others",
                                               lengths->n_alike),
                                  n_alike),
                 _ ("Words that stand for many pictures teach little."), lengths->n_alike,
                 lengths->alike);
}

static void
add_looks (GPtrArray *findings, const GlossDataReport *looks)
{
  g_autofree char *n_unreadable = gloss_chart_format_count (looks->n_unreadable);
  g_autofree char *n_same = gloss_chart_format_count (looks->n_same_pictures);

  if (looks->n_unreadable > 0)
    add_finding (
        findings,
        g_strdup_printf (g_dngettext ("gloss", "%s picture that cannot be read",
                                      "%s pictures that cannot be read", looks->n_unreadable),
                         n_unreadable),
        g_dngettext ("gloss", "Training would stop there. Remove it, or its caption.",
                     "Training would stop there. Remove them, or their captions.",
                     looks->n_unreadable),
        looks->n_unreadable, looks->unreadable);
  if (looks->n_same_pictures > 0)
    add_finding (findings,
                 g_strdup_printf (g_dngettext ("gloss", "%s file that holds the picture of another",
                                               "%s files that hold the pictures of others",
                                               looks->n_same_pictures),
                                  n_same),
                 _ ("One may be learnt from while its double is held out, which flatters the "
                    "result."),
                 looks->n_same_pictures, looks->same_pictures);
}

GPtrArray *
gloss_tune_words_list_findings (const GlossPairs *pairs, const GlossDataReport *lengths,
                                const GlossDataReport *looks)
{
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_tune_finding_free);

  for (guint i = 0; i < GLOSS_N_PAIRS_PROBLEMS; i++)
    {
      if (pairs->n_problems[i] > 0)
        add_finding (findings, name_problem (i, pairs->n_problems[i]), explain_problem (i),
                     pairs->n_problems[i], pairs->problems[i]);
    }
  if (looks)
    add_looks (findings, looks);
  if (lengths)
    add_lengths (findings, lengths);
  return findings;
}

char *
gloss_tune_words_get_failure_title (const GlossPairs *pairs, const GError *error)
{
  if (error && g_error_matches (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED))
    return g_strdup (_ ("Gloss Does Not Know This File"));
  if (error || !pairs)
    return g_strdup (_ ("This Cannot Be Read"));
  if (pairs->n_problems[GLOSS_PAIRS_NO_CAPTION] > 0)
    return g_strdup (_ ("The Pictures Have No Captions"));
  if (pairs->n_problems[GLOSS_PAIRS_NO_PICTURE] > 0)
    return g_strdup (_ ("The Captions Have No Pictures"));
  if (pairs->n_problems[GLOSS_PAIRS_DAMAGED] > 0)
    return g_strdup (_ ("This Cannot Be Understood"));
  return g_strdup (_ ("There Is Nothing to Learn From"));
}

/* Of GLib's kinds of errors both say the same. */
static gboolean
is_error (const GError *error, int io_code, int file_code)
{
  return g_error_matches (error, G_IO_ERROR, io_code)
         || g_error_matches (error, G_FILE_ERROR, file_code);
}

static char *
explain_error (const char *name, const GError *error)
{
  if (is_error (error, G_IO_ERROR_PERMISSION_DENIED, G_FILE_ERROR_ACCES))
    return g_strdup_printf (_ ("You may not read “%s”. Change its permissions in Files, or choose "
                               "other data."),
                            name);
  if (is_error (error, G_IO_ERROR_NOT_FOUND, G_FILE_ERROR_NOENT))
    return g_strdup_printf (_ ("“%s” is not there any more."), name);
  return g_strdup (error->message);
}

char *
gloss_tune_words_explain_failure (const char *path, const GlossPairs *pairs, const GError *error)
{
  g_autofree char *name = path ? g_filename_display_basename (path) : NULL;
  guint n;

  if (error)
    return name ? explain_error (name, error) : g_strdup (error->message);
  if (!name)
    return g_strdup (_ ("No caption was edited in Gloss yet whose picture is still there. Correct "
                        "some captions in the main window first."));
  if ((n = pairs->n_problems[GLOSS_PAIRS_NO_CAPTION]) > 0)
    {
      g_autofree char *count = gloss_chart_format_count (n);

      return g_strdup_printf (
          g_dngettext ("gloss",
                       "There is %s picture in “%s”, and no text file beside it nor a list that "
                       "says what is in it. Gloss can caption it first; then correct the words.",
                       "There are %s pictures in “%s”, and no text files beside them nor a list "
                       "that says what is in them. Gloss can caption them first; then correct the "
                       "words.",
                       n),
          count, name);
    }
  if ((n = pairs->n_problems[GLOSS_PAIRS_NO_PICTURE]) > 0)
    {
      g_autofree char *count = gloss_chart_format_count (n);

      return g_strdup_printf (
          g_dngettext ("gloss",
                       "“%s” has %s caption, and its picture is not where the list says. Put the "
                       "pictures beside the list.",
                       "“%s” has %s captions, and no picture is where the list says. Put the "
                       "pictures beside the list.",
                       n),
          name, count);
    }
  if (pairs->n_problems[GLOSS_PAIRS_DAMAGED] > 0)
    return g_strdup_printf (_ ("No entry of “%s” can be understood."), name);
  return g_strdup_printf (_ ("“%s” holds no picture with a caption: neither pictures with text "
                             "files beside them, nor a list of captions."),
                          name);
}

static gboolean
is_one_picture (const GlossPairs *pairs)
{
  const char *first = gloss_pairs_get (pairs, 0)->image_path;

  for (guint i = 1; i < pairs->pairs->len; i++)
    {
      if (strcmp (gloss_pairs_get (pairs, i)->image_path, first) != 0)
        return FALSE;
    }
  return TRUE;
}

char *
gloss_tune_words_warn (const GlossPairs *pairs)
{
  if (is_one_picture (pairs))
    return g_strdup (_ ("There is only one picture, so none can be held out, and nobody can tell "
                        "whether the model learns to see or learns these words by heart. Add some "
                        "more."));
  if (gloss_pairs_count_held_out (pairs) == 0)
    return g_strdup (_ ("Nothing is held out, so nobody can tell whether the model learns to see "
                        "or learns these words by heart."));
  return NULL;
}

char *
gloss_tune_words_name_length (guint index)
{
  guint limit = gloss_data_report_get_limit (index);

  if (limit > 0)
    return g_strdup_printf (_ ("Up to %u"), limit);
  return g_strdup_printf (_ ("More than %u"), gloss_data_report_get_limit (index - 1));
}

char *
gloss_tune_words_describe_lengths (const GlossDataReport *report)
{
  GString *words = g_string_new (_ ("Captions by their length in tokens."));

  for (guint i = 0; i < GLOSS_DATA_N_LENGTHS; i++)
    {
      g_autofree char *name = gloss_tune_words_name_length (i);
      g_autofree char *count = gloss_chart_format_count (report->lengths[i]);

      if (report->lengths[i] == 0)
        continue;
      g_string_append_c (words, ' ');
      /* Translators: a range of lengths and how many have one: "Up to 16: 12." */
      g_string_append_printf (words, _ ("%s: %s."), name, count);
    }
  return g_string_free (words, FALSE);
}
