/* The normaliser of logits. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* log Σ e^x of x[n], n ≥ 1, summed in double; not finite when a value is NaN or +∞, or all are −∞.
 * Any thread. */
double gloss_log_sum_exp (const float *x, gsize n);

G_END_DECLS
