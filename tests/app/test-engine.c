/* The engine's thread: jobs, their order, stopping, models that cannot be used. */
#include "app/engine.h"

#include "support/asserts.h"

typedef struct
{
  GlossEngine *engine;
  GMainLoop *loop;
  guint n_finished;
  guint n_expected;
  GPtrArray *order; /* borrowed jobs, as they finished */
} Fixture;

static void
choose_demo (Fixture *fixture)
{
  g_autofree char *path = gloss_test_data_path ("demo");
  g_autoptr (GlossModelSource) source = gloss_model_source_new_for_path (path);

  source->is_demo = TRUE;
  gloss_engine_choose (fixture->engine, source, &(GlossEngineOptions){ .n_threads = 2 });
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->engine = gloss_engine_new ();
  fixture->loop = g_main_loop_new (NULL, FALSE);
  fixture->order = g_ptr_array_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  gloss_engine_shut_down (fixture->engine);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->engine);
  g_main_loop_unref (fixture->loop);
  g_ptr_array_unref (fixture->order);
}

static void
finished (GlossCaptionJob *job, Fixture *fixture)
{
  g_ptr_array_add (fixture->order, job);
  if (++fixture->n_finished == fixture->n_expected)
    g_main_loop_quit (fixture->loop);
}

static GlossCaptionJob *
submit (Fixture *fixture, const char *picture, gboolean is_urgent)
{
  g_autofree char *relative = g_build_filename ("demo", "pictures", picture, NULL);
  g_autofree char *path = gloss_test_data_path (relative);
  GlossCaptionRequest request = { .prompt = "caption en", .max_tokens = 32 };
  GlossCaptionJob *job = gloss_caption_job_new (path, NULL, &request);

  g_signal_connect (job, "finished", G_CALLBACK (finished), fixture);
  gloss_engine_submit (fixture->engine, job, is_urgent);
  return job;
}

static void
wait_for (Fixture *fixture, guint n)
{
  fixture->n_expected = n;
  if (fixture->n_finished < n)
    g_main_loop_run (fixture->loop);
}

static void
test_a_picture_should_get_its_caption (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GlossCaptionJob) job = NULL;
  guint n_done, n_total;

  choose_demo (fixture);
  g_assert_cmpint (gloss_engine_get_state (fixture->engine), ==, GLOSS_ENGINE_LOADING);
  job = submit (fixture, "04-a-teapot.png", FALSE);
  wait_for (fixture, 1);
  g_assert_no_error (gloss_caption_job_get_error (job));
  g_assert_cmpstr (gloss_caption_job_get_text (job), ==, "a teapot");
  g_assert_cmpstr (gloss_caption_job_get_model (job), ==, "demo");
  g_assert_cmpint (gloss_caption_job_get_phase (job, &n_done, &n_total), ==, GLOSS_CAPTION_WRITING);
  g_assert_cmpint (gloss_engine_get_state (fixture->engine), ==, GLOSS_ENGINE_READY);
  g_assert_cmpuint (gloss_engine_get_image_size_px (fixture->engine), ==, 112);
}

static void
test_urgent_jobs_should_go_first (Fixture *fixture, gconstpointer unused)
{
  /* nothing runs before there is a model, but without one they fail in the same order; so the
   * model is chosen and the first job keeps the thread busy */
  g_autoptr (GlossCaptionJob) first = NULL;
  g_autoptr (GlossCaptionJob) slow = NULL;
  g_autoptr (GlossCaptionJob) urgent = NULL;

  choose_demo (fixture);
  first = submit (fixture, "01-three-seagulls.png", FALSE);
  slow = submit (fixture, "06-a-tooth.png", FALSE);
  urgent = submit (fixture, "08-a-zebra.png", TRUE);
  wait_for (fixture, 3);
  g_assert_true (g_ptr_array_find (fixture->order, urgent, NULL));
  g_assert_true (g_ptr_array_index (fixture->order, 2) == (gpointer) slow);
}

static void
test_a_stopped_job_should_end (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GlossCaptionJob) job = NULL;
  g_autoptr (GlossCaptionJob) next = NULL;

  choose_demo (fixture);
  job = submit (fixture, "04-a-teapot.png", FALSE);
  gloss_caption_job_stop (job);
  g_assert_true (gloss_caption_job_is_stopped (job));
  next = submit (fixture, "06-a-tooth.png", FALSE);
  wait_for (fixture, 2);
  g_assert_error (gloss_caption_job_get_error (job), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (gloss_caption_job_get_text (next), ==, "a tooth");
}

