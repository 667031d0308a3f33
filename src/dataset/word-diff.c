/* Which words of one text are not those of another. */
#include "dataset/word-diff.h"

#include <string.h>

/* The table of lengths takes the product. */
#define MAX_WORDS 4096

static void
words_clear (gpointer data)
{
  g_free (((GlossWords *) data)->words);
}

static GPtrArray *
split (const char *text)
{
  g_auto (GStrv) parts = g_strsplit_set (text, " \t\r\n", -1);
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (char **part = parts; *part; part++)
    {
      if (**part)
        g_ptr_array_add (words, g_strdup (*part));
    }
  return words;
}

static void
add (GArray *diff, GlossWordsKind kind, const char *word)
{
  GlossWords *last = diff->len > 0 ? &g_array_index (diff, GlossWords, diff->len - 1) : NULL;
  GlossWords next = { kind, NULL };

  if (last && last->kind == kind)
    {
      g_autofree char *before = last->words;

      last->words = g_strconcat (before, " ", word, NULL);
      return;
    }
  next.words = g_strdup (word);
  g_array_append_val (diff, next);
}

/* lengths[i × (n_b + 1) + j]: how many words the rests from @i and @j on have in common. */
static guint16 *
count_common (GPtrArray *a, GPtrArray *b)
{
  gsize stride = b->len + 1;
  guint16 *lengths = g_new0 (guint16, (a->len + 1) * stride);

  for (guint i = a->len; i-- > 0;)
    {
      for (guint j = b->len; j-- > 0;)
        lengths[i * stride + j] =
            strcmp (a->pdata[i], b->pdata[j]) == 0
                ? (guint16) (lengths[(i + 1) * stride + j + 1] + 1)
                : MAX (lengths[(i + 1) * stride + j], lengths[i * stride + j + 1]);
    }
  return lengths;
}

GArray *
gloss_word_diff_make (const char *before, const char *after)
{
  GArray *diff = g_array_new (FALSE, FALSE, sizeof (GlossWords));
  g_autoptr (GPtrArray) a = split (before);
  g_autoptr (GPtrArray) b = split (after);
  gboolean is_small = a->len <= MAX_WORDS && b->len <= MAX_WORDS;
  g_autofree guint16 *lengths = is_small ? count_common (a, b) : NULL;
  gsize stride = b->len + 1;
  guint i = 0, j = 0;

  g_array_set_clear_func (diff, words_clear);
  while (i < a->len || j < b->len)
    {
      if (is_small && i < a->len && j < b->len && strcmp (a->pdata[i], b->pdata[j]) == 0)
        {
          add (diff, GLOSS_WORDS_SAME, a->pdata[i++]);
          j++;
        }
      else if (i < a->len
               && (j == b->len || !is_small
                   || lengths[(i + 1) * stride + j] >= lengths[i * stride + j + 1]))
        add (diff, GLOSS_WORDS_GONE, a->pdata[i++]);
      else
        add (diff, GLOSS_WORDS_NEW, b->pdata[j++]);
    }
  return diff;
}
