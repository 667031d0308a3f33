/* Whether a model fits on the disk, by the free space that the disk of the test has. */
#include "library/install-space.h"
#include "support/asserts.h"

#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

typedef struct
{
  const char *case_name;
  const char *name;
  double per_free; /* its size, in parts of the free space */
  gboolean fits;
  const char *says;
} Case;

static const Case cases[] = {
  { "safetensors", "model.safetensors", 0.7, TRUE, NULL },
  { "too-many-safetensors", "model.safetensors", 1.1, FALSE, "are still to be downloaded" },
  { "npz", "a.npz", 0.45, TRUE, NULL },
  { "npz-without-room-to-prepare", "a.npz", 0.7, FALSE, "the file that Gloss prepares" },
  { "archive", "a.tar.gz", 0.3, TRUE, NULL },
  { "archive-without-room-to-unpack", "A.TGZ", 0.6, FALSE, "what is in the archive" },
  { "archive-without-room-to-prepare", "a.zip", 0.4, FALSE, "prepares" },
  { "more-than-there-is", "a.npz", 1e6, FALSE, "prepares" },
};

static void
test_model_should_fit_or_not (gconstpointer data)
{
  const Case *one = data;
  char *folder = gloss_test_folder_new ();
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  GlossSourceFile file = { .name = (char *) one->name };
  GlossSourceFile small = { .name = (char *) "tokenizer.model", .n_bytes = 4000000 };
  g_autoptr (GError) error = NULL;
  struct statvfs disk;

  g_assert_cmpint (statvfs (folder, &disk), ==, 0);
  file.n_bytes = (guint64) (one->per_free * (double) disk.f_bavail * (double) disk.f_frsize);
  g_ptr_array_add (files, &file);
  g_ptr_array_add (files, &small);
  g_assert_cmpint (gloss_install_check_space (folder, files, &error), ==, one->fits);
  if (!one->fits)
    {
      g_test_message ("%s", error->message);
      gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, one->says);
    }
  gloss_test_folder_remove (folder);
}

/* What is there already needs no room. */
static void
test_what_is_there_should_count (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *part = g_build_filename (folder, "model.safetensors.part", NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  GlossSourceFile file = { .name = (char *) "sub/model.safetensors" };
  g_autoptr (GError) error = NULL;
  struct statvfs disk;

  g_assert_true (g_file_set_contents (part, "", 0, NULL));
  g_assert_cmpint (statvfs (folder, &disk), ==, 0);
  file.n_bytes = (guint64) ((double) disk.f_bavail * (double) disk.f_frsize * 1.1);
  g_ptr_array_add (files, &file);
  g_assert_false (gloss_install_check_space (folder, files, &error));
  g_clear_error (&error);
  /* as long, but taking no room on this disk */
  g_assert_cmpint (truncate (part, (off_t) (file.n_bytes / 2)), ==, 0);
  gloss_install_check_space (folder, files, &error);
  g_assert_no_error (error);
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/library/install-space/", cases[i].case_name, NULL);

      g_test_add_data_func (path, &cases[i], test_model_should_fit_or_not);
    }
  g_test_add_func ("/library/install-space/what-is-there-should-count",
                   test_what_is_there_should_count);
  return g_test_run ();
}
