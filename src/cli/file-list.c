/* The pictures that a person means. */
#include "cli/file-list.h"

#include "base/error.h"
#include "cli/messages.h"
#include "dataset/picture-folder.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* A list of names of ten million files. */
#define MAX_LIST_BYTES ((gsize) 1 << 31)

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
complain_about_number (GlossFileList *list, const char *path)
{
  if (list->n_unusable == 0)
    complain (list, path, "there are more than %u pictures; the others are left out",
              GLOSS_FILE_LIST_MAX);
}

static void
complain_about_folder (const char *path, int error_number, gpointer user_data)
{
  complain (user_data, path, "the folder cannot be read: %s", g_strerror (error_number));
}

void
gloss_file_list_add (GlossFileList *list, const char *path)
{
  guint n_before = list->files->len, n_unusable = list->n_unusable;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      if (n_before < GLOSS_FILE_LIST_MAX)
        g_ptr_array_add (list->files, g_strdup (path));
      else
        complain_about_number (list, path);
      return;
    }
  if (!gloss_picture_folder_append (list->files, path, list->recursive, GLOSS_FILE_LIST_MAX,
                                    complain_about_folder, list, NULL))
    complain_about_number (list, path);
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
