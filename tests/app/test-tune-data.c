/* Reading, splitting and looking through data in threads, as the main thread sees it. */
#include "app/tune-data.h"

#include "library/caption-store.h"
#include "support/asserts.h"

#include <glib/gstdio.h>

#define N_PICTURES 5
#define LIMIT_SECONDS 20

typedef struct
{
  char *folder; /* owned */
  GlossTuneData *data;
  guint n_changes; /* of the pairs */
} Scratch;

static void
count_change (GlossTuneData *data, Scratch *scratch)
{
  scratch->n_changes++;
}

static char *
copy_picture (const Scratch *scratch, const char *name)
{
  g_autofree char *from = gloss_test_data_path ("demo/pictures/01-three-seagulls.png");
  char *to = g_build_filename (scratch->folder, name, NULL);
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (to, bytes, (gssize) n, NULL));
  return to;
}

static void
put (const Scratch *scratch, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (scratch->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* N_PICTURES with text files, and one without. */
static void
set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  for (guint i = 0; i <= N_PICTURES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.png", i);
      g_autofree char *text_name = g_strdup_printf ("%u.txt", i);
      g_autofree char *path = copy_picture (scratch, name);

      if (i < N_PICTURES)
        put (scratch, text_name, "the same words");
    }
  scratch->data = gloss_tune_data_new ();
  scratch->n_changes = 0;
  g_signal_connect (scratch->data, "pairs-changed", G_CALLBACK (count_change), scratch);
}

static void
tear_down (Scratch *scratch, gconstpointer unused)
{
  g_signal_handlers_disconnect_by_data (scratch->data, scratch);
  g_object_run_dispose (G_OBJECT (scratch->data));
  g_object_unref (scratch->data);
  /* threads that were given up say so */
  for (guint i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  gloss_test_folder_remove (scratch->folder);
}

#define wait_for(condition)                                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 end_usec = g_get_monotonic_time () + LIMIT_SECONDS * G_USEC_PER_SEC;                    \
    while (!(condition) && g_get_monotonic_time () < end_usec)                                     \
      if (!g_main_context_iteration (NULL, FALSE))                                                 \
        g_usleep (1000);                                                                           \
    g_assert_true (condition);                                                                     \
  }                                                                                                \
  G_STMT_END

static void
read_folder (Scratch *scratch)
{
  gloss_tune_data_read (scratch->data, scratch->folder);
  wait_for (gloss_tune_data_get_state (scratch->data) != GLOSS_TUNE_DATA_READING);
}

static void
test_a_folder_should_be_read_and_looked_through (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *tokenizer = gloss_test_data_path ("demo/tokenizer.model");
  const GlossDataReport *report;

  read_folder (scratch);
  g_assert_cmpint (gloss_tune_data_get_state (scratch->data), ==, GLOSS_TUNE_DATA_READY);
  g_assert_cmpuint (gloss_tune_data_get_pairs (scratch->data)->pairs->len, ==, N_PICTURES);
  g_assert_cmpuint (gloss_tune_data_get_pairs (scratch->data)->uncaptioned->len, ==, 1);
  g_assert_cmpuint (gloss_pairs_count_held_out (gloss_tune_data_get_pairs (scratch->data)), ==, 1);
  g_assert_false (gloss_tune_data_has_own_split (scratch->data));
  wait_for (gloss_tune_data_get_looks_state (scratch->data) == GLOSS_TUNE_LOOK_DONE);
  g_assert_cmpuint (gloss_tune_data_get_looks (scratch->data)->n_same_pictures, ==, N_PICTURES - 1);

  /* without a tokenizer only what needs none is known */
  wait_for (gloss_tune_data_get_lengths (scratch->data));
  g_assert_cmpint (gloss_tune_data_get_lengths_state (scratch->data), ==, GLOSS_TUNE_LOOK_WAITING);
  gloss_tune_data_set_tokenizer (scratch->data, tokenizer);
  wait_for (gloss_tune_data_get_lengths_state (scratch->data) == GLOSS_TUNE_LOOK_DONE);
  report = gloss_tune_data_get_lengths (scratch->data);
  g_assert_cmpfloat (report->mean_tokens, >, 4);
  g_assert_cmpuint (report->n_alike, ==, N_PICTURES);
  g_assert_cmpstr (g_ptr_array_index (report->alike, 0), ==, "the same words: 5 times");
}

static void
test_another_share_should_split_anew (Scratch *scratch, gconstpointer unused)
{
  guint n_changes;

  read_folder (scratch);
  n_changes = scratch->n_changes;
  gloss_tune_data_set_share (scratch->data, 0.3);
  gloss_tune_data_set_share (scratch->data, 0.4);
  wait_for (scratch->n_changes > n_changes);
  g_assert_cmpuint (gloss_pairs_count_held_out (gloss_tune_data_get_pairs (scratch->data)), ==, 2);
  g_assert_cmpuint (scratch->n_changes, ==, n_changes + 1);
}

static void
test_a_split_of_its_own_should_stay (Scratch *scratch, gconstpointer unused)
{
  put (scratch, "a_train.jsonl",
       "{\"image\": \"0.png\", \"suffix\": \"a\"}\n{\"image\": \"1.png\", \"suffix\": \"b\"}\n");
  put (scratch, "a_val.jsonl", "{\"image\": \"2.png\", \"suffix\": \"c\"}\n");
  read_folder (scratch);
  g_assert_true (gloss_tune_data_has_own_split (scratch->data));
  gloss_tune_data_set_share (scratch->data, 0.5);
  for (guint i = 0; i < 400; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (gloss_pairs_count_held_out (gloss_tune_data_get_pairs (scratch->data)), ==, 1);
}

static void
test_looking_should_stop_and_begin_again (Scratch *scratch, gconstpointer unused)
{
  read_folder (scratch);
  gloss_tune_data_stop_looking (scratch->data);
  g_assert_cmpint (gloss_tune_data_get_looks_state (scratch->data), ==, GLOSS_TUNE_LOOK_STOPPED);
  g_assert_null (gloss_tune_data_get_looks (scratch->data));
  gloss_tune_data_look (scratch->data);
  wait_for (gloss_tune_data_get_looks_state (scratch->data) == GLOSS_TUNE_LOOK_DONE);
}

static void
test_the_last_choice_should_count (Scratch *scratch, gconstpointer unused)
{
  gloss_tune_data_read (scratch->data, "/nowhere/at/all.csv");
  gloss_tune_data_read (scratch->data, scratch->folder);
  wait_for (gloss_tune_data_get_state (scratch->data) == GLOSS_TUNE_DATA_READY);
  gloss_tune_data_read (scratch->data, "/nowhere/at/all.csv");
  gloss_tune_data_clear (scratch->data);
  for (guint i = 0; i < 200; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpint (gloss_tune_data_get_state (scratch->data), ==, GLOSS_TUNE_DATA_NONE);
  g_assert_null (gloss_tune_data_get_pairs (scratch->data));
  g_assert_null (gloss_tune_data_get_error (scratch->data));
}

static void
test_what_cannot_be_read_should_fail (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *void_folder = g_build_filename (scratch->folder, "void", NULL);

  gloss_tune_data_read (scratch->data, "/nowhere/at/all.csv");
  wait_for (gloss_tune_data_get_state (scratch->data) == GLOSS_TUNE_DATA_FAILED);
  g_assert_nonnull (gloss_tune_data_get_error (scratch->data));
  g_assert_null (gloss_tune_data_get_pairs (scratch->data));

  g_mkdir (void_folder, 0700);
  gloss_tune_data_read (scratch->data, void_folder);
  wait_for (gloss_tune_data_get_state (scratch->data) == GLOSS_TUNE_DATA_FAILED);
  g_assert_null (gloss_tune_data_get_error (scratch->data));
  g_assert_nonnull (gloss_tune_data_get_pairs (scratch->data));
}

static void
test_edited_captions_should_be_read (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *path = gloss_caption_store_get_default_path ();
  g_autofree char *picture = g_build_filename (scratch->folder, "0.png", NULL);
  g_autoptr (GError) error = NULL;

  gloss_tune_data_read (scratch->data, NULL);
  wait_for (gloss_tune_data_get_state (scratch->data) == GLOSS_TUNE_DATA_FAILED);
  g_assert_error (gloss_tune_data_get_error (scratch->data), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  {
    g_autoptr (GlossCaptionStore) store = gloss_caption_store_open (path, NULL, &error);

    g_assert_no_error (error);
    g_assert_true (gloss_caption_store_edit (store, picture, "my own words", NULL, &error));
    g_assert_no_error (error);
  }
  gloss_tune_data_read (scratch->data, NULL);
  wait_for (gloss_tune_data_get_state (scratch->data) == GLOSS_TUNE_DATA_READY);
  g_assert_null (gloss_tune_data_get_path (scratch->data));
  g_assert_cmpstr (gloss_pairs_get (gloss_tune_data_get_pairs (scratch->data), 0)->suffix, ==,
                   "my own words");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Scratch *, gconstpointer);
  } cases[] = {
    { "a-folder-should-be-read-and-looked-through",
      test_a_folder_should_be_read_and_looked_through },
    { "another-share-should-split-anew", test_another_share_should_split_anew },
    { "a-split-of-its-own-should-stay", test_a_split_of_its_own_should_stay },
    { "looking-should-stop-and-begin-again", test_looking_should_stop_and_begin_again },
    { "the-last-choice-should-count", test_the_last_choice_should_count },
    { "what-cannot-be-read-should-fail", test_what_cannot_be_read_should_fail },
    { "edited-captions-should-be-read", test_edited_captions_should_be_read },
  };

  char *home;
  int status;

  g_test_init (&argc, &argv, NULL);
  /* the store of captions is this person's; GLib's own isolation leaks */
  home = gloss_test_folder_new ();
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/app/tune-data/", cases[i].path, NULL);

      g_test_add (path, Scratch, NULL, set_up, cases[i].test, tear_down);
    }
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
