/* What a person is told about ways of fine-tuning. */
#pragma once

#include "app/tune-estimator.h"

G_BEGIN_DECLS

/* "about 12 minutes"; newly allocated, as all. Main thread. */
char *gloss_tune_words_format_time (double seconds);

/* "about 12 minutes · 7.1 GB": without a time while there is none. */
char *gloss_tune_words_format_figures (const GlossTrainEstimate *estimate, GlossTuneTimes times);

/* "Balanced", "Balanced, changed" */
char *gloss_tune_words_name_recipe (const GlossTuneRecipe *recipe, gboolean is_changed);

/* "128 steps of 8 pictures each" */
char *gloss_tune_words_describe_steps (const GlossTuneRecipe *recipe);

/* Why @needed_bytes are too many, and what would fit. */
char *gloss_tune_words_explain_size (GlossTuneEstimator *estimator, guint64 needed_bytes,
                                     guint64 available_bytes);

/* What @set means, in a line; static, translated. */
const char *gloss_tune_words_describe_set (GlossTrainSet set);

G_END_DECLS
