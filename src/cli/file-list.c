/* The pictures that a person means. */
#include "cli/file-list.h"

#include "base/error.h"
#include "model/image-kind.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* Deeper than any library of pictures; ends a loop that is none of links. */
#define MAX_DEPTH 64

/* A list of names of ten million files. */
#define MAX_LIST_BYTES ((gsize) 1 << 31)

static int
compare_names (gconstpointer a, gconstpointer b)
{
  g_autofree char *key_a = g_utf8_collate_key_for_filename (*(const char *const *) a, -1);
  g_autofree char *key_b = g_utf8_collate_key_for_filename (*(const char *const *) b, -1);

  return strcmp (key_a, key_b);
}

static gboolean
add_folder (GPtrArray *files, const char *path, gboolean recursive, guint depth, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &local_error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (!dir)
    {
      g_autofree char *base = g_path_get_basename (path);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: the folder cannot be read: %s", base,
                   local_error->message);
      return FALSE;
    }
  while ((name = g_dir_read_name (dir)))
    {
      if (name[0] != '.')
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *child = g_build_filename (path, g_ptr_array_index (names, i), NULL);
      gboolean is_folder = g_file_test (child, G_FILE_TEST_IS_DIR);

      if (files->len >= GLOSS_FILE_LIST_MAX)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                       "there are more than %u pictures; name fewer folders", GLOSS_FILE_LIST_MAX);
          return FALSE;
        }
      if (!is_folder && gloss_image_kind_has_known_suffix (child))
        g_ptr_array_add (files, g_steal_pointer (&child));
      else if (is_folder && recursive && depth < MAX_DEPTH
               && !g_file_test (child, G_FILE_TEST_IS_SYMLINK)
               && !add_folder (files, child, recursive, depth + 1, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
gloss_file_list_add (GPtrArray *files, const char *path, gboolean recursive, GError **error)
{
  guint n_before = files->len;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_ptr_array_add (files, g_strdup (path));
      return TRUE;
    }
  if (!add_folder (files, path, recursive, 0, error))
    return FALSE;
  if (files->len == n_before)
    {
      g_autofree char *base = g_path_get_basename (path);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "%s: there are no pictures in this folder%s", base,
                   recursive ? "" : " itself; --recursive looks into its folders too");
      return FALSE;
    }
  return TRUE;
}

static GBytes *
read_all (const char *path, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  FILE *stream = strcmp (path, "-") == 0 ? stdin : g_fopen (path, "re");
  char block[65536];
  gsize n;

  if (!stream)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "the list cannot be read: %s",
                   g_strerror (errno));
      return NULL;
    }
  while ((n = fread (block, 1, sizeof block, stream)) > 0 && bytes->len < MAX_LIST_BYTES)
    g_byte_array_append (bytes, (const guint8 *) block, (guint) n);
  if (ferror (stream))
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "the list cannot be read: %s",
                   g_strerror (errno));
      if (stream != stdin)
        fclose (stream);
      return NULL;
    }
  if (stream != stdin)
    fclose (stream);
  if (bytes->len >= MAX_LIST_BYTES)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           "the list is longer than 2 GB");
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

gboolean
gloss_file_list_add_from (GPtrArray *files, const char *path, gboolean recursive, GError **error)
{
  g_autoptr (GBytes) bytes = read_all (path, error);
  const char *text, *end;
  char separator;
  gsize n_bytes;

  if (!bytes)
    return FALSE;
  text = g_bytes_get_data (bytes, &n_bytes);
  if (n_bytes == 0)
    return TRUE;
  end = text + n_bytes;
  /* as editors of another system begin a text */
  if (n_bytes >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      n_bytes -= 3;
    }
  separator = memchr (text, '\0', n_bytes) ? '\0' : '\n';
  while (text < end)
    {
      const char *stop = memchr (text, separator, (gsize) (end - text));
      gsize length = (gsize) ((stop ? stop : end) - text);
      g_autofree char *name = NULL;

      /* lists that were made on another system end their lines in CR LF */
      name = g_strndup (
          text, separator == '\n' && length > 0 && text[length - 1] == '\r' ? length - 1 : length);
      if (*name && !gloss_file_list_add (files, name, recursive, error))
        return FALSE;
      text += length + 1;
    }
  return TRUE;
}
