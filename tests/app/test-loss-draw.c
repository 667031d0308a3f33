/* The chart of the loss against pictures of it, and as files.
 *
 * GLOSS_TEST_DRAW=1 in the environment draws the pictures anew, to be looked at and committed. They
 * have no text: fonts differ between machines. */
#include "app/chart-export.h"
#include "app/loss-draw.h"
#include "app/loss-words.h"
#include "support/asserts.h"

#include <math.h>
#include <string.h>

#define WIDTH_PX 320
#define HEIGHT_PX 180

/* A channel that differs by more is another colour; edges of lines may differ by less. */
#define FAR 48

/* The share of such pixels that versions of cairo may make of the same lines. */
#define MAX_SHARE 0.004

/* Fontconfig keeps its fonts until the program ends; for the leak checker. */
const char *__lsan_default_suppressions (void);

const char *
__lsan_default_suppressions (void)
{
  return "leak:libfontconfig";
}

/* A run whose loss falls and whose validation rises in the end. */
static GlossLossSeries *
new_run (guint n_points)
{
  GlossLossSeries *series = gloss_loss_series_new ();
  double smoothed = 3;

  gloss_loss_series_append_validation (series, 0, 3.1);
  for (guint step = 1; step <= n_points; step++)
    {
      double t = (double) step / n_points;
      double level = 0.8 + 2.2 * exp (-5 * t);
      double loss = level * (1 + 0.15 * sin (step * 12.9898));

      smoothed = 0.9 * smoothed + 0.1 * loss;
      gloss_loss_series_append (series, step, loss, smoothed);
      if (step % (n_points / 8) == 0)
        gloss_loss_series_append_validation (series, step, level * 1.1 + 0.4 * t * t);
    }
  return series;
}

static cairo_surface_t *
draw (GlossLossSeries *series, const GlossLossStyle *style)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH_PX, HEIGHT_PX);
  cairo_t *cr = cairo_create (surface);

  gloss_loss_chart_draw (series, cr, WIDTH_PX, HEIGHT_PX, style);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* The share of pixels that differ; 1 when the sizes do. */
static double
compare (cairo_surface_t *a, cairo_surface_t *b)
{
  guint n_far = 0;

  if (cairo_image_surface_get_width (b) != WIDTH_PX
      || cairo_image_surface_get_height (b) != HEIGHT_PX)
    return 1;
  for (guint y = 0; y < HEIGHT_PX; y++)
    {
      const guint8 *row_a =
          cairo_image_surface_get_data (a) + y * (gsize) cairo_image_surface_get_stride (a);
      const guint8 *row_b =
          cairo_image_surface_get_data (b) + y * (gsize) cairo_image_surface_get_stride (b);

      for (guint x = 0; x < WIDTH_PX; x++)
        {
          guint32 pixel_a, pixel_b;
          gboolean is_far = FALSE;

          memcpy (&pixel_a, row_a + 4 * x, 4);
          memcpy (&pixel_b, row_b + 4 * x, 4);
          for (guint shift = 0; shift < 24; shift += 8)
            is_far |= abs ((int) (pixel_a >> shift & 255) - (int) (pixel_b >> shift & 255)) > FAR;
          n_far += is_far;
        }
    }
  return (double) n_far / (WIDTH_PX * HEIGHT_PX);
}

static void
draw_picture_anew (cairo_surface_t *surface, const char *name)
{
  g_autofree char *relative = g_strdup_printf ("fixtures/charts/%s.png", name);
  g_autofree char *path = gloss_test_path (relative);

  if (g_getenv ("GLOSS_TEST_DRAW"))
    cairo_surface_write_to_png (surface, path);
}

static double
compare_with_picture (cairo_surface_t *surface, const char *name)
{
  g_autofree char *relative = g_strdup_printf ("fixtures/charts/%s.png", name);
  g_autofree char *path = gloss_test_path (relative);
  cairo_surface_t *picture;
  double share;

  picture = cairo_image_surface_create_from_png (path);
  g_assert_cmpint (cairo_surface_status (picture), ==, CAIRO_STATUS_SUCCESS);
  share = compare (surface, picture);
  cairo_surface_destroy (picture);
  return share;
}

