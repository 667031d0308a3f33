/* A way to fine-tune, as a large choice: its name, what it does, and what it takes. */
#pragma once

#include "train/preset.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_PRESET_CARD (gloss_preset_card_get_type ())
G_DECLARE_FINAL_TYPE (GlossPresetCard, gloss_preset_card, GLOSS, PRESET_CARD, GtkCheckButton)

/* One of a group, as check buttons are. Main thread only, as all. */
GtkWidget *gloss_preset_card_new (GlossPresetId preset);
GlossPresetId gloss_preset_card_get_preset (GlossPresetCard *card);

/* @title is its name now; @figures stand below. With @fits FALSE they say why it cannot be. */
void gloss_preset_card_show (GlossPresetCard *card, const char *title, const char *figures,
                             gboolean fits);

G_END_DECLS
