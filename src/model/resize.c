/*
 * Making a picture the size that the model sees.
 *
 * Both methods are separable: an output value is a weighted sum over the taps first … first +
 * n_taps − 1 of each axis. They differ in everything that shows in the last digits: TensorFlow
 * works in binary32 and goes down the columns first; Pillow goes along the rows first, has its
 * weights in units of 2⁻²² and rounds to 8 bits in between. Neither order of a sum may be changed
 * here.
 */
#include "model/resize.h"

#include "base/error.h"
#include "base/i18n.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define N_CHANNELS 3

/* Tap weights of one axis: those of output index o are weights[o × max_taps] and the following. */
typedef struct
{
  gsize first;
  gsize n_taps;
} Span;

typedef struct
{
  Span *spans;    /* owned */
  float *weights; /* owned */
  gsize max_taps;
} FloatTaps;

static void
float_taps_clear (FloatTaps *taps)
{
  g_free (taps->spans);
  g_free (taps->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FloatTaps, float_taps_clear)

static void
float_taps_init (FloatTaps *taps, gsize n_out, gsize n_in)
{
  float inverse_scale = 1.0f / ((float) n_out / (float) n_in);
  float kernel_scale = fmaxf (inverse_scale, 1.0f);
  float inverse_kernel_scale = 1.0f / kernel_scale;

  taps->max_taps = MIN (2 * (gsize) ceilf (kernel_scale) + 1, n_in);
  taps->spans = g_new (Span, n_out);
  taps->weights = g_new0 (float, n_out * taps->max_taps);
  for (gsize o = 0; o < n_out; o++)
    {
      float centre = ((float) o + 0.5f) * inverse_scale;
      float first = ceilf (centre - kernel_scale - 0.5f);
      float last = floorf (centre + kernel_scale - 0.5f);
      float *weights = taps->weights + o * taps->max_taps;
      float total = 0;
      Span *span = &taps->spans[o];

      span->first = (gsize) CLAMP (first, 0.0f, (float) (n_in - 1));
      span->n_taps = (gsize) CLAMP (last, 0.0f, (float) (n_in - 1)) - span->first + 1;
      span->n_taps = MIN (span->n_taps, taps->max_taps);
      for (gsize i = 0; i < span->n_taps; i++)
        {
          float distance =
              fabsf (((float) (span->first + i) + 0.5f - centre) * inverse_kernel_scale);

          weights[i] = distance < 1.0f ? 1.0f - distance : 0.0f;
          total += weights[i];
        }
      if (fabsf (total) >= 1000.0f * FLT_MIN)
        {
          float inverse_total = 1.0f / total;

          for (gsize i = 0; i < span->n_taps; i++)
            weights[i] *= inverse_total;
        }
    }
}

typedef struct
{
  float *out;
  gsize out_width;
  const guint8 *rgb;
  gsize row_values; /* of @rgb */
  const FloatTaps *vertical;
  const FloatTaps *horizontal;
  GlossPool *pool;
} Bilinear;

/* One row of the result. */
static void
bilinear_tile (gsize y, guint worker, gpointer user_data)
{
  const Bilinear *b = user_data;
  float *row = gloss_pool_get_scratch (b->pool, worker, b->row_values * sizeof *row);
  float *out = b->out + y * b->out_width * N_CHANNELS;
  Span span = b->vertical->spans[y];
  const float *weights = b->vertical->weights + y * b->vertical->max_taps;

  memset (row, 0, b->row_values * sizeof *row);
  for (gsize i = 0; i < span.n_taps; i++)
    {
      const guint8 *in = b->rgb + (span.first + i) * b->row_values;
      float weight = weights[i];

      for (gsize j = 0; j < b->row_values; j++)
        row[j] += weight * (float) in[j];
    }
  for (gsize x = 0; x < b->out_width; x++, out += N_CHANNELS)
    {
      const float *in = row + b->horizontal->spans[x].first * N_CHANNELS;

      weights = b->horizontal->weights + x * b->horizontal->max_taps;
      for (gsize c = 0; c < N_CHANNELS; c++)
        {
          float sum = 0;

          for (gsize i = 0; i < b->horizontal->spans[x].n_taps; i++)
            sum += weights[i] * in[i * N_CHANNELS + c];
          out[c] = sum;
        }
    }
}

gboolean
gloss_resize_bilinear (GlossPool *pool, float *out, gsize out_height, gsize out_width,
                       const guint8 *rgb, gsize height, gsize width, GError **error)
{
  g_auto (FloatTaps) vertical = { 0 };
  g_auto (FloatTaps) horizontal = { 0 };
  Bilinear bilinear = { out, out_width, rgb, width * N_CHANNELS, &vertical, &horizontal, pool };

  g_return_val_if_fail (out_height > 0 && out_width > 0 && height > 0 && width > 0, FALSE);

  if (!gloss_pool_reserve_scratch (pool, bilinear.row_values * sizeof (float), error))
    return FALSE;
  float_taps_init (&vertical, out_height, height);
  float_taps_init (&horizontal, out_width, width);
  gloss_pool_run (pool, out_height, bilinear_tile, &bilinear);
  return TRUE;
}

/* Pillow's weights: 8 bits of value and 2 of headroom leave 22 of 32 for the fraction. */
#define PRECISION_BITS 22
#define BICUBIC_SUPPORT 2.0

typedef struct
{
  Span *spans;     /* owned */
  gint32 *weights; /* owned */
  gsize max_taps;
} FixedTaps;

static void
fixed_taps_clear (FixedTaps *taps)
{
  g_free (taps->spans);
  g_free (taps->weights);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FixedTaps, fixed_taps_clear)

static double
bicubic_filter (double x)
{
  const double a = -0.5;

  x = fabs (x);
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0)
    return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

static void
fixed_taps_init (FixedTaps *taps, gsize n_out, gsize n_in)
{
  double scale = (double) n_in / (double) n_out;
  double filter_scale = MAX (scale, 1.0);
  double support = BICUBIC_SUPPORT * filter_scale;
  g_autofree double *exact = NULL;

  taps->max_taps = (gsize) ceil (support) * 2 + 1;
  taps->spans = g_new (Span, n_out);
  taps->weights = g_new0 (gint32, n_out * taps->max_taps);
  exact = g_new (double, taps->max_taps);
  for (gsize o = 0; o < n_out; o++)
    {
      double centre = ((double) o + 0.5) * scale;
      gint64 first = MAX ((gint64) (centre - support + 0.5), 0);
      gint64 end = MIN ((gint64) (centre + support + 0.5), (gint64) n_in);
      gint32 *weights = taps->weights + o * taps->max_taps;
      double total = 0;

      taps->spans[o] = (Span){ first, end - first };
      for (gint64 i = first; i < end; i++)
        {
          exact[i - first] = bicubic_filter (((double) i - centre + 0.5) * (1.0 / filter_scale));
          total += exact[i - first];
        }
      for (gint64 i = 0; i < end - first; i++)
        {
          double weight = (total != 0 ? exact[i] / total : exact[i]) * (1 << PRECISION_BITS);

          weights[i] = (gint32) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
    }
}

static guint8
round_fixed (gint32 sum)
{
  return (guint8) CLAMP (sum >> PRECISION_BITS, 0, 255);
}

/* Some 5 million multiplications for the widest picture, so that a stop comes soon. */
#define ROWS_PER_TILE 8

typedef struct
{
  guint8 *out;
  gsize out_width;
  const guint8 *rgb;
  gsize height, width;
  guint8 *narrow; /* height × out_width × 3 */
  const FixedTaps *horizontal;
  const FixedTaps *vertical;
} Bicubic;

/* ROWS_PER_TILE rows of the picture, made narrow. */
static void
narrow_tile (gsize tile, guint worker, gpointer user_data)
{
  const Bicubic *b = user_data;
  gsize end = MIN ((tile + 1) * ROWS_PER_TILE, b->height);

  for (gsize y = tile * ROWS_PER_TILE; y < end; y++)
    for (gsize x = 0; x < b->out_width; x++)
      {
        Span span = b->horizontal->spans[x];
        const gint32 *weights = b->horizontal->weights + x * b->horizontal->max_taps;
        const guint8 *in = b->rgb + (y * b->width + span.first) * N_CHANNELS;
        guint8 *out = b->narrow + (y * b->out_width + x) * N_CHANNELS;

        for (gsize c = 0; c < N_CHANNELS; c++)
          {
            gint32 sum = 1 << (PRECISION_BITS - 1);

            for (gsize i = 0; i < span.n_taps; i++)
              sum += weights[i] * in[i * N_CHANNELS + c];
            out[c] = round_fixed (sum);
          }
      }
}

/* One row of the result. */
static void
lower_tile (gsize y, guint worker, gpointer user_data)
{
  const Bicubic *b = user_data;
  gsize row_values = b->out_width * N_CHANNELS;
  Span span = b->vertical->spans[y];
  const gint32 *weights = b->vertical->weights + y * b->vertical->max_taps;
  const guint8 *in = b->narrow + span.first * row_values;

  for (gsize j = 0; j < row_values; j++)
    {
      gint32 sum = 1 << (PRECISION_BITS - 1);

      for (gsize i = 0; i < span.n_taps; i++)
        sum += weights[i] * in[i * row_values + j];
      b->out[y * row_values + j] = round_fixed (sum);
    }
}

gboolean
gloss_resize_bicubic (GlossPool *pool, guint8 *out, gsize out_height, gsize out_width,
                      const guint8 *rgb, gsize height, gsize width, GError **error)
{
  g_autofree guint8 *narrow = g_try_malloc (height * out_width * N_CHANNELS);
  g_auto (FixedTaps) horizontal = { 0 };
  g_auto (FixedTaps) vertical = { 0 };
  Bicubic bicubic = { out, out_width, rgb, height, width, narrow, &horizontal, &vertical };

  g_return_val_if_fail (out_height > 0 && out_width > 0 && height > 0 && width > 0, FALSE);

  if (!narrow)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("there is not enough memory for resizing a picture of %zu×%zu pixels"), width,
                   height);
      return FALSE;
    }
  fixed_taps_init (&horizontal, out_width, width);
  fixed_taps_init (&vertical, out_height, height);
  gloss_pool_run (pool, (height + ROWS_PER_TILE - 1) / ROWS_PER_TILE, narrow_tile, &bicubic);
  gloss_pool_run (pool, out_height, lower_tile, &bicubic);
  return TRUE;
}

gboolean
gloss_model_input_make (GlossPool *pool, float *out, gsize size_px, const GlossImage *image,
                        GlossResize resize, GError **error)
{
  gsize n_values = size_px * size_px * N_CHANNELS;
  g_autofree guint8 *levels = NULL;

  switch (resize)
    {
    case GLOSS_RESIZE_BILINEAR:
      if (!gloss_resize_bilinear (pool, out, size_px, size_px, image->rgb, image->height_px,
                                  image->width_px, error))
        return FALSE;
      for (gsize i = 0; i < n_values; i++)
        out[i] = out[i] / 127.5f - 1.0f;
      return TRUE;
    case GLOSS_RESIZE_BICUBIC:
      levels = g_malloc0 (n_values);
      if (!gloss_resize_bicubic (pool, levels, size_px, size_px, image->rgb, image->height_px,
                                 image->width_px, error))
        return FALSE;
      for (gsize i = 0; i < n_values; i++)
        out[i] = ((float) levels[i] / 255.0f - 0.5f) / 0.5f;
      return TRUE;
    }
  g_return_val_if_reached (FALSE);
}
