/* Archives that are unpacked while they come, from a file that grows under the test's hands. */
#include "base/error.h"
#include "net/server.h"
#include "net/unpack.h"
#include "support/asserts.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define N_BYTES (6 << 20)

typedef struct
{
  char *folder; /* owned, as all */
  char *path;
  char *out;
  GBytes *content;
  GlossGrowingFile *file;
  GCancellable *on_failure;
  GlossUnpacking *unpacking;
  int descriptor;
  guint64 n_bytes; /* written */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = gloss_test_folder_new ();
  fixture->path = g_build_filename (fixture->folder, "model.bin", NULL);
  fixture->out = g_build_filename (fixture->folder, "out", NULL);
  fixture->content = server_make_data (N_BYTES, 1);
  fixture->file = gloss_growing_file_new ();
  fixture->on_failure = g_cancellable_new ();
  fixture->descriptor = g_open (fixture->path, O_RDWR | O_CREAT, 0600);
  g_assert_cmpint (fixture->descriptor, >=, 0);
  fixture->unpacking = gloss_unpacking_new (fixture->file, fixture->out, NULL, fixture->on_failure);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->unpacking, gloss_unpacking_free);
  gloss_growing_file_unref (fixture->file);
  g_object_unref (fixture->on_failure);
  g_bytes_unref (fixture->content);
  close (fixture->descriptor);
  gloss_test_folder_remove (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->out);
}

static void
add (struct archive *archive, const char *name, GBytes *content)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_size (entry, (gint64) g_bytes_get_size (content));
  g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
  archive_write_data (archive, g_bytes_get_data (content, NULL), g_bytes_get_size (content));
  archive_entry_free (entry);
}

/* An archive of @name with the content and then "last". */
static GBytes *
make_archive (Fixture *fixture, const char *name, gboolean is_zip)
{
  g_autofree char *path = g_build_filename (fixture->folder, "made", NULL);
  g_autoptr (GBytes) last = g_bytes_new_static ("last", 4);
  struct archive *archive = archive_write_new ();
  char *bytes;
  gsize n_bytes;

  if (is_zip)
    archive_write_set_format_zip (archive);
  else
    {
      archive_write_set_format_pax_restricted (archive);
      archive_write_add_filter_gzip (archive);
    }
  g_assert_cmpint (archive_write_open_filename (archive, path), ==, ARCHIVE_OK);
  add (archive, name, fixture->content);
  add (archive, "last", last);
  g_assert_cmpint (archive_write_free (archive), ==, ARCHIVE_OK);
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  g_unlink (path);
  return g_bytes_new_take (bytes, n_bytes);
}

static void
begin (Fixture *fixture)
{
  gloss_growing_file_begin (fixture->file, fixture->descriptor, 0);
  g_assert_cmpint (ftruncate (fixture->descriptor, 0), ==, 0);
  fixture->n_bytes = 0;
}

/* Writes on, up to @end of @archive. */
static void
grow (Fixture *fixture, GBytes *archive, gsize end)
{
  const guint8 *bytes = g_bytes_get_data (archive, NULL);

  while (fixture->n_bytes < end)
    {
      gsize n = MIN (end - fixture->n_bytes, 50000);

      g_assert_cmpint (
          pwrite (fixture->descriptor, bytes + fixture->n_bytes, n, (off_t) fixture->n_bytes), ==,
          (gssize) n);
      fixture->n_bytes += n;
      gloss_growing_file_advance (fixture->file, fixture->n_bytes);
    }
}

/* How much of the file @name lies in the hidden folder. */
static guint64
measure_hidden (Fixture *fixture, const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *child;

  while ((child = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (fixture->folder, child, name, NULL);
      GStatBuf status;

      if (g_str_has_prefix (child, ".gloss-unpack-") && g_stat (path, &status) == 0)
        return (guint64) status.st_size;
    }
  return 0;
}

static void
wait_for_hidden (Fixture *fixture, const char *name, guint64 n_bytes)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (measure_hidden (fixture, name) < n_bytes && g_get_monotonic_time () < end)
    g_usleep (2000);
  g_assert_cmpuint (measure_hidden (fixture, name), >=, n_bytes);
}

static void
assert_unpacked (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->out, name, NULL);
  g_autofree char *last = g_build_filename (fixture->out, "last", NULL);
  g_autofree char *content = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  g_assert_cmpmem (content, n_bytes, g_bytes_get_data (fixture->content, NULL), N_BYTES);
  g_assert_true (g_file_test (last, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (measure_hidden (fixture, name), ==, 0);
}

static void
finish (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  gloss_growing_file_end (fixture->file, TRUE);
  gloss_unpacking_finish (fixture->unpacking, fixture->path, NULL, &error);
  g_assert_no_error (error);
}

static void
test_tar_should_be_unpacked_before_it_is_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "model", FALSE);

  begin (fixture);
  grow (fixture, archive, g_bytes_get_size (archive) / 2);
  /* but for what waits for its batch */
  wait_for_hidden (fixture, "model", N_BYTES / 8);
  g_assert_false (g_file_test (fixture->out, G_FILE_TEST_EXISTS));
  grow (fixture, archive, g_bytes_get_size (archive));
  g_assert_false (g_file_test (fixture->out, G_FILE_TEST_EXISTS));
  finish (fixture);
  assert_unpacked (fixture, "model");
}

