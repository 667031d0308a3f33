/* Which model to use: what it can do, and whether it fits. */
#include "library/model-source.h"

#include "base/error.h"
#include "support/asserts.h"

static GlossModelSource *
make (const char *name, gboolean is_demo)
{
  GlossModelSource *source = g_new0 (GlossModelSource, 1);

  source->name = g_strdup (name);
  source->path = g_strdup ("/nowhere");
  source->is_demo = is_demo;
  return source;
}

static void
test_abilities_should_follow_from_the_name (void)
{
  g_autoptr (GlossModelSource) demo = make ("demo", TRUE);
  g_autoptr (GlossModelSource) mix = make ("google/paligemma-3b-mix-224", FALSE);
  g_autoptr (GlossModelSource) pt = make ("google/paligemma-3b-pt-224", FALSE);
  g_autoptr (GlossModelSource) mine = make ("mixed-feelings", FALSE);

  for (guint i = 0; i < GLOSS_N_TASKS; i++)
    {
      GlossTask task = (GlossTask) i;
      gboolean is_basic = task == GLOSS_TASK_CAPTION || task == GLOSS_TASK_DETECT;
      gboolean is_pt_only = task == GLOSS_TASK_CAP || task == GLOSS_TASK_DESCRIBE
                            || task == GLOSS_TASK_OCR || task == GLOSS_TASK_QUESTION;

      g_assert_cmpint (gloss_model_source_can_do (demo, task), ==,
                       is_basic ? GLOSS_ABILITY_YES : GLOSS_ABILITY_NOT_DEMO);
      g_assert_cmpint (gloss_model_source_can_do (mix, task), ==,
                       is_pt_only ? GLOSS_ABILITY_NOT_MIX : GLOSS_ABILITY_YES);
      g_assert_cmpint (gloss_model_source_can_do (pt, task), ==, GLOSS_ABILITY_YES);
      g_assert_cmpint (gloss_model_source_can_do (mine, task), ==, GLOSS_ABILITY_YES);
    }
  g_assert_cmpint (gloss_model_source_can_speak (demo, "en"), ==, GLOSS_ABILITY_YES);
  g_assert_cmpint (gloss_model_source_can_speak (demo, "de"), ==, GLOSS_ABILITY_NOT_ENGLISH);
  g_assert_cmpint (gloss_model_source_can_speak (mix, "de"), ==, GLOSS_ABILITY_YES);
}

static void
test_what_does_not_fit_should_be_refused_with_figures (void)
{
  g_autofree char *path = gloss_test_data_path ("demo");
  g_autoptr (GlossModelSource) source = gloss_model_source_new_for_path (path);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (source->tokenizer);
  g_assert_true (gloss_model_source_check_fit (source, 2, G_MAXUINT64, &error));
  g_assert_no_error (error);
  /* 5.9 million parameters of two or four bytes do not fit into a megabyte */
  g_assert_false (gloss_model_source_check_fit (source, 2, 1000000, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "1.0");
}

static void
test_a_path_should_find_its_tokenizer (void)
{
  g_autofree char *path = gloss_test_data_path ("demo/pictures");
  g_autoptr (GlossModelSource) source = gloss_model_source_new_for_path (path);
  g_autoptr (GlossModelSource) copy = gloss_model_source_copy (source);

  g_assert_cmpstr (copy->name, ==, "pictures");
  g_assert_cmpstr (copy->path, ==, source->path);
  g_assert_null (copy->tokenizer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/model-source/abilities-should-follow-from-the-name",
                   test_abilities_should_follow_from_the_name);
  g_test_add_func ("/library/model-source/what-does-not-fit-should-be-refused-with-figures",
                   test_what_does_not_fit_should_be_refused_with_figures);
  g_test_add_func ("/library/model-source/a-path-should-find-its-tokenizer",
                   test_a_path_should_find_its_tokenizer);
  return g_test_run ();
}
