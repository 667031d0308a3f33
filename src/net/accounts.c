/* Accounts of Kaggle and Hugging Face, and where they are kept. */
#include "net/accounts.h"

#include "base/i18n.h"

#include "net/account-files.h"

#include <libsecret/secret.h>
#include <string.h>

#define MAX_SECRET_BYTES 4096

struct _GlossAccounts
{
  GMutex lock;
  GlossAccount *entered[GLOSS_N_SERVICES]; /* owned, or NULL; guarded by lock */
};

static const SecretSchema schema = {
  .name = "io.github.gloss.Gloss.Account",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { "service", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

const char *
gloss_service_get_title (GlossService service)
{
  return service == GLOSS_SERVICE_KAGGLE ? "Kaggle" : "Hugging Face";
}

const char *
gloss_service_get_name (GlossService service)
{
  return service == GLOSS_SERVICE_KAGGLE ? "kaggle" : "huggingface";
}

void
gloss_secret_free (char *secret)
{
  if (secret)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

static gboolean
is_printable (const char *text)
{
  for (const guchar *p = (const guchar *) text; *p; p++)
    {
      if (*p <= 0x20 || *p >= 0x7f)
        return FALSE;
    }
  return TRUE;
}

GlossAccount *
gloss_account_new (GlossService service, const char *user, const char *secret, const char *origin,
                   GError **error)
{
  g_autoptr (GlossAccount) account = g_new0 (GlossAccount, 1);

  account->service = service;
  account->user = user ? g_strstrip (g_strdup (user)) : NULL;
  account->secret = g_strstrip (g_strdup (secret));
  account->origin = g_strdup (origin);
  if (!*account->secret || strlen (account->secret) > MAX_SECRET_BYTES
      || !is_printable (account->secret))
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          user ? _ ("this cannot be a key of %s: it is empty, or has characters that no key has")
               : _ ("this cannot be a token of %s: it is empty, or has characters that no "
                    "token has"),
          gloss_service_get_title (service));
      return NULL;
    }
  if (account->user
      && (service != GLOSS_SERVICE_KAGGLE || !*account->user || strlen (account->user) > 256
          || strchr (account->user, ':') || !is_printable (account->user)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("this cannot be a user name of %s"), gloss_service_get_title (service));
      return NULL;
    }
  return g_steal_pointer (&account);
}

GlossAccount *
gloss_account_copy (const GlossAccount *account)
{
  GlossAccount *copy = g_new0 (GlossAccount, 1);

  copy->service = account->service;
  copy->user = g_strdup (account->user);
  copy->secret = g_strdup (account->secret);
  copy->origin = g_strdup (account->origin);
  copy->is_tried = account->is_tried;
  return copy;
}

void
gloss_account_free (GlossAccount *account)
{
  g_free (account->user);
  gloss_secret_free (account->secret);
  g_free (account->origin);
  g_free (account);
}

char *
gloss_account_make_authorization (const GlossAccount *account)
{
  char *plain, *encoded, *value;

  if (!account->user)
    return g_strconcat ("Bearer ", account->secret, NULL);
  plain = g_strconcat (account->user, ":", account->secret, NULL);
  encoded = g_base64_encode ((const guchar *) plain, strlen (plain));
  value = g_strconcat ("Basic ", encoded, NULL);
  gloss_secret_free (plain);
  gloss_secret_free (encoded);
  return value;
}

GlossAccounts *
gloss_accounts_new (void)
{
  GlossAccounts *accounts = g_new0 (GlossAccounts, 1);

  g_mutex_init (&accounts->lock);
  return accounts;
}

void
gloss_accounts_free (GlossAccounts *accounts)
{
  for (guint i = 0; i < GLOSS_N_SERVICES; i++)
    g_clear_pointer (&accounts->entered[i], gloss_account_free);
  g_mutex_clear (&accounts->lock);
  g_free (accounts);
}

/* One secret holds all: a key has its user name before it and a line feed between; what was not
 * tried yet has both line feeds, and a word behind them. */
#define UNTRIED "untried"

static GlossAccount *
read_kept (GlossService service, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 3);
  guint n = g_strv_length (lines);
  const char *user = n > 1 && *lines[0] ? lines[0] : NULL;
  GlossAccount *account =
      gloss_account_new (service, user, n > 1 ? lines[1] : text, "the keyring", error);

  if (account)
    account->is_tried = n < 3;
  else
    g_prefix_error (error, _ ("the keyring: "));
  for (guint i = 0; i < n; i++)
    explicit_bzero (lines[i], strlen (lines[i]));
  return account;
}

