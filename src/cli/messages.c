/* What gloss-cli says on standard error. */
#include "cli/messages.h"

#include <stdio.h>
#include <string.h>

char *
gloss_cli_make_safe (const char *text, char replacement)
{
  GString *safe = g_string_new (NULL);

  for (const guchar *p = (const guchar *) text; *p; p++)
    {
      gboolean is_c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;

      g_string_append_c (safe, *p < 0x20 || *p == 0x7f || is_c1 ? replacement : (char) *p);
      p += is_c1;
    }
  return g_string_free (safe, FALSE);
}

/* Bytes as they are: GLib would convert them to the locale's character set and lose names. */
static void
print_safely (const char *text)
{
  g_autofree char *safe = gloss_cli_make_safe (text, '?');

  fputs (safe, stderr);
}

void
gloss_cli_complain (const char *subject, const char *sentence)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", subject ? subject : "");

  fputs ("gloss-cli: ", stderr);
  if (subject && !strstr (sentence, quoted))
    {
      g_autofree char *base = g_path_get_basename (subject);
      g_autofree char *said = g_strconcat (base, ": ", NULL);
      g_autofree char *said_whole = g_strconcat (subject, ": ", NULL);

      print_safely (*subject ? subject : "\"\"");
      fputs (": ", stderr);
      if (g_str_has_prefix (sentence, said_whole))
        sentence += strlen (said_whole);
      else if (g_str_has_prefix (sentence, said))
        sentence += strlen (said);
    }
  print_safely (sentence);
  fputc ('\n', stderr);
}

void
gloss_cli_note (const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list arguments;

  va_start (arguments, format);
  sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  gloss_cli_complain (NULL, sentence);
}
