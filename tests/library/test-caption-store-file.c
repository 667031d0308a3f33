/* The store as a file: who may read it, what damages it, what is left in it. */
#include "base/error.h"
#include "library/captions.h"
#include "support/asserts.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534
#define PICTURE "/nowhere/a.jpg"

static mode_t
get_mode (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

/* What another program does to the file. */
static void
run_sql (const char *path, const char *sql)
{
  sqlite3 *database;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_exec (database, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  g_assert_cmpint (sqlite3_close (database), ==, SQLITE_OK);
}

/* Enough for some tens of pages. */
static void
fill_store (Captions *captions)
{
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *picture = g_strdup_printf ("/nowhere/%u", i);
      g_autofree char *filling = g_strnfill (1000, 'x');

      gloss_captions_set (captions->store, picture, filling);
    }
}

static void
read_file (const char *path, char **out, gsize *out_n)
{
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, out, out_n, &error);
  g_assert_no_error (error);
}

/* Opens a store that must be set aside: as it is, under a name with @kind. */
static void
assert_set_aside (Captions *captions, const char *kind, const char *sentence)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *said = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_before, n_after;
  const char *quote;

  read_file (captions->path, &before, &n_before);
  captions->store = gloss_caption_store_open (captions->path, &said, &error);
  g_assert_no_error (error);
  g_assert_nonnull (said);
  g_test_message ("%s", said);
  g_assert_nonnull (strstr (said, sentence));
  quote = strchr (said, '"');
  name = g_strndup (quote + 1, strcspn (quote + 1, "\""));
  g_assert_true (g_str_has_prefix (name, captions->path));
  g_assert_nonnull (strstr (name, kind));
  read_file (name, &after, &n_after);
  g_assert_cmpmem (before, n_before, after, n_after);

  gloss_captions_assert (captions->store, PICTURE, "-");
  gloss_captions_set (captions->store, PICTURE, "new");
  gloss_captions_reopen (captions);
  gloss_captions_assert (captions->store, PICTURE, "new");
  gloss_captions_close (captions);
}

static void
test_only_the_owner_should_read_it (Captions *captions, gconstpointer unused)
{
  g_autofree char *journal = g_strconcat (captions->path, "-journal", NULL);
  g_autofree char *folder = g_path_get_dirname (captions->path);
  mode_t old_mask;

  gloss_captions_close (captions);
  g_assert_cmpint (get_mode (folder), ==, 0700);
  g_assert_cmpint (g_unlink (captions->path), ==, 0);
  old_mask = umask (0);
  captions->store = gloss_captions_open (captions->path);
  gloss_captions_set (captions->store, PICTURE, "a");
  umask (old_mask);
  g_assert_cmpint (get_mode (captions->path), ==, 0600);
  g_assert_cmpint (get_mode (journal), ==, 0600);
  g_assert_cmpint (g_chmod (captions->path, 0644), ==, 0);
  gloss_captions_reopen (captions);
  g_assert_cmpint (get_mode (captions->path), ==, 0600);
}

static void
test_damaged_files_should_be_set_aside (Captions *captions, gconstpointer unused)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree char *good = NULL;
  gsize n_good;

  fill_store (captions);
  gloss_captions_set (captions->store, PICTURE, "old");
  gloss_captions_close (captions);
  read_file (captions->path, &good, &n_good);
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *bad = g_memdup2 (good, n_good);
      gsize n_bad = n_good;

      switch (i)
        {
        case 0: /* all of it */
          for (gsize k = 0; k < n_bad; k++)
            bad[k] = (char) g_rand_int (random);
          break;
        case 1: /* a page in the middle */
          for (gsize k = n_bad / 2 & ~(gsize) 4095, end = k + 4096; k < end; k++)
            bad[k] = (char) g_rand_int (random);
          break;
        case 2: /* cut short */
          n_bad = n_bad / 2;
          break;
        case 3: /* to less than a header */
          n_bad = 50;
          break;
        case 4: /* the tables */
          memset (bad + 100, 0, 3000);
          break;
        default: /* a page of zeros, as after a power cut */
          memset (bad + 4096 * 5, 0, 4096);
          break;
        }
      g_assert_true (g_file_set_contents (captions->path, bad, (gssize) n_bad, NULL));
      assert_set_aside (captions, ".damaged-2", "The file with the captions is damaged");
    }
  g_assert_cmpuint (gloss_captions_count_files (captions, "damaged"), ==, 6);
  captions->store = gloss_captions_open (captions->path);
}

