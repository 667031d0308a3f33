/* How the learning rate changes over a run, as big_vision has it. (Cosine: Loshchilov & Hutter,
 * arXiv 1608.03983.) */
#include "train/schedule.h"

#include <math.h>

void
gloss_schedule_init (GlossSchedule *schedule, GlossScheduleKind kind, guint n_steps,
                     double warmup_frac)
{
  guint n_total = n_steps + 1;
  double n_warmup = warmup_frac > 0 ? MAX (1, rint (warmup_frac * n_total)) : 0;

  *schedule = (GlossSchedule){ kind, n_total, (guint) MIN (n_warmup, n_total - 1) };
}

double
gloss_schedule_get (const GlossSchedule *schedule, guint step)
{
  double passed = (double) step - schedule->n_warmup;
  double p = CLAMP (passed / ((double) schedule->n_total - schedule->n_warmup), 0, 1);
  double factor = 1;

  switch (schedule->kind)
    {
    case GLOSS_SCHEDULE_COSINE:
      factor = 0.5 * (1 + cos (G_PI * p));
      break;
    case GLOSS_SCHEDULE_LINEAR:
      factor = 1 - p;
      break;
    case GLOSS_SCHEDULE_CONSTANT:
      break;
    }
  return schedule->n_warmup > 0 ? factor * MIN (1, (double) step / schedule->n_warmup) : factor;
}
