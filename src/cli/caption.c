/* gloss-cli caption: says what is in pictures. */
#include "cli/commands.h"

#include "cli/caption-options.h"
#include "cli/file-list.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "cli/progress.h"
#include "dataset/sidecar.h"
#include "model/input-png.h"
#include "model/prompt.h"

#include <string.h>
#include <unistd.h>

typedef struct
{
  const GlossCaptionOptions *options; /* borrowed */
  GlossModelChoice choice;            /* owned */
  GlossPool *pool;                    /* owned */
  GlossCaptioner *captioner;          /* owned */
  GlossFileList list;                 /* owned */
  guint n_given;                      /* pictures in the list before any were left out */
  guint n_unsaved;                    /* pictures that got their caption, but no --save-input */
  GlossOutput output;
  GlossProgressLine progress;
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->captioner, gloss_captioner_free);
  g_clear_pointer (&run->pool, gloss_pool_free);
  gloss_file_list_clear (&run->list);
  gloss_model_choice_clear (&run->choice);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
say_what_is_ignored (const GlossModelChoice *choice)
{
  const char *const *unknown =
      gloss_checkpoint_get_unknown (gloss_model_get_checkpoint (choice->model));
  guint n = g_strv_length ((char **) unknown);

  if (n > 0)
    gloss_cli_note ("%s: %u of its tensors are not PaliGemma's and not used, the first is \"%s\"",
                    choice->name, n, unknown[0]);
}

static gboolean
load_model (Run *run)
{
  const GlossCaptionOptions *options = run->options;
  GlossModelOptions model_options = { .image_size_px = (gsize) options->image_size_px,
                                      .arithmetic = options->arithmetic };
  g_autoptr (GError) error = NULL;

  if (gloss_model_choice_load (&run->choice, options->model, options->tokenizer, &model_options,
                               &error))
    {
      run->pool = gloss_pool_new (MIN ((guint) options->n_threads, gloss_pool_count_cpus ()));
      run->captioner =
          gloss_captioner_new (run->choice.model, run->choice.tokenizer, run->pool, &error);
    }
  if (!run->captioner)
    {
      gloss_cli_complain (options->model, error->message);
      return FALSE;
    }
  if (options->quiet)
    return TRUE;
  if (run->choice.is_demo)
    gloss_cli_note ("no model chosen, so this is the small demo model, which knows drawn sample "
                    "scenes and not photographs; --model chooses another");
  say_what_is_ignored (&run->choice);
  return TRUE;
}

/* A prompt that cannot be read is one mistake, not one for each picture. */
static gboolean
check_prompt (Run *run)
{
  const GlossCaptionRequest *request = &run->options->request;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossPrompt) prompt = gloss_prompt_new (
      run->choice.tokenizer, request->prompt ? request->prompt : GLOSS_CAPTION_DEFAULT_PROMPT,
      request->start_with, 0, &error);

  return prompt || gloss_cli_refuse_usage ("caption", "%s", error->message);
}

/* Blanks are no caption; words that cannot be read are one. */
static gboolean
has_caption (const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossSidecar) sidecar = gloss_sidecar_read (file, &error);

  if (error)
    gloss_cli_complain (file, error->message);
  return sidecar && (!sidecar->text || *g_strstrip (sidecar->text));
}

static void
leave_out_captioned (Run *run)
{
  g_autoptr (GPtrArray) all = g_steal_pointer (&run->list.files);

  run->list.files = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < all->len; i++)
    {
      const char *file = g_ptr_array_index (all, i);

      if (!has_caption (file))
        g_ptr_array_add (run->list.files, g_strdup (file));
    }
  if (!run->options->quiet && run->list.files->len < all->len)
    gloss_cli_note ("%u of %u pictures left out, as they have a caption beside them",
                    all->len - run->list.files->len, all->len);
}

static void
collect_files (Run *run)
{
  const GlossCaptionOptions *options = run->options;

  gloss_file_list_init (&run->list, options->recursive);
  for (guint i = 0; options->paths && options->paths[i]; i++)
    gloss_file_list_add (&run->list, options->paths[i]);
  if (options->files_from)
    gloss_file_list_add_from (&run->list, options->files_from);
  run->n_given = run->list.files->len;
  if (options->skip_captioned)
    leave_out_captioned (run);
}

/* What a file system allows of a name, less the number, the suffix and the writer's own. */
#define MAX_STEM_BYTES 220

/* FOLDER/picture.png for what the model sees of picture.jpg; of several pictures each has its
 * number in front, so that two of one name do not meet. */
