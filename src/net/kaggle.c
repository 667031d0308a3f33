/*
 * Kaggle. A user name and key go to the older interface (GET, under /api/v1), a token to the newer
 * one (POST with JSON), since nobody says that the older takes tokens. Both answer alike.
 */
#include "net/source-private.h"

#include "base/error.h"
#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 25

/* The newer interface: @method, with "path", "pageToken" and so on where they are not NULL. */
static GlossRequest *
make_call (const GlossSource *source, const char *method, const char *key, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (source->handle, "/", -1);
  g_autofree char *framework = g_ascii_strup (parts[2], -1);
  g_autofree char *full = g_strconcat ("MODEL_FRAMEWORK_", framework, NULL);
  g_autofree char *url = g_strconcat (source->endpoint, "/models.ModelApiService/", method, NULL);
  GlossRequest *request = gloss_request_new (url, source->authorization);
  g_autoptr (json_t) body = json_pack ("{s:s, s:s, s:s, s:s}", "ownerSlug", parts[0], "modelSlug",
                                       parts[1], "framework", full, "instanceSlug", parts[3]);
  char *text;

  if (source->revision)
    json_object_set_new (body, "versionNumber",
                         json_integer (g_ascii_strtoll (source->revision, NULL, 10)));
  if (strcmp (method, "ListModelInstanceVersionFiles") == 0)
    json_object_set_new (body, "pageSize", json_integer (PAGE_SIZE));
  if (key && value)
    json_object_set_new (body, key, json_string (value));
  text = json_dumps (body, JSON_COMPACT | JSON_PRESERVE_ORDER);
  request->json = g_strdup (text);
  free (text);
  return request;
}

static GlossRequest *
make_version_request (const GlossSource *source)
{
  g_autofree char *url = NULL;

  if (source->has_token)
    return make_call (source, "GetModelInstance", NULL, NULL);
  url = g_strdup_printf ("%s/models/%s/get", source->endpoint, source->handle);
  return gloss_request_new (url, source->authorization);
}

static GlossRequest *
make_list_request (const GlossSource *source, const char *page)
{
  g_autofree char *escaped = page ? g_uri_escape_string (page, NULL, FALSE) : NULL;
  g_autofree char *url = NULL;

  if (source->has_token)
    return make_call (source, "ListModelInstanceVersionFiles", "pageToken", page);
  url = g_strdup_printf ("%s/models/%s/%s/files?page_size=%d%s%s", source->endpoint, source->handle,
                         source->revision, PAGE_SIZE, page ? "&page_token=" : "",
                         page ? escaped : "");
  return gloss_request_new (url, source->authorization);
}

static GlossRequest *
make_file_request (const GlossSource *source, const char *name)
{
  g_autofree char *escaped = gloss_source_escape (name);
  g_autofree char *url = NULL;

  if (source->has_token)
    return make_call (source, "DownloadModelInstanceVersion", "path", name);
  url = g_strdup_printf ("%s/models/%s/%s/download/%s", source->endpoint, source->handle,
                         source->revision, escaped);
  return gloss_request_new (url, source->authorization);
}

static char *
parse_version (json_t *root, GError **error)
{
  json_t *number = json_object_get (root, "versionNumber");

  if (json_integer_value (number) > 0 && json_integer_value (number) < G_MAXINT32)
    return g_strdup_printf ("%" JSON_INTEGER_FORMAT, json_integer_value (number));
  g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("Kaggle's answer does not say which version is the newest"));
  return NULL;
}

static gboolean
parse_list (json_t *root, GPtrArray *files, char **out_page, char **out_revision, GError **error)
{
  json_t *list = json_object_get (root, "files"), *file;
  const char *page = json_string_value (json_object_get (root, "nextPageToken"));
  gsize index;

  if (!json_is_array (list))
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           _ ("Kaggle's answer has no list of files"));
      return FALSE;
    }
  json_array_foreach (list, index, file)
  {
    GlossDigests digests = { 0 };
    guint64 n_bytes = gloss_source_read_size (json_object_get (file, "size"));

    if (n_bytes == 0)
      n_bytes = gloss_source_read_size (json_object_get (file, "totalBytes"));
    if (!gloss_source_add_file (files, json_string_value (json_object_get (file, "name")), n_bytes,
                                &digests, error))
      return FALSE;
  }
  *out_page = page && *page ? g_strdup (page) : NULL;
  return TRUE;
}

static char *
get_page (const GlossSource *source)
{
  g_auto (GStrv) parts = g_strsplit (source->handle, "/", -1);

  return g_strdup_printf ("https://www.kaggle.com/models/%s/%s", parts[0], parts[1]);
}

static char *
explain (const GlossRefusal *refusal, const GlossSource *source)
{
  g_autofree char *page = get_page (source);

  switch (refusal->status)
    {
    case 401:
      if (!source->authorization)
        return g_strdup (_ ("Kaggle wants an account; make a key or token at "
                            "https://www.kaggle.com/settings and sign in with it"));
      return g_strdup (source->has_token
                           ? _ ("Kaggle does not accept this token; make a new one at "
                                "https://www.kaggle.com/settings and sign in with it")
                           : _ ("Kaggle does not accept this user name and key; make a new key at "
                                "https://www.kaggle.com/settings and sign in with it"));
    case 403:
      if (!source->authorization)
        return g_strdup_printf (
            _ ("Kaggle gives this to accounts that have accepted its licence; accept it on %s, "
               "and sign in with a key or token from https://www.kaggle.com/settings"),
            page);
      return g_strdup_printf (
          _ ("Kaggle does not know that this account has accepted the licence; open "
             "%s with it, accept there, and try again"),
          page);
    case 404:
      return g_strdup_printf (_ ("Kaggle has no model, version or file of this name (%s)"),
                              source->handle);
    case 429:
      return g_strdup (_ ("Kaggle was asked too often; try again in some minutes"));
    default:
      return NULL;
    }
}

const GlossSourceClass gloss_kaggle_class = {
  .n_parts = 4,
  .make_list_request = make_list_request,
  .parse_list = parse_list,
  .make_file_request = make_file_request,
  .explain = explain,
  .get_page = get_page,
  .make_version_request = make_version_request,
  .parse_version = parse_version,
};
