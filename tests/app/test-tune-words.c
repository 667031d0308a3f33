/* What is said of runs of fine-tuning that are over. */
#include "app/tune-words.h"

#include "support/asserts.h"

#include <glib/gstdio.h>

static void
assert_said (const GlossTuneEnd *end, const char *heading, const char *summary)
{
  g_autofree char *first = gloss_tune_words_make_heading (end);
  g_autofree char *second = gloss_tune_words_make_summary (end);

  g_assert_cmpstr (first, ==, heading);
  g_assert_cmpstr (second, ==, summary);
}

static void
test_each_end_should_have_its_words (void)
{
  GlossTuningRecord record = { .state = GLOSS_TUNING_FINISHED, .n_training = 90 };
  GlossTuneEnd end = {
    .record = &record,
    .has_result = TRUE,
    .step = 64,
    .n_steps = 64,
    .best_step = 48,
    .seconds = 12 * 60,
  };

  assert_said (&end, "Learnt from 90 pictures in 12 min",
               "Step 48 of 64 was the best on the held-out pictures and is kept.");
  end.seconds = 0;
  end.best_step = -1;
  assert_said (&end, "Learnt from 90 pictures", "What was learnt until step 64 of 64 is kept.");
  record.state = GLOSS_TUNING_STOPPED;
  end.step = 30;
  end.best_step = 24;
  assert_said (&end, "Stopped after Step 30 of 64",
               "Learnt from 90 pictures. Step 24 of 64 was the best on the held-out pictures and "
               "is kept.");
  record.state = GLOSS_TUNING_FAILED;
  end.best_step = 0;
  assert_said (&end, "Fine-Tuning Failed",
               "No step was better on the held-out pictures than the model that it began with.");
  end.has_result = FALSE;
  assert_said (&end, "Fine-Tuning Failed", "Nothing came of it that could be used.");
  /* the record does not know its end yet */
  record = (GlossTuningRecord){ .state = GLOSS_TUNING_RUNNING };
  end = (GlossTuneEnd){ .record = &record, .is_comparing = TRUE, .has_result = TRUE };
  end.best_step = -1;
  assert_said (&end, "Fine-Tuning Is Done", "What was learnt is kept.");
}

static void
test_times_should_be_short (void)
{
  const struct
  {
    double seconds;
    const char *words;
  } cases[] = {
    { 0, "0 s" },      { 59.4, "59 s" },   { 60, "1 min" },
    { 719, "12 min" }, { 3599, "60 min" }, { 2 * 3600 + 5 * 60, "2 h 5 min" },
    { -1, "0 s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = gloss_tune_words_format_seconds (cases[i].seconds);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
assert_name (const char *title, const char *base, const char *expected)
{
  GlossTuningSettings settings = { .base_name = (char *) base };
  GlossTuningRecord record = { .title = (char *) title, .settings = &settings };
  g_autofree char *name = gloss_tune_words_make_name (&record);

  g_assert_cmpstr (name, ==, expected);
  g_assert_true (gloss_tuning_record_check_name (name, NULL));
}

static void
test_names_should_be_good_for_folders (void)
{
  g_autofree char *taken = NULL;

  assert_name ("space", "Demo", "space (Demo)");
  assert_name ("space", NULL, "space");
  assert_name ("..a/b\nc", "google/paligemma", "a-b-c (google-paligemma)");
  assert_name ("", "", "Captions");
  assert_name ("…", "Demo", "… (Demo)");
  taken = g_build_filename (g_get_user_data_dir (), "gloss", "models", "space (Demo)", NULL);
  g_assert_cmpint (g_mkdir_with_parents (taken, 0700), ==, 0);
  assert_name ("space", "Demo", "space (Demo) 2");
}

int
main (int argc, char **argv)
{
  char *home = gloss_test_folder_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune-words/each end should have its words",
                   test_each_end_should_have_its_words);
  g_test_add_func ("/tune-words/times should be short", test_times_should_be_short);
  g_test_add_func ("/tune-words/names should be good for folders",
                   test_names_should_be_good_for_folders);
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
