/* What gloss-cli eval found out, as a table. */
#pragma once

#include "dataset/quality-report.h"

G_BEGIN_DECLS

/* Prints @report on standard output: the scores, and the pictures with the highest loss. */
void gloss_eval_print (const GlossQualityReport *report);

G_END_DECLS
