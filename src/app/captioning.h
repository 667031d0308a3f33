/* Which pictures are being captioned, and what becomes of the words. */
#pragma once

#include "app/engine.h"
#include "app/picture.h"

G_BEGIN_DECLS

#define GLOSS_TYPE_CAPTIONING (gloss_captioning_get_type ())
G_DECLARE_FINAL_TYPE (GlossCaptioning, gloss_captioning, GLOSS, CAPTIONING, GObject)

/*
 * Signals: "changed" (GlossPicture) when the job of that picture began, went on or ended;
 * "captioned" (GlossPicture) when it has got a new caption, which is to be kept;
 * "said-again" (GlossPicture) when it was the same as before;
 * "batch-changed" when the figures below did. Main thread only.
 */
GlossCaptioning *gloss_captioning_new (GlossEngine *engine);

/*
 * Captions @picture before all others, with @image when it is decoded already (or NULL). @note says
 * how, where that is not the usual way ("sampled, seed 3"), or is NULL. While it goes on the
 * picture is GLOSS_PICTURE_WORKING; then it has its caption, or is FAILED with the reason and keeps
 * the old one. After a stop what was said stays, if anything was. Does nothing when it has a job
 * already.
 */
void gloss_captioning_start (GlossCaptioning *captioning, GlossPicture *picture,
                             GlossSharedImage *image, const GlossCaptionRequest *request,
                             const char *note);

/* The job of @picture, or NULL. Borrowed. */
GlossCaptionJob *gloss_captioning_get_job (GlossCaptioning *captioning, GlossPicture *picture);
void gloss_captioning_stop (GlossCaptioning *captioning, GlossPicture *picture);

/* Captions those of @pictures, a list of GlossPicture, that have no caption, one after another. */
void gloss_captioning_start_batch (GlossCaptioning *captioning, GListModel *pictures,
                                   const GlossCaptionRequest *request);
void gloss_captioning_stop_batch (GlossCaptioning *captioning);

/* FALSE when no batch goes on. The figures may be NULL; @seconds_left < 0 is unknown. */
gboolean gloss_captioning_get_batch (GlossCaptioning *captioning, guint *n_done, guint *n_total,
                                     double *seconds_left);

/* How many pictures of the last batch, or the one that goes on, failed. @first (or NULL) gets the
 * first of them, borrowed until the next batch; NULL when there is none. */
guint gloss_captioning_get_n_failed (GlossCaptioning *captioning, GlossPicture **first);

G_END_DECLS
