/* The tasks that PaliGemma was trained for, and the prompts that ask for them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TASK_CAPTION,
  GLOSS_TASK_CAP,
  GLOSS_TASK_DESCRIBE,
  GLOSS_TASK_OCR,
  GLOSS_TASK_ANSWER,
  GLOSS_TASK_QUESTION,
  GLOSS_TASK_DETECT,
  GLOSS_TASK_SEGMENT,
  GLOSS_N_TASKS
} GlossTask;

typedef struct
{
  const char *name; /* as in the prompt and on the command line */
  /* what the text that it needs is ("the question"), marked with N_ (), or NULL for none */
  const char *text;
  gboolean has_language; /* the prompt names the language of the answer */
  const char *summary;   /* one line */
} GlossTaskInfo;

const GlossTaskInfo *gloss_task_get_info (GlossTask task);

/* FALSE when no task is called @name. */
gboolean gloss_task_from_name (const char *name, GlossTask *out);

/* The 35 language codes of the checkpoints, NULL-terminated and sorted. */
const char *const *gloss_task_get_languages (void);

/*
 * "caption en", "answer de Wo steht die Kuh?", "detect cat ; dog". @language NULL is "en". @text is
 * required exactly by the tasks that have one. NULL with GLOSS_ERROR_UNSUPPORTED, in a sentence,
 * otherwise. Newly allocated. Any thread.
 */
char *gloss_task_make_prompt (GlossTask task, const char *language, const char *text,
                              GError **error);

G_END_DECLS
