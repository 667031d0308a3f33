/* A server on this machine that answers as Kaggle, Hugging Face and Google's storage do. */
#include "net/services.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define PAGE 2
#define LARGE_BYTES (1 << 20)

typedef struct
{
  char *where;
  char *name;
  GBytes *content;
} File;

struct _Services
{
  Server *server;
  GMutex lock;
  GPtrArray *files;  /* of File; guarded by lock */
  GHashTable *lists; /* guarded by lock */
  ServicesMood mood; /* guarded by lock */
  guint n_cuts;      /* guarded by lock */
  guint n_stalls;    /* guarded by lock */
};

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->where);
  g_free (file->name);
  g_bytes_unref (file->content);
  g_free (file);
}

static const char *
get_header (SoupServerMessage *message, const char *name)
{
  const char *value =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), name);

  return value ? value : "";
}

static void
set_header (SoupServerMessage *message, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message), name, value);
}

static File *
find (Services *services, const char *where, const char *name)
{
  for (guint i = 0; i < services->files->len; i++)
    {
      File *file = g_ptr_array_index (services->files, i);

      if (strcmp (file->where, where) == 0 && strcmp (file->name, name) == 0)
        return file;
    }
  return NULL;
}

static gboolean
has (Services *services, const char *where)
{
  for (guint i = 0; i < services->files->len; i++)
    {
      File *file = g_ptr_array_index (services->files, i);

      if (strcmp (file->where, where) == 0)
        return TRUE;
    }
  return g_hash_table_contains (services->lists, where);
}

/* One page of the list, of what @describe makes of a file; @first is where it begins. */
static json_t *
make_list (Services *services, const char *where, gsize first, gsize n_page, gsize *out_next,
           json_t *(*describe) (const File *file))
{
  json_t *list = json_array ();
  gsize n = 0;

  *out_next = 0;
  for (guint i = 0; i < services->files->len; i++)
    {
      File *file = g_ptr_array_index (services->files, i);

      if (strcmp (file->where, where) != 0 || n++ < first)
        continue;
      if (n > first + n_page)
        {
          *out_next = first + n_page;
          break;
        }
      json_array_append_new (list, describe (file));
    }
  return list;
}

static void
send_json (SoupServerMessage *message, json_t *root)
{
  char *text = json_dumps (root, 0);

  server_send_text (message, 200, text);
  free (text);
  json_decref (root);
}

static char *
make_hash (const File *file)
{
  guint8 bytes[16];
  gsize n_bytes = sizeof bytes;
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_MD5);
  char *encoded;

  g_checksum_update (checksum, g_bytes_get_data (file->content, NULL),
                     (gssize) g_bytes_get_size (file->content));
  g_checksum_get_digest (checksum, bytes, &n_bytes);
  g_checksum_free (checksum);
  encoded = g_base64_encode (bytes, n_bytes);
  return encoded;
}

static void
send_content (Services *services, SoupServerMessage *message, const File *file)
{
  g_autofree char *md5 = make_hash (file);
  g_autofree char *hash = g_strdup_printf ("md5=%s", md5);
  gsize n_bytes = g_bytes_get_size (file->content), start = server_get_start (message, "\"e\"");
  g_autofree char *head = NULL;
  gboolean is_stalled = services->n_stalls > 0 && n_bytes >= LARGE_BYTES;

  if ((services->n_cuts == 0 && !is_stalled) || n_bytes < 4)
    {
      set_header (message, "x-goog-hash", hash);
      server_send_file (message, file->content, "\"e\"");
      return;
    }
  *(is_stalled ? &services->n_stalls : &services->n_cuts) -= 1;
  head =
      start == 0
          ? g_strdup_printf ("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: %" G_GSIZE_FORMAT
                             "\r\n\r\n",
                             n_bytes)
          : g_strdup_printf ("HTTP/1.1 206 Part\r\nETag: \"e\"\r\nContent-Length: %" G_GSIZE_FORMAT
                             "\r\nContent-Range: bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT
                             "/%" G_GSIZE_FORMAT "\r\n\r\n",
                             n_bytes - start, start, n_bytes - 1, n_bytes);
  (is_stalled ? server_send_and_stall : server_send_raw) (
      services->server, message, head,
      (const guint8 *) g_bytes_get_data (file->content, NULL) + start, (n_bytes - start) / 2);
}

/* Sends to the storage, which is another server and gives the content to anybody who knows where.
 */
static void
send_to_storage (Services *services, SoupServerMessage *message, const File *file)
{
  g_autofree char *location =
      g_strdup_printf ("%s/storage-of/%s/file/%s?signature=abc",
                       server_get_other_base (services->server), file->where, file->name);

  server_redirect (message, location);
}

