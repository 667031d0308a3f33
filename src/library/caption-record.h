/* One caption of a picture, and how it was made. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_CAPTION_ORIGIN_MODEL,   /* as a model said it */
  GLOSS_CAPTION_ORIGIN_EDITED,  /* typed by the person, perhaps from what a model had said */
  GLOSS_CAPTION_ORIGIN_SIDECAR, /* from a text file beside the picture */
  GLOSS_N_CAPTION_ORIGINS
} GlossCaptionOrigin;

/* All texts are UTF-8. */
typedef struct
{
  gint64 id;    /* 0: not in the store yet; larger ones became current later */
  char *text;   /* owned */
  char *model;  /* owned; NULL for text that no model had a part in */
  char *prompt; /* owned; NULL likewise */
  char *note;   /* owned; how it was made where not the usual way, "sampled, seed 3", or NULL */
  gint64 created_usec; /* wall clock, since 1970; 0 when given to the store: now */
  GlossCaptionOrigin origin;
} GlossCaptionRecord;

/* NULL gives NULL. Newly allocated. Any thread. */
GlossCaptionRecord *gloss_caption_record_copy (const GlossCaptionRecord *record);
void gloss_caption_record_free (GlossCaptionRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossCaptionRecord, gloss_caption_record_free)

G_END_DECLS
