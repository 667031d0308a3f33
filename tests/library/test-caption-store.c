/* What becomes current, what is history, what is forgotten. */
#include "base/error.h"
#include "library/captions.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

#define PICTURE "/nowhere/a.jpg"

static GlossCaptionRecord *
load_current (Captions *captions, const char *picture)
{
  GlossCaptionRecord *current = NULL;
  g_autoptr (GError) error = NULL;

  gloss_caption_store_load (captions->store, picture, &current, NULL, NULL, &error);
  g_assert_no_error (error);
  return current;
}

static void
set_from (Captions *captions, GlossCaptionOrigin origin, const char *text)
{
  GlossCaptionRecord record = { .text = (char *) text, .origin = origin };
  g_autoptr (GError) error = NULL;

  gloss_caption_store_set (captions->store, PICTURE, &record, NULL, &error);
  g_assert_no_error (error);
}

static void
test_nothing_should_be_known_at_first (Captions *captions, gconstpointer unused)
{
  gloss_captions_assert (captions->store, PICTURE, "-");
  gloss_captions_edit (captions->store, PICTURE, "");
  gloss_captions_assert (captions->store, PICTURE, "-");
}

static void
test_all_of_a_record_should_come_back (Captions *captions, gconstpointer unused)
{
  GlossCaptionRecord record = { .text = (char *) "ein Hafen\nüber zwei Zeilen",
                                .model = (char *) "google/paligemma-3b-mix-224",
                                .prompt = (char *) "caption de",
                                .note = (char *) "sampled, seed 3",
                                .created_usec = 1234567890123456,
                                .origin = GLOSS_CAPTION_ORIGIN_MODEL };
  g_autoptr (GlossCaptionRecord) current = NULL;
  g_autoptr (GlossCaptionRecord) copy = NULL;
  g_autoptr (GError) error = NULL;

  gloss_caption_store_set (captions->store, PICTURE, &record, NULL, &error);
  g_assert_no_error (error);
  gloss_captions_reopen (captions);
  current = load_current (captions, PICTURE);
  copy = gloss_caption_record_copy (current);
  g_assert_cmpint (copy->id, >, 0);
  g_assert_cmpstr (copy->text, ==, record.text);
  g_assert_cmpstr (copy->model, ==, record.model);
  g_assert_cmpstr (copy->prompt, ==, record.prompt);
  g_assert_cmpstr (copy->note, ==, record.note);
  g_assert_cmpint (copy->created_usec, ==, record.created_usec);
  g_assert_cmpint (copy->origin, ==, record.origin);
}

static void
test_missing_time_should_be_now (Captions *captions, gconstpointer unused)
{
  gint64 before_usec = g_get_real_time ();
  g_autoptr (GlossCaptionRecord) current = NULL;

  gloss_captions_set (captions->store, PICTURE, "a");
  current = load_current (captions, PICTURE);
  g_assert_cmpint (current->created_usec, >=, before_usec);
  g_assert_cmpint (current->created_usec, <=, g_get_real_time ());
}

static void
test_history_should_be_newest_first (Captions *captions, gconstpointer unused)
{
  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_set (captions->store, PICTURE, "b");
  gloss_captions_set (captions->store, PICTURE, "c");
  gloss_captions_assert (captions->store, PICTURE, "c|b|a");
  gloss_captions_assert (captions->store, "/nowhere/./a.jpg", "c|b|a");
  gloss_captions_assert (captions->store, "/nowhere/b.jpg", "-");
}

static void
test_same_text_should_move_up (Captions *captions, gconstpointer unused)
{
  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_set (captions->store, PICTURE, "b");
  gloss_captions_set (captions->store, PICTURE, "b");
  gloss_captions_assert (captions->store, PICTURE, "b|a");
  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_assert (captions->store, PICTURE, "a|b");
}

static void
test_empty_captions_should_leave_no_history (Captions *captions, gconstpointer unused)
{
  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_set (captions->store, PICTURE, "");
  gloss_captions_assert (captions->store, PICTURE, "|a");
  gloss_captions_set (captions->store, PICTURE, "b");
  gloss_captions_assert (captions->store, PICTURE, "b|a");
}

