/* Accounts kept by libsecret, here in the encrypted file that it uses inside Flatpak. */
#include "net/accounts.h"
#include "support/asserts.h"

#include <string.h>

static void
assert_kept (GlossService service, const char *user, const char *secret)
{
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAccount) account = gloss_accounts_find (accounts, service, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (account ? account->secret : NULL, ==, secret);
  g_assert_cmpstr (account ? account->user : NULL, ==, user);
  g_assert_cmpstr (account ? account->origin : NULL, ==, secret ? "the keyring" : NULL);
}

/* There only with the address sanitizer. */
void __lsan_disable (void) __attribute__ ((weak));
void __lsan_enable (void) __attribute__ ((weak));

static void
keep (GlossService service, const char *user, const char *secret)
{
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAccount) account = gloss_account_new (service, user, secret, "you", &error);

  g_assert_no_error (error);
  /* libsecret 0.20 loses the etag of the file that it writes */
  if (__lsan_disable)
    __lsan_disable ();
  gloss_accounts_keep (accounts, account, NULL, &error);
  if (__lsan_enable)
    __lsan_enable ();
  g_assert_no_error (error);
}

static void
test_accounts_should_outlast_the_session (gconstpointer data)
{
  const char *path = data;
  g_autoptr (GlossAccounts) accounts = gloss_accounts_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  gsize n_bytes;

  assert_kept (GLOSS_SERVICE_KAGGLE, NULL, NULL);
  keep (GLOSS_SERVICE_KAGGLE, "me", "mySecretKey");
  keep (GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_mySecretToken");
  assert_kept (GLOSS_SERVICE_KAGGLE, "me", "mySecretKey");
  assert_kept (GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_mySecretToken");
  keep (GLOSS_SERVICE_KAGGLE, NULL, "KGAT_mySecretToken");
  assert_kept (GLOSS_SERVICE_KAGGLE, NULL, "KGAT_mySecretToken");

  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  g_assert_null (g_strstr_len (content, (gssize) n_bytes, "mySecret"));

  gloss_accounts_forget (accounts, GLOSS_SERVICE_KAGGLE, NULL, &error);
  g_assert_no_error (error);
  assert_kept (GLOSS_SERVICE_KAGGLE, NULL, NULL);
  assert_kept (GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_mySecretToken");
}

int
main (int argc, char **argv)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "keyring", NULL);
  int status;

  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "a password", TRUE);
  g_setenv ("KAGGLE_CONFIG_DIR", folder, TRUE);
  g_setenv ("HF_HOME", folder, TRUE);
  g_unsetenv ("KAGGLE_API_TOKEN");
  g_unsetenv ("KAGGLE_USERNAME");
  g_unsetenv ("KAGGLE_KEY");
  g_unsetenv ("HF_TOKEN");
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/net/keyring/accounts-should-outlast-the-session", path,
                        test_accounts_should_outlast_the_session);
  status = g_test_run ();
  gloss_test_folder_remove (folder);
  return status;
}
