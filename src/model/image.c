/* Pictures from files. */
#include "model/image.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/heif.h"
#include "model/image-decode.h"
#include "model/image-file.h"
#include "model/image-kind.h"
#include "model/orientation.h"
#include "model/svg.h"
#include "model/webp.h"

#include <inttypes.h>
#include <string.h>

typedef struct
{
  const char *path;          /* borrowed */
  const char *name;          /* borrowed */
  GCancellable *cancellable; /* borrowed */
  GlossImageKind kind;
  guint enough_px; /* on the shorter side; 0: the picture comes whole */
} Loading;

void
gloss_image_free (GlossImage *image)
{
  if (!image)
    return;
  if (image->owner)
    g_object_unref (image->owner);
  else
    g_free (image->rgb);
  g_free (image);
}

static void
set_memory_error (const Loading *loading, gsize width, gsize height, GError **error)
{
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
               _ ("%s: there is not enough memory for a picture of %zu×%zu pixels"), loading->name,
               width, height);
}

/*
 * The orientation in which @pixbuf still has to be turned. The decoders of JPEG and TIFF leave a
 * word about it (TIFF's about what is left to do, as libtiff has done a part); those of PNG and
 * WebP know nothing of it; those of HEIC and AVIF have turned the picture.
 */
static guint
get_orientation (const Loading *loading, const GdkPixbuf *pixbuf, const guint8 *data, gsize n_bytes)
{
  const char *option = gdk_pixbuf_get_option ((GdkPixbuf *) pixbuf, "orientation");

  if (option)
    return option[0] >= '1' && option[0] <= '8' && !option[1] ? (guint) (option[0] - '0')
                                                              : GLOSS_ORIENTATION_UPRIGHT;
  if (loading->kind == GLOSS_IMAGE_KIND_WEBP
      || (n_bytes > 2 && (memcmp (data, "\x89P", 2) == 0 || memcmp (data, "\xff\xd8", 2) == 0)))
    return gloss_orientation_parse (data, n_bytes);
  return GLOSS_ORIENTATION_UPRIGHT;
}

/* The decoder of TIFF gives colours that are multiplied by alpha already, though a pixbuf's should
 * not be. Should a later one not do so, then some colour will be larger than its alpha. */
static gboolean
is_premultiplied (const GdkPixbuf *pixbuf)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  int width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf);

  for (int y = 0; y < height; y++)
    {
      const guint8 *in = pixels + (gsize) y * gdk_pixbuf_get_rowstride (pixbuf);

      for (int x = 0; x < width; x++, in += 4)
        {
          if (MAX (MAX (in[0], in[1]), in[2]) > in[3])
            return FALSE;
        }
    }
  return TRUE;
}

static void
put_row_on_white (guint8 *out, const guint8 *in, gsize width, gboolean is_multiplied)
{
  for (gsize x = 0; x < width; x++, in += 4, out += 3)
    {
      guint alpha = in[3];

      for (guint c = 0; c < 3; c++)
        out[c] =
            is_multiplied ? in[c] + 255 - alpha : (in[c] * alpha + 255 * (255 - alpha) + 127) / 255;
    }
}

/* The pixels of @pixbuf, which nobody else may use any more, on white and without gaps, in the same
 * memory: there may be gigabytes of them, and each moves only towards the start. */
static GlossImage *
image_from_pixbuf (GdkPixbuf *pixbuf, gboolean is_multiplied)
{
  GlossImage *image = g_new0 (GlossImage, 1);
  gboolean has_alpha = gdk_pixbuf_get_has_alpha (pixbuf);
  gsize row_bytes = gdk_pixbuf_get_rowstride (pixbuf);
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);
  gsize out_row_bytes;

  image->width_px = gdk_pixbuf_get_width (pixbuf);
  image->height_px = gdk_pixbuf_get_height (pixbuf);
  image->rgb = pixels;
  image->owner = g_object_ref (pixbuf);
  out_row_bytes = (gsize) image->width_px * 3;
  for (gsize y = 0; y < image->height_px; y++)
    {
      const guint8 *in = pixels + y * row_bytes;
      guint8 *out = pixels + y * out_row_bytes;

      if (has_alpha)
        put_row_on_white (out, in, image->width_px, is_multiplied);
      else if (out != in)
        memmove (out, in, out_row_bytes);
    }
  return image;
}

/* Gives @image other pixels, and takes @rgb. */
static void
replace_pixels (GlossImage *image, guint8 *rgb, guint width_px, guint height_px)
{
  if (image->owner)
    g_clear_object (&image->owner);
  else
    g_free (image->rgb);
  image->rgb = rgb;
  image->width_px = width_px;
  image->height_px = height_px;
}

static gboolean
turn (const Loading *loading, GlossImage *image, guint orientation, GError **error)
{
  gboolean is_swapped = orientation >= 5;
  guint8 *rgb;

  if (orientation == GLOSS_ORIENTATION_UPRIGHT)
    return TRUE;
  rgb = g_try_malloc ((gsize) image->width_px * image->height_px * 3);
  if (!rgb)
    {
      set_memory_error (loading, image->width_px, image->height_px, error);
      return FALSE;
    }
  gloss_orientation_apply (rgb, image->rgb, image->height_px, image->width_px, orientation);
  replace_pixels (image, rgb, is_swapped ? image->height_px : image->width_px,
                  is_swapped ? image->width_px : image->height_px);
  return TRUE;
}

