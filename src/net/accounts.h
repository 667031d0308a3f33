/*
 * Accounts of Kaggle and Hugging Face: found in the environment and where the services' own
 * programs keep them, and kept by the Secret Service of the desktop (inside Flatpak by its portal).
 *
 * Without a Secret Service what a person enters lasts as long as the GlossAccounts: it is never
 * written to a plain file. A secret is in no message, and its memory is overwritten when it is
 * freed.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_SERVICE_KAGGLE,
  GLOSS_SERVICE_HUGGING_FACE,
  GLOSS_N_SERVICES
} GlossService;

/* "Kaggle", "Hugging Face"; and "kaggle", "huggingface" for the command line. */
const char *gloss_service_get_title (GlossService service);
const char *gloss_service_get_name (GlossService service);

typedef struct
{
  GlossService service;
  char *user;        /* owned; the name that belongs to a Kaggle key, NULL for a token */
  char *secret;      /* owned; a key or a token */
  char *origin;      /* owned; where it is from, in words: "HF_TOKEN", "kaggle.json", "the keyring",
                        "this session" */
  gboolean is_tried; /* the service said that it knows it; see net/account-trial.h */
} GlossAccount;

/*
 * A new account of what a person entered; white space around both is dropped. NULL with
 * G_IO_ERROR_INVALID_ARGUMENT when that cannot be one: empty, over 4 KiB, with a blank or a control
 * or non-ASCII character inside; a colon in @user (may be NULL); a user name for Hugging Face. Any
 * thread.
 */
GlossAccount *gloss_account_new (GlossService service, const char *user, const char *secret,
                                 const char *origin, GError **error);
GlossAccount *gloss_account_copy (const GlossAccount *account);
void gloss_account_free (GlossAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossAccount, gloss_account_free)

/* The value of the header Authorization, newly allocated: "Basic …" for a user and key, "Bearer …"
 * for a token. Whoever frees it overwrites it, as gloss_request_free () does. */
char *gloss_account_make_authorization (const GlossAccount *account);

/* Overwrites and frees a secret; NULL is allowed. */
void gloss_secret_free (char *secret);

typedef struct _GlossAccounts GlossAccounts;

/* Empty. Any thread, as for all of these, and at once from several. */
GlossAccounts *gloss_accounts_new (void);
void gloss_accounts_free (GlossAccounts *accounts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossAccounts, gloss_accounts_free)

/*
 * The account for @service, the first that there is of: what was entered in this session; the
 * environment (KAGGLE_API_TOKEN, KAGGLE_USERNAME with KAGGLE_KEY; HF_TOKEN); the Secret Service;
 * the files of the services' programs ($KAGGLE_CONFIG_DIR or ~/.kaggle: access_token, kaggle.json;
 * $HF_HOME/token). New. NULL without error when there is none; NULL with an error when the first
 * one is malformed, or is a file that others may read (G_IO_ERROR_PERMISSION_DENIED). Waits for the
 * Secret Service, which may ask the person to unlock it.
 */
GlossAccount *gloss_accounts_find (GlossAccounts *accounts, GlossService service,
                                   GCancellable *cancellable, GError **error);

/*
 * Keeps @account (copied) for this session and by the Secret Service. FALSE with an error when the
 * latter cannot, which says that it lasts for this session only.
 */
gboolean gloss_accounts_keep (GlossAccounts *accounts, const GlossAccount *account,
                              GCancellable *cancellable, GError **error);

/* Forgets what gloss_accounts_keep () kept. FALSE with an error when the Secret Service cannot. */
gboolean gloss_accounts_forget (GlossAccounts *accounts, GlossService service,
                                GCancellable *cancellable, GError **error);

G_END_DECLS
