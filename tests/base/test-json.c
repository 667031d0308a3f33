/* Strict JSON: what is read, and every refusal. */
#include "base/error.h"
#include "base/json.h"
#include "support/asserts.h"

#include <string.h>
#include <sys/stat.h>

static json_t *
parse (const char *text, GError **error)
{
  return gloss_json_parse (text, strlen (text), 1000000, "config.json", error);
}

static void
assert_refused (const char *text, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (text, &error));
  g_assert_true (g_str_has_prefix (error->message, "config.json: "));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, part);
}

static void
test_parse_should_read_any_value (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) object = parse ("{\"a\": [1, 2.5, \"ü\"], \"b\": null} \n", &error);
  g_autoptr (json_t) number = parse ("17", &error);

  g_assert_no_error (error);
  g_assert_cmpint (json_array_size (json_object_get (object, "a")), ==, 3);
  g_assert_cmpstr (json_string_value (json_array_get (json_object_get (object, "a"), 2)), ==, "ü");
  g_assert_true (json_is_null (json_object_get (object, "b")));
  g_assert_cmpint (json_integer_value (number), ==, 17);
}

static void
test_parse_should_stop_at_the_given_length (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) value = gloss_json_parse ("[1]]]]", 3, 3, "config.json", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (json_array_size (value), ==, 1);
}

static void
test_parse_should_refuse_wrong_syntax_with_the_line (void)
{
  assert_refused ("", "line 1 is not valid JSON");
  assert_refused ("{\n\"a\": 1,\n}", "line 3 is not valid JSON");
  assert_refused ("[1] 2", "line 1 is not valid JSON");
  assert_refused ("{\"a\": 1", "line 1");
  assert_refused ("[1, NaN]", "line 1");
  assert_refused ("[\"a\nb\"]", "not valid JSON");
  assert_refused ("]", "line 1");
  assert_refused ("[\n\n99999999999999999999]", "line 3");
  assert_refused ("[\"\\u0000\"]", "line 1");
  assert_refused ("[\"\xff\"]", "line 1");
}

static void
test_parse_should_refuse_duplicate_keys (void)
{
  assert_refused ("{\"a\": 1,\n\"b\": {\"c\": 1},\n\"a\": 2}",
                  "line 3 is not valid JSON: duplicate");
  assert_refused ("{\"a\": 1, \"\\u0061\": 2}", "duplicate");
}

static void
test_parse_should_keep_messages_readable (void)
{
  g_autoptr (GString) text = g_string_new ("{\"");
  g_autoptr (GError) error = NULL;

  /* jansson quotes what it stumbled over: at no length in the middle of a character. */
  for (guint n_first = 0; n_first < 100; n_first++)
    {
      g_string_assign (text, "{\"");
      for (guint i = 0; i < n_first; i++)
        g_string_append_c (text, 'a');
      for (guint i = 0; i < n_first % 50; i++)
        g_string_append (text, "\xf0\x9f\x8c\x8a");
      for (gsize length = 1; length <= text->len; length++)
        {
          g_assert_null (gloss_json_parse (text->str, length, 10000, "config.json", &error));
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          g_clear_error (&error);
        }
    }
}

static char *
nest (guint depth, const char *inside)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, i % 2 ? "{\"a\":" : "\n[");
  g_string_append (text, inside);
  for (guint i = depth; i > 0; i--)
    g_string_append_c (text, i % 2 ? ']' : '}');
  return g_string_free (text, FALSE);
}

static void
test_parse_should_cap_the_depth (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *deepest = nest (64, "1");
  g_autofree char *too_deep = nest (65, "1");
  g_autofree char *much_too_deep = nest (200000, "1");
  g_autofree char *texts = nest (64, "\"[[[[\\\"[[[{{{\\\\\"");
  g_autoptr (json_t) value = parse (deepest, &error);
  g_autoptr (json_t) other = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (value);
  other = parse (texts, &error);
  g_assert_no_error (error);
  g_assert_nonnull (other);
  assert_refused (too_deep, "line 34 is nested 65 levels deep, expected at most 64");
  assert_refused (much_too_deep, "line 34 is nested 65 levels deep");
}

static void
test_parse_should_count_depth_and_not_brackets (void)
{
  g_autoptr (GString) text = g_string_new ("[[]");
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) value = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, ",[{}]");
  g_string_append (text, "]");
  value = parse (text->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_size (value), ==, 1001);
}

static void
test_parse_should_cap_the_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) value = gloss_json_parse ("[1, 2]", 6, 6, "config.json", &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  g_assert_null (gloss_json_parse ("[1, 2]", 6, 5, "config.json", &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           "config.json: the JSON text has 6 bytes, expected at most 5");
}

static void
test_load_should_read_a_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = gloss_test_path ("fixtures/paligemma1/hf/config.json");
  g_autoptr (json_t) value = gloss_json_load (path, 1000000, &error);

  g_assert_no_error (error);
  g_assert_true (json_is_object (json_object_get (value, "text_config")));
}

static void
test_load_should_refuse_what_it_cannot_read (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "broken.json", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_json_load (path, 100, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "broken.json: cannot be opened");

  g_assert_true (g_file_set_contents (path, "[1,\n2,\n3", -1, NULL));
  g_assert_null (gloss_json_load (path, 100, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "broken.json: line 3 is");
  g_assert_null (gloss_json_load (path, 7, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                           "broken.json: the JSON text has 8 bytes, expected at most 7");

  g_assert_null (gloss_json_load (folder, 100, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, "is not a regular file");

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (gloss_json_load (pipe, 100, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           "pipe.json: is not a regular file");
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/json/parse-should-read-any-value", test_parse_should_read_any_value);
  g_test_add_func ("/base/json/parse-should-stop-at-the-given-length",
                   test_parse_should_stop_at_the_given_length);
  g_test_add_func ("/base/json/parse-should-refuse-wrong-syntax-with-the-line",
                   test_parse_should_refuse_wrong_syntax_with_the_line);
  g_test_add_func ("/base/json/parse-should-refuse-duplicate-keys",
                   test_parse_should_refuse_duplicate_keys);
  g_test_add_func ("/base/json/parse-should-keep-messages-readable",
                   test_parse_should_keep_messages_readable);
  g_test_add_func ("/base/json/parse-should-cap-the-depth", test_parse_should_cap_the_depth);
  g_test_add_func ("/base/json/parse-should-count-depth-and-not-brackets",
                   test_parse_should_count_depth_and_not_brackets);
  g_test_add_func ("/base/json/parse-should-cap-the-size", test_parse_should_cap_the_size);
  g_test_add_func ("/base/json/load-should-read-a-file", test_load_should_read_a_file);
  g_test_add_func ("/base/json/load-should-refuse-what-it-cannot-read",
                   test_load_should_refuse_what_it_cannot_read);
  return g_test_run ();
}
