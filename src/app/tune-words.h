/* What is said of a run of fine-tuning that is over. */
#pragma once

#include "app/tuning-job.h"

G_BEGIN_DECLS

/* All that the sentences below come from; borrowed. */
typedef struct
{
  const GlossTuningRecord *record;
  gboolean is_comparing; /* the record does not know its end yet */
  gboolean has_result;
  guint step;     /* the last; 0: unknown */
  guint n_steps;  /* that there were to be */
  int best_step;  /* that the result is of; −1: nothing was held out */
  double seconds; /* that it took; 0: unknown */
} GlossTuneEnd;

/* "Learnt from 90 pictures in 12 min"; newly allocated, as all. Any thread. */
char *gloss_tune_words_make_heading (const GlossTuneEnd *end);

/* "Step 48 of 64 was the best, and is what you get." */
char *gloss_tune_words_make_summary (const GlossTuneEnd *end);

/* "12 min". */
char *gloss_tune_words_format_seconds (double seconds);

/*
 * A name for the model that comes of it, of the data and the base, that
 * gloss_tuning_record_check_name () takes: with a number when there is such a model. Waits for the
 * disk, for a moment.
 */
char *gloss_tune_words_make_name (const GlossTuningRecord *record);

G_END_DECLS
