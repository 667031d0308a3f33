/* The loss of a run of fine-tuning, step by step: what a chart and a table show. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_LOSS_SERIES (gloss_loss_series_get_type ())
G_DECLARE_FINAL_TYPE (GlossLossSeries, gloss_loss_series, GLOSS, LOSS_SERIES, GObject)

/* A step of training. Values may be anything that a run can give, also not finite. */
typedef struct
{
  guint step;
  double loss;
  double smoothed;
} GlossLossPoint;

/* The loss on the held-out examples after so many steps. */
typedef struct
{
  guint step;
  double loss;
} GlossLossValidation;

typedef enum
{
  GLOSS_LOSS_RAW,
  GLOSS_LOSS_SMOOTHED,
  GLOSS_N_LOSS_CURVES
} GlossLossCurve;

/* What there is to know of a stretch of values; those that are not finite are left out. */
typedef struct
{
  guint n; /* 0: the rest means nothing */
  double min;
  double max;
  double first;
  double last;
  double min_positive; /* ∞ when there is none */
} GlossLossSummary;

/*
 * Main thread only. The signal "changed" follows each call that changes anything: whoever hears it
 * notes it down and looks once a frame, or less often.
 */
GlossLossSeries *gloss_loss_series_new (void);

/*
 * In constant time, over many. Steps rise; one that does not means that the run was taken up again
 * from a snapshot: what was known of this step and of later ones is forgotten.
 */
void gloss_loss_series_append (GlossLossSeries *series, guint step, double loss, double smoothed);

/* The same for a validation, which follows its step; it leaves the steps alone. */
void gloss_loss_series_append_validation (GlossLossSeries *series, guint step, double loss);

/* How often something was forgotten. */
guint gloss_loss_series_get_n_rewinds (GlossLossSeries *series);

/* Borrowed, till the series changes. */
const GlossLossPoint *gloss_loss_series_get_points (GlossLossSeries *series, guint *n_points);
const GlossLossValidation *gloss_loss_series_get_validations (GlossLossSeries *series,
                                                              guint *n_validations);

/* The index of the validation with the least loss, the first of equal ones; −1: there is none that
 * is finite. */
int gloss_loss_series_get_best (GlossLossSeries *series);

/* The index of the point whose step is nearest to @step, −1: there are no points. */
int gloss_loss_series_find_nearest (GlossLossSeries *series, double step);

/* The index of the point, or validation, with just this step, or −1. */
int gloss_loss_series_find_point (GlossLossSeries *series, guint step);
int gloss_loss_series_find_validation (GlossLossSeries *series, guint step);

/* The index of the last validation at or before @step, or −1. */
int gloss_loss_series_find_validation_before (GlossLossSeries *series, guint step);

/* The first and last step of all points and validations; FALSE when there are none. */
gboolean gloss_loss_series_get_steps (GlossLossSeries *series, guint *out_first, guint *out_last);

/* The least and the greatest value of all curves; n is 0 when none is finite. */
void gloss_loss_series_get_range (GlossLossSeries *series, GlossLossSummary *out);

/*
 * @n_columns summaries for as many columns of equal width from step @from to step @to: column c has
 * the steps from @from + (@to − @from) · c / @n_columns on that are below the next column's, the
 * last one also @to. The time depends on the columns, and only in its logarithm on the points.
 */
void gloss_loss_series_reduce (GlossLossSeries *series, GlossLossCurve curve, double from,
                               double to, guint n_columns, GlossLossSummary *out);

G_END_DECLS
