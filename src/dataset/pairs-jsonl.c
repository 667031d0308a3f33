/* Lists of captions with one JSON object in each line. */
#include "dataset/pairs-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mapped-file.h"

#include <string.h>

/* The value of the first of the @spellings that @object has as a string, or NULL. */
static const char *
get (json_t *object, const char *const *spellings)
{
  for (guint i = 0; spellings[i]; i++)
    {
      const char *value = json_string_value (json_object_get (object, spellings[i]));

      if (value)
        return value;
    }
  return NULL;
}

static void
note_layout (GlossPairsReader *reader, json_t *object, const char *name)
{
  if (reader->pairs->pairs->len > 0)
    return;
  if (g_str_has_prefix (name, "metadata") && json_object_get (object, "file_name"))
    reader->pairs->layout = GLOSS_LAYOUT_HUGGING_FACE;
  else if (json_object_get (object, "image") && json_object_get (object, "suffix"))
    reader->pairs->layout = GLOSS_LAYOUT_BIG_VISION;
  else
    reader->pairs->layout = GLOSS_LAYOUT_JSONL;
}

static gboolean
read_line (GlossPairsReader *reader, const char *line, gsize n_bytes, const char *name,
           const char *where, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (json_t) object =
      gloss_json_parse (line, n_bytes, GLOSS_PAIRS_MAX_ENTRY_BYTES, where, &failure);

  if (!object || !json_is_object (object))
    {
      gloss_pairs_reader_complain (
          reader, GLOSS_PAIRS_DAMAGED,
          object ? g_strdup_printf (_ ("%s: the line is not a JSON object"), where)
                 : g_strdup (failure->message));
      return TRUE;
    }
  note_layout (reader, object, name);
  return gloss_pairs_reader_add (reader, where, get (object, gloss_pairs_image_spellings),
                                 get (object, gloss_pairs_prefix_spellings),
                                 get (object, gloss_pairs_suffix_spellings), error);
}

static gboolean
is_blank (const char *line, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    {
      if (!g_ascii_isspace (line[i]))
        return FALSE;
    }
  return TRUE;
}

gboolean
gloss_pairs_read_jsonl (GlossPairsReader *reader, const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, error);
  const char *text, *end;

  if (!file)
    return FALSE;
  text = (const char *) gloss_mapped_file_get_data (file);
  end = text + gloss_mapped_file_get_size_bytes (file);
  if (end - text >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    text += 3;
  for (guint n = 1; text < end; n++)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      const char *line_end = newline ? newline : end;
      g_autofree char *where = g_strdup_printf ("%s:%u", name, n);

      if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
        return FALSE;
      if (!is_blank (text, (gsize) (line_end - text))
          && !read_line (reader, text, (gsize) (line_end - text), name, where, error))
        return FALSE;
      text = newline ? newline + 1 : end;
    }
  return gloss_mapped_file_check (file, error);
}
