/* Mapped files, and what happens when somebody cuts, rewrites or replaces them meanwhile. */
#include "base/error.h"
#include "base/mapped-file.h"
#include "support/asserts.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_PAGES 8

typedef struct
{
  char *folder;
  char *path;
  gsize page_bytes;
  gsize n_bytes;
} Fixture;

/* A file of N_PAGES pages less 100 bytes, every byte of which is the number of its page plus one.
 */
static void
write_file (const Fixture *fixture)
{
  g_autofree char *bytes = g_malloc (fixture->n_bytes);

  for (gsize i = 0; i < fixture->n_bytes; i++)
    bytes[i] = (char) (i / fixture->page_bytes + 1);
  g_assert_true (g_file_set_contents (fixture->path, bytes, (gssize) fixture->n_bytes, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = gloss_test_folder_new ();
  fixture->path = g_build_filename (fixture->folder, "weights.npz", NULL);
  fixture->page_bytes = (gsize) sysconf (_SC_PAGESIZE);
  fixture->n_bytes = N_PAGES * fixture->page_bytes - 100;
  write_file (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->path);
  gloss_test_folder_remove (fixture->folder);
}

static GlossMappedFile *
open_file (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GlossMappedFile *file = gloss_mapped_file_open (fixture->path, &error);

  g_assert_no_error (error);
  return file;
}

static guint8
read_byte (GlossMappedFile *file, gsize at)
{
  return ((volatile const guint8 *) gloss_mapped_file_get_data (file))[at];
}

static void
assert_changed (GlossMappedFile *file)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (gloss_mapped_file_check (file, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_CHANGED,
                           "\"weights.npz\" changed while it was in use; start again");
}

static void
test_open_should_show_the_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossMappedFile) file = open_file (fixture);
  g_autoptr (GlossMappedFile) other = gloss_mapped_file_ref (file);

  g_assert_cmpuint (gloss_mapped_file_get_size_bytes (file), ==, fixture->n_bytes);
  g_assert_cmpstr (gloss_mapped_file_get_path (other), ==, fixture->path);
  for (guint i = 0; i < N_PAGES; i++)
    g_assert_cmpuint (read_byte (file, i * fixture->page_bytes), ==, i + 1);
  g_assert_true (gloss_mapped_file_check (file, &error));
  g_assert_no_error (error);
}

