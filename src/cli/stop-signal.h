/* A signal to stop that cancels the work wherever it is. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * From here on SIGINT, SIGTERM and SIGHUP cancel @cancellable instead of ending the program; one
 * that is ignored already stays so. Once in a program's life, from the main thread.
 */
void gloss_stop_signal_catch (GCancellable *cancellable);

/* Ends the program by the signal that has come, as a shell expects; returns when none has. */
void gloss_stop_signal_obey (void);

G_END_DECLS
