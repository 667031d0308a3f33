/* What training costs: of one example, of an optimizer's step and of a snapshot. */
#pragma once

#include "base/json.h"
#include "base/profile.h"
#include "train/trainable.h"

G_BEGIN_DECLS

typedef struct
{
  GlossTrainOptions train;
  guint n_repeats;       /* 1 or more; the fastest counts */
  guint n_stops;         /* so many stops are timed; 0: none */
  GlossProfile *profile; /* or NULL; of the last pass that was measured */
  const char *folder; /* where a snapshot is written and removed; NULL: that for temporary files */
} GlossBenchTrainOptions;

/* "attention", "lora", "all", in the order of GlossTrainSet; NULL-terminated, static. */
const char *const *gloss_bench_train_get_names (void);

/*
 * Measures one example of @model's picture and a caption of 60 tokens as one micro-batch, at first
 * sight and with what is kept of it, and describes it in "train", and the machine around it in
 * "machine", of @root. @profiled_seconds gets what the pass took whose profile there is. Borrows
 * all. Fails as what it measures does. From the thread that runs the pool.
 */
gboolean gloss_bench_train_run (GlossModel *model, GlossPool *pool,
                                const GlossBenchTrainOptions *options, json_t *root,
                                double *profiled_seconds, GError **error);

G_END_DECLS