static void
test_a_stopped_job_should_not_wait_for_its_turn (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GlossCaptionJob) first = NULL;
  g_autoptr (GlossCaptionJob) waiting = NULL;

  choose_demo (fixture);
  first = submit (fixture, "04-a-teapot.png", FALSE);
  waiting = submit (fixture, "06-a-tooth.png", FALSE);
  gloss_engine_stop (fixture->engine, waiting);
  wait_for (fixture, 2);
  g_assert_true (g_ptr_array_index (fixture->order, 0) == (gpointer) waiting);
  g_assert_error (gloss_caption_job_get_error (waiting), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (gloss_caption_job_get_text (first), ==, "a teapot");
}

/* While a training computes, say. */
static void
test_a_job_should_wait_for_the_turn (Fixture *fixture, gconstpointer unused)
{
  GlossTurn *turn = gloss_engine_get_turn (fixture->engine);
  g_autoptr (GlossCaptionJob) stopped = NULL;
  g_autoptr (GlossCaptionJob) job = NULL;

  choose_demo (fixture);
  g_assert_true (gloss_turn_take (turn, FALSE, NULL, NULL));
  stopped = submit (fixture, "06-a-tooth.png", FALSE);
  while (!gloss_turn_is_wanted (turn))
    g_main_context_iteration (NULL, FALSE);
  gloss_engine_stop (fixture->engine, stopped);
  wait_for (fixture, 1);
  g_assert_error (gloss_caption_job_get_error (stopped), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  job = submit (fixture, "04-a-teapot.png", FALSE);
  while (!gloss_turn_is_wanted (turn))
    g_main_context_iteration (NULL, FALSE);
  gloss_turn_give (turn);
  wait_for (fixture, 2);
  g_assert_cmpstr (gloss_caption_job_get_text (job), ==, "a teapot");
}

static void
test_a_model_that_is_none_should_say_why (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = gloss_test_data_path ("demo/LICENSE.md");
  g_autoptr (GlossModelSource) source = gloss_model_source_new_for_path (path);
  g_autoptr (GlossCaptionJob) job = NULL;
  g_autoptr (GlossCaptionJob) after = NULL;

  gloss_engine_choose (fixture->engine, source, &(GlossEngineOptions){ .n_threads = 1 });
  job = submit (fixture, "04-a-teapot.png", FALSE);
  wait_for (fixture, 1);
  g_assert_nonnull (gloss_caption_job_get_error (job));
  g_assert_cmpint (gloss_engine_get_state (fixture->engine), ==, GLOSS_ENGINE_FAILED);
  g_assert_cmpstr (gloss_engine_get_message (fixture->engine), ==,
                   gloss_caption_job_get_error (job)->message);
  choose_demo (fixture);
  after = submit (fixture, "04-a-teapot.png", FALSE);
  wait_for (fixture, 2);
  g_assert_cmpstr (gloss_caption_job_get_text (after), ==, "a teapot");
}

static void
test_without_a_model_jobs_should_fail (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GlossCaptionJob) job = submit (fixture, "04-a-teapot.png", FALSE);

  wait_for (fixture, 1);
  g_assert_error (gloss_caption_job_get_error (job), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_shutting_down_should_not_wait_for_the_queue (Fixture *fixture, gconstpointer unused)
{
  choose_demo (fixture);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GlossCaptionJob) job = submit (fixture, "04-a-teapot.png", FALSE);
    }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/app/engine/a-picture-should-get-its-caption", test_a_picture_should_get_its_caption);
  ADD ("/app/engine/urgent-jobs-should-go-first", test_urgent_jobs_should_go_first);
  ADD ("/app/engine/a-stopped-job-should-end", test_a_stopped_job_should_end);
  ADD ("/app/engine/a-stopped-job-should-not-wait-for-its-turn",
       test_a_stopped_job_should_not_wait_for_its_turn);
  ADD ("/app/engine/a-job-should-wait-for-the-turn", test_a_job_should_wait_for_the_turn);
  ADD ("/app/engine/a-model-that-is-none-should-say-why", test_a_model_that_is_none_should_say_why);
  ADD ("/app/engine/without-a-model-jobs-should-fail", test_without_a_model_jobs_should_fail);
  ADD ("/app/engine/shutting-down-should-not-wait-for-the-queue",
       test_shutting_down_should_not_wait_for_the_queue);
  return g_test_run ();
}