static char *
make_input_path (Run *run, const char *file, guint index)
{
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *name = NULL;
  char *dot = strrchr (base, '.');

  if (dot && dot != base)
    *dot = '\0';
  if (strlen (base) > MAX_STEM_BYTES)
    base[MAX_STEM_BYTES] = '\0';
  name = run->n_given > 1 ? g_strdup_printf ("%06u-%s.png", index + 1, base)
                          : g_strconcat (base, ".png", NULL);
  return g_build_filename (run->options->save_input, name, NULL);
}

/* Never over a file that is there: it might be the picture itself. */
static gboolean
save_input (Run *run, const GlossImage *image, const char *file, guint index, GError **error)
{
  gsize side = gloss_model_config_get_image_size_px (gloss_model_get_config (run->choice.model));
  g_autofree char *path = make_input_path (run, file, index);
  g_autofree float *input = NULL;
  gboolean is_saved;

  if (g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   "what the model sees was not saved: %s is there already, and nothing is "
                   "overwritten",
                   name);
      return FALSE;
    }
  input = g_new (float, side *side * 3);
  if (!gloss_model_input_make (run->pool, input, side, image, run->options->request.resize, error))
    return FALSE;
  gloss_output_hold_signals (TRUE);
  is_saved = gloss_model_input_save_png (path, input, side, error);
  gloss_output_hold_signals (FALSE);
  return is_saved;
}

static void
stream_text (const char *text, gpointer user_data)
{
  gloss_output_stream (user_data, text);
}

/* FALSE with @error: this file failed. FALSE without: standard output takes no more. */
static gboolean
caption_file (Run *run, const char *file, guint index, GError **error)
{
  GlossOutput *output = &run->output;
  gint64 start_usec = g_get_monotonic_time ();
  g_autoptr (GlossImage) image = gloss_image_load (file, NULL, error);
  g_autoptr (GlossCaption) caption = NULL;
  g_autoptr (GError) save_error = NULL;

  if (!image)
    return FALSE;
  if (run->options->save_input && !save_input (run, image, file, index, &save_error))
    {
      gloss_progress_line_clear (&run->progress);
      gloss_cli_complain (file, save_error->message);
      run->n_unsaved++;
    }
  if (output->streams)
    gloss_output_begin_file (output, file);
  caption = gloss_captioner_run (run->captioner, image, &run->options->request,
                                 output->streams ? stream_text : NULL, output, NULL, error);
  if (!caption)
    {
      if (output->streams)
        gloss_output_abandon_file (output);
      return FALSE;
    }
  gloss_progress_line_clear (&run->progress);
  return gloss_output_caption (output, file, image, caption,
                               (double) (g_get_monotonic_time () - start_usec) / 1e6);
}

static int
caption_files (Run *run)
{
  guint n_failed = run->list.n_unusable;
  gboolean is_taken = TRUE;

  if (!run->options->quiet)
    gloss_progress_line_begin (&run->progress, run->list.files->len, run->output.streams);
  for (guint i = 0; i < run->list.files->len && is_taken; i++)
    {
      const char *file = g_ptr_array_index (run->list.files, i);
      g_autoptr (GError) error = NULL;

      gloss_progress_line_update (&run->progress, i, file);
      if (caption_file (run, file, i, &error))
        continue;
      gloss_progress_line_clear (&run->progress);
      if (error)
        {
          gloss_cli_complain (file, error->message);
          n_failed++;
        }
      else
        is_taken = FALSE;
    }
  gloss_output_end (&run->output);
  n_failed += run->n_unsaved;
  if (n_failed == 0)
    return GLOSS_EXIT_OK;
  return run->output.n_printed > 0 ? GLOSS_EXIT_SOME_FAILED : GLOSS_EXIT_NOTHING_DONE;
}

int
gloss_command_caption (int argc, char **argv)
{
  g_auto (GlossCaptionOptions) options = { 0 };
  g_auto (Run) run = { .options = &options };

  if (!gloss_caption_options_parse (&options, argc, argv))
    return GLOSS_EXIT_USAGE;
  run.output = (GlossOutput){
    .format = options.format,
    .streams = options.format == GLOSS_FORMAT_TEXT && isatty (STDOUT_FILENO),
    .prompt = options.prompt ? options.prompt : GLOSS_CAPTION_DEFAULT_PROMPT,
    .start_with = options.start_with,
  };
  gloss_output_begin (&run.output);
  if (!load_model (&run))
    return GLOSS_EXIT_NO_MODEL;
  if (!check_prompt (&run))
    return GLOSS_EXIT_USAGE;
  collect_files (&run);
  run.output.model = run.choice.name;
  run.output.arithmetic = gloss_arithmetic_get_name (gloss_model_get_arithmetic (run.choice.model));
  run.output.has_names = options.with_names || (!options.no_names && run.n_given > 1);
  return gloss_cli_finish_output (caption_files (&run));
}
