/* Jobs with models: what is given up leaves nothing, and what failed can be replaced. */
#include "app/model-jobs.h"
#include "library/install.h"
#include "support/asserts.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  char *left; /* what a download has left */
  GlossModelJobs *jobs;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = NULL;
  g_autoptr (GError) error = NULL;

  fixture->folder = gloss_test_folder_new ();
  fixture->left = g_build_filename (fixture->folder, ".downloads", "mine", NULL);
  g_assert_cmpint (g_mkdir_with_parents (fixture->left, 0700), ==, 0);
  file = g_build_filename (fixture->left, "model.safetensors.part", NULL);
  g_file_set_contents (file, "12345", -1, &error);
  g_assert_no_error (error);
  fixture->jobs = gloss_model_jobs_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gloss_model_jobs_shut_down (fixture->jobs);
  g_assert_finalize_object (fixture->jobs);
  g_free (fixture->left);
  gloss_test_folder_remove (fixture->folder);
}

static GlossModelTask *
make_task (Fixture *fixture, GlossModelTaskKind kind)
{
  GlossModelTask *task = g_new0 (GlossModelTask, 1);

  task->kind = kind;
  task->name = g_strdup ("mine");
  task->models_folder = g_strdup (fixture->folder);
  task->path = g_build_filename (fixture->folder, "nothing.npz", NULL);
  return task;
}

static void
wait_for (GlossModelJob *job, GlossModelJobState state)
{
  while (gloss_model_job_get_state (job) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_given_up_downloads_should_stay_until_they_are_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossModelJob) job =
      gloss_model_job_new (make_task (fixture, GLOSS_MODEL_TASK_DOWNLOAD));

  gloss_model_job_set_there (job, 5);
  gloss_model_job_cancel (job);
  /* a new one of the name would use the same files */
  g_assert_cmpint (gloss_model_job_get_state (job), ==, GLOSS_MODEL_JOB_STOPPING);
  wait_for (job, GLOSS_MODEL_JOB_CANCELLED);
  g_assert_false (g_file_test (fixture->left, G_FILE_TEST_EXISTS));
}

static void
test_the_end_should_not_wait_for_the_main_loop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossModelJob) job =
      gloss_model_job_new (make_task (fixture, GLOSS_MODEL_TASK_DOWNLOAD));

  gloss_model_job_set_there (job, 5);
  gloss_model_job_cancel (job);
  gloss_model_job_shut_down (job);
  g_assert_false (g_file_test (fixture->left, G_FILE_TEST_EXISTS));
}

static void
test_failed_jobs_should_give_way (Fixture *fixture, gconstpointer data)
{
  GlossModelJob *job;

  gloss_model_jobs_add (fixture->jobs, make_task (fixture, GLOSS_MODEL_TASK_VERIFY));
  job = gloss_model_jobs_find (fixture->jobs, "mine");
  wait_for (job, GLOSS_MODEL_JOB_FAILED);
  g_assert_nonnull (gloss_model_job_get_message (job));
  g_assert_cmpint (gloss_model_job_get_way (job), ==, GLOSS_MODEL_WAY_NONE);
  gloss_model_jobs_add (fixture->jobs, make_task (fixture, GLOSS_MODEL_TASK_PREPARE));
  g_assert_cmpuint (g_list_model_get_n_items (gloss_model_jobs_get_list (fixture->jobs)), ==, 1);
  job = gloss_model_jobs_find (fixture->jobs, "mine");
  g_assert_cmpint (gloss_model_job_get_task (job)->kind, ==, GLOSS_MODEL_TASK_PREPARE);
  wait_for (job, GLOSS_MODEL_JOB_FAILED);
  gloss_model_job_cancel (job);
  g_assert_null (gloss_model_jobs_find (fixture->jobs, "mine"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/app/model-job/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("given-up-downloads-should-stay-until-they-are-gone",
       test_given_up_downloads_should_stay_until_they_are_gone);
  ADD ("the-end-should-not-wait-for-the-main-loop", test_the_end_should_not_wait_for_the_main_loop);
  ADD ("failed-jobs-should-give-way", test_failed_jobs_should_give_way);
  return g_test_run ();
}
