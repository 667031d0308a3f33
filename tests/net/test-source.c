/* Listing and downloading from the three services, and what they say when they refuse. */
#include "base/error.h"
#include "net/net-error.h"
#include "net/services.h"
#include "support/asserts.h"

#include <string.h>

typedef struct
{
  Services *services; /* owned, as all */
  GlossEndpoints endpoints;
  GlossHttpOptions options;
  char *folder;
  GBytes *large;
  GBytes *small;
} Fixture;

#define KAGGLE "google/paligemma-2/jax/paligemma2-3b-pt-224"
#define HF "google/paligemma2-3b-pt-224"

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->services = services_new (TRUE);
  services_get_endpoints (fixture->services, &fixture->endpoints);
  fixture->options =
      (GlossHttpOptions){ server_get_trust (services_get_server (fixture->services)), 20000, 1, 3 };
  fixture->folder = gloss_test_folder_new ();
  fixture->large = server_make_data (100000, 1);
  fixture->small = server_make_data (100, 2);
  services_add (fixture->services, "kaggle:" KAGGLE, "paligemma2-3b-pt-224.b16.npz",
                fixture->large);
  services_add (fixture->services, "kaggle:" KAGGLE, "one more.txt", fixture->small);
  services_add (fixture->services, "kaggle:" KAGGLE, "deep/tokenizer.model", fixture->small);
  services_add (fixture->services, "hf:" HF, "config.json", fixture->small);
  services_add (fixture->services, "hf:" HF, "model.safetensors", fixture->large);
  services_add (fixture->services, "bucket:longcap100", "data train.jsonl", fixture->small);
  services_add (fixture->services, "bucket:longcap100", "a.jpg", fixture->large);
  services_add (fixture->services, "bucket:longcap100", "b.jpg", fixture->large);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  services_free (fixture->services);
  gloss_endpoints_clear (&fixture->endpoints);
  gloss_test_folder_remove (fixture->folder);
  g_bytes_unref (fixture->large);
  g_bytes_unref (fixture->small);
}

static GlossSource *
make_source (Fixture *fixture, GlossSourceKind kind, const char *handle, const char *revision,
             const char *user, const char *secret)
{
  g_autoptr (GError) error = NULL;
  GlossService service =
      kind == GLOSS_SOURCE_KAGGLE ? GLOSS_SERVICE_KAGGLE : GLOSS_SERVICE_HUGGING_FACE;
  g_autoptr (GlossAccount) account =
      secret ? gloss_account_new (service, user, secret, "test", &error) : NULL;
  GlossSource *source =
      gloss_source_new (kind, handle, revision, &fixture->endpoints, account, &error);

  g_assert_no_error (error);
  return source;
}

/* Lists, downloads all, and compares. */
static void
assert_gives_all (Fixture *fixture, GlossSource *source, guint n_expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = gloss_source_list (source, &fixture->options, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (files->len, ==, n_expected);
  for (guint i = 0; i < files->len; i++)
    {
      const GlossSourceFile *file = g_ptr_array_index (files, i);
      GBytes *expected = file->n_bytes == 100 ? fixture->small : fixture->large;
      g_autofree char *path = g_build_filename (fixture->folder, "file", NULL);
      g_autofree char *content = NULL;
      gsize n_bytes;

      services_set_cuts (fixture->services, 2);
      gloss_source_download (source, file, path, &fixture->options, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
      g_assert_cmpmem (content, n_bytes, g_bytes_get_data (expected, NULL),
                       g_bytes_get_size (expected));
    }
}

static void
test_kaggle_should_give_to_a_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossSource) source =
      make_source (fixture, GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, "me", "rightkey");
  g_autofree char *page = gloss_source_get_page (source);
  g_autofree char *log = NULL;

  assert_gives_all (fixture, source, 3);
  g_assert_cmpstr (page, ==, "https://www.kaggle.com/models/google/paligemma-2");
  /* the storage saw no secret: services.c asserts it; the service did */
  log = server_get_log (services_get_server (fixture->services));
  g_assert_nonnull (strstr (log, "/3/download/deep/tokenizer.model - - Basic "));
}

