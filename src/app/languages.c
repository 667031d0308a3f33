/* Names for people of PaliGemma's tasks and languages. */
#include "app/languages.h"

#include <glib/gi18n.h>
#include <string.h>

static const struct
{
  const char *code;
  const char *name;
} names[] = {
  { "ar", N_ ("Arabic") },     { "bn", N_ ("Bengali") },    { "cs", N_ ("Czech") },
  { "da", N_ ("Danish") },     { "de", N_ ("German") },     { "el", N_ ("Greek") },
  { "en", N_ ("English") },    { "es", N_ ("Spanish") },    { "fa", N_ ("Persian") },
  { "fi", N_ ("Finnish") },    { "fil", N_ ("Filipino") },  { "fr", N_ ("French") },
  { "he", N_ ("Hebrew") },     { "hi", N_ ("Hindi") },      { "hr", N_ ("Croatian") },
  { "hu", N_ ("Hungarian") },  { "id", N_ ("Indonesian") }, { "it", N_ ("Italian") },
  { "ja", N_ ("Japanese") },   { "ko", N_ ("Korean") },     { "mi", N_ ("Māori") },
  { "nl", N_ ("Dutch") },      { "no", N_ ("Norwegian") },  { "pl", N_ ("Polish") },
  { "pt", N_ ("Portuguese") }, { "ro", N_ ("Romanian") },   { "ru", N_ ("Russian") },
  { "sv", N_ ("Swedish") },    { "sw", N_ ("Swahili") },    { "te", N_ ("Telugu") },
  { "th", N_ ("Thai") },       { "tr", N_ ("Turkish") },    { "uk", N_ ("Ukrainian") },
  { "vi", N_ ("Vietnamese") }, { "zh", N_ ("Chinese") },
};

const char *
gloss_language_get_name (const char *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (strcmp (names[i].code, code) == 0)
        return _ (names[i].name);
    }
  return code;
}

const char *
gloss_task_get_title (GlossTask task)
{
  switch (task)
    {
    case GLOSS_TASK_CAPTION:
      /* Translators: the task of saying what is in a picture, in a sentence */
      return C_ ("task", "Caption");
    case GLOSS_TASK_CAP:
      return _ ("Short Caption");
    case GLOSS_TASK_DESCRIBE:
      return _ ("Description");
    case GLOSS_TASK_OCR:
      return _ ("Read Text");
    case GLOSS_TASK_ANSWER:
      return _ ("Ask");
    case GLOSS_TASK_QUESTION:
      return _ ("Find a Question");
    case GLOSS_TASK_DETECT:
      return _ ("Detect");
    case GLOSS_TASK_SEGMENT:
      return _ ("Segment");
    case GLOSS_N_TASKS:
      break;
    }
  g_assert_not_reached ();
}

const char *
gloss_task_get_words_title (GlossTask task)
{
  switch (task)
    {
    case GLOSS_TASK_ANSWER:
      return _ ("Question");
    case GLOSS_TASK_QUESTION:
      return _ ("Answer");
    case GLOSS_TASK_DETECT:
    case GLOSS_TASK_SEGMENT:
      return _ ("Things to find, such as “cat ; dog”");
    case GLOSS_TASK_CAPTION:
    case GLOSS_TASK_CAP:
    case GLOSS_TASK_DESCRIBE:
    case GLOSS_TASK_OCR:
      return NULL;
    case GLOSS_N_TASKS:
      break;
    }
  g_assert_not_reached ();
}
