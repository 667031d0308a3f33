/* An adapter that PEFT wrote: what it computes, how it learns, and writing it again. */
#include "support/asserts.h"
#include "base/error.h"
#include "train/optimizer.h"
#include "train/train-fixture.h"

#include <math.h>
#include <string.h>

#define RATE 1e-3
#define DECAY 0.01f

/* The bound of logits between the references is 2e-5 at magnitude 20. */
#define LOGIT_BOUND 2e-5
#define GRADIENT_BOUND_FRAC 1e-5
#define LOSS_BOUND 2e-6
/* As for the replays: ten times what the tensor moves when the start is disturbed by 1e-7. Where a
 * gradient is near 0, Adam's first steps have its sign alone. */
#define DISTURBANCE 1e-7f
#define ADAM_FACTOR 10

typedef struct
{
  TrainFixture *fixture;
  GlossWeights *replay;
  GlossModel *adapted;
  GlossTrainable *trainable; /* of the same values */
  char *folder;
} Peft;

static void
peft_init (Peft *peft)
{
  GlossTrainOptions options = { .set = GLOSS_TRAIN_LORA, .rank = 4, .alpha = 8 };
  g_autoptr (GError) error = NULL;

  peft->fixture = train_fixture_new ("paligemma2", "weights.f32.npz");
  peft->replay = train_fixture_open (peft->fixture, "peft/replay.npz");
  peft->folder = gloss_test_path ("fixtures/paligemma2/peft");
  peft->adapted = gloss_adapter_apply (peft->fixture->model, peft->folder, &error);
  g_assert_no_error (error);
  peft->trainable = gloss_trainable_new (peft->fixture->model, &options, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < gloss_trainable_get_n_parameters (peft->trainable); i++)
    {
      GlossParameter *parameter = gloss_trainable_get_parameter (peft->trainable, i);
      const GlossLora *lora =
          gloss_model_get_lora (peft->adapted, parameter->role, parameter->layer);

      g_assert_cmpfloat ((double) lora->scale, ==, 2);
      memcpy (parameter->value, parameter->kind == GLOSS_PARAMETER_LORA_A ? lora->a : lora->b,
              parameter->n_out * parameter->n_in * sizeof (float));
    }
}

static void
peft_clear (Peft *peft)
{
  gloss_trainable_free (peft->trainable);
  gloss_model_unref (peft->adapted);
  gloss_weights_free (peft->replay);
  train_fixture_free (peft->fixture);
  g_free (peft->folder);
}

/* "grad/base_model.model…q_proj.lora_A.weight" in the replay. */
static const float *
find (Peft *peft, const char *what, const GlossParameter *parameter)
{
  GlossTensorNaming naming = { .is_hf = TRUE };
  g_autofree char *module =
      gloss_tensor_role_make_name (parameter->role, &naming, parameter->layer);
  g_autofree char *name = NULL;
  const GlossTensorView *view;

  *strrchr (module, '.') = '\0';
  name = g_strdup_printf ("%s/base_model.model.model.%s.lora_%c.weight", what, module,
                          parameter->kind == GLOSS_PARAMETER_LORA_A ? 'A' : 'B');
  view = gloss_weights_find (peft->replay, name);
  g_assert_nonnull (view);
  g_assert_cmpuint (view->n_bytes, ==, parameter->n_out * parameter->n_in * sizeof (float));
  return (const float *) view->data;
}

static float
get_float (Peft *peft, const char *name, gsize index)
{
  const GlossTensorView *view = gloss_weights_find (peft->replay, name);
  float value;

  memcpy (&value, view->data + index * sizeof value, sizeof value);
  return value;
}