static void
test_kaggle_should_give_to_a_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossSource) source =
      make_source (fixture, GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, NULL, "KGAT_right");
  g_autoptr (GlossSource) third =
      make_source (fixture, GLOSS_SOURCE_KAGGLE, KAGGLE, "3", NULL, "KGAT_right");

  assert_gives_all (fixture, source, 3);
  assert_gives_all (fixture, third, 3);
}

static void
test_hugging_face_should_give_to_a_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossSource) source =
      make_source (fixture, GLOSS_SOURCE_HUGGING_FACE, HF, "bfloat16", NULL, "hf_right");
  g_autofree char *log = NULL;

  assert_gives_all (fixture, source, 2);
  /* all files are of the version that was listed */
  log = server_get_log (services_get_server (fixture->services));
  g_assert_nonnull (strstr (log, "/revision/bfloat16 "));
  g_assert_nonnull (strstr (log, "/resolve/0123456789abcdef0123456789abcdef01234567/config.json "));
  g_assert_null (strstr (log, "/resolve/bfloat16"));
}

static void
test_bucket_should_give_to_anybody (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossSource) source =
      make_source (fixture, GLOSS_SOURCE_BUCKET, "longcap100", NULL, NULL, NULL);

  assert_gives_all (fixture, source, 3);
}

typedef struct
{
  const char *name;
  GlossSourceKind kind;
  const char *handle;
  const char *revision;
  const char *user;
  const char *secret;
  ServicesMood mood;
  int code;
  const char *says;
} Refusal;

/* Of GLOSS_NET_ERROR, and not of G_IO_ERROR as the others. */
#define WANTS_ACCOUNT -1

#define KAGGLE_PAGE "https://www.kaggle.com/models/google/paligemma-2 "
#define HF_PAGE "https://huggingface.co/" HF " "

static const Refusal refusals[] = {
  { "kaggle, no account", GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, NULL, NULL, SERVICES_FRIENDLY,
    WANTS_ACCOUNT, "sign in with it" },
  { "kaggle, wrong key", GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, "me", "wrongkey", SERVICES_FRIENDLY,
    WANTS_ACCOUNT, "does not accept this user name and key" },
  { "kaggle, wrong token", GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, NULL, "wrongkey", SERVICES_FRIENDLY,
    WANTS_ACCOUNT, "does not accept this token" },
  { "kaggle, licence not accepted", GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, "me", "rightkey",
    SERVICES_NO_CONSENT, G_IO_ERROR_PERMISSION_DENIED, "open " KAGGLE_PAGE },
  { "kaggle, refusal inside of 200", GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, NULL, "KGAT_right",
    SERVICES_CODED, G_IO_ERROR_PERMISSION_DENIED, "open " KAGGLE_PAGE },
  { "kaggle, no such model", GLOSS_SOURCE_KAGGLE, "google/gemma/jax/gemma-7b", NULL, "me",
    "rightkey", SERVICES_FRIENDLY, G_IO_ERROR_NOT_FOUND, "google/gemma/jax/gemma-7b" },
  { "kaggle, no such version", GLOSS_SOURCE_KAGGLE, KAGGLE, "9", "me", "rightkey",
    SERVICES_FRIENDLY, G_IO_ERROR_NOT_FOUND, "version" },
  { "kaggle, asked too often", GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, "me", "rightkey", SERVICES_BUSY,
    G_IO_ERROR_BUSY, "too often" },
  { "kaggle, out of order", GLOSS_SOURCE_KAGGLE, KAGGLE, NULL, "me", "rightkey", SERVICES_BROKEN,
    G_IO_ERROR_FAILED, "out of order" },
  { "hugging face, no account", GLOSS_SOURCE_HUGGING_FACE, HF, NULL, NULL, NULL, SERVICES_FRIENDLY,
    WANTS_ACCOUNT, "sign in with a token" },
  { "hugging face, wrong token", GLOSS_SOURCE_HUGGING_FACE, HF, NULL, NULL, "hf_wrong",
    SERVICES_FRIENDLY, WANTS_ACCOUNT, "does not accept this token" },
  { "hugging face, licence not accepted", GLOSS_SOURCE_HUGGING_FACE, HF, NULL, NULL, "hf_right",
    SERVICES_NO_CONSENT, G_IO_ERROR_PERMISSION_DENIED, "open " HF_PAGE },
  { "hugging face, no such repository", GLOSS_SOURCE_HUGGING_FACE, "google/gemma", NULL, NULL,
    "hf_right", SERVICES_FRIENDLY, G_IO_ERROR_NOT_FOUND, "no google/gemma" },
  { "hugging face, no such version", GLOSS_SOURCE_HUGGING_FACE, HF, "float8", NULL, "hf_right",
    SERVICES_FRIENDLY, G_IO_ERROR_NOT_FOUND, "no version \"float8\"" },
  { "hugging face, asked too often", GLOSS_SOURCE_HUGGING_FACE, HF, NULL, NULL, "hf_right",
    SERVICES_BUSY, G_IO_ERROR_BUSY, "too often" },
  { "hugging face, out of order", GLOSS_SOURCE_HUGGING_FACE, HF, NULL, NULL, "hf_right",
    SERVICES_BROKEN, G_IO_ERROR_FAILED, "out of order" },
  { "bucket, closed", GLOSS_SOURCE_BUCKET, "longcap100", NULL, NULL, NULL, SERVICES_CLOSED,
    G_IO_ERROR_PERMISSION_DENIED, "use a copy on this machine" },
  { "bucket, not there", GLOSS_SOURCE_BUCKET, "other", NULL, NULL, NULL, SERVICES_FRIENDLY,
    G_IO_ERROR_NOT_FOUND, "gs://other" },
};

