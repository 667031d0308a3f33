/* Whole runs: the same bits with and without what is kept, after a stop, and what must not go on.
 */
#include "base/error.h"
#include "model/captioner.h"
#include "model/tuned.h"
#include "support/asserts.h"
#include "train/state-file.h"
#include "train/trainer.h"

#include "model/fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define N_STEPS 7

/* What a run is made of; the defaults make one of all kinds of parts. */
typedef struct
{
  const char *fixture;
  GlossTrainOptions train;
  GlossTrainerOptions options;
  guint n_threads;
  guint stop_after; /* cancels in the slice after that many steps; 0: never */
  guint ask_after;  /* wishes for something in that step; 0: never */
  GlossTrainerWish wish;
  gboolean captions; /* with the base model, on the same pool */
} Plan;

typedef struct
{
  GlossModel *base;
  char *base_path;
  GlossPool *pool;
  GArray *training, *validation;
  GlossTrainable *trainable;
  GlossTrainer *trainer;
  char *folder; /* borrowed */
  Fixture *fixture;
  GCancellable *cancellable;
  const Plan *plan;
  GString *losses; /* each step and evaluation, to the last digit */
  guint n_slices;
  GlossCaptioner *captioner;
  GlossImage *image;
  char *text;
} Run;

static Plan
make_plan (void)
{
  Plan plan = { .fixture = "paligemma2", .n_threads = 2 };

  plan.train =
      (GlossTrainOptions){ .set = GLOSS_TRAIN_LORA, .rank = 2, .n_top_layers = 2, .seed = 3 };
  plan.options = (GlossTrainerOptions){
    .n_steps = N_STEPS,
    .batch = 3,
    .micro_batch = 2,
    .learning_rate = 0.01,
    .warmup_frac = 0.2,
    .seed = 11,
    .eval_steps = 3,
    .snapshot_steps = 2,
    .n_captions = 1,
    .max_tokens = 5,
    .max_ids = 24,
    .cache_room = { .memory_bytes = 1 << 26 },
    .max_kept_bytes = 1 << 26,
  };
  gloss_optimizer_options_init (&plan.options.optimizer, GLOSS_OPTIMIZER_ADAMW);
  return plan;
}

static void
handle_step (const GlossTrainStep *step, gpointer user_data)
{
  Run *run = user_data;

  g_string_append_printf (run->losses, "%u %a %a %a\n", step->step, step->loss, step->gradient_norm,
                          step->smoothed_loss);
  g_assert_cmpfloat (step->examples_per_second, >, 0);
}

static void
handle_evaluation (const GlossTrainEvaluation *evaluation, gpointer user_data)
{
  Run *run = user_data;

  g_string_append_printf (run->losses, "after %u %a %d %s\n", evaluation->step, evaluation->loss,
                          evaluation->is_best, evaluation->captions[0].text);
}

static void
handle_slice (gpointer user_data)
{
  Run *run = user_data;

  run->n_slices++;
  if (run->plan->captions && run->n_slices % 10 == 0)
    {
      const GlossCaptionRequest request = { .prompt = "caption en", .max_tokens = 3 };
      g_autoptr (GlossCaption) caption =
          gloss_captioner_run (run->captioner, run->image, &request, NULL, NULL, NULL, NULL);

      g_assert_nonnull (caption);
      if (!run->text)
        run->text = g_strdup (caption->text);
      g_assert_cmpstr (caption->text, ==, run->text);
    }
  if (run->plan->stop_after > 0 && gloss_trainer_get_step (run->trainer) == run->plan->stop_after)
    g_cancellable_cancel (run->cancellable);
  if (run->plan->ask_after > 0 && gloss_trainer_get_step (run->trainer) == run->plan->ask_after - 1)
    gloss_trainer_ask (run->trainer, run->plan->wish);
}

