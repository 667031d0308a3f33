/* Where a model is from. */
#include "library/model-origin.h"

#include <string.h>

GlossModelOrigin *
gloss_model_origin_new_for_entry (const GlossCatalogueEntry *entry, GlossSourceKind kind)
{
  gboolean is_kaggle = kind == GLOSS_SOURCE_KAGGLE;
  GlossModelOrigin *origin = g_new0 (GlossModelOrigin, 1);

  origin->kind = kind;
  origin->handle = g_strdup (is_kaggle ? entry->kaggle_handle : entry->hugging_face_handle);
  origin->revision = is_kaggle ? NULL : g_strdup (entry->hugging_face_revision);
  origin->name = g_strdup (entry->name);
  return origin;
}

GlossModelOrigin *
gloss_model_origin_parse (const char *text)
{
  const char *colon = strchr (text, ':');
  const char *at;
  GlossModelOrigin *origin;

  if (!g_str_has_prefix (text, "kaggle:") && !g_str_has_prefix (text, "huggingface:"))
    return NULL;
  origin = g_new0 (GlossModelOrigin, 1);
  origin->kind =
      g_str_has_prefix (text, "kaggle:") ? GLOSS_SOURCE_KAGGLE : GLOSS_SOURCE_HUGGING_FACE;
  at = strchr (colon, '@');
  origin->handle = at ? g_strndup (colon + 1, (gsize) (at - colon - 1)) : g_strdup (colon + 1);
  origin->revision = at ? g_strdup (at + 1) : NULL;
  origin->name = g_path_get_basename (origin->handle);
  return origin;
}

GlossModelOrigin *
gloss_model_origin_copy (const GlossModelOrigin *origin)
{
  GlossModelOrigin *copy = g_new0 (GlossModelOrigin, 1);

  copy->kind = origin->kind;
  copy->handle = g_strdup (origin->handle);
  copy->revision = g_strdup (origin->revision);
  copy->name = g_strdup (origin->name);
  return copy;
}

void
gloss_model_origin_free (GlossModelOrigin *origin)
{
  g_free (origin->handle);
  g_free (origin->revision);
  g_free (origin->name);
  g_free (origin);
}

GlossService
gloss_model_origin_get_service (const GlossModelOrigin *origin)
{
  return origin->kind == GLOSS_SOURCE_KAGGLE ? GLOSS_SERVICE_KAGGLE : GLOSS_SERVICE_HUGGING_FACE;
}

char *
gloss_model_origin_get_page (const GlossModelOrigin *origin)
{
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GlossSource) source = NULL;

  /* the page does not depend on who is asked for the files */
  if (gloss_endpoints_init (&endpoints, TRUE, NULL))
    source =
        gloss_source_new (origin->kind, origin->handle, origin->revision, &endpoints, NULL, NULL);
  return source ? gloss_source_get_page (source) : NULL;
}
