/* The store and the text files beside pictures, reconciled. */
#include "library/kept-captions.h"

#include "base/error.h"
#include "support/asserts.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char *folder;  /* owned */
  char *picture; /* owned; photo.jpg */
  char *sidecar; /* owned; photo.txt */
  char *store;   /* owned */
  GlossKeptCaptions *captions;
} Scratch;

static void
put (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
reopen (Scratch *scratch)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&scratch->captions, gloss_kept_captions_free);
  scratch->captions = gloss_kept_captions_open (scratch->store, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->picture = g_build_filename (scratch->folder, "photo.jpg", NULL);
  scratch->sidecar = g_build_filename (scratch->folder, "photo.txt", NULL);
  scratch->store = g_build_filename (scratch->folder, "captions.sqlite", NULL);
  put (scratch->picture, "picture");
  reopen (scratch);
}

static void
tear_down (Scratch *scratch, gconstpointer unused)
{
  gloss_kept_captions_free (scratch->captions);
  g_free (scratch->picture);
  g_free (scratch->sidecar);
  g_free (scratch->store);
  gloss_test_folder_remove (scratch->folder);
}

static void
switch_on (Scratch *scratch)
{
  g_assert_true (
      gloss_kept_captions_set_sidecars (scratch->captions, scratch->picture, TRUE, NULL));
}

static gboolean
set (Scratch *scratch, const char *text)
{
  GlossCaptionRecord record = { .text = (char *) text,
                                .model = (char *) "demo",
                                .prompt = (char *) "caption en",
                                .created_usec = g_get_real_time () };
  g_autoptr (GError) error = NULL;
  gboolean merged;

  gloss_kept_captions_set (scratch->captions, scratch->picture, &record, &merged, &error);
  g_assert_no_error (error);
  return merged;
}

static gboolean
edit (Scratch *scratch, const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean merged;

  gloss_kept_captions_edit (scratch->captions, scratch->picture, text, &merged, &error);
  g_assert_no_error (error);
  return merged;
}

static void
assert_kept (Scratch *scratch, const char *caption, const char *history)
{
  g_auto (GlossKeptCaption) kept = { 0 };
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  gloss_kept_captions_load (scratch->captions, scratch->picture, FALSE, &kept, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < kept.history->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? "|" : "",
                            ((GlossCaptionRecord *) g_ptr_array_index (kept.history, i))->text);
  g_assert_cmpstr (kept.record ? kept.record->text : NULL, ==, caption);
  g_assert_cmpstr (list->str, ==, history);
}

static void
assert_file (Scratch *scratch, const char *expected)
{
  g_autofree char *text = NULL;

  if (expected)
    g_assert_true (g_file_get_contents (scratch->sidecar, &text, NULL, NULL));
  else
    g_assert_false (g_file_test (scratch->sidecar, G_FILE_TEST_EXISTS));
  g_assert_cmpstr (text, ==, expected);
}

