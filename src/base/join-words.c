/* "a, b and c". */
#include "base/join-words.h"

#include "base/i18n.h"

char *
gloss_join_words (const char *const *words, guint n_words, GlossJoin join)
{
  g_autofree char *before = g_strdup (n_words > 0 ? words[0] : "");

  if (n_words < 2)
    return g_steal_pointer (&before);
  for (guint i = 1; i + 1 < n_words; i++)
    {
      g_autofree char *shorter = g_steal_pointer (&before);

      /* Translators: the words of a list up to here, and one that is not the last */
      before = g_strdup_printf (C_ ("list", "%s, %s"), shorter, words[i]);
    }
  switch (join)
    {
    case GLOSS_JOIN_AND:
      /* Translators: the words of a list, and its last one */
      return g_strdup_printf (C_ ("list", "%s and %s"), before, words[n_words - 1]);
    case GLOSS_JOIN_OR:
      /* Translators: the words of a list, and its last one */
      return g_strdup_printf (C_ ("list", "%s or %s"), before, words[n_words - 1]);
    }
  g_assert_not_reached ();
}