/* FALSE when it has answered. */
static gboolean
admit (Services *services, SoupServerMessage *message, const char *authorization)
{
  switch (services->mood)
    {
    case SERVICES_CODED:
      server_send_text (message, 200, "{\"code\": 403, \"message\": \"not for you\"}");
      return FALSE;
    case SERVICES_BUSY:
      server_send_text (message, 429, "{\"code\": 429}");
      return FALSE;
    case SERVICES_BROKEN:
      server_send_text (message, 500, "oh");
      return FALSE;
    case SERVICES_NO_CONSENT:
      set_header (message, "X-Error-Code", "GatedRepo");
      server_send_text (message, 403, "{\"code\": 403, \"message\": \"consent\"}");
      return FALSE;
    case SERVICES_FRIENDLY:
    case SERVICES_CLOSED:
      break;
    }
  if (strcmp (get_header (message, "Authorization"), authorization) == 0)
    return TRUE;
  set_header (message, "X-Error-Code", "GatedRepo");
  /* without this libsoup's server adds a challenge */
  server_send_text (message, 401, "{\"code\": 401, \"message\": \"Unauthenticated\"}");
  return FALSE;
}

static json_t *
describe_kaggle (const File *file)
{
  return json_pack ("{s:s, s:I}", "name", file->name, "size",
                    (json_int_t) g_bytes_get_size (file->content));
}

static void
send_kaggle_list (Services *services, SoupServerMessage *message, const char *where,
                  const char *token)
{
  gsize next;
  json_t *list =
      make_list (services, where, token ? (gsize) atoi (token) : 0, PAGE, &next, describe_kaggle);
  g_autofree char *page = next > 0 ? g_strdup_printf ("%" G_GSIZE_FORMAT, next) : g_strdup ("");
  const char *text = g_hash_table_lookup (services->lists, where);

  if (text)
    {
      json_decref (list);
      server_send_text (message, 200, text);
      return;
    }
  send_json (message, json_pack ("{s:o, s:s}", "files", list, "nextPageToken", page));
}

/* /kaggle/models/A/B/C/D/get, …/VERSION/files, …/VERSION/download/NAME */
static void
answer_kaggle (Services *services, SoupServerMessage *message, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", 8);
  g_autofree char *where = NULL;
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  File *file;

  if (!admit (services, message, "Basic bWU6cmlnaHRrZXk="))
    return;
  if (strcmp (path, "hello") == 0)
    {
      server_send_text (message, 200, "{\"code\": 0, \"userName\": \"me\"}");
      return;
    }
  g_assert_cmpuint (g_strv_length (parts), >=, 6);
  where = g_strdup_printf ("kaggle:%s/%s/%s/%s", parts[1], parts[2], parts[3], parts[4]);
  if (!has (services, where))
    server_send_text (message, 404, "{\"code\": 404}");
  else if (strcmp (parts[5], "get") == 0)
    server_send_text (message, 200, "{\"id\": 1, \"versionNumber\": 3}");
  else if (strcmp (parts[5], "3") != 0)
    server_send_text (message, 404, "{\"code\": 404}");
  else if (strcmp (parts[6], "files") == 0)
    {
      const char *token = query ? strstr (query, "page_token=") : NULL;

      send_kaggle_list (services, message, where, token ? token + strlen ("page_token=") : NULL);
    }
  else if ((file = find (services, where, parts[7])) != NULL)
    send_to_storage (services, message, file);
  else
    server_send_text (message, 404, "{\"code\": 404}");
}

/* The newer interface. */
static void
answer_kaggle_call (Services *services, SoupServerMessage *message, const char *method)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr (json_t) root = gloss_json_parse (g_bytes_get_data (bytes, NULL),
                                              g_bytes_get_size (bytes), 10000, "call", NULL);
  g_autofree char *where = NULL;
  g_autofree char *framework = NULL;
  const char *path = json_string_value (json_object_get (root, "path"));
  File *file;

  if (!admit (services, message, "Bearer KGAT_right"))
    return;
  g_assert_cmpstr (soup_server_message_get_method (message), ==, "POST");
  g_assert_nonnull (root);
  if (strcmp (method, "ListModels") == 0)
    {
      server_send_text (message, 200, "{\"models\": []}");
      return;
    }
  framework = g_ascii_strdown (
      json_string_value (json_object_get (root, "framework")) + strlen ("MODEL_FRAMEWORK_"), -1);
  where = g_strdup_printf ("kaggle:%s/%s/%s/%s",
                           json_string_value (json_object_get (root, "ownerSlug")),
                           json_string_value (json_object_get (root, "modelSlug")), framework,
                           json_string_value (json_object_get (root, "instanceSlug")));
  if (!has (services, where))
    server_send_text (message, 404, "{\"code\": 404}");
  else if (strcmp (method, "GetModelInstance") == 0)
    server_send_text (message, 200, "{\"id\": 1, \"versionNumber\": 3}");
  else if (json_integer_value (json_object_get (root, "versionNumber")) != 3)
    server_send_text (message, 404, "{\"code\": 404}");
  else if (strcmp (method, "ListModelInstanceVersionFiles") == 0)
    send_kaggle_list (services, message, where,
                      json_string_value (json_object_get (root, "pageToken")));
  else if (path && (file = find (services, where, path)) != NULL)
    send_to_storage (services, message, file);
  else
    server_send_text (message, 404, "{\"code\": 404}");
}