/* @bounds (may be NULL) has for each parameter what more may differ, in absolute numbers. */
static void
compare (Peft *peft, const char *what, double bound_frac, const double *bounds)
{
  double worst = 0;

  for (guint i = 0; i < gloss_trainable_get_n_parameters (peft->trainable); i++)
    {
      const GlossParameter *parameter = gloss_trainable_get_parameter (peft->trainable, i);
      gsize n = parameter->n_out * parameter->n_in;
      g_autofree float *expected = g_memdup2 (find (peft, what, parameter), n * sizeof (float));
      const float *got = g_str_equal (what, "grad") ? parameter->gradient : parameter->value;
      g_autofree char *name = g_strdup_printf ("%s of role %d, layer %zu, kind %d", what,
                                               parameter->role, parameter->layer, parameter->kind);
      double largest = gloss_max_abs (expected, n), off;

      gloss_is_close (got, expected, n, 1, &off, NULL);
      worst = MAX (worst, off / largest);
      gloss_assert_close (got, expected, n, bound_frac * largest + (bounds ? bounds[i] : 0), name);
    }
  g_test_message ("%s: within %.2g of the largest values", what, worst);
}

static void
test_logits_should_equal_the_reference (void)
{
  Peft peft;
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossGradient) gradient = NULL;
  const GlossTensorView *view;
  double worst = 0;

  peft_init (&peft);
  gradient = gloss_gradient_new (peft.trainable, pool, 1, TRAIN_FIXTURE_MAX_IDS,
                                 TRAIN_FIXTURE_N_VOCAB, 0, FALSE, &error);
  view = gloss_weights_find (peft.replay, "logits");
  for (gsize e = 0; e < TRAIN_FIXTURE_N_EXAMPLES; e++)
    {
      const GlossSequence *sequence = &peft.fixture->examples[e].sequence;
      gsize n = (sequence->n_ids - sequence->n_prefix) * TRAIN_FIXTURE_N_VOCAB;
      g_autofree float *logits = g_new (float, n);
      g_autofree float *expected = g_new (float, n);
      double off;

      memcpy (expected,
              view->data
                  + (e * (TRAIN_FIXTURE_MAX_IDS - 1) + sequence->n_prefix - 1)
                        * TRAIN_FIXTURE_N_VOCAB * sizeof (float),
              n * sizeof (float));
      gloss_gradient_compute_logits (gradient, logits, &peft.fixture->examples[e]);
      gloss_is_close (logits, expected, n, 1, &off, NULL);
      worst = MAX (worst, off);
      gloss_assert_close (logits, expected, n, LOGIT_BOUND, "logits");
    }
  g_test_message ("logits within %.2g", worst);
  peft_clear (&peft);
}

/* Five steps; with @compares each is held to the reference. */
static void
train (Peft *peft, gboolean compares)
{
  GlossOptimizerOptions options;
  GlossGradientOptions run = { .n_batch = 4 };
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossGradient) gradient = gloss_gradient_new (
      peft->trainable, pool, 4, TRAIN_FIXTURE_MAX_IDS, TRAIN_FIXTURE_N_VOCAB, 0, FALSE, &error);
  g_autoptr (GlossOptimizer) optimizer = NULL;

  gloss_optimizer_options_init (&options, GLOSS_OPTIMIZER_ADAMW);
  options.weight_decay = DECAY;
  optimizer = gloss_optimizer_new (peft->trainable, &options, &error);
  for (gsize step = 0; step < 5; step++)
    {
      double expected = (double) get_float (peft, "adamw_losses", step), loss;

      gloss_trainable_clear_gradients (peft->trainable, pool);
      loss = gloss_gradient_run (gradient, peft->fixture->examples, 4, &run, NULL);
      if (compares && step == 0)
        {
          g_assert_cmpfloat (fabs (loss / (double) get_float (peft, "loss", 0) - 1), <=,
                             LOSS_BOUND);
          compare (peft, "grad", GRADIENT_BOUND_FRAC, NULL);
        }
      if (compares)
        {
          g_test_message ("step %zu: loss %.8g, expected %.8g", step, loss, expected);
          g_assert_cmpfloat (fabs (loss / expected - 1), <=, LOSS_BOUND);
        }
      gloss_optimizer_step (optimizer, pool, 0, RATE, 1);
    }
}

