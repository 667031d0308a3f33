/* What is said of a run of fine-tuning while it goes on. */
#pragma once

#include "app/tuning-job.h"

G_BEGIN_DECLS

/* "Training", "Paused"; static, translated. */
const char *gloss_tune_run_words_get_state (GlossTuningJob *job);

/* "Step 214 of 640 · epoch 2.4"; newly allocated, as all below. */
char *gloss_tune_run_words_make_step (GlossTuningJob *job);

/* "Loss 1.03 · learning rate 0.021 · 1.9 pictures/s". */
char *gloss_tune_run_words_make_figures (GlossTuningJob *job);

/* "Running for 4 min · 12 min left". */
char *gloss_tune_run_words_make_time (GlossTuningJob *job);

/* For the header bar and a list of runs: "step 214 of 640, 12 min left". */
char *gloss_tune_run_words_make_short (GlossTuningJob *job);

G_END_DECLS
