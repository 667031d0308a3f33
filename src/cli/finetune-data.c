/* The pictures and captions that gloss-cli finetune learns from. */
#include "cli/finetune-data.h"

#include "dataset/caption-lines.h"
#include "model/captioner.h"

#include <string.h>

/* The one list in @folder whose name holds @part, newly allocated; NULL when there are none or
 * several. */
static char *
find_list (const char *folder, const char *part, guint *n_found)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  char *found = NULL;
  const char *name;

  *n_found = 0;
  while (dir && (name = g_dir_read_name (dir)))
    {
      if (!g_str_has_suffix (name, ".jsonl") || !strstr (name, part))
        continue;
      if ((*n_found)++ == 0)
        found = g_build_filename (folder, name, NULL);
    }
  if (*n_found != 1)
    g_clear_pointer (&found, g_free);
  return found;
}

/* @validation gets the list of held-out ones, or NULL. */
static char *
find_lists (const GlossFinetuneOptions *options, char **validation, GError **error)
{
  const char *data = options->data[0];
  char *training;
  guint n;

  *validation = g_strdup (options->validation);
  if (!g_file_test (data, G_FILE_TEST_IS_DIR))
    return g_strdup (data);
  training = find_list (data, "train", &n);
  if (training && !*validation)
    *validation = find_list (data, "val", &n);
  if (!training)
    training = find_list (data, "", &n);
  if (!training)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 n == 0 ? "there is no list of captions in it, whose name would end in .jsonl"
                        : "there are several lists in it, and not one of them has \"train\" in its "
                          "name; name the list itself");
  return training;
}

static gboolean
add_lines (GArray *set, const GArray *lines, GlossFinetuneOptions *options,
           GlossTokenizer *tokenizer, GError **error)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const GlossCaptionLine *line = &g_array_index (lines, GlossCaptionLine, i);
      const char *prefix = line->prefix      ? line->prefix
                           : options->prompt ? options->prompt
                                             : GLOSS_CAPTION_DEFAULT_PROMPT;

      if (!gloss_example_set_add (set, tokenizer, line->image_path, prefix, line->suffix,
                                  (gsize) options->max_ids, options->keeps_case, error))
        return FALSE;
      options->trainer.max_ids =
          MAX (options->trainer.max_ids, gloss_example_set_get (set, set->len - 1)->n_ids);
    }
  return TRUE;
}

gboolean
gloss_finetune_data_read (GlossFinetuneOptions *options, GlossTokenizer *tokenizer,
                          GArray **training, GArray **validation, GError **error)
{
  g_autofree char *validation_path = NULL;
  g_autofree char *path = find_lists (options, &validation_path, error);
  g_autoptr (GArray) lines = NULL;
  g_autoptr (GArray) held_out = NULL;

  if (!path || !(lines = gloss_caption_lines_read (path, error)))
    return FALSE;
  held_out = validation_path ? gloss_caption_lines_read (validation_path, error)
                             : gloss_caption_lines_split (lines, options->validation_share,
                                                          (guint64) options->seed);
  if (!held_out)
    return FALSE;
  *training = gloss_example_set_new ();
  *validation = gloss_example_set_new ();
  return add_lines (*training, lines, options, tokenizer, error)
         && add_lines (*validation, held_out, options, tokenizer, error);
}
