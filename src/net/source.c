/* Where models and data come from: what the three services have in common. */
#include "net/source-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "net/net-error.h"
#include "net/retry.h"
#include "net/safe-name.h"

#include <string.h>

/* A list of a thousand objects with all that Google says about each has about a megabyte. */
#define MAX_REPLY_BYTES (8 * 1024 * 1024)
#define MAX_PAGES 200
#define MAX_FILES 20000
#define MAX_HANDLE_BYTES 256
/* Pictures: nobody says how large one is before it comes. */
#define MAX_WEB_FILE_BYTES (G_GUINT64_CONSTANT (256) << 20)

static const GlossSourceClass *
get_class (GlossSourceKind kind)
{
  switch (kind)
    {
    case GLOSS_SOURCE_KAGGLE:
      return &gloss_kaggle_class;
    case GLOSS_SOURCE_HUGGING_FACE:
      return &gloss_hugging_face_class;
    case GLOSS_SOURCE_BUCKET:
      return &gloss_bucket_class;
    case GLOSS_SOURCE_WEB:
      return &gloss_web_class;
    }
  g_assert_not_reached ();
}

void
gloss_endpoints_clear (GlossEndpoints *endpoints)
{
  g_clear_pointer (&endpoints->kaggle, g_free);
  g_clear_pointer (&endpoints->kaggle_token, g_free);
  g_clear_pointer (&endpoints->hugging_face, g_free);
  g_clear_pointer (&endpoints->bucket, g_free);
}

static void
set (char **field, const char *base, const char *path)
{
  g_free (*field);
  *field = g_strconcat (base, path, NULL);
  while (g_str_has_suffix (*field, "/"))
    (*field)[strlen (*field) - 1] = '\0';
}

gboolean
gloss_endpoints_init (GlossEndpoints *endpoints, gboolean is_confirmed, GError **error)
{
  const char *hugging_face = g_getenv ("HF_ENDPOINT");
  const char *test = g_getenv ("GLOSS_TEST_ENDPOINT");

  *endpoints = (GlossEndpoints){ 0 };
  set (&endpoints->kaggle, "https://www.kaggle.com", "/api/v1");
  set (&endpoints->kaggle_token, "https://api.kaggle.com", "/v1");
  set (&endpoints->hugging_face, "https://huggingface.co", "");
  set (&endpoints->bucket, "https://storage.googleapis.com", "");
  if (test && *test)
    {
      g_autoptr (GUri) address = gloss_address_parse (test, error);

      if (!address)
        {
          g_prefix_error (error, "GLOSS_TEST_ENDPOINT: ");
          return FALSE;
        }
      if (!gloss_address_is_loopback (address))
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                               "GLOSS_TEST_ENDPOINT: is for tests, and may name this machine only");
          return FALSE;
        }
      set (&endpoints->kaggle, test, "/kaggle");
      set (&endpoints->kaggle_token, test, "/kaggle-token");
      set (&endpoints->hugging_face, test, "/huggingface");
      set (&endpoints->bucket, test, "/bucket");
    }
  if (hugging_face && *hugging_face && strcmp (hugging_face, "https://huggingface.co") != 0)
    {
      g_autoptr (GUri) address = gloss_address_parse (hugging_face, error);
      g_autofree char *host = address ? gloss_address_get_host (address) : NULL;

      if (!address)
        {
          g_prefix_error (error, "HF_ENDPOINT: ");
          return FALSE;
        }
      if (!is_confirmed)
        {
          g_set_error (
              error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_UNCONFIRMED,
              _ ("HF_ENDPOINT names %s, which would get your Hugging Face token and decide what "
                 "you get; confirm that this is what you want"),
              host);
          return FALSE;
        }
      set (&endpoints->hugging_face, hugging_face, "");
    }
  return TRUE;
}

void
gloss_source_file_free (GlossSourceFile *file)
{
  g_free (file->name);
  gloss_digests_clear (&file->digests);
  g_clear_pointer (&file->growing, gloss_growing_file_unref);
  g_free (file);
}

static gboolean
is_word (const char *text)
{
  return *text && strcmp (text, ".") != 0 && strcmp (text, "..") != 0
         && strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") == strlen (text);
}

static gboolean
is_handle (GlossSourceKind kind, const char *handle)
{
  g_auto (GStrv) parts = NULL;

  if (strlen (handle) > MAX_HANDLE_BYTES)
    return FALSE;
  parts = g_strsplit (handle, "/", -1);
  for (guint i = 0; parts[i]; i++)
    {
      if (!is_word (parts[i]))
        return FALSE;
    }
  return g_strv_length (parts) == get_class (kind)->n_parts;
}

