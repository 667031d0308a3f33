/* Archives, good ones and such as nobody should unpack, made with libarchive's other half. */
#include "base/error.h"
#include "net/unpack.h"
#include "support/asserts.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder; /* owned, as all */
  char *archive;
  char *out;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = gloss_test_folder_new ();
  fixture->archive = g_build_filename (fixture->folder, "model.bin", NULL);
  fixture->out = g_build_filename (fixture->folder, "out", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gloss_test_folder_remove (fixture->folder);
  g_free (fixture->archive);
  g_free (fixture->out);
}

static struct archive *
begin (Fixture *fixture, gboolean is_zip)
{
  struct archive *archive = archive_write_new ();

  if (is_zip)
    g_assert_cmpint (archive_write_set_format_zip (archive), ==, ARCHIVE_OK);
  else
    {
      g_assert_cmpint (archive_write_set_format_pax_restricted (archive), ==, ARCHIVE_OK);
      g_assert_cmpint (archive_write_add_filter_gzip (archive), ==, ARCHIVE_OK);
    }
  g_assert_cmpint (archive_write_open_filename (archive, fixture->archive), ==, ARCHIVE_OK);
  return archive;
}

static void
add (struct archive *archive, const char *name, int kind, const char *content)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, (unsigned int) kind);
  archive_entry_set_perm (entry, kind == AE_IFDIR ? 0700 : 04777);
  if (kind == AE_IFLNK)
    archive_entry_set_symlink (entry, content);
  else if (kind == AE_IFREG)
    archive_entry_set_size (entry, (gint64) strlen (content));
  g_assert_cmpint (archive_write_header (archive, entry), >=, ARCHIVE_WARN);
  if (kind == AE_IFREG)
    archive_write_data (archive, content, strlen (content));
  archive_entry_free (entry);
}

static void
finish (struct archive *archive)
{
  g_assert_cmpint (archive_write_free (archive), ==, ARCHIVE_OK);
}

static void
assert_content (Fixture *fixture, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (fixture->out, name, NULL);
  g_autofree char *content = NULL;
  GStatBuf status;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, expected);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 07111, ==, 0);
}

/* That nothing lies in the folder but the archive, and @n_more. */
static void
assert_clean (Fixture *fixture, guint n_more)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  g_assert_cmpuint (n, ==, 1 + n_more);
}

static void
assert_refused (Fixture *fixture, const GlossUnpackLimits *limits, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      gloss_unpack_run (fixture->archive, fixture->out, limits, NULL, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, "model.bin: "));
  gloss_assert_error_says (&error, GLOSS_ERROR, code, part);
  assert_clean (fixture, 0);
}

static void
test_good_archive_should_be_unpacked (Fixture *fixture, gconstpointer data)
{
  for (guint is_zip = 0; is_zip < 2; is_zip++)
    {
      g_autoptr (GError) error = NULL;
      struct archive *archive = begin (fixture, is_zip == 1);

      add (archive, "./", AE_IFDIR, NULL);
      add (archive, "./model.npz", AE_IFREG, "weights");
      add (archive, "deep/er/größe.txt", AE_IFREG, "text");
      add (archive, "empty", AE_IFREG, "");
      add (archive, "folder/", AE_IFDIR, NULL);
      finish (archive);
      g_assert_true (gloss_unpack_is_archive (fixture->archive));
      gloss_unpack_run (fixture->archive, fixture->out, NULL, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      assert_content (fixture, "model.npz", "weights");
      assert_content (fixture, "deep/er/größe.txt", "text");
      assert_content (fixture, "empty", "");
      assert_clean (fixture, 1);
      gloss_unpack_remove (fixture->out);
      assert_clean (fixture, 0);
    }
}

typedef struct
{
  const char *case_name;
  const char *name;
  int kind;
  const char *content;
  const char *says;
} Evil;

static const Evil evils[] = {
  { "absolute", "/tmp/gloss-evil", AE_IFREG, "x", "absolute name" },
  { "up", "../evil", AE_IFREG, "x", "leads out" },
  { "up-inside", "a/../../evil", AE_IFREG, "x", "leads out" },
  { "up-folder", "a/..", AE_IFDIR, NULL, "leads out" },
  { "link", "link", AE_IFLNK, "/etc/passwd", "is a link" },
  { "link-to-up", "link", AE_IFLNK, "..", "is a link" },
  { "fifo", "fifo", AE_IFIFO, NULL, "no file" },
  { "device", "null", AE_IFCHR, NULL, "no file" },
  { "backslash", "..\\evil", AE_IFREG, "x", "backslash" },
  { "control", "a\nb", AE_IFREG, "x", "control character" },
  { "deep", "1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7", AE_IFREG, "x", "too deep" },
  { "twice", "good", AE_IFREG, "x", "twice" },
  { "below-a-file", "good/x", AE_IFREG, "x", "twice" },
};

static void
test_evil_entry_should_be_refused (Fixture *fixture, gconstpointer data)
{
  const Evil *evil = data;
  struct archive *archive = begin (fixture, FALSE);

  add (archive, "good", AE_IFREG, "good");
  add (archive, evil->name, evil->kind, evil->content);
  add (archive, "link/later", AE_IFREG, "x");
  finish (archive);
  assert_refused (fixture, NULL, GLOSS_ERROR_FORMAT, evil->says);
}

static void
test_hard_link_should_be_refused (Fixture *fixture, gconstpointer data)
{
  struct archive *archive = begin (fixture, FALSE);
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, "link");
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_hardlink (entry, "/etc/passwd");
  archive_write_header (archive, entry);
  archive_entry_free (entry);
  finish (archive);
  assert_refused (fixture, NULL, GLOSS_ERROR_FORMAT, "is a link");
}

