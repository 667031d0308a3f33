/* Names for people of PaliGemma's tasks and languages. */
#pragma once

#include "model/task.h"

G_BEGIN_DECLS

/* The language of @code, one of gloss_task_get_languages (), in the person's own; the code itself
 * when it has no name here. */
const char *gloss_language_get_name (const char *code);

/* "Short Caption", and what the words that the task needs are ("Question"; NULL: it needs none).
 * Translated. */
const char *gloss_task_get_title (GlossTask task);
const char *gloss_task_get_words_title (GlossTask task);

G_END_DECLS
