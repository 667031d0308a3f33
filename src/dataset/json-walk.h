/* Walking over large JSON text piece by piece, so that never the whole is in memory as a tree. */
#pragma once

#include "base/json.h"

G_BEGIN_DECLS

typedef struct
{
  const char *text;   /* borrowed; what is left */
  const char *end;    /* of it */
  const char *origin; /* borrowed; for messages */
  gsize max_bytes;    /* of a piece */
} GlossJsonWalk;

/* Goes into the object at the beginning of what is left. FALSE with GLOSS_ERROR_FORMAT when there
 * is none. */
gboolean gloss_json_walk_enter (GlossJsonWalk *walk, GError **error);

/* Goes to the next member of that object: a new string, its name. NULL without @error at the end.
 * Its value is to be skipped or walked over before the next call. */
char *gloss_json_walk_next_member (GlossJsonWalk *walk, GError **error);

/* Whether the value that comes is an array, into which this goes then. */
gboolean gloss_json_walk_enter_array (GlossJsonWalk *walk);

/* The next element of that array, a new reference; NULL without @error at its end. Fails as
 * gloss_json_parse () does. */
json_t *gloss_json_walk_next_element (GlossJsonWalk *walk, GError **error);

/* Goes past the value that comes, whatever it is. */
gboolean gloss_json_walk_skip (GlossJsonWalk *walk, GError **error);

G_END_DECLS
