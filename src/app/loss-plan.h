/* How a chart of the loss looks, and where in it everything lies. */
#pragma once

#include "app/chart-axis.h"
#include "app/loss-series.h"

#include <gdk/gdk.h>
#include <graphene.h>
#include <pango/pango.h>

G_BEGIN_DECLS

/* Colours and manners; @context is borrowed. */
typedef struct
{
  PangoContext *context; /* NULL: no text and no legend */
  GdkRGBA background;    /* also around dots that lie on lines */
  GdkRGBA foreground;
  GdkRGBA train;
  GdkRGBA validation;
  GdkRGBA best;
  gboolean has_background; /* FALSE: what lies below is seen */
  gboolean is_high_contrast;
  gboolean is_log;
  gboolean is_rtl;     /* steps go to the left */
  double column_width; /* 0: one; 1 / scale where the screen is dense */
} GlossLossStyle;

/* Adwaita's colours; the rest is 0. */
void gloss_loss_style_init (GlossLossStyle *style, gboolean is_dark);

typedef enum
{
  GLOSS_LOSS_KEY_RAW,
  GLOSS_LOSS_KEY_SMOOTHED,
  GLOSS_LOSS_KEY_VALIDATION,
  GLOSS_LOSS_KEY_BEST,
  GLOSS_N_LOSS_KEYS
} GlossLossKey;

/* Lengths are the chart's pixels. */
typedef struct
{
  double x; /* of the plot, without labels and legend */
  double y;
  double width; /* 0: there is no room, nothing is drawn */
  double height;
  gboolean is_rtl;
  double line_height; /* of text; 0 without */
  double swatch;      /* how long a sample of a line in the legend is */
  GlossChartAxis steps;
  GlossChartAxis losses;
  gboolean has_key[GLOSS_N_LOSS_KEYS];
  graphene_point_t keys[GLOSS_N_LOSS_KEYS]; /* left upper corners in the legend */
} GlossLossPlan;

/* Main thread only. FALSE when the series has nothing to draw yet; there is no plot then. */
gboolean gloss_loss_plan_init (GlossLossPlan *plan, GlossLossSeries *series, double width,
                               double height, const GlossLossStyle *style);

double gloss_loss_plan_get_x (const GlossLossPlan *plan, double step);
double gloss_loss_plan_get_y (const GlossLossPlan *plan, double loss);
double gloss_loss_plan_get_step (const GlossLossPlan *plan, double x);

/* A line of small text with digits of one width. */
PangoLayout *gloss_loss_style_make_layout (const GlossLossStyle *style, const char *text);

/* The word beside a sample in the legend. */
const char *gloss_loss_key_get_name (GlossLossKey key);

G_END_DECLS
