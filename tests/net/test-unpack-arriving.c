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

typedef enum
{
  KIND_TAR,
  KIND_ZIP,
  KIND_STORED_ZIP,
} Kind;

/* An archive of @name with the content and then "last". */
static GBytes *
make_archive (Fixture *fixture, const char *name, Kind kind)
{
  g_autofree char *path = g_build_filename (fixture->folder, "made", NULL);
  g_autoptr (GBytes) last = g_bytes_new_static ("last", 4);
  struct archive *archive = archive_write_new ();
  char *bytes;
  gsize n_bytes;

  if (kind != KIND_TAR)
    archive_write_set_format_zip (archive);
  if (kind == KIND_STORED_ZIP)
    archive_write_zip_set_compression_store (archive);
  if (kind == KIND_TAR)
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
  g_autoptr (GBytes) archive = make_archive (fixture, "model", KIND_TAR);

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
  g_autoptr (GBytes) archive = make_archive (fixture, "old", KIND_TAR);
  g_autoptr (GBytes) other = make_archive (fixture, "new", KIND_TAR);
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
  g_autoptr (GBytes) archive = make_archive (fixture, "../model", KIND_TAR);
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
test_zip_should_be_unpacked_before_it_is_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "model", KIND_ZIP);

  begin (fixture);
  grow (fixture, archive, g_bytes_get_size (archive) / 2);
  wait_for_hidden (fixture, "model", N_BYTES / 8);
  g_assert_false (g_file_test (fixture->out, G_FILE_TEST_EXISTS));
  grow (fixture, archive, g_bytes_get_size (archive));
  finish (fixture);
  assert_unpacked (fixture, "model");
}

static void
write_u16 (guint8 *bytes, guint value)
{
  bytes[0] = (guint8) value;
  bytes[1] = (guint8) (value >> 8);
}

/* The last place at which the zip archive has "PK" with @kind behind it. */
static guint8 *
find_last (guint8 *bytes, gsize n_bytes, guint8 kind)
{
  for (gsize at = n_bytes - 4; at > 0; at--)
    {
      if (memcmp (bytes + at, "PK", 2) == 0 && bytes[at + 2] == kind && bytes[at + 3] == kind + 1)
        return bytes + at;
    }
  g_assert_not_reached ();
}

/* What is not said before a stored member is how long it is: only the directory can tell. */
static void
test_zip_that_cannot_be_streamed_should_be_unpacked_when_it_is_whole (Fixture *fixture,
                                                                      gconstpointer data)
{
  g_autoptr (GBytes) made = make_archive (fixture, "model", KIND_STORED_ZIP);
  gsize n_bytes = g_bytes_get_size (made);
  guint8 *bytes = g_memdup2 (g_bytes_get_data (made, NULL), n_bytes);
  g_autoptr (GBytes) archive = g_bytes_new_take (bytes, n_bytes);

  write_u16 (bytes + 6, bytes[6] | 8);
  memset (bytes + 14, 0, 12);
  begin (fixture);
  grow (fixture, archive, n_bytes);
  g_usleep (100000);
  g_assert_cmpuint (measure_hidden (fixture, "model"), ==, 0);
  finish (fixture);
  assert_unpacked (fixture, "model");
}

/* What the directory says of "last", which is its last entry. */
typedef enum
{
  LIE_NAME,
  LIE_OTHER_NAME_TWICE,
  LIE_SIZE,
  LIE_CHECKSUM,
  LIE_LINK,
  LIE_FOLDER,
  LIE_MISSING,
  LIE_NO_DIRECTORY,
  LIE_LONGER_COMMENT,
} Lie;

typedef struct
{
  const char *name;
  Lie lie;
  const char *part;
} Case;

static const Case cases[] = {
  { "name", LIE_NAME, "its entry \"lost\" is something else" },
  { "other-name-twice", LIE_OTHER_NAME_TWICE, "its entry \"keep\" is something else" },
  { "size", LIE_SIZE, "its entry \"last\" is something else" },
  { "checksum", LIE_CHECKSUM, "its entry \"last\" is something else" },
  { "link", LIE_LINK, "its entry \"last\" is something else" },
  { "folder", LIE_FOLDER, "its entry \"last\" is something else" },
  { "missing", LIE_MISSING, "holds 2 entries, and its directory tells of 1" },
  { "no-directory", LIE_NO_DIRECTORY, "no sound directory" },
  { "longer-comment", LIE_LONGER_COMMENT, "no sound directory" },
};

