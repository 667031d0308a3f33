/* Walking over large JSON text. The pieces are parsed strictly; what is between them is checked
 * here, and what is skipped is only looked at for its end. */
#include "dataset/json-walk.h"

#include "base/error.h"
#include "base/i18n.h"

static char
peek (GlossJsonWalk *walk)
{
  while (walk->text < walk->end && g_ascii_isspace (*walk->text))
    walk->text++;
  return walk->text < walk->end ? *walk->text : '\0';
}

static gboolean
take (GlossJsonWalk *walk, char c)
{
  if (peek (walk) != c)
    return FALSE;
  walk->text++;
  return TRUE;
}

static gboolean
refuse (GlossJsonWalk *walk, GError **error)
{
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: the JSON text is damaged, or ends too early"), walk->origin);
  return FALSE;
}

/* Behind the value that begins at the text, or NULL when it does not end. */
static const char *
find_end (GlossJsonWalk *walk)
{
  gsize depth = 0;
  gboolean is_in_string = FALSE;

  peek (walk);
  for (const char *p = walk->text; p < walk->end; p++)
    {
      if (is_in_string)
        {
          if (*p == '\\')
            p++; /* what it escapes is no end */
          else if (*p == '"')
            {
              is_in_string = FALSE;
              if (depth == 0)
                return p + 1;
            }
        }
      else if (*p == '"')
        is_in_string = TRUE;
      else if (*p == '[' || *p == '{')
        depth++;
      else if (*p == ']' || *p == '}')
        {
          if (depth == 0)
            return p;
          if (--depth == 0)
            return p + 1;
        }
      else if (depth == 0 && (*p == ',' || g_ascii_isspace (*p)))
        return p;
    }
  return NULL;
}

static json_t *
take_value (GlossJsonWalk *walk, GError **error)
{
  const char *end = find_end (walk);
  const char *text = walk->text;

  if (!end || end == text)
    {
      refuse (walk, error);
      return NULL;
    }
  walk->text = end;
  return gloss_json_parse (text, (gsize) (end - text), walk->max_bytes, walk->origin, error);
}

gboolean
gloss_json_walk_enter (GlossJsonWalk *walk, GError **error)
{
  return take (walk, '{') || refuse (walk, error);
}

char *
gloss_json_walk_next_member (GlossJsonWalk *walk, GError **error)
{
  g_autoptr (json_t) name = NULL;

  take (walk, ',');
  if (take (walk, '}'))
    return NULL;
  name = take_value (walk, error);
  if (!name)
    return NULL;
  if (!json_is_string (name) || !take (walk, ':'))
    {
      refuse (walk, error);
      return NULL;
    }
  return g_strdup (json_string_value (name));
}

gboolean
gloss_json_walk_enter_array (GlossJsonWalk *walk)
{
  return take (walk, '[');
}

json_t *
gloss_json_walk_next_element (GlossJsonWalk *walk, GError **error)
{
  take (walk, ',');
  return take (walk, ']') ? NULL : take_value (walk, error);
}

gboolean
gloss_json_walk_skip (GlossJsonWalk *walk, GError **error)
{
  const char *end = find_end (walk);

  if (!end || end == walk->text)
    return refuse (walk, error);
  walk->text = end;
  return TRUE;
}
