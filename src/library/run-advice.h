/* What there is to say about a run of fine-tuning while it goes on, each thing once. */
#pragma once

#include "train/advice.h"
#include "train/trainer.h"

G_BEGIN_DECLS

typedef struct _GlossRunAdvice GlossRunAdvice;

GlossRunAdvice *gloss_run_advice_new (double learning_rate, guint n_steps);
void gloss_run_advice_free (GlossRunAdvice *advice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossRunAdvice, gloss_run_advice_free)

/* Takes up what log.jsonl @path has of a run that goes on; nothing where there is none. */
void gloss_run_advice_read_log (GlossRunAdvice *advice, const char *path);

/*
 * Notes a step, or how held-out pictures fare. A new array of GlossAdvice with what is new to say,
 * mostly empty; curves are looked at some fifty times in a run, at steps that depend on its length
 * alone, so that a run that goes on hears the same.
 */
GPtrArray *gloss_run_advice_note_step (GlossRunAdvice *advice, guint step, double loss);
GPtrArray *gloss_run_advice_note_evaluation (GlossRunAdvice *advice,
                                             const GlossTrainEvaluation *evaluation);

/* All that is to be said of the run as it is now, told before or not. */
GPtrArray *gloss_run_advice_list (GlossRunAdvice *advice);

G_END_DECLS
