/* The reference's tokenisations. */
#include "model/token-cases.h"

#include "support/asserts.h"

#include <jansson.h>

static void
token_case_free (TokenCase *one)
{
  if (one->text)
    g_string_free (one->text, TRUE);
  g_array_unref (one->ids);
  g_string_free (one->decoded, TRUE);
  g_free (one);
}

static GString *
get_string (json_t *value)
{
  return g_string_new_len (json_string_value (value), json_string_length (value));
}

static GString *
get_hex (json_t *value)
{
  const char *hex = json_string_value (value);
  GString *bytes = g_string_new (NULL);

  for (; *hex; hex += 2)
    g_string_append_c (bytes, g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
  return bytes;
}

GPtrArray *
token_cases_load (const char *list)
{
  GPtrArray *cases = g_ptr_array_new_with_free_func ((GDestroyNotify) token_case_free);
  g_autofree char *path = gloss_test_path ("fixtures/text/tokens.json");
  json_t *root = json_load_file (path, JSON_ALLOW_NUL, NULL);
  json_t *entry, *id;
  gsize i, j;

  g_assert_nonnull (root);
  json_array_foreach (json_object_get (root, list), i, entry)
  {
    TokenCase *one = g_new0 (TokenCase, 1);
    json_t *decoded = json_object_get (entry, "decoded");

    if (!decoded)
      one->decoded = get_string (json_object_get (entry, "text"));
    else
      {
        one->decoded = get_string (decoded);
        one->text = json_object_get (entry, "bytes") ? get_hex (json_object_get (entry, "bytes"))
                                                     : get_string (json_object_get (entry, "text"));
      }
    one->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
    json_array_foreach (json_object_get (entry, "ids"), j, id)
    {
      gint32 value = json_integer_value (id);

      g_array_append_val (one->ids, value);
    }
    g_ptr_array_add (cases, one);
  }
  json_decref (root);
  g_assert_cmpuint (cases->len, >, 0);
  return cases;
}

char *
token_cases_model_path (const char *name)
{
  g_autofree char *relative = g_build_filename ("fixtures", "text", name, NULL);

  return gloss_test_path (relative);
}