static void
run_init (Run *run, const Plan *plan, char *folder)
{
  static const char *const pictures[] = { "camera.png", "chelsea.png", "rocket.jpg", "china.jpg" };
  static const char *const texts[] = { "a man with a camera", "a cat", "A Rocket", "a house" };
  const GlossTrainObserver observer = { handle_step, handle_evaluation, handle_slice, run };
  g_autofree char *relative = g_build_filename ("fixtures", plan->fixture, "hf", NULL);
  g_autoptr (GError) error = NULL;

  *run = (Run){ .plan = plan, .folder = folder };
  run->fixture = fixture_new (plan->fixture);
  run->base_path = gloss_test_path (relative);
  run->base = gloss_model_load (run->base_path, NULL, &error);
  g_assert_no_error (error);
  run->pool = gloss_pool_new (plan->n_threads);
  run->cancellable = g_cancellable_new ();
  run->losses = g_string_new (NULL);
  run->training = gloss_example_set_new ();
  run->validation = gloss_example_set_new ();
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_build_filename ("fixtures/preprocess/pictures", pictures[i], NULL);
      g_autofree char *path = gloss_test_path (name);

      gloss_example_set_add (i < 3 ? run->training : run->validation, run->fixture->tokenizer, path,
                             "caption en", texts[i], 24, FALSE, &error);
      g_assert_no_error (error);
    }
  run->trainable = gloss_trainable_new (run->base, &plan->train, &error);
  g_assert_no_error (error);

  const GlossTrainerParts parts = {
    .trainable = run->trainable,
    .tokenizer = run->fixture->tokenizer,
    .pool = run->pool,
    .training = run->training,
    .validation = run->validation,
    .folder = folder,
    .base_path = run->base_path,
  };

  run->trainer = gloss_trainer_new (&parts, &plan->options, &observer, &error);
  g_assert_no_error (error);
}

static void
run_clear (Run *run)
{
  gloss_trainer_free (run->trainer);
  gloss_trainable_free (run->trainable);
  g_array_unref (run->training);
  g_array_unref (run->validation);
  gloss_pool_free (run->pool);
  gloss_model_unref (run->base);
  fixture_free (run->fixture);
  g_object_unref (run->cancellable);
  g_string_free (run->losses, TRUE);
  g_free (run->base_path);
  g_free (run->text);
  g_clear_pointer (&run->image, gloss_image_free);
  g_clear_pointer (&run->captioner, gloss_captioner_free);
}

/* All trained values. */
static GByteArray *
get_values (Run *run)
{
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; i < gloss_trainable_get_n_parameters (run->trainable); i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (run->trainable, i);

      g_byte_array_append (bytes, (const guint8 *) parameter->value,
                           (guint) (parameter->n_out * parameter->n_in * sizeof (float)));
    }
  return bytes;
}

/* Runs @plan to its end in a folder of its own. */
static GByteArray *
run_plan (const Plan *plan, char **losses)
{
  char *folder = gloss_test_folder_new ();
  g_autoptr (GError) error = NULL;
  GByteArray *values;
  Run run;

  run_init (&run, plan, folder);
  if (plan->captions)
    {
      run.image =
          gloss_image_load (gloss_example_set_get (run.training, 0)->image_path, NULL, NULL);
      run.captioner = gloss_captioner_new (run.base, run.fixture->tokenizer, run.pool, NULL);
      g_assert_true (run.image && run.captioner);
    }
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  /* two parts of a step, and of each the trained blocks forward and backward */
  g_assert_cmpuint (run.n_slices, >, N_STEPS * 2 * 2);
  values = get_values (&run);
  *losses = g_strdup (run.losses->str);
  run_clear (&run);
  gloss_test_folder_remove (folder);
  return values;
}

