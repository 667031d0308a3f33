/* A few examples one after the other as rows of one matrix. */
#include "train/packed.h"

void
gloss_packed_init (GlossPacked *packed, gsize max_sequences, gsize max_rows)
{
  *packed = (GlossPacked){ 0 };
  packed->sequences = g_new (GlossPackedSequence, max_sequences);
  packed->ids = g_new (gint32, max_rows);
  packed->n_visible = g_new (guint, max_rows);
  packed->keys = g_new (guint64, max_rows);
  packed->targets = g_new (gint32, max_rows);
  packed->weights = g_new (float, max_rows);
}

void
gloss_packed_clear (GlossPacked *packed)
{
  g_clear_pointer (&packed->sequences, g_free);
  g_clear_pointer (&packed->ids, g_free);
  g_clear_pointer (&packed->n_visible, g_free);
  g_clear_pointer (&packed->keys, g_free);
  g_clear_pointer (&packed->targets, g_free);
  g_clear_pointer (&packed->weights, g_free);
}

gsize
gloss_packed_count_rows (const GlossSequence *sequence, gsize n_image_tokens)
{
  return n_image_tokens + sequence->n_ids - 1;
}

void
gloss_packed_fill (GlossPacked *packed, const GlossSequence *sequences, gsize n,
                   gsize n_image_tokens, gsize n_batch)
{
  packed->n_sequences = n;
  packed->n_rows = packed->n_active = 0;
  packed->n_image_tokens = n_image_tokens;
  for (gsize s = 0; s < n; s++)
    {
      const GlossSequence *sequence = &sequences[s];
      gsize n_rows = gloss_packed_count_rows (sequence, n_image_tokens);
      gsize n_given = n_image_tokens + sequence->n_prefix;
      gsize n_active = sequence->n_ids - sequence->n_prefix;

      packed->sequences[s] =
          (GlossPackedSequence){ packed->n_rows, n_rows, packed->n_active, n_active };
      for (gsize row = 0; row < n_rows; row++)
        {
          gsize at = packed->n_rows + row;

          packed->ids[at] = row < n_image_tokens ? -1 : sequence->ids[row - n_image_tokens];
          packed->n_visible[at] = (guint) MAX (n_given, row + 1);
          packed->keys[at] = (sequence->dropout_key << 16) + row;
        }
      for (gsize i = 0; i < n_active; i++)
        {
          packed->targets[packed->n_active + i] = sequence->ids[sequence->n_prefix + i];
          packed->weights[packed->n_active + i] =
              (float) (1 / ((double) n_batch * (double) n_active));
        }
      packed->n_rows += n_rows;
      packed->n_active += n_active;
    }
}
