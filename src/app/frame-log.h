/* For measurements: how long the window's frames take. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Where GLOSS_FRAME_LOG names a file in the environment, the window @widget draws without pause
 * from the moment it is on the screen, and the microseconds between one frame and the next are
 * written there, one a line: much more than 1/60 s means that something kept the main thread.
 * Nothing happens without the variable. To be called once, before it is shown. Main thread only.
 */
void gloss_frame_log_start (GtkWidget *widget);

G_END_DECLS
