/* The examples of a run. */
#include "train/example-set.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/random.h"

#include <string.h>

static void
clear_example (gpointer data)
{
  GlossTrainExample *example = data;

  g_free (example->image_path);
  g_free (example->prefix);
  g_free (example->suffix);
  g_free (example->ids);
}

GArray *
gloss_example_set_new (void)
{
  GArray *set = g_array_new (FALSE, FALSE, sizeof (GlossTrainExample));

  g_array_set_clear_func (set, clear_example);
  return set;
}

gboolean
gloss_example_set_add (GArray *set, GlossTokenizer *tokenizer, const char *image_path,
                       const char *prefix, const char *suffix, gsize max_ids, gboolean keeps_case,
                       GError **error)
{
  g_autofree char *learnt = keeps_case ? g_strdup (suffix) : g_utf8_strdown (suffix, -1);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  gint32 bos = gloss_tokenizer_get_bos_id (tokenizer), eos = gloss_tokenizer_get_eos_id (tokenizer);
  gsize n_prefix;

  g_array_append_val (ids, bos);
  if (!gloss_tokenizer_encode (tokenizer, prefix, strlen (prefix), ids, error)
      || !gloss_tokenizer_encode (tokenizer, "\n", 1, ids, error))
    return FALSE;
  n_prefix = ids->len;
  if (!gloss_tokenizer_encode (tokenizer, learnt, strlen (learnt), ids, error))
    return FALSE;
  g_array_append_val (ids, eos);
  if (n_prefix >= max_ids)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("the prefix \"%s\" has %zu tokens, which leaves no room for the caption; "
                      "shorten it or allow more than %zu tokens"),
                   prefix, n_prefix, max_ids);
      return FALSE;
    }

  GlossTrainExample example = {
    .image_path = g_strdup (image_path),
    .prefix = g_strdup (prefix),
    .suffix = g_steal_pointer (&learnt),
    .n_ids = MIN (ids->len, max_ids),
    .n_prefix = n_prefix,
  };

  example.ids = g_memdup2 (ids->data, example.n_ids * sizeof (gint32));
  g_array_append_val (set, example);
  return TRUE;
}

GlossSequence
gloss_train_example_get_sequence (const GlossTrainExample *example, guint64 dropout_key)
{
  return (GlossSequence){ example->ids, example->n_ids, example->n_prefix, dropout_key };
}

gsize
gloss_example_order_get (guint *order, gint64 *epoch, gsize n, guint64 seed, guint64 index)
{
  gint64 wanted = (gint64) (index / n);
  GlossRandom random;

  if (*epoch != wanted)
    {
      gloss_random_init (&random, seed);
      gloss_random_init (&random, gloss_random_next (&random) ^ (guint64) wanted);
      for (gsize i = 0; i < n; i++)
        order[i] = (guint) i;
      for (gsize i = n; i > 1; i--)
        {
          gsize j = (gsize) (gloss_random_next_double (&random) * (double) i);
          guint swapped = order[i - 1];

          order[i - 1] = order[j];
          order[j] = swapped;
        }
      *epoch = wanted;
    }
  return order[index % n];
}

char *
gloss_example_set_make_checksum (const GArray *set)
{
  g_autoptr (GChecksum) hash = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < set->len; i++)
    {
      const GlossTrainExample *example = gloss_example_set_get (set, i);

      g_checksum_update (hash, (const guchar *) example->image_path,
                         (gssize) strlen (example->image_path) + 1);
      g_checksum_update (hash, (const guchar *) example->ids,
                         (gssize) (example->n_ids * sizeof (gint32)));
    }
  return g_strdup (g_checksum_get_string (hash));
}
