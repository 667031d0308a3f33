/* A small version of a picture file. */
#include "app/thumbnail.h"

#include "model/image.h"

#include <math.h>
#include <string.h>

#define N_CHANNELS 3
#define MAX_ASPECT 2

/* The part of a picture that is seen, in its pixels. */
typedef struct
{
  guint x, y, width, height;
} Part;

static Part
choose_part (const GlossImage *image)
{
  Part part = { 0, 0, image->width_px, image->height_px };

  if (part.width / MAX_ASPECT > part.height)
    part.width = part.height * MAX_ASPECT;
  if (part.height / MAX_ASPECT > part.width)
    part.height = part.width * MAX_ASPECT;
  part.x = (image->width_px - part.width) / 2;
  part.y = (image->height_px - part.height) / 2;
  return part;
}

/*
 * Pixel @o of @n_out covers n_in / n_out pixels, the first and the last of them in part. Sets which
 * they are and returns how much the first and the last count; those between count 1.
 */
static void
find_span (guint o, guint n_out, guint n_in, guint *first, guint *last, float *first_share,
           float *last_share)
{
  double scale = (double) n_in / n_out;
  double start = o * scale, end = start + scale;

  *first = MIN ((guint) start, n_in - 1);
  *last = MAX (*first, MIN ((guint) ceil (end), n_in) - 1);
  *first_share = (float) (MIN (*first + 1.0, end) - start);
  *last_share = *last == *first ? *first_share : (float) (end - *last);
}

/* Adds @share of the row @in, made @out_width pixels wide, to @sums. */
static void
add_row (float *sums, guint out_width, const guint8 *in, guint width, float share)
{
  for (guint o = 0; o < out_width; o++)
    {
      float sum[N_CHANNELS] = { 0 };
      float first_share, last_share;
      guint first, last;

      find_span (o, out_width, width, &first, &last, &first_share, &last_share);
      for (guint x = first; x <= last; x++)
        {
          float x_share = x == first ? first_share : x == last ? last_share : 1.0f;

          for (guint c = 0; c < N_CHANNELS; c++)
            sum[c] += x_share * in[(gsize) x * N_CHANNELS + c];
        }
      for (guint c = 0; c < N_CHANNELS; c++)
        sums[o * N_CHANNELS + c] += share * sum[c];
    }
}

/* The mean of what each pixel covers. */
static guint8 *
shrink (const GlossImage *image, const Part *part, guint out_width, guint out_height)
{
  gsize n_values = (gsize) out_width * N_CHANNELS;
  guint8 *out = g_malloc (n_values * out_height);
  g_autofree float *sums = g_new (float, n_values);
  float area = (float) ((double) part->width / out_width * part->height / out_height);

  for (guint o = 0; o < out_height; o++)
    {
      float first_share, last_share;
      guint first, last;

      find_span (o, out_height, part->height, &first, &last, &first_share, &last_share);
      memset (sums, 0, n_values * sizeof *sums);
      for (guint y = first; y <= last; y++)
        add_row (sums, out_width,
                 image->rgb + ((gsize) (part->y + y) * image->width_px + part->x) * N_CHANNELS,
                 part->width,
                 y == first  ? first_share
                 : y == last ? last_share
                             : 1.0f);
      for (gsize i = 0; i < n_values; i++)
        out[o * n_values + i] = (guint8) CLAMP (sums[i] / area + 0.5f, 0.0f, 255.0f);
    }
  return out;
}

GdkTexture *
gloss_thumbnail_make (const char *path, guint width_px, guint height_px, GCancellable *cancellable,
                      GError **error)
{
  /* twice as many as are shown, so that the last step is a fine one */
  guint enough_px = 2 * MIN (width_px, height_px);
  g_autoptr (GlossImage) image = gloss_image_load_reduced (path, enough_px, cancellable, error);
  g_autoptr (GBytes) bytes = NULL;
  guint out_width, out_height;
  double scale;
  Part part;

  if (!image)
    return NULL;
  part = choose_part (image);
  scale = MIN (1.0, MIN ((double) width_px / part.width, (double) height_px / part.height));
  out_width = MAX (1, (guint) (part.width * scale + 0.5));
  out_height = MAX (1, (guint) (part.height * scale + 0.5));
  bytes = g_bytes_new_take (shrink (image, &part, out_width, out_height),
                            (gsize) out_width * out_height * N_CHANNELS);
  return gdk_memory_texture_new ((int) out_width, (int) out_height, GDK_MEMORY_R8G8B8, bytes,
                                 (gsize) out_width * N_CHANNELS);
}
