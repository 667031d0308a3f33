/* What runs of fine-tuning would take with a model, data and this machine, as the main thread sees
 * it: looked up and measured in threads. */
#pragma once

#include "app/tune-lengths.h"
#include "app/tune-recipe.h"
#include "base/turn.h"
#include "library/model-source.h"
#include "train/estimate.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TUNE_ESTIMATOR_NONE, /* there is no task */
  GLOSS_TUNE_ESTIMATOR_LOOKING,
  GLOSS_TUNE_ESTIMATOR_READY, /* figures can be had */
  GLOSS_TUNE_ESTIMATOR_FAILED,
} GlossTuneEstimatorState;

/* How far times are. */
typedef enum
{
  GLOSS_TUNE_TIMES_UNASKED,
  GLOSS_TUNE_TIMES_LOOKING_UP, /* they may have been measured before */
  GLOSS_TUNE_TIMES_WAITING,    /* for others to have done with the machine */
  GLOSS_TUNE_TIMES_MEASURING,
  GLOSS_TUNE_TIMES_KNOWN,
  GLOSS_TUNE_TIMES_FAILED, /* they will not be known */
} GlossTuneTimes;

#define GLOSS_TYPE_TUNE_ESTIMATOR (gloss_tune_estimator_get_type ())
G_DECLARE_FINAL_TYPE (GlossTuneEstimator, gloss_tune_estimator, GLOSS, TUNE_ESTIMATOR, GObject)

/* Signal "changed" when a state below is another. Main thread only, as all of these. */
GlossTuneEstimator *gloss_tune_estimator_new (void);

/* Looks at both, and copies what it needs; NULL: there is none. @turn is borrowed, until the
 * estimator is disposed of, which waits for the moment that takes. */
void gloss_tune_estimator_set_task (GlossTuneEstimator *estimator, const GlossModelSource *model,
                                    const GlossPairs *pairs, GlossTurn *turn);

/* Looks again after it FAILED. */
void gloss_tune_estimator_try_again (GlossTuneEstimator *estimator);

/* Finds out about times as soon as it can, for runs with @n_threads, or ends that. */
void gloss_tune_estimator_measure (GlossTuneEstimator *estimator, guint n_threads);
void gloss_tune_estimator_stop (GlossTuneEstimator *estimator);

GlossTuneEstimatorState gloss_tune_estimator_get_state (GlossTuneEstimator *estimator);
GlossTuneTimes gloss_tune_estimator_get_times (GlossTuneEstimator *estimator);
const GError *gloss_tune_estimator_get_error (GlossTuneEstimator *estimator);

/* All of it when READY; borrowed until "changed". */
const GlossTuneTask *gloss_tune_estimator_get_task (GlossTuneEstimator *estimator);
guint gloss_tune_estimator_get_least_ids (GlossTuneEstimator *estimator);

/* Times are 0 until they are KNOWN. */
void gloss_tune_estimator_estimate (GlossTuneEstimator *estimator, const GlossTuneRecipe *recipe,
                                    GlossTrainEstimate *out);

/* The preset that takes the most memory of those that fit into @available_bytes; FALSE when none
 * does. */
gboolean gloss_tune_estimator_find_fitting (GlossTuneEstimator *estimator, guint64 available_bytes,
                                            GlossPresetId *out_preset, guint64 *out_bytes);

G_END_DECLS
