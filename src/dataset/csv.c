/* Tables in text. */
#include "dataset/csv.h"

#include <string.h>

void
gloss_csv_init (GlossCsv *csv, const char *text, gsize n_bytes)
{
  static const char delimiters[] = { ',', ';', '\t' };
  guint counts[G_N_ELEMENTS (delimiters)] = { 0 };
  guint best = 0;

  *csv = (GlossCsv){ .text = text, .end = text + n_bytes, .line = 1 };
  if (n_bytes >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    csv->text += 3;
  for (const char *p = csv->text; p < csv->end && *p != '\n'; p++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (delimiters); i++)
        counts[i] += *p == delimiters[i];
    }
  for (guint i = 1; i < G_N_ELEMENTS (delimiters); i++)
    best = counts[i] > counts[best] ? i : best;
  csv->delimiter = delimiters[best];
}

/* Appends the field at the beginning of the text, up to its delimiter or the end of its line. */
static void
take_field (GlossCsv *csv, GString *field, const char *limit)
{
  gboolean is_quoted = csv->text < csv->end && *csv->text == '"';

  csv->text += is_quoted;
  while (csv->text < limit)
    {
      char c = *csv->text;

      if (is_quoted && c == '"')
        {
          csv->text++;
          /* two are one that is meant */
          if (csv->text < limit && *csv->text == '"')
            g_string_append_c (field, *csv->text++);
          else
            is_quoted = FALSE;
          continue;
        }
      if (!is_quoted && (c == csv->delimiter || c == '\n' || c == '\r'))
        return;
      csv->line += c == '\n';
      g_string_append_c (field, c);
      csv->text++;
    }
}

static void
skip_line (GlossCsv *csv)
{
  const char *newline = memchr (csv->text, '\n', (gsize) (csv->end - csv->text));

  csv->text = newline ? newline + 1 : csv->end;
  csv->line += newline != NULL;
}

/* Whether there is another field in the row; goes behind what divides them. */
static gboolean
go_on (GlossCsv *csv)
{
  if (csv->text < csv->end && *csv->text == csv->delimiter)
    {
      csv->text++;
      return TRUE;
    }
  if (csv->text < csv->end && *csv->text == '\r')
    csv->text++;
  if (csv->text < csv->end && *csv->text == '\n')
    {
      csv->text++;
      csv->line++;
    }
  return FALSE;
}

static char **
take_row (GlossCsv *csv, gsize max_bytes, gboolean *is_damaged)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  const char *limit = csv->text + MIN (max_bytes, (gsize) (csv->end - csv->text));
  gboolean has_more;

  do
    {
      g_autoptr (GString) field = g_string_new (NULL);

      take_field (csv, field, limit);
      *is_damaged = *is_damaged || !g_utf8_validate_len (field->str, field->len, NULL);
      g_ptr_array_add (fields, g_string_free (g_steal_pointer (&field), FALSE));
      has_more = go_on (csv);
    }
  while (has_more && csv->text < limit);
  /* a row that ends just there is whole */
  if (csv->text >= limit && limit < csv->end && (has_more || csv->text[-1] != '\n'))
    {
      *is_damaged = TRUE;
      skip_line (csv);
    }
  g_ptr_array_add (fields, NULL);
  return g_strdupv ((char **) fields->pdata);
}

char **
gloss_csv_next (GlossCsv *csv, gsize max_bytes, guint *line, gboolean *is_damaged)
{
  while (csv->text < csv->end)
    {
      g_auto (GStrv) row = NULL;

      *is_damaged = FALSE;
      *line = csv->line;
      row = take_row (csv, max_bytes, is_damaged);
      for (guint i = 0; row[i]; i++)
        {
          if (*row[i] != '\0' || *is_damaged)
            return g_steal_pointer (&row);
        }
    }
  return NULL;
}
