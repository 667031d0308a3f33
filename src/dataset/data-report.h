/* What a set of captions is like, before anything is learnt from it. */
#pragma once

#include "dataset/pairs.h"
#include "model/tokenizer.h"

G_BEGIN_DECLS

/* The histogram of lengths: up to 8, 16, 32, 64, 128, 256 tokens, and more. */
#define GLOSS_DATA_N_LENGTHS 7

typedef struct
{
  guint n_pairs;
  guint n_pictures; /* different files */
  guint n_held_out; /* pairs */

  guint max_tokens;                    /* that were asked about */
  guint lengths[GLOSS_DATA_N_LENGTHS]; /* pairs by tokens: bos, prompt, newline, caption, eos */
  guint n_too_long;                    /* pairs with more than max_tokens */
  GPtrArray *too_long;                 /* owned; the first of them: "picture: 150 tokens" */
  double mean_tokens;

  GPtrArray *alike;    /* owned; "caption: 12 times", those that most pairs have first */
  guint n_alike;       /* pairs whose caption another picture has too, letter by letter */
  char *most_common;   /* owned; the caption that most pairs have, NULL: all are different */
  guint n_most_common; /* how many have it */

  gboolean has_looked;      /* at the pictures themselves */
  guint n_unreadable;       /* files that cannot be decoded */
  GPtrArray *unreadable;    /* owned; why, the first of them */
  guint n_same_pictures;    /* files whose bytes another file has too */
  GPtrArray *same_pictures; /* owned; "this is that", the first of them */
} GlossDataReport;

/* How many pictures have been looked at. */
typedef void (*GlossDataReportFunc) (guint n_done, guint n_all, gpointer user_data);

/*
 * Looks at @pairs, as text for a model with @tokenizer (NULL: nothing is told of lengths);
 * @default_prefix is the prompt of those that name none. With @looks_at_pictures each is read and decoded, which takes its time: @func (or
 * NULL) hears of it. NULL with G_IO_ERROR_CANCELLED, or as the tokenizer fails. Any thread.
 */
GlossDataReport *gloss_data_report_new (const GlossPairs *pairs, GlossTokenizer *tokenizer,
                                        const char *default_prefix, guint max_tokens,
                                        gboolean looks_at_pictures, GCancellable *cancellable,
                                        GlossDataReportFunc func, gpointer user_data,
                                        GError **error);
void gloss_data_report_free (GlossDataReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossDataReport, gloss_data_report_free)

/* The most tokens of length @index; 0: there is no most. */
guint gloss_data_report_get_limit (guint index);

G_END_DECLS
