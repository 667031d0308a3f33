/*
 * HEIC and AVIF.
 *
 * The container says how large the picture is, and the coded picture inside says it once more.
 * libheif believes the one, takes memory for the other and tells it only then: a file of a kilobyte
 * that claims 64 × 64 pixels can fill gigabytes. So it is never called in this process. Our own
 * program gloss-decode decodes, and the system gives it only what an honest picture of the claimed
 * size needs.
 */
#include "model/heif.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limited-program.h"
#include "model/image-decode.h"

#include <string.h>

#define PROGRAM "gloss-decode"

/* Libraries, the stacks of some threads and the file; then what lies side by side of a picture
 * while it is decoded, turned and made RGBA: 20 bytes a pixel were seen, at 12 bits with alpha. */
#define MEMORY_BYTES (G_GUINT64_CONSTANT (1) << 29)
#define COPIES_OF_FILE 4
#define BYTES_PER_PIXEL 32

/* They do 3 megapixels of noise a second, and 40 of one colour. */
#define MIN_SECONDS 10
#define PIXELS_PER_SECOND (1u << 20)

/* A decoder may give whole blocks where the container gives the picture that they cover. */
#define BLOCK_SIDE_PX 64

static const char *
get_shown_kind (GlossImageKind kind)
{
  return kind == GLOSS_IMAGE_KIND_AVIF ? "AVIF" : "HEIC";
}

/* The environment's, that of a build tree, that of an installed tree wherever it was moved to, or
 * where it was installed. */
static char *
find_program (void)
{
  static const char *const beside[] = { "../decode", "../libexec/gloss" };
  const char *folder = g_getenv ("GLOSS_LIBEXEC_DIR");
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = self ? g_path_get_dirname (self) : NULL;

  if (folder && *folder)
    {
      g_autofree char *path = g_build_filename (folder, PROGRAM, NULL);

      return g_canonicalize_filename (path, NULL);
    }
  for (guint i = 0; bin && i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *path = g_build_filename (bin, beside[i], PROGRAM, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  return g_build_filename (GLOSS_PKGLIBEXECDIR, PROGRAM, NULL);
}

typedef struct
{
  GlossLimitedProgram *program; /* borrowed */
  const char *name;             /* borrowed */
  GlossImageKind kind;
  guint64 n_claimed_pixels;
} Decoding;

static void
set_damaged_error (const Decoding *decoding, GError **error)
{
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: the %s picture is damaged or cut short"), decoding->name,
               get_shown_kind (decoding->kind));
}

static void
set_answer_error (const Decoding *decoding, GError **error)
{
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: the %s picture cannot be decoded (%s does not answer as it should)"),
               decoding->name, get_shown_kind (decoding->kind), PROGRAM);
}

/* FALSE with an error unless the program says that all is well. */
static gboolean
finish (const Decoding *decoding, GError **error)
{
  int status;

  if (!gloss_limited_program_finish (decoding->program, &status, error))
    return FALSE;
  if (status == GLOSS_HEIF_NO_DECODER)
    gloss_image_kind_set_unknown_error (decoding->kind, decoding->name, error);
  else if (status == GLOSS_HEIF_DAMAGED)
    set_damaged_error (decoding, error);
  else if (status != 0)
    set_answer_error (decoding, error);
  return status == 0;
}

/* FALSE with an error unless all @n_bytes come. */
static gboolean
read_all (const Decoding *decoding, guint8 *out, gsize n_bytes, GError **error)
{
  gssize n = gloss_limited_program_read (decoding->program, out, n_bytes, error);

  if (n >= 0 && (gsize) n < n_bytes && finish (decoding, error))
    set_answer_error (decoding, error);
  return n == (gssize) n_bytes;
}

static gboolean
read_end (const Decoding *decoding, GError **error)
{
  guint8 more;
  gssize n = gloss_limited_program_read (decoding->program, &more, 1, error);

  if (n > 0)
    set_answer_error (decoding, error);
  return n == 0 && finish (decoding, error);
}

