/* Captions in text files beside pictures. */
#include "dataset/sidecar.h"

#include "base/error.h"
#include "support/asserts.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

typedef struct
{
  char *folder;        /* owned */
  char *picture;       /* owned; photo.jpg, which is not there */
  char *path;          /* owned; photo.txt */
  GlossSidecar *known; /* owned */
} Scratch;

static void
set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->picture = g_build_filename (scratch->folder, "photo.jpg", NULL);
  scratch->path = g_build_filename (scratch->folder, "photo.txt", NULL);
}

static void
tear_down (Scratch *scratch, gconstpointer unused)
{
  gloss_sidecar_free (scratch->known);
  g_free (scratch->picture);
  g_free (scratch->path);
  gloss_test_folder_remove (scratch->folder);
}

static void
put (const char *path, const char *bytes, gssize n_bytes)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, n_bytes, &error);
  g_assert_no_error (error);
}

static void
assert_bytes (const char *path, const char *expected)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  g_assert_cmpmem (bytes, n_bytes, expected, strlen (expected));
}

static void
read_again (Scratch *scratch)
{
  g_autoptr (GError) error = NULL;

  gloss_sidecar_free (scratch->known);
  scratch->known = gloss_sidecar_read (scratch->picture, &error);
  g_assert_no_error (error);
}

static void
assert_text (Scratch *scratch, const char *expected)
{
  read_again (scratch);
  g_assert_nonnull (scratch->known);
  g_assert_cmpstr (scratch->known->text, ==, expected);
}

static void
assert_write (Scratch *scratch, const char *text, GlossSidecarResult expected)
{
  g_autoptr (GError) error = NULL;
  GlossSidecarResult result = gloss_sidecar_write (scratch->picture, text, &scratch->known, &error);

  g_assert_no_error (error);
  g_assert_cmpint (result, ==, expected);
}

