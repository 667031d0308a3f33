/* gloss-cli eval: how good a model's captions are. */
#include "cli/commands.h"

#include "base/atomic-file.h"
#include "cli/eval-print.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "cli/pair-lists.h"
#include "cli/progress.h"
#include "cli/stop-signal.h"
#include "train/advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND "eval"

typedef struct
{
  char **data; /* owned: one path; NULL with is_edited */

  /* owned, NULL where not given */
  char *model;
  char *base;
  char *tokenizer;
  char *html;
  char *validation;
  char *prompt;

  double validation_share;
  gint64 seed;
  int limit;
  int max_tokens;
  int n_threads;
  gboolean takes_all;
  gboolean lower_case;
  gboolean is_edited;
  gboolean is_json;
  gboolean quiet;
} Options;

typedef struct
{
  Options options;

  /* owned */
  GlossPool *pool;
  GCancellable *cancellable;
  GlossPairs *pairs;
  GlossQuality *quality;
  GlossQuality *base;
  char *model_name;
  char *base_name;
  GPtrArray *said; /* of strings, NULL-terminated in the end */

  GlossQualityOptions how;
  GlossProgressLine progress;
  guint n_done; /* by the model before this one */
} Run;

static void
run_clear (Run *run)
{
  Options *o = &run->options;

  g_strfreev (o->data);
  g_free (o->model);
  g_free (o->base);
  g_free (o->tokenizer);
  g_free (o->html);
  g_free (o->validation);
  g_free (o->prompt);
  g_clear_pointer (&run->pool, gloss_pool_free);
  g_clear_object (&run->cancellable);
  gloss_pairs_free (run->pairs);
  gloss_quality_free (run->quality);
  gloss_quality_free (run->base);
  g_free (run->model_name);
  g_free (run->base_name);
  g_clear_pointer (&run->said, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
parse (Options *o, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o->model,
      "the model: a path or a name (default: the demo)", "MODEL" },
    { "base", 0, 0, G_OPTION_ARG_FILENAME, &o->base,
      "another model to hold it against, as the one that was fine-tuned", "MODEL" },
    { "tokenizer", 0, 0, G_OPTION_ARG_FILENAME, &o->tokenizer,
      "the SentencePiece model (default: the one beside the model)", "FILE" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &o->takes_all, "all pictures, not only those held out",
      NULL },
    { "limit", 0, 0, G_OPTION_ARG_INT, &o->limit, "at most so many pictures (default: no limit)",
      "N" },
    { "edited", 0, 0, G_OPTION_ARG_NONE, &o->is_edited,
      "the captions that you edited in Gloss's window instead of DATA", NULL },
    { "validation", 0, 0, G_OPTION_ARG_FILENAME, &o->validation, "the list of held-out pictures",
      "FILE" },
    { "validation-share", 0, 0, G_OPTION_ARG_DOUBLE, &o->validation_share,
      "of the pictures that are held out where there is no such list (default: 0.1)", "X" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "which those are (default: 0)", "N" },
    { "prompt", 'p', 0, G_OPTION_ARG_STRING, &o->prompt,
      "for lines without a prefix (default: \"caption en\")", "TEXT" },
    { "lower-case", 0, 0, G_OPTION_ARG_NONE, &o->lower_case,
      "the loss is of captions in lower case, as they were learnt", NULL },
    { "max-tokens", 0, 0, G_OPTION_ARG_INT, &o->max_tokens,
      "of prompt and caption; longer ones are cut (default: 128)", "N" },
    { "html", 0, 0, G_OPTION_ARG_FILENAME, &o->html, "write a page with all pictures", "FILE" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &o->n_threads, "0: one for each CPU (default: 0)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o->is_json, "print JSON with all pictures", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "no notes and no progress", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->data, NULL, "DATA" },
    { NULL },
  };

  o->validation_share = 0.1;
  o->max_tokens = GLOSS_CAPTION_DEFAULT_MAX_TOKENS;
  return gloss_cli_parse_options (
             COMMAND, entries, "— say how good a model's captions are",
             "Captions the held-out pictures of DATA, which is what gloss-cli finetune takes, and "
             "prints\nBLEU, ROUGE-L, CIDEr and the loss; with the same --seed and "
             "--validation-share the pictures\nare those that finetune has held out.\n",
             argc, argv)
         && gloss_pair_lists_check (COMMAND, o->data, o->is_edited)
         && gloss_cli_check_range (COMMAND, "--limit", o->limit, 0, GLOSS_PAIRS_MAX_PAIRS)
         && gloss_cli_check_range (COMMAND, "--max-tokens", o->max_tokens, 8,
                                   GLOSS_CAPTION_MAX_TOKENS)
         && gloss_cli_check_range (COMMAND, "--validation-share", o->validation_share, 0, 0.9)
         && gloss_cli_check_range (COMMAND, "--seed", (double) o->seed, 0, 1e15)
         && gloss_cli_check_range (COMMAND, "--threads", o->n_threads, 0, 1024)
         && (!o->prompt || g_utf8_validate (o->prompt, -1, NULL)
             || gloss_cli_refuse_usage (COMMAND, "--prompt is not valid UTF-8"));
}

/* A picture is easily named by mistake; a page that was made before is to be made anew. */
static gboolean
check_page (const Options *o)
{
  if (!o->html || !g_file_test (o->html, G_FILE_TEST_EXISTS) || g_str_has_suffix (o->html, ".html"))
    return TRUE;
  gloss_cli_complain (o->html, "is there and is no .html file; choose another name with --html");
  return FALSE;
}

static gboolean
read_pairs (Run *run, GError **error)
{
  const Options *o = &run->options;
  const GlossPairLists lists = {
    .path = o->is_edited ? NULL : o->data[0],
    .validation = o->validation,
    .validation_share = o->validation_share,
    .seed = (guint64) o->seed,
    .quiet = o->quiet,
  };
  g_autoptr (GlossPairs) pairs = NULL;
  g_autoptr (GlossPairs) held_out = NULL;

  if (!gloss_pair_lists_read (&lists, &pairs, &held_out, run->cancellable, error))
    return FALSE;
  run->how = (GlossQualityOptions){
    .prompt = o->prompt,
    .max_tokens = (guint) o->max_tokens,
    .max_ids = (gsize) o->max_tokens,
    .lower_case = o->lower_case,
    .takes_all = o->takes_all || held_out != NULL,
    .limit = (guint) o->limit,
  };
  run->pairs = held_out ? g_steal_pointer (&held_out) : g_steal_pointer (&pairs);
  return TRUE;
}

static void
note_picture (guint n_done, guint n_all, const GlossQualityRecord *record, gpointer user_data)
{
  Run *run = user_data;

  gloss_progress_line_update (&run->progress, run->n_done + n_done, record->image_path);
}

/* GLOSS_EXIT_OK with *@quality and *@name, or after a complaint the exit status. */
static int
measure (Run *run, const char *model, GlossQuality **quality, char **name)
{
  g_auto (GlossModelChoice) choice = { 0 };
  g_autoptr (GlossCaptioner) captioner = NULL;
  g_autoptr (GError) error = NULL;

  if (gloss_model_choice_load (&choice, model, run->options.tokenizer, NULL, &error))
    captioner = gloss_captioner_new (choice.model, choice.tokenizer, run->pool, &error);
  if (!captioner)
    {
      gloss_progress_line_clear (&run->progress);
      gloss_cli_complain (model ? model : "demo", error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  *quality = gloss_quality_measure (run->pairs, captioner, &run->how, note_picture, run,
                                    run->cancellable, &error);
  *name = g_strdup (choice.name);
  if (*quality)
    {
      run->n_done += (*quality)->records->len;
      return GLOSS_EXIT_OK;
    }
  gloss_progress_line_clear (&run->progress);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gloss_stop_signal_obey ();
  gloss_cli_complain (model, error->message);
  return GLOSS_EXIT_NOTHING_DONE;
}

static void
judge (Run *run)
{
  const GlossQuality *quality = run->quality;
  g_autoptr (GlossAdvice) advice = gloss_advice_make_for_captions (
      quality->n_scored, quality->n_most_common, quality->n_most_common_reference);

  run->said = g_ptr_array_new_with_free_func (g_free);
  if (advice)
    g_ptr_array_add (run->said, g_strdup (advice->text));
  g_ptr_array_add (run->said, NULL);
}

static gboolean
write_page (Run *run, const GlossQualityReport *report, GError **error)
{
  g_autofree char *page = gloss_quality_report_make_html (report, run->cancellable, error);

  return page && gloss_atomic_file_write (run->options.html, page, strlen (page), error);
}

static int
tell (Run *run)
{
  const Options *o = &run->options;
  g_autofree char *data =
      o->is_edited ? g_strdup ("edited captions")
                   : g_filename_display_name (o->validation ? o->validation : o->data[0]);
  const GlossQualityReport report = {
    run->quality, run->model_name,
    run->base,    run->base_name,
    data,         (const char *const *) run->said->pdata,
  };
  guint n = run->quality->records->len;
  g_autoptr (GError) error = NULL;

  if (o->html && !write_page (run, &report, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        gloss_stop_signal_obey ();
      gloss_cli_complain (o->html, error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  if (o->is_json)
    {
      g_autoptr (json_t) root = gloss_quality_report_make_json (&report);
      char *text = json_dumps (root, JSON_INDENT (2) | JSON_REAL_PRECISION (9));

      printf ("%s\n", text);
      free (text);
    }
  else
    gloss_eval_print (&report);
  if (run->quality->n_scored == n)
    return gloss_cli_finish_output (GLOSS_EXIT_OK);
  return gloss_cli_finish_output (run->quality->n_scored > 0 ? GLOSS_EXIT_SOME_FAILED
                                                             : GLOSS_EXIT_NOTHING_DONE);
}

int
gloss_command_eval (int argc, char **argv)
{
  g_auto (Run) run = { 0 };
  const Options *o = &run.options;
  g_autoptr (GError) error = NULL;
  int status;

  if (!parse (&run.options, argc, argv))
    return GLOSS_EXIT_USAGE;
  if (!check_page (o))
    return GLOSS_EXIT_NOTHING_DONE;
  run.cancellable = g_cancellable_new ();
  gloss_stop_signal_catch (run.cancellable);
  if (!read_pairs (&run, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        gloss_stop_signal_obey ();
      gloss_cli_complain (o->is_edited ? NULL : o->data[0], error->message);
      return GLOSS_EXIT_NOTHING_DONE;
    }
  run.pool = gloss_pool_new (MIN ((guint) o->n_threads, gloss_pool_count_cpus ()));
  gloss_progress_line_begin (&run.progress,
                             gloss_quality_count_records (run.pairs, &run.how) * (o->base ? 2 : 1),
                             o->quiet);
  status = measure (&run, o->model, &run.quality, &run.model_name);
  if (status == GLOSS_EXIT_OK && o->base)
    status = measure (&run, o->base, &run.base, &run.base_name);
  gloss_progress_line_clear (&run.progress);
  if (status != GLOSS_EXIT_OK)
    return status;
  judge (&run);
  return tell (&run);
}
