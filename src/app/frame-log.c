/* How long frames take. */
#include "app/frame-log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>

#define LOG_KEY "gloss-frame-log"

typedef struct
{
  FILE *file; /* owned */
  gint64 last_usec;
} FrameLog;

static void
frame_log_free (FrameLog *log)
{
  fclose (log->file);
  g_free (log);
}

static void
write_frame (GtkWidget *widget)
{
  FrameLog *log = g_object_get_data (G_OBJECT (widget), LOG_KEY);
  gint64 now_usec = g_get_monotonic_time ();

  if (log->last_usec != 0)
    fprintf (log->file, "%" G_GINT64_FORMAT "\n", now_usec - log->last_usec);
  log->last_usec = now_usec;
}

static void
follow_clock (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);

  g_signal_connect_object (clock, "after-paint", G_CALLBACK (write_frame), widget,
                           G_CONNECT_SWAPPED);
  gdk_frame_clock_begin_updating (clock);
}

void
gloss_frame_log_start (GtkWidget *widget)
{
  const char *path = g_getenv ("GLOSS_FRAME_LOG");
  FrameLog *log;
  FILE *file;

  if (!path || !*path)
    return;
  file = g_fopen (path, "we");
  if (!file)
    {
      g_printerr ("gloss: %s: %s\n", path, g_strerror (errno));
      return;
    }
  setvbuf (file, NULL, _IOLBF, 0);
  log = g_new0 (FrameLog, 1);
  log->file = file;
  g_object_set_data_full (G_OBJECT (widget), LOG_KEY, log, (GDestroyNotify) frame_log_free);
  g_signal_connect (widget, "realize", G_CALLBACK (follow_clock), NULL);
}
