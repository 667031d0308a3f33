/* The examples of the small models. */
#include "train/train-fixture.h"

#include "support/asserts.h"

#include <string.h>

static char *
make_path (const char *name, const char *file)
{
  g_autofree char *relative = g_build_filename ("fixtures", name, file, NULL);

  return gloss_test_path (relative);
}

TrainFixture *
train_fixture_new (const char *name, const char *file)
{
  TrainFixture *fixture = g_new0 (TrainFixture, 1);
  g_autofree char *path = make_path (name, "weights.f32.npz");
  g_autoptr (GError) error = NULL;
  gsize n, side;
  g_autofree float *text = NULL;
  g_autofree float *mask_loss = NULL;
  g_autofree float *mask_input = NULL;

  fixture->fixture = fixture_new (name);
  fixture->model = fixture_load_model (fixture->fixture, file);
  fixture->bv = gloss_checkpoint_open (path, NULL, &error);
  g_assert_no_error (error);
  fixture->images = fixture_get_floats (fixture->fixture, "image", &n);
  side = gloss_model_config_get_image_size_px (gloss_model_get_config (fixture->model));
  text = fixture_get_floats (fixture->fixture, "text", &n);
  mask_loss = fixture_get_floats (fixture->fixture, "mask_loss", &n);
  mask_input = fixture_get_floats (fixture->fixture, "mask_input", &n);

  for (guint e = 0; e < TRAIN_FIXTURE_N_EXAMPLES; e++)
    {
      GlossSequence sequence = { 0 };

      fixture->ids[e] = g_new (gint32, TRAIN_FIXTURE_MAX_IDS);
      for (gsize i = 0; i < TRAIN_FIXTURE_MAX_IDS; i++)
        {
          gsize at = e * TRAIN_FIXTURE_MAX_IDS + i;

          fixture->ids[e][i] = (gint32) text[at];
          sequence.n_ids += mask_input[at] > 0;
          if (mask_loss[at] > 0 && sequence.n_prefix == 0)
            sequence.n_prefix = i;
        }
      sequence.ids = fixture->ids[e];
      fixture->examples[e] =
          (GlossGradientExample){ sequence, fixture->images + e * side * side * 3, NULL };
    }
  return fixture;
}

void
train_fixture_free (TrainFixture *fixture)
{
  fixture_free (fixture->fixture);
  gloss_model_unref (fixture->model);
  gloss_checkpoint_free (fixture->bv);
  g_free (fixture->images);
  for (guint e = 0; e < TRAIN_FIXTURE_N_EXAMPLES; e++)
    g_free (fixture->ids[e]);
  g_free (fixture);
}

GlossWeights *
train_fixture_open (TrainFixture *fixture, const char *file)
{
  g_autofree char *path = make_path (fixture->fixture->name, file);
  g_autoptr (GError) error = NULL;
  GlossWeights *weights = gloss_weights_open (path, &error);

  g_assert_no_error (error);
  return weights;
}

float *
train_fixture_get (TrainFixture *fixture, GlossWeights *weights, const GlossParameter *parameter,
                   char **name)
{
  const GlossTensorNaming *naming = gloss_checkpoint_get_naming (fixture->bv);
  const GlossTensorView *view;
  GlossMatrix matrix;
  float *out;

  *name = gloss_tensor_role_make_name (parameter->role, naming, parameter->layer);
  view = gloss_weights_find (weights, *name);
  if (!view)
    return NULL;
  matrix = gloss_tensor_role_make_matrix (
      parameter->role, naming, gloss_checkpoint_get_config (fixture->bv), view, parameter->layer);
  out = g_new (float, parameter->n_out * parameter->n_in);
  for (gsize o = 0; o < parameter->n_out; o++)
    {
      for (gsize i = 0; i < parameter->n_in; i++)
        memcpy (&out[o * parameter->n_in + i], gloss_matrix_get_element (&matrix, i, o),
                sizeof (float));
    }
  return out;
}

void
train_fixture_choose (TrainFixture *fixture, json_t *indices, GlossGradientExample *examples)
{
  for (gsize i = 0; i < json_array_size (indices); i++)
    examples[i] = fixture->examples[json_integer_value (json_array_get (indices, i))];
}
