/* The menu of models in the header bar. */
#pragma once

#include "app/engine.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_MODEL_BUTTON (gloss_model_button_get_type ())
G_DECLARE_FINAL_TYPE (GlossModelButton, gloss_model_button, GLOSS, MODEL_BUTTON, GtkWidget)

/* Shows the model of @engine and lets choose another. Keeps a reference. Main thread. */
void gloss_model_button_set_engine (GlossModelButton *button, GlossEngine *engine);

/* Chooses the model in @path, a file or a folder, and remembers it for the next start. */
void gloss_model_button_open (GlossModelButton *button, GFile *file);

G_END_DECLS