static void
assert_cannot_read (const char *picture, GQuark domain, int code, const char *message)
{
  g_autoptr (GError) error = NULL;
  GlossSidecar *known = NULL;

  g_assert_null (gloss_sidecar_read (picture, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, domain, code, message);
  /* and then nothing is written there */
  g_assert_cmpint (gloss_sidecar_write (picture, "words", &known, &error), ==,
                   GLOSS_SIDECAR_FAILED);
  gloss_assert_error_says (&error, domain, code, message);
  g_assert_null (known);
}

static void
test_names_should_change_behind_the_last_dot (void)
{
  static const char *const cases[][2] = {
    { "/a/photo.jpg", "/a/photo.txt" },
    { "photo.tar.jpg", "photo.tar.txt" },
    { "/a.b/photo", "/a.b/photo.txt" },
    { "/a/.hidden", "/a/.hidden.txt" },
    { "/a/.hidden.png", "/a/.hidden.txt" },
    { "/a/caf\xe9.png", "/a/caf\xe9.txt" },
    { "a.", "a.txt" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = gloss_sidecar_get_path (cases[i][0]);

      g_assert_cmpstr (path, ==, cases[i][1]);
    }
}

static void
test_text_should_be_read (Scratch *scratch, gconstpointer unused)
{
  static const char *const cases[][2] = {
    { "a harbour", "a harbour" },
    { "a harbour\n", "a harbour" },
    { "a harbour\r\n", "a harbour" },
    { "\xef\xbb\xbf"
      "a harbour\n",
      "a harbour" },
    { "two\nlines\n\n", "two\nlines\n" },
    { "", "" },
    { "\n", "" },
    { "\xef\xbb\xbf", "" },
    { "ein Hafen, schön \xf0\x9f\x9a\xa2", "ein Hafen, schön \xf0\x9f\x9a\xa2" },
  };

  read_again (scratch);
  g_assert_null (scratch->known);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      put (scratch->path, cases[i][0], -1);
      assert_text (scratch, cases[i][1]);
      g_assert_cmpstr (scratch->known->path, ==, scratch->path);
      g_assert_cmpint (scratch->known->n_bytes, ==, (gint64) strlen (cases[i][0]));
    }
}

static void
test_other_suffix_should_come_second (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *second = g_build_filename (scratch->folder, "photo.caption", NULL);

  put (second, "second\n", -1);
  assert_text (scratch, "second");
  assert_write (scratch, "changed", GLOSS_SIDECAR_WRITTEN);
  assert_bytes (second, "changed\n");
  g_assert_false (g_file_test (scratch->path, G_FILE_TEST_EXISTS));
  put (scratch->path, "first\n", -1);
  g_assert_true (gloss_sidecar_has_changed (scratch->picture, scratch->known));
  assert_write (scratch, "lost", GLOSS_SIDECAR_CHANGED_OUTSIDE);
  assert_text (scratch, "first");
  assert_bytes (second, "changed\n");
}

static void
test_other_encodings_should_stay (Scratch *scratch, gconstpointer unused)
{
  static const struct
  {
    const char *bytes;
    gssize n_bytes;
  } cases[] = { { "caf\xe9", 4 },
                { "\xff\xfe"
                  "a\0b\0",
                  6 },
                { "a\0b", 3 },
                { "\xc3", 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      put (scratch->path, cases[i].bytes, cases[i].n_bytes);
      assert_text (scratch, NULL);
      assert_write (scratch, "words", GLOSS_SIDECAR_NOT_UTF8);
      assert_write (scratch, "", GLOSS_SIDECAR_NOT_UTF8);
      g_assert_true (g_file_get_contents (scratch->path, &bytes, &n_bytes, NULL));
      g_assert_cmpmem (bytes, n_bytes, cases[i].bytes, (gsize) cases[i].n_bytes);
    }
}

static void
test_text_should_be_written_and_replaced (Scratch *scratch, gconstpointer unused)
{
  static const char *const texts[] = { "first", "second\nline", "ends in a newline\n", "\n",
                                       "ends in a return\r" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *expected =
          g_strconcat (texts[i], g_str_has_suffix (texts[i], "\r") ? NULL : "\n", NULL);

      assert_write (scratch, texts[i], GLOSS_SIDECAR_WRITTEN);
      assert_bytes (scratch->path, expected);
      g_assert_false (gloss_sidecar_has_changed (scratch->picture, scratch->known));
      assert_write (scratch, texts[i], GLOSS_SIDECAR_UNCHANGED);
      g_assert_cmpstr (scratch->known->text, ==, texts[i]);
      assert_text (scratch, texts[i]);
    }
}

static void
test_unchanged_text_should_keep_its_bytes (Scratch *scratch, gconstpointer unused)
{
  static const char *const cases[] = { "a", "a\r\n",
                                       "\xef\xbb\xbf"
                                       "a\n" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      struct stat before, after;

      put (scratch->path, cases[i], -1);
      assert_text (scratch, "a");
      g_assert_cmpint (stat (scratch->path, &before), ==, 0);
      assert_write (scratch, "a", GLOSS_SIDECAR_UNCHANGED);
      g_assert_cmpint (stat (scratch->path, &after), ==, 0);
      g_assert_cmpuint (before.st_ino, ==, after.st_ino);
      assert_bytes (scratch->path, cases[i]);
    }
}

static void
test_changes_by_others_should_stay (Scratch *scratch, gconstpointer unused)
{
  /* one that we do not know of */
  put (scratch->path, "theirs\n", -1);
  g_assert_true (gloss_sidecar_has_changed (scratch->picture, NULL));
  assert_write (scratch, "ours", GLOSS_SIDECAR_CHANGED_OUTSIDE);
  assert_bytes (scratch->path, "theirs\n");
  /* with our words already */
  assert_write (scratch, "theirs", GLOSS_SIDECAR_UNCHANGED);
  assert_write (scratch, "ours", GLOSS_SIDECAR_WRITTEN);
  /* one of the same length, later than a tick of the clock by which files have their times */
  g_usleep (20 * G_TIME_SPAN_MILLISECOND);
  put (scratch->path, "THEM\n", -1);
  g_assert_true (gloss_sidecar_has_changed (scratch->picture, scratch->known));
  assert_write (scratch, "ours again", GLOSS_SIDECAR_CHANGED_OUTSIDE);
  assert_write (scratch, "", GLOSS_SIDECAR_CHANGED_OUTSIDE);
  assert_bytes (scratch->path, "THEM\n");
  /* the person has decided */
  read_again (scratch);
  assert_write (scratch, "ours again", GLOSS_SIDECAR_WRITTEN);
  /* touched, but with the same words */
  put (scratch->path, "ours again\n", -1);
  assert_write (scratch, "and again", GLOSS_SIDECAR_WRITTEN);
  /* removed */
  g_assert_cmpint (g_unlink (scratch->path), ==, 0);
  g_assert_true (gloss_sidecar_has_changed (scratch->picture, scratch->known));
  assert_write (scratch, "and on", GLOSS_SIDECAR_WRITTEN);
  assert_bytes (scratch->path, "and on\n");
  /* emptied */
  put (scratch->path, "", 0);
  assert_write (scratch, "to the end", GLOSS_SIDECAR_WRITTEN);
}

static void
test_empty_text_should_empty_and_not_make (Scratch *scratch, gconstpointer unused)
{
  assert_write (scratch, "", GLOSS_SIDECAR_UNCHANGED);
  g_assert_false (g_file_test (scratch->path, G_FILE_TEST_EXISTS));
  g_assert_null (scratch->known);
  assert_write (scratch, "a", GLOSS_SIDECAR_WRITTEN);
  assert_write (scratch, "", GLOSS_SIDECAR_WRITTEN);
  assert_bytes (scratch->path, "");
  assert_write (scratch, "", GLOSS_SIDECAR_UNCHANGED);
}

static void
test_what_is_no_sidecar_should_be_told (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *large = g_strnfill (GLOSS_SIDECAR_MAX_BYTES + 1, 'x');
  g_autoptr (GError) error = NULL;

  put (scratch->path, large, (gssize) GLOSS_SIDECAR_MAX_BYTES);
  read_again (scratch);
  g_assert_cmpuint (strlen (scratch->known->text), ==, GLOSS_SIDECAR_MAX_BYTES);
  put (scratch->path, large, (gssize) GLOSS_SIDECAR_MAX_BYTES + 1);
  assert_cannot_read (scratch->picture, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                      "photo.txt: this file has 1048577 bytes, and a caption beside a picture at "
                      "most 1048576");
  g_assert_cmpint (g_unlink (scratch->path), ==, 0);
  large[GLOSS_SIDECAR_MAX_BYTES] = '\0';
  g_assert_cmpint (gloss_sidecar_write (scratch->picture, large, &scratch->known, &error), ==,
                   GLOSS_SIDECAR_FAILED);
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           "photo.txt: the caption has 1048576 bytes");
  g_assert_cmpint (gloss_sidecar_write (scratch->picture, "\xff", &scratch->known, &error), ==,
                   GLOSS_SIDECAR_FAILED);
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "not valid UTF-8");

  g_assert_cmpint (g_mkdir (scratch->path, 0700), ==, 0);
  assert_cannot_read (scratch->picture, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                      "photo.txt: a folder has the name");
  g_assert_cmpint (g_rmdir (scratch->path), ==, 0);
  g_assert_cmpint (mkfifo (scratch->path, 0600), ==, 0);
  assert_cannot_read (scratch->picture, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                      "photo.txt: a device or a pipe has the name");
  g_assert_cmpint (g_unlink (scratch->path), ==, 0);
  g_assert_cmpint (symlink ("photo.txt", scratch->path), ==, 0);
  assert_cannot_read (scratch->picture, G_IO_ERROR, (int) g_io_error_from_errno (ELOOP),
                      "photo.txt: the caption beside the picture cannot be read");
}

