/* Random numbers that are the same everywhere for the same seed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 state;
} GlossRandom;

static inline void
gloss_random_init (GlossRandom *random, guint64 seed)
{
  random->state = seed;
}

/* 64 random bits: SplitMix64 (Steele, Lea & Flood, OOPSLA 2014), whose period is 2⁶⁴. */
static inline guint64
gloss_random_next (GlossRandom *random)
{
  guint64 z = random->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Uniform in [0, 1), in steps of 2⁻⁵³. */
static inline double
gloss_random_next_double (GlossRandom *random)
{
  return (double) (gloss_random_next (random) >> 11) * 0x1p-53;
}

G_END_DECLS
