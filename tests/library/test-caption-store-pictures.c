/* Pictures that are moved, renamed, copied, changed and gone. */
#include "library/captions.h"
#include "library/picture-content.h"
#include "support/asserts.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
move (const char *from, const char *to)
{
  g_assert_cmpint (g_rename (from, to), ==, 0);
}

static void
test_moved_pictures_should_keep_their_captions (Captions *captions, gconstpointer unused)
{
  g_autofree char *old = gloss_captions_make_picture (captions, "old.png", "some picture");
  g_autofree char *new = gloss_captions_make_picture (captions, "new.png", NULL);
  g_autofree char *third = gloss_captions_make_picture (captions, "caf\xe9/\xff.png", NULL);
  g_autofree char *folder = g_path_get_dirname (third);
  guint8 states[2];

  gloss_captions_set (captions->store, old, "a");
  gloss_captions_edit (captions->store, old, "b");
  move (old, new);
  gloss_caption_store_peek (captions->store, (const char *const[]){ old, new }, 2, states);
  g_assert_cmpuint (states[0], ==, 3);
  g_assert_cmpuint (states[1], ==, 0);
  gloss_captions_assert (captions->store, new, "b*|a");
  gloss_captions_assert (captions->store, old, "-");
  gloss_caption_store_peek (captions->store, (const char *const[]){ old, new }, 2, states);
  g_assert_cmpuint (states[0], ==, 0);
  g_assert_cmpuint (states[1], ==, 3);

  /* found again by writing too, and at a path that is no text */
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  move (new, third);
  gloss_captions_set (captions->store, third, "c");
  gloss_captions_assert (captions->store, third, "c|b*|a");
  gloss_captions_reopen (captions);
  gloss_captions_assert (captions->store, third, "c|b*|a");
  gloss_captions_assert (captions->store, new, "-");
}

static void
test_copies_should_get_captions_of_their_own (Captions *captions, gconstpointer unused)
{
  g_autofree char *first = gloss_captions_make_picture (captions, "first.png", "same bytes");
  g_autofree char *second = gloss_captions_make_picture (captions, "second.png", NULL);
  g_autofree char *other = gloss_captions_make_picture (captions, "other.png", "SAME BYTES");

  gloss_captions_set (captions->store, first, "a");
  gloss_captions_set (captions->store, first, "b");
  g_free (gloss_captions_make_picture (captions, "second.png", "same bytes"));
  gloss_captions_assert (captions->store, second, "b|a");
  gloss_captions_set (captions->store, second, "c");
  gloss_captions_assert (captions->store, second, "c|b|a");
  gloss_captions_assert (captions->store, first, "b|a");
  gloss_captions_assert (captions->store, other, "-");
}

/* Of several with the same content it is the one that is gone that was moved. */
static void
test_the_one_that_is_gone_should_be_moved (Captions *captions, gconstpointer unused)
{
  g_autofree char *first = gloss_captions_make_picture (captions, "first.png", "same bytes");
  g_autofree char *second = gloss_captions_make_picture (captions, "second.png", "same bytes");
  g_autofree char *third = gloss_captions_make_picture (captions, "third.png", "same bytes");
  g_autofree char *new = gloss_captions_make_picture (captions, "new.png", NULL);

  gloss_captions_set (captions->store, first, "1");
  gloss_captions_set (captions->store, second, "2");
  gloss_captions_set (captions->store, third, "3");
  move (second, new);
  gloss_captions_assert (captions->store, new, "2|1");
  gloss_captions_assert (captions->store, first, "1");
  gloss_captions_assert (captions->store, second, "-");
}

static void
test_changed_pictures_should_keep_their_captions (Captions *captions, gconstpointer unused)
{
  g_autofree char *picture = gloss_captions_make_picture (captions, "a.png", "before");
  g_autofree char *new = gloss_captions_make_picture (captions, "b.png", NULL);

  gloss_captions_set (captions->store, picture, "a");
  g_free (gloss_captions_make_picture (captions, "a.png", "and afterwards"));
  gloss_captions_assert (captions->store, picture, "a");
  /* it is known by its new content from now on */
  move (picture, new);
  gloss_captions_assert (captions->store, new, "a");
}

/* A copy was put away and the picture then edited in place: both are the one with these captions.
 */
static void
test_changed_pictures_should_not_lose_them_to_a_copy (Captions *captions, gconstpointer unused)
{
  g_autofree char *picture = gloss_captions_make_picture (captions, "a.png", "before");
  g_autofree char *copy = gloss_captions_make_picture (captions, "a-original.png", "before");

  gloss_captions_set (captions->store, picture, "a");
  g_free (gloss_captions_make_picture (captions, "a.png", "after the edit"));
  gloss_captions_assert (captions->store, copy, "a");
  gloss_captions_assert (captions->store, picture, "a");
}

