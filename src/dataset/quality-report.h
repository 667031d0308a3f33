/* What was found out about captions, as files for other programs and for people. */
#pragma once

#include "base/json.h"
#include "dataset/quality.h"

G_BEGIN_DECLS

/* One model or two on the same pictures; all borrowed. */
typedef struct
{
  const GlossQuality *quality;
  const char *model;        /* its name, to show */
  const GlossQuality *base; /* of the same pairs with the same options; NULL: none */
  const char *base_model;
  const char *data;        /* where the pictures come from, to show */
  const char *const *said; /* sentences of advice, NULL-terminated; NULL: none */
} GlossQualityReport;

/* Everything: "model" and, with a base, "base" with their scores, "pictures" worst first. A new
 * reference. Any thread. */
json_t *gloss_quality_report_make_json (const GlossQualityReport *report);

/*
 * A page of HTML in one piece, for light and dark: the scores, and each picture, worst first, small
 * and with its captions, of which the words that differ are marked. Reads the pictures again; of
 * one that is gone only the words are there. A new string, NULL with G_IO_ERROR_CANCELLED. Any
 * thread.
 */
char *gloss_quality_report_make_html (const GlossQualityReport *report, GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
