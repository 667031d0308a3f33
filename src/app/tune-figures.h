/* How a fine-tuned model compares with its base, in figures; from the report of a run. */
#pragma once

#include "base/json.h"
#include "train/advice.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TUNE_SAME, /* or too close to tell by the digits that are shown */
  GLOSS_TUNE_BETTER,
  GLOSS_TUNE_WORSE,
} GlossTuneVerdict;

/* All owned. */
typedef struct
{
  char *title;
  char *before; /* the base's value, NULL: unknown */
  char *after;
  char *verdict_words; /* "↓ better", NULL without a value before */
  char *spoken;        /* all of it in one sentence */
  GlossTuneVerdict verdict;
} GlossTuneFigure;

void gloss_tune_figure_free (GlossTuneFigure *figure);

/*
 * Loss, CIDEr, BLEU-4 and identical captions of @report, which gloss_quality_report_make_json ()
 * made: a new array of GlossTuneFigure. What the report does not say is left out. Any thread.
 */
GPtrArray *gloss_tune_figures_make (json_t *report);

/* What there is to say of the captions, as gloss_advice_make_for_captions () says it: new, NULL
 * when all is well. Any thread. */
GlossAdvice *gloss_tune_figures_advise (json_t *report);

G_END_DECLS
