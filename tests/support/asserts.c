/* What the tests share. */
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define GUARD_BYTES 192
#define GUARD_VALUE 0xA5

gboolean
gloss_is_close (const float *got, const float *expected, gsize n, double bound, double *out_max,
                gsize *out_where)
{
  double max = 0;
  gsize where = 0;

  for (gsize i = 0; i < n; i++)
    {
      double deviation = fabs ((double) got[i] - (double) expected[i]);

      if (isnan (expected[i]) || isnan (got[i]))
        deviation = isnan (expected[i]) && isnan (got[i]) ? 0 : INFINITY;
      else if (isinf (expected[i]) || isinf (got[i]))
        deviation = got[i] == expected[i] ? 0 : INFINITY;
      if (deviation > max)
        {
          max = deviation;
          where = i;
        }
    }
  if (out_max)
    *out_max = max;
  if (out_where)
    *out_where = where;
  return n > 0 && max <= bound;
}

double
gloss_max_abs (const float *x, gsize n)
{
  double max = 0;

  for (gsize i = 0; i < n; i++)
    max = MAX (max, fabs ((double) x[i]));
  return max;
}

void
gloss_assert_close_at (const char *file, int line, const char *func, const float *got,
                       const float *expected, gsize n, double bound, const char *what)
{
  double max;
  gsize where;

  if (!gloss_is_close (got, expected, n, bound, &max, &where))
    {
      g_autofree char *message
          = n == 0 ? g_strdup_printf ("%s: no values to compare", what)
                   : g_strdup_printf ("%s: value %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                                      " is %.9g, expected %.9g: off by %.3g, bound %.3g",
                                      what, where, n, (double) got[where], (double) expected[where],
                                      max, bound);

      g_assertion_message (G_LOG_DOMAIN, file, line, func, message);
    }
}

struct _GlossGuarded
{
  guint8 *block;
  gsize block_bytes;
  guint8 *data;
  gsize n_bytes;
};

GlossGuarded *
gloss_guarded_new (gsize n_bytes, guint misalign)
{
  GlossGuarded *guarded = g_new0 (GlossGuarded, 1);

  guarded->n_bytes = n_bytes;
  guarded->block_bytes = n_bytes + 2 * GUARD_BYTES + 64 + misalign;
  guarded->block = g_malloc (guarded->block_bytes);
  memset (guarded->block, GUARD_VALUE, guarded->block_bytes);
  guarded->data = guarded->block + GUARD_BYTES;
  guarded->data += (64 - (gsize) guarded->data % 64) % 64 + misalign;
  memset (guarded->data, 0, n_bytes);
  return guarded;
}

gpointer
gloss_guarded_get_data (GlossGuarded *guarded)
{
  return guarded->data;
}

gboolean
gloss_guarded_is_intact (GlossGuarded *guarded)
{
  for (guint8 *p = guarded->block; p < guarded->block + guarded->block_bytes; p++)
    {
      if ((p < guarded->data || p >= guarded->data + guarded->n_bytes) && *p != GUARD_VALUE)
        return FALSE;
    }
  return TRUE;
}

void
gloss_guarded_free (GlossGuarded *guarded)
{
  g_free (guarded->block);
  g_free (guarded);
}

static char *
path_below (const char *variable, const char *relative)
{
  const char *folder = g_getenv (variable);

  if (!folder)
    g_error ("%s is not set: run the tests with meson test", variable);
  return g_build_filename (folder, relative, NULL);
}

char *
gloss_test_path (const char *relative)
{
  return path_below ("GLOSS_TEST_DIR", relative);
}

char *
gloss_test_data_path (const char *relative)
{
  return path_below ("GLOSS_DATA_DIR", relative);
}

char *
gloss_test_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("gloss-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_below (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while (dir && (name = g_dir_read_name (dir)))
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_below (child);
        }
    }
  g_remove (path);
}

void
gloss_test_folder_remove (char *folder)
{
  remove_below (folder);
  g_free (folder);
}

void
gloss_assert_error_says (GError **error, GQuark domain, int code, const char *part)
{
  g_assert_error (*error, domain, code);
  if (!strstr ((*error)->message, part))
    g_error ("the message \"%s\" does not say \"%s\"", (*error)->message, part);
  g_clear_error (error);
}

void
gloss_test_fill (float *x, gsize n, guint32 seed)
{
  guint32 state = seed * 2654435761u + 12345u;

  for (gsize i = 0; i < n; i++)
    {
      state = state * 1664525u + 1013904223u;
      x[i] = (float) (state >> 8) / 8388608.0f - 1.0f;
    }
}
