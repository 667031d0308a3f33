/* The prompts of the tasks. */
#include "base/error.h"
#include "model/task.h"
#include "support/asserts.h"

static void
test_prompts_should_be_the_models_words (void)
{
  static const struct
  {
    const char *task, *language, *text, *prompt;
  } cases[] = {
    { "caption", NULL, NULL, "caption en" },
    { "cap", "de", NULL, "cap de" },
    { "describe", "fil", NULL, "describe fil" },
    { "ocr", NULL, NULL, "ocr" },
    { "answer", NULL, "Where is the cow standing?", "answer en Where is the cow standing?" },
    { "question", "es", "playa", "question es playa" },
    { "detect", NULL, "cat ; dog", "detect cat ; dog" },
    { "segment", NULL, "the cow on the left", "segment the cow on the left" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *prompt = NULL;
      GlossTask task;

      g_assert_true (gloss_task_from_name (cases[i].task, &task));
      prompt = gloss_task_make_prompt (task, cases[i].language, cases[i].text, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (prompt, ==, cases[i].prompt);
    }
  g_assert_cmpuint (G_N_ELEMENTS (cases), ==, GLOSS_N_TASKS);
  g_assert_cmpuint (g_strv_length ((char **) gloss_task_get_languages ()), ==, 35);
}

static void
test_wrong_questions_should_say_why (void)
{
  static const struct
  {
    GlossTask task;
    const char *language, *text, *says;
  } cases[] = {
    { GLOSS_TASK_DETECT, NULL, NULL, "needs a text: the things to find" },
    { GLOSS_TASK_ANSWER, NULL, "", "needs a text: the question" },
    { GLOSS_TASK_OCR, NULL, "x", "takes no text" },
    { GLOSS_TASK_OCR, "en", NULL, "has no language" },
    { GLOSS_TASK_CAPTION, "xx", NULL, "\"xx\" is not one of the languages" },
  };
  GlossTask task;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          gloss_task_make_prompt (cases[i].task, cases[i].language, cases[i].text, &error));
      gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, cases[i].says);
    }
  g_assert_false (gloss_task_from_name ("paint", &task));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/task/prompts-should-be-the-models-words",
                   test_prompts_should_be_the_models_words);
  g_test_add_func ("/model/task/wrong-questions-should-say-why",
                   test_wrong_questions_should_say_why);
  return g_test_run ();
}
