/* Strict JSON from outside: size and depth capped, duplicate keys refused. */
#include "base/json.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/mapped-file.h"

#define MAX_DEPTH 64

/*
 * The line on which @text is first nested deeper than MAX_DEPTH, or 0. jansson recurses once per
 * level and allows 2048 of them, so this asks before it begins. Up to the first syntax error both
 * agree on what is inside a string, and jansson reads no further than that.
 */
static gsize
find_line_too_deep (const char *text, gsize n_bytes)
{
  gsize line = 1;
  guint depth = 0;
  gboolean is_in_string = FALSE;
  gboolean is_escaped = FALSE;

  for (gsize i = 0; i < n_bytes; i++)
    {
      char c = text[i];

      if (c == '\n')
        line++;
      if (is_escaped)
        is_escaped = FALSE;
      else if (is_in_string)
        {
          is_escaped = c == '\\';
          is_in_string = c != '"';
        }
      else if (c == '"')
        is_in_string = TRUE;
      else if (c == '[' || c == '{')
        {
          if (++depth > MAX_DEPTH)
            return line;
        }
      else if ((c == ']' || c == '}') && depth > 0)
        depth--;
    }
  return 0;
}

json_t *
gloss_json_parse (const char *text, gsize n_bytes, gsize max_bytes, const char *origin,
                  GError **error)
{
  g_autofree char *reason = NULL;
  json_error_t failure;
  json_t *value;
  gsize line;

  g_return_val_if_fail (text != NULL && origin != NULL, NULL);

  if (n_bytes > max_bytes)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: the JSON text has %zu bytes, expected at most %zu"), origin, n_bytes,
                   max_bytes);
      return NULL;
    }

  line = find_line_too_deep (text, n_bytes);
  if (line > 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: line %zu is nested %d levels deep, expected at most %d"), origin, line,
                   MAX_DEPTH + 1, MAX_DEPTH);
      return NULL;
    }

  value = json_loadb (text, n_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &failure);
  if (value)
    return value;

  if (json_error_code (&failure) == json_error_out_of_memory)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: there is not enough memory for the JSON text of %zu bytes"), origin,
                   n_bytes);
      return NULL;
    }
  /* jansson quotes what it stopped at, perhaps up to the middle of a character. */
  reason = g_utf8_make_valid (failure.text, -1);
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: line %d is not valid JSON: %s"),
               origin, failure.line, reason);
  return NULL;
}

json_t *
gloss_json_load (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GlossMappedFile) file = NULL;
  g_autoptr (json_t) value = NULL;
  g_autofree char *origin = NULL;
  gsize n_bytes;

  g_return_val_if_fail (path != NULL, NULL);

  file = gloss_mapped_file_open (path, error);
  if (!file)
    return NULL;

  origin = g_filename_display_basename (path);
  n_bytes = gloss_mapped_file_get_size_bytes (file);
  value = gloss_json_parse ((const char *) gloss_mapped_file_get_data (file), n_bytes, max_bytes,
                            origin, error);
  if (!value || !gloss_mapped_file_check (file, error))
    return NULL;
  return g_steal_pointer (&value);
}
