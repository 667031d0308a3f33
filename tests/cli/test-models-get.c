/* gloss-cli models pull, import, verify, rm and login, and data pull, with the services on this
 * machine. */
#include "net/services.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

static char *program; /* absolute */

typedef struct
{
  Services *services; /* owned, as all */
  char *home;
  GStrv env;
  char *out;
  char *err;
  int status;
} Fixture;

#define NAME "paligemma2-3b-pt-224"
#define HF "hf:google/" NAME
#define KAGGLE "kaggle:google/paligemma-2/jax/" NAME

static void
add (Fixture *fixture, const char *where, const char *name, const char *relative)
{
  g_autofree char *path = gloss_test_path (relative);
  g_autoptr (GBytes) bytes = NULL;
  char *content;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  bytes = g_bytes_new_take (content, n_bytes);
  services_add (fixture->services, where, name, bytes);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const unset[] = { "HF_HOME",
                                       "HF_HUB_CACHE",
                                       "HF_TOKEN",
                                       "HF_ENDPOINT",
                                       "KAGGLEHUB_CACHE",
                                       "KAGGLE_USERNAME",
                                       "KAGGLE_KEY",
                                       "KAGGLE_API_TOKEN",
                                       "KAGGLE_CONFIG_DIR",
                                       "XDG_DATA_HOME",
                                       "XDG_CACHE_HOME",
                                       "DISPLAY",
                                       "HUGGINGFACE_HUB_CACHE" };

  fixture->services = services_new (FALSE);
  fixture->home = gloss_test_folder_new ();
  fixture->env = g_environ_setenv (g_get_environ (), "HOME", fixture->home, TRUE);
  fixture->env = g_environ_setenv (fixture->env, "LC_ALL", "C.UTF-8", TRUE);
  fixture->env = g_environ_setenv (fixture->env, "DBUS_SESSION_BUS_ADDRESS",
                                   "unix:path=/nonexistent/bus", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (unset); i++)
    fixture->env = g_environ_unsetenv (fixture->env, unset[i]);
  fixture->env = g_environ_setenv (fixture->env, "GLOSS_TEST_ENDPOINT",
                                   server_get_base (services_get_server (fixture->services)), TRUE);
  add (fixture, KAGGLE, NAME ".b16.npz", "fixtures/paligemma2/weights.bf16.npz");
  add (fixture, HF, "config.json", "fixtures/paligemma2/hf/config.json");
  add (fixture, HF, "model-00001-of-00002.safetensors",
       "fixtures/paligemma2/hf/model-00001-of-00002.safetensors");
  add (fixture, HF, "model-00002-of-00002.safetensors",
       "fixtures/paligemma2/hf/model-00002-of-00002.safetensors");
  add (fixture, HF, "model.safetensors.index.json",
       "fixtures/paligemma2/hf/model.safetensors.index.json");
  add (fixture, HF, "tokenizer.model", "fixtures/text/full.model");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  services_free (fixture->services);
  gloss_test_folder_remove (fixture->home);
  g_strfreev (fixture->env);
  g_free (fixture->out);
  g_free (fixture->err);
}

static void
set (Fixture *fixture, const char *variable, const char *value)
{
  fixture->env = g_environ_setenv (fixture->env, variable, value, TRUE);
}

