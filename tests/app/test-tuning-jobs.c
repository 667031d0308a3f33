/* The runs of fine-tuning that go on: one computes, the next waits, and begins when that one ends.
 */
#include "app/tuning-jobs.h"

#include "support/asserts.h"

static GlossTuningRecord *
make_record (const char *title)
{
  g_autoptr (GlossTuningSettings) settings = gloss_tuning_settings_new ();
  GlossTuningRecord *record;

  /* what is not there ends at once, and that is all that is wanted here */
  settings->base_path = g_strdup ("/nowhere");
  settings->data_path = g_strdup ("/nowhere");
  record = gloss_tuning_record_new (settings, title, NULL);
  g_assert_nonnull (record);
  return record;
}

static void
note_end (GlossTuningJobs *jobs, GlossTuningJob *job, GString *order)
{
  g_string_append (order, gloss_tuning_job_get_record (job)->title);
}

static void
test_the_next_should_wait (void)
{
  g_autoptr (GlossTurn) turn = gloss_turn_new ();
  g_autoptr (GlossTuningJobs) jobs = gloss_tuning_jobs_new (turn);
  g_autoptr (GString) order = g_string_new (NULL);
  GListModel *list = gloss_tuning_jobs_get_list (jobs);
  GlossTuningJob *first, *second;

  g_signal_connect (jobs, "ended", G_CALLBACK (note_end), order);
  first = gloss_tuning_jobs_add (jobs, make_record ("a"));
  second = gloss_tuning_jobs_add (jobs, make_record ("b"));
  g_assert_cmpint (gloss_tuning_job_get_state (first), ==, GLOSS_TUNING_JOB_OPENING);
  g_assert_cmpint (gloss_tuning_job_get_state (second), ==, GLOSS_TUNING_JOB_WAITING);
  g_assert_true (gloss_tuning_jobs_find (jobs, gloss_tuning_job_get_record (second)->folder)
                 == second);
  g_assert_null (gloss_tuning_jobs_find (jobs, "/other"));
  while (g_list_model_get_n_items (list) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (order->str, ==, "ab");
}

/* Given up while it waits it never begins, and nothing of it is left. */
static void
test_one_that_waits_should_be_given_up (void)
{
  g_autoptr (GlossTurn) turn = gloss_turn_new ();
  g_autoptr (GlossTuningJobs) jobs = gloss_tuning_jobs_new (turn);
  GListModel *list = gloss_tuning_jobs_get_list (jobs);
  g_autoptr (GlossTuningJob) second = NULL;

  gloss_tuning_jobs_add (jobs, make_record ("a"));
  second = g_object_ref (gloss_tuning_jobs_add (jobs, make_record ("b")));
  gloss_tuning_job_discard (second);
  while (g_list_model_get_n_items (list) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (gloss_tuning_job_get_state (second), ==, GLOSS_TUNING_JOB_DISCARDED);
  g_assert_false (g_file_test (gloss_tuning_job_get_record (second)->folder, G_FILE_TEST_EXISTS));
}

/* At the end of the program: both can go on another time. */
static void
test_shut_down_both_should_be_interrupted (void)
{
  g_autoptr (GlossTurn) turn = gloss_turn_new ();
  g_autoptr (GlossTuningJobs) jobs = gloss_tuning_jobs_new (turn);
  g_autoptr (GlossTuningJob) second = NULL;
  g_autoptr (GlossTuningRecord) record = NULL;
  g_autofree char *folder = NULL;

  gloss_tuning_jobs_add (jobs, make_record ("a"));
  second = g_object_ref (gloss_tuning_jobs_add (jobs, make_record ("b")));
  folder = g_strdup (gloss_tuning_job_get_record (second)->folder);
  gloss_tuning_jobs_shut_down (jobs);
  g_assert_cmpuint (g_list_model_get_n_items (gloss_tuning_jobs_get_list (jobs)), ==, 0);
  g_clear_object (&second);
  record = gloss_tuning_record_read (folder, NULL);
  g_assert_cmpint (record->state, ==, GLOSS_TUNING_INTERRUPTED);
}

int
main (int argc, char **argv)
{
  char *home = gloss_test_folder_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/tuning-jobs/the-next-should-wait", test_the_next_should_wait);
  g_test_add_func ("/app/tuning-jobs/one-that-waits-should-be-given-up",
                   test_one_that_waits_should_be_given_up);
  g_test_add_func ("/app/tuning-jobs/shut-down-both-should-be-interrupted",
                   test_shut_down_both_should_be_interrupted);
  status = g_test_run ();
  gloss_test_folder_remove (home);
  return status;
}
