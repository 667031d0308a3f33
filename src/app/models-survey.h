/* What there is of models on this machine, and what room there is for more. */
#pragma once

#include "library/found-models.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GPtrArray *models;       /* owned; GlossFoundModel */
  char *folder;            /* owned; where new ones go */
  gboolean is_chosen;      /* and whether the person chose that */
  guint64 free_disk_bytes; /* there; G_MAXUINT64: unknown */
  guint64 free_memory_bytes;
} GlossModelsSurvey;

void gloss_models_survey_free (GlossModelsSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossModelsSurvey, gloss_models_survey_free)

/* Looks, in a thread. From the main thread; @callback is called there with @source. NULL only when
 * it was cancelled. */
void gloss_models_survey_make_async (gpointer source, GCancellable *cancellable,
                                     GAsyncReadyCallback callback);
GlossModelsSurvey *gloss_models_survey_make_finish (GAsyncResult *result);

/* Whether a model called @name lies among Gloss's own. */
gboolean gloss_models_survey_has_own (const GlossModelsSurvey *survey, const char *name);

G_END_DECLS