/* A sidecar that Gloss itself wrote must not hide which model it was. */
static void
test_sidecars_should_not_hide_what_is_known (Captions *captions, gconstpointer unused)
{
  g_autoptr (GlossCaptionRecord) current = NULL;

  gloss_captions_set (captions->store, PICTURE, "a");
  set_from (captions, GLOSS_CAPTION_ORIGIN_SIDECAR, "a");
  gloss_captions_assert (captions->store, PICTURE, "a");
  gloss_captions_set (captions->store, PICTURE, "b");
  set_from (captions, GLOSS_CAPTION_ORIGIN_SIDECAR, "a");
  gloss_captions_assert (captions->store, PICTURE, "a|b");
  current = load_current (captions, PICTURE);
  g_assert_cmpstr (current->model, ==, "m");
  set_from (captions, GLOSS_CAPTION_ORIGIN_SIDECAR, "c");
  gloss_captions_assert (captions->store, PICTURE, "c+|a|b");
}

static void
test_edits_should_be_one_until_another_caption (Captions *captions, gconstpointer unused)
{
  g_autoptr (GlossCaptionRecord) current = NULL;

  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_edit (captions->store, PICTURE, "ab");
  gloss_captions_assert (captions->store, PICTURE, "ab*|a");
  gloss_captions_edit (captions->store, PICTURE, "abc");
  gloss_captions_edit (captions->store, PICTURE, "abc");
  gloss_captions_assert (captions->store, PICTURE, "abc*|a");
  current = load_current (captions, PICTURE);
  g_assert_cmpstr (current->model, ==, "m");
  g_assert_cmpstr (current->prompt, ==, "p");
  gloss_captions_edit (captions->store, PICTURE, "");
  gloss_captions_assert (captions->store, PICTURE, "*|a");
  gloss_captions_edit (captions->store, PICTURE, "d");
  gloss_captions_set (captions->store, PICTURE, "e");
  gloss_captions_edit (captions->store, PICTURE, "ef");
  gloss_captions_assert (captions->store, PICTURE, "ef*|e|d*|a");
}

static void
test_edits_of_another_day_should_be_kept (Captions *captions, gconstpointer unused)
{
  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_edit (captions->store, PICTURE, "b");
  gloss_captions_reopen (captions);
  gloss_captions_edit (captions->store, PICTURE, "c");
  gloss_captions_edit (captions->store, PICTURE, "d");
  gloss_captions_assert (captions->store, PICTURE, "d*|b*|a");
  /* taken back from the history, it must not be lost to an edit either */
  set_from (captions, GLOSS_CAPTION_ORIGIN_EDITED, "b");
  gloss_captions_edit (captions->store, PICTURE, "e");
  gloss_captions_assert (captions->store, PICTURE, "e*|b*|d*|a");
}

static void
test_undone_edits_should_leave_no_trace (Captions *captions, gconstpointer unused)
{
  gloss_captions_set (captions->store, PICTURE, "a");
  gloss_captions_edit (captions->store, PICTURE, "ab");
  gloss_captions_edit (captions->store, PICTURE, "a");
  gloss_captions_assert (captions->store, PICTURE, "a");
  gloss_captions_edit (captions->store, PICTURE, "ac");
  gloss_captions_assert (captions->store, PICTURE, "ac*|a");
}

static void
test_typed_text_should_have_no_model (Captions *captions, gconstpointer unused)
{
  g_autoptr (GlossCaptionRecord) typed = NULL;
  g_autoptr (GlossCaptionRecord) instead = NULL;

  gloss_captions_edit (captions->store, PICTURE, "typed");
  gloss_captions_assert (captions->store, PICTURE, "typed*");
  typed = load_current (captions, PICTURE);
  g_assert_cmpstr (typed->model, ==, NULL);
  g_assert_cmpstr (typed->prompt, ==, NULL);
  gloss_captions_set (captions->store, "/nowhere/b.jpg", "");
  gloss_captions_edit (captions->store, "/nowhere/b.jpg", "typed");
  gloss_captions_assert (captions->store, "/nowhere/b.jpg", "typed*");
  instead = load_current (captions, "/nowhere/b.jpg");
  g_assert_cmpstr (instead->model, ==, NULL);
}

