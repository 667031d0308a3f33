/* Accounts in the environment and in files, on a machine without a Secret Service. */
#include "base/error.h"
#include "net/account-files.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"

typedef struct
{
  char *folder; /* owned; where the services' programs keep their files */
  GlossAccounts *accounts;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const unset[] = { "KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY",
                                       "HF_TOKEN" };

  for (guint i = 0; i < G_N_ELEMENTS (unset); i++)
    g_unsetenv (unset[i]);
  fixture->folder = gloss_test_folder_new ();
  g_setenv ("KAGGLE_CONFIG_DIR", fixture->folder, TRUE);
  g_setenv ("HF_HOME", fixture->folder, TRUE);
  fixture->accounts = gloss_accounts_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gloss_test_folder_remove (fixture->folder);
  gloss_accounts_free (fixture->accounts);
}

static void
write_file (Fixture *fixture, const char *name, const char *content, int mode)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

static void
assert_account (Fixture *fixture, GlossService service, const char *authorization,
                const char *origin)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAccount) account = gloss_accounts_find (fixture->accounts, service, NULL, &error);
  char *made;

  g_assert_no_error (error);
  g_assert_nonnull (account);
  made = gloss_account_make_authorization (account);
  g_assert_cmpstr (made, ==, authorization);
  g_assert_cmpstr (account->origin, ==, origin);
  gloss_secret_free (made);
}

static void
assert_none (Fixture *fixture, GlossService service)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_accounts_find (fixture->accounts, service, NULL, &error));
  g_assert_no_error (error);
}

static void
assert_refused (Fixture *fixture, GlossService service, GQuark domain, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_accounts_find (fixture->accounts, service, NULL, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_null (strstr (error->message, "ecre"));
  gloss_assert_error_says (&error, domain, code, part);
}

static void
test_nothing_should_be_no_account (Fixture *fixture, gconstpointer data)
{
  assert_none (fixture, GLOSS_SERVICE_KAGGLE);
  assert_none (fixture, GLOSS_SERVICE_HUGGING_FACE);
}

static void
test_environment_should_come_before_files (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "kaggle.json", "{\"username\": \"me\", \"key\": \"" KEY "\"}", 0600);
  assert_account (fixture, GLOSS_SERVICE_KAGGLE,
                  "Basic bWU6MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "kaggle.json");
  write_file (fixture, "access_token", " KGAT_1\n", 0600);
  assert_account (fixture, GLOSS_SERVICE_KAGGLE, "Bearer KGAT_1", "access_token");
  g_setenv ("KAGGLE_USERNAME", "you", TRUE);
  g_setenv ("KAGGLE_KEY", "key", TRUE);
  assert_account (fixture, GLOSS_SERVICE_KAGGLE, "Basic eW91OmtleQ==", "KAGGLE_KEY");
  g_setenv ("KAGGLE_API_TOKEN", "KGAT_2", TRUE);
  assert_account (fixture, GLOSS_SERVICE_KAGGLE, "Bearer KGAT_2", "KAGGLE_API_TOKEN");

  write_file (fixture, "token", "hf_1\n", 0600);
  assert_account (fixture, GLOSS_SERVICE_HUGGING_FACE, "Bearer hf_1", "token");
  g_setenv ("HF_TOKEN", "hf_2", TRUE);
  assert_account (fixture, GLOSS_SERVICE_HUGGING_FACE, "Bearer hf_2", "HF_TOKEN");
}

static void
test_variable_may_name_a_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "mine", NULL);

  g_setenv ("KAGGLE_API_TOKEN", path, TRUE);
  assert_refused (fixture, GLOSS_SERVICE_KAGGLE, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not there");
  write_file (fixture, "mine", "KGAT_3\n", 0400);
  assert_account (fixture, GLOSS_SERVICE_KAGGLE, "Bearer KGAT_3", "mine");
}

static void
test_file_that_others_may_read_should_be_refused (Fixture *fixture, gconstpointer data)
{
  static const int modes[] = { 0644, 0640, 0604, 0660 };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      write_file (fixture, "kaggle.json", "{\"username\": \"me\", \"key\": \"Secret\"}", modes[i]);
      assert_refused (fixture, GLOSS_SERVICE_KAGGLE, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                      "chmod 600");
    }
}

static void
test_malformed_account_should_not_be_quoted (Fixture *fixture, gconstpointer data)
{
  static const char *const jsons[] = { "",
                                       "{\"username\": \"me\", \"key\": \"Secret}",
                                       "Secret",
                                       "{\"username\": \"me\"}",
                                       "[\"Secret\"]",
                                       "{\"username\": 5, \"key\": \"Secret\"}" };
  static const char *const tokens[] = { "two Secrets", "Secret\r\nX-Evil: 1", "Secr\xc3\xa4t",
                                        "\n" };
  g_autofree char *longest = g_strnfill (GLOSS_ACCOUNT_MAX_FILE_BYTES + 1, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (jsons); i++)
    {
      write_file (fixture, "kaggle.json", jsons[i], 0600);
      assert_refused (fixture, GLOSS_SERVICE_KAGGLE, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                      "with \"username\" and \"key\"");
    }
  write_file (fixture, "kaggle.json", "{\"username\": \"a:b\", \"key\": \"Secret\"}", 0600);
  assert_refused (fixture, GLOSS_SERVICE_KAGGLE, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                  "user name");
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      write_file (fixture, "token", tokens[i], 0600);
      assert_refused (fixture, GLOSS_SERVICE_HUGGING_FACE, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                      "cannot be a token");
    }
  write_file (fixture, "token", longest, 0600);
  assert_refused (fixture, GLOSS_SERVICE_HUGGING_FACE, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "16384");
  g_setenv ("KAGGLE_KEY", "Secret", TRUE);
  assert_refused (fixture, GLOSS_SERVICE_KAGGLE, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                  "KAGGLE_USERNAME is not");
}

static void
test_without_a_keyring_it_should_last_for_the_session (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAccount) account =
      gloss_account_new (GLOSS_SERVICE_HUGGING_FACE, NULL, " hf_mySecret ", "you", &error);
  g_autoptr (GlossAccounts) others = gloss_accounts_new ();

  g_assert_no_error (error);
  g_setenv ("HF_TOKEN", "hf_2", TRUE);
  g_assert_false (gloss_accounts_keep (fixture->accounts, account, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_null (strstr (error->message, "mySecret"));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "for this session only");
  assert_account (fixture, GLOSS_SERVICE_HUGGING_FACE, "Bearer hf_mySecret", "this session");
  g_assert_false (
      gloss_accounts_forget (fixture->accounts, GLOSS_SERVICE_HUGGING_FACE, NULL, &error));
  g_clear_error (&error);
  assert_account (fixture, GLOSS_SERVICE_HUGGING_FACE, "Bearer hf_2", "HF_TOKEN");
  g_unsetenv ("HF_TOKEN");
  assert_none (fixture, GLOSS_SERVICE_HUGGING_FACE);
}

int
main (int argc, char **argv)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/net/accounts/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("nothing-should-be-no-account", test_nothing_should_be_no_account);
  ADD ("environment-should-come-before-files", test_environment_should_come_before_files);
  ADD ("variable-may-name-a-file", test_variable_may_name_a_file);
  ADD ("file-that-others-may-read-should-be-refused",
       test_file_that_others_may_read_should_be_refused);
  ADD ("malformed-account-should-not-be-quoted", test_malformed_account_should_not_be_quoted);
  ADD ("without-a-keyring-it-should-last-for-the-session",
       test_without_a_keyring_it_should_last_for_the_session);
  return g_test_run ();
}
