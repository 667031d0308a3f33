/* A chart of the loss as a file. */
#pragma once

#include "app/loss-series.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_CHART_PNG, /* at two pixels for one */
  GLOSS_CHART_SVG, /* text as shapes: it looks alike without the fonts */
  GLOSS_CHART_CSV, /* step,loss,smoothed,validation as RFC 4180 has it; points in decimals */
} GlossChartFormat;

/*
 * Writes @path as gloss_atomic_file_write () does and fails as that, or with G_IO_ERROR_FAILED when
 * there is nothing to draw on; the message begins with the file's base name. A picture is dark on
 * white, with losses by their logarithm if it @is_log. Main thread only, within milliseconds.
 */
gboolean gloss_chart_export (GlossLossSeries *series, GlossChartFormat format, gboolean is_log,
                             const char *path, GError **error);

/* The same without a file; NULL on failure. */
GBytes *gloss_chart_export_to_bytes (GlossLossSeries *series, GlossChartFormat format,
                                     gboolean is_log, GError **error);

/* "png", "svg" or "csv". */
const char *gloss_chart_format_get_extension (GlossChartFormat format);

G_END_DECLS
