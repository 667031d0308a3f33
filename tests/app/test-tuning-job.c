/* A run of fine-tuning as the main thread sees it: to its end, paused, kept early, thrown away, and
 * gone on with after the program ended. */
#include "app/tuning-job.h"

#include "library/tuning-record.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *data;
  GlossTurn *turn;
  GlossTuningJob *job;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer n_steps)
{
  static const char *const names[] = { "04-a-teapot", "06-a-tooth", "08-a-zebra",
                                       "12-a-cup-of-coffee" };
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  g_autoptr (GError) error = NULL;
  GlossTuningRecord *record;

  fixture->data = gloss_test_folder_new ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *relative = g_strdup_printf ("demo/pictures/%s.png", names[i]);
      g_autofree char *from = gloss_test_data_path (relative);
      g_autofree char *to = g_strdup_printf ("%s/%s.png", fixture->data, names[i]);
      g_autofree char *words = g_strdup_printf ("%s/%s.txt", fixture->data, names[i]);
      g_autofree char *data = NULL;
      gsize n_bytes;

      g_assert_true (g_file_get_contents (from, &data, &n_bytes, NULL));
      g_assert_true (g_file_set_contents (to, data, (gssize) n_bytes, NULL));
      g_assert_true (g_file_set_contents (words, names[i] + 3, -1, NULL));
    }
  settings->base_path = gloss_test_data_path ("demo");
  settings->base_name = g_strdup ("demo");
  settings->data_path = g_strdup (fixture->data);
  settings->validation_share = 0.25;
  settings->train.set = GLOSS_TRAIN_LORA;
  settings->train.n_top_layers = 1;
  settings->trainer.n_steps = GPOINTER_TO_UINT (n_steps);
  settings->trainer.batch = 2;
  settings->trainer.micro_batch = 1;
  settings->trainer.keeps_best = TRUE;
  settings->trainer.keeps_snapshot = TRUE;
  fixture->turn = gloss_turn_new ();
  record = gloss_tuning_record_new (settings, "a run", &error);
  g_assert_no_error (error);
  fixture->job = gloss_tuning_job_new (record, fixture->turn);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  gloss_tuning_job_shut_down (fixture->job);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  if (g_file_test (gloss_tuning_job_get_record (fixture->job)->folder, G_FILE_TEST_EXISTS))
    g_assert_true (gloss_tuning_record_delete (gloss_tuning_job_get_record (fixture->job), NULL));
  g_object_unref (fixture->job);
  gloss_turn_free (fixture->turn);
  gloss_test_folder_remove (fixture->data);
}

static void
wait_for (Fixture *fixture, GlossTuningJobState state)
{
  while (gloss_tuning_job_get_state (fixture->job) != state)
    g_main_context_iteration (NULL, TRUE);
}

static guint
get_step (Fixture *fixture)
{
  const GlossTrainStep *step = gloss_tuning_job_get_step (fixture->job);

  return step ? step->step : 0;
}

