/* Where models are looked for. */
#include "library/model-place.h"

#include "support/asserts.h"

#include <string.h>

static void
assert_folder (GlossModelPlace place, const char *expected)
{
  g_autofree char *folder = gloss_model_place_get_folder (place);

  g_assert_cmpstr (folder, ==, expected);
}

static void
test_places_should_follow_the_environment (void)
{
  static const struct
  {
    const char *variable, *value; /* set on top of those before it */
    GlossModelPlace place;
    const char *folder;
  } cases[] = {
    { "GLOSS_DATA_DIR", "/data", GLOSS_MODEL_PLACE_DEMO, "/data/demo" },
    { "UNUSED", "", GLOSS_MODEL_PLACE_GLOSS, "/home/o/share/gloss/models" },
    { "UNUSED", "", GLOSS_MODEL_PLACE_HUGGING_FACE, "/home/o/cache/huggingface/hub" },
    { "HF_HOME", "/hf", GLOSS_MODEL_PLACE_HUGGING_FACE, "/hf/hub" },
    { "HF_HOME", "~/hf", GLOSS_MODEL_PLACE_HUGGING_FACE, "/home/o/hf/hub" },
    { "HF_HOME", "~else/hf", GLOSS_MODEL_PLACE_HUGGING_FACE, "~else/hf/hub" },
    { "HUGGINGFACE_HUB_CACHE", "/old", GLOSS_MODEL_PLACE_HUGGING_FACE, "/old" },
    { "HF_HUB_CACHE", "/hub", GLOSS_MODEL_PLACE_HUGGING_FACE, "/hub" },
    { "HF_HUB_CACHE", "", GLOSS_MODEL_PLACE_HUGGING_FACE, "/old" },
    { "UNUSED", "", GLOSS_MODEL_PLACE_KAGGLE, "/home/o/.cache/kagglehub/models" },
    { "KAGGLEHUB_CACHE", "/kaggle", GLOSS_MODEL_PLACE_KAGGLE, "/kaggle/models" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_setenv (cases[i].variable, cases[i].value, TRUE);
      assert_folder (cases[i].place, cases[i].folder);
    }
}

static void
test_every_place_should_have_a_name (void)
{
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    g_assert_cmpuint (strlen (gloss_model_place_get_name ((GlossModelPlace) i)), >, 0);
}

int
main (int argc, char **argv)
{
  static const char *const unset[] = { "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE",
                                       "KAGGLEHUB_CACHE" };

  /* Before GLib looks at them: it does so once. */
  g_setenv ("HOME", "/home/o", TRUE);
  g_setenv ("XDG_DATA_HOME", "/home/o/share", TRUE);
  g_setenv ("XDG_CACHE_HOME", "/home/o/cache", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (unset); i++)
    g_unsetenv (unset[i]);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/model-place/places-should-follow-the-environment",
                   test_places_should_follow_the_environment);
  g_test_add_func ("/library/model-place/every-place-should-have-a-name",
                   test_every_place_should_have_a_name);
  return g_test_run ();
}
