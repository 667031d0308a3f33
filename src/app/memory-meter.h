/* How much memory something needs, of what there is. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_MEMORY_METER (gloss_memory_meter_get_type ())
G_DECLARE_FINAL_TYPE (GlossMemoryMeter, gloss_memory_meter, GLOSS, MEMORY_METER, GtkWidget)

/* @available_bytes may be G_MAXUINT64, when the system does not tell. Main thread. */
void gloss_memory_meter_show (GlossMemoryMeter *meter, guint64 needed_bytes,
                              guint64 available_bytes);

G_END_DECLS
