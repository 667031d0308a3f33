/* The doing of a run of fine-tuning: opening, training, and the comparison with the base. */
#pragma once

#include "base/turn.h"
#include "library/tuning-settings.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TUNING_STAGE_OPENING,
  GLOSS_TUNING_STAGE_TRAINING,
  GLOSS_TUNING_STAGE_PAUSED,
  GLOSS_TUNING_STAGE_COMPARING,
} GlossTuningStage;

/* What hears of it, from the thread that runs it. */
typedef struct
{
  void (*stage) (GlossTuningStage stage, guint n_done, guint n_total, gpointer user_data);
  /* a step or an evaluation as the run's record has it; also those of before, when it goes on */
  void (*line) (json_t *line, gpointer user_data);
  gpointer user_data;
} GlossTuningWatcher;

/* What came of it. */
typedef struct
{
  gboolean is_whole; /* all steps were made */
  gboolean was_kept; /* it ended early, by a wish */
  guint n_training;  /* examples; 0: it did not come so far */
  guint n_validation;
  GError *error;  /* owned; NULL: none. Cancelled: it can go on */
  json_t *report; /* owned; NULL: nothing was compared */
} GlossTuningOutcome;

typedef struct _GlossTuningWorker GlossTuningWorker;

/* @settings are copied; @turn is borrowed. */
GlossTuningWorker *gloss_tuning_worker_new (const GlossTuningSettings *settings, const char *folder,
                                            GlossTurn *turn, guint n_threads,
                                            const GlossTuningWatcher *watcher);
void gloss_tuning_worker_free (GlossTuningWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuningWorker, gloss_tuning_worker_free)

/* Does it, from the snapshot where there is one. @out is zeroed. Blocks, for hours. */
void gloss_tuning_worker_run (GlossTuningWorker *worker, GlossTuningOutcome *out);

/* From any other thread. Keeping ends the training after its step, as if that were the last; the
 * last ends all of it with a snapshot. */
void gloss_tuning_worker_set_paused (GlossTuningWorker *worker, gboolean is_paused);
void gloss_tuning_worker_sample (GlossTuningWorker *worker);
void gloss_tuning_worker_keep (GlossTuningWorker *worker);
void gloss_tuning_worker_skip_comparison (GlossTuningWorker *worker);
void gloss_tuning_worker_cancel (GlossTuningWorker *worker);

G_END_DECLS
