/* How far a run over many files, or over a long one, is. */
#include "cli/progress.h"

#include "cli/messages.h"
#include "cli/transfer-line.h"

#include <stdio.h>
#include <unistd.h>

void
gloss_progress_line_begin (GlossProgressLine *line, guint n_files, gboolean streams)
{
  line->is_shown = n_files > 1 && isatty (STDERR_FILENO) && !streams;
  line->n_files = n_files;
  line->start_usec = g_get_monotonic_time ();
}

void
gloss_progress_line_update (GlossProgressLine *line, guint index, const char *file)
{
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *valid = g_utf8_make_valid (base, -1);
  g_autofree char *name = gloss_cli_make_safe (valid, '?');
  double elapsed = (double) (g_get_monotonic_time () - line->start_usec) / 1e6;

  if (!line->is_shown)
    return;
  if (g_utf8_strlen (name, -1) > 40)
    *g_utf8_offset_to_pointer (name, 40) = '\0';
  fprintf (stderr, "\r\033[K%u of %u", index + 1, line->n_files);
  if (index > 0)
    {
      g_autofree char *left =
          gloss_transfer_line_format_left (elapsed / index * (line->n_files - index));

      fprintf (stderr, " · %s left", left);
    }
  fprintf (stderr, " · %s", name);
  fflush (stderr);
}

void
gloss_progress_line_begin_bytes (GlossProgressLine *line, gboolean is_quiet)
{
  line->is_shown = !is_quiet && isatty (STDERR_FILENO);
  line->start_usec = g_get_monotonic_time ();
}

void
gloss_progress_line_update_bytes (GlossProgressLine *line, guint64 n_done, guint64 n_all)
{
  gint64 now_usec = g_get_monotonic_time ();
  double elapsed = (double) (now_usec - line->start_usec) / 1e6;
  double left = elapsed / (double) MAX (n_done, 1) * (double) (n_all - n_done);

  if (!line->is_shown || now_usec - line->shown_usec < G_USEC_PER_SEC / 10)
    return;
  line->shown_usec = now_usec;
  fprintf (stderr, "\r\033[K%.1f of %.1f GB", (double) n_done / 1e9, (double) n_all / 1e9);
  if (elapsed > 1)
    {
      g_autofree char *words = gloss_transfer_line_format_left (left);

      fprintf (stderr, " · %s left", words);
    }
  fflush (stderr);
}

void
gloss_progress_line_clear (GlossProgressLine *line)
{
  if (line->is_shown)
    fputs ("\r\033[K", stderr);
}
