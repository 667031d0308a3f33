/* The second page of fine-tuning: how it is done, and what that takes. */
#pragma once

#include "base/turn.h"
#include "dataset/pairs.h"
#include "library/model-source.h"
#include "library/tuning-settings.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_METHOD_PAGE (gloss_tune_method_page_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneMethodPage, gloss_tune_method_page, GLOSS, TUNE_METHOD_PAGE,
                      GtkWidget)

/* Signal "changed" when what is chosen, or whether it can start, may be another. Main thread only,
 * as all of these. */
GtkWidget *gloss_tune_method_page_new (void);

/*
 * What is taught and with what; what is needed of both is copied, NULL: nothing yet. While the page
 * is to be seen a thread measures, once for a model and machine, how fast that is; it takes @turn,
 * which is borrowed until the page is disposed of, as one that is not urgent.
 */
void gloss_tune_method_page_set_task (GlossTuneMethodPage *page, const GlossModelSource *model,
                                      const GlossPairs *pairs, GlossTurn *turn);

/* Earlier settings to begin with, copied; NULL: a preset that fits. */
void gloss_tune_method_page_set_settings (GlossTuneMethodPage *page,
                                          const GlossTuningSettings *settings);

/* Fills in what is chosen here: the preset, train, trainer, max_ids, keeps_case and epochs. Only
 * when it can start. */
void gloss_tune_method_page_apply (GlossTuneMethodPage *page, GlossTuningSettings *settings);

/* Whether there is a task, all that is written can be, and it fits into memory. */
gboolean gloss_tune_method_page_can_start (GlossTuneMethodPage *page);

G_END_DECLS
