/* What the data page says, without a widget. All text is translated and newly allocated unless it
 * is said otherwise. Any thread. */
#pragma once

#include "dataset/data-report.h"

G_BEGIN_DECLS

/* "space", "Edited captions"; @path NULL: the latter. */
char *gloss_tune_words_make_title (const char *path);

/* "big_vision JSONL · 90 pairs, 10 held out" */
char *gloss_tune_words_summarize (const GlossPairs *pairs);

/* Something that there is to say about the data, with the list of what it is about. */
typedef struct
{
  char *title;       /* owned; with its count */
  const char *words; /* what becomes of it; translated, not to be freed */
  guint n;           /* > 0 */
  GPtrArray *named;  /* owned reference; strings, the first of them */
} GlossTuneFinding;

void gloss_tune_finding_free (GlossTuneFinding *finding);

/* Array of GlossTuneFinding. Either report may be NULL: not known yet. */
GPtrArray *gloss_tune_words_list_findings (const GlossPairs *pairs, const GlossDataReport *lengths,
                                           const GlossDataReport *looks);

/* Title and sentence for data that cannot be used: as @error (or NULL) says, else as @pairs, in
 * which there is none, lets think. @path as above. */
char *gloss_tune_words_get_failure_title (const GlossPairs *pairs, const GError *error);
char *gloss_tune_words_explain_failure (const char *path, const GlossPairs *pairs,
                                        const GError *error);

/* A sentence of warning about data that can be used, or NULL. */
char *gloss_tune_words_warn (const GlossPairs *pairs);

/* "up to 16" tokens, "more than 256", of gloss_data_report_get_limit (); and all of it in words. */
char *gloss_tune_words_name_length (guint index);
char *gloss_tune_words_describe_lengths (const GlossDataReport *report);

G_END_DECLS
