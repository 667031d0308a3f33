/* Any bytes as JSON. */
#include "base/json.h"
#include "fuzz/fuzz.h"

#include <string.h>

#define MAX_BYTES 4000
#define MAX_DEPTH 64

static guint
get_depth (json_t *value)
{
  guint depth = 0;
  const char *key;
  gsize index;
  json_t *child;

  /* Each is called once: a macro such as MAX () would call it twice at each of 64 levels. */
  json_object_foreach (value, key, child)
  {
    guint below = get_depth (child);

    depth = MAX (depth, below);
  }
  json_array_foreach (value, index, child)
  {
    guint below = get_depth (child);

    depth = MAX (depth, below);
  }
  return json_is_object (value) || json_is_array (value) ? depth + 1 : 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  g_autofree char *text = fuzz_copy (data, n_bytes, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) value = gloss_json_parse (text, n_bytes, MAX_BYTES, "input.json", &error);
  g_autoptr (json_t) again = NULL;
  char *dumped;

  if (!value)
    {
      fuzz_assert_error (&error);
      return 0;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (n_bytes, <=, MAX_BYTES);
  g_assert_cmpuint (get_depth (value), <=, MAX_DEPTH);

  /* What was understood, written down, is understood in the same way. */
  dumped = json_dumps (value, JSON_ENCODE_ANY | JSON_COMPACT);
  g_assert_nonnull (dumped);
  g_assert_true (g_utf8_validate (dumped, -1, NULL));
  again = gloss_json_parse (dumped, strlen (dumped), G_MAXSIZE, "dumped", &error);
  g_assert_no_error (error);
  g_assert_true (json_equal (value, again));
  free (dumped);
  return 0;
}
