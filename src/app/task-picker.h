/* What to ask the model: task, language, and the words that a task needs. */
#pragma once

#include "library/model-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TASK_PICKER (gloss_task_picker_get_type ())
G_DECLARE_FINAL_TYPE (GlossTaskPicker, gloss_task_picker, GLOSS, TASK_PICKER, GtkWidget)

/* Signal "activated": the person pressed Enter in the row of words. Main thread only. */

/* Makes insensitive, with the reason, what that model cannot do; NULL: nothing. */
void gloss_task_picker_set_source (GlossTaskPicker *picker, const GlossModelSource *source);

/* The prompt, newly allocated. NULL with a translated sentence when words are missing. */
char *gloss_task_picker_make_prompt (GlossTaskPicker *picker, GError **error);

/* What the caption is to start with, or NULL. Borrowed, valid until the row is edited. */
const char *gloss_task_picker_get_start_with (GlossTaskPicker *picker);

/* TRUE when the chosen task finds objects, whose boxes are drawn. */
gboolean gloss_task_picker_finds_boxes (GlossTaskPicker *picker);

G_END_DECLS
