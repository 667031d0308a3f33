/* How often runs of words stand in a text. */
#include "dataset/ngrams.h"

GHashTable *
gloss_ngrams_count (const char *const *tokens, guint n)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n_tokens = g_strv_length ((char **) tokens);

  for (guint i = 0; i + n <= n_tokens; i++)
    {
      GString *key = g_string_new (tokens[i]);

      /* no token has a space */
      for (guint j = 1; j < n; j++)
        g_string_append_printf (key, " %s", tokens[i + j]);
      g_hash_table_replace (
          counts, key->str,
          GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, key->str)) + 1));
      g_string_free (key, FALSE);
    }
  return counts;
}
