/* What the curves of a run say in words: what goes wrong, and what to try. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_ADVICE_NOT_FINITE,       /* the loss is no number any more */
  GLOSS_ADVICE_RISES,            /* the loss is higher than it was */
  GLOSS_ADVICE_STUCK,            /* the loss is where it began */
  GLOSS_ADVICE_VALIDATION_RISES, /* held-out pictures fare worse and worse */
  GLOSS_ADVICE_VALIDATION_FLAT,  /* they gain nothing any more */
  GLOSS_ADVICE_ALIKE,            /* the same is said of nearly all pictures */
  GLOSS_N_ADVICE_KINDS,
} GlossAdviceKind;

typedef struct
{
  GlossAdviceKind kind;
  guint step; /* that it is about: the best, or where the loss was no number; else 0 */
  char *text; /* owned; one or two sentences, translated */
} GlossAdvice;

/* After @step steps. */
typedef struct
{
  guint step;
  double loss;
} GlossCurvePoint;

/* A run so far; borrowed. */
typedef struct
{
  const GlossCurvePoint *training; /* by rising steps, as they came, not smoothed */
  guint n_training;
  const GlossCurvePoint *validation; /* of the held-out pictures, from step 0 on */
  guint n_validation;
  double learning_rate; /* the highest */
} GlossCurves;

/* What there is to say, most urgent first: a new array of GlossAdvice, empty when all is well or
 * when it is too early to tell. At most one of each kind. Any thread. */
GPtrArray *gloss_advice_make (const GlossCurves *curves);

/*
 * What there is to say of @n captions, of which @n_most_common are one and the same, where of what
 * people wrote @n_most_common_reference are: new, NULL when all is well.
 */
GlossAdvice *gloss_advice_make_for_captions (guint n, guint n_most_common,
                                             guint n_most_common_reference);
void gloss_advice_free (GlossAdvice *advice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossAdvice, gloss_advice_free)

/* "stuck", for programs. */
const char *gloss_advice_kind_get_name (GlossAdviceKind kind);

G_END_DECLS
