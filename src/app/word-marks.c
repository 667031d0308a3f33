/* What changed from one caption to another, to be seen and to be heard. */
#include "app/word-marks.h"

#include <glib/gi18n.h>

char *
gloss_word_marks_make_markup (const GArray *diff, GlossWordsKind side)
{
  GString *markup = g_string_new (NULL);

  for (guint i = 0; i < diff->len; i++)
    {
      const GlossWords *words = gloss_word_diff_get (diff, i);
      g_autofree char *escaped = g_markup_escape_text (words->words, -1);

      if (words->kind != GLOSS_WORDS_SAME && words->kind != side)
        continue;
      if (markup->len > 0)
        g_string_append_c (markup, ' ');
      if (words->kind == GLOSS_WORDS_GONE)
        g_string_append_printf (markup, "<s>%s</s>", escaped);
      else if (words->kind == GLOSS_WORDS_NEW)
        g_string_append_printf (markup, "<b><u>%s</u></b>", escaped);
      else
        g_string_append (markup, escaped);
    }
  return g_string_free (markup, FALSE);
}

char *
gloss_word_marks_describe (const GArray *diff)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < diff->len; i++)
    {
      const GlossWords *words = gloss_word_diff_get (diff, i);

      if (words->kind == GLOSS_WORDS_SAME)
        continue;
      if (text->len > 0)
        g_string_append (text, "; ");
      g_string_append_printf (
          text, words->kind == GLOSS_WORDS_GONE ? _ ("gone: “%s”") : _ ("new: “%s”"), words->words);
    }
  if (text->len == 0)
    g_string_append (text, _ ("the same words"));
  return g_string_free (text, FALSE);
}
