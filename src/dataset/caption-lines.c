/* Pictures and captions as big_vision lists them. */
#include "dataset/caption-lines.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mapped-file.h"
#include "base/random.h"

#include <string.h>

#define MAX_FILE_BYTES ((gsize) 256 << 20)
#define MAX_LINE_BYTES ((gsize) 1 << 20)

static void
clear_line (gpointer data)
{
  GlossCaptionLine *line = data;

  g_free (line->image_path);
  g_free (line->prefix);
  g_free (line->suffix);
}

static GArray *
lines_new (void)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (GlossCaptionLine));

  g_array_set_clear_func (lines, clear_line);
  return lines;
}

/* @origin is "file, line 3". */
static gboolean
append_line (GArray *lines, const char *text, gsize n_bytes, const char *folder, const char *origin,
             GError **error)
{
  g_autoptr (json_t) root = gloss_json_parse (text, n_bytes, MAX_LINE_BYTES, origin, error);
  const char *image, *suffix;
  json_t *prefix;

  if (!root)
    return FALSE;
  image = json_string_value (json_object_get (root, "image"));
  suffix = json_string_value (json_object_get (root, "suffix"));
  prefix = json_object_get (root, "prefix");
  if (!image || !*image || !suffix || (prefix && !json_is_string (prefix)))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: must have \"image\" and \"suffix\", and may have \"prefix\", all texts"),
                   origin);
      return FALSE;
    }

  GlossCaptionLine line = {
    .image_path =
        g_path_is_absolute (image) ? g_strdup (image) : g_build_filename (folder, image, NULL),
    .prefix = g_strdup (json_string_value (prefix)),
    .suffix = g_strdup (suffix),
  };

  g_array_append_val (lines, line);
  return TRUE;
}

static gboolean
is_blank (const char *text, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    {
      if (!g_ascii_isspace (text[i]))
        return FALSE;
    }
  return TRUE;
}

GArray *
gloss_caption_lines_read (const char *path, GError **error)
{
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, error);
  g_autoptr (GArray) lines = lines_new ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_filename_display_basename (path);
  const char *text;
  gsize n_bytes;

  if (!file)
    return NULL;
  text = (const char *) gloss_mapped_file_get_data (file);
  n_bytes = gloss_mapped_file_get_size_bytes (file);
  if (n_bytes > MAX_FILE_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: has %.0f MB, but a list of captions may have %.0f MB at most"), name,
                   (double) n_bytes / 1e6, (double) MAX_FILE_BYTES / 1e6);
      return NULL;
    }
  for (gsize at = 0, number = 1; at < n_bytes; number++)
    {
      const char *end = memchr (text + at, '\n', n_bytes - at);
      gsize length = end ? (gsize) (end - text) - at : n_bytes - at;
      g_autofree char *origin = g_strdup_printf (_ ("%s, line %zu"), name, number);

      if (!is_blank (text + at, length)
          && !append_line (lines, text + at, length, folder, origin, error))
        return NULL;
      at += length + 1;
    }
  if (!gloss_mapped_file_check (file, error))
    return NULL;
  if (lines->len == 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: lists no picture"), name);
      return NULL;
    }
  return g_steal_pointer (&lines);
}

GArray *
gloss_caption_lines_split (GArray *lines, double share, guint64 seed)
{
  guint n = lines->len, n_taken = (guint) ((double) n * share + 0.5);
  g_autoptr (GArray) rest = lines_new ();
  GArray *taken = lines_new ();
  g_autofree gboolean *is_taken = g_new0 (gboolean, n);
  GlossRandom random;

  gloss_random_init (&random, seed);
  n_taken = n < 2 ? 0 : CLAMP (n_taken, 1, n - 1);
  for (guint n_left = n_taken; n_left > 0;)
    {
      guint i = (guint) (gloss_random_next_double (&random) * n);

      n_left -= !is_taken[i];
      is_taken[i] = TRUE;
    }
  for (guint i = 0; i < n; i++)
    g_array_append_val (is_taken[i] ? taken : rest, g_array_index (lines, GlossCaptionLine, i));

  /* the strings have moved */
  g_array_set_clear_func (lines, NULL);
  g_array_set_size (lines, 0);
  g_array_set_clear_func (lines, clear_line);
  g_array_append_vals (lines, rest->data, rest->len);
  g_array_set_clear_func (rest, NULL);
  return taken;
}
