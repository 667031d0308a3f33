/* Drawings: what is drawn, what is never read, and those that would never end. */
#include "base/error.h"
#include "model/image.h"
#include "model/svg.h"
#include "support/asserts.h"

#include <string.h>

#define SVG(width, height, content)                                                                \
  "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "        \
  "width=\"" width "\" height=\"" height "\">" content "</svg>"

typedef struct
{
  char *folder;
  char *path;
} Scratch;

static void
scratch_set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->path = g_build_filename (scratch->folder, "made-up.svg", NULL);
}

static void
scratch_tear_down (Scratch *scratch, gconstpointer unused)
{
  g_free (scratch->path);
  gloss_test_folder_remove (scratch->folder);
}

static GlossImage *
load (Scratch *scratch, const char *svg)
{
  g_autoptr (GError) error = NULL;
  GlossImage *image;

  g_assert_true (g_file_set_contents (scratch->path, svg, -1, NULL));
  image = gloss_image_load (scratch->path, NULL, &error);
  g_assert_no_error (error);
  return image;
}

static void
assert_pixel (const GlossImage *image, guint x, guint y, guint32 colour)
{
  const guint8 *pixel = image->rgb + ((gsize) y * image->width_px + x) * 3;

  g_assert_cmphex ((guint32) pixel[0] << 16 | pixel[1] << 8 | pixel[2], ==, colour);
}

/* Refused within the limits, whatever the reason. */
static void
assert_refused (Scratch *scratch, const char *what, const char *svg)
{
  g_autoptr (GError) error = NULL;
  gint64 start_usec = g_get_monotonic_time ();

  g_assert_true (g_file_set_contents (scratch->path, svg, -1, NULL));
  g_assert_null (gloss_image_load (scratch->path, NULL, &error));
  g_test_message ("%s, %.1f s: %s", what,
                  (double) (g_get_monotonic_time () - start_usec) / G_USEC_PER_SEC, error->message);
  g_assert_true (g_str_has_prefix (error->message, "made-up.svg: "));
  g_assert_true (g_error_matches (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT)
                 || g_error_matches (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE));
}

static void
test_drawing_should_be_drawn_on_white (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossImage) image =
      load (scratch, SVG ("200", "100", "<rect width='100' height='50' fill='#ff8000'/>"));
  g_autoptr (GlossImage) huge =
      load (scratch, SVG ("60000", "60000", "<rect width='30000' height='60000' fill='#0000ff'/>"));

  g_assert_cmpuint (image->width_px, ==, GLOSS_SVG_LONGER_SIDE_PX);
  g_assert_cmpuint (image->height_px, ==, GLOSS_SVG_LONGER_SIDE_PX / 2);
  assert_pixel (image, 100, 100, 0xff8000);
  assert_pixel (image, 900, 100, 0xffffff);
  assert_pixel (image, 100, 400, 0xffffff);
  g_assert_cmpuint (huge->width_px, ==, GLOSS_SVG_LONGER_SIDE_PX);
  assert_pixel (huge, 100, 100, 0x0000ff);
  assert_pixel (huge, 900, 100, 0xffffff);
}

/* A picture beside the drawing, which would paint it red. */
static void
test_other_files_should_not_be_read (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *beside = g_build_filename (scratch->folder, "beside.ppm", NULL);
  g_autofree char *svg = g_strdup_printf (
      SVG ("10", "10",
           "<image width='10' height='10' xlink:href='beside.ppm'/>"
           "<image width='10' height='10' xlink:href='file://%s'/>"
           "<image width='10' height='10' xlink:href='http://127.0.0.1:9/beside.ppm'/>"),
      beside);
  g_autoptr (GlossImage) image = NULL;

  g_assert_true (g_file_set_contents (beside, "P3 1 1 255 255 0 0\n", -1, NULL));
  image = load (scratch, svg);
  assert_pixel (image, 512, 512, 0xffffff);
  assert_refused (scratch, "a file as an entity",
                  "<!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>" SVG (
                      "10", "10", "<text>&a;</text>"));
}

static char *
repeat (const char *before, const char *what, guint n, const char *after)
{
  GString *text = g_string_new (before);

  for (guint i = 0; i < n; i++)
    g_string_append (text, what);
  g_string_append (text, after);
  return g_string_free (text, FALSE);
}

