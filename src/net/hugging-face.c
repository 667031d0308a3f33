/* Hugging Face: repositories of files, the large ones with their SHA-256. */
#include "net/source-private.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

static GlossRequest *
make_list_request (const GlossSource *source, const char *page)
{
  g_autofree char *revision = gloss_source_escape (source->revision ? source->revision : "main");
  g_autofree char *url = g_strdup_printf ("%s/api/models/%s/revision/%s?blobs=true",
                                          source->endpoint, source->handle, revision);

  return gloss_request_new (url, source->authorization);
}

static GlossRequest *
make_file_request (const GlossSource *source, const char *name)
{
  g_autofree char *revision = gloss_source_escape (source->revision ? source->revision : "main");
  g_autofree char *escaped = gloss_source_escape (name);
  g_autofree char *url =
      g_strdup_printf ("%s/%s/resolve/%s/%s", source->endpoint, source->handle, revision, escaped);

  return gloss_request_new (url, source->authorization);
}

static gboolean
parse_list (json_t *root, GPtrArray *files, char **out_page, char **out_revision, GError **error)
{
  json_t *list = json_object_get (root, "siblings"), *file;
  const char *revision = json_string_value (json_object_get (root, "sha"));
  gsize index;

  if (!json_is_array (list) || !revision || !gloss_is_hex (revision, 40))
    {
      g_set_error_literal (
          error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
          _ ("Hugging Face's answer has no list of files, or not of which version"));
      return FALSE;
    }
  json_array_foreach (list, index, file)
  {
    json_t *lfs = json_object_get (file, "lfs");
    const char *sha256 = json_string_value (json_object_get (lfs, "sha256"));
    guint64 n_bytes = gloss_source_read_size (json_object_get (lfs, "size"));
    GlossDigests digests = { 0 };

    if (sha256 && gloss_is_hex (sha256, 64))
      digests.sha256 = g_strdup (sha256);
    if (n_bytes == 0)
      n_bytes = gloss_source_read_size (json_object_get (file, "size"));
    if (!gloss_source_add_file (files, json_string_value (json_object_get (file, "rfilename")),
                                n_bytes, &digests, error))
      return FALSE;
  }
  *out_revision = g_strdup (revision);
  return TRUE;
}

static char *
get_page (const GlossSource *source)
{
  return g_strconcat ("https://huggingface.co/", source->handle, NULL);
}

static char *
explain (const GlossRefusal *refusal, const GlossSource *source)
{
  g_autofree char *page = get_page (source);

  switch (refusal->status)
    {
    case 401:
      if (!source->authorization)
        return g_strdup_printf (
            _ ("Hugging Face gives this only to accounts; accept the licence on %s, "
               "and sign in with a token from https://huggingface.co/settings/tokens"),
            page);
      return g_strdup_printf (
          _ ("Hugging Face does not accept this token, or there is no %s; make a new "
             "token at https://huggingface.co/settings/tokens and sign in with it"),
          source->handle);
    case 403:
      return g_strdup_printf (
          _ ("Hugging Face does not know that this account has accepted the licence, "
             "or the token may not read it; open %s with the account, accept "
             "there, and try again"),
          page);
    case 404:
      if (g_strcmp0 (refusal->error_code, "RevisionNotFound") == 0)
        return g_strdup_printf (_ ("Hugging Face has no version \"%s\" of %s"),
                                source->revision ? source->revision : "main", source->handle);
      if (g_strcmp0 (refusal->error_code, "EntryNotFound") == 0)
        return g_strdup_printf (_ ("Hugging Face has no file of this name in %s"), source->handle);
      return g_strdup_printf (_ ("Hugging Face has no %s"), source->handle);
    case 429:
      return g_strdup (_ ("Hugging Face was asked too often; try again in some minutes"));
    default:
      return NULL;
    }
}

const GlossSourceClass gloss_hugging_face_class = {
  .n_parts = 2,
  .make_list_request = make_list_request,
  .parse_list = parse_list,
  .make_file_request = make_file_request,
  .explain = explain,
  .get_page = get_page,
};
