/* Where a model is from: a service, and what the model is called there. */
#pragma once

#include "library/catalogue.h"

G_BEGIN_DECLS

/* All owned. */
typedef struct
{
  GlossSourceKind kind; /* GLOSS_SOURCE_KAGGLE or _HUGGING_FACE */
  char *handle;
  char *revision; /* or NULL: the newest */
  char *name;     /* what the model is called, the last part of the handle */
} GlossModelOrigin;

/* Of @entry at the service @kind; and of "kaggle:HANDLE" or "huggingface:HANDLE", with "@REVISION"
 * at its end: NULL when @text is neither. New. Any thread. */
GlossModelOrigin *gloss_model_origin_new_for_entry (const GlossCatalogueEntry *entry,
                                                    GlossSourceKind kind);
GlossModelOrigin *gloss_model_origin_parse (const char *text);
GlossModelOrigin *gloss_model_origin_copy (const GlossModelOrigin *origin);
void gloss_model_origin_free (GlossModelOrigin *origin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossModelOrigin, gloss_model_origin_free)

GlossService gloss_model_origin_get_service (const GlossModelOrigin *origin);

/* The page on which a person accepts the licence; newly allocated, or NULL. Any thread. */
char *gloss_model_origin_get_page (const GlossModelOrigin *origin);

G_END_DECLS