static const struct
{
  const char *name;
  guint n_points;
  gboolean is_dark, is_log, is_rtl, is_high_contrast;
} looks[] = {
  { "light", 200, FALSE, FALSE, FALSE, FALSE },   { "dark", 200, TRUE, FALSE, FALSE, FALSE },
  { "log", 200, FALSE, TRUE, FALSE, FALSE },      { "rtl", 200, FALSE, FALSE, TRUE, FALSE },
  { "dense", 20000, FALSE, FALSE, FALSE, FALSE }, { "contrast", 200, FALSE, FALSE, FALSE, TRUE },
};

static void
test_the_chart_should_look_as_it_did (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_autoptr (GlossLossSeries) series = new_run (looks[i].n_points);
      cairo_surface_t *surface;
      GlossLossStyle style;

      gloss_loss_style_init (&style, looks[i].is_dark);
      style.has_background = TRUE;
      style.is_log = looks[i].is_log;
      style.is_rtl = looks[i].is_rtl;
      style.is_high_contrast = looks[i].is_high_contrast;
      surface = draw (series, &style);
      draw_picture_anew (surface, looks[i].name);
      g_assert_cmpfloat (compare_with_picture (surface, looks[i].name), <=, MAX_SHARE);
      cairo_surface_destroy (surface);
    }
}

/* One thing is wrong each time, and each is found. */
static void
test_another_look_should_be_found (void)
{
  g_autoptr (GlossLossSeries) series = new_run (200);
  GlossLossStyle style;

  for (guint fault = 0; fault < 6; fault++)
    {
      cairo_surface_t *surface;

      gloss_loss_style_init (&style, FALSE);
      style.has_background = TRUE;
      if (fault == 1)
        style.train = style.background;
      else if (fault == 2)
        style.validation = style.background;
      else if (fault == 3)
        style.best = style.validation;
      else if (fault == 4)
        style.is_log = TRUE;
      else if (fault == 5)
        gloss_loss_series_append_validation (series, 175, 1.9);
      surface = draw (series, &style);
      if (fault == 0)
        g_assert_cmpfloat (compare_with_picture (surface, "light"), <=, MAX_SHARE / 4);
      else if (fault == 3)
        g_assert_cmpfloat (compare_with_picture (surface, "light"), >, 0);
      else
        g_assert_cmpfloat (compare_with_picture (surface, "light"), >, MAX_SHARE);
      cairo_surface_destroy (surface);
    }
}

/* Runs that no person has, at sizes that no person chooses. */
static void
test_anything_should_be_drawn (void)
{
  const double sizes[] = { 0, 1, 17, 40, 200, 3000 };
  const double values[] = { 0, 1, -1, NAN, INFINITY, 1e308, 1e-310 };
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());

  for (guint i = 0; i < G_N_ELEMENTS (sizes) * G_N_ELEMENTS (values) * 8; i++)
    {
      g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
      double value = values[i / G_N_ELEMENTS (sizes) % G_N_ELEMENTS (values)];
      double width = sizes[i % G_N_ELEMENTS (sizes)];
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 200, 200);
      cairo_t *cr = cairo_create (surface);
      GlossLossStyle style;

      gloss_loss_style_init (&style, FALSE);
      style.context = i & 1 ? context : NULL;
      style.is_log = (i & 2) != 0;
      style.is_rtl = (i & 4) != 0;
      gloss_loss_chart_draw (series, cr, width, 200, &style);
      gloss_loss_series_append_validation (series, 0, value);
      gloss_loss_chart_draw (series, cr, width, 200, &style);
      gloss_loss_series_append (series, 1, value, value);
      gloss_loss_chart_draw (series, cr, width, 200, &style);
      gloss_loss_series_append (series, G_MAXUINT, 1, value);
      gloss_loss_series_append_validation (series, G_MAXUINT, value);
      gloss_loss_chart_draw (series, cr, width, 200, &style);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
  g_object_unref (context);
}

static void
test_places_should_lead_back_to_steps (void)
{
  g_autoptr (GlossLossSeries) series = new_run (200);
  GlossLossStyle style;
  GlossLossPlan plan;

  gloss_loss_style_init (&style, FALSE);
  for (guint is_rtl = 0; is_rtl < 2; is_rtl++)
    {
      style.is_rtl = is_rtl;
      g_assert_true (gloss_loss_plan_init (&plan, series, WIDTH_PX, HEIGHT_PX, &style));
      for (guint step = 0; step <= 200; step++)
        {
          double x = gloss_loss_plan_get_x (&plan, step);

          g_assert_true (x >= plan.x && x <= plan.x + plan.width);
          g_assert_cmpfloat_with_epsilon (gloss_loss_plan_get_step (&plan, x), step, 1e-6);
        }
      g_assert_true ((gloss_loss_plan_get_x (&plan, 0) > gloss_loss_plan_get_x (&plan, 200))
                     == is_rtl);
    }
}