static void
wait_for_step (Fixture *fixture, guint step)
{
  while (get_step (fixture) < step)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_a_run_should_end_with_a_comparison (Fixture *fixture, gconstpointer unused)
{
  GlossTuningRecord *record = gloss_tuning_job_get_record (fixture->job);
  g_autoptr (GlossTuningJob) again = NULL;
  const GlossTuningSample *sample;
  guint n;

  gloss_tuning_job_start (fixture->job, 2);
  g_assert_true (gloss_tuning_job_is_active (fixture->job));
  wait_for (fixture, GLOSS_TUNING_JOB_PAST);
  g_assert_cmpint (record->state, ==, GLOSS_TUNING_FINISHED);
  g_assert_cmpuint (record->n_training, ==, 3);
  g_assert_cmpuint (get_step (fixture), ==, 3);
  g_assert_cmpuint (gloss_tuning_job_get_samples (fixture->job)->len, ==, 1);
  sample = g_ptr_array_index (gloss_tuning_job_get_samples (fixture->job), 0);
  g_assert_true (g_str_has_prefix (sample->image_path, fixture->data));
  g_assert_nonnull (sample->before);
  gloss_loss_series_get_validations (gloss_tuning_job_get_series (fixture->job), &n);
  g_assert_cmpuint (n, ==, 4);
  g_assert_nonnull (json_object_get (gloss_tuning_job_get_report (fixture->job), "base"));
  g_assert_true (gloss_tuning_record_has_result (record));
  g_assert_cmpfloat (gloss_tuning_job_get_elapsed_seconds (fixture->job), >, 0);

  /* and all of it is there another time */
  again = gloss_tuning_job_new (gloss_tuning_record_read (record->folder, NULL), fixture->turn);
  gloss_tuning_job_load (again);
  while (gloss_tuning_job_get_state (again) != GLOSS_TUNING_JOB_PAST)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (gloss_tuning_job_get_step (again)->step, ==, 3);
  g_assert_cmpuint (gloss_tuning_job_get_samples (again)->len, ==, 1);
  g_assert_true (
      json_equal (gloss_tuning_job_get_report (again), gloss_tuning_job_get_report (fixture->job)));
}

/* While it pauses others can compute; what it has learnt is safe. */
static void
test_a_pause_should_give_the_turn_away (Fixture *fixture, gconstpointer unused)
{
  GlossTuningRecord *record = gloss_tuning_job_get_record (fixture->job);
  guint step;

  gloss_tuning_job_start (fixture->job, 2);
  wait_for_step (fixture, 2);
  gloss_tuning_job_pause (fixture->job);
  wait_for (fixture, GLOSS_TUNING_JOB_PAUSED);
  g_assert_true (gloss_turn_take (fixture->turn, FALSE, NULL, NULL));
  gloss_turn_give (fixture->turn);
  g_assert_true (gloss_tuning_record_has_snapshot (record));
  step = get_step (fixture);
  gloss_tuning_job_resume (fixture->job);
  wait_for_step (fixture, step + 2);

  /* a caption comes first between two slices */
  g_assert_true (gloss_turn_take (fixture->turn, TRUE, NULL, NULL));
  g_assert_cmpint (gloss_tuning_job_get_state (fixture->job), ==, GLOSS_TUNING_JOB_RUNNING);
  gloss_turn_give (fixture->turn);

  /* kept while it pauses it ends all the same */
  gloss_tuning_job_pause (fixture->job);
  wait_for (fixture, GLOSS_TUNING_JOB_PAUSED);
  gloss_tuning_job_keep (fixture->job);
  wait_for (fixture, GLOSS_TUNING_JOB_PAST);
  g_assert_cmpint (record->state, ==, GLOSS_TUNING_STOPPED);
  g_assert_true (gloss_tuning_record_has_result (record));
  g_assert_nonnull (gloss_tuning_job_get_report (fixture->job));
}

static void
test_discarded_nothing_should_be_left (Fixture *fixture, gconstpointer unused)
{
  gloss_tuning_job_start (fixture->job, 2);
  wait_for_step (fixture, 1);
  gloss_tuning_job_discard (fixture->job);
  wait_for (fixture, GLOSS_TUNING_JOB_DISCARDED);
  g_assert_false (
      g_file_test (gloss_tuning_job_get_record (fixture->job)->folder, G_FILE_TEST_EXISTS));
}

static void
test_it_should_go_on_after_the_program_ended (Fixture *fixture, gconstpointer unused)
{
  GlossTuningRecord *record = gloss_tuning_job_get_record (fixture->job);
  g_autofree char *folder = g_strdup (record->folder);
  guint step;

  gloss_tuning_job_start (fixture->job, 2);
  wait_for_step (fixture, 2);
  gloss_tuning_job_shut_down (fixture->job);
  g_assert_cmpint (record->state, ==, GLOSS_TUNING_INTERRUPTED);
  step = get_step (fixture);
  g_clear_object (&fixture->job);

  fixture->job = gloss_tuning_job_new (gloss_tuning_record_read (folder, NULL), fixture->turn);
  record = gloss_tuning_job_get_record (fixture->job);
  g_assert_cmpint (record->state, ==, GLOSS_TUNING_INTERRUPTED);
  g_assert_true (gloss_tuning_record_has_snapshot (record));
  g_assert_true (gloss_tuning_record_lock (record, NULL));
  gloss_tuning_job_start (fixture->job, 2);
  wait_for_step (fixture, step + 2);
  gloss_tuning_job_keep (fixture->job);
  wait_for (fixture, GLOSS_TUNING_JOB_COMPARING);
  gloss_tuning_job_keep (fixture->job); /* without the comparison */
  wait_for (fixture, GLOSS_TUNING_JOB_PAST);
  g_assert_cmpint (record->state, ==, GLOSS_TUNING_STOPPED);
}

static void
test_what_is_wrong_should_be_said (Fixture *fixture, gconstpointer unused)
{
  GlossTuningRecord *record = gloss_tuning_job_get_record (fixture->job);

  g_free (record->settings->data_path);
  record->settings->data_path = g_strdup ("/nowhere/at/all");
  gloss_tuning_job_start (fixture->job, 1);
  wait_for (fixture, GLOSS_TUNING_JOB_PAST);
  g_assert_cmpint (record->state, ==, GLOSS_TUNING_FAILED);
  g_assert_nonnull (strstr (record->message, "/nowhere"));
}

#define ADD(path, n_steps, func)                                                                   \
  g_test_add ("/app/tuning-job/" path, Fixture, GUINT_TO_POINTER (n_steps), set_up, func, tear_down)

int
main (int argc, char **argv)
{
  char *home = gloss_test_folder_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("a-run-should-end-with-a-comparison", 3, test_a_run_should_end_with_a_comparison);
  ADD ("a-pause-should-give-the-turn-away", 100000, test_a_pause_should_give_the_turn_away);
  ADD ("discarded-nothing-should-be-left", 100000, test_discarded_nothing_should_be_left);
  ADD ("it-should-go-on-after-the-program-ended", 100000,
       test_it_should_go_on_after_the_program_ended);
  ADD ("what-is-wrong-should-be-said", 3, test_what_is_wrong_should_be_said);
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
