/* Pictures that came without a file. */
#include "app/pasted.h"

#include "base/atomic-file.h"

#include <errno.h>
#include <glib/gstdio.h>

/* 64 bits of the digest: two pictures of one person do not meet. */
#define N_NAME_CHARS 16

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "gloss", "pasted", NULL);
}

static void
save (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GBytes) png = gdk_texture_save_to_png_bytes (data);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, png);
  g_autofree char *name = g_strdup_printf ("pasted-%.*s.png", N_NAME_CHARS, hash);
  g_autofree char *folder = get_folder ();
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GError *error = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", folder,
                             g_strerror (errno));
  else if (!g_file_test (path, G_FILE_TEST_EXISTS)
           && !gloss_atomic_file_write (path, g_bytes_get_data (png, NULL), g_bytes_get_size (png),
                                        &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_file_new_for_path (path), g_object_unref);
}

void
gloss_pasted_save_async (GdkTexture *texture, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, g_object_ref (texture), g_object_unref);
  g_task_run_in_thread (task, save);
}

GFile *
gloss_pasted_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
gloss_pasted_delete (const char *path)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *its_folder = g_path_get_dirname (path);

  if (g_str_equal (folder, its_folder))
    g_unlink (path);
}
