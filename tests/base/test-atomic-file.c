/* Files that are replaced whole or not at all. */
#include "base/atomic-file.h"
#include "support/asserts.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

typedef struct
{
  char *folder;
  char *path;
} Scratch;

static void
set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->path = g_build_filename (scratch->folder, "notes.txt", NULL);
}

static void
tear_down (Scratch *scratch, gconstpointer unused)
{
  g_free (scratch->path);
  gloss_test_folder_remove (scratch->folder);
}

static void
write_text (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  gloss_atomic_file_write (path, text, strlen (text), &error);
  g_assert_no_error (error);
}

static void
assert_content (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

/* Nothing temporary is left behind. */
static void
assert_n_files (const Scratch *scratch, guint expected)
{
  g_autoptr (GDir) dir = g_dir_open (scratch->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  g_assert_cmpuint (n, ==, expected);
}

static void
assert_fails (const char *path, gsize n_bytes, int code, const char *message)
{
  g_autofree char *data = g_malloc0 (n_bytes);
  g_autoptr (GError) error = NULL;

  g_assert_false (gloss_atomic_file_write (path, data, n_bytes, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, code, message);
}

static mode_t
get_mode (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static void
test_file_should_be_made_and_replaced (Scratch *scratch, gconstpointer unused)
{
  mode_t old_mask = umask (027);

  write_text (scratch->path, "first");
  assert_content (scratch->path, "first");
  g_assert_cmpint (get_mode (scratch->path), ==, 0640);
  g_assert_cmpint (g_chmod (scratch->path, 0604), ==, 0);
  write_text (scratch->path, "second");
  assert_content (scratch->path, "second");
  g_assert_cmpint (get_mode (scratch->path), ==, 0604);
  gloss_atomic_file_write (scratch->path, NULL, 0, NULL);
  assert_content (scratch->path, "");
  assert_n_files (scratch, 1);
  umask (old_mask);
}

static void
test_link_should_stay_a_link (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *link = g_build_filename (scratch->folder, "link", NULL);
  g_autofree char *dangling = g_build_filename (scratch->folder, "dangling", NULL);

  write_text (scratch->path, "first");
  g_assert_cmpint (symlink ("notes.txt", link), ==, 0);
  g_assert_cmpint (symlink ("gone", dangling), ==, 0);
  write_text (link, "second");
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  assert_content (scratch->path, "second");
  assert_fails (dangling, 1, G_IO_ERROR_NOT_FOUND, "dangling: the link cannot be followed");
  assert_n_files (scratch, 3);
}

static void
test_longest_name_should_be_possible (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *name = g_strnfill (255, 'x');
  g_autofree char *path = g_build_filename (scratch->folder, name, NULL);
  g_autofree char *longer = g_strconcat (path, "x", NULL);

  write_text (path, "text");
  assert_content (path, "text");
  assert_fails (longer, 1, G_IO_ERROR_FILENAME_TOO_LONG, "xxx: the file cannot be written");
}

static void
test_full_disk_should_leave_the_old_file (Scratch *scratch, gconstpointer unused)
{
  struct rlimit old, small;

  write_text (scratch->path, "old");
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = old;
  small.rlim_cur = 4096;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  assert_fails (
      scratch->path, 5000, g_io_error_from_errno (EFBIG),
      "notes.txt: 5000 bytes cannot be written: files as large as that are not allowed here");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  assert_content (scratch->path, "old");
  assert_n_files (scratch, 1);
}

/* As somebody who is not root, for whom nothing is forbidden. */
static void
test_closed_folder_should_leave_the_old_file (Scratch *scratch, gconstpointer unused)
{
  gboolean is_root = geteuid () == 0;

  write_text (scratch->path, "old");
  g_assert_cmpint (g_chmod (scratch->folder, 0555), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  assert_fails (scratch->path, 1, G_IO_ERROR_PERMISSION_DENIED,
                "notes.txt: no file can be made in the folder \"");
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (scratch->folder, 0700), ==, 0);
  assert_content (scratch->path, "old");
  assert_n_files (scratch, 1);
}

static void
test_what_is_no_file_should_stay (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *fifo = g_build_filename (scratch->folder, "pipe", NULL);
  g_autofree char *below = g_build_filename (scratch->path, "a", NULL);
  g_autofree char *missing = g_build_filename (scratch->folder, "no", "a", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  write_text (scratch->path, "old");
  assert_fails (fifo, 1, G_IO_ERROR_NOT_REGULAR_FILE, "pipe: this is a device or a pipe");
  assert_fails ("/dev/full", 1, G_IO_ERROR_NOT_REGULAR_FILE, "full: this is a device");
  assert_fails (scratch->folder, 1, G_IO_ERROR_IS_DIRECTORY, "a folder of this name");
  assert_fails (below, 1, G_IO_ERROR_NOT_DIRECTORY, "a: the file cannot be written");
  assert_fails (missing, 1, G_IO_ERROR_NOT_FOUND, "a: no file can be made in the folder");
  assert_n_files (scratch, 2);
}

static gpointer
write_again_and_again (gpointer user_data)
{
  Scratch *scratch = user_data;
  g_autofree char *text = g_strnfill (100000, 'a');

  for (guint i = 0; i < 50; i++)
    {
      memset (text, 'a' + (int) (i % 26), 100000);
      write_text (scratch->path, text);
    }
  return NULL;
}

static void
test_reader_should_see_whole_files_only (Scratch *scratch, gconstpointer unused)
{
  GThread *thread;
  guint n_read = 0;

  write_text (scratch->path, "z");
  thread = g_thread_new ("writer", write_again_and_again, scratch);
  while (n_read < 500)
    {
      g_autofree char *text = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (scratch->path, &text, &n_bytes, NULL));
      g_assert_true (n_bytes == 1 || n_bytes == 100000);
      g_assert_cmpint (text[0], ==, text[n_bytes - 1]);
      n_read++;
    }
  g_thread_join (thread);
  assert_n_files (scratch, 1);
}

#define PIECE_BYTES 1000003
#define N_PIECES 12

/* More than a window, so that some of it goes to the disk before the end. */
static void
append_pieces (GlossAtomicFile *file)
{
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < N_PIECES; i++)
    {
      memset (piece, 'a' + i, PIECE_BYTES);
      gloss_atomic_file_append (file, piece, PIECE_BYTES, &error);
      g_assert_no_error (error);
    }
}

static void
test_pieces_should_become_one_file (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAtomicFile) file = gloss_atomic_file_begin (scratch->path, FALSE, &error);
  g_autofree char *text = NULL;
  gsize n_bytes;

  g_assert_no_error (error);
  append_pieces (file);
  g_assert_true (gloss_atomic_file_rewrite (file, PIECE_BYTES - 1, "XYZ", 3, &error));
  g_assert_false (g_file_test (scratch->path, G_FILE_TEST_EXISTS));
  g_assert_true (gloss_atomic_file_finish (file, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (scratch->path, &text, &n_bytes, NULL));
  g_assert_cmpuint (n_bytes, ==, (gsize) N_PIECES * PIECE_BYTES);
  for (gsize i = 0; i < n_bytes; i += 997)
    g_assert_cmpint (text[i], ==, 'a' + (int) (i / PIECE_BYTES));
  g_assert_cmpmem (text + PIECE_BYTES - 2, 5, "aXYZb", 5);
  assert_n_files (scratch, 1);
}

static void
test_what_is_given_up_should_leave_nothing (Scratch *scratch, gconstpointer unused)
{
  write_text (scratch->path, "old");
  for (int may_replace = 0; may_replace < 2; may_replace++)
    {
      g_autofree char *other = g_build_filename (scratch->folder, "other", NULL);
      const char *path = may_replace ? scratch->path : other;
      g_autoptr (GlossAtomicFile) file = gloss_atomic_file_begin (path, may_replace, NULL);

      append_pieces (file);
      g_clear_pointer (&file, gloss_atomic_file_free);
      assert_n_files (scratch, 1);
    }
  assert_content (scratch->path, "old");
}

static void
test_nothing_should_be_replaced_unasked (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAtomicFile) file = gloss_atomic_file_begin (scratch->path, FALSE, &error);

  g_assert_true (gloss_atomic_file_append (file, "new", 3, &error));
  /* somebody else comes first */
  write_text (scratch->path, "old");
  g_assert_false (gloss_atomic_file_finish (file, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS, "notes.txt: is there already");
  g_clear_pointer (&file, gloss_atomic_file_free);
  g_assert_null (gloss_atomic_file_begin (scratch->path, FALSE, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS, "notes.txt: is there already");
  assert_content (scratch->path, "old");
  assert_n_files (scratch, 1);
}

/* Killed by what nobody can catch, in the middle. */
static void
test_the_killed_should_leave_nothing (Scratch *scratch, gconstpointer unused)
{
  int probe = open (scratch->folder, O_TMPFILE | O_WRONLY, 0600);
  int status;
  pid_t child;

  if (probe < 0)
    {
      g_test_skip ("the disk has no files without names");
      return;
    }
  close (probe);
  child = fork ();
  if (child == 0)
    {
      append_pieces (gloss_atomic_file_begin (scratch->path, FALSE, NULL));
      raise (SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  assert_n_files (scratch, 0);
}

static void
add (const char *path, void (*func) (Scratch *, gconstpointer))
{
  g_test_add (path, Scratch, NULL, set_up, func, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/base/atomic-file/file/should-be-made-and-replaced", test_file_should_be_made_and_replaced);
  add ("/base/atomic-file/link/should-stay-a-link", test_link_should_stay_a_link);
  add ("/base/atomic-file/longest-name/should-be-possible", test_longest_name_should_be_possible);
  add ("/base/atomic-file/full-disk/should-leave-the-old-file",
       test_full_disk_should_leave_the_old_file);
  add ("/base/atomic-file/closed-folder/should-leave-the-old-file",
       test_closed_folder_should_leave_the_old_file);
  add ("/base/atomic-file/what-is-no-file/should-stay", test_what_is_no_file_should_stay);
  add ("/base/atomic-file/reader/should-see-whole-files-only",
       test_reader_should_see_whole_files_only);
  add ("/base/atomic-file/pieces/should-become-one-file", test_pieces_should_become_one_file);
  add ("/base/atomic-file/what-is-given-up/should-leave-nothing",
       test_what_is_given_up_should_leave_nothing);
  add ("/base/atomic-file/nothing/should-be-replaced-unasked",
       test_nothing_should_be_replaced_unasked);
  add ("/base/atomic-file/the-killed/should-leave-nothing", test_the_killed_should_leave_nothing);
  return g_test_run ();
}
