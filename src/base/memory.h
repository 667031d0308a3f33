/* How much memory this process could still get. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Bytes that can be taken without swapping: what the kernel reckons available, and no more than the
 * limit of the control group leaves; pages of files count as free, since they can be dropped.
 * G_MAXUINT64 when the system does not tell. Any thread.
 */
guint64 gloss_memory_get_available_bytes (void);

G_END_DECLS