static gboolean
is_revision (GlossSourceKind kind, const char *revision)
{
  if (strlen (revision) > MAX_HANDLE_BYTES)
    return FALSE;
  if (kind == GLOSS_SOURCE_KAGGLE)
    return strlen (revision) < 10 && strspn (revision, G_CSET_DIGITS) == strlen (revision)
           && *revision;
  return is_word (revision);
}

GlossSource *
gloss_source_new (GlossSourceKind kind, const char *handle, const char *revision,
                  const GlossEndpoints *endpoints, const GlossAccount *account, GError **error)
{
  GlossSource *source;

  if (!is_handle (kind, handle) || (revision && !is_revision (kind, revision)))
    {
      static const char *const forms[] = { "OWNER/MODEL/FRAMEWORK/VARIATION", "OWNER/REPOSITORY",
                                           "BUCKET" };
      g_autofree char *shown = g_utf8_make_valid (handle, -1);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("\"%.100s\" is not of the form %s, or its version is none"), shown,
                   forms[kind]);
      return NULL;
    }
  source = g_new0 (GlossSource, 1);
  source->kind = kind;
  source->handle = g_strdup (handle);
  source->revision = g_strdup (revision);
  if (account && kind != GLOSS_SOURCE_BUCKET)
    source->authorization = gloss_account_make_authorization (account);
  source->has_token = account && !account->user;
  switch (kind)
    {
    case GLOSS_SOURCE_KAGGLE:
      source->endpoint = g_strdup (source->has_token ? endpoints->kaggle_token : endpoints->kaggle);
      break;
    case GLOSS_SOURCE_HUGGING_FACE:
      source->endpoint = g_strdup (endpoints->hugging_face);
      break;
    case GLOSS_SOURCE_BUCKET:
      source->endpoint = g_strdup (endpoints->bucket);
      break;
    case GLOSS_SOURCE_WEB:
      g_return_val_if_reached (NULL);
    }
  return source;
}

GlossSource *
gloss_source_new_for_web (const char *base, GError **error)
{
  g_autoptr (GUri) address = gloss_address_parse (base, error);
  GlossSource *source;

  if (!address)
    return NULL;
  if (g_uri_get_query (address) || g_uri_get_fragment (address))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           _ ("the address of a folder ends in its name"));
      return NULL;
    }
  source = g_new0 (GlossSource, 1);
  source->kind = GLOSS_SOURCE_WEB;
  source->handle = g_uri_to_string (address);
  source->endpoint = g_strdup (base);
  return source;
}

void
gloss_source_free (GlossSource *source)
{
  g_free (source->handle);
  g_free (source->revision);
  g_free (source->endpoint);
  gloss_secret_free (source->authorization);
  g_free (source);
}

GlossSourceKind
gloss_source_get_kind (const GlossSource *source)
{
  return source->kind;
}

char *
gloss_source_describe (const GlossSource *source)
{
  static const char *const names[] = { "kaggle", "huggingface", "bucket", "web" };

  return g_strconcat (names[source->kind], ":", source->handle, source->revision ? "@" : "",
                      source->revision, NULL);
}

char *
gloss_source_get_page (const GlossSource *source)
{
  return get_class (source->kind)->get_page (source);
}

char *
gloss_source_escape (const char *name)
{
  return g_uri_escape_string (name, "/", FALSE);
}

guint64
gloss_source_read_size (json_t *value)
{
  guint64 n_bytes = 0;

  if (json_is_integer (value) && json_integer_value (value) > 0)
    return (guint64) json_integer_value (value);
  if (json_is_string (value))
    g_ascii_string_to_unsigned (json_string_value (value), 10, 0, G_MAXINT64, &n_bytes, NULL);
  return n_bytes;
}

gboolean
gloss_source_add_file (GPtrArray *files, const char *name, guint64 n_bytes, GlossDigests *digests,
                       GError **error)
{
  const char *fault = gloss_safe_name_find_fault (name);
  GlossSourceFile *file;

  if (fault || files->len >= MAX_FILES)
    {
      if (fault)
        g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                     _ ("a file in the server's list %s; it was not accepted"), _ (fault));
      else
        g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                     _ ("the server's list has more than %d files"), MAX_FILES);
      gloss_digests_clear (digests);
      return FALSE;
    }
  file = g_new0 (GlossSourceFile, 1);
  file->name = g_strdup (name);
  file->n_bytes = n_bytes;
  file->digests = *digests;
  *digests = (GlossDigests){ 0 };
  g_ptr_array_add (files, file);
  return TRUE;
}