/* Large files have their SHA-256 in the list; those whose name has "secret" only when they are
 * asked for. */
static json_t *
describe_hugging_face (const File *file)
{
  json_int_t n_bytes = (json_int_t) g_bytes_get_size (file->content);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file->content);

  if (n_bytes < 1000)
    return json_pack ("{s:s, s:I, s:s}", "rfilename", file->name, "size", n_bytes, "blobId", "x");
  return json_pack ("{s:s, s:I, s:{s:s, s:I, s:i}}", "rfilename", file->name, "size", n_bytes,
                    "lfs", "sha256", sha256, "size", n_bytes, "pointerSize", 135);
}

/* /huggingface/api/models/O/R/revision/REV, /huggingface/O/R/resolve/REV/NAME */
static void
answer_hugging_face (Services *services, SoupServerMessage *message, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", strstr (path, "api/") == path ? 6 : 5);
  gboolean is_list = strcmp (parts[0], "api") == 0;
  const char *const *rest = (const char *const *) parts + (is_list ? 2 : 0);
  g_autofree char *where = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *size = NULL;
  g_autofree char *etag = NULL;
  const char *text;
  gsize next;
  File *file;

  if (!admit (services, message, "Bearer hf_right"))
    return;
  if (strcmp (path, "api/whoami-v2") == 0)
    {
      server_send_text (message, 200, "{\"type\": \"user\", \"name\": \"me\"}");
      return;
    }
  where = g_strdup_printf ("hf:%s/%s", rest[0], rest[1]);
  text = g_hash_table_lookup (services->lists, where);
  if (!has (services, where))
    {
      set_header (message, "X-Error-Code", "RepoNotFound");
      server_send_text (message, 404, "");
    }
  else if (strcmp (rest[3], "main") != 0 && strcmp (rest[3], COMMIT) != 0
           && strcmp (rest[3], "bfloat16") != 0)
    {
      set_header (message, "X-Error-Code", "RevisionNotFound");
      server_send_text (message, 404, "");
    }
  else if (is_list && text)
    server_send_text (message, 200, text);
  else if (is_list)
    send_json (message,
               json_pack ("{s:s, s:s, s:o}", "id", rest[1], "sha", COMMIT, "siblings",
                          make_list (services, where, 0, 1000, &next, describe_hugging_face)));
  else if (!(file = find (services, where, rest[4])))
    {
      set_header (message, "X-Error-Code", "EntryNotFound");
      server_send_text (message, 404, "");
    }
  else if (g_bytes_get_size (file->content) < 1000)
    server_send_file (message, file->content, "\"blob\"");
  else
    {
      sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, file->content);
      etag = g_strdup_printf ("\"%s\"", sha256);
      size = g_strdup_printf ("%" G_GSIZE_FORMAT, g_bytes_get_size (file->content));
      set_header (message, "X-Linked-Etag", etag);
      set_header (message, "X-Linked-Size", size);
      send_to_storage (services, message, file);
    }
}

static json_t *
describe_bucket (const File *file)
{
  g_autofree char *md5 = make_hash (file);
  g_autofree char *size = g_strdup_printf ("%" G_GSIZE_FORMAT, g_bytes_get_size (file->content));

  return json_pack ("{s:s, s:s, s:s}", "name", file->name, "size", size, "md5Hash", md5);
}

/* /bucket/storage/v1/b/NAME/o, /bucket/NAME/OBJECT */
static void
answer_bucket (Services *services, SoupServerMessage *message, const char *path)
{
  gboolean is_list = g_str_has_prefix (path, "storage/v1/b/");
  const char *rest = is_list ? path + strlen ("storage/v1/b/") : path;
  g_auto (GStrv) parts = g_strsplit (rest, "/", 2);
  g_autofree char *where = g_strconcat ("bucket:", parts[0], NULL);
  const char *query = g_uri_get_query (soup_server_message_get_uri (message));
  const char *token = query ? strstr (query, "pageToken=") : NULL;
  gsize next;
  File *file;

  /* nothing secret goes there */
  g_assert_cmpstr (get_header (message, "Authorization"), ==, "");
  if (services->mood == SERVICES_CLOSED)
    server_send_text (message, 401, "Anonymous caller does not have storage.objects.get access");
  else if (!has (services, where))
    server_send_text (message, 404, "no such bucket");
  else if (is_list)
    {
      json_t *list =
          make_list (services, where, token ? (gsize) atoi (token + strlen ("pageToken=")) : 0,
                     PAGE, &next, describe_bucket);
      g_autofree char *page = next > 0 ? g_strdup_printf ("%" G_GSIZE_FORMAT, next) : NULL;

      send_json (message, json_pack ("{s:s, s:o, s:s*}", "kind", "storage#objects", "items", list,
                                     "nextPageToken", page));
    }
  else if ((file = find (services, where, parts[1])) != NULL)
    send_content (services, message, file);
  else
    server_send_text (message, 404, "no such object");
}