static void
test_bits_should_not_depend_on_means (gconstpointer data)
{
  Plan plan = make_plan ();
  g_autofree char *losses = NULL;
  g_autoptr (GByteArray) values = NULL;

  if (data)
    {
      plan.train = (GlossTrainOptions){ .set = GLOSS_TRAIN_ALL };
      plan.options.dropout = 0.1f;
      plan.options.label_smoothing = 0.1f;
      plan.options.learning_rate = 1e-4;
    }
  values = run_plan (&plan, &losses);
  for (guint variant = 0; variant < 6; variant++)
    {
      static const GlossExampleCacheRoom rooms[] = {
        { .memory_bytes = 1 << 26 },                     /* all in memory */
        { 0 },                                           /* nothing kept */
        { .memory_bytes = 200000 },                      /* some */
        { .file_bytes = 1 << 26 },                       /* all in the file */
        { .memory_bytes = 20000, .file_bytes = 200000 }, /* some here, some there, some not */
        { 0 },                                           /* and nothing read ahead */
      };
      /* the file is the same for all that is trained */
      if (data && (variant == 2 || variant == 3))
        continue;

      Plan other = plan;
      g_autofree char *cache = gloss_test_folder_new ();
      g_autofree char *other_losses = NULL;
      g_autoptr (GByteArray) other_values = NULL;

      other.n_threads = variant == 0 ? 1 : 3;
      other.options.cache_room = rooms[variant];
      other.options.cache_room.folder = cache;
      if (variant % 2)
        other.options.max_kept_bytes = 0;
      other.options.reads_when_due = variant == 5;
      other_values = run_plan (&other, &other_losses);
      g_assert_cmpstr (losses, ==, other_losses);
      g_assert_cmpmem (values->data, values->len, other_values->data, other_values->len);
      /* the file has no name */
      g_assert_cmpint (g_rmdir (cache), ==, 0);
    }
}

/* Between the blocks of a step others may use the pool and the base model, which both go on as if
 * nothing had been. */
static void
test_captions_between_blocks_should_change_nothing (void)
{
  Plan plan = make_plan ();
  g_autofree char *losses = NULL, *other_losses = NULL;
  g_autoptr (GByteArray) values = run_plan (&plan, &losses);
  g_autoptr (GByteArray) other_values = NULL;

  plan.captions = TRUE;
  other_values = run_plan (&plan, &other_losses);
  g_assert_cmpstr (losses, ==, other_losses);
  g_assert_cmpmem (values->data, values->len, other_values->data, other_values->len);
}

