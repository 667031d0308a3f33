/* How far a download is, on one line of a terminal. */
#include "cli/transfer-line.h"

#include "cli/messages.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

void
gloss_transfer_line_begin (GlossTransferLine *line, gboolean is_quiet)
{
  line->is_shown = !is_quiet && isatty (STDERR_FILENO);
}

char *
gloss_transfer_line_format_left (double seconds)
{
  if (seconds < 60)
    return g_strdup_printf ("%.0f s", ceil (seconds));
  if (seconds < 3600)
    return g_strdup_printf ("%.0f min", ceil (seconds / 60));
  return g_strdup_printf ("%.1f h", seconds / 3600);
}

void
gloss_transfer_line_update (GlossTransferLine *line, const GlossDownloadProgress *progress)
{
  g_autofree char *done = g_format_size (progress->n_bytes);
  g_autofree char *safe = gloss_cli_make_safe (progress->file_name, '?');

  if (!line->is_shown)
    return;
  fprintf (stderr, "\r\033[K%s", done);
  if (progress->n_total_bytes > 0)
    {
      g_autofree char *total = g_format_size (progress->n_total_bytes);

      fprintf (stderr, " of %s", total);
    }
  if (progress->n_failures > 0)
    fputs (" · the connection broke, trying again", stderr);
  else if (progress->is_waiting)
    fputs (" · waiting for the server", stderr);
  else if (progress->bytes_per_second > 0)
    {
      g_autofree char *speed = g_format_size ((guint64) progress->bytes_per_second);

      fprintf (stderr, " · %s/s", speed);
      if (progress->seconds_left >= 0)
        {
          g_autofree char *left = gloss_transfer_line_format_left (progress->seconds_left);

          fprintf (stderr, " · %s left", left);
        }
    }
  fprintf (stderr, " · %.40s", safe);
  fflush (stderr);
}

void
gloss_transfer_line_say (GlossTransferLine *line, const char *what)
{
  if (!line->is_shown)
    return;
  fprintf (stderr, "\r\033[K%s …", what);
  fflush (stderr);
}

void
gloss_transfer_line_clear (GlossTransferLine *line)
{
  if (line->is_shown)
    fputs ("\r\033[K", stderr);
}
