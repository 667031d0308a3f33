/* The record of a run of fine-tuning. */
#include "library/run-log.h"

#include "base/atomic-file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE_BYTES (1 << 20)

struct _GlossRunLog
{
  FILE *file; /* owned */
  gboolean echoes;
};

/* What stays of @text. */
static GString *
choose_lines (const char *text, gint step, gint evaluated_step)
{
  GString *kept = g_string_new (NULL);

  for (const char *end; (end = strchr (text, '\n')); text = end + 1)
    {
      gsize n_bytes = (gsize) (end - text);
      g_autoptr (json_t) line = gloss_json_parse (text, n_bytes, MAX_LINE_BYTES, "log.jsonl", NULL);

      const char *event = json_string_value (json_object_get (line, "event"));
      gint last = g_strcmp0 (event, "evaluation") == 0 ? evaluated_step : step;

      if (line && json_integer_value (json_object_get (line, "step")) <= last)
        g_string_append_len (kept, text, (gssize) n_bytes + 1);
    }
  return kept;
}

GlossRunLog *
gloss_run_log_open (const char *path, gint step, gint evaluated_step, gboolean echoes,
                    GError **error)
{
  g_autofree char *text = NULL;
  GlossRunLog *log;
  FILE *file;

  if (g_file_get_contents (path, &text, NULL, NULL))
    {
      g_autoptr (GString) kept = choose_lines (text, step, evaluated_step);

      if (!gloss_atomic_file_write (path, kept->str, kept->len, error))
        return NULL;
    }
  file = fopen (path, "ae");
  if (!file)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  log = g_new (GlossRunLog, 1);
  *log = (GlossRunLog){ file, echoes };
  return log;
}

void
gloss_run_log_free (GlossRunLog *log)
{
  fclose (log->file);
  g_free (log);
}

void
gloss_run_log_write (GlossRunLog *log, json_t *line)
{
  char *text = json_dumps (line, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION (9));

  fprintf (log->file, "%s\n", text);
  fflush (log->file);
  if (log->echoes)
    {
      printf ("%s\n", text);
      fflush (stdout);
    }
  free (text);
  json_decref (line);
}

void
gloss_run_log_read (const char *path, GlossRunLogFunc func, gpointer user_data)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  for (const char *start = text, *end; (end = strchr (start, '\n')); start = end + 1)
    {
      g_autoptr (json_t) line =
          gloss_json_parse (start, (gsize) (end - start), MAX_LINE_BYTES, "log.jsonl", NULL);

      if (line)
        func (line, user_data);
    }
}