static gboolean
is_header_sound (const Decoding *decoding, const GlossHeifHeader *header, GError **error)
{
  static const char magic[sizeof header->magic] = GLOSS_HEIF_MAGIC;

  if (memcmp (header->magic, magic, sizeof magic) != 0 || header->width_px == 0
      || header->height_px == 0 || (header->n_channels != 3 && header->n_channels != 4))
    {
      set_answer_error (decoding, error);
      return FALSE;
    }
  if (!gloss_image_check_size (decoding->name, header->width_px, header->height_px, error))
    return FALSE;
  if ((guint64) header->width_px * header->height_px <= decoding->n_claimed_pixels)
    return TRUE;
  g_set_error (
      error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
      _ ("%s: the %s picture is damaged: it has %u×%u pixels, which is more than the file says"),
      decoding->name, get_shown_kind (decoding->kind), header->width_px, header->height_px);
  return FALSE;
}

static GdkPixbuf *
read_picture (const Decoding *decoding, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  GlossHeifHeader header;
  guint8 *pixels;

  if (!read_all (decoding, (guint8 *) &header, sizeof header, error)
      || !is_header_sound (decoding, &header, error))
    return NULL;
  pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, header.n_channels == 4, 8, (int) header.width_px,
                           (int) header.height_px);
  if (!pixbuf)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: there is not enough memory for a picture of %u×%u pixels"),
                   decoding->name, header.width_px, header.height_px);
      return NULL;
    }
  pixels = gdk_pixbuf_get_pixels (pixbuf);
  for (gsize y = 0; y < header.height_px; y++)
    {
      if (!read_all (decoding, pixels + y * (gsize) gdk_pixbuf_get_rowstride (pixbuf),
                     (gsize) header.width_px * header.n_channels, error))
        return NULL;
    }
  return read_end (decoding, error) ? g_steal_pointer (&pixbuf) : NULL;
}

GdkPixbuf *
gloss_heif_decode (const char *path, const char *name, GlossImageKind kind, const guint8 *data,
                   gsize n_bytes, GCancellable *cancellable, GError **error)
{
  const char *shown_kind = get_shown_kind (kind);
  g_autofree char *program_path = find_program ();
  const char *const argv[] = { program_path, shown_kind, NULL };
  g_autoptr (GlossLimitedProgram) program = NULL;
  Decoding decoding = { .name = name, .kind = kind };
  guint32 width, height;
  guint64 n_pixels;

  gloss_image_kind_get_heif_size (data, n_bytes, &width, &height);
  if (width == 0 || height == 0)
    {
      set_damaged_error (&decoding, error);
      return NULL;
    }
  if (!gloss_image_check_size (name, width, height, error))
    return NULL;
  if (!g_file_test (program_path, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_autofree char *shown_path = g_filename_display_name (program_path);

      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: reading %s needs %s, which is not there: the installation of Gloss is "
                      "incomplete; install it again"),
                   name, shown_kind, shown_path);
      return NULL;
    }
  /* Nothing overflows: the size was checked, and so was the file's. */
  n_pixels = (guint64) (width + BLOCK_SIDE_PX) * (height + BLOCK_SIDE_PX);
  program = gloss_limited_program_start (
      &(GlossLimitedRun){ .argv = argv,
                          .path = path,
                          .name = name,
                          .kind = shown_kind,
                          .work = GLOSS_LIMITED_WORK_DECODE,
                          .max_memory_bytes = MEMORY_BYTES + COPIES_OF_FILE * (guint64) n_bytes
                                              + BYTES_PER_PIXEL * n_pixels,
                          .max_seconds = MIN_SECONDS + (guint) (n_pixels / PIXELS_PER_SECOND),
                          .cancellable = cancellable },
      error);
  decoding.program = program;
  decoding.n_claimed_pixels = n_pixels;
  return program ? read_picture (&decoding, error) : NULL;
}
