/*
 * Asks a service whether it knows an account.
 *
 * What is asked for is small and belongs to every account: who that is, or the first line of a
 * list. Nothing is told but the account itself, and only to its service.
 */
#include "net/account-trial.h"

#include "base/i18n.h"
#include "base/json.h"
#include "net/net-error.h"
#include "net/retry.h"

#define MAX_REPLY_BYTES (1024 * 1024)
#define STALL_MSEC 15000

static GlossRequest *
make_request (const GlossAccount *account, const GlossEndpoints *endpoints)
{
  char *authorization = gloss_account_make_authorization (account);
  gboolean is_call = account->service == GLOSS_SERVICE_KAGGLE && !account->user;
  g_autofree char *url =
      account->service == GLOSS_SERVICE_HUGGING_FACE
          ? g_strconcat (endpoints->hugging_face, "/api/whoami-v2", NULL)
      : is_call ? g_strconcat (endpoints->kaggle_token, "/models.ModelApiService/ListModels", NULL)
                : g_strconcat (endpoints->kaggle, "/hello", NULL);
  GlossRequest *request = gloss_request_new (url, authorization);

  if (is_call)
    request->json = g_strdup ("{\"pageSize\": 1}");
  request->knows_accounts = TRUE;
  gloss_secret_free (authorization);
  return request;
}

static const char *
get_refusal (const GlossAccount *account)
{
  if (account->service == GLOSS_SERVICE_HUGGING_FACE)
    return N_ ("Hugging Face does not accept this token; copy it again, or make a new one at "
               "https://huggingface.co/settings/tokens");
  if (account->user)
    return N_ (
        "Kaggle does not accept this user name and key; copy them again, or make a new key at "
        "https://www.kaggle.com/settings");
  return N_ ("Kaggle does not accept this token; copy it again, or make a new one at "
             "https://www.kaggle.com/settings");
}

/* Hugging Face says 401; Kaggle said 403 too in earlier years. */
static gboolean
is_refused (const GlossAccount *account, const char *text, gsize n_bytes, const GError *failure)
{
  g_autoptr (json_t) root = NULL;
  json_int_t code;

  if (failure)
    return g_error_matches (failure, GLOSS_NET_ERROR, GLOSS_NET_ERROR_ACCOUNT)
           || (account->service == GLOSS_SERVICE_KAGGLE
               && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  root = gloss_json_parse (text, n_bytes, MAX_REPLY_BYTES, "", NULL);
  code = json_integer_value (json_object_get (root, "code"));
  return code == 401 || code == 403;
}

GlossAccountTrial
gloss_account_trial_run (const GlossAccount *account, const GlossEndpoints *endpoints,
                         const GlossHttpOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossRequest) request = make_request (account, endpoints);
  GlossHttpOptions once = options ? *options : (GlossHttpOptions){ 0 };
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = NULL;
  gsize n_bytes = 0;

  once.max_tries = 1;
  if (once.stall_msec == 0)
    once.stall_msec = STALL_MSEC;
  text = gloss_http_fetch_text (request, MAX_REPLY_BYTES, &n_bytes, &once, cancellable, &failure);
  if (is_refused (account, text, n_bytes, failure))
    {
      g_set_error_literal (error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_ACCOUNT,
                           _ (get_refusal (account)));
      return GLOSS_ACCOUNT_TRIAL_REFUSED;
    }
  if (!failure)
    return GLOSS_ACCOUNT_TRIAL_ACCEPTED;
  g_propagate_error (error, g_steal_pointer (&failure));
  return GLOSS_ACCOUNT_TRIAL_UNTRIED;
}
