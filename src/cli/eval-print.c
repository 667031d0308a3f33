/* What gloss-cli eval found out, as a table. */
#include "cli/eval-print.h"

#include "cli/messages.h"
#include "dataset/word-diff.h"

#include <stdio.h>

/* JSON and HTML have all. */
#define N_WORST 10
#define MAX_NAME 24

static void
print_row (const GlossQualityReport *report, const char *title, double value, double base,
           int n_digits)
{
  if (report->base)
    printf ("%-22s %*.*f %*.*f %+10.*f\n", title, MAX_NAME, n_digits, base, MAX_NAME, n_digits,
            value, n_digits, value - base);
  else
    printf ("%-22s %*.*f\n", title, MAX_NAME, n_digits, value);
}

/* The end of @name says more than its beginning. */
static char *
make_head (const char *name)
{
  g_autofree char *safe = gloss_cli_make_safe (name, '?');
  glong n = g_utf8_strlen (safe, -1);

  if (n <= MAX_NAME)
    return g_strdup_printf ("%*s%s", (int) (MAX_NAME - n), "", safe);
  return g_strdup_printf ("…%s", g_utf8_offset_to_pointer (safe, n - MAX_NAME + 1));
}

static void
print_scores (const GlossQualityReport *report)
{
  const GlossQuality *q = report->quality;
  const GlossQuality *b = report->base ? report->base : q;
  g_autofree char *model = make_head (report->model);
  g_autofree char *base = report->base ? make_head (report->base_model) : NULL;

  if (base)
    printf ("%-22s %s %s %10s\n", "", base, model, "change");
  else
    printf ("%-22s %s\n", "", model);
  print_row (report, "loss", q->loss, b->loss, 4);
  for (guint i = 0; i < GLOSS_NGRAM_MAX; i++)
    {
      g_autofree char *title = g_strdup_printf ("BLEU-%u", i + 1);

      print_row (report, title, q->scores.bleu[i], b->scores.bleu[i], 4);
    }
  print_row (report, "ROUGE-L", q->scores.rouge_l, b->scores.rouge_l, 4);
  print_row (report, "CIDEr", q->scores.cider, b->scores.cider, 4);
  print_row (report, "words in a caption", q->mean_words, b->mean_words, 1);
  print_row (report, "alike captions, %", 100.0 * q->n_alike / MAX (1, q->n_scored),
             100.0 * b->n_alike / MAX (1, b->n_scored), 0);
}

static void
print_words (const char *title, const char *text)
{
  g_autofree char *safe = gloss_cli_make_safe (text, ' ');

  printf ("  %-8s %s\n", title, safe);
}

/* "a {-red-}{+blue+} dog" */
static void
print_diff (const char *before, const char *after)
{
  static const char *const marks[][2] = {
    [GLOSS_WORDS_SAME] = { "", "" },
    [GLOSS_WORDS_GONE] = { "[-", "-]" },
    [GLOSS_WORDS_NEW] = { "{+", "+}" },
  };
  g_autoptr (GArray) diff = gloss_word_diff_make (before, after);
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < diff->len; i++)
    {
      const GlossWords *words = gloss_word_diff_get (diff, i);

      g_string_append_printf (line, "%s%s%s%s", i > 0 ? " " : "", marks[words->kind][0],
                              words->words, marks[words->kind][1]);
    }
  print_words ("words:", line->str);
}

static void
print_picture (const GlossQualityReport *report, guint index)
{
  const GlossQualityRecord *record = gloss_quality_get (report->quality, index);
  const GlossQualityRecord *base = report->base ? gloss_quality_get (report->base, index) : NULL;
  g_autofree char *name = g_filename_display_basename (record->image_path);
  g_autofree char *safe = gloss_cli_make_safe (name, '?');

  if (!record->text)
    {
      printf ("%s\n", safe);
      print_words ("failed:", record->failure);
      return;
    }
  if (base && base->text)
    printf ("%s: loss %.3f, was %.3f\n", safe, record->loss, base->loss);
  else
    printf ("%s: loss %.3f\n", safe, record->loss);
  for (guint i = 0; i < record->references->len; i++)
    print_words (i == 0 ? "written:" : "", g_ptr_array_index (record->references, i));
  if (base && base->text)
    {
      print_words ("base:", base->text);
      print_words ("model:", record->text);
      print_diff (base->text, record->text);
    }
  else
    print_words ("model:", record->text);
}

void
gloss_eval_print (const GlossQualityReport *report)
{
  const GlossQuality *quality = report->quality;
  g_autofree guint *order = gloss_quality_rank (quality);
  guint n = quality->records->len;

  printf ("%u pictures, of which %u could not be read; %.1f words were written on average\n", n,
          n - quality->n_scored, quality->mean_reference_words);
  print_scores (report);
  for (guint i = 0; report->said && report->said[i]; i++)
    printf ("%s\n", report->said[i]);
  printf ("\nhighest loss first\n");
  for (guint i = 0; i < MIN (n, N_WORST); i++)
    print_picture (report, order[i]);
  /* those without a loss come last, and are to be seen all the same */
  for (guint i = MAX (N_WORST, quality->n_scored); i < n; i++)
    print_picture (report, order[i]);
}