static void
test_the_chart_should_say_what_it_shows (void)
{
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  g_autofree char *empty = gloss_loss_words_describe (series);
  g_autofree char *words = NULL, *first = NULL, *second = NULL;

  g_assert_cmpstr (empty, ==, "Loss chart. The chart begins with the first step");
  gloss_loss_series_append (series, 213, 1.2, 1.1);
  gloss_loss_series_append_validation (series, 213, 1.18);
  gloss_loss_series_append (series, 214, 1.03, 0.985);
  gloss_loss_series_append_validation (series, 214, NAN);
  words = gloss_loss_words_describe (series);
  g_assert_cmpstr (words, ==,
                   "Loss chart. Step 214: loss 1.03, smoothed 0.985. Last validation not a number "
                   "at step 214. Best validation 1.18 at step 213.");
  first = gloss_loss_words_read_out (series, 0);
  g_assert_cmpstr (first, ==, "Step 213 · 1.20 · smoothed 1.10 · validation 1.18 (step 213)");
  gloss_loss_series_append (series, 1, 1, 1);
  second = gloss_loss_words_read_out (series, 0);
  g_assert_cmpstr (second, ==, "Step 1 · 1.00 · smoothed 1.00");
}

static void
test_a_table_should_have_all_values (void)
{
  g_autoptr (GlossLossSeries) series = gloss_loss_series_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = NULL;
  const char *expected = "step,loss,smoothed,validation\r\n0,,,3.25\r\n1,0.1,0.3,\r\n"
                         "2,nan,1.2345678901234567,1\r\n5,,,inf\r\n";

  gloss_loss_series_append_validation (series, 0, 3.25);
  gloss_loss_series_append (series, 1, 0.1, 0.3);
  gloss_loss_series_append (series, 2, NAN, 1.2345678901234567);
  gloss_loss_series_append_validation (series, 2, 1);
  gloss_loss_series_append_validation (series, 5, INFINITY);
  file = gloss_chart_export_to_bytes (series, GLOSS_CHART_CSV, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (file, NULL), g_bytes_get_size (file), expected,
                   strlen (expected));
}

static void
test_files_should_be_what_they_are_called (void)
{
  const char *const begins[] = { "\x89PNG", "<?xml", "step," };
  g_autoptr (GlossLossSeries) series = new_run (3000);
  char *folder = gloss_test_folder_new ();

  for (guint format = GLOSS_CHART_PNG; format <= GLOSS_CHART_CSV; format++)
    {
      const char *extension = gloss_chart_format_get_extension (format);
      g_autofree char *path = g_strdup_printf ("%s/chart.%s", folder, extension);
      g_autofree char *nowhere = g_strdup_printf ("%s/none/chart.%s", folder, extension);
      g_autofree char *content = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (gloss_chart_export (series, format, TRUE, path, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &content, NULL, &error));
      g_assert_true (g_str_has_prefix (content, begins[format]));
      g_assert_false (gloss_chart_export (series, format, TRUE, nowhere, &error));
      gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "chart.");
      if (format == GLOSS_CHART_PNG)
        {
          cairo_surface_t *picture = cairo_image_surface_create_from_png (path);

          g_assert_cmpint (cairo_image_surface_get_width (picture), ==, 1920);
          cairo_surface_destroy (picture);
        }
    }
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/app/loss-draw/" name, function)
  ADD ("the-chart-should-look-as-it-did", test_the_chart_should_look_as_it_did);
  ADD ("another-look-should-be-found", test_another_look_should_be_found);
  ADD ("anything-should-be-drawn", test_anything_should_be_drawn);
  ADD ("places-should-lead-back-to-steps", test_places_should_lead_back_to_steps);
  ADD ("the-chart-should-say-what-it-shows", test_the_chart_should_say_what_it_shows);
  ADD ("a-table-should-have-all-values", test_a_table_should_have_all_values);
  ADD ("files-should-be-what-they-are-called", test_files_should_be_what_they_are_called);
  return g_test_run ();
}