/* A frame that covers only a part of its canvas; the rest is transparent, which means white. */
static gboolean
put_on_canvas (const Loading *loading, GlossImage *image, const GlossWebpFrame *frame,
               GError **error)
{
  gsize n_bytes = (gsize) frame->canvas_width_px * frame->canvas_height_px * 3;
  guint8 *rgb;

  if (!frame->file
      || (image->width_px == frame->canvas_width_px && image->height_px == frame->canvas_height_px))
    return TRUE;
  if ((guint64) frame->x_px + image->width_px > frame->canvas_width_px
      || (guint64) frame->y_px + image->height_px > frame->canvas_height_px)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the WEBP picture is damaged: a frame lies outside it"), loading->name);
      return FALSE;
    }
  rgb = g_try_malloc (n_bytes);
  if (!rgb)
    {
      set_memory_error (loading, frame->canvas_width_px, frame->canvas_height_px, error);
      return FALSE;
    }
  memset (rgb, 255, n_bytes);
  for (gsize y = 0; y < image->height_px; y++)
    memcpy (rgb + ((frame->y_px + y) * frame->canvas_width_px + frame->x_px) * 3,
            image->rgb + y * image->width_px * 3, (gsize) image->width_px * 3);
  replace_pixels (image, rgb, frame->canvas_width_px, frame->canvas_height_px);
  return TRUE;
}

/* Sets what the decoder gets to see in place of the file itself (or NULL); FALSE when it gets to
 * see nothing. */
static gboolean
prepare (Loading *loading, const guint8 *data, gsize n_bytes, GlossWebpFrame *frame,
         GBytes **out_replacement, GError **error)
{
  *out_replacement = NULL;
  switch (loading->kind)
    {
    case GLOSS_IMAGE_KIND_NEVER:
      gloss_image_kind_set_unknown_error (loading->kind, loading->name, error);
      return FALSE;
    case GLOSS_IMAGE_KIND_SVG:
      if (!gloss_svg_can_draw ())
        {
          gloss_image_kind_set_unknown_error (loading->kind, loading->name, error);
          return FALSE;
        }
      *out_replacement = gloss_svg_draw (loading->path, loading->name, loading->cancellable, error);
      return *out_replacement != NULL;
    case GLOSS_IMAGE_KIND_WEBP:
      if (!gloss_webp_take_first_frame (frame, data, n_bytes))
        return TRUE;
      if (!gloss_image_check_size (loading->name, frame->canvas_width_px, frame->canvas_height_px,
                                   error))
        return FALSE;
      if (!frame->file)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("%s: the WEBP picture is damaged or cut short"), loading->name);
          return FALSE;
        }
      *out_replacement = g_bytes_ref (frame->file);
      return TRUE;
    case GLOSS_IMAGE_KIND_HEIC:
    case GLOSS_IMAGE_KIND_AVIF:
    case GLOSS_IMAGE_KIND_JXL:
    case GLOSS_IMAGE_KIND_OTHER:
      return TRUE;
    }
  g_return_val_if_reached (FALSE);
}

static GlossImage *
load (Loading *loading, const guint8 *data, gsize n_bytes, GError **error)
{
  g_autoptr (GBytes) replacement = NULL;
  g_autoptr (GBytes) frame_file = NULL;
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  g_autoptr (GlossImage) image = NULL;
  GlossWebpFrame frame = { 0 };
  const guint8 *shown = data;
  gsize n_shown = n_bytes;
  gboolean is_tiff;
  gboolean is_prepared = prepare (loading, data, n_bytes, &frame, &replacement, error);

  frame_file = frame.file;
  if (!is_prepared)
    return NULL;
  if (replacement)
    shown = g_bytes_get_data (replacement, &n_shown);
  if (loading->kind == GLOSS_IMAGE_KIND_HEIC || loading->kind == GLOSS_IMAGE_KIND_AVIF)
    pixbuf = gloss_heif_decode (loading->path, loading->name, loading->kind, data, n_bytes,
                                loading->cancellable, error);
  else
    pixbuf = gloss_image_decode (loading->name, loading->kind, shown, n_shown, loading->enough_px,
                                 loading->cancellable, error);
  /* Again, for decoders that claim one size and make another. */
  if (!pixbuf
      || !gloss_image_check_size (loading->name, gdk_pixbuf_get_width (pixbuf),
                                  gdk_pixbuf_get_height (pixbuf), error))
    return NULL;
  is_tiff = n_bytes >= 4 && (memcmp (data, "II", 2) == 0 || memcmp (data, "MM", 2) == 0);
  image = image_from_pixbuf (pixbuf, is_tiff && gdk_pixbuf_get_has_alpha (pixbuf)
                                         && is_premultiplied (pixbuf));
  if (!put_on_canvas (loading, image, &frame, error)
      || !turn (loading, image, get_orientation (loading, pixbuf, data, n_bytes), error))
    return NULL;
  return g_steal_pointer (&image);
}

GlossImage *
gloss_image_load (const char *path, GCancellable *cancellable, GError **error)
{
  return gloss_image_load_reduced (path, 0, cancellable, error);
}

GlossImage *
gloss_image_load_reduced (const char *path, guint enough_px, GCancellable *cancellable,
                          GError **error)
{
  g_autofree char *name = gloss_image_file_get_name (path);
  Loading loading = {
    .path = path, .name = name, .cancellable = cancellable, .enough_px = enough_px
  };
  g_autoptr (GlossMappedFile) file = gloss_image_file_open (path, error);
  g_autoptr (GlossImage) image = NULL;
  const guint8 *data;
  gsize n_bytes;

  if (!file)
    return NULL;
  data = gloss_mapped_file_get_data (file);
  n_bytes = gloss_mapped_file_get_size_bytes (file);
  loading.kind = gloss_image_kind_guess (data, n_bytes, name);
  image = load (&loading, data, n_bytes, error);
  if (!image)
    return NULL;
  if (!gloss_mapped_file_check (file, NULL))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_CHANGED,
                   _ ("%s: the file changed while it was read; try again"), name);
      return NULL;
    }
  return g_steal_pointer (&image);
}
