/* A few examples one after the other as rows of one matrix, without padding between them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The text of an example: bos, prefix and newline, then what is to be learnt, EOS included unless
 * it was cut off. A view. */
typedef struct
{
  const gint32 *ids;
  gsize n_ids;
  gsize n_prefix;      /* 1 … n_ids − 1 of them are given */
  guint64 dropout_key; /* names the example in its step */
} GlossSequence;

/*
 * Where an example lies. Its rows are the image tokens and all ids but the last; the last
 * @n_active of them predict the ids behind the prefix, and only they reach the loss.
 */
typedef struct
{
  gsize first_row;
  gsize n_rows;
  gsize first_active; /* among the active rows of all examples, which are kept together too */
  gsize n_active;
} GlossPackedSequence;

typedef struct
{
  gsize n_sequences;
  gsize n_rows;
  gsize n_active;
  gsize n_image_tokens;

  /* owned */
  GlossPackedSequence *sequences;
  gint32 *ids;      /* [n_rows]; −1 for image tokens */
  guint *n_visible; /* [n_rows]: how many rows of its own example each sees */
  guint64 *keys;    /* [n_rows], for dropout */
  gint32 *targets;  /* [n_active] */
  float
      *weights; /* [n_active]: of each row's loss in the mean over examples of the mean over ids */
} GlossPacked;

/* Room for that many of each. Any thread. */
void gloss_packed_init (GlossPacked *packed, gsize max_sequences, gsize max_rows);
void gloss_packed_clear (GlossPacked *packed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossPacked, gloss_packed_clear)

/* How many rows a sequence takes. */
gsize gloss_packed_count_rows (const GlossSequence *sequence, gsize n_image_tokens);

/* Lays out sequences[n], for a loss that is the mean over @n_batch examples. Allocates nothing. */
void gloss_packed_fill (GlossPacked *packed, const GlossSequence *sequences, gsize n,
                        gsize n_image_tokens, gsize n_batch);

G_END_DECLS
