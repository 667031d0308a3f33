/* A model on this machine in a list: use it, and what else can be done with it. */
#pragma once

#include "app/engine.h"
#include "library/found-models.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_INSTALLED_ROW (gloss_installed_row_get_type ())
G_DECLARE_FINAL_TYPE (GlossInstalledRow, gloss_installed_row, GLOSS, INSTALLED_ROW, AdwActionRow)

/* What was asked for, as the detail of the signal "asked" (without arguments). */
#define GLOSS_INSTALLED_USE "use"
#define GLOSS_INSTALLED_PREPARE "prepare"
#define GLOSS_INSTALLED_VERIFY "verify"
#define GLOSS_INSTALLED_REMOVE "remove"

/* Takes @model over. Main thread. */
GlossInstalledRow *gloss_installed_row_new (GlossFoundModel *model, GlossEngine *engine);
const GlossFoundModel *gloss_installed_row_get_model (GlossInstalledRow *row);

/* Whether the model lies where Gloss may remove it. */
gboolean gloss_installed_row_is_own (GlossInstalledRow *row);

G_END_DECLS
