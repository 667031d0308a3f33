/* The examples of a run: pictures and what is to be said of them, as ids. */
#pragma once

#include "model/tokenizer.h"
#include "train/packed.h"

G_BEGIN_DECLS

/* All owned. */
typedef struct
{
  char *image_path;
  char *prefix;
  char *suffix; /* as it is learnt */
  gint32 *ids;
  gsize n_ids;
  gsize n_prefix;
} GlossTrainExample;

/* Of GlossTrainExample, which it frees. */
GArray *gloss_example_set_new (void);

/*
 * Appends an example: bos, @prefix, newline, @suffix and EOS, at most @max_ids of them, so that a
 * long suffix loses its end and EOS. A suffix is learnt in lower case unless @keeps_case. Fails
 * with GLOSS_ERROR_TOO_LARGE when not one id of the suffix has room, or as the tokenizer does. Any
 * thread.
 */
gboolean gloss_example_set_add (GArray *set, GlossTokenizer *tokenizer, const char *image_path,
                                const char *prefix, const char *suffix, gsize max_ids,
                                gboolean keeps_case, GError **error);

static inline const GlossTrainExample *
gloss_example_set_get (const GArray *set, gsize index)
{
  return &g_array_index (set, GlossTrainExample, index);
}

/* Its ids; @dropout_key names it in its step. */
GlossSequence gloss_train_example_get_sequence (const GlossTrainExample *example,
                                                guint64 dropout_key);

/* Which example comes as number @index of an endless stream: each time through the set of
 * @n examples in another order, which @seed decides. @order is scratch of n numbers that holds the
 * order of one time through, *@epoch which one, −1: none. */
gsize gloss_example_order_get (guint *order, gint64 *epoch, gsize n, guint64 seed, guint64 index);

/* What tells one set from another: a checksum of paths and ids, newly allocated. */
char *gloss_example_set_make_checksum (const GArray *set);

G_END_DECLS
