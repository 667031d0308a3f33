/* A store of captions in a folder of its own, for the tests. */
#include "library/captions.h"

#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

GlossCaptionStore *
gloss_captions_open (const char *path)
{
  g_autofree char *set_aside = NULL;
  g_autoptr (GError) error = NULL;
  GlossCaptionStore *store = gloss_caption_store_open (path, &set_aside, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (set_aside, ==, NULL);
  g_assert_nonnull (store);
  return store;
}

void
gloss_captions_set_up (Captions *captions, gconstpointer unused)
{
  captions->folder = gloss_test_folder_new ();
  captions->path = g_build_filename (captions->folder, "kept", "captions.sqlite", NULL);
  captions->store = gloss_captions_open (captions->path);
}

void
gloss_captions_tear_down (Captions *captions, gconstpointer unused)
{
  gloss_caption_store_free (captions->store);
  g_free (captions->path);
  gloss_test_folder_remove (captions->folder);
}

void
gloss_captions_add_test (const char *path, void (*func) (Captions *, gconstpointer))
{
  g_test_add (path, Captions, NULL, gloss_captions_set_up, func, gloss_captions_tear_down);
}

void
gloss_captions_close (Captions *captions)
{
  g_clear_pointer (&captions->store, gloss_caption_store_free);
}

void
gloss_captions_reopen (Captions *captions)
{
  gloss_caption_store_free (captions->store);
  captions->store = gloss_captions_open (captions->path);
}

char *
gloss_captions_make_picture (const Captions *captions, const char *name, const char *content)
{
  char *path = g_build_filename (captions->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (content)
    g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
  return path;
}

void
gloss_captions_set (GlossCaptionStore *store, const char *picture, const char *text)
{
  GlossCaptionRecord record = { .text = (char *) text,
                                .model = (char *) "m",
                                .prompt = (char *) "p" };
  g_autoptr (GError) error = NULL;
  gboolean is_good = gloss_caption_store_set (store, picture, &record, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (is_good);
}

void
gloss_captions_edit (GlossCaptionStore *store, const char *picture, const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean is_good = gloss_caption_store_edit (store, picture, text, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (is_good);
}

static void
append_record (GString *line, const GlossCaptionRecord *record)
{
  static const char *const marks[GLOSS_N_CAPTION_ORIGINS] = { "", "*", "+" };

  g_string_append_printf (line, "%s%s", record->text, marks[record->origin]);
}

char *
gloss_captions_describe (GlossCaptionStore *store, const char *picture)
{
  g_autoptr (GlossCaptionRecord) current = NULL;
  g_autoptr (GPtrArray) history = NULL;
  g_autoptr (GError) error = NULL;
  GString *line = g_string_new (NULL);

  gloss_caption_store_load (store, picture, &current, &history, NULL, &error);
  g_assert_no_error (error);
  if (current)
    append_record (line, current);
  else
    g_string_append_c (line, '-');
  for (guint i = 0; i < history->len; i++)
    {
      g_string_append_c (line, '|');
      append_record (line, g_ptr_array_index (history, i));
    }
  return g_string_free (line, FALSE);
}

guint
gloss_captions_count_files (const Captions *captions, const char *part)
{
  g_autofree char *folder = g_path_get_dirname (captions->path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)))
    n += strstr (name, part) && !g_str_has_suffix (name, "-journal") ? 1 : 0;
  return n;
}

gboolean
gloss_captions_holds_bytes (const Captions *captions, const char *text)
{
  g_autofree char *folder = g_path_get_dirname (captions->path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gboolean is_found = FALSE;
  const char *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *content = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
      is_found = is_found || memmem (content, n_bytes, text, strlen (text));
    }
  return is_found;
}
