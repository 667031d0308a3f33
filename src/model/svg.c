/*
 * Drawings in SVG.
 *
 * SVG is a language for programs that draw, and a file of 400 bytes can keep librsvg busy for hours
 * (feTurbulence with a million octaves), make it take gigabytes (entities, pictures inside), or end
 * the process that asked: when it gets no memory, or meets a convolution it did not expect, it
 * aborts. No count of elements or bytes foresees that. So it is never called in this process: its
 * own program rsvg-convert draws, under limits that the system enforces. It gets the file as its
 * standard input, so it knows no folder from which it could read anything else.
 */
#include "model/svg.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limited-program.h"

#define PROGRAM "rsvg-convert"

/* Noise does not compress: four bytes for each pixel, and what PNG adds. */
#define MAX_PNG_BYTES (5 * GLOSS_SVG_LONGER_SIDE_PX * GLOSS_SVG_LONGER_SIDE_PX)
#define CHUNK_BYTES (1 << 16)

gboolean
gloss_svg_can_draw (void)
{
  g_autofree char *program = g_find_program_in_path (PROGRAM);

  return program != NULL;
}

GBytes *
gloss_svg_draw (const char *path, const char *name, GCancellable *cancellable, GError **error)
{
  const char *side = G_STRINGIFY (GLOSS_SVG_LONGER_SIDE_PX);
  const char *const argv[] = { PROGRAM, "--format", "png", "--width",
                               side,    "--height", side,  "--keep-aspect-ratio",
                               NULL };
  const GlossLimitedRun run = { .argv = argv,
                                .path = path,
                                .name = name,
                                .kind = "SVG",
                                .work = GLOSS_LIMITED_WORK_DRAW,
                                .max_memory_bytes = GLOSS_SVG_MAX_MEMORY_BYTES,
                                .max_seconds = GLOSS_SVG_MAX_SECONDS,
                                .cancellable = cancellable };
  g_autoptr (GlossLimitedProgram) program = gloss_limited_program_start (&run, error);
  g_autoptr (GByteArray) png = g_byte_array_new ();
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  gssize n = 0;
  int status;

  if (!program)
    return NULL;
  while (png->len <= MAX_PNG_BYTES
         && (n = gloss_limited_program_read (program, chunk, CHUNK_BYTES, error)) > 0)
    g_byte_array_append (png, chunk, (guint) n);
  if (n < 0)
    return NULL;
  if (png->len > MAX_PNG_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the SVG picture cannot be drawn"), name);
      return NULL;
    }
  if (!gloss_limited_program_finish (program, &status, error))
    return NULL;
  if (status == 0 && png->len > 0)
    return g_byte_array_free_to_bytes (g_steal_pointer (&png));
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: the SVG picture is damaged, has no size or cannot be drawn"), name);
  return NULL;
}