static void
test_open_should_refuse_what_is_no_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *missing = g_build_filename (fixture->folder, "missing.npz", NULL);
  g_autofree char *empty = g_build_filename (fixture->folder, "empty.npz", NULL);
  g_autofree char *pipe = g_build_filename (fixture->folder, "pipe.npz", NULL);

  g_assert_null (gloss_mapped_file_open (missing, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "missing.npz: cannot be opened");

  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  g_assert_null (gloss_mapped_file_open (empty, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "empty.npz: is empty");

  g_assert_null (gloss_mapped_file_open (fixture->folder, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "is not a regular file");

  /* Nobody writes into the pipe: opening must not wait for it. */
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (gloss_mapped_file_open (pipe, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           "pipe.npz: is not a regular file");
}

/* Whether this process has the page at @address in memory. */
static gboolean
is_present (int pagemap, const guint8 *address, gsize page_bytes)
{
  guint64 entry;

  g_assert_cmpint (
      pread (pagemap, &entry, sizeof entry, (off_t) ((gsize) address / page_bytes * sizeof entry)),
      ==, sizeof entry);
  return (entry >> 63) != 0;
}

static void
test_released_pages_should_come_back (Fixture *fixture, gconstpointer data)
{
  GlossMappedFile *file = open_file (fixture);
  const guint8 *bytes = gloss_mapped_file_get_data (file);
  int pagemap = open ("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

  for (gsize at = 0; at < fixture->n_bytes; at += fixture->page_bytes)
    g_assert_cmpuint (read_byte (file, at), ==, at / fixture->page_bytes + 1);
  /* whole pages only: not the one before, nor that of the last byte */
  gloss_mapped_file_release_pages (bytes + fixture->page_bytes + 1, 4 * fixture->page_bytes);
  gloss_mapped_file_release_pages (bytes + 10, 20);
  for (guint page = 0; page < N_PAGES && pagemap >= 0; page++)
    g_assert_cmpint (is_present (pagemap, bytes + page * fixture->page_bytes, fixture->page_bytes),
                     ==, page < 2 || page > 4);
  for (gsize at = 0; at < fixture->n_bytes; at++)
    g_assert_cmpuint (read_byte (file, at), ==, at / fixture->page_bytes + 1);
  if (pagemap >= 0)
    close (pagemap);
  gloss_mapped_file_unref (file);
}

static void
test_truncated_should_read_as_zeros (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossMappedFile) file = open_file (fixture);

  g_assert_cmpuint (read_byte (file, 5 * fixture->page_bytes), ==, 6);
  g_assert_cmpint (truncate (fixture->path, (off_t) (2 * fixture->page_bytes)), ==, 0);
  g_assert_cmpuint (read_byte (file, 6 * fixture->page_bytes + 17), ==, 0);
  g_assert_cmpuint (read_byte (file, 3 * fixture->page_bytes), ==, 0);
  g_assert_cmpuint (read_byte (file, fixture->n_bytes - 1), ==, 0);
  g_assert_cmpuint (read_byte (file, fixture->page_bytes), ==, 2);
  assert_changed (file);
}

static void
test_truncated_should_stay_lost_when_restored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossMappedFile) file = open_file (fixture);
  g_autoptr (GlossMappedFile) again = NULL;
  g_autoptr (GError) error = NULL;
  struct stat before;
  struct timespec times[2];

  g_assert_cmpint (stat (fixture->path, &before), ==, 0);
  g_assert_cmpint (truncate (fixture->path, 1), ==, 0);
  g_assert_cmpuint (read_byte (file, 4 * fixture->page_bytes), ==, 0);

  /* Same inode, size and time as before: only the mark tells. */
  g_assert_cmpint (truncate (fixture->path, before.st_size), ==, 0);
  times[0] = before.st_atim;
  times[1] = before.st_mtim;
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  assert_changed (file);

  again = open_file (fixture);
  g_assert_true (gloss_mapped_file_check (again, &error));
  g_assert_no_error (error);
}

static void
test_truncated_should_mark_only_its_own_mapping (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "other.npz", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossMappedFile) before = NULL;
  g_autoptr (GlossMappedFile) file = NULL;
  g_autoptr (GlossMappedFile) after = NULL;

  g_assert_true (g_file_set_contents (path, "other", -1, NULL));
  before = gloss_mapped_file_open (path, &error);
  file = open_file (fixture);
  after = gloss_mapped_file_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (truncate (fixture->path, 1), ==, 0);
  g_assert_cmpuint (read_byte (file, 4 * fixture->page_bytes), ==, 0);
  assert_changed (file);
  g_assert_true (gloss_mapped_file_check (before, &error));
  g_assert_true (gloss_mapped_file_check (after, &error));
  g_assert_no_error (error);
}

static void
test_check_should_notice_a_shorter_file_unread (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossMappedFile) file = open_file (fixture);

  g_assert_cmpint (truncate (fixture->path, 1), ==, 0);
  assert_changed (file);
}

static void
test_check_should_notice_a_new_time (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossMappedFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;
  struct stat before;
  struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

  g_assert_cmpint (stat (fixture->path, &before), ==, 0);
  times[1] = before.st_mtim;
  times[1].tv_sec -= 1;
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  assert_changed (file);

  times[1] = before.st_mtim;
  times[1].tv_nsec ^= 1 << 20; /* a millisecond, so that the file system keeps it */
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  assert_changed (file);

  times[1] = before.st_mtim;
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  g_assert_true (gloss_mapped_file_check (file, &error));
  g_assert_no_error (error);
}

static void
test_check_should_notice_another_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossMappedFile) file = open_file (fixture);
  g_autofree char *aside = g_build_filename (fixture->folder, "aside", NULL);
  struct stat before;
  struct timespec times[2];

  g_assert_cmpint (stat (fixture->path, &before), ==, 0);
  g_assert_cmpint (g_rename (fixture->path, aside), ==, 0);
  assert_changed (file);
  write_file (fixture);
  times[0] = before.st_atim;
  times[1] = before.st_mtim;
  g_assert_cmpint (utimensat (AT_FDCWD, fixture->path, times, 0), ==, 0);
  assert_changed (file);
  g_assert_cmpuint (read_byte (file, 5 * fixture->page_bytes), ==, 6);
}

/* For a process that will not come to its end: what it has mapped stays readable. */
static void
remove_folder_early (const Fixture *fixture)
{
  gloss_test_folder_remove (g_strdup (fixture->folder));
}

/* Maps a cut file without asking anybody, and reads what it has lost. */
static void
read_foreign_lost_page (const Fixture *fixture)
{
  int descriptor = g_open (fixture->path, O_RDONLY, 0);
  volatile const guint8 *bytes =
      mmap (NULL, fixture->n_bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);

  g_assert_true (bytes != MAP_FAILED);
  g_assert_cmpint (truncate (fixture->path, 1), ==, 0);
  remove_folder_early (fixture);
  g_assert_cmpuint (bytes[4 * fixture->page_bytes], ==, 0);
}

