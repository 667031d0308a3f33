/* The kinds of picture files that need a word before a decoder sees them. */
#include "model/image-kind.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/join-words.h"
#include "model/svg.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

static gboolean
has_at (const guint8 *data, gsize n_bytes, gsize at, const char *text)
{
  gsize length = strlen (text);

  return n_bytes >= at + length && memcmp (data + at, text, length) == 0;
}

/* gdk-pixbuf looks no further to find out what a file is. */
#define SNIFFED_BYTES 4096

/*
 * Whatever gdk-pixbuf might take for SVG, and more: librsvg must not see it in this process (see
 * svg.c). What begins like one of the binary kinds is not even well-formed for it.
 */
static gboolean
is_svg (const guint8 *data, gsize n_bytes, const char *name)
{
  static const char *const binary[] = { "\x89PNG", "\xff\xd8", "GIF8", "RIFF", "II*", "MM" };
  gsize n_sniffed = MIN (n_bytes, SNIFFED_BYTES);

  for (gsize i = 0; i < G_N_ELEMENTS (binary); i++)
    {
      if (has_at (data, n_bytes, 0, binary[i]))
        return FALSE;
    }
  if (has_at (data, n_bytes, 0, "\x1f\x8b"))
    {
      g_autofree char *lower = g_ascii_strdown (name, -1);

      if (g_str_has_suffix (lower, ".svgz") || g_str_has_suffix (lower, ".svg.gz"))
        return TRUE;
    }
  return memmem (data, n_sniffed, "<svg", 4) || memmem (data, n_sniffed, "<!DOCTYPE svg", 13)
         || memmem (data, n_sniffed, "<!-- Created with Inkscape", 26);
}

static guint32
read_be32 (const guint8 *at)
{
  return (guint32) at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/*
 * What begins with the box "ftyp": its first brand decides, or else those with which it says to be
 * compatible. libheif's decoder takes any such file for its own, films too, and must not see one in
 * this process (see heif.c).
 */
static GlossImageKind
guess_by_brands (const guint8 *data, gsize n_bytes)
{
  /* "mif1" and "msf1" say only that it is one of the two; HEIC is the likelier. */
  static const char *const heic[] = {
    "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"
  };
  gsize end = MIN (read_be32 (data), MIN (n_bytes, SNIFFED_BYTES));

  for (gsize at = 8; at + 4 <= MAX (end, 12); at += 4)
    {
      if (has_at (data, n_bytes, at, "avif") || has_at (data, n_bytes, at, "avis"))
        return GLOSS_IMAGE_KIND_AVIF;
      for (gsize i = 0; i < G_N_ELEMENTS (heic); i++)
        {
          if (has_at (data, n_bytes, at, heic[i]))
            return GLOSS_IMAGE_KIND_HEIC;
        }
    }
  return GLOSS_IMAGE_KIND_NEVER;
}

GlossImageKind
gloss_image_kind_guess (const guint8 *data, gsize n_bytes, const char *name)
{
  if (has_at (data, n_bytes, 0, "RIFF") && has_at (data, n_bytes, 8, "WEBP"))
    return GLOSS_IMAGE_KIND_WEBP;
  if (has_at (data, n_bytes, 0, "\xff\x0a") || has_at (data, n_bytes, 4, "JXL \r\n\x87\n"))
    return GLOSS_IMAGE_KIND_JXL;
  if (has_at (data, n_bytes, 4, "ftyp"))
    return guess_by_brands (data, n_bytes);
  /* The decoders of the first two, texts, take memory for the size that they read before they tell
   * it; those of the others hand what they contain to a decoder of their own, which asks nobody. */
  if (has_at (data, n_bytes, 0, "/*") || has_at (data, n_bytes, 0, "#define ")
      || has_at (data, n_bytes, 0, "icns") || has_at (data, n_bytes, 8, "ACON")
      || has_at (data, n_bytes, 4, "idsc") || has_at (data, n_bytes, 4, "idat"))
    return GLOSS_IMAGE_KIND_NEVER;
  return is_svg (data, n_bytes, name) ? GLOSS_IMAGE_KIND_SVG : GLOSS_IMAGE_KIND_OTHER;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* SVG is not, as it goes another way. */
static gboolean
is_decoded (const char *format_name)
{
  static const char *const never[] = { "ani", "icns", "qtif", "svg", "xbm", "xpm", NULL };

  return !g_strv_contains (never, format_name);
}

/* "BMP, GIF, JPEG and PNG", newly allocated. */
static char *
describe_readable_kinds (void)
{
  GSList *formats = gdk_pixbuf_get_formats ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (GSList *l = formats; l; l = l->next)
    {
      g_autofree char *name = gdk_pixbuf_format_get_name (l->data);

      if (is_decoded (name))
        g_ptr_array_add (names, g_ascii_strup (name, -1));
    }
  g_slist_free (formats);
  if (gloss_svg_can_draw ())
    g_ptr_array_add (names, g_strdup ("SVG"));
  g_ptr_array_sort (names, compare_names);
  return gloss_join_words ((const char *const *) names->pdata, names->len, GLOSS_JOIN_AND);
}

void
gloss_image_kind_set_unknown_error (GlossImageKind kind, const char *name, GError **error)
{
  g_autofree char *readable = describe_readable_kinds ();
  const char *called = NULL, *package = NULL;

  switch (kind)
    {
    case GLOSS_IMAGE_KIND_WEBP:
      called = "WebP";
      package = "webp-pixbuf-loader";
      break;
    case GLOSS_IMAGE_KIND_HEIC:
      called = "HEIC";
      package = "heif-gdk-pixbuf";
      break;
    case GLOSS_IMAGE_KIND_AVIF:
      called = "AVIF";
      package = "libavif-gdk-pixbuf";
      break;
    case GLOSS_IMAGE_KIND_JXL:
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: reading %s needs the Debian package %s (from Debian 13 on), which is "
                      "not installed; without it %s can be read"),
                   name, "JPEG XL", "libjxl-gdk-pixbuf", readable);
      return;
    case GLOSS_IMAGE_KIND_SVG:
      called = "SVG";
      package = "librsvg2-bin";
      break;
    case GLOSS_IMAGE_KIND_NEVER:
    case GLOSS_IMAGE_KIND_OTHER:
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: this is not a picture of a kind that can be read here, which are %s"),
                   name, readable);
      return;
    }
  g_set_error (
      error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
      _ ("%s: reading %s needs the Debian package %s, which is not installed; without it %s "
         "can be read"),
      name, called, package, readable);
}

