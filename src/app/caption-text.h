/* The words of a picture: large, editable, with their counter and what can be done with them. */
#pragma once

#include "app/picture.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_CAPTION_TEXT (gloss_caption_text_get_type ())
G_DECLARE_FINAL_TYPE (GlossCaptionText, gloss_caption_text, GLOSS, CAPTION_TEXT, GtkWidget)

/*
 * Shows the caption of a picture and writes what the person types into it (state EDITED). The codes
 * of boxes ("<loc0123>") are in the text but are not shown. Each picture keeps its undo history.
 *
 * Signals: "typed" (gboolean is_word_end) after each change by the person; "text-changed" after
 * any. Main thread only.
 */
void gloss_caption_text_set_picture (GlossCaptionText *text, GlossPicture *picture);

/* Shows @said, what a job has said so far, instead, and cannot be edited; NULL ends that. */
void gloss_caption_text_show_stream (GlossCaptionText *text, const char *said);

typedef enum
{
  GLOSS_COPY_PLAIN,    /* the words */
  GLOSS_COPY_HTML,     /* alt="the words" */
  GLOSS_COPY_MARKDOWN, /* ![the words](photo.jpg) */
} GlossCopyFormat;

void gloss_caption_text_copy (GlossCaptionText *text, GlossCopyFormat format);

/* What stands there now, raw; newly allocated. */
char *gloss_caption_text_get_raw (GlossCaptionText *text);

/* Puts the cursor into the text. */
void gloss_caption_text_begin_edit (GlossCaptionText *text);

G_END_DECLS