static void
test_other_databases_should_be_set_aside (Captions *captions, gconstpointer unused)
{
  gloss_captions_close (captions);
  g_unlink (captions->path);
  run_sql (captions->path, "CREATE TABLE bookmark (title TEXT); INSERT INTO bookmark VALUES ('a')");
  assert_set_aside (captions, ".damaged-2", "The file with the captions is damaged");
  run_sql (captions->path, "ALTER TABLE caption DROP COLUMN note");
  assert_set_aside (captions, ".damaged-2", "The file with the captions is damaged");
  captions->store = gloss_captions_open (captions->path);
}

static void
test_newer_stores_should_be_set_aside (Captions *captions, gconstpointer unused)
{
  gloss_captions_set (captions->store, PICTURE, "old");
  gloss_captions_close (captions);
  run_sql (captions->path, "PRAGMA user_version = 7");
  assert_set_aside (captions, ".newer-2",
                    "The captions were kept by a newer Gloss (in form 7), which this one cannot");
  captions->store = gloss_captions_open (captions->path);
}

/* A program that was killed may have left the newest in a log beside the file. */
static void
test_logs_should_be_set_aside_too (Captions *captions, gconstpointer unused)
{
  g_autofree char *log = g_strconcat (captions->path, "-wal", NULL);
  g_autofree char *file = NULL;
  g_autofree char *words = NULL;
  gsize n_file, n_words;
  sqlite3 *database;

  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_close (captions);
  g_assert_cmpint (sqlite3_open (captions->path, &database), ==, SQLITE_OK);
  sqlite3_exec (database,
                "PRAGMA journal_mode = WAL; PRAGMA user_version = 7;"
                "UPDATE caption SET text = 'the newest words'",
                NULL, NULL, NULL);
  read_file (captions->path, &file, &n_file);
  read_file (log, &words, &n_words);
  sqlite3_close (database);
  g_assert_true (g_file_set_contents (captions->path, file, (gssize) n_file, NULL));
  g_assert_true (g_file_set_contents (log, words, (gssize) n_words, NULL));
  g_assert_null (memmem (file, n_file, "the newest words", 16));

  captions->store = gloss_caption_store_open (captions->path, NULL, NULL);
  g_assert_cmpuint (gloss_captions_count_files (captions, "newer"), >, 0);
  g_assert_true (gloss_captions_holds_bytes (captions, "the newest words"));
  gloss_captions_assert (captions->store, PICTURE, "-");
}

