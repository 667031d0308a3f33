/* One caption being made: asked for by the window, carried out by the engine's thread. */
#pragma once

#include "app/shared-image.h"
#include "model/captioner.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_CAPTION_JOB (gloss_caption_job_get_type ())
G_DECLARE_FINAL_TYPE (GlossCaptionJob, gloss_caption_job, GLOSS, CAPTION_JOB, GObject)

/*
 * A job for the picture @path. @image is that picture when it is decoded already, NULL otherwise.
 * @request is copied with its strings. Not begun before gloss_engine_submit ().
 *
 * Signals, all on the main thread and at most once for each turn of the main loop, however fast the
 * engine is: "changed" when the phase or the text did, and once, last, "finished".
 */
GlossCaptionJob *gloss_caption_job_new (const char *path, GlossSharedImage *image,
                                        const GlossCaptionRequest *request);

/* Ends it soon with G_IO_ERROR_CANCELLED; what was said until then stays. Main thread. */
void gloss_caption_job_stop (GlossCaptionJob *job);
gboolean gloss_caption_job_is_stopped (GlossCaptionJob *job);

/* What was asked; borrowed. */
const GlossCaptionRequest *gloss_caption_job_get_request (GlossCaptionJob *job);

/* What is known by now, on the main thread. The text is borrowed, and valid until the next turn. */
gboolean gloss_caption_job_is_begun (GlossCaptionJob *job); /* a phase is known */
GlossCaptionPhase gloss_caption_job_get_phase (GlossCaptionJob *job, guint *n_done, guint *n_total);
double
gloss_caption_job_get_seconds_left (GlossCaptionJob *job); /* before the first word; < 0: unknown */
const char *gloss_caption_job_get_text (GlossCaptionJob *job);

/* After "finished". The error is NULL after success, and a stop is G_IO_ERROR_CANCELLED. Borrowed.
 */
const GError *gloss_caption_job_get_error (GlossCaptionJob *job);
gboolean gloss_caption_job_is_cut (GlossCaptionJob *job);
const char *gloss_caption_job_get_model (GlossCaptionJob *job); /* NULL before it began */

/*
 * For the engine's thread: carries the job out with @captioner, the model called @model.
 * @reading_seconds is how long the last job read, 0 when not known, and gets how long this one did.
 */
void gloss_caption_job_run (GlossCaptionJob *job, GlossCaptioner *captioner, const char *model,
                            double *reading_seconds);

/* For the engine: what gloss_caption_job_stop () cancels; borrowed. Any thread. */
GCancellable *gloss_caption_job_get_cancellable (GlossCaptionJob *job);

/* For the engine: the job ends without having been run. Takes @error. Any thread. */
void gloss_caption_job_fail (GlossCaptionJob *job, GError *error);

G_END_DECLS