/* Times of files are as coarse as the file system's clock. */
static void
set_age (const char *path, gint64 seconds)
{
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const struct timespec times[2] = { { now - seconds, 0 }, { now - seconds, 0 } };

  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static void
test_no_file_should_be_written_unasked (Scratch *scratch, gconstpointer unused)
{
  set (scratch, "a cat");
  edit (scratch, "a big cat");
  assert_file (scratch, NULL);
  assert_kept (scratch, "a big cat", "a cat");
}

static void
test_files_should_follow_where_switched_on (Scratch *scratch, gconstpointer unused)
{
  gboolean merged;

  set (scratch, "a cat");
  switch_on (scratch);
  g_assert_true (
      gloss_kept_captions_write_sidecar (scratch->captions, scratch->picture, NULL, &merged, NULL));
  assert_file (scratch, "a cat\n");
  edit (scratch, "a big cat");
  assert_file (scratch, "a big cat\n");
  reopen (scratch);
  g_assert_true (gloss_kept_captions_has_sidecars (scratch->captions, scratch->picture));
  set (scratch, "a dog");
  assert_file (scratch, "a dog\n");
  assert_kept (scratch, "a dog", "a big cat|a cat");
}

static void
test_a_file_should_be_a_caption (Scratch *scratch, gconstpointer unused)
{
  put (scratch->sidecar, "from elsewhere\n");
  assert_kept (scratch, "from elsewhere", "");
  reopen (scratch);
  assert_kept (scratch, "from elsewhere", "");
}

static void
test_the_newer_words_should_show (Scratch *scratch, gconstpointer unused)
{
  set (scratch, "mine");
  put (scratch->sidecar, "old\n");
  set_age (scratch->sidecar, 3600);
  assert_kept (scratch, "mine", "old");
  assert_kept (scratch, "mine", "old"); /* and not again and again */
  put (scratch->sidecar, "new\n");
  set_age (scratch->sidecar, -3600);
  assert_kept (scratch, "new", "mine|old");
}

static void
test_words_of_others_should_not_be_lost (Scratch *scratch, gconstpointer unused)
{
  switch_on (scratch);
  set (scratch, "a cat");
  put (scratch->sidecar, "written meanwhile\n");
  g_assert_true (edit (scratch, "a big cat"));
  assert_file (scratch, "a big cat\n");
  assert_kept (scratch, "a big cat", "written meanwhile|a cat");
  g_assert_false (edit (scratch, "a bigger cat"));
}

static void
test_what_is_not_utf8_should_stay (Scratch *scratch, gconstpointer unused)
{
  GlossCaptionRecord record = { .text = (char *) "a cat" };
  g_autoptr (GError) error = NULL;
  gboolean merged;

  put (scratch->sidecar, "caf\xe9");
  switch_on (scratch);
  g_assert_false (
      gloss_kept_captions_set (scratch->captions, scratch->picture, &record, &merged, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH, "is not UTF-8");
  assert_file (scratch, "caf\xe9");
  assert_kept (scratch, "a cat", ""); /* kept all the same */
}

static void
test_answers_should_not_become_files (Scratch *scratch, gconstpointer unused)
{
  GlossCaptionRecord found = { .text = (char *) "<loc0001><loc0002><loc0003><loc0004> cat",
                               .model = (char *) "demo",
                               .prompt = (char *) "detect cat" };
  gboolean merged;

  switch_on (scratch);
  set (scratch, "a cat");
  g_assert_true (
      gloss_kept_captions_set (scratch->captions, scratch->picture, &found, &merged, NULL));
  assert_file (scratch, "a cat\n");
  edit (scratch, "<loc0001><loc0002><loc0003><loc0004> big cat");
  assert_file (scratch, "a cat\n");
  g_assert_true (
      gloss_kept_captions_write_sidecar (scratch->captions, scratch->picture, NULL, &merged, NULL));
  assert_file (scratch, "a cat\n");
  set (scratch, "a dog");
  assert_file (scratch, "a dog\n");
}

static void
test_a_shared_file_should_be_left_alone (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (scratch->folder, "photo.png", NULL);
  GlossCaptionRecord record = { .text = (char *) "a cat" };
  g_auto (GlossKeptCaption) kept = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean merged;

  put (other, "another picture");
  switch_on (scratch);
  g_assert_false (
      gloss_kept_captions_set (scratch->captions, scratch->picture, &record, &merged, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH, "photo.jpg and photo.png");
  assert_file (scratch, NULL);
  put (scratch->sidecar, "whose?\n");
  g_assert_true (
      gloss_kept_captions_load (scratch->captions, scratch->picture, TRUE, &kept, NULL, NULL));
  g_assert_cmpstr (kept.record->text, ==, "a cat");
}

#define ADD(path, func) g_test_add (path, Scratch, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/library/kept-captions/no-file-should-be-written-unasked",
       test_no_file_should_be_written_unasked);
  ADD ("/library/kept-captions/files-should-follow-where-switched-on",
       test_files_should_follow_where_switched_on);
  ADD ("/library/kept-captions/a-file-should-be-a-caption", test_a_file_should_be_a_caption);
  ADD ("/library/kept-captions/the-newer-words-should-show", test_the_newer_words_should_show);
  ADD ("/library/kept-captions/words-of-others-should-not-be-lost",
       test_words_of_others_should_not_be_lost);
  ADD ("/library/kept-captions/what-is-not-utf8-should-stay", test_what_is_not_utf8_should_stay);
  ADD ("/library/kept-captions/answers-should-not-become-files",
       test_answers_should_not_become_files);
  ADD ("/library/kept-captions/a-shared-file-should-be-left-alone",
       test_a_shared_file_should_be_left_alone);
  return g_test_run ();
}
