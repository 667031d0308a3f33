/* A public bucket of Google Cloud Storage. */
#include "net/source-private.h"

#include "base/error.h"
#include "base/i18n.h"

static GlossRequest *
make_list_request (const GlossSource *source, const char *page)
{
  g_autofree char *escaped = page ? g_uri_escape_string (page, NULL, FALSE) : NULL;
  g_autofree char *url =
      g_strdup_printf ("%s/storage/v1/b/%s/o?maxResults=1000%s%s", source->endpoint, source->handle,
                       page ? "&pageToken=" : "", page ? escaped : "");

  return gloss_request_new (url, NULL);
}

static GlossRequest *
make_file_request (const GlossSource *source, const char *name)
{
  g_autofree char *escaped = gloss_source_escape (name);
  g_autofree char *url = g_strdup_printf ("%s/%s/%s", source->endpoint, source->handle, escaped);

  return gloss_request_new (url, NULL);
}

static gboolean
parse_list (json_t *root, GPtrArray *files, char **out_page, char **out_revision, GError **error)
{
  json_t *list = json_object_get (root, "items"), *file;
  const char *page = json_string_value (json_object_get (root, "nextPageToken"));
  gsize index;

  /* an empty bucket has no "items" */
  if (!json_is_object (root) || (list && !json_is_array (list)))
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           _ ("the bucket's answer has no list of files"));
      return FALSE;
    }
  json_array_foreach (list, index, file)
  {
    const char *name = json_string_value (json_object_get (file, "name"));
    const char *md5 = json_string_value (json_object_get (file, "md5Hash"));
    const char *crc32c = json_string_value (json_object_get (file, "crc32c"));
    g_autofree char *hashes =
        g_strdup_printf ("md5=%s,crc32c=%s", md5 ? md5 : "", crc32c ? crc32c : "");
    GlossDigests digests = { 0 };

    /* what stands for a folder */
    if (name && g_str_has_suffix (name, "/"))
      continue;
    gloss_digests_add_goog_hash (&digests, hashes);
    if (!gloss_source_add_file (
            files, name, gloss_source_read_size (json_object_get (file, "size")), &digests, error))
      return FALSE;
  }
  *out_page = page && *page ? g_strdup (page) : NULL;
  return TRUE;
}

static char *
explain (const GlossRefusal *refusal, const GlossSource *source)
{
  switch (refusal->status)
    {
    case 401:
    case 403:
      return g_strdup_printf (
          _ ("the bucket gs://%s is closed to the public, or its list is; use a copy "
             "on this machine"),
          source->handle);
    case 404:
      return g_strdup_printf (_ ("there is no bucket or file of this name (gs://%s)"),
                              source->handle);
    default:
      return NULL;
    }
}

static char *
get_page (const GlossSource *source)
{
  return NULL;
}

const GlossSourceClass gloss_bucket_class = {
  .n_parts = 1,
  .make_list_request = make_list_request,
  .parse_list = parse_list,
  .make_file_request = make_file_request,
  .explain = explain,
  .get_page = get_page,
};