static void
test_pictures_should_not_be_their_own_sidecar (Scratch *scratch, gconstpointer unused)
{
  static const char *const names[] = { "drawing.txt", "sketch.caption" };
  g_autofree char *written = g_build_filename (scratch->folder, "sketch.txt", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *picture = g_build_filename (scratch->folder, names[i], NULL);

      put (picture, "<svg/>", -1);
      g_assert_null (gloss_sidecar_read (picture, &error));
      g_assert_no_error (error);
      g_assert_false (gloss_sidecar_has_changed (picture, NULL));
      g_assert_cmpint (gloss_sidecar_write (picture, "words", &scratch->known, &error), ==,
                       i == 0 ? GLOSS_SIDECAR_FAILED : GLOSS_SIDECAR_WRITTEN);
      if (i == 0)
        gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                                 "drawing.txt: the caption cannot be written beside the picture");
      g_assert_no_error (error);
      assert_bytes (picture, "<svg/>");
    }
  assert_bytes (written, "words\n");
}

/* As somebody who is not root, for whom nothing is forbidden. */
static void
test_closed_folder_should_be_told (Scratch *scratch, gconstpointer unused)
{
  gboolean is_root = geteuid () == 0;
  g_autoptr (GError) error = NULL;

  assert_write (scratch, "old", GLOSS_SIDECAR_WRITTEN);
  g_assert_cmpint (g_chmod (scratch->folder, 0555), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  g_assert_cmpint (gloss_sidecar_write (scratch->picture, "new", &scratch->known, &error), ==,
                   GLOSS_SIDECAR_FAILED);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "photo.txt: no file can be made in the folder \"");
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (scratch->folder, 0700), ==, 0);
  assert_bytes (scratch->path, "old\n");
  assert_write (scratch, "new", GLOSS_SIDECAR_WRITTEN);
}

