/* The models that can be downloaded. */
#include "library/catalogue.h"

#include <string.h>

#define TEXT(x) #x
#define NAME_1(size, kind, px) "paligemma-" size "-" kind "-" TEXT (px)
#define NAME_2(size, kind, px) "paligemma2-" size "-" kind "-" TEXT (px)
#define HANDLE_1 "google/paligemma/jax/"
#define HANDLE_2 "google/paligemma-2/jax/"
/* the main branch of the first has 32-bit weights, of the second 16-bit ones */
#define REVISION_1 "bfloat16"
#define REVISION_2 "main"

#define MODEL(family, size, kind, px, kaggle_bytes, hugging_face_bytes)                            \
  { NAME_##family (size, kind, px),                                                                \
    family,                                                                                        \
    size,                                                                                          \
    kind,                                                                                          \
    px,                                                                                            \
    G_GUINT64_CONSTANT (kaggle_bytes),                                                             \
    G_GUINT64_CONSTANT (hugging_face_bytes),                                                       \
    HANDLE_##family NAME_##family (size, kind, px),                                                \
    "google/" NAME_##family (size, kind, px),                                                      \
    REVISION_##family },

static const GlossCatalogueEntry entries[] = {
#include "library/catalogue.inc"
};

const GlossCatalogueEntry *
gloss_catalogue_get (guint *out_n)
{
  *out_n = G_N_ELEMENTS (entries);
  return entries;
}

const char *
gloss_catalogue_get_terms_page (void)
{
  return "https://ai.google.dev/gemma/terms";
}

const GlossCatalogueEntry *
gloss_catalogue_find (const char *name)
{
  if (g_str_has_prefix (name, "google/"))
    name += strlen ("google/");
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      if (g_ascii_strcasecmp (entries[i].name, name) == 0)
        return &entries[i];
    }
  return NULL;
}
