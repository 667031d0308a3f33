/* Files that cannot be opened: each reason has its own sentence and code. */
#include "base/error.h"
#include "model/image-file.h"
#include "model/image.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

typedef struct
{
  char *folder;
} Scratch;

static void
scratch_set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
}

static void
scratch_tear_down (Scratch *scratch, gconstpointer unused)
{
  gloss_test_folder_remove (scratch->folder);
}

/* @message: all of it behind the name. */
static void
assert_fails (const char *path, const char *name, GQuark domain, int code, const char *message)
{
  g_autofree char *expected = g_strdup_printf ("%s: %s", name, message);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_image_load (path, NULL, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, domain, code);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_names_that_lead_nowhere (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *missing = g_build_filename (scratch->folder, "missing.png", NULL);
  g_autofree char *deep = g_build_filename (scratch->folder, "no", "a.png", NULL);
  g_autofree char *dangling = g_build_filename (scratch->folder, "dangling.png", NULL);
  g_autofree char *loop = g_build_filename (scratch->folder, "loop.png", NULL);
  g_autofree char *file = g_build_filename (scratch->folder, "file", NULL);
  g_autofree char *below = g_build_filename (file, "a.png", NULL);
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autofree char *long_path = g_build_filename (scratch->folder, long_name, NULL);
  g_autofree char *no_folder =
      g_strdup_printf ("there is no such file, nor its folder \"%s/no\"", scratch->folder);

  g_assert_cmpint (symlink ("gone.png", dangling), ==, 0);
  g_assert_cmpint (symlink ("loop.png", loop), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  assert_fails (missing, "missing.png", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no such file");
  assert_fails (deep, "a.png", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, no_folder);
  assert_fails (dangling, "dangling.png", G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                "this is a link to \"gone.png\", which does not exist");
  assert_fails (loop, "loop.png", G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS,
                "the links lead in a circle");
  assert_fails (below, "a.png", G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY,
                "a part of the path to it is a file, not a folder");
  assert_fails (long_path, long_name, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
                "the name is longer than the system allows");
  assert_fails ("", "\"\"", G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                "a file without a name cannot be read");
}

static void
test_what_is_not_a_file (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *name = g_path_get_basename (scratch->folder);
  g_autofree char *pipe = g_build_filename (scratch->folder, "pipe.png", NULL);

  assert_fails (scratch->folder, name, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                "this is a folder, not a picture");
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  assert_fails (pipe, "pipe.png", G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                "pictures from a pipe are not read; save it as a file first");
  assert_fails ("/dev/zero", "zero", G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                "this is a device or a socket; pictures are only read from files");
}

static void
test_sizes_that_are_not_possible (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (scratch->folder, "a.png", NULL);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_fails (path, "a.png", GLOSS_ERROR, GLOSS_ERROR_FORMAT, "the file is empty");
  g_assert_cmpint (truncate (path, (off_t) GLOSS_IMAGE_MAX_FILE_BYTES + 1), ==, 0);
  assert_fails (path, "a.png", GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                "the file has 1073741825 bytes, a picture at most 1073741824");
}

/* As somebody who is not root, for whom nothing is forbidden. */
static void
test_what_is_not_permitted (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (scratch->folder, "secret.png", NULL);
  g_autofree char *folder = g_build_filename (scratch->folder, "closed", NULL);
  g_autofree char *below = g_build_filename (folder, "a.png", NULL);
  gboolean is_root = geteuid () == 0;

  g_assert_cmpint (g_chmod (scratch->folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (g_chmod (file, 0), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  assert_fails (file, "secret.png", G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                "you have no permission to read this file");
  assert_fails (below, "a.png", G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                "you have no permission to open the folder that holds it");
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
}

static void
test_link_to_a_picture_should_do (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *picture = gloss_test_path ("fixtures/pictures/rgb.png");
  g_autofree char *link = g_build_filename (scratch->folder, "link.png", NULL);
  g_autoptr (GlossImage) image = NULL;

  g_assert_cmpint (symlink (picture, link), ==, 0);
  image = gloss_image_load (link, NULL, NULL);
  g_assert_nonnull (image);
  g_assert_cmpuint (image->width_px, ==, 8);
}

static void
add (const char *path, void (*func) (Scratch *, gconstpointer))
{
  g_test_add (path, Scratch, NULL, scratch_set_up, func, scratch_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/model/image-file/names-that-lead-nowhere/should-be-explained",
       test_names_that_lead_nowhere);
  add ("/model/image-file/what-is-not-a-file/should-be-explained", test_what_is_not_a_file);
  add ("/model/image-file/impossible-sizes/should-be-explained", test_sizes_that_are_not_possible);
  add ("/model/image-file/what-is-not-permitted/should-be-explained", test_what_is_not_permitted);
  add ("/model/image-file/link-to-a-picture/should-do", test_link_to_a_picture_should_do);
  return g_test_run ();
}