static void
test_foreign_fault_should_end_the_process (Fixture *fixture, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GlossMappedFile) file = NULL;

      signal (SIGBUS, SIG_DFL);
      file = open_file (fixture);
      read_foreign_lost_page (fixture);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

static void
end_with_a_word (gboolean is_right)
{
  static const char word[] = "the earlier handler was asked\n";

  _exit (write (STDOUT_FILENO, word, sizeof word - 1) > 0 && is_right ? 0 : 1);
}

static void
end_on_fault (int number, siginfo_t *info, void *context)
{
  end_with_a_word (number == SIGBUS && info->si_code == BUS_ADRERR && context != NULL);
}

static void
end_on_signal (int number)
{
  end_with_a_word (number == SIGBUS);
}

static void
test_foreign_fault_should_reach_the_earlier_handler (Fixture *fixture, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      struct sigaction action = { .sa_sigaction = end_on_fault, .sa_flags = SA_SIGINFO };
      g_autoptr (GlossMappedFile) file = NULL;

      sigaction (SIGBUS, &action, NULL);
      file = open_file (fixture);
      read_foreign_lost_page (fixture);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*the earlier handler was asked*");
}

static void
test_sent_signal_should_reach_the_earlier_handler (Fixture *fixture, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GlossMappedFile) file = NULL;
      siginfo_t info = { .si_signo = SIGBUS, .si_code = SI_QUEUE };

      /* Even with an address of ours: what was sent is no fault, and the file is whole. */
      signal (SIGBUS, end_on_signal);
      file = open_file (fixture);
      remove_folder_early (fixture);
      info.si_addr = (void *) gloss_mapped_file_get_data (file);
      syscall (SYS_rt_sigqueueinfo, getpid (), SIGBUS, &info);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*the earlier handler was asked*");
}

static gpointer
open_and_close (gpointer data)
{
  const Fixture *fixture = data;

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (GlossMappedFile) first = open_file (fixture);
      g_autoptr (GlossMappedFile) second = open_file (fixture);

      g_assert_cmpuint (read_byte (first, 0) + read_byte (second, 0), ==, 2);
    }
  return NULL;
}

static gpointer
cut_and_read (gpointer data)
{
  const Fixture *shared = data;

  for (guint i = 0; i < 200; i++)
    {
      Fixture fixture;
      GlossMappedFile *file;

      set_up (&fixture, NULL);
      file = open_file (&fixture);
      g_assert_cmpint (truncate (fixture.path, (off_t) shared->page_bytes), ==, 0);
      for (guint page = N_PAGES - 1; page >= 1; page--)
        g_assert_cmpuint (read_byte (file, page * shared->page_bytes), ==, 0);
      assert_changed (file);
      gloss_mapped_file_unref (file);
      tear_down (&fixture, NULL);
    }
  return NULL;
}

static void
test_threads_should_not_disturb_each_other (Fixture *fixture, gconstpointer data)
{
  GThread *threads[6];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("mapper", i % 2 ? open_and_close : cut_and_read, fixture);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "open-should-show-the-bytes", test_open_should_show_the_bytes },
    { "open-should-refuse-what-is-no-file", test_open_should_refuse_what_is_no_file },
    { "released-pages-should-come-back", test_released_pages_should_come_back },
    { "truncated-should-read-as-zeros", test_truncated_should_read_as_zeros },
    { "truncated-should-stay-lost-when-restored", test_truncated_should_stay_lost_when_restored },
    { "truncated-should-mark-only-its-own-mapping",
      test_truncated_should_mark_only_its_own_mapping },
    { "check-should-notice-a-shorter-file-unread", test_check_should_notice_a_shorter_file_unread },
    { "check-should-notice-a-new-time", test_check_should_notice_a_new_time },
    { "check-should-notice-another-file", test_check_should_notice_another_file },
    { "foreign-fault-should-end-the-process", test_foreign_fault_should_end_the_process },
    { "foreign-fault-should-reach-the-earlier-handler",
      test_foreign_fault_should_reach_the_earlier_handler },
    { "sent-signal-should-reach-the-earlier-handler",
      test_sent_signal_should_reach_the_earlier_handler },
    { "threads-should-not-disturb-each-other", test_threads_should_not_disturb_each_other },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/base/mapped-file/", tests[i].path, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