static void
test_links_should_be_followed (Captions *captions, gconstpointer unused)
{
  g_autofree char *target = g_build_filename (captions->folder, "elsewhere", NULL);
  g_autoptr (GError) error = NULL;

  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_close (captions);
  g_assert_cmpint (g_rename (captions->path, target), ==, 0);
  g_assert_cmpint (symlink ("../elsewhere", captions->path), ==, 0);
  captions->store = gloss_captions_open (captions->path);
  gloss_captions_assert (captions->store, PICTURE, "a");
  gloss_captions_close (captions);

  /* the new store lies where the damaged one did */
  g_assert_true (g_file_set_contents (target, "no database", -1, NULL));
  captions->store = gloss_caption_store_open (captions->path, NULL, &error);
  g_assert_no_error (error);
  gloss_captions_set (captions->store, PICTURE, "b");
  gloss_captions_close (captions);
  g_assert_true (g_file_test (captions->path, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_unlink (captions->path), ==, 0);
  captions->store = gloss_captions_open (target);
  gloss_captions_assert (captions->store, PICTURE, "b");
  gloss_captions_close (captions);

  /* but none is made through a link that leads nowhere: its disk may just be missing */
  g_assert_cmpint (symlink ("../nowhere", captions->path), ==, 0);
  g_assert_null (gloss_caption_store_open (captions->path, NULL, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "captions.sqlite: the link cannot be followed");
}

static void
test_what_is_no_file_should_stay (Captions *captions, gconstpointer unused)
{
  g_autofree char *fifo = g_build_filename (captions->folder, "fifo", NULL);
  g_autofree char *below = g_build_filename (captions->path, "below", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_null (gloss_caption_store_open (fifo, NULL, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                           "fifo: the captions cannot be kept here");
  g_assert_null (gloss_caption_store_open (captions->folder, NULL, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "cannot be kept here");
  g_assert_null (gloss_caption_store_open (below, NULL, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY,
                           "below: the captions have no place in the folder \"");
}

static void
test_full_disk_should_leave_what_was (Captions *captions, gconstpointer unused)
{
  g_autofree char *text = g_strnfill (500000, 'x');
  g_autoptr (GError) error = NULL;
  struct rlimit old, small;
  struct stat info;

  gloss_captions_set (captions->store, PICTURE, "a");
  g_assert_cmpint (stat (captions->path, &info), ==, 0);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = old;
  small.rlim_cur = (rlim_t) info.st_size;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (gloss_caption_store_edit (captions->store, PICTURE, text, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, g_io_error_from_errno (EFBIG),
                           "captions.sqlite: the caption cannot be kept: files as large as that "
                           "are not allowed here");
  gloss_captions_assert (captions->store, PICTURE, "a");
  gloss_captions_set (captions->store, PICTURE, "b");
  gloss_captions_reopen (captions);
  gloss_captions_assert (captions->store, PICTURE, "b|a");
}

/* As somebody who is not root, for whom nothing is forbidden. */
static void
test_closed_folder_should_be_told (Captions *captions, gconstpointer unused)
{
  g_autofree char *folder = g_path_get_dirname (captions->path);
  g_autofree char *other = g_build_filename (folder, "other.sqlite", NULL);
  g_autofree char *journal = g_strconcat (captions->path, "-journal", NULL);
  gboolean is_root = geteuid () == 0;
  g_autoptr (GError) error = NULL;
  guint8 state = 0;

  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_close (captions);
  g_unlink (journal);
  g_assert_cmpint (g_chmod (captions->folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  if (is_root)
    {
      g_assert_cmpint (chown (captions->path, NOBODY, NOBODY), ==, 0);
      g_assert_cmpint (seteuid (NOBODY), ==, 0);
    }
  captions->store = gloss_captions_open (captions->path);
  gloss_captions_assert (captions->store, PICTURE, "a");
  gloss_caption_store_peek (captions->store, (const char *const[]){ PICTURE }, 1, &state);
  g_assert_cmpuint (state, ==, GLOSS_CAPTION_STATE_HAS_TEXT);
  g_assert_false (gloss_caption_store_edit (captions->store, PICTURE, "b", NULL, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "captions.sqlite: the caption cannot be kept: the permissions of the "
                           "file or its folder do not allow it");
  gloss_captions_assert (captions->store, PICTURE, "a");
  g_assert_null (gloss_caption_store_open (other, NULL, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "other.sqlite: the captions have no place in the folder \"");
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
}

static void
test_file_that_was_moved_away_should_be_told (Captions *captions, gconstpointer unused)
{
  g_autofree char *away = g_build_filename (captions->folder, "away", NULL);
  g_autoptr (GError) error = NULL;

  gloss_captions_set (captions->store, PICTURE, "a");
  g_assert_cmpint (g_rename (captions->path, away), ==, 0);
  g_assert_false (gloss_caption_store_edit (captions->store, PICTURE, "b", NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_CHANGED,
                           "captions.sqlite: the caption cannot be kept: the file was moved away");
  g_assert_cmpint (g_rename (away, captions->path), ==, 0);
  gloss_captions_edit (captions->store, PICTURE, "b");
}

/* Of two thousand pictures, put in a mixed order so that pages are split and filled again, which
 * leaves copies in their gaps, every third is forgotten. */
static void
test_forgotten_pictures_should_be_gone (Captions *captions, gconstpointer unused)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  run_sql (
      captions->path,
      "PRAGMA secure_delete = ON; BEGIN;"
      "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)"
      " INSERT INTO picture SELECT i * 7919 % 2000 + 1, CAST (iif (i % 3, '/open/', '/hidden/')"
      " || i || '.jpg' AS BLOB), 1, 1, NULL FROM n;"
      "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)"
      " INSERT INTO caption SELECT i * 7919 % 2000 + 1, i * 7919 % 2000 + 1,"
      " iif (i % 3, 'public', 'private') || hex (zeroblob (i * 37 % 700)), NULL, NULL, NULL,"
      " 1, 1, NULL FROM n; COMMIT");
  for (guint i = 0; i < 2000; i += 3)
    g_ptr_array_add (paths, g_strdup_printf ("/hidden/%u.jpg", i));
  g_ptr_array_add (paths, NULL);
  g_assert_true (gloss_captions_holds_bytes (captions, "private"));
  g_assert_true (gloss_captions_holds_bytes (captions, "/hidden/"));
  gloss_caption_store_forget (captions->store, (const char *const *) paths->pdata, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (gloss_captions_holds_bytes (captions, "private"));
  g_assert_false (gloss_captions_holds_bytes (captions, "/hidden/"));
  g_assert_true (gloss_captions_holds_bytes (captions, "public"));
  gloss_captions_reopen (captions);
}

/* Where a stop of the rebuilding has left traces, they are removed the next time. */
static void
test_traces_should_be_removed_later (Captions *captions, gconstpointer unused)
{
  fill_store (captions);
  gloss_captions_set (captions->store, PICTURE, "private");
  gloss_captions_close (captions);
  run_sql (captions->path, "PRAGMA secure_delete = OFF; INSERT INTO trace VALUES (1);"
                           "DELETE FROM caption WHERE text = 'private'");
  g_assert_true (gloss_captions_holds_bytes (captions, "private"));
  captions->store = gloss_captions_open (captions->path);
  g_assert_false (gloss_captions_holds_bytes (captions, "private"));
  gloss_captions_assert (captions->store, PICTURE, "-");
}

#define N_MANY 10000

/* What is measured is only told. */
static void
test_ten_thousand_pictures_should_be_quick (Captions *captions, gconstpointer unused)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree guint8 *states = g_malloc (N_MANY);
  const char *const forgotten[] = { "/nowhere/pictures/of/a/holiday/5.jpg", NULL };
  g_autoptr (GError) error = NULL;
  gint64 start_usec;

  run_sql (captions->path,
           "BEGIN; WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
           " INSERT INTO picture SELECT i + 1, CAST ('/nowhere/pictures/of/a/holiday/' || i ||"
           " '.jpg' AS BLOB), 1000000 + i, i, randomblob (32) FROM n;"
           "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999)"
           " INSERT INTO caption SELECT i + 1, i % 10000 + 1, 'a harbour with three boats and a"
           " white house behind them, number ' || i, 'google/paligemma-3b-mix-224', 'caption en',"
           " NULL, 1700000000000000 + i, i % 2, NULL FROM n; COMMIT");
  for (guint i = 0; i < N_MANY; i++)
    g_ptr_array_add (paths, g_strdup_printf ("/nowhere/pictures/of/a/holiday/%u.jpg", i));
  start_usec = g_get_monotonic_time ();
  gloss_captions_reopen (captions);
  g_test_message ("opened in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start_usec);
  start_usec = g_get_monotonic_time ();
  gloss_caption_store_peek (captions->store, (const char *const *) paths->pdata, N_MANY, states);
  g_test_message ("%u glances in %" G_GINT64_FORMAT " us", N_MANY,
                  g_get_monotonic_time () - start_usec);
  for (guint i = 0; i < N_MANY; i++)
    g_assert_cmpuint (states[i], ==, i % 2 ? 3 : 1);
  start_usec = g_get_monotonic_time ();
  gloss_captions_set (captions->store, PICTURE, "a");
  g_test_message ("a caption in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start_usec);
  start_usec = g_get_monotonic_time ();
  gloss_caption_store_forget (captions->store, forgotten, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("forgotten in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start_usec);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) gloss_captions_add_test ("/library/caption-store-file/" path, func)
  ADD ("only-the-owner/should-read-it", test_only_the_owner_should_read_it);
  ADD ("damaged/should-be-set-aside", test_damaged_files_should_be_set_aside);
  ADD ("other-databases/should-be-set-aside", test_other_databases_should_be_set_aside);
  ADD ("newer/should-be-set-aside", test_newer_stores_should_be_set_aside);
  ADD ("logs/should-be-set-aside-too", test_logs_should_be_set_aside_too);
  ADD ("links/should-be-followed", test_links_should_be_followed);
  ADD ("what-is-no-file/should-stay", test_what_is_no_file_should_stay);
  ADD ("full-disk/should-leave-what-was", test_full_disk_should_leave_what_was);
  ADD ("closed-folder/should-be-told", test_closed_folder_should_be_told);
  ADD ("moved-away/should-be-told", test_file_that_was_moved_away_should_be_told);
  ADD ("forgotten/should-be-gone", test_forgotten_pictures_should_be_gone);
  ADD ("traces/should-be-removed-later", test_traces_should_be_removed_later);
  ADD ("ten-thousand-pictures/should-be-quick", test_ten_thousand_pictures_should_be_quick);
  return g_test_run ();
}