static void
test_training_should_equal_the_reference (void)
{
  Peft peft, disturbed;
  g_autofree double *bounds = NULL;
  guint n_parameters;

  peft_init (&peft);
  peft_init (&disturbed);
  n_parameters = gloss_trainable_get_n_parameters (peft.trainable);
  bounds = g_new0 (double, n_parameters);
  for (guint i = 0; i < n_parameters; i++)
    {
      GlossParameter *parameter = gloss_trainable_get_parameter (disturbed.trainable, i);
      gsize n = parameter->n_out * parameter->n_in;
      g_autofree float *noise = g_new (float, n);

      gloss_test_fill (noise, n, i);
      for (gsize j = 0; j < n; j++)
        parameter->value[j] *= 1 + copysignf (DISTURBANCE, noise[j]);
    }
  train (&disturbed, FALSE);
  train (&peft, TRUE);
  for (guint i = 0; i < n_parameters; i++)
    {
      const GlossParameter *a = gloss_trainable_get_parameter (peft.trainable, i);
      const GlossParameter *b = gloss_trainable_get_parameter (disturbed.trainable, i);

      gloss_is_close (a->value, b->value, a->n_out * a->n_in, 1, &bounds[i], NULL);
      bounds[i] *= ADAM_FACTOR;
    }
  compare (&peft, "after", LOSS_BOUND, bounds);
  peft_clear (&peft);
  peft_clear (&disturbed);
}

static void
test_written_adapter_should_read_back (void)
{
  Peft peft;
  char *folder = gloss_test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossModel) again = NULL;

  peft_init (&peft);
  g_assert_true (gloss_adapter_write (peft.adapted, folder, "google/paligemma2-3b-pt-224", &error));
  again = gloss_adapter_apply (peft.fixture->model, folder, &error);
  g_assert_no_error (error);
  for (guint p = 0; p < GLOSS_N_PROJECTIONS; p++)
    {
      for (gsize layer = 0; layer < 4; layer++)
        {
          const GlossLora *a =
              gloss_model_get_lora (peft.adapted, gloss_projection_get_role (p), layer);
          const GlossLora *b = gloss_model_get_lora (again, gloss_projection_get_role (p), layer);

          g_assert_cmpuint (b->rank, ==, 4);
          g_assert_cmpfloat ((double) a->scale, ==, (double) b->scale);
          g_assert_cmpmem (a->a, 4 * a->n_in * sizeof (float), b->a, 4 * b->n_in * sizeof (float));
          g_assert_cmpmem (a->b, 4 * a->n_out * sizeof (float), b->b,
                           4 * b->n_out * sizeof (float));
        }
    }
  gloss_test_folder_remove (folder);
  peft_clear (&peft);
}

static void
test_wrong_adapters_should_be_refused (void)
{
  g_autoptr (TrainFixture) other = train_fixture_new ("paligemma1", "weights.f32.npz");
  g_autofree char *peft = gloss_test_path ("fixtures/paligemma2/peft");
  char *folder = gloss_test_folder_new ();
  g_autofree char *config = g_build_filename (folder, GLOSS_ADAPTER_CONFIG_NAME, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_adapter_apply (other->model, peft, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_MISMATCH, "expected 4×64");
  g_assert_null (gloss_adapter_apply (other->model, folder, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_file_set_contents (config, "{\"r\": 0, \"lora_alpha\": 8}", -1, NULL);
  g_assert_null (gloss_adapter_apply (other->model, folder, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "\"r\"");
  g_file_set_contents (config, "{\"r\": 4, \"lora_alpha\": 8, \"use_dora\": true}", -1, NULL);
  g_assert_null (gloss_adapter_apply (other->model, folder, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "use_dora");
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/peft/logits/should-equal-the-reference",
                   test_logits_should_equal_the_reference);
  g_test_add_func ("/train/peft/training/should-equal-the-reference",
                   test_training_should_equal_the_reference);
  g_test_add_func ("/train/peft/written/should-read-back", test_written_adapter_should_read_back);
  g_test_add_func ("/train/peft/wrong/should-be-refused", test_wrong_adapters_should_be_refused);
  return g_test_run ();
}