static void
test_another_version_should_not_be_mixed_in (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "old", FALSE);
  g_autoptr (GBytes) other = make_archive (fixture, "new", FALSE);
  g_autofree char *old = g_build_filename (fixture->out, "old", NULL);
  gsize half = g_bytes_get_size (archive) / 2;

  /* half of it, and all of it, before the server has another one */
  for (guint i = 1; i <= 2; i++)
    {
      begin (fixture);
      grow (fixture, archive, half * i);
      wait_for_hidden (fixture, "old", N_BYTES / 8 * i);
    }
  begin (fixture);
  grow (fixture, other, g_bytes_get_size (other));
  finish (fixture);
  assert_unpacked (fixture, "new");
  g_assert_false (g_file_test (old, G_FILE_TEST_EXISTS));
}

static void
test_evil_archive_should_stop_the_download (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "../model", FALSE);
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;

  g_assert_false (gloss_unpacking_get_failure (fixture->unpacking, NULL));
  begin (fixture);
  grow (fixture, archive, g_bytes_get_size (archive) / 2);
  while (!g_cancellable_is_cancelled (fixture->on_failure) && g_get_monotonic_time () < end)
    g_usleep (2000);
  while (!gloss_unpacking_get_failure (fixture->unpacking, NULL) && g_get_monotonic_time () < end)
    g_usleep (2000);
  g_assert_true (gloss_unpacking_get_failure (fixture->unpacking, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "leads out");
  g_assert_false (gloss_unpacking_finish (fixture->unpacking, fixture->path, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "model.bin: its entry");
  g_assert_false (g_file_test (fixture->out, G_FILE_TEST_EXISTS));
}

static void
test_zip_should_be_unpacked_when_it_is_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "model", TRUE);

  begin (fixture);
  grow (fixture, archive, g_bytes_get_size (archive));
  finish (fixture);
  assert_unpacked (fixture, "model");
}

/* What is there already is not downloaded, and so never grows. */
static void
test_file_that_is_there_should_be_unpacked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "model", FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, g_bytes_get_data (archive, NULL),
                                      (gssize) g_bytes_get_size (archive), NULL));
  gloss_unpacking_finish (fixture->unpacking, fixture->path, NULL, &error);
  g_assert_no_error (error);
  assert_unpacked (fixture, "model");
}

static void
test_given_up_should_leave_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "model", FALSE);

  begin (fixture);
  grow (fixture, archive, g_bytes_get_size (archive) / 2);
  wait_for_hidden (fixture, "model", N_BYTES / 8);
  gloss_growing_file_end (fixture->file, FALSE);
  g_clear_pointer (&fixture->unpacking, gloss_unpacking_free);
  g_assert_false (g_cancellable_is_cancelled (fixture->on_failure));
  g_assert_cmpuint (measure_hidden (fixture, "model"), ==, 0);
  g_assert_false (g_file_test (fixture->out, G_FILE_TEST_EXISTS));
}

static void
test_archive_that_ends_too_early_should_be_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "model", FALSE);
  g_autoptr (GError) error = NULL;

  begin (fixture);
  grow (fixture, archive, g_bytes_get_size (archive) / 2);
  gloss_growing_file_end (fixture->file, TRUE);
  g_assert_false (gloss_unpacking_finish (fixture->unpacking, fixture->path, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "is damaged");
  g_assert_false (g_file_test (fixture->out, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add ("/net/unpack-arriving/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("tar-should-be-unpacked-before-it-is-whole", test_tar_should_be_unpacked_before_it_is_whole);
  ADD ("another-version-should-not-be-mixed-in", test_another_version_should_not_be_mixed_in);
  ADD ("evil-archive-should-stop-the-download", test_evil_archive_should_stop_the_download);
  ADD ("zip-should-be-unpacked-when-it-is-whole", test_zip_should_be_unpacked_when_it_is_whole);
  ADD ("file-that-is-there-should-be-unpacked", test_file_that_is_there_should_be_unpacked);
  ADD ("given-up-should-leave-nothing", test_given_up_should_leave_nothing);
  ADD ("archive-that-ends-too-early-should-be-refused",
       test_archive_that_ends_too_early_should_be_refused);
  return g_test_run ();
}
