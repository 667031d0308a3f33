/* What the window keeps: nothing typed is lost, and nothing forgotten comes back. */
#include "app/keeper.h"

#include "support/asserts.h"

#include <string.h>

typedef struct
{
  char *folder;  /* owned */
  char *sidecar; /* owned; photo.txt */
  GlossKeeper *keeper;
  GlossPicture *picture; /* photo.jpg */
} Fixture;

static void
open_keeper (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "photo.jpg", NULL);

  fixture->keeper = gloss_keeper_new ();
  fixture->picture = gloss_picture_new (path);
}

static void
close_keeper (Fixture *fixture)
{
  gloss_keeper_shut_down (fixture->keeper);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->keeper);
  g_clear_object (&fixture->picture);
}

static void
set_up (Fixture *fixture, gconstpointer name)
{
  g_autofree char *path = NULL;

  fixture->folder = gloss_test_folder_new ();
  fixture->sidecar = g_build_filename (fixture->folder, "photo.txt", NULL);
  path = g_build_filename (fixture->folder, "photo.jpg", NULL);
  /* the store knows pictures by their content too */
  g_assert_true (g_file_set_contents (path, name, -1, NULL));
  open_keeper (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  close_keeper (fixture);
  g_free (fixture->sidecar);
  gloss_test_folder_remove (fixture->folder);
}

static GPtrArray *
list (Fixture *fixture)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (pictures, g_object_ref (fixture->picture));
  return pictures;
}

static void
wait_until_loaded (Fixture *fixture)
{
  while (gloss_keeper_is_loading (fixture->keeper))
    g_main_context_iteration (NULL, TRUE);
}

static void
load (Fixture *fixture)
{
  g_autoptr (GPtrArray) pictures = list (fixture);

  gloss_keeper_load (fixture->keeper, pictures, NULL);
  wait_until_loaded (fixture);
}

static void
caption (Fixture *fixture, const char *text)
{
  GlossCaptionRecord *record = g_new0 (GlossCaptionRecord, 1);

  record->text = g_strdup (text);
  gloss_picture_add_record (fixture->picture, record);
  gloss_keeper_save (fixture->keeper, fixture->picture);
}

static void
type (Fixture *fixture, const char *text, gboolean is_word_end)
{
  gloss_picture_edit (fixture->picture, text);
  gloss_keeper_edit (fixture->keeper, fixture->picture, is_word_end);
}

static void
assert_kept (Fixture *fixture, const char *text)
{
  close_keeper (fixture);
  open_keeper (fixture);
  load (fixture);
  g_assert_cmpstr (gloss_picture_get_caption (fixture->picture), ==, text);
}

static gboolean
has_earlier (Fixture *fixture, const char *text)
{
  const GPtrArray *history = gloss_picture_get_history (fixture->picture);

  for (guint i = 0; i < history->len; i++)
    {
      if (strcmp (((GlossCaptionRecord *) g_ptr_array_index (history, i))->text, text) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
test_half_a_word_should_be_kept_at_the_end (Fixture *fixture, gconstpointer unused)
{
  load (fixture);
  type (fixture, "half a wo", FALSE);
  assert_kept (fixture, "half a wo");
}

static void
count_signal (GObject *object, guint *n)
{
  (*n)++;
}

static void
test_what_is_typed_should_outlast_words_from_elsewhere (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pictures = list (fixture);
  guint n_loaded = 0;

  load (fixture);
  gloss_keeper_set_sidecars (fixture->keeper, fixture->picture, TRUE, pictures);
  type (fixture, "one", TRUE);
  load (fixture);
  g_assert_true (g_file_set_contents (fixture->sidecar, "theirs\n", -1, NULL));
  type (fixture, "one two", TRUE);
  type (fixture, "one two th", FALSE);
  /* their words are found in the file, so all is loaded again */
  g_signal_connect (fixture->keeper, "loaded", G_CALLBACK (count_signal), &n_loaded);
  while (n_loaded == 0)
    g_main_context_iteration (NULL, TRUE);
  wait_until_loaded (fixture);
  g_assert_cmpstr (gloss_picture_get_caption (fixture->picture), ==, "one two th");
  g_assert_true (has_earlier (fixture, "theirs"));
  assert_kept (fixture, "one two th");
}

static void
test_a_caption_that_comes_first_should_not_hide_the_history (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pictures = NULL;

  caption (fixture, "a");
  close_keeper (fixture);
  open_keeper (fixture);
  pictures = list (fixture);
  gloss_keeper_load (fixture->keeper, pictures, NULL);
  caption (fixture, "b");
  wait_until_loaded (fixture);
  g_assert_cmpstr (gloss_picture_get_caption (fixture->picture), ==, "b");
  g_assert_cmpuint (gloss_picture_get_history (fixture->picture)->len, ==, 1);
}

static void
test_a_history_may_be_cleared_before_it_is_known (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pictures = NULL;

  caption (fixture, "a");
  caption (fixture, "b");
  close_keeper (fixture);
  open_keeper (fixture);
  pictures = list (fixture);
  gloss_keeper_load (fixture->keeper, pictures, NULL);
  gloss_keeper_clear_history (fixture->keeper, pictures);
  gloss_picture_clear_history (fixture->picture);
  wait_until_loaded (fixture);
  g_assert_cmpstr (gloss_picture_get_caption (fixture->picture), ==, "b");
  g_assert_cmpuint (gloss_picture_get_history (fixture->picture)->len, ==, 0);
}

static void
test_what_is_said_after_forgetting_should_be_forgotten (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pictures = list (fixture);

  caption (fixture, "a");
  gloss_keeper_forget (fixture->keeper, pictures);
  caption (fixture, "b");
  assert_kept (fixture, "");
}

static void
test_forgetting_should_be_undone (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) pictures = list (fixture);

  caption (fixture, "a");
  gloss_keeper_forget (fixture->keeper, pictures);
  caption (fixture, "b");
  gloss_keeper_restore (fixture->keeper);
  assert_kept (fixture, "a");
}

#define ADD(name, func) g_test_add ("/app/keeper/" name, Fixture, name, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  char *home = gloss_test_folder_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("half-a-word-should-be-kept-at-the-end", test_half_a_word_should_be_kept_at_the_end);
  ADD ("what-is-typed-should-outlast-words-from-elsewhere",
       test_what_is_typed_should_outlast_words_from_elsewhere);
  ADD ("a-caption-that-comes-first-should-not-hide-the-history",
       test_a_caption_that_comes_first_should_not_hide_the_history);
  ADD ("a-history-may-be-cleared-before-it-is-known",
       test_a_history_may_be_cleared_before_it_is_known);
  ADD ("what-is-said-after-forgetting-should-be-forgotten",
       test_what_is_said_after_forgetting_should_be_forgotten);
  ADD ("forgetting-should-be-undone", test_forgetting_should_be_undone);
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
