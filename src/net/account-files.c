/* Accounts in the environment and in the files of the services' own programs. */
#include "net/account-files.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The content of a file that only its owner may read, NUL added. NULL without error when it is not
 * there. */
static char *
read_secret_file (const char *path, gsize *out_bytes, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  char *text = g_malloc0 (GLOSS_ACCOUNT_MAX_FILE_BYTES + 2);
  int descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  struct stat status;
  gssize n = -1;

  *out_bytes = 0;
  if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR))
    {
      g_free (text);
      return NULL;
    }
  if (descriptor < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s: cannot be read: %s"),
                 name, g_strerror (errno));
  else if (fstat (descriptor, &status) != 0 || !S_ISREG (status.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _ ("%s: this is not a plain file"),
                 name);
  else if (status.st_mode & 077)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _ ("%s: other users of this machine may read this key; do \"chmod 600 %s\""), name,
                 path);
  else
    {
      n = read (descriptor, text, GLOSS_ACCOUNT_MAX_FILE_BYTES + 1);
      if (n < 0 || n > GLOSS_ACCOUNT_MAX_FILE_BYTES)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                       _ ("%s: cannot be read, or has more than %d bytes"), name,
                       GLOSS_ACCOUNT_MAX_FILE_BYTES);
          explicit_bzero (text, GLOSS_ACCOUNT_MAX_FILE_BYTES);
          n = -1;
        }
    }
  if (descriptor >= 0)
    close (descriptor);
  if (n < 0)
    {
      g_free (text);
      return NULL;
    }
  *out_bytes = (gsize) n;
  return text;
}

static GlossAccount *
read_token_file (GlossService service, const char *path, GError **error)
{
  gsize n_bytes;
  char *text = read_secret_file (path, &n_bytes, error);
  g_autofree char *name = g_filename_display_basename (path);
  GlossAccount *account;

  if (!text)
    return NULL;
  account = gloss_account_new (service, NULL, text, name, error);
  if (!account)
    g_prefix_error (error, "%s: ", name);
  gloss_secret_free (text);
  return account;
}

GlossAccount *
gloss_account_parse_kaggle_json (const char *text, gsize n_bytes, const char *origin,
                                 GError **error)
{
  g_autoptr (json_t) root = NULL;
  const char *user, *key;
  GlossAccount *account;

  /* jansson quotes what it stumbles over, which here may be the key */
  root = gloss_json_parse (text, n_bytes, GLOSS_ACCOUNT_MAX_FILE_BYTES, origin, NULL);
  user = json_string_value (json_object_get (root, "username"));
  key = json_string_value (json_object_get (root, "key"));
  if (!user || !key)
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
          _ ("%s: expected JSON with \"username\" and \"key\"; get it anew from your account's "
             "settings at kaggle.com"),
          origin);
      return NULL;
    }
  account = gloss_account_new (GLOSS_SERVICE_KAGGLE, user, key, origin, error);
  if (!account)
    g_prefix_error (error, "%s: ", origin);
  return account;
}

static GlossAccount *
read_kaggle_json (const char *path, GError **error)
{
  gsize n_bytes;
  char *text = read_secret_file (path, &n_bytes, error);
  GlossAccount *account;

  if (!text)
    return NULL;
  account = gloss_account_parse_kaggle_json (text, n_bytes, "kaggle.json", error);
  gloss_secret_free (text);
  return account;
}

static const char *
get_variable (const char *name)
{
  const char *value = g_getenv (name);

  return value && *value ? value : NULL;
}

static GlossAccount *
take_variable (GlossService service, const char *name, const char *user, GError **error)
{
  GlossAccount *account = gloss_account_new (service, user, g_getenv (name), name, error);

  if (!account)
    g_prefix_error (error, "%s: ", name);
  return account;
}

static GlossAccount *
find_kaggle_in_environment (GError **error)
{
  const char *token = get_variable ("KAGGLE_API_TOKEN");
  const char *user = get_variable ("KAGGLE_USERNAME");
  const char *key = get_variable ("KAGGLE_KEY");

  /* it may also name a file with the token, as for kagglehub */
  if (token && token[0] == '/')
    {
      GError *failure = NULL;
      GlossAccount *account = read_token_file (GLOSS_SERVICE_KAGGLE, token, &failure);

      if (!account && !failure)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                     _ ("KAGGLE_API_TOKEN names a file that is not there"));
      else if (failure)
        g_propagate_error (error, failure);
      return account;
    }
  if (token)
    return take_variable (GLOSS_SERVICE_KAGGLE, "KAGGLE_API_TOKEN", NULL, error);
  if (user && key)
    return take_variable (GLOSS_SERVICE_KAGGLE, "KAGGLE_KEY", user, error);
  if (user || key)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("%s is set and %s is not; both belong together"),
                 user ? "KAGGLE_USERNAME" : "KAGGLE_KEY", user ? "KAGGLE_KEY" : "KAGGLE_USERNAME");
  return NULL;
}

GlossAccount *
gloss_account_find_in_environment (GlossService service, GError **error)
{
  switch (service)
    {
    case GLOSS_SERVICE_KAGGLE:
      return find_kaggle_in_environment (error);
    case GLOSS_SERVICE_HUGGING_FACE:
      return get_variable ("HF_TOKEN") ? take_variable (service, "HF_TOKEN", NULL, error) : NULL;
    case GLOSS_N_SERVICES:
      break;
    }
  g_return_val_if_reached (NULL);
}

/* The folder that @variable names, else @fallback in the home folder. */
static char *
get_folder (const char *variable, const char *fallback)
{
  const char *value = get_variable (variable);

  if (value && value[0] == '~' && (value[1] == '/' || value[1] == '\0'))
    return g_build_filename (g_get_home_dir (), value + 1, NULL);
  return value ? g_strdup (value) : g_build_filename (g_get_home_dir (), fallback, NULL);
}

static GlossAccount *
find_kaggle_in_files (GError **error)
{
  static const char *const names[] = { "access_token", "access_token.txt" };
  g_autofree char *folder = get_folder ("KAGGLE_CONFIG_DIR", ".kaggle");
  g_autofree char *path = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);
      GError *failure = NULL;
      GlossAccount *account = read_token_file (GLOSS_SERVICE_KAGGLE, file, &failure);

      if (failure)
        g_propagate_error (error, failure);
      if (account || failure)
        return account;
    }
  path = g_build_filename (folder, "kaggle.json", NULL);
  return read_kaggle_json (path, error);
}

GlossAccount *
gloss_account_find_in_files (GlossService service, GError **error)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;

  switch (service)
    {
    case GLOSS_SERVICE_KAGGLE:
      return find_kaggle_in_files (error);
    case GLOSS_SERVICE_HUGGING_FACE:
      folder = get_folder ("HF_HOME", ".cache/huggingface");
      path = g_build_filename (folder, "token", NULL);
      return read_token_file (service, path, error);
    case GLOSS_N_SERVICES:
      break;
    }
  g_return_val_if_reached (NULL);
}
