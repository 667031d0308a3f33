/* The small models that the reference implementations have run. */
#include "model/fixture.h"

#include "model/prepare.h"
#include "support/asserts.h"

#include <math.h>
#include <string.h>

static char *
make_path (const char *name, const char *file)
{
  g_autofree char *relative = g_build_filename ("fixtures", name, file, NULL);

  return gloss_test_path (relative);
}

Fixture *
fixture_new (const char *name)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  g_autofree char *json = make_path (name, "fixture.json");
  g_autofree char *forward = make_path (name, "forward.npz");
  g_autofree char *tokenizer = make_path ("text", "full.model");
  g_autoptr (GError) error = NULL;

  fixture->name = g_strdup (name);
  fixture->json = gloss_json_load (json, 1 << 20, &error);
  g_assert_no_error (error);
  fixture->forward = gloss_weights_open (forward, &error);
  g_assert_no_error (error);
  fixture->tokenizer = gloss_tokenizer_load (tokenizer, &error);
  g_assert_no_error (error);
  return fixture;
}

void
fixture_free (Fixture *fixture)
{
  g_free (fixture->name);
  json_decref (fixture->json);
  gloss_weights_free (fixture->forward);
  gloss_tokenizer_unref (fixture->tokenizer);
  g_free (fixture);
}

/* What an npz does not say; a Hugging Face folder says it itself. */
static GlossModelOptions
make_options (Fixture *fixture, const char *file)
{
  json_t *gemma = json_object_get (fixture->json, "gemma");
  GlossModelOptions options = { 0 };

  if (json_object_get (gemma, "query_pre_attn_norm") && g_str_has_suffix (file, ".npz"))
    {
      double width = (double) json_integer_value (json_object_get (gemma, "width"));
      double n_heads = (double) json_integer_value (json_object_get (gemma, "num_heads"));

      g_assert_cmpstr (json_string_value (json_object_get (gemma, "query_pre_attn_norm")), ==,
                       "rsqrt_emb_per_head");
      options.query_scale = (float) (1 / sqrt (width / n_heads));
    }
  return options;
}

GlossModel *
fixture_load_model (Fixture *fixture, const char *file)
{
  g_autofree char *path = make_path (fixture->name, file);
  GlossModelOptions options = make_options (fixture, file);
  g_autoptr (GError) error = NULL;
  GlossModel *model = gloss_model_load (path, &options, &error);

  g_assert_no_error (error);
  return model;
}

GlossModel *
fixture_load_prepared_model (Fixture *fixture, const char *file)
{
  return fixture_load_prepared_model_as (fixture, file, GLOSS_ARITHMETIC_EXACT);
}

GlossModel *
fixture_load_prepared_model_as (Fixture *fixture, const char *file, GlossArithmetic arithmetic)
{
  const GlossModelOptions loading = { .arithmetic = arithmetic };
  g_autofree char *source = make_path (fixture->name, file);
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "prepared.gloss", NULL);
  GlossModelOptions options = make_options (fixture, file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossCheckpoint) checkpoint =
      gloss_checkpoint_open_streamed (source, &options, &error);
  g_autoptr (GlossPreparation) preparation = gloss_preparation_new (checkpoint, &error);
  GlossModel *model;

  gloss_preparation_write (preparation, path, FALSE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  model = gloss_model_load (path, &loading, &error);
  g_assert_no_error (error);
  gloss_test_folder_remove (folder);
  return model;
}

float *
fixture_get_floats (Fixture *fixture, const char *name, gsize *n)
{
  const GlossTensorView *view = gloss_weights_find (fixture->forward, name);
  float *out;

  if (!view)
    g_error ("%s: forward.npz has no \"%s\"", fixture->name, name);
  *n = view->n_bytes / 4;
  out = g_new (float, *n);
  if (view->dtype == GLOSS_DTYPE_F32)
    {
      memcpy (out, view->data, view->n_bytes);
      return out;
    }
  g_assert (view->dtype == GLOSS_DTYPE_I32);
  for (gsize i = 0; i < *n; i++)
    {
      gint32 value;

      memcpy (&value, view->data + i * 4, 4);
      out[i] = (float) value;
    }
  return out;
}

gsize
fixture_find_image (Fixture *fixture, const char *file)
{
  json_t *images = json_object_get (fixture->json, "images");

  for (gsize i = 0; i < json_array_size (images); i++)
    {
      if (g_strcmp0 (json_string_value (json_array_get (images, i)), file) == 0)
        return i;
    }
  g_error ("%s: fixture.json does not know the picture %s", fixture->name, file);
}
