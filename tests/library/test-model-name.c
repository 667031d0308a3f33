/* Which model a name means. */
#include "library/found-models.h"

#include "base/error.h"
#include "support/asserts.h"

#include <string.h>

static GlossFoundModel *
make_model (const char *name, const char *missing, gboolean lacks_only_tokenizer)
{
  GlossFoundModel *model = g_new0 (GlossFoundModel, 1);

  model->name = g_strdup (name);
  model->path = g_strconcat ("/", name, NULL);
  model->missing = g_strdup (missing);
  model->lacks_only_tokenizer = lacks_only_tokenizer;
  return model;
}

static GPtrArray *
make_models (void)
{
  static const char *const names[] = {
    "demo",
    "my captions",
    "pair/pt.npz",
    "Größe",
    "google/paligemma-3b-mix-224",
    "google/paligemma-3b-mix-224@float16",
    "other/paligemma-3b-mix-448",
    "google/paligemma-3b-mix-448",
    "someone/drifting@1234abcd",
    "google/paligemma/jax/paligemma-3b-pt-224/1",
    "google/paligemma-2/jax/paligemma2-3b-pt-224/1",
    "google/paligemma-2/jax/paligemma2-3b-pt-224/2",
    "google/paligemma-2/jax/paligemma2-3b-pt-448/1/a.npz",
    "google/paligemma-2/jax/paligemma2-3b-pt-448/1/b.npz",
  };
  GPtrArray *models = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_found_model_free);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_ptr_array_add (models, make_model (names[i], NULL, FALSE));
  g_ptr_array_add (models, make_model ("half", "model.safetensors is missing", FALSE));
  g_ptr_array_add (models, make_model ("mute", "tokenizer.model is missing", TRUE));
  g_ptr_array_add (models, make_model ("x/twin", "model.safetensors is missing", FALSE));
  g_ptr_array_add (models, make_model ("y/twin", NULL, FALSE));
  return models;
}

static void
test_a_name_should_be_found_as_it_is_given (void)
{
  static const char *const cases[][2] = {
    { "demo", "demo" },
    { "DEMO", "demo" },
    { "my captions", "my captions" },
    { "GRÖSSE", "Größe" },
    { "google/paligemma-3b-mix-224", "google/paligemma-3b-mix-224" },
    { "paligemma-3b-mix-224", "google/paligemma-3b-mix-224" },
    { "PaliGemma-3B-mix-224", "google/paligemma-3b-mix-224" },
    { "paligemma-3b-mix-224@float16", "google/paligemma-3b-mix-224@float16" },
    { "someone/drifting", "someone/drifting@1234abcd" },
    { "drifting", "someone/drifting@1234abcd" },
    { "google/paligemma/jax/paligemma-3b-pt-224", "google/paligemma/jax/paligemma-3b-pt-224/1" },
    { "paligemma-3b-pt-224", "google/paligemma/jax/paligemma-3b-pt-224/1" },
    { "paligemma2-3b-pt-224/2", "google/paligemma-2/jax/paligemma2-3b-pt-224/2" },
    { "b.npz", "google/paligemma-2/jax/paligemma2-3b-pt-448/1/b.npz" },
    { "pair", "pair/pt.npz" },
    { "mute", "mute" },
    { "twin", "y/twin" },
  };
  g_autoptr (GPtrArray) models = make_models ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      const GlossFoundModel *model = gloss_found_models_resolve (models, cases[i][0], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (model->name, ==, cases[i][1]);
    }
}

static void
test_other_names_should_be_answered_with_a_sentence (void)
{
  const struct
  {
    const char *name;
    GQuark domain;
    int code;
    const char *says;
  } cases[] = {
    { "paligemma-3b-mix-448", G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "may be any of several models: other/paligemma-3b-mix-448 or google/paligemma-3b-mix-448" },
    { "paligemma2-3b-pt-224", G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "google/paligemma-2/jax/paligemma2-3b-pt-224/1 or " },
    { "paligemma2-3b-pt-448", G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "/1/a.npz or " },
    { "half", GLOSS_ERROR, GLOSS_ERROR_FORMAT,
      "half: this model is not whole: model.safetensors is missing" },
    { "palligema-3b-mix-224", G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      "neither a file nor a model called \"palligema-3b-mix-224\"; similar: "
      "google/paligemma-3b-mix-224" },
    { "dmeo", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "similar: demo" },
    { "captions", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "similar: my captions" },
    /* the owner, the framework and the version say nothing */
    { "google", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "similar: google/" },
    { "jax", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "similar: google/" },
    { "1", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "called \"1\"" },
    { "gle/paligemma-3b-mix-224", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "similar: google/" },
    { "xxxxxxxxxxxxxxxxxxxxx", G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      "on this machine are: demo, my captions, pair/pt.npz, Größe, google/paligemma-3b-mix-224 and "
      "13 more" },
    { "", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "called \"\"" },
    { "\xff\n", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "neither" },
  };
  g_autoptr (GPtrArray) models = make_models ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gloss_found_models_resolve (models, cases[i].name, &error));
      gloss_assert_error_says (&error, cases[i].domain, cases[i].code, cases[i].says);
    }
}

static void
test_nothing_should_be_found_among_nothing (void)
{
  g_autoptr (GPtrArray) models = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_found_models_resolve (models, "demo", &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "there are no models on this machine");
}

static void
test_a_name_of_any_length_should_be_answered_soon (void)
{
  g_autofree char *name = g_strnfill (1 << 20, 'a');
  g_autoptr (GPtrArray) models = make_models ();
  g_autoptr (GError) error = NULL;
  gint64 start_usec = g_get_monotonic_time ();

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *other = g_strdup_printf ("%0250u", i);

      g_ptr_array_add (models, make_model (other, NULL, FALSE));
    }
  g_assert_null (gloss_found_models_resolve (models, name, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  name[250] = '\0';
  g_assert_null (gloss_found_models_resolve (models, name, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpint (g_get_monotonic_time () - start_usec, <, 20 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/model-name/a-name-should-be-found-as-it-is-given",
                   test_a_name_should_be_found_as_it_is_given);
  g_test_add_func ("/library/model-name/other-names-should-be-answered-with-a-sentence",
                   test_other_names_should_be_answered_with_a_sentence);
  g_test_add_func ("/library/model-name/nothing-should-be-found-among-nothing",
                   test_nothing_should_be_found_among_nothing);
  g_test_add_func ("/library/model-name/a-name-of-any-length-should-be-answered-soon",
                   test_a_name_of_any_length_should_be_answered_soon);
  return g_test_run ();
}