static void
test_bomb_should_be_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *zeros = g_strnfill (50 << 20, '0');
  const GlossUnpackLimits limits = { 10 << 20, 20 };

  for (guint is_zip = 0; is_zip < 2; is_zip++)
    {
      struct archive *archive = begin (fixture, is_zip == 1);

      add (archive, "zeros", AE_IFREG, zeros);
      finish (archive);
      assert_refused (fixture, &limits, GLOSS_ERROR_TOO_LARGE, "more than 10485760 bytes");

      archive = begin (fixture, is_zip == 1);
      for (guint i = 0; i < 30; i++)
        {
          g_autofree char *name = g_strdup_printf ("%u", i);

          add (archive, name, AE_IFREG, "");
        }
      finish (archive);
      assert_refused (fixture, &limits, GLOSS_ERROR_TOO_LARGE, "more than 20 entries");
    }
}

/* Any byte of it. */
static void
test_damaged_archive_should_do_no_harm (Fixture *fixture, gconstpointer data)
{
  guint n_refused = 0;

  for (guint is_zip = 0; is_zip < 2; is_zip++)
    {
      struct archive *archive = begin (fixture, is_zip == 1);
      g_autofree char *good = NULL;
      gsize n_bytes;

      add (archive, "model.npz", AE_IFREG, "weights weights weights");
      add (archive, "a/b", AE_IFREG, "text");
      finish (archive);
      g_assert_true (g_file_get_contents (fixture->archive, &good, &n_bytes, NULL));
      for (gsize i = 0; i < n_bytes; i++)
        {
          g_autofree char *bad = g_memdup2 (good, n_bytes);
          g_autoptr (GError) error = NULL;

          bad[i] ^= (char) (1 << (i % 8));
          g_assert_true (g_file_set_contents (fixture->archive, bad,
                                              (gssize) (i % 2 ? n_bytes : i + 1), NULL));
          if (gloss_unpack_run (fixture->archive, fixture->out, NULL, NULL, NULL, NULL, &error))
            {
              assert_clean (fixture, 1);
              gloss_unpack_remove (fixture->out);
              continue;
            }
          n_refused++;
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          assert_clean (fixture, 0);
        }
    }
  g_test_message ("%u refused", n_refused);
  g_assert_cmpuint (n_refused, >, 200);
}

static void
test_other_files_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const contents[] = { "", "hello", "{\"code\": 403}", "\x1f\x8b", "PK\3\4" };

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_assert_true (g_file_set_contents (fixture->archive, contents[i], -1, NULL));
      assert_refused (fixture, NULL, GLOSS_ERROR_FORMAT, "archive");
    }
}

static void
test_folder_in_the_way_should_stay (Fixture *fixture, gconstpointer data)
{
  g_autofree char *mine = g_build_filename (fixture->out, "mine", NULL);
  g_autoptr (GError) error = NULL;
  struct archive *archive = begin (fixture, FALSE);

  add (archive, "mine", AE_IFREG, "theirs");
  finish (archive);
  g_assert_cmpint (g_mkdir (fixture->out, 0700), ==, 0);
  g_assert_true (g_file_set_contents (mine, "mine", -1, NULL));
  g_assert_false (
      gloss_unpack_run (fixture->archive, fixture->out, NULL, NULL, NULL, NULL, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_EMPTY, "cannot be put in place");
  assert_clean (fixture, 1);
  g_assert_true (g_file_test (mine, G_FILE_TEST_EXISTS));
}

static void
stop (guint64 n_bytes, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
test_cancelled_should_leave_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *zeros = g_strnfill (20 << 20, '0');
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  struct archive *archive = begin (fixture, FALSE);

  add (archive, "zeros", AE_IFREG, zeros);
  finish (archive);
  g_assert_false (gloss_unpack_run (fixture->archive, fixture->out, NULL, cancellable, stop,
                                    cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_clean (fixture, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/net/unpack/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("good-archive-should-be-unpacked", test_good_archive_should_be_unpacked);
  for (guint i = 0; i < G_N_ELEMENTS (evils); i++)
    {
      g_autofree char *path = g_strconcat ("/net/unpack/evil/", evils[i].case_name, NULL);

      g_test_add (path, Fixture, &evils[i], set_up, test_evil_entry_should_be_refused, tear_down);
    }
  ADD ("hard-link-should-be-refused", test_hard_link_should_be_refused);
  ADD ("bomb-should-be-refused", test_bomb_should_be_refused);
  ADD ("damaged-archive-should-do-no-harm", test_damaged_archive_should_do_no_harm);
  ADD ("other-files-should-be-refused", test_other_files_should_be_refused);
  ADD ("folder-in-the-way-should-stay", test_folder_in_the_way_should_stay);
  ADD ("cancelled-should-leave-nothing", test_cancelled_should_leave_nothing);
  return g_test_run ();
}
