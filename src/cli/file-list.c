/* The pictures that a person means. */
#include "cli/file-list.h"

#include "base/error.h"
#include "cli/messages.h"
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

void
gloss_file_list_init (GlossFileList *list, gboolean recursive)
{
  *list = (GlossFileList){ g_ptr_array_new_with_free_func (g_free), recursive, 0 };
}

void
gloss_file_list_clear (GlossFileList *list)
{
  g_clear_pointer (&list->files, g_ptr_array_unref);
}

static void G_GNUC_PRINTF (3, 4)
    complain (GlossFileList *list, const char *subject, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list arguments;

  va_start (arguments, format);
  sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  gloss_cli_complain (subject, sentence);
  list->n_unusable++;
}

static void
add_file (GlossFileList *list, const char *path)
{
  if (list->files->len < GLOSS_FILE_LIST_MAX)
    g_ptr_array_add (list->files, g_strdup (path));
  else if (list->files->len == GLOSS_FILE_LIST_MAX && list->n_unusable == 0)
    complain (list, path, "there are more than %u pictures; the others are left out",
              GLOSS_FILE_LIST_MAX);
}

static void
add_folder (GlossFileList *list, const char *path, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (!dir)
    {
      complain (list, path, "the folder cannot be read: %s", g_strerror (errno));
      return;
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

      if (!is_folder && gloss_image_kind_has_known_suffix (child))
        add_file (list, child);
      else if (is_folder && list->recursive && depth < MAX_DEPTH
               && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        add_folder (list, child, depth + 1);
    }
}

void
gloss_file_list_add (GlossFileList *list, const char *path)
{
  guint n_before = list->files->len, n_unusable = list->n_unusable;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      add_file (list, path);
      return;
    }
  add_folder (list, path, 0);
  if (list->files->len == n_before && list->n_unusable == n_unusable)
    complain (list, path, "there are no pictures in this folder%s",
              list->recursive ? "" : " itself; --recursive looks into its folders too");
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

void
gloss_file_list_add_from (GlossFileList *list, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = read_all (path, &error);
  const char *text, *end;
  char separator;
  gsize n_bytes;

  if (!bytes)
    {
      complain (list, path, "%s", error->message);
      return;
    }
  text = g_bytes_get_data (bytes, &n_bytes);
  if (n_bytes == 0)
    return;
  end = text + n_bytes;
  /* as editors of another system begin a text */
  if (n_bytes >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    text += 3;
  separator = memchr (text, '\0', (gsize) (end - text)) ? '\0' : '\n';
  while (text < end)
    {
      const char *stop = memchr (text, separator, (gsize) (end - text));
      gsize length = (gsize) ((stop ? stop : end) - text);
      gboolean has_return = separator == '\n' && length > 0 && text[length - 1] == '\r';
      g_autofree char *name = g_strndup (text, length - (has_return ? 1 : 0));

      if (*name)
        gloss_file_list_add (list, name);
      text += length + 1;
    }
}
