/*
 * The words of a caption.
 *
 * The rules are those of the Penn Treebank as Stanford's tokenizer applies them: contractions are
 * two words, brackets have names, a period belongs to an abbreviation and else is punctuation.
 * coco-caption then leaves out what is punctuation.
 */
#include "dataset/caption-tokens.h"

#include <string.h>

/* What comes off the end of a word. */
static const char *const clitics[] = { "n't", "'s", "'m", "'d", "'re", "'ve", "'ll" };

/* One word in writing, two in the Treebank: where it is divided. */
static const struct
{
  const char *word;
  gsize n_first;
} joined[] = {
  { "cannot", 3 }, { "gonna", 3 }, { "gotta", 3 }, { "gimme", 3 },
  { "lemme", 3 },  { "wanna", 3 }, { "'tis", 2 },  { "'twas", 2 },
};

/* Keep their period. Those that are words of their own too ("no", "sat") are left out. */
static const char *const abbreviations[] = {
  "st",   "mr",  "mrs", "ms",  "dr",   "jr",  "sr",   "prof", "rev",    "hon",  "gen",   "col",
  "capt", "lt",  "sgt", "maj", "gov",  "sen", "rep",  "pres", "messrs", "mt",   "ft",    "ave",
  "blvd", "rd",  "vs",  "etc", "inc",  "ltd", "corp", "co",   "bros",   "assn", "dept",  "univ",
  "jan",  "feb", "apr", "aug", "sept", "oct", "nov",  "dec",  "mon",    "tues", "thurs", "al",
};

static const struct
{
  gunichar c;
  const char *token;
} brackets[] = {
  { '(', "-lrb-" }, { ')', "-rrb-" }, { '[', "-lsb-" },
  { ']', "-rsb-" }, { '{', "-lcb-" }, { '}', "-rcb-" },
};

static gboolean
is_apostrophe (gunichar c)
{
  return c == '\'' || c == 0x2019;
}

static gboolean
is_dash (gunichar c)
{
  return c == '-' || c == 0x2013 || c == 0x2014;
}

static gboolean
is_word_char (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c) || c == '_';
}

/* A hyphen, an apostrophe or a period inside a word, a comma or a colon inside a number. */
static gboolean
joins (gunichar before, gunichar c, gunichar after)
{
  if (!is_word_char (before) || !is_word_char (after))
    return FALSE;
  if (c == '-' || is_apostrophe (c) || c == '.' || c == '&' || c == '@')
    return TRUE;
  return (c == ',' || c == ':') && g_unichar_isdigit (before) && g_unichar_isdigit (after);
}

static gboolean
is_abbreviation (const char *word, gsize n_bytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (abbreviations); i++)
    {
      if (strlen (abbreviations[i]) == n_bytes && memcmp (word, abbreviations[i], n_bytes) == 0)
        return TRUE;
    }
  /* letters with periods between: u.s., a.m. */
  for (gsize i = 0; i < n_bytes; i++)
    {
      if (i % 2 == 0 ? !g_ascii_isalpha (word[i]) : word[i] != '.')
        return FALSE;
    }
  return n_bytes >= 3 && n_bytes % 2 == 1;
}

static void
add (GPtrArray *tokens, const char *text, gsize n_bytes)
{
  if (n_bytes > 0)
    g_ptr_array_add (tokens, g_strndup (text, n_bytes));
}

/* @word, in lower case and with plain apostrophes, as one token or two. */
static void
add_word (GPtrArray *tokens, const char *word, gsize n_bytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (joined); i++)
    {
      if (strlen (joined[i].word) == n_bytes && memcmp (word, joined[i].word, n_bytes) == 0)
        {
          add (tokens, word, joined[i].n_first);
          add (tokens, word + joined[i].n_first, n_bytes - joined[i].n_first);
          return;
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (clitics); i++)
    {
      gsize n_clitic = strlen (clitics[i]);

      if (n_bytes > n_clitic && memcmp (word + n_bytes - n_clitic, clitics[i], n_clitic) == 0)
        {
          add (tokens, word, n_bytes - n_clitic);
          add (tokens, clitics[i], n_clitic);
          return;
        }
    }
  add (tokens, word, n_bytes);
}

/* Where the word that begins at @text ends. */
static const char *
find_end (const char *text)
{
  const char *end = g_utf8_next_char (text);

  for (;;)
    {
      gunichar before = g_utf8_get_char (g_utf8_prev_char (end));
      gunichar c = g_utf8_get_char (end);
      const char *next = c == 0 ? end : g_utf8_next_char (end);

      if (!is_word_char (c) && (c == 0 || !joins (before, c, g_utf8_get_char (next))))
        return end;
      end = next;
    }
}

/* Adds the word at @text, of which the period behind it may be a part, and returns what follows. */
static const char *
take_word (GPtrArray *tokens, const char *text)
{
  const char *end = find_end (text);
  gsize n_bytes = (gsize) (end - text);

  if (*end == '.' && end[1] != '.' && is_abbreviation (text, n_bytes))
    end++;
  else if (*end == '\'' && n_bytes > 1 && end[-1] == 's')
    {
      /* of many: "the dogs' ball" */
      add_word (tokens, text, n_bytes);
      return end;
    }
  add_word (tokens, text, (gsize) (end - text));
  return end;
}

static const char *
skip (const char *text, const char *set)
{
  return text + strspn (text, set);
}

/* Adds what stands at @text and is no word, unless it is punctuation, and returns what follows. */
static const char *
take_sign (GPtrArray *tokens, const char *text)
{
  gunichar c = g_utf8_get_char (text);
  const char *next = g_utf8_next_char (text);

  for (guint i = 0; i < G_N_ELEMENTS (brackets); i++)
    {
      if (brackets[i].c == c)
        {
          add (tokens, brackets[i].token, strlen (brackets[i].token));
          return next;
        }
    }
  if (c == '?' || c == '!')
    {
      /* several in a row are one token, which is not in coco-caption's list of punctuation */
      const char *end = skip (text, "?!");

      if (end - text > 1)
        add (tokens, text, (gsize) (end - text));
      return end;
    }
  if (c == '/' || c == '*')
    {
      add (tokens, c == '/' ? "\\/" : "\\*", 2);
      return next;
    }
  if (is_dash (c) || is_apostrophe (c) || strchr (".,;:\"`", (int) MIN (c, 127))
      || (c >= 0x2018 && c <= 0x201d) || c == 0x2026)
    return next;
  add (tokens, text, (gsize) (next - text));
  return next;
}

/* In lower case, with the apostrophes and the ampersands that people mean. */
static char *
simplify (const char *caption)
{
  g_autofree char *lower = g_utf8_strdown (caption, -1);
  g_autoptr (GString) simple = g_string_new (lower);

  g_string_replace (simple, "’", "'", 0);
  g_string_replace (simple, "&amp;", "&", 0);
  return g_string_free (g_steal_pointer (&simple), FALSE);
}

char **
gloss_caption_tokens_split (const char *caption)
{
  g_autofree char *simple = simplify (caption);
  GPtrArray *tokens = g_ptr_array_new ();
  const char *text = simple;

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char (text);

      if (g_unichar_isspace (c) || g_unichar_iscntrl (c))
        text = g_utf8_next_char (text);
      else if (is_word_char (c) || g_str_has_prefix (text, "'tis")
               || g_str_has_prefix (text, "'twas"))
        text = take_word (tokens, text);
      else
        text = take_sign (tokens, text);
    }
  g_ptr_array_add (tokens, NULL);
  return (char **) g_ptr_array_free (tokens, FALSE);
}