static void
test_pictures_without_content_should_be_known_by_path (Captions *captions, gconstpointer unused)
{
  g_autofree char *gone = gloss_captions_make_picture (captions, "gone.png", NULL);
  g_autofree char *empty = gloss_captions_make_picture (captions, "empty.png", "");
  g_autofree char *empty_too = gloss_captions_make_picture (captions, "empty-too.png", "");
  g_autofree char *fifo = gloss_captions_make_picture (captions, "fifo.png", NULL);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  gloss_captions_set (captions->store, gone, "1");
  gloss_captions_set (captions->store, empty, "2");
  gloss_captions_set (captions->store, fifo, "3");
  gloss_captions_set (captions->store, captions->folder, "4");
  g_assert_cmpint (g_unlink (empty), ==, 0);
  gloss_captions_assert (captions->store, gone, "1");
  gloss_captions_assert (captions->store, empty, "2");
  gloss_captions_assert (captions->store, empty_too, "-");
  gloss_captions_assert (captions->store, fifo, "3");
  gloss_captions_assert (captions->store, captions->folder, "4");
  /* and by content once there is some */
  g_free (gloss_captions_make_picture (captions, "gone.png", "here again"));
  gloss_captions_assert (captions->store, gone, "1");
  move (gone, empty_too);
  gloss_captions_assert (captions->store, empty_too, "1");
}

/* Where nothing can be written, a picture that was moved is still found. */
static void
test_moved_pictures_should_be_found_without_writing (Captions *captions, gconstpointer unused)
{
  g_autofree char *old = gloss_captions_make_picture (captions, "old.png", "some picture");
  g_autofree char *new = gloss_captions_make_picture (captions, "new.png", NULL);
  g_autofree char *away = gloss_captions_make_picture (captions, "away", NULL);

  gloss_captions_set (captions->store, old, "a");
  move (old, new);
  move (captions->path, away);
  gloss_captions_assert (captions->store, new, "a");
  move (away, captions->path);
  gloss_captions_reopen (captions);
  gloss_captions_assert (captions->store, old, "a");
}

static void
test_only_what_may_be_known_should_be_read (Captions *captions, gconstpointer unused)
{
  g_autofree char *known = gloss_captions_make_picture (captions, "known.png", "some picture");
  g_autofree char *other = gloss_captions_make_picture (captions, "other.png", "another one");
  struct stat status;
  struct timespec times[2];

  gloss_captions_set (captions->store, known, "a");
  /* the time of the last access tells whether a file was read, where it is noted down */
  for (guint i = 0; i < 2; i++)
    {
      const char *path = i == 0 ? known : other;

      g_assert_cmpint (stat (path, &status), ==, 0);
      times[0] = (struct timespec){ status.st_mtim.tv_sec - 1000, 0 };
      times[1] = status.st_mtim;
      g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
      gloss_captions_assert (captions->store, path, i == 0 ? "a" : "-");
      g_assert_cmpint (stat (path, &status), ==, 0);
      g_assert_cmpint (status.st_atim.tv_sec, ==, times[0].tv_sec);
    }
}

static void
test_content_should_be_that_of_the_file (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "a", NULL);
  g_autofree char *bytes = g_strnfill (3000001, 'x');
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA256, bytes, -1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) hash = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  GlossPictureContent content;

  g_assert_true (g_file_set_contents (path, bytes, 3000001, NULL));
  g_assert_true (gloss_picture_content_hash (path, &content, cancellable, &error));
  g_assert_true (content.is_there && content.has_hash);
  g_assert_cmpint (content.n_bytes, ==, 3000001);
  for (guint i = 0; i < GLOSS_CONTENT_HASH_BYTES; i++)
    g_string_append_printf (hash, "%02x", content.hash[i]);
  g_assert_cmpstr (hash->str, ==, expected);

  g_assert_true (gloss_picture_content_hash ("/nowhere", &content, cancellable, &error));
  g_assert_false (content.is_there || content.has_hash);
  g_assert_true (gloss_picture_content_hash (folder, &content, cancellable, &error));
  g_assert_false (content.is_there || content.has_hash);
  g_cancellable_cancel (cancellable);
  g_assert_false (gloss_picture_content_hash (path, &content, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) gloss_captions_add_test ("/library/caption-store-pictures/" path, func)
  ADD ("moved/should-keep-their-captions", test_moved_pictures_should_keep_their_captions);
  ADD ("moved/should-be-found-without-writing",
       test_moved_pictures_should_be_found_without_writing);
  ADD ("copies/should-get-captions-of-their-own", test_copies_should_get_captions_of_their_own);
  ADD ("the-one-that-is-gone/should-be-moved", test_the_one_that_is_gone_should_be_moved);
  ADD ("changed/should-keep-their-captions", test_changed_pictures_should_keep_their_captions);
  ADD ("changed/should-not-lose-them-to-a-copy",
       test_changed_pictures_should_not_lose_them_to_a_copy);
  ADD ("without-content/should-be-known-by-path",
       test_pictures_without_content_should_be_known_by_path);
  ADD ("only-what-may-be-known/should-be-read", test_only_what_may_be_known_should_be_read);
  g_test_add_func ("/library/picture-content/should-be-that-of-the-file",
                   test_content_should_be_that_of_the_file);
  return g_test_run ();
}