static void
test_refusal_should_have_its_sentence (Fixture *fixture, gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (GlossSource) source = make_source (fixture, refusal->kind, refusal->handle,
                                                refusal->revision, refusal->user, refusal->secret);
  g_autoptr (GError) error = NULL;

  services_set_mood (fixture->services, refusal->mood);
  g_assert_null (gloss_source_list (source, &fixture->options, NULL, &error));
  g_test_message ("%s: %s", refusal->name, error->message);
  if (refusal->secret)
    g_assert_null (strstr (error->message, refusal->secret));
  if (refusal->code == WANTS_ACCOUNT)
    gloss_assert_error_says (&error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_ACCOUNT, refusal->says);
  else
    gloss_assert_error_says (&error, G_IO_ERROR, refusal->code, refusal->says);
}

static void
test_missing_file_should_be_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GlossSource) source =
      make_source (fixture, GLOSS_SOURCE_HUGGING_FACE, HF, NULL, NULL, "hf_right");
  g_autofree char *path = g_build_filename (fixture->folder, "file", NULL);
  GlossSourceFile file = { .name = (char *) "other.json" };
  g_autoptr (GError) error = NULL;

  g_assert_false (
      gloss_source_download (source, &file, path, &fixture->options, NULL, NULL, NULL, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "other.json: Hugging Face has");
}

static void
test_unsafe_list_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const lists[] = { "",
                                       "[]",
                                       "5",
                                       "{}",
                                       "{\"files\": 5}",
                                       "{\"files\": [5]}",
                                       "{\"files\": [{\"name\": \"../../x\"}]}",
                                       "{\"files\": [{\"name\": \"/etc/passwd\"}]}",
                                       "{\"files\": [{\"name\": \"a\\nb\"}]}",
                                       "{\"files\": [{\"name\": \"a/..\"}]}",
                                       "{\"files\": [{\"name\": \"..\"}]}",
                                       "{\"files\": [{\"name\": \"\"}]}",
                                       "{\"files\": [{\"size\": 5}]}",
                                       "{\"files\": [",
                                       "<html>",
                                       "{\"files\": [], \"files\": []}",
                                       "{\"files\": [], \"nextPageToken\": \"again\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GlossSource) source =
          make_source (fixture, GLOSS_SOURCE_KAGGLE, KAGGLE, "3", "me", "rightkey");
      g_autoptr (GError) error = NULL;

      services_set_list (fixture->services, "kaggle:" KAGGLE, lists[i]);
      g_assert_null (gloss_source_list (source, &fixture->options, NULL, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT);
    }
}

