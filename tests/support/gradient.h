/* Gradients against central differences. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The loss as a function of what @user_data leads to. */
typedef double (*GlossLossFunc) (gpointer user_data);

/*
 * Whether gradient[n] is that of @func in x[n], which it reads through @user_data: each value is
 * moved by a few steps of 2⁻⁷, which leaves x as it was, and no gradient may be off by more than
 * @bound_frac of the largest one. A gradient of zeros alone is none. @out_max_frac (may be NULL)
 * gets the largest deviation.
 */
gboolean gloss_is_gradient (GlossLossFunc func, gpointer user_data, float *x, const float *gradient,
                            gsize n, double bound_frac, double *out_max_frac);

/* Fails the test, naming @what, unless gloss_is_gradient (). */
void gloss_assert_gradient (GlossLossFunc func, gpointer user_data, float *x, const float *gradient,
                            gsize n, double bound_frac, const char *what);

G_END_DECLS
