/* Getting pictures with their captions. */
#include "library/data-pull.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mapped-file.h"
#include "net/safe-name.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAX_LINE_BYTES (1u << 20)
#define MAX_PICTURES 100000

/* The one set that has a name, and what lies in its bucket beside the pictures. */
#define NAMED_SET "longcap100"
static const char *const named_lists[] = { "data_train90.jsonl", "data_val10.jsonl" };

typedef struct
{
  const char *folder; /* borrowed, as all */
  const GlossHttpOptions *options;
  GCancellable *cancellable;
  GlossDownloadFunc func;
  gpointer user_data;
  guint n_files;
} Run;

GPtrArray *
gloss_data_read_list (const char *text, gsize n_bytes, const char *origin, GError **error)
{
  g_autoptr (GPtrArray) files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_source_file_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_line = 0;

  for (gsize at = 0; at < n_bytes;)
    {
      const char *line = text + at;
      const char *end = memchr (line, '\n', n_bytes - at);
      gsize n_length = end ? (gsize) (end - line) : n_bytes - at;
      g_autofree char *name = g_strdup_printf (_ ("%s, line %u"), origin, ++n_line);
      g_autoptr (json_t) root = NULL;
      const char *image, *fault;
      GlossSourceFile *file;

      at += n_length + 1;
      if (n_length == 0 || (n_length == 1 && line[0] == '\r'))
        continue;
      root = gloss_json_parse (line, n_length, MAX_LINE_BYTES, name, error);
      if (!root)
        return NULL;
      image = json_string_value (json_object_get (root, "image"));
      fault = image ? gloss_safe_name_find_fault (image) : NULL;
      if (!image || fault || !json_is_string (json_object_get (root, "suffix"))
          || files->len >= MAX_PICTURES)
        {
          if (fault)
            g_set_error (
                error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                _ ("%s: expected an object with \"image\" and \"suffix\", but the image %s"), name,
                _ (fault));
          else
            g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                         _ ("%s: expected an object with \"image\" and \"suffix\""), name);
          return NULL;
        }
      if (g_hash_table_contains (seen, image))
        continue;
      file = g_new0 (GlossSourceFile, 1);
      file->name = g_strdup (image);
      g_ptr_array_add (files, file);
      g_hash_table_add (seen, file->name);
    }
  return g_steal_pointer (&files);
}

static gboolean
download (Run *run, const GlossSource *source, const GPtrArray *files, GError **error)
{
  if (!gloss_download_set_run (source, files, run->folder, TRUE, run->options, run->cancellable,
                               run->func, run->user_data, error))
    return FALSE;
  run->n_files += files->len;
  return TRUE;
}

/* Downloads the list @name of @source, and the pictures that it names. */
static gboolean
pull_list (Run *run, const GlossSource *source, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (run->folder, name, NULL);
  g_autoptr (GlossRequest) request = gloss_source_make_request (source, name);
  const GlossTransfer transfer = {
    .request = request, .path = path, .name = name, .max_bytes = GLOSS_DATA_MAX_LIST_BYTES
  };
  g_autoptr (GlossMappedFile) file = NULL;
  g_autoptr (GPtrArray) files = NULL;

  if (!gloss_transfer_run (&transfer, run->options, run->cancellable, NULL, NULL, error))
    return FALSE;
  run->n_files++;
  file = gloss_mapped_file_open (path, error);
  files = file ? gloss_data_read_list ((const char *) gloss_mapped_file_get_data (file),
                                       gloss_mapped_file_get_size_bytes (file), name, error)
               : NULL;
  return files && download (run, source, files, error);
}

/* What the bucket lists; where it does not list, what its lists of captions name. */
static gboolean
pull_named (Run *run, const GlossEndpoints *endpoints, GError **error)
{
  g_autoptr (GlossSource) source =
      gloss_source_new (GLOSS_SOURCE_BUCKET, NAMED_SET, NULL, endpoints, NULL, error);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) files = NULL;

  if (!source)
    return FALSE;
  files = gloss_source_list (source, run->options, run->cancellable, &failure);
  if (files)
    return download (run, source, files, error);
  if (!g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (named_lists); i++)
    {
      if (!pull_list (run, source, named_lists[i], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
pull_address (Run *run, const char *url, GError **error)
{
  g_autoptr (GUri) address = gloss_address_parse (url, error);
  g_autoptr (GlossSource) source = NULL;
  g_autofree char *name = NULL;
  const char *last;
  g_autofree char *base = NULL;

  if (!address)
    return FALSE;
  last = strrchr (g_uri_get_path (address), '/');
  name = last ? g_uri_unescape_string (last + 1, "/") : NULL;
  if (g_uri_get_query (address) || gloss_safe_name_find_fault (name))
    {
      g_set_error_literal (
          error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          _ ("the address must end in the name of a list (https://…/captions.jsonl), "
             "with nothing after it"));
      return FALSE;
    }
  base = g_strndup (url, (gsize) (strrchr (url, '/') - url));
  source = gloss_source_new_for_web (base, error);
  return source && pull_list (run, source, name, error);
}

gboolean
gloss_data_pull (const char *what, const char *folder, const GlossEndpoints *endpoints,
                 const GlossHttpOptions *options, GCancellable *cancellable, GlossDownloadFunc func,
                 gpointer user_data, guint *out_n_files, GError **error)
{
  Run run = { folder, options, cancellable, func, user_data, 0 };
  gboolean is_done;

  if (strcmp (what, NAMED_SET) != 0 && !strstr (what, "://"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("there is no set of this name; expected %s or the https address of a JSONL "
                      "file"),
                   NAMED_SET);
      return FALSE;
    }
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_autofree char *shown = g_filename_display_name (folder);

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("%s: the folder cannot be made: %s"), shown, g_strerror (errno));
      return FALSE;
    }
  is_done = strcmp (what, NAMED_SET) == 0 ? pull_named (&run, endpoints, error)
                                          : pull_address (&run, what, error);
  /* an empty folder is of no use to anybody */
  if (!is_done)
    g_rmdir (folder);
  *out_n_files = run.n_files;
  return is_done;
}
