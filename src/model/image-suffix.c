/* Which files are pictures by their names. */
#include "model/image-suffix.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

gboolean
gloss_image_has_known_suffix (const char *path)
{
  const char *dot = strrchr (path, '.');
  GSList *formats = gdk_pixbuf_get_formats ();
  gboolean is_known = FALSE;

  for (GSList *l = formats; l && dot && !is_known; l = l->next)
    {
      g_auto (GStrv) suffixes = gdk_pixbuf_format_get_extensions (l->data);

      for (guint i = 0; suffixes[i] && !is_known; i++)
        is_known = g_ascii_strcasecmp (suffixes[i], dot + 1) == 0;
    }
  g_slist_free (formats);
  return is_known;
}
