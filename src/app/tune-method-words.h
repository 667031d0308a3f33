/* What a person is told about ways of fine-tuning. */
#pragma once

#include "app/tune-estimator.h"

G_BEGIN_DECLS

/* "About 12 minutes"; newly allocated, as all. Main thread. */
char *gloss_tune_method_format_time (double seconds);

/* "About 12 minutes · 7.1 GB": without a time while there is none. */
char *gloss_tune_method_format_figures (const GlossTrainEstimate *estimate, GlossTuneTimes times);

/* "About 12 minutes", or why there is none yet. */
char *gloss_tune_method_describe_time (const GlossTrainEstimate *estimate, GlossTuneTimes times);

/* "Balanced", "Balanced, changed" */
char *gloss_tune_method_name_recipe (const GlossTuneRecipe *recipe, gboolean is_changed);

/* "128 steps of 8 pictures each" */
char *gloss_tune_method_describe_steps (const GlossTuneRecipe *recipe);

/* Why @needed_bytes are too many; the second also says what would fit. */
char *gloss_tune_method_explain_size (guint64 needed_bytes, guint64 available_bytes);
char *gloss_tune_method_advise_size (GlossTuneEstimator *estimator, guint64 needed_bytes,
                                     guint64 available_bytes);

/* What @set means, in a line; static, translated. */
const char *gloss_tune_method_describe_set (GlossTrainSet set);

G_END_DECLS
