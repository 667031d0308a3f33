/* How fast something goes on, over the last seconds. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GLOSS_SPEED_N_SAMPLES 32

/* All zero is a good beginning. */
typedef struct
{
  gint64 usec[GLOSS_SPEED_N_SAMPLES]; /* when, a ring */
  guint64 n_bytes[GLOSS_SPEED_N_SAMPLES];
  guint n_samples; /* ever taken */
} GlossSpeed;

/* Notes that @n_bytes are there at the time @now_usec; samples nearer than 0.2 s replace the last.
 */
void gloss_speed_add (GlossSpeed *speed, gint64 now_usec, guint64 n_bytes);

/* Bytes per second over at most the last six; 0 as long as there is no telling. */
double gloss_speed_get (const GlossSpeed *speed);

G_END_DECLS
