/* A chart of the loss as a file. */
#include "app/chart-export.h"

#include "app/loss-draw.h"
#include "base/atomic-file.h"
#include "base/i18n.h"

#include <cairo-svg.h>
#include <gtk/gtk.h>
#include <pango/pangocairo.h>

#define WIDTH_PX 960
#define HEIGHT_PX 540
#define PNG_SCALE 2
#define FONT "Sans 13"

/* As many digits as give the same double again. */
#define FEW_DIGITS "%.15g"
#define ALL_DIGITS "%.17g"

const char *
gloss_chart_format_get_extension (GlossChartFormat format)
{
  switch (format)
    {
    case GLOSS_CHART_PNG:
      return "png";
    case GLOSS_CHART_SVG:
      return "svg";
    case GLOSS_CHART_CSV:
      return "csv";
    }
  g_assert_not_reached ();
}

static cairo_status_t
append (void *data, const unsigned char *bytes, unsigned int n_bytes)
{
  g_byte_array_append (data, bytes, n_bytes);
  return CAIRO_STATUS_SUCCESS;
}

static GBytes *
draw (GlossLossSeries *series, GlossChartFormat format, gboolean is_log, GError **error)
{
  GByteArray *file = g_byte_array_new ();
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  g_autoptr (PangoFontDescription) font = pango_font_description_from_string (FONT);
  cairo_surface_t *surface;
  cairo_status_t status;
  GlossLossStyle style;
  cairo_t *cr;

  pango_context_set_font_description (context, font);
  gloss_loss_style_init (&style, FALSE);
  style.context = context;
  style.has_background = TRUE;
  style.is_log = is_log;
  style.is_rtl = gtk_get_locale_direction () == GTK_TEXT_DIR_RTL;
  if (format == GLOSS_CHART_PNG)
    {
      style.column_width = 1.0 / PNG_SCALE;
      surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH_PX * PNG_SCALE,
                                            HEIGHT_PX * PNG_SCALE);
      cairo_surface_set_device_scale (surface, PNG_SCALE, PNG_SCALE);
    }
  else
    surface = cairo_svg_surface_create_for_stream (append, file, WIDTH_PX, HEIGHT_PX);

  cr = cairo_create (surface);
  gloss_loss_chart_draw (series, cr, WIDTH_PX, HEIGHT_PX, &style);
  status = cairo_status (cr);
  cairo_destroy (cr);
  g_object_unref (context);
  if (status == CAIRO_STATUS_SUCCESS && format == GLOSS_CHART_PNG)
    status = cairo_surface_write_to_png_stream (surface, append, file);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_byte_array_unref (file);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The chart cannot be drawn: %s"),
                   cairo_status_to_string (status));
      return NULL;
    }
  return g_byte_array_free_to_bytes (file);
}

static void
append_number (GString *csv, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, FEW_DIGITS, value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_formatd (text, sizeof text, ALL_DIGITS, value);
  g_string_append (csv, text);
}

/* A line for each step that has a point or a validation. */
static GBytes *
list (GlossLossSeries *series)
{
  GString *csv = g_string_new ("step,loss,smoothed,validation\r\n");
  guint n_points, n_validations, v = 0;
  const GlossLossPoint *points = gloss_loss_series_get_points (series, &n_points);
  const GlossLossValidation *validations =
      gloss_loss_series_get_validations (series, &n_validations);

  for (guint p = 0; p < n_points || v < n_validations;)
    {
      gboolean has_point =
          p < n_points && (v == n_validations || points[p].step <= validations[v].step);
      guint step = has_point ? points[p].step : validations[v].step;

      g_string_append_printf (csv, "%u,", step);
      if (has_point)
        append_number (csv, points[p].loss);
      g_string_append_c (csv, ',');
      if (has_point)
        append_number (csv, points[p].smoothed);
      g_string_append_c (csv, ',');
      if (v < n_validations && validations[v].step == step)
        append_number (csv, validations[v++].loss);
      g_string_append (csv, "\r\n");
      p += has_point;
    }
  return g_string_free_to_bytes (csv);
}

GBytes *
gloss_chart_export_to_bytes (GlossLossSeries *series, GlossChartFormat format, gboolean is_log,
                             GError **error)
{
  g_return_val_if_fail (GLOSS_IS_LOSS_SERIES (series), NULL);

  return format == GLOSS_CHART_CSV ? list (series) : draw (series, format, is_log, error);
}

gboolean
gloss_chart_export (GlossLossSeries *series, GlossChartFormat format, gboolean is_log,
                    const char *path, GError **error)
{
  g_autoptr (GBytes) file = gloss_chart_export_to_bytes (series, format, is_log, error);
  gconstpointer data;
  gsize n_bytes;

  if (!file)
    {
      g_autofree char *name = g_path_get_basename (path);

      g_prefix_error (error, "%s: ", name);
      return FALSE;
    }
  data = g_bytes_get_data (file, &n_bytes);
  return gloss_atomic_file_write (path, data, n_bytes, error);
}
