/* Pictures with captions from a bucket that lists, one that does not, and any web server. */
#include "base/error.h"
#include "library/data-pull.h"
#include "net/services.h"
#include "support/asserts.h"

#include <string.h>

typedef struct
{
  Services *services; /* owned, as all */
  GlossEndpoints endpoints;
  GlossHttpOptions options;
  char *folder;
  char *to;
} Fixture;

static void
add (Fixture *fixture, const char *where, const char *name, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  services_add (fixture->services, where, name, bytes);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->services = services_new (TRUE);
  services_get_endpoints (fixture->services, &fixture->endpoints);
  fixture->options =
      (GlossHttpOptions){ server_get_trust (services_get_server (fixture->services)), 20000, 1, 3 };
  fixture->folder = gloss_test_folder_new ();
  fixture->to = g_build_filename (fixture->folder, "new", "data", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  services_free (fixture->services);
  gloss_endpoints_clear (&fixture->endpoints);
  gloss_test_folder_remove (fixture->folder);
  g_free (fixture->to);
}

static gboolean
pull (Fixture *fixture, const char *what, guint *out_n, GError **error)
{
  return gloss_data_pull (what, fixture->to, &fixture->endpoints, &fixture->options, NULL, NULL,
                          NULL, out_n, error);
}

static void
assert_content (Fixture *fixture, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (fixture->to, name, NULL);
  g_autofree char *content = NULL;

  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, expected);
}

static void
test_named_set_should_come_from_the_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n;

  add (fixture, "bucket:longcap100", "data_train90.jsonl",
       "{\"image\": \"a.jpg\", \"suffix\": \"A\"}\n");
  add (fixture, "bucket:longcap100", "a.jpg", "picture a");
  add (fixture, "bucket:longcap100", "b c.jpg", "picture b");
  add (fixture, "bucket:longcap100", "deep/d.jpg", "picture d");
  services_set_cuts (fixture->services, 2);
  pull (fixture, "longcap100", &n, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 4);
  assert_content (fixture, "b c.jpg", "picture b");
  assert_content (fixture, "deep/d.jpg", "picture d");
}

static void
test_closed_bucket_should_be_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint n;

  services_set_mood (fixture->services, SERVICES_CLOSED);
  g_assert_false (pull (fixture, "longcap100", &n, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           "use a copy on this machine");
  g_assert_false (g_file_test (fixture->to, G_FILE_TEST_EXISTS));
}

static void
test_address_should_bring_its_pictures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *url = g_strconcat (fixture->endpoints.bucket, "/web/captions.jsonl", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;
  guint n;

  add (fixture, "bucket:web", "captions.jsonl",
       "{\"image\": \"a.jpg\", \"suffix\": \"A\"}\r\n\n"
       "{\"prefix\": \"x\", \"image\": \"deep/b ü.jpg\", \"suffix\": \"B\"}\n"
       "{\"image\": \"a.jpg\", \"suffix\": \"once more\"}");
  add (fixture, "bucket:web", "a.jpg", "picture a");
  g_assert_false (pull (fixture, url, &n, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "deep/b ü.jpg: ");
  add (fixture, "bucket:web", "deep/b ü.jpg", "picture b");
  pull (fixture, url, &n, &error);
  g_assert_no_error (error);
  /* what is there is not asked for again */
  server_forget (services_get_server (fixture->services));
  pull (fixture, url, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 3);
  assert_content (fixture, "a.jpg", "picture a");
  assert_content (fixture, "deep/b ü.jpg", "picture b");
  log = server_get_log (services_get_server (fixture->services));
  g_assert_null (strstr (log, "a.jpg"));
}

static void
test_bad_list_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const lists[] = { "<html>",
                                       "[]",
                                       "5",
                                       "{\"image\": \"../../x\", \"suffix\": \"\"}",
                                       "{\"suffix\": \"\"}",
                                       "{\"image\": \"/etc/x\", \"suffix\": \"\"}",
                                       "{\"image\": \"a\"}",
                                       "{\"image\": 5, \"suffix\": \"\"}",
                                       "{\"image\": \"a\\u0001\", \"suffix\": \"\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *text = g_strconcat ("\n", lists[i], "\n", NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (gloss_data_read_list (text, strlen (text), "captions.jsonl", &error));
      g_test_message ("%s", error->message);
      gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, "captions.jsonl, line 2: ");
    }
}

static void
test_other_names_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const wrong[] = { "longcap",
                                       "http://example.com/a.jsonl",
                                       "https://example.com/a.jsonl?token=x",
                                       "https://example.com/",
                                       "https://example.com",
                                       "ftp://example.com/a" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      guint n;

      g_assert_false (pull (fixture, wrong[i], &n, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add ("/library/data-pull/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("named-set-should-come-from-the-list", test_named_set_should_come_from_the_list);
  ADD ("closed-bucket-should-be-told", test_closed_bucket_should_be_told);
  ADD ("address-should-bring-its-pictures", test_address_should_bring_its_pictures);
  ADD ("bad-list-should-be-refused", test_bad_list_should_be_refused);
  ADD ("other-names-should-be-refused", test_other_names_should_be_refused);
  return g_test_run ();
}
