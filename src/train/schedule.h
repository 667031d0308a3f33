/* How the learning rate changes over a run. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_SCHEDULE_COSINE,
  GLOSS_SCHEDULE_LINEAR,
  GLOSS_SCHEDULE_CONSTANT,
} GlossScheduleKind;

typedef struct
{
  GlossScheduleKind kind;
  guint n_total;  /* steps from the beginning to 0 */
  guint n_warmup; /* steps of a rise from 0, which multiplies the rest; less than n_total */
} GlossSchedule;

/* The notebook's schedule over @n_steps steps, numbered from 1: it would reach 0 one step later.
 * A warm-up of @warmup_frac of that, rounded to even where two are as near, and at least 1 step
 * unless it is 0. Any thread. */
void gloss_schedule_init (GlossSchedule *schedule, GlossScheduleKind kind, guint n_steps,
                          double warmup_frac);

/* By what the learning rate is multiplied in @step, from 0 to 1. Any thread. */
double gloss_schedule_get (const GlossSchedule *schedule, guint step);

G_END_DECLS
