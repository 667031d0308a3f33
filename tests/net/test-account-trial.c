/* Accounts, tried at services on this machine. */
#include "net/account-trial.h"

#include "net/net-error.h"
#include "net/services.h"
#include "support/asserts.h"

#include <string.h>

typedef struct
{
  const char *name;
  GlossService service;
  const char *user; /* or NULL */
  const char *secret;
  ServicesMood mood;
  GlossAccountTrial trial;
  const char *part; /* of the sentence */
} Case;

static const Case cases[] = {
  { "hugging-face", GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_right", SERVICES_FRIENDLY,
    GLOSS_ACCOUNT_TRIAL_ACCEPTED, NULL },
  { "kaggle-key", GLOSS_SERVICE_KAGGLE, "me", "rightkey", SERVICES_FRIENDLY,
    GLOSS_ACCOUNT_TRIAL_ACCEPTED, NULL },
  { "kaggle-token", GLOSS_SERVICE_KAGGLE, NULL, "KGAT_right", SERVICES_FRIENDLY,
    GLOSS_ACCOUNT_TRIAL_ACCEPTED, NULL },
  { "wrong-hugging-face", GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_wrong", SERVICES_FRIENDLY,
    GLOSS_ACCOUNT_TRIAL_REFUSED, "Hugging Face does not accept this token" },
  { "wrong-kaggle-key", GLOSS_SERVICE_KAGGLE, "me", "wrongkey", SERVICES_FRIENDLY,
    GLOSS_ACCOUNT_TRIAL_REFUSED, "does not accept this user name and key" },
  { "wrong-kaggle-token", GLOSS_SERVICE_KAGGLE, NULL, "KGAT_wrong", SERVICES_FRIENDLY,
    GLOSS_ACCOUNT_TRIAL_REFUSED, "Kaggle does not accept this token" },
  { "refusal-inside-of-a-200", GLOSS_SERVICE_KAGGLE, "me", "rightkey", SERVICES_CODED,
    GLOSS_ACCOUNT_TRIAL_REFUSED, "does not accept this user name and key" },
  { "busy", GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_right", SERVICES_BUSY,
    GLOSS_ACCOUNT_TRIAL_UNTRIED, "asked too often" },
  { "broken", GLOSS_SERVICE_KAGGLE, NULL, "KGAT_right", SERVICES_BROKEN,
    GLOSS_ACCOUNT_TRIAL_UNTRIED, "out of order" },
};

static void
test_account_should_be_tried (gconstpointer data)
{
  const Case *one = data;
  Services *services = services_new (TRUE);
  GlossHttpOptions options = { server_get_trust (services_get_server (services)), 20000, 1, 3 };
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GlossAccount) account =
      gloss_account_new (one->service, one->user, one->secret, "the test", NULL);
  g_autoptr (GError) error = NULL;

  services_get_endpoints (services, &endpoints);
  services_set_mood (services, one->mood);
  g_assert_cmpint (gloss_account_trial_run (account, &endpoints, &options, NULL, &error), ==,
                   one->trial);
  g_assert_cmpuint (server_count_requests (services_get_server (services)), ==, 1);
  if (one->part)
    {
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, one->part));
      g_assert_null (strstr (error->message, one->secret));
      g_assert_true (g_error_matches (error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_ACCOUNT)
                     == (one->trial == GLOSS_ACCOUNT_TRIAL_REFUSED));
    }
  else
    g_assert_no_error (error);
  services_free (services);
}

static void
test_without_network_it_should_stay_untried (void)
{
  Services *services = services_new (TRUE);
  g_auto (GlossEndpoints) endpoints = { 0 };
  g_autoptr (GlossAccount) account =
      gloss_account_new (GLOSS_SERVICE_HUGGING_FACE, NULL, "hf_right", "the test", NULL);
  g_autoptr (GError) error = NULL;

  services_get_endpoints (services, &endpoints);
  services_free (services);
  g_assert_cmpint (gloss_account_trial_run (account, &endpoints, NULL, NULL, &error), ==,
                   GLOSS_ACCOUNT_TRIAL_UNTRIED);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED,
                           "is this machine connected");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/net/account-trial/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_account_should_be_tried);
    }
  g_test_add_func ("/net/account-trial/without-network-it-should-stay-untried",
                   test_without_network_it_should_stay_untried);
  return g_test_run ();
}
