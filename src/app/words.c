/* Text operations on captions. */
#include "app/words.h"

#include <string.h>

/* The length of a code at the beginning of @text, "<loc0123>" or "<seg045>", or 0. */
static gsize
match_code (const char *text)
{
  gsize n_digits = g_str_has_prefix (text, "<loc") ? 4 : g_str_has_prefix (text, "<seg") ? 3 : 0;

  if (n_digits == 0)
    return 0;
  for (gsize i = 0; i < n_digits; i++)
    {
      if (!g_ascii_isdigit (text[4 + i]))
        return 0;
    }
  return text[4 + n_digits] == '>' ? n_digits + 5 : 0;
}

gboolean
gloss_words_find_codes (const char *raw, gsize *out_start, gsize *out_end)
{
  const char *start = raw, *end;
  gsize n;

  while ((start = strchr (start, '<')) && match_code (start) == 0)
    start++;
  if (!start)
    return FALSE;
  end = start;
  while ((n = match_code (end)) > 0)
    {
      end += n;
      while (*end == ' ')
        end++;
    }
  *out_start = (gsize) (start - raw);
  *out_end = (gsize) (end - raw);
  return TRUE;
}

char *
gloss_words_strip_codes (const char *raw)
{
  GString *words = g_string_new (NULL);
  gsize start, end;

  while (gloss_words_find_codes (raw, &start, &end))
    {
      g_string_append_len (words, raw, (gssize) start);
      raw += end;
    }
  g_string_append (words, raw);
  return g_strstrip (g_string_free (words, FALSE));
}

/* Line breaks and tabs become spaces: an attribute and a link's text are one line. */
static char *
make_one_line (const char *words)
{
  char *line = g_strstrip (g_strdup (words));

  return g_strdelimit (line, "\n\r\t", ' ');
}

char *
gloss_words_to_html (const char *words)
{
  g_autofree char *line = make_one_line (words);
  GString *html = g_string_new ("alt=\"");

  for (const char *p = line; *p; p++)
    {
      if (*p == '&')
        g_string_append (html, "&amp;");
      else if (*p == '"')
        g_string_append (html, "&quot;");
      else if (*p == '<')
        g_string_append (html, "&lt;");
      else if (*p == '>')
        g_string_append (html, "&gt;");
      else
        g_string_append_c (html, *p);
    }
  g_string_append_c (html, '"');
  return g_string_free (html, FALSE);
}

char *
gloss_words_to_markdown (const char *words, const char *name)
{
  g_autofree char *line = make_one_line (words);
  g_autofree char *escaped_name = g_uri_escape_string (name, NULL, FALSE);
  GString *markdown = g_string_new ("![");

  for (const char *p = line; *p; p++)
    {
      if (strchr ("\\`*_[]<>!", *p))
        g_string_append_c (markdown, '\\');
      g_string_append_c (markdown, *p);
    }
  g_string_append_printf (markdown, "](%s)", escaped_name);
  return g_string_free (markdown, FALSE);
}

GlossAltLength
gloss_words_judge_length (glong n_chars)
{
  if (n_chars > GLOSS_ALT_TOO_LONG_CHARS)
    return GLOSS_ALT_TOO_LONG;
  return n_chars > GLOSS_ALT_LONG_CHARS ? GLOSS_ALT_LONG : GLOSS_ALT_GOOD;
}
