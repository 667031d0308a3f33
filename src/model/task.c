/* The tasks that PaliGemma was trained for. (Beyer et al., arXiv 2407.07726, appendix B.) */
#include "model/task.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

static const GlossTaskInfo infos[GLOSS_N_TASKS] = {
  [GLOSS_TASK_CAPTION] = { "caption", NULL, TRUE, "a sentence, as in COCO" },
  [GLOSS_TASK_CAP] = { "cap", NULL, TRUE, "short, in the style of alt text on the web" },
  [GLOSS_TASK_DESCRIBE] = { "describe", NULL, TRUE, "longer, with detail" },
  [GLOSS_TASK_OCR] = { "ocr", NULL, FALSE, "the text in the picture" },
  [GLOSS_TASK_ANSWER] = { "answer", N_ ("the question"), TRUE, "the answer to a question" },
  [GLOSS_TASK_QUESTION] = { "question", N_ ("the answer"), TRUE,
                            "a question that has this answer" },
  [GLOSS_TASK_DETECT] = { "detect", N_ ("the things to find, separated by \" ; \""), FALSE,
                          "boxes around things" },
  [GLOSS_TASK_SEGMENT] = { "segment", N_ ("the things to find, separated by \" ; \""), FALSE,
                           "boxes around things, with the codes of their masks" },
};

static const char *const languages[] = { "ar", "bn",  "cs", "da", "de", "el", "en", "es", "fa",
                                         "fi", "fil", "fr", "he", "hi", "hr", "hu", "id", "it",
                                         "ja", "ko",  "mi", "nl", "no", "pl", "pt", "ro", "ru",
                                         "sv", "sw",  "te", "th", "tr", "uk", "vi", "zh", NULL };

const GlossTaskInfo *
gloss_task_get_info (GlossTask task)
{
  return &infos[task];
}

gboolean
gloss_task_from_name (const char *name, GlossTask *out)
{
  for (guint i = 0; i < GLOSS_N_TASKS; i++)
    {
      if (strcmp (infos[i].name, name) == 0)
        {
          *out = (GlossTask) i;
          return TRUE;
        }
    }
  return FALSE;
}

const char *const *
gloss_task_get_languages (void)
{
  return languages;
}

char *
gloss_task_make_prompt (GlossTask task, const char *language, const char *text, GError **error)
{
  const GlossTaskInfo *info = &infos[task];
  g_autoptr (GString) prompt = g_string_new (info->name);
  gboolean has_text = text && *text;

  if (info->text && !has_text)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("the task \"%s\" needs a text: %s"), info->name, _ (info->text));
      return NULL;
    }
  if (!info->text && has_text)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, _ ("the task \"%s\" takes no text"),
                   info->name);
      return NULL;
    }
  if (language && !info->has_language)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("the task \"%s\" has no language"), info->name);
      return NULL;
    }
  if (language && !g_strv_contains (languages, language))
    {
      g_autofree char *list = g_strjoinv (" ", (char **) languages);

      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("\"%s\" is not one of the languages that PaliGemma knows: %s"), language,
                   list);
      return NULL;
    }

  if (info->has_language)
    g_string_append_printf (prompt, " %s", language ? language : "en");
  if (has_text)
    g_string_append_printf (prompt, " %s", text);
  return g_string_free (g_steal_pointer (&prompt), FALSE);
}
