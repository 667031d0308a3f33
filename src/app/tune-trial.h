/* What a thread finds out about fine-tuning: the model's shape, the texts' lengths, and how fast
 * the machine is. */
#pragma once

#include "app/tune-lengths.h"
#include "base/turn.h"
#include "library/model-source.h"
#include "train/estimate.h"

G_BEGIN_DECLS

/* What there is to see without computing. */
typedef struct
{
  GlossModelConfig config;
  guint64 model_bytes;
  gsize n_pieces;            /* of the tokenizer */
  GlossTuneLengths *lengths; /* owned */
} GlossTuneLook;

/* NULL when the model, its tokenizer or the texts cannot be used, or with G_IO_ERROR_CANCELLED.
 * Any thread; it waits for the disk. */
GlossTuneLook *gloss_tune_look_new (const GlossModelSource *model, const GlossTuneTexts *texts,
                                    GCancellable *cancellable, GError **error);
void gloss_tune_look_free (GlossTuneLook *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuneLook, gloss_tune_look_free)

/* One measurement, by a thread of its own. */
typedef struct _GlossTuneTrial GlossTuneTrial;

typedef enum
{
  GLOSS_TUNE_TRIAL_WAITS,
  GLOSS_TUNE_TRIAL_MEASURES,
} GlossTuneTrialStage;

/* From that thread. */
typedef void (*GlossTuneTrialFunc) (GlossTuneTrialStage stage, gpointer user_data);

/* @turn is borrowed until the trial ended or gloss_tune_trial_leave () came back. */
GlossTuneTrial *gloss_tune_trial_new (const GlossModelSource *model, const GlossTuneLook *look,
                                      GlossTurn *turn, guint n_threads);
GlossTuneTrial *gloss_tune_trial_ref (GlossTuneTrial *trial);
void gloss_tune_trial_unref (GlossTuneTrial *trial);

/*
 * Looks the rates up, else takes the turn, as one that is not urgent, and measures. Lowers the
 * priority of its thread. Fails with GLOSS_ERROR_TOO_LARGE, as the model does, or when it is
 * cancelled. Blocks.
 */
gboolean gloss_tune_trial_run (GlossTuneTrial *trial, GlossTrainRates *rates,
                               GlossTuneTrialFunc func, gpointer user_data, GError **error);

/* Ends it soon; any other thread. The second waits until the turn is let go of, which a tile of
 * computing may take. */
void gloss_tune_trial_cancel (GlossTuneTrial *trial);
void gloss_tune_trial_leave (GlossTuneTrial *trial);

G_END_DECLS
