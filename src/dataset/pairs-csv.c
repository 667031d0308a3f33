/* Tables of captions. */
#include "dataset/pairs-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/mapped-file.h"
#include "dataset/csv.h"

static int
find (char **header, const char *const *spellings)
{
  const char *name = gloss_pairs_find_column ((const char *const *) header, spellings);

  for (int i = 0; name && header[i]; i++)
    {
      if (header[i] == name)
        return i;
    }
  return -1;
}

static const char *
get (char **row, int column)
{
  guint n = g_strv_length (row);

  return column >= 0 && (guint) column < n ? row[column] : NULL;
}

static gboolean
read_rows (GlossPairsReader *reader, GlossCsv *csv, const char *name, GError **error)
{
  g_auto (GStrv) header = NULL;
  gboolean is_damaged = FALSE;
  guint line;
  int image, prefix, suffix;
  char **next;

  header = gloss_csv_next (csv, GLOSS_PAIRS_MAX_ENTRY_BYTES, &line, &is_damaged);
  for (guint i = 0; header && header[i]; i++)
    g_strstrip (header[i]);
  image = header ? find (header, gloss_pairs_image_spellings) : -1;
  suffix = header ? find (header, gloss_pairs_suffix_spellings) : -1;
  prefix = header ? find (header, gloss_pairs_prefix_spellings) : -1;
  if (image < 0 || suffix < 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the first line names no columns for the picture (as “file_name”) and "
                      "for the caption (as “caption”)"),
                   name);
      return FALSE;
    }
  reader->pairs->layout =
      g_str_has_prefix (name, "metadata") ? GLOSS_LAYOUT_HUGGING_FACE : GLOSS_LAYOUT_CSV;
  while ((next = gloss_csv_next (csv, GLOSS_PAIRS_MAX_ENTRY_BYTES, &line, &is_damaged)))
    {
      g_auto (GStrv) row = next;
      g_autofree char *where = g_strdup_printf ("%s:%u", name, line);

      if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
        return FALSE;
      if (is_damaged)
        gloss_pairs_reader_complain (
            reader, GLOSS_PAIRS_DAMAGED,
            g_strdup_printf (_ ("%s: the row is too long or not text in UTF-8"), where));
      else if (!gloss_pairs_reader_add (reader, where, get (row, image), get (row, prefix),
                                        get (row, suffix), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gloss_pairs_read_csv (GlossPairsReader *reader, const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, error);
  GlossCsv csv;

  if (!file)
    return FALSE;
  gloss_csv_init (&csv, (const char *) gloss_mapped_file_get_data (file),
                  gloss_mapped_file_get_size_bytes (file));
  return read_rows (reader, &csv, name, error) && gloss_mapped_file_check (file, error);
}