/* @bytes of @n_bytes with that lie in it; the new length. */
static gsize
tell_lie (guint8 *bytes, gsize n_bytes, Lie lie)
{
  guint8 *entry = find_last (bytes, n_bytes, 1), *end = find_last (bytes, n_bytes, 5);
  gsize n_entry = (gsize) (end - entry);

  switch (lie)
    {
    case LIE_NAME:
      memcpy (entry + 46, "lost", 4);
      break;
    case LIE_OTHER_NAME_TWICE:
      memcpy (entry + 46, "keep", 4);
      break;
    case LIE_SIZE:
      entry[24] = 3;
      break;
    case LIE_CHECKSUM:
      entry[16] ^= 1;
      break;
    case LIE_LINK:
      entry[5] = 3;
      write_u16 (entry + 40, 0120777);
      break;
    case LIE_FOLDER:
      entry[5] = 3;
      write_u16 (entry + 40, 0040777);
      break;
    case LIE_MISSING:
      memmove (entry, end, 22);
      end = entry;
      end[8] = end[10] = 1;
      write_u16 (end + 12, end[12] + 256u * end[13] - (guint) n_entry);
      return n_bytes - n_entry;
    case LIE_NO_DIRECTORY:
      end[0] = 'X';
      break;
    case LIE_LONGER_COMMENT:
      end[20] = 1;
      break;
    }
  return n_bytes;
}

/* What came has to be what every other program would have unpacked. */
static void
test_zip_with_another_directory_should_be_refused (Fixture *fixture, gconstpointer data)
{
  const Case *one = data;
  g_autoptr (GBytes) made =
      make_archive (fixture, one->lie == LIE_OTHER_NAME_TWICE ? "keep" : "model", KIND_ZIP);
  gsize n_bytes = g_bytes_get_size (made);
  guint8 *bytes = g_memdup2 (g_bytes_get_data (made, NULL), n_bytes);
  g_autoptr (GBytes) archive = NULL;
  g_autoptr (GError) error = NULL;
  const char *name = one->lie == LIE_OTHER_NAME_TWICE ? "keep" : "model";

  n_bytes = tell_lie (bytes, n_bytes, one->lie);
  archive = g_bytes_new_take (bytes, n_bytes);
  begin (fixture);
  grow (fixture, archive, n_bytes);
  gloss_growing_file_end (fixture->file, TRUE);
  g_assert_false (gloss_unpacking_finish (fixture->unpacking, fixture->path, NULL, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, one->part);
  g_clear_pointer (&fixture->unpacking, gloss_unpacking_free);
  g_assert_cmpuint (measure_hidden (fixture, name), ==, 0);
  g_assert_false (g_file_test (fixture->out, G_FILE_TEST_EXISTS));
}

/* What is there already is not downloaded, and so never grows. */
static void
test_file_that_is_there_should_be_unpacked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) archive = make_archive (fixture, "model", KIND_TAR);
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
  g_autoptr (GBytes) archive = make_archive (fixture, "model", KIND_TAR);

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
  g_autoptr (GBytes) archive = make_archive (fixture, "model", KIND_TAR);
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
  ADD ("zip-should-be-unpacked-before-it-is-whole", test_zip_should_be_unpacked_before_it_is_whole);
  ADD ("zip-that-cannot-be-streamed-should-be-unpacked-when-it-is-whole",
       test_zip_that_cannot_be_streamed_should_be_unpacked_when_it_is_whole);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/net/unpack-arriving/lying-zip/", cases[i].name, NULL);

      g_test_add (path, Fixture, &cases[i], set_up,
                  test_zip_with_another_directory_should_be_refused, tear_down);
    }
  ADD ("file-that-is-there-should-be-unpacked", test_file_that_is_there_should_be_unpacked);
  ADD ("given-up-should-leave-nothing", test_given_up_should_leave_nothing);
  ADD ("archive-that-ends-too-early-should-be-refused",
       test_archive_that_ends_too_early_should_be_refused);
  return g_test_run ();
}
