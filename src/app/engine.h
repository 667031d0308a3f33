/* The one bridge to the core: a thread of its own that owns the model and runs one job at a time.
 */
#pragma once

#include "app/caption-job.h"
#include "base/turn.h"
#include "library/model-source.h"
#include "model/arithmetic.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_ENGINE_EMPTY,   /* no model was chosen */
  GLOSS_ENGINE_LOADING, /* the model is being opened */
  GLOSS_ENGINE_READY,
  GLOSS_ENGINE_ASLEEP, /* chosen, and let go of after a while; the next job opens it again */
  GLOSS_ENGINE_FAILED, /* it cannot be used: see the message */
} GlossEngineState;

#define GLOSS_TYPE_ENGINE (gloss_engine_get_type ())
G_DECLARE_FINAL_TYPE (GlossEngine, gloss_engine, GLOSS, ENGINE, GObject)

/* All from the main thread. "changed" is emitted when anything below is different. */
GlossEngine *gloss_engine_new (void);

typedef struct
{
  guint n_threads; /* 0: one for each CPU */
  GlossArithmetic arithmetic;
} GlossEngineOptions;

/* Opens @source now, for all jobs that are submitted from now on. When that fails each job tries
 * again: what was wrong may have been put right. */
void gloss_engine_choose (GlossEngine *engine, const GlossModelSource *source,
                          const GlossEngineOptions *options);

/* Minutes without a job after which the model is let go of; 0: never. */
void gloss_engine_set_idle_minutes (GlossEngine *engine, guint minutes);

GlossEngineState gloss_engine_get_state (GlossEngine *engine);
const GlossModelSource *gloss_engine_get_source (GlossEngine *engine); /* NULL: none. Borrowed */
const char *gloss_engine_get_message (GlossEngine *engine);            /* why FAILED; borrowed */
guint gloss_engine_get_image_size_px (GlossEngine *engine); /* of the model's input; 0: unknown */

/* Whose turn it is to compute: each job takes it, as one that is urgent. Borrowed; any thread. */
GlossTurn *gloss_engine_get_turn (GlossEngine *engine);

/* Runs @job after those before it, or with @is_urgent before them. It fails when the model cannot
 * be used. Keeps a reference. */
void gloss_engine_submit (GlossEngine *engine, GlossCaptionJob *job, gboolean is_urgent);

/* Ends @job, which was submitted, soon with G_IO_ERROR_CANCELLED, also when its turn has not come.
 */
void gloss_engine_stop (GlossEngine *engine, GlossCaptionJob *job);

/* Stops all jobs, waits for the one that runs, and ends the thread. Nothing may follow. */
void gloss_engine_shut_down (GlossEngine *engine);

G_END_DECLS