/* Runs a line of shell in which "$G" is the program; no secret may come out of it. */
static void
run (Fixture *fixture, const char *line)
{
  const char *argv[] = { "sh", "-c", line, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  set (fixture, "G", program);
  g_clear_pointer (&fixture->out, g_free);
  g_clear_pointer (&fixture->err, g_free);
  g_spawn_sync (fixture->home, (char **) argv, fixture->env, G_SPAWN_SEARCH_PATH, NULL, NULL,
                &fixture->out, &fixture->err, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  fixture->status = WEXITSTATUS (status);
  g_test_message ("%s → %d %s", line, fixture->status, fixture->err);
  g_assert_null (strstr (fixture->err, "right"));
  g_assert_null (strstr (fixture->out, "right"));
}

static void
assert_ends (Fixture *fixture, int status, const char *err)
{
  g_assert_cmpint (fixture->status, ==, status);
  if (!strstr (fixture->err, err))
    g_error ("\"%s\" does not say \"%s\"", fixture->err, err);
}

static void
test_pull_should_want_consent_once (Fixture *fixture, gconstpointer data)
{
  set (fixture, "HF_TOKEN", "hf_right");
  run (fixture, "\"$G\" models pull " NAME " < /dev/null");
  assert_ends (fixture, 4, "https://ai.google.dev/gemma/terms");
  assert_ends (fixture, 4, "https://huggingface.co/google/" NAME);
  assert_ends (fixture, 4, "--accept-licence");
  g_assert_cmpuint (server_count_requests (services_get_server (fixture->services)), ==, 0);

  run (fixture, "\"$G\" models pull " NAME " --accept-licence --values");
  assert_ends (fixture, 0, "the model \"" NAME "\" is in ");
  run (fixture, "\"$G\" models");
  g_assert_nonnull (strstr (fixture->out, NAME));
  g_assert_null (strstr (fixture->out, "incomplete"));
  run (fixture, "\"$G\" models verify " NAME " --values");
  assert_ends (fixture, 0, "");
  g_assert_cmpstr (fixture->out, ==, NAME " is sound, and all its values are finite\n");

  run (fixture, "\"$G\" models pull " NAME);
  assert_ends (fixture, 4, "already");
  run (fixture, "\"$G\" models rm paligemma2");
  assert_ends (fixture, 3, "just this name");
  run (fixture, "\"$G\" models rm " NAME);
  assert_ends (fixture, 0, "");
  g_assert_nonnull (strstr (fixture->out, " MB freed\n"));
  /* it was asked once */
  run (fixture, "\"$G\" models pull " NAME " --quiet");
  assert_ends (fixture, 0, "");
  g_assert_cmpstr (fixture->err, ==, "");
}

static void
test_pull_should_use_the_account_that_there_is (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tokenizer = gloss_test_path ("fixtures/text/full.model");
  g_autofree char *line = g_strconcat (
      "\"$G\" models pull " NAME " --accept-licence --name mine --tokenizer ", tokenizer, NULL);
  g_autofree char *log = NULL;

  set (fixture, "KAGGLE_USERNAME", "me");
  set (fixture, "KAGGLE_KEY", "rightkey");
  run (fixture, "\"$G\" models pull " NAME " --accept-licence");
  assert_ends (fixture, 4, "name a file with it (--tokenizer)");
  assert_ends (fixture, 4, "gs://big_vision");
  run (fixture, line);
  assert_ends (fixture, 0, "the model \"mine\"");
  log = server_get_log (services_get_server (fixture->services));
  g_assert_nonnull (strstr (log, "/kaggle/models/google/paligemma-2/jax/" NAME "/3/download/"));
  run (fixture, "\"$G\" models pull huggingface:google/" NAME);
  assert_ends (fixture, 4, "accept the licence on https://huggingface.co/google/" NAME);
}

static void
test_refusals_should_be_told (Fixture *fixture, gconstpointer data)
{
  set (fixture, "HF_TOKEN", "hf_wrong");
  run (fixture, "\"$G\" models pull " NAME " --accept-licence");
  assert_ends (fixture, 4, "gloss-cli: " NAME ": Hugging Face does not accept this token");
  set (fixture, "HF_TOKEN", "hf_right");
  services_set_mood (fixture->services, SERVICES_NO_CONSENT);
  run (fixture, "\"$G\" models pull " NAME);
  assert_ends (fixture, 4, "open https://huggingface.co/google/" NAME);
  run (fixture, "\"$G\" models pull paligemma-9b");
  assert_ends (fixture, 3, "models list --available");
  run (fixture, "\"$G\" models pull huggingface:../x");
  assert_ends (fixture, 4, "is not of the form OWNER/REPOSITORY");
  set (fixture, "HF_ENDPOINT", "https://mirror.example");
  run (fixture, "\"$G\" models pull " NAME " < /dev/null");
  assert_ends (fixture, 4, "names mirror.example, which would get your Hugging Face token");
  assert_ends (fixture, 4, "--trust-endpoint");
  set (fixture, "GLOSS_TEST_ENDPOINT", "https://example.com");
  run (fixture, "\"$G\" models pull " NAME);
  assert_ends (fixture, 4, "this machine only");
}

static void
test_import_should_bring_a_model_in (Fixture *fixture, gconstpointer data)
{
  g_autofree char *npz = gloss_test_path ("fixtures/paligemma2/weights.bf16.npz");
  g_autofree char *tokenizer = gloss_test_path ("fixtures/text/full.model");
  g_autofree char *bare = g_strdup_printf ("\"$G\" models import %s < /dev/null", npz);
  g_autofree char *whole =
      g_strdup_printf ("\"$G\" models import %s --tokenizer %s", npz, tokenizer);

  run (fixture, bare);
  assert_ends (fixture, 4, "--tokenizer");
  run (fixture, whole);
  assert_ends (fixture, 0, "the model \"weights.bf16\"");
  run (fixture, "\"$G\" models import /nonexistent.npz");
  assert_ends (fixture, 4, "there is no model to import");
  run (fixture, "\"$G\" models rm demo");
  assert_ends (fixture, 4, "own folder");
  g_assert_cmpuint (server_count_requests (services_get_server (fixture->services)), ==, 0);
}

static void
test_login_should_not_write_plainly (Fixture *fixture, gconstpointer data)
{
  g_autofree char *found = NULL;

  run (fixture, "echo hf_right | \"$G\" models login huggingface");
  assert_ends (fixture, 4, "not written to a plain file; set HF_TOKEN");
  run (fixture, "grep -r hf_ . ; true");
  g_assert_cmpstr (fixture->out, ==, "");
  run (fixture, "\"$G\" models login kaggle --user me < /dev/null");
  assert_ends (fixture, 2, "cannot be a key");

  /* libsecret 0.20 loses the etag of that file */
  set (fixture, "ASAN_OPTIONS", "detect_leaks=0");
  set (fixture, "SECRET_BACKEND", "file");
  set (fixture, "SECRET_FILE_TEST_PATH", "keyring");
  set (fixture, "SECRET_FILE_TEST_PASSWORD", "password");
  run (fixture, "echo hf_wrong | \"$G\" models login huggingface");
  assert_ends (fixture, 4, "does not accept this token");
  run (fixture, "test -e keyring");
  g_assert_cmpint (fixture->status, ==, 1);
  run (fixture,
       "echo hf_right | GLOSS_TEST_ENDPOINT=http://localhost:1 \"$G\" models login huggingface");
  assert_ends (fixture, 0, "not yet tried: localhost:1 cannot be reached");
  run (fixture, "echo hf_right | \"$G\" models login huggingface");
  assert_ends (fixture, 0, "");
  run (fixture, "\"$G\" models pull " NAME " --accept-licence");
  assert_ends (fixture, 0, "the model ");
  run (fixture,
       "\"$G\" models logout huggingface && \"$G\" models rm " NAME " && \"$G\" models pull " NAME);
  assert_ends (fixture, 4, "sign in with a token");
}

static void
test_available_should_be_listed (Fixture *fixture, gconstpointer data)
{
  run (fixture, "\"$G\" models list --available");
  assert_ends (fixture, 0, "");
  g_assert_nonnull (strstr (fixture->out, "paligemma2-28b-mix-448"));
  run (fixture, "\"$G\" models --available --format json");
  g_assert_nonnull (strstr (fixture->out, "    {\"name\": \"paligemma-3b-pt-224\", "));
  g_assert_cmpuint (server_count_requests (services_get_server (fixture->services)), ==, 0);
}

static void
test_data_should_be_pulled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) list = g_bytes_new_static ("{\"image\": \"a.jpg\", \"suffix\": \"A\"}\n", 34);
  g_autoptr (GBytes) picture = g_bytes_new_static ("picture", 7);

  services_add (fixture->services, "bucket:longcap100", "data_train90.jsonl", list);
  services_add (fixture->services, "bucket:longcap100", "a.jpg", picture);
  run (fixture, "\"$G\" data pull longcap100 && cat longcap100/a.jpg");
  assert_ends (fixture, 0, "2 files are in longcap100");
  g_assert_cmpstr (fixture->out, ==, "picture");
  run (fixture,
       "\"$G\" data pull $GLOSS_TEST_ENDPOINT/bucket/longcap100/data_train90.jsonl --to x -q"
       " && cat x/a.jpg");
  assert_ends (fixture, 0, "");
  g_assert_cmpstr (fixture->out, ==, "picture");
  services_set_mood (fixture->services, SERVICES_CLOSED);
  run (fixture, "\"$G\" data pull longcap100 --to y; status=$?; ls -d y; exit $status");
  assert_ends (fixture, 4, "use a copy on this machine");
  g_assert_cmpstr (fixture->out, ==, "");
  run (fixture, "\"$G\" data pull longcap");
  assert_ends (fixture, 4, "there is no set of this name");
  run (fixture, "\"$G\" data");
  assert_ends (fixture, 2, "gloss-cli data --help");
  run (fixture, "\"$G\" data push x");
  assert_ends (fixture, 2, "gloss-cli data --help");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >=, 2);
  program = g_canonicalize_filename (argv[argc - 1], NULL);
#define ADD(path, func) g_test_add ("/cli/models-get/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("pull-should-want-consent-once", test_pull_should_want_consent_once);
  ADD ("pull-should-use-the-account-that-there-is", test_pull_should_use_the_account_that_there_is);
  ADD ("refusals-should-be-told", test_refusals_should_be_told);
  ADD ("import-should-bring-a-model-in", test_import_should_bring_a_model_in);
  ADD ("login-should-not-write-plainly", test_login_should_not_write_plainly);
  ADD ("data-should-be-pulled", test_data_should_be_pulled);
  ADD ("available-should-be-listed", test_available_should_be_listed);
  return g_test_run ();
}
