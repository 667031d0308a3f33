/* How fast something goes on, over the last seconds. */
#include "net/speed.h"

#define MIN_INTERVAL_USEC 200000

void
gloss_speed_add (GlossSpeed *speed, gint64 now_usec, guint64 n_bytes)
{
  guint last = (speed->n_samples + GLOSS_SPEED_N_SAMPLES - 1) % GLOSS_SPEED_N_SAMPLES;
  guint before = (last + GLOSS_SPEED_N_SAMPLES - 1) % GLOSS_SPEED_N_SAMPLES;

  if (speed->n_samples >= 2 && now_usec - speed->usec[before] < MIN_INTERVAL_USEC)
    {
      speed->usec[last] = now_usec;
      speed->n_bytes[last] = n_bytes;
      return;
    }
  speed->usec[speed->n_samples % GLOSS_SPEED_N_SAMPLES] = now_usec;
  speed->n_bytes[speed->n_samples % GLOSS_SPEED_N_SAMPLES] = n_bytes;
  speed->n_samples++;
}

double
gloss_speed_get (const GlossSpeed *speed)
{
  guint n = MIN (speed->n_samples, GLOSS_SPEED_N_SAMPLES);
  guint last = (speed->n_samples + GLOSS_SPEED_N_SAMPLES - 1) % GLOSS_SPEED_N_SAMPLES;
  guint first = (speed->n_samples - n) % GLOSS_SPEED_N_SAMPLES;

  if (n < 2 || speed->usec[last] <= speed->usec[first]
      || speed->n_bytes[last] < speed->n_bytes[first])
    return 0;
  return (double) (speed->n_bytes[last] - speed->n_bytes[first]) * 1e6
         / (double) (speed->usec[last] - speed->usec[first]);
}
