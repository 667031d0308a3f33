/* The preferences window. */
#pragma once

#include "app/engine.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A new window bound to the settings; a changed number of threads reaches @engine at once. */
GtkWidget *gloss_preferences_new (GlossEngine *engine);

G_END_DECLS
