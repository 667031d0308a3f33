/* How much memory this process could still get. */
#include "base/memory.h"

#include <string.h>

/* The number after @key in the lines of the file @path; FALSE when there is none. */
static gboolean
read_number (const char *path, const char *key, guint64 *out)
{
  g_autofree char *text = NULL;
  const char *found;
  char *end;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  found = *key ? strstr (text, key) : text;
  if (!found)
    return FALSE;
  found += strlen (key);
  *out = g_ascii_strtoull (found, &end, 10);
  return end != found;
}

guint64
gloss_memory_get_available_bytes (void)
{
  guint64 available_kib, limit, used, cached, available = G_MAXUINT64;

  if (read_number ("/proc/meminfo", "MemAvailable:", &available_kib))
    available = available_kib * 1024;
  /* inside a container its own group is mounted here; "max" is not a number */
  if (read_number ("/sys/fs/cgroup/memory.max", "", &limit)
      && read_number ("/sys/fs/cgroup/memory.current", "", &used)
      && read_number ("/sys/fs/cgroup/memory.stat", "\nfile ", &cached))
    {
      used -= MIN (used, cached);
      available = MIN (available, limit - MIN (limit, used));
    }
  return available;
}