/* Stopped after each number of steps, in the middle of the next: together the same as one run. */
static void
test_resume_should_equal_an_unbroken_run (void)
{
  const Plan plan = make_plan ();
  g_autofree char *losses = NULL;
  g_autoptr (GByteArray) values = run_plan (&plan, &losses);

  for (guint stop = 1; stop < N_STEPS; stop++)
    {
      Plan broken = plan;
      char *folder = gloss_test_folder_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GByteArray) resumed = NULL;
      g_autofree char *all = NULL;
      g_autofree char *first = NULL;
      Run run;

      broken.stop_after = stop;
      run_init (&run, &broken, folder);
      g_assert_false (gloss_trainer_run (run.trainer, run.cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (gloss_snapshot_is_there (folder));
      first = g_strdup (run.losses->str);
      run_clear (&run);
      g_clear_error (&error);

      run_init (&run, &plan, folder);
      gloss_trainer_resume (run.trainer, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (gloss_trainer_get_step (run.trainer), ==, stop);
      gloss_trainer_run (run.trainer, run.cancellable, &error);
      g_assert_no_error (error);
      resumed = get_values (&run);
      all = g_strconcat (first, run.losses->str, NULL);
      g_assert_cmpstr (all, ==, losses);
      g_assert_cmpmem (values->data, values->len, resumed->data, resumed->len);
      run_clear (&run);
      gloss_test_folder_remove (folder);
    }
}

static void
test_resume_should_refuse_another_run (void)
{
  Plan plan = make_plan ();
  char *folder = gloss_test_folder_new ();
  g_autofree char *snapshot = g_build_filename (folder, GLOSS_SNAPSHOT_NAME, NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  Run run;

  plan.stop_after = 2;
  run_init (&run, &plan, folder);
  g_assert_false (gloss_trainer_run (run.trainer, run.cancellable, NULL));
  run_clear (&run);

  plan.options.learning_rate = 0.02;
  run_init (&run, &plan, folder);
  g_assert_false (gloss_trainer_resume (run.trainer, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH, "other options");
  run_clear (&run);

  plan.train.n_top_layers = 1;
  run_init (&run, &plan, folder);
  g_assert_false (gloss_trainer_resume (run.trainer, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH, "tensors");
  run_clear (&run);

  /* one bit of a value */
  plan = make_plan ();
  g_assert_true (g_file_get_contents (snapshot, &contents, &n_bytes, NULL));
  contents[n_bytes - 1] ^= 1;
  g_assert_true (g_file_set_contents (snapshot, contents, (gssize) n_bytes, NULL));
  run_init (&run, &plan, folder);
  g_assert_false (gloss_trainer_resume (run.trainer, &error));
  g_assert_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT);
  run_clear (&run);
  gloss_test_folder_remove (folder);
}

/* Trying the held-out examples once more changes nothing of what is learnt. */
static void
test_a_sample_should_come_after_the_step (void)
{
  Plan plan = make_plan ();
  char *folder = gloss_test_folder_new ();
  g_autofree char *losses = NULL;
  g_autoptr (GByteArray) values = run_plan (&plan, &losses);
  g_autoptr (GByteArray) others = NULL;
  g_autoptr (GError) error = NULL;
  Run run;

  plan.ask_after = 4;
  plan.wish = GLOSS_TRAINER_WISH_SAMPLE;
  run_init (&run, &plan, folder);
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  g_assert_null (strstr (losses, "after 4 "));
  g_assert_nonnull (strstr (run.losses->str, "after 4 "));
  others = get_values (&run);
  g_assert_cmpmem (values->data, values->len, others->data, others->len);
  run_clear (&run);
  gloss_test_folder_remove (folder);
}

/* Ended early it has a result, is tried once more, and can be gone on with to the same end. */
static void
test_a_wish_to_finish_should_end_it (void)
{
  Plan plan = make_plan ();
  char *folder = gloss_test_folder_new ();
  g_autofree char *losses = NULL;
  g_autoptr (GByteArray) values = run_plan (&plan, &losses);
  g_autoptr (GByteArray) others = NULL;
  g_autoptr (GError) error = NULL;
  Run run;

  plan.ask_after = 5;
  plan.wish = GLOSS_TRAINER_WISH_FINISH;
  run_init (&run, &plan, folder);
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gloss_trainer_get_step (run.trainer), ==, 5);
  g_assert_cmpuint (gloss_trainer_get_result_step (run.trainer), ==, 5);
  g_assert_nonnull (strstr (run.losses->str, "after 5 "));
  g_assert_true (gloss_tuned_model_is_there (folder));
  run_clear (&run);

  plan.ask_after = 0;
  run_init (&run, &plan, folder);
  gloss_trainer_resume (run.trainer, &error);
  g_assert_no_error (error);
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  others = get_values (&run);
  g_assert_cmpmem (values->data, values->len, others->data, others->len);
  run_clear (&run);
  gloss_test_folder_remove (folder);
}

/* With a rate that makes it worse from some step on the result is the one before. */
static void
test_the_best_should_be_kept (void)
{
  Plan plan = make_plan ();
  char *folder = gloss_test_folder_new ();
  g_autoptr (GError) error = NULL;
  guint best;
  Run run;

  plan.options.learning_rate = 0.3;
  plan.options.eval_steps = 1;
  plan.options.keeps_best = TRUE;
  plan.options.keeps_snapshot = TRUE;
  run_init (&run, &plan, folder);
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  best = gloss_trainer_get_result_step (run.trainer);
  for (guint step = 1; step <= N_STEPS; step++)
    {
      g_autofree char *start = g_strdup_printf ("after %u ", step);
      const char *line = strstr (run.losses->str, start);
      double loss;
      int is_best;

      g_assert_cmpint (sscanf (line + strlen (start), "%la %d", &loss, &is_best), ==, 2);
      g_assert_true (is_best == 0 || step <= best);
      g_assert_true (is_best == 1 || step != best);
    }
  g_assert_cmpuint (best, >, 0);
  g_assert_cmpuint (best, <, N_STEPS);
  run_clear (&run);

  /* made longer it goes on from the last step, not from the best */
  plan.options.n_steps = N_STEPS + 2;
  run_init (&run, &plan, folder);
  gloss_trainer_resume (run.trainer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gloss_trainer_get_step (run.trainer), ==, N_STEPS);
  g_assert_cmpuint (gloss_trainer_get_result_step (run.trainer), ==, best);
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gloss_trainer_get_step (run.trainer), ==, N_STEPS + 2);
  run_clear (&run);
  gloss_test_folder_remove (folder);
}

/* Once it is put right the run goes on to the same values. */
static void
test_a_picture_that_is_gone_should_lose_nothing (void)
{
  const Plan plan = make_plan ();
  char *folder = gloss_test_folder_new ();
  g_autofree char *losses = NULL;
  g_autoptr (GByteArray) values = run_plan (&plan, &losses);
  g_autoptr (GByteArray) resumed = NULL;
  g_autoptr (GError) error = NULL;
  GlossTrainExample *example;
  char *path;
  Run run;

  run_init (&run, &plan, folder);
  example = &g_array_index (run.training, GlossTrainExample, 0);
  path = example->image_path;
  example->image_path = g_strdup ("/nowhere/at/all.png");
  g_assert_false (gloss_trainer_run (run.trainer, run.cancellable, &error));
  g_assert_nonnull (strstr (error->message, "all.png"));
  g_clear_error (&error);
  g_assert_true (gloss_snapshot_is_there (folder));
  g_free (example->image_path);
  example->image_path = path;
  run_clear (&run);

  run_init (&run, &plan, folder);
  gloss_trainer_resume (run.trainer, &error);
  g_assert_no_error (error);
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  resumed = get_values (&run);
  g_assert_cmpmem (values->data, values->len, resumed->data, resumed->len);
  run_clear (&run);
  gloss_test_folder_remove (folder);
}

/* Ids and values are what the folder's model has too, be it an adapter or whole tensors. */
static void
test_result_should_load (gconstpointer data)
{
  Plan plan = make_plan ();
  char *folder = gloss_test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossModel) model = NULL;
  Run run;

  if (data)
    {
      plan.train = (GlossTrainOptions){ .set = GLOSS_TRAIN_ALL };
      plan.options.learning_rate = 1e-4;
    }
  run_init (&run, &plan, folder);
  gloss_trainer_run (run.trainer, run.cancellable, &error);
  g_assert_no_error (error);
  model = gloss_model_load (folder, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < gloss_trainable_get_n_parameters (run.trainable); i++)
    {
      const GlossParameter *p = gloss_trainable_get_parameter (run.trainable, i);
      gsize n_bytes = p->n_out * p->n_in * sizeof (float);
      const GlossLora *lora;
      const void *loaded;

      if (p->kind == GLOSS_PARAMETER_WHOLE && gloss_tensor_role_is_vector (p->role))
        loaded = gloss_model_get_vector (model, p->role, p->layer);
      else if (p->kind == GLOSS_PARAMETER_WHOLE)
        loaded = gloss_model_get_matrix (model, p->role, p->layer)->data;
      else
        {
          lora = gloss_model_get_lora (model, p->role, p->layer);
          loaded = p->kind == GLOSS_PARAMETER_LORA_A ? lora->a : lora->b;
        }
      g_assert_cmpmem (loaded, n_bytes, p->value, n_bytes);
    }
  run_clear (&run);
  gloss_test_folder_remove (folder);
}

static void
test_divergence_should_stop_and_keep_the_best (void)
{
  Plan plan = make_plan ();
  char *folder = gloss_test_folder_new ();
  g_autofree char *result = g_build_filename (folder, GLOSS_TUNED_NAME, NULL);
  g_autoptr (GError) error = NULL;
  Run run;

  plan.train = (GlossTrainOptions){ .set = GLOSS_TRAIN_ATTENTION };
  plan.options.learning_rate = 1e30;
  plan.options.warmup_frac = 0;
  gloss_optimizer_options_init (&plan.options.optimizer, GLOSS_OPTIMIZER_SGD);
  run_init (&run, &plan, folder);
  g_assert_false (gloss_trainer_run (run.trainer, run.cancellable, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_DIVERGED, "lower learning rate");
  run_clear (&run);
  g_assert_false (g_file_test (result, G_FILE_TEST_EXISTS));
  gloss_test_folder_remove (folder);
}

static void
test_wrong_results_should_be_refused (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *description = g_build_filename (folder, GLOSS_TUNED_NAME, NULL);
  g_autofree char *base = gloss_test_path ("fixtures/paligemma1/hf");
  g_autofree char *circle =
      g_strdup_printf ("{\"base\": {\"path\": \"%s\", \"identity\": {}}}", folder);
  g_autofree char *other =
      g_strdup_printf ("{\"base\": {\"path\": \"%s\", \"identity\": {\"sha256\": \"00\"}}}", base);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (description, "{}", -1, NULL);
  g_assert_null (gloss_model_load (folder, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "which model");
  g_file_set_contents (description, circle, -1, NULL);
  g_assert_null (gloss_model_load (folder, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "itself");
  g_file_set_contents (description, other, -1, NULL);
  g_assert_null (gloss_model_load (folder, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH, "checksum");
  gloss_test_folder_remove (folder);
}

static void
test_order_should_have_each_once (void)
{
  guint order[10], other[10];
  gint64 epoch = -1, other_epoch = -1;
  guint n_same = 0;

  for (guint pass = 0; pass < 3; pass++)
    {
      guint seen = 0;

      for (guint i = 0; i < 10; i++)
        {
          guint64 index = pass * 10 + i;
          gsize at = gloss_example_order_get (order, &epoch, 10, 7, index);

          seen |= 1u << at;
          n_same += at == gloss_example_order_get (other, &other_epoch, 10, 8, index);
        }
      g_assert_cmpuint (seen, ==, (1u << 10) - 1);
    }
  g_assert_cmpuint (n_same, <, 15);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/order/should-have-each-once", test_order_should_have_each_once);
  g_test_add_data_func ("/train/trainer/adapter/bits-should-not-depend-on-means", NULL,
                        test_bits_should_not_depend_on_means);
  g_test_add_data_func ("/train/trainer/all/bits-should-not-depend-on-means", "all",
                        test_bits_should_not_depend_on_means);
  g_test_add_func ("/train/trainer/captions-between-blocks-should-change-nothing",
                   test_captions_between_blocks_should_change_nothing);
  g_test_add_func ("/train/trainer/resume/should-equal-an-unbroken-run",
                   test_resume_should_equal_an_unbroken_run);
  g_test_add_func ("/train/trainer/resume/should-refuse-another-run",
                   test_resume_should_refuse_another_run);
  g_test_add_func ("/train/trainer/wish/a-sample-should-come-after-the-step",
                   test_a_sample_should_come_after_the_step);
  g_test_add_func ("/train/trainer/wish/to-finish-should-end-it",
                   test_a_wish_to_finish_should_end_it);
  g_test_add_func ("/train/trainer/a-picture-that-is-gone-should-lose-nothing",
                   test_a_picture_that_is_gone_should_lose_nothing);
  g_test_add_func ("/train/trainer/the-best-should-be-kept", test_the_best_should_be_kept);
  g_test_add_data_func ("/train/trainer/adapter/should-load", NULL, test_result_should_load);
  g_test_add_data_func ("/train/trainer/all/should-load", "all", test_result_should_load);
  g_test_add_func ("/train/trainer/divergence/should-stop-and-keep-the-best",
                   test_divergence_should_stop_and_keep_the_best);
  g_test_add_func ("/train/trainer/wrong/should-be-refused", test_wrong_results_should_be_refused);
  return g_test_run ();
}