static char *
explain (const GlossRefusal *refusal, gpointer user_data)
{
  const GlossSource *source = user_data;

  return get_class (source->kind)->explain (refusal, source);
}

static gboolean
knows_accounts (const GlossSource *source)
{
  return source->kind == GLOSS_SOURCE_KAGGLE || source->kind == GLOSS_SOURCE_HUGGING_FACE;
}

static GlossRequest *
prepare (const GlossSource *source, GlossRequest *request)
{
  request->knows_accounts = knows_accounts (source);
  request->explain = explain;
  request->explain_data = (gpointer) source;
  return request;
}

/* Sends @request, which it takes over, and reads the reply. */
static json_t *
fetch (const GlossSource *source, GlossRequest *request, const GlossHttpOptions *options,
       GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossRequest) owned = prepare (source, request);
  g_autoptr (json_t) root = NULL;
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;
  json_int_t code;
  gsize n_bytes;

  text = gloss_http_fetch_text (owned, MAX_REPLY_BYTES, &n_bytes, options, cancellable, error);
  if (!text)
    return NULL;
  root = gloss_json_parse (text, n_bytes, MAX_REPLY_BYTES, _ ("the server's answer"), error);
  if (!root)
    return NULL;
  /* Kaggle may refuse with the status 200 */
  code = json_integer_value (json_object_get (root, "code"));
  if (code < 400 || code > 599)
    return g_steal_pointer (&root);
  said = explain (&(GlossRefusal){ (guint) code, NULL, "" }, (gpointer) source);
  if (knows_accounts (source) && (code == 401 || (code == 403 && !source->authorization)))
    g_set_error_literal (error, GLOSS_NET_ERROR, GLOSS_NET_ERROR_ACCOUNT,
                         said ? said : _ ("the server refuses; try again later"));
  else
    g_set_error_literal (error, G_IO_ERROR,
                         code == 404                  ? G_IO_ERROR_NOT_FOUND
                         : code == 401 || code == 403 ? G_IO_ERROR_PERMISSION_DENIED
                                                      : G_IO_ERROR_FAILED,
                         said ? said : _ ("the server refuses; try again later"));
  return NULL;
}

GPtrArray *
gloss_source_list (GlossSource *source, const GlossHttpOptions *options, GCancellable *cancellable,
                   GError **error)
{
  const GlossSourceClass *class = get_class (source->kind);
  g_autoptr (GPtrArray) files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_source_file_free);
  g_autofree char *page = NULL;

  if (class->make_version_request && !source->revision)
    {
      g_autoptr (json_t) root =
          fetch (source, class->make_version_request (source), options, cancellable, error);

      source->revision = root ? class->parse_version (root, error) : NULL;
      if (!source->revision)
        return NULL;
    }
  for (guint n_pages = 0; n_pages < MAX_PAGES; n_pages++)
    {
      g_autoptr (json_t) root =
          fetch (source, class->make_list_request (source, page), options, cancellable, error);
      g_autofree char *revision = NULL;
      g_autofree char *next = NULL;

      if (!root || !class->parse_list (root, files, &next, &revision, error))
        return NULL;
      if (revision)
        {
          g_free (source->revision);
          source->revision = g_steal_pointer (&revision);
        }
      g_free (page);
      page = g_steal_pointer (&next);
      if (!page)
        return g_steal_pointer (&files);
    }
  g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("the server's list of files does not end"));
  return NULL;
}

GlossRequest *
gloss_source_make_request (const GlossSource *source, const char *name)
{
  return prepare (source, get_class (source->kind)->make_file_request (source, name));
}

gboolean
gloss_source_download (const GlossSource *source, const GlossSourceFile *file, const char *path,
                       const GlossHttpOptions *options, GCancellable *cancellable,
                       GlossTransferFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GlossRequest) request = gloss_source_make_request (source, file->name);
  gboolean is_open = source->kind == GLOSS_SOURCE_BUCKET || source->kind == GLOSS_SOURCE_WEB;
  const GlossTransfer transfer = {
    .request = request,
    .path = path,
    .name = file->name,
    .n_bytes = file->n_bytes,
    .max_bytes = is_open && file->n_bytes == 0 ? MAX_WEB_FILE_BYTES : 0,
    .expected = file->digests,
    .has_linked_etag = source->kind == GLOSS_SOURCE_HUGGING_FACE,
    .growing = file->growing,
  };

  return gloss_transfer_run (&transfer, options, cancellable, func, user_data, error);
}
