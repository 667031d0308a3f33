/* How far a run over many files is. */
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
gloss_progress_line_clear (GlossProgressLine *line)
{
  if (line->is_shown)
    fputs ("\r\033[K", stderr);
}