static void
test_histories_should_be_cleared (Captions *captions, gconstpointer unused)
{
  static const char *const pictures[] = { "/nowhere/a", "/nowhere/b", "/nowhere/c" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    {
      gloss_captions_set (captions->store, pictures[i], "unloved words");
      gloss_captions_set (captions->store, pictures[i], "b");
    }
  gloss_caption_store_clear_history (captions->store, pictures[1], &error);
  g_assert_no_error (error);
  gloss_captions_assert (captions->store, pictures[0], "b|unloved words");
  gloss_captions_assert (captions->store, pictures[1], "b");
  g_assert_true (gloss_captions_holds_bytes (captions, "unloved words"));
  gloss_caption_store_clear_history (captions->store, NULL, &error);
  g_assert_no_error (error);
  gloss_captions_assert (captions->store, pictures[0], "b");
  gloss_captions_assert (captions->store, pictures[2], "b");
  g_assert_false (gloss_captions_holds_bytes (captions, "unloved words"));
}

static void
test_forgetting_should_be_undone (Captions *captions, gconstpointer unused)
{
  g_autofree char *same = gloss_captions_make_picture (captions, "same.png", "bytes");
  g_autofree char *other = gloss_captions_make_picture (captions, "other.png", "bytes");
  const char *const paths[] = { "/nowhere/a", "/nowhere/unknown", same, other, "/nowhere/b", NULL };
  g_autoptr (GlossForgottenCaptions) forgotten = NULL;
  g_autoptr (GError) error = NULL;

  gloss_captions_set (captions->store, "/nowhere/a", "1");
  gloss_captions_edit (captions->store, "/nowhere/a", "2");
  gloss_captions_set (captions->store, "/nowhere/b", "3");
  gloss_captions_set (captions->store, same, "4");
  gloss_captions_set (captions->store, other, "5");
  g_assert_cmpint (g_unlink (same), ==, 0);
  gloss_caption_store_forget (captions->store, paths, &forgotten, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gloss_forgotten_captions_get_n_pictures (forgotten), ==, 4);
  gloss_captions_assert (captions->store, "/nowhere/a", "-");
  gloss_captions_assert (captions->store, other, "-");
  gloss_captions_set (captions->store, "/nowhere/b", "6");
  gloss_captions_set (captions->store, "/nowhere/b", "7");
  for (guint i = 0; i < 2; i++)
    {
      gloss_caption_store_restore (captions->store, forgotten, &error);
      g_assert_no_error (error);
      gloss_captions_assert (captions->store, "/nowhere/a", "2*|1");
      gloss_captions_assert (captions->store, "/nowhere/b", "7|6|3");
      gloss_captions_assert (captions->store, same, "4");
      gloss_captions_assert (captions->store, other, "5|4");
    }
}

static void
test_glances_should_see_text_and_edits (Captions *captions, gconstpointer unused)
{
  static const char *const paths[] = { "/nowhere/none", "/nowhere/made", "/nowhere/edited",
                                       "/nowhere/emptied", "/nowhere//made" };
  static const guint8 expected[] = { 0, GLOSS_CAPTION_STATE_HAS_TEXT,
                                     GLOSS_CAPTION_STATE_HAS_TEXT | GLOSS_CAPTION_STATE_IS_EDITED,
                                     0, GLOSS_CAPTION_STATE_HAS_TEXT };
  guint8 states[G_N_ELEMENTS (paths)];

  for (guint i = 1; i < 4; i++)
    gloss_captions_set (captions->store, paths[i], "a");
  gloss_captions_edit (captions->store, paths[2], "b");
  gloss_captions_edit (captions->store, paths[3], "");
  memset (states, 0xff, sizeof states);
  gloss_caption_store_peek (captions->store, paths, G_N_ELEMENTS (paths), states);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_cmpuint (states[i], ==, expected[i]);
}

static void
test_folders_should_be_remembered (Captions *captions, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (gloss_caption_store_get_folder_sidecars (captions->store, "/nowhere"));
  gloss_caption_store_set_folder_sidecars (captions->store, "/nowhere/", TRUE, &error);
  g_assert_no_error (error);
  gloss_captions_reopen (captions);
  g_assert_true (gloss_caption_store_get_folder_sidecars (captions->store, "/nowhere"));
  g_assert_false (gloss_caption_store_get_folder_sidecars (captions->store, "/nowhere/else"));
  gloss_caption_store_set_folder_sidecars (captions->store, "/nowhere", FALSE, &error);
  g_assert_no_error (error);
  g_assert_false (gloss_caption_store_get_folder_sidecars (captions->store, "/nowhere"));
}

static void
test_texts_should_have_limits (Captions *captions, gconstpointer unused)
{
  g_autofree char *most = g_strnfill (GLOSS_CAPTION_MAX_BYTES, 'x');
  g_autofree char *more = g_strnfill (GLOSS_CAPTION_MAX_BYTES + 1, 'x');
  GlossCaptionRecord record = { .text = (char *) "a", .note = more };
  g_autoptr (GError) error = NULL;

  gloss_captions_edit (captions->store, PICTURE, most);
  g_assert_false (gloss_caption_store_edit (captions->store, PICTURE, more, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           "captions.sqlite: the caption cannot be kept: the text has 1048577 "
                           "bytes, and at most 1048576 are kept");
  g_assert_false (gloss_caption_store_set (captions->store, PICTURE, &record, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "the note has 1048577");
  g_assert_false (gloss_caption_store_edit (captions->store, PICTURE, "caf\xe9", NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "the text is not valid UTF-8");
}

static void
test_cancelled_calls_should_change_nothing (Captions *captions, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (gloss_caption_store_edit (captions->store, PICTURE, "a", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gloss_captions_assert (captions->store, PICTURE, "-");
}

#define N_THREADS 4
#define N_CAPTIONS_PER_THREAD 12

static gpointer
write_captions (gpointer user_data)
{
  GlossCaptionStore *store = user_data;
  g_autofree char *own = g_strdup_printf ("/nowhere/%p", (void *) g_thread_self ());

  for (guint i = 0; i < N_CAPTIONS_PER_THREAD; i++)
    {
      g_autofree char *text = g_strdup_printf ("%p %u", (void *) g_thread_self (), i);

      gloss_captions_set (store, PICTURE, text);
      gloss_captions_set (store, own, text);
      gloss_captions_assert (store, "/nowhere/unknown", "-");
    }
  return NULL;
}

static void
test_threads_should_not_get_in_each_others_way (Captions *captions, gconstpointer unused)
{
  GThread *threads[N_THREADS];
  g_autoptr (GPtrArray) history = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("writer", write_captions, captions->store);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  gloss_caption_store_load (captions->store, PICTURE, NULL, &history, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (history->len, ==, N_THREADS * N_CAPTIONS_PER_THREAD - 1);
}

static void
test_place_should_be_the_users (void)
{
  g_autofree char *path = gloss_caption_store_get_default_path ();

  g_assert_true (g_str_has_prefix (path, g_get_user_data_dir ()));
  g_assert_true (g_str_has_suffix (path, "/gloss/captions.sqlite"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) gloss_captions_add_test ("/library/caption-store/" path, func)
  ADD ("nothing/should-be-known-at-first", test_nothing_should_be_known_at_first);
  ADD ("record/should-come-back", test_all_of_a_record_should_come_back);
  ADD ("missing-time/should-be-now", test_missing_time_should_be_now);
  ADD ("history/should-be-newest-first", test_history_should_be_newest_first);
  ADD ("same-text/should-move-up", test_same_text_should_move_up);
  ADD ("empty-captions/should-leave-no-history", test_empty_captions_should_leave_no_history);
  ADD ("sidecars/should-not-hide-what-is-known", test_sidecars_should_not_hide_what_is_known);
  ADD ("edits/should-be-one-until-another-caption", test_edits_should_be_one_until_another_caption);
  ADD ("edits/of-another-day-should-be-kept", test_edits_of_another_day_should_be_kept);
  ADD ("edits/undone-should-leave-no-trace", test_undone_edits_should_leave_no_trace);
  ADD ("typed-text/should-have-no-model", test_typed_text_should_have_no_model);
  ADD ("histories/should-be-cleared", test_histories_should_be_cleared);
  ADD ("forgotten/should-be-undone", test_forgetting_should_be_undone);
  ADD ("glances/should-see-text-and-edits", test_glances_should_see_text_and_edits);
  ADD ("folders/should-be-remembered", test_folders_should_be_remembered);
  ADD ("texts/should-have-limits", test_texts_should_have_limits);
  ADD ("cancelled/should-change-nothing", test_cancelled_calls_should_change_nothing);
  ADD ("threads/should-not-get-in-each-others-way", test_threads_should_not_get_in_each_others_way);
  g_test_add_func ("/library/caption-store/place/should-be-the-users",
                   test_place_should_be_the_users);
  return g_test_run ();
}