static char *
write_kept (const GlossAccount *account)
{
  if (account->is_tried && !account->user)
    return g_strdup (account->secret);
  return g_strconcat (account->user ? account->user : "", "\n", account->secret,
                      account->is_tried ? NULL : "\n" UNTRIED, NULL);
}

static GlossAccount *
find_kept (GlossService service, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  char *text = secret_password_lookup_sync (&schema, cancellable, &failure, "service",
                                            gloss_service_get_name (service), NULL);
  GlossAccount *account;

  /* A machine without a Secret Service has nothing kept there. */
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&failure));
  if (!text)
    return NULL;
  account = read_kept (service, text, error);
  secret_password_free (text);
  return account;
}

GlossAccount *
gloss_accounts_find (GlossAccounts *accounts, GlossService service, GCancellable *cancellable,
                     GError **error)
{
  GlossAccount *account = NULL;
  GError *failure = NULL;

  g_mutex_lock (&accounts->lock);
  if (accounts->entered[service])
    account = gloss_account_copy (accounts->entered[service]);
  g_mutex_unlock (&accounts->lock);
  if (!account)
    account = gloss_account_find_in_environment (service, &failure);
  if (!account && !failure)
    account = find_kept (service, cancellable, &failure);
  if (!account && !failure)
    account = gloss_account_find_in_files (service, &failure);
  if (failure)
    g_propagate_error (error, failure);
  return account;
}

/* Of what was entered, if it is still there. */
static void
set_origin (GlossAccounts *accounts, GlossService service, const char *origin)
{
  g_mutex_lock (&accounts->lock);
  if (accounts->entered[service])
    {
      g_free (accounts->entered[service]->origin);
      accounts->entered[service]->origin = g_strdup (origin);
    }
  g_mutex_unlock (&accounts->lock);
}

gboolean
gloss_accounts_keep (GlossAccounts *accounts, const GlossAccount *account,
                     GCancellable *cancellable, GError **error)
{
  g_autofree char *label =
      g_strdup_printf (_ ("Gloss: account at %s"), gloss_service_get_title (account->service));
  g_autoptr (GError) failure = NULL;
  gboolean is_kept;
  char *text = write_kept (account);

  g_mutex_lock (&accounts->lock);
  g_clear_pointer (&accounts->entered[account->service], gloss_account_free);
  accounts->entered[account->service] = gloss_account_copy (account);
  g_mutex_unlock (&accounts->lock);
  is_kept = secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, label, text,
                                        cancellable, &failure, "service",
                                        gloss_service_get_name (account->service), NULL);
  gloss_secret_free (text);
  set_origin (accounts, account->service, is_kept ? "the keyring" : "this session");
  if (is_kept)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _ ("the account lasts for this session only, since no keyring could keep it (%s)"),
               failure ? failure->message : _ ("it refused"));
  return FALSE;
}

gboolean
gloss_accounts_forget (GlossAccounts *accounts, GlossService service, GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GError) failure = NULL;

  g_mutex_lock (&accounts->lock);
  g_clear_pointer (&accounts->entered[service], gloss_account_free);
  g_mutex_unlock (&accounts->lock);
  secret_password_clear_sync (&schema, cancellable, &failure, "service",
                              gloss_service_get_name (service), NULL);
  if (!failure)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _ ("there is no keyring to forget an account (%s)"), failure->message);
  return FALSE;
}