static void
test_wrong_handle_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    GlossSourceKind kind;
    const char *handle;
    const char *revision;
  } wrong[] = {
    { GLOSS_SOURCE_KAGGLE, "google/paligemma", NULL },
    { GLOSS_SOURCE_KAGGLE, "google/paligemma/jax/../x", NULL },
    { GLOSS_SOURCE_KAGGLE, "google/paligemma/../x", NULL },
    { GLOSS_SOURCE_KAGGLE, KAGGLE, "main" },
    { GLOSS_SOURCE_KAGGLE, KAGGLE, "" },
    { GLOSS_SOURCE_HUGGING_FACE, "google", NULL },
    { GLOSS_SOURCE_HUGGING_FACE, "google/a b", NULL },
    { GLOSS_SOURCE_HUGGING_FACE, "google/a?b", NULL },
    { GLOSS_SOURCE_HUGGING_FACE, HF, ".." },
    { GLOSS_SOURCE_HUGGING_FACE, HF, "a/b" },
    { GLOSS_SOURCE_BUCKET, "", NULL },
    { GLOSS_SOURCE_BUCKET, "a/b", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (gloss_source_new (wrong[i].kind, wrong[i].handle, wrong[i].revision,
                                       &fixture->endpoints, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_other_servers_should_be_confirmed (void)
{
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GError) error = NULL;

  g_unsetenv ("HF_ENDPOINT");
  g_unsetenv ("GLOSS_TEST_ENDPOINT");
  gloss_endpoints_init (&endpoints, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (endpoints.kaggle, ==, "https://www.kaggle.com/api/v1");
  g_assert_cmpstr (endpoints.kaggle_token, ==, "https://api.kaggle.com/v1");
  g_assert_cmpstr (endpoints.hugging_face, ==, "https://huggingface.co");
  g_assert_cmpstr (endpoints.bucket, ==, "https://storage.googleapis.com");
  gloss_endpoints_clear (&endpoints);

  g_setenv ("HF_ENDPOINT", "https://hf-mirror.example/", TRUE);
  g_assert_false (gloss_endpoints_init (&endpoints, FALSE, &error));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_UNCONFIRMED,
                           "names hf-mirror.example, which");
  gloss_endpoints_clear (&endpoints);
  gloss_endpoints_init (&endpoints, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (endpoints.hugging_face, ==, "https://hf-mirror.example");
  gloss_endpoints_clear (&endpoints);
  g_setenv ("HF_ENDPOINT", "http://hf-mirror.example/", TRUE);
  g_assert_false (gloss_endpoints_init (&endpoints, TRUE, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "http://");
  gloss_endpoints_clear (&endpoints);
  g_unsetenv ("HF_ENDPOINT");

  g_setenv ("GLOSS_TEST_ENDPOINT", "https://example.com", TRUE);
  g_assert_false (gloss_endpoints_init (&endpoints, TRUE, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "this machine only");
  gloss_endpoints_clear (&endpoints);
  g_setenv ("GLOSS_TEST_ENDPOINT", "http://127.0.0.1:5000", TRUE);
  gloss_endpoints_init (&endpoints, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (endpoints.bucket, ==, "http://127.0.0.1:5000/bucket");
  g_unsetenv ("GLOSS_TEST_ENDPOINT");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/net/source/" path, Fixture, NULL, set_up, func, tear_down)
  g_test_add_func ("/net/source/other-servers-should-be-confirmed",
                   test_other_servers_should_be_confirmed);
  ADD ("kaggle-should-give-to-a-key", test_kaggle_should_give_to_a_key);
  ADD ("kaggle-should-give-to-a-token", test_kaggle_should_give_to_a_token);
  ADD ("hugging-face-should-give-to-a-token", test_hugging_face_should_give_to_a_token);
  ADD ("bucket-should-give-to-anybody", test_bucket_should_give_to_anybody);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/net/source/refusal/", refusals[i].name, NULL);

      g_strdelimit (path, " ,", '-');
      g_test_add (path, Fixture, &refusals[i], set_up, test_refusal_should_have_its_sentence,
                  tear_down);
    }
  ADD ("missing-file-should-be-told", test_missing_file_should_be_told);
  ADD ("unsafe-list-should-be-refused", test_unsafe_list_should_be_refused);
  ADD ("wrong-handle-should-be-refused", test_wrong_handle_should_be_refused);
  return g_test_run ();
}
