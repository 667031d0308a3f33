/* Asking for files and folders. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_CHOOSE_PICTURES,
  GLOSS_CHOOSE_PICTURE_FOLDER,
  GLOSS_CHOOSE_MODEL_FILE,
  GLOSS_CHOOSE_MODEL_FOLDER,
  GLOSS_CHOOSE_TOKENIZER,
  GLOSS_CHOOSE_MODELS_FOLDER, /* for all models */
  GLOSS_CHOOSE_DATA_FOLDER,   /* to learn from */
  GLOSS_CHOOSE_DATA_FILE,
} GlossChoice;

typedef void (*GlossChosenFunc) (GObject *subject, GListModel *files);

/* Asks for one, for pictures for several, and calls @func with @subject and the list of GFile
 * unless the person thinks better of it or @window is gone. In a sandbox this asks the portal. Main
 * thread. */
void gloss_choose_files (GtkWindow *window, GlossChoice choice, GlossChosenFunc func,
                         GObject *subject);

G_END_DECLS