static void
test_damaged_drawings_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  g_autofree char *deep = repeat (SVG ("9", "9", "<g/>"), "<g>", 100000, "");

  assert_refused (scratch, "no end", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\"");
  assert_refused (scratch, "no size", SVG ("0", "0", ""));
  assert_refused (scratch, "junk behind it", deep);
}

static void
test_bombs_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GString) laughs = g_string_new ("<!DOCTYPE svg [<!ENTITY a0 \"<g/>\">");
  g_autofree char *deep = repeat ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" "
                                  "height=\"9\">",
                                  "<g>", 100000, "");
  g_autofree char *letters = repeat ("", "x", 100000, "");
  g_autofree char *quadratic = NULL;
  g_autofree char *uses = repeat ("", "&a;", 20000, "");

  for (guint i = 1; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("&a%u;", i - 1);
      g_autofree char *ten = repeat ("", name, 10, "");

      g_string_append_printf (laughs, "<!ENTITY a%u \"%s\">", i, ten);
    }
  g_string_append (laughs, "]>" SVG ("9", "9", "&a9;"));
  quadratic = g_strdup_printf (
      "<!DOCTYPE svg [<!ENTITY a \"%s\">]>" SVG ("9", "9", "<text>%s</text>"), letters, uses);
  assert_refused (scratch, "billion laughs", laughs->str);
  assert_refused (scratch, "2 GB of text", quadratic);
  assert_refused (scratch, "100,000 levels", deep);
  assert_refused (scratch, "a million octaves",
                  SVG ("1000", "1000",
                       "<filter id='f'><feTurbulence baseFrequency='0.05' "
                       "numOctaves='1000000'/></filter><rect width='1000' "
                       "height='1000' filter='url(#f)'/>"));
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (200 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancelled_drawing_should_stop (Scratch *scratch, gconstpointer unused)
{
  const char svg[] = SVG ("1000", "1000",
                          "<filter id='f'><feTurbulence numOctaves='1000000'/></filter>"
                          "<rect width='1000' height='1000' filter='url(#f)'/>");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gint64 start_usec;

  g_assert_true (g_file_set_contents (scratch->path, svg, -1, NULL));
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  start_usec = g_get_monotonic_time ();
  g_assert_null (gloss_image_load (scratch->path, cancellable, &error));
  g_test_message ("%.0f ms after it was cancelled",
                  (double) (g_get_monotonic_time () - start_usec) / 1000 - 200);
  g_assert_cmpint (g_get_monotonic_time () - start_usec, <, 2 * G_USEC_PER_SEC);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "made-up.svg: stopped");
  g_thread_join (thread);
}

/* Nothing that gdk-pixbuf might take for SVG gets to it, even without rsvg-convert. */
static void
test_missing_program_should_be_named (Scratch *scratch, gconstpointer unused)
{
  const char *const texts[] = { SVG ("9", "9", ""), "\xef\xbb\xbf <?xml?> <svg", "BM <svg",
                                "<!-- Created with Inkscape -->" };
  g_autofree char *old = g_strdup (g_getenv ("PATH"));

  g_setenv ("PATH", scratch->folder, TRUE);
  g_assert_false (gloss_svg_can_draw ());
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (scratch->path, texts[i], -1, NULL));
      g_assert_null (gloss_image_load (scratch->path, NULL, &error));
      gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                               "made-up.svg: reading SVG needs the Debian package librsvg2-bin");
    }
  g_setenv ("PATH", old, TRUE);
}

static void
test_skip (Scratch *scratch, gconstpointer unused)
{
  g_test_skip ("rsvg-convert is not installed");
}

static void
add (const char *path, void (*func) (Scratch *, gconstpointer))
{
  g_test_add (path, Scratch, NULL, scratch_set_up, func, scratch_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/model/svg/missing-program/should-be-named", test_missing_program_should_be_named);
  if (!gloss_svg_can_draw ())
    add ("/model/svg/drawing/should-be-drawn-on-white", test_skip);
  else
    {
      add ("/model/svg/drawing/should-be-drawn-on-white", test_drawing_should_be_drawn_on_white);
      add ("/model/svg/other-files/should-not-be-read", test_other_files_should_not_be_read);
      add ("/model/svg/damaged-drawings/should-be-refused",
           test_damaged_drawings_should_be_refused);
      add ("/model/svg/bombs/should-be-refused", test_bombs_should_be_refused);
      add ("/model/svg/cancelled-drawing/should-stop", test_cancelled_drawing_should_stop);
    }
  return g_test_run ();
}