/* A box is its length, itself included, its type and its content; a length of 1 is followed by the
 * true one in 64 bits, and 0 means up to the end. The sizes lie at the end of a path of boxes. */
static void
find_heif_sizes (const guint8 *data, gsize n_bytes, guint depth, guint32 *width, guint32 *height)
{
  static const char path[][5] = { "meta", "iprp", "ipco", "ispe" };
  static const gsize n_version_bytes[] = { 4, 0, 0, 4 };

  while (n_bytes >= 8)
    {
      guint64 length = read_be32 (data);
      gsize header = 8;

      if (length == 1 && n_bytes >= 16)
        {
          length = (guint64) read_be32 (data + 8) << 32 | read_be32 (data + 12);
          header = 16;
        }
      else if (length == 0)
        length = n_bytes;
      header += n_version_bytes[depth];
      if (length > n_bytes || length < 8)
        return;
      if (memcmp (data + 4, path[depth], 4) == 0 && length >= header)
        {
          if (depth + 1 < G_N_ELEMENTS (path))
            find_heif_sizes (data + header, length - header, depth + 1, width, height);
          else if (length >= header + 8)
            {
              guint32 w = read_be32 (data + header), h = read_be32 (data + header + 4);

              if ((guint64) w * h > (guint64) *width * *height)
                {
                  *width = w;
                  *height = h;
                }
            }
        }
      data += length;
      n_bytes -= length;
    }
}

void
gloss_image_kind_get_heif_size (const guint8 *data, gsize n_bytes, guint32 *out_width,
                                guint32 *out_height)
{
  *out_width = *out_height = 0;
  find_heif_sizes (data, n_bytes, 0, out_width, out_height);
}

/* Lower-case suffixes, as a set. */
static GHashTable *
make_suffixes (void)
{
  GHashTable *suffixes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GSList *formats = gdk_pixbuf_get_formats ();

  for (GSList *l = formats; l; l = l->next)
    {
      g_autofree char *name = gdk_pixbuf_format_get_name (l->data);
      g_auto (GStrv) extensions = gdk_pixbuf_format_get_extensions (l->data);

      for (guint i = 0; is_decoded (name) && extensions[i]; i++)
        g_hash_table_add (suffixes, g_ascii_strdown (extensions[i], -1));
    }
  g_slist_free (formats);
  if (gloss_svg_can_draw ())
    {
      g_hash_table_add (suffixes, g_strdup ("svg"));
      g_hash_table_add (suffixes, g_strdup ("svgz"));
    }
  return suffixes;
}

gboolean
gloss_image_kind_has_known_suffix (const char *path)
{
  static gsize suffixes;
  const char *dot = strrchr (path, '.');
  g_autofree char *lower = dot ? g_ascii_strdown (dot + 1, -1) : NULL;

  if (g_once_init_enter (&suffixes))
    g_once_init_leave (&suffixes, (gsize) make_suffixes ());
  return lower && g_hash_table_contains ((GHashTable *) suffixes, lower);
}