static void
test_links_and_odd_names_should_work (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *target = g_build_filename (scratch->folder, "elsewhere", NULL);
  g_autofree char *long_name = g_strnfill (251, 'x');
  g_autofree char *long_file = g_strconcat (long_name, ".jpg", NULL);
  g_autofree char *tight_name = g_strnfill (253, 'x');
  g_autofree char *tight_file = g_strconcat (tight_name, ".j", NULL);
  const char *const names[] = { "caf\xe9.png", "new\nline.png", long_file };
  g_autoptr (GError) error = NULL;

  put (target, "words\n", -1);
  g_assert_cmpint (symlink ("elsewhere", scratch->path), ==, 0);
  assert_text (scratch, "words");
  assert_write (scratch, "others", GLOSS_SIDECAR_WRITTEN);
  g_assert_true (g_file_test (scratch->path, G_FILE_TEST_IS_SYMLINK));
  assert_bytes (target, "others\n");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *picture = g_build_filename (scratch->folder, names[i], NULL);
      g_autoptr (GlossSidecar) known = NULL;
      g_autoptr (GlossSidecar) found = NULL;

      g_assert_cmpint (gloss_sidecar_write (picture, "a", &known, &error), ==,
                       GLOSS_SIDECAR_WRITTEN);
      found = gloss_sidecar_read (picture, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (found->text, ==, "a");
    }
  {
    g_autofree char *picture = g_build_filename (scratch->folder, tight_file, NULL);
    g_autoptr (GlossSidecar) known = NULL;

    g_assert_null (gloss_sidecar_read (picture, &error));
    g_assert_no_error (error);
    g_assert_cmpint (gloss_sidecar_write (picture, "a", &known, &error), ==, GLOSS_SIDECAR_FAILED);
    gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "cannot be written");
  }
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
  g_test_add_func ("/dataset/sidecar/names/should-change-behind-the-last-dot",
                   test_names_should_change_behind_the_last_dot);
  add ("/dataset/sidecar/text/should-be-read", test_text_should_be_read);
  add ("/dataset/sidecar/other-suffix/should-come-second", test_other_suffix_should_come_second);
  add ("/dataset/sidecar/other-encodings/should-stay", test_other_encodings_should_stay);
  add ("/dataset/sidecar/text/should-be-written-and-replaced",
       test_text_should_be_written_and_replaced);
  add ("/dataset/sidecar/unchanged-text/should-keep-its-bytes",
       test_unchanged_text_should_keep_its_bytes);
  add ("/dataset/sidecar/changes-by-others/should-stay", test_changes_by_others_should_stay);
  add ("/dataset/sidecar/empty-text/should-empty-and-not-make",
       test_empty_text_should_empty_and_not_make);
  add ("/dataset/sidecar/what-is-no-sidecar/should-be-told",
       test_what_is_no_sidecar_should_be_told);
  add ("/dataset/sidecar/pictures/should-not-be-their-own",
       test_pictures_should_not_be_their_own_sidecar);
  add ("/dataset/sidecar/closed-folder/should-be-told", test_closed_folder_should_be_told);
  add ("/dataset/sidecar/links-and-odd-names/should-work", test_links_and_odd_names_should_work);
  return g_test_run ();
}
