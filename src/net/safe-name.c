/* Names of files that came from elsewhere. */
#include "net/safe-name.h"

#include "base/i18n.h"

#include <string.h>

#define MAX_NAME_BYTES 1024
#define MAX_PART_BYTES 200
#define MAX_DEPTH 16

const char *
gloss_safe_name_find_fault (const char *name)
{
  guint depth = 0;

  if (!name || !*name || strlen (name) > MAX_NAME_BYTES || !g_utf8_validate (name, -1, NULL))
    return N_ ("has no name that can be used");
  if (name[0] == '/')
    return N_ ("has an absolute name");
  for (const char *p = name; *p; p++)
    {
      if ((guchar) *p < 0x20 || *p == 0x7f || *p == '\\')
        return N_ ("has a name with a backslash or a control character");
    }
  for (const char *part = name; part;)
    {
      gsize n_bytes = strcspn (part, "/");
      gboolean is_empty = n_bytes == 0 || (n_bytes == 1 && part[0] == '.');

      if (n_bytes == 2 && strncmp (part, "..", 2) == 0)
        return N_ ("leads out of its folder");
      if (n_bytes > MAX_PART_BYTES || (!is_empty && ++depth > MAX_DEPTH))
        return N_ ("has too long a name, or lies too deep");
      part = part[n_bytes] ? part + n_bytes + 1 : NULL;
    }
  return NULL;
}