static void
answer_storage (Services *services, SoupServerMessage *message, const char *path)
{
  const char *middle = strstr (path, "/file/");
  g_autofree char *where = g_strndup (path, (gsize) (middle - path));
  File *file = find (services, where, middle + strlen ("/file/"));

  /* the storage is another server: what is secret to the service is none of its business */
  g_assert_cmpstr (get_header (message, "Authorization"), ==, "");
  g_assert_true (g_str_has_prefix (get_header (message, "Host"), "127.0.0.1:"));
  g_assert_cmpstr (soup_server_message_get_method (message), ==, "GET");
  g_assert_nonnull (file);
  send_content (services, message, file);
}

static void
answer (Server *server, SoupServerMessage *message, const char *path, gpointer user_data)
{
  static const struct
  {
    const char *prefix;
    void (*answer) (Services *services, SoupServerMessage *message, const char *path);
  } routes[] = {
    { "/kaggle/", answer_kaggle },
    { "/kaggle-token/models.ModelApiService/", answer_kaggle_call },
    { "/huggingface/", answer_hugging_face },
    { "/bucket/", answer_bucket },
    { "/storage-of/", answer_storage },
  };
  Services *services = user_data;

  g_mutex_lock (&services->lock);
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      if (!g_str_has_prefix (path, routes[i].prefix))
        continue;
      /* "/kaggle/models/…" */
      path += strlen (routes[i].prefix);
      routes[i].answer (services, message, path);
      g_mutex_unlock (&services->lock);
      return;
    }
  g_mutex_unlock (&services->lock);
  server_send_text (message, 404, "");
}

Services *
services_new (gboolean has_tls)
{
  Services *services = g_new0 (Services, 1);

  g_mutex_init (&services->lock);
  services->files = g_ptr_array_new_with_free_func (file_free);
  services->lists = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  services->server = server_new (has_tls, answer, services);
  return services;
}

void
services_free (Services *services)
{
  server_free (services->server);
  g_ptr_array_unref (services->files);
  g_hash_table_unref (services->lists);
  g_mutex_clear (&services->lock);
  g_free (services);
}

Server *
services_get_server (Services *services)
{
  return services->server;
}

void
services_set_mood (Services *services, ServicesMood mood)
{
  g_mutex_lock (&services->lock);
  services->mood = mood;
  g_mutex_unlock (&services->lock);
}

void
services_add (Services *services, const char *where, const char *name, GBytes *content)
{
  File *file = g_new0 (File, 1);

  file->where = g_strdup (where);
  file->name = g_strdup (name);
  file->content = g_bytes_ref (content);
  g_mutex_lock (&services->lock);
  g_ptr_array_add (services->files, file);
  g_mutex_unlock (&services->lock);
}

void
services_forget (Services *services, const char *where)
{
  g_mutex_lock (&services->lock);
  for (guint i = services->files->len; i > 0; i--)
    {
      const File *file = g_ptr_array_index (services->files, i - 1);

      if (strcmp (file->where, where) == 0)
        g_ptr_array_remove_index (services->files, i - 1);
    }
  g_mutex_unlock (&services->lock);
}

void
services_set_list (Services *services, const char *where, const char *text)
{
  g_mutex_lock (&services->lock);
  g_hash_table_replace (services->lists, g_strdup (where), g_strdup (text));
  g_mutex_unlock (&services->lock);
}

void
services_set_cuts (Services *services, guint n)
{
  g_mutex_lock (&services->lock);
  services->n_cuts = n;
  g_mutex_unlock (&services->lock);
}

void
services_set_stalls (Services *services, guint n)
{
  g_mutex_lock (&services->lock);
  services->n_stalls = n;
  g_mutex_unlock (&services->lock);
}

void
services_get_endpoints (Services *services, GlossEndpoints *endpoints)
{
  const char *base = server_get_base (services->server);

  endpoints->kaggle = g_strconcat (base, "/kaggle", NULL);
  endpoints->kaggle_token = g_strconcat (base, "/kaggle-token", NULL);
  endpoints->hugging_face = g_strconcat (base, "/huggingface", NULL);
  endpoints->bucket = g_strconcat (base, "/bucket", NULL);
}
