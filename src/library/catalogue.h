/* The models that can be downloaded. */
#pragma once

#include "net/source.h"

G_BEGIN_DECLS

/* All static. */
typedef struct
{
  const char *name; /* "paligemma2-3b-mix-448" */
  guint family;     /* 1: PaliGemma, 2: PaliGemma 2 */
  const char *size; /* "3b" */
  const char *kind; /* "pt", to be fine-tuned; "mix", which does many tasks as it is; or "ft-docci",
                       which describes at length */
  guint image_size_px;
  guint64 kaggle_bytes;       /* to download; computed, a file has a little more */
  guint64 hugging_face_bytes; /* the same */
  const char *kaggle_handle;
  const char *hugging_face_handle;
  const char *hugging_face_revision; /* where the 16-bit weights are */
} GlossCatalogueEntry;

/* All of them; the page with the terms of use that Google has for them. Any thread. */
const GlossCatalogueEntry *gloss_catalogue_get (guint *out_n);
const char *gloss_catalogue_get_terms_page (void);

/* The entry called @name, with or without "google/" before it; NULL when there is none. Any thread.
 */
const GlossCatalogueEntry *gloss_catalogue_find (const char *name);

G_END_DECLS
