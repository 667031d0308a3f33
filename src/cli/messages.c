/* What gloss-cli says on standard error. */
#include "cli/messages.h"

#include <stdio.h>
#include <string.h>

/* Bytes as they are: GLib would convert them to the locale's character set and lose names. */
static void
print_safely (const char *text)
{
  for (const char *p = text; *p; p++)
    fputc ((guchar) *p < 0x20 || *p == 0x7f ? '?' : *p, stderr);
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
