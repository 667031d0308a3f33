/* gloss-cli data check: what a set of captions is like, and what is wrong with it. */
#include "cli/data.h"

#include "base/json.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "cli/progress.h"
#include "dataset/data-report.h"
#include "library/edited-pairs.h"

#include <stdio.h>

/* So many of a kind are printed; JSON has more. */
#define N_PRINTED 5

typedef struct
{
  const char *title; /* for text */
  const char *name;  /* for JSON */
  guint n;
  GPtrArray *named; /* borrowed */
} Finding;

static void
note_picture (guint n_done, guint n_all, gpointer user_data)
{
  gloss_progress_line_update (user_data, n_done, "");
}

static guint
list_findings (const GlossPairs *pairs, const GlossDataReport *report, Finding *findings)
{
  static const struct
  {
    const char *title, *name;
  } problems[] = {
    [GLOSS_PAIRS_NO_CAPTION] = { "pictures without caption", "no_caption" },
    [GLOSS_PAIRS_NO_PICTURE] = { "captions without picture", "no_picture" },
    [GLOSS_PAIRS_DAMAGED] = { "entries that cannot be read", "damaged" },
    [GLOSS_PAIRS_REPEATED] = { "entries that repeat another", "repeated" },
  };
  guint n = 0;

  for (guint i = 0; i < GLOSS_N_PAIRS_PROBLEMS; i++)
    findings[n++] =
        (Finding){ problems[i].title, problems[i].name, pairs->n_problems[i], pairs->problems[i] };
  findings[n++] = (Finding){ "captions that are too long and lose their end", "too_long",
                             report->n_too_long, report->too_long };
  if (report->has_looked)
    {
      findings[n++] = (Finding){ "pictures that cannot be read", "unreadable", report->n_unreadable,
                                 report->unreadable };
      findings[n++] = (Finding){ "files that hold the picture of another", "same_pictures",
                                 report->n_same_pictures, report->same_pictures };
    }
  return n;
}

static void
print_text (const GlossPairs *pairs, const GlossDataReport *report, const Finding *findings,
            guint n_findings)
{
  printf ("%s\n", gloss_layout_get_title (pairs->layout));
  printf ("%u captions of %u pictures, %u held out\n", report->n_pairs, report->n_pictures,
          report->n_held_out);
  printf ("%.1f tokens on average:", report->mean_tokens);
  for (guint i = 0; i < GLOSS_DATA_N_LENGTHS; i++)
    {
      guint limit = gloss_data_report_get_limit (i);

      if (limit > 0)
        printf (" %u up to %u,", report->lengths[i], limit);
      else
        printf (" %u longer\n", report->lengths[i]);
    }
  if (report->most_common)
    {
      g_autofree char *caption = gloss_cli_make_safe (report->most_common, '?');

      printf ("%u captions stand for more than one picture; most often, %u times: %s\n",
              report->n_alike, report->n_most_common, caption);
    }
  for (guint i = 0; i < n_findings; i++)
    {
      if (findings[i].n == 0)
        continue;
      printf ("%u %s\n", findings[i].n, findings[i].title);
      for (guint j = 0; j < MIN (findings[i].named->len, N_PRINTED); j++)
        {
          g_autofree char *words =
              gloss_cli_make_safe (g_ptr_array_index (findings[i].named, j), '?');

          printf ("  %s\n", words);
        }
      if (findings[i].n > N_PRINTED)
        printf ("  …\n");
    }
}

static json_t *
make_json (const GlossPairs *pairs, const GlossDataReport *report, const Finding *findings,
           guint n_findings)
{
  json_t *root = json_object ();
  json_t *lengths = json_array ();
  json_t *found = json_object ();

  json_object_set_new (root, "layout", json_string (gloss_layout_get_name (pairs->layout)));
  json_object_set_new (root, "captions", json_integer (report->n_pairs));
  json_object_set_new (root, "pictures", json_integer (report->n_pictures));
  json_object_set_new (root, "held_out", json_integer (report->n_held_out));
  json_object_set_new (root, "mean_tokens", json_real (report->mean_tokens));
  json_object_set_new (root, "max_tokens", json_integer (report->max_tokens));
  for (guint i = 0; i < GLOSS_DATA_N_LENGTHS; i++)
    {
      guint limit = gloss_data_report_get_limit (i);
      json_t *length = json_object ();

      json_object_set_new (length, "up_to", limit > 0 ? json_integer (limit) : json_null ());
      json_object_set_new (length, "captions", json_integer (report->lengths[i]));
      json_array_append_new (lengths, length);
    }
  json_object_set_new (root, "lengths", lengths);
  json_object_set_new (root, "alike", json_integer (report->n_alike));
  json_object_set_new (root, "most_common",
                       report->most_common ? json_string (report->most_common) : json_null ());
  json_object_set_new (root, "most_common_count", json_integer (report->n_most_common));
  for (guint i = 0; i < n_findings; i++)
    {
      json_t *finding = json_object ();
      json_t *named = json_array ();

      for (guint j = 0; j < findings[i].named->len; j++)
        {
          g_autofree char *words = g_utf8_make_valid (g_ptr_array_index (findings[i].named, j), -1);

          json_array_append_new (named, json_string (words));
        }
      json_object_set_new (finding, "count", json_integer (findings[i].n));
      json_object_set_new (finding, "first", named);
      json_object_set_new (found, findings[i].name, finding);
    }
  json_object_set_new (root, "problems", found);
  return root;
}

static GlossTokenizer *
load_tokenizer (const GlossDataCheck *check, GError **error)
{
  g_autofree char *display_name = NULL;
  g_autofree char *path = gloss_model_choice_find (check->model, &display_name, error);
  g_autofree char *tokenizer = path ? gloss_model_choice_find_tokenizer (path, error) : NULL;

  return tokenizer ? gloss_tokenizer_load (tokenizer, error) : NULL;
}

int
gloss_data_check_run (const GlossDataCheck *check)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTokenizer) tokenizer = load_tokenizer (check, &error);
  g_autoptr (GlossPairs) pairs = NULL;
  g_autoptr (GlossDataReport) report = NULL;
  Finding findings[GLOSS_N_PAIRS_PROBLEMS + 3];
  GlossProgressLine line;
  guint n_findings;

  if (!tokenizer)
    {
      gloss_cli_complain (NULL, error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  pairs = check->path ? gloss_pairs_read (check->path, NULL, &error)
                      : gloss_edited_pairs_read_default (NULL, &error);
  if (pairs)
    {
      gloss_pairs_split (pairs, check->hold_out, check->seed);
      gloss_progress_line_begin (&line, check->looks_at_pictures ? pairs->pairs->len : 0, FALSE);
      report = gloss_data_report_new (pairs, tokenizer, "caption en", check->max_tokens,
                                      check->looks_at_pictures, NULL, note_picture, &line, &error);
      gloss_progress_line_clear (&line);
    }
  if (!report)
    {
      gloss_cli_complain (check->path, error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  n_findings = list_findings (pairs, report, findings);
  if (check->is_json)
    {
      g_autoptr (json_t) root = make_json (pairs, report, findings, n_findings);
      g_autofree char *text = json_dumps (root, JSON_INDENT (2));

      printf ("%s\n", text);
    }
  else
    print_text (pairs, report, findings, n_findings);
  if (report->n_pairs > 0)
    return GLOSS_EXIT_OK;
  gloss_cli_complain (check->path, "there is no picture with a caption in it");
  return GLOSS_EXIT_NOTHING_DONE;
}
