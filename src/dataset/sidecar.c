/* The caption of a picture in a text file beside it. */
#include "dataset/sidecar.h"

#include "base/atomic-file.h"
#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char mark[] = "\xef\xbb\xbf";

/* In the order in which they are looked for. */
static const char *const suffixes[] = { "txt", "caption" };

void
gloss_sidecar_free (GlossSidecar *sidecar)
{
  if (!sidecar)
    return;
  g_free (sidecar->path);
  g_free (sidecar->text);
  g_free (sidecar->hash);
  g_free (sidecar);
}

static char *
make_path (const char *picture_path, const char *suffix)
{
  const char *slash = strrchr (picture_path, '/');
  const char *name = slash ? slash + 1 : picture_path;
  const char *dot = strrchr (name, '.');
  gsize n = dot && dot != name ? (gsize) (dot - picture_path) : strlen (picture_path);

  return g_strdup_printf ("%.*s.%s", (int) n, picture_path, suffix);
}

char *
gloss_sidecar_get_path (const char *picture_path)
{
  return make_path (picture_path, suffixes[0]);
}

static gint64
get_mtime_nsec (const struct stat *status)
{
  return (gint64) status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/* Whether a file by that name is not there at all, after a call has failed. */
static gboolean
is_missing (int number)
{
  return number == ENOENT || number == ENOTDIR || number == ENAMETOOLONG;
}

static gboolean
set_error (const char *path, int number, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               _ ("%s: the caption beside the picture cannot be read: %s"), name,
               g_strerror (number));
  return FALSE;
}

static gboolean
check_kind (const char *path, const struct stat *status, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);

  if (S_ISREG (status->st_mode) && status->st_size <= (gint64) GLOSS_SIDECAR_MAX_BYTES)
    return TRUE;
  if (S_ISREG (status->st_mode))
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                 _ ("%s: this file has %" PRId64 " bytes, and a caption beside a picture at "
                    "most %zu"),
                 name, (gint64) status->st_size, GLOSS_SIDECAR_MAX_BYTES);
  else if (S_ISDIR (status->st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 _ ("%s: a folder has the name of the caption beside the picture"), name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _ ("%s: a device or a pipe has the name of the caption beside the picture"), name);
  return FALSE;
}

/* Reads what is there, at most one byte more than a sidecar may have. */
static gboolean
read_bytes (int descriptor, const char *path, GByteArray *bytes, GError **error)
{
  guint8 block[65536];

  while (bytes->len <= GLOSS_SIDECAR_MAX_BYTES)
    {
      gssize n =
          read (descriptor, block, MIN (sizeof block, GLOSS_SIDECAR_MAX_BYTES + 1 - bytes->len));

      if (n == 0)
        return TRUE;
      if (n > 0)
        g_byte_array_append (bytes, block, (guint) n);
      else if (errno != EINTR)
        return set_error (path, errno, error);
    }
  return TRUE;
}

static char *
make_text (const GByteArray *bytes)
{
  const char *text = (const char *) bytes->data;
  gsize n = bytes->len;

  if (n == 0)
    return g_strdup ("");
  if (!g_utf8_validate_len (text, n, NULL))
    return NULL;
  if (n >= 3 && memcmp (text, mark, 3) == 0)
    {
      text += 3;
      n -= 3;
    }
  if (n > 0 && text[n - 1] == '\n')
    n -= n > 1 && text[n - 2] == '\r' ? 2 : 1;
  return g_strndup (text, n);
}

/* @bytes are those of the file. */
static GlossSidecar *
make_sidecar (const char *path, const struct stat *status, const GByteArray *bytes)
{
  GlossSidecar *sidecar = g_new0 (GlossSidecar, 1);

  sidecar->path = g_strdup (path);
  sidecar->text = make_text (bytes);
  sidecar->hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes->data, bytes->len);
  sidecar->n_bytes = bytes->len;
  sidecar->mtime_nsec = get_mtime_nsec (status);
  return sidecar;
}

/* FALSE with @error when it cannot be read; NULL in @out when it is not there. */
static gboolean
read_file (const char *path, GlossSidecar **out, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  struct stat status;
  gboolean is_good;
  /* A pipe of that name must not keep us waiting. */
  int descriptor = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  *out = NULL;
  if (descriptor < 0)
    return is_missing (errno) || set_error (path, errno, error);
  is_good = fstat (descriptor, &status) == 0 || set_error (path, errno, error);
  is_good =
      is_good && check_kind (path, &status, error) && read_bytes (descriptor, path, bytes, error);
  close (descriptor);
  if (!is_good)
    return FALSE;
  /* It may have grown since it was looked at. */
  status.st_size = bytes->len;
  if (!check_kind (path, &status, error))
    return FALSE;
  *out = make_sidecar (path, &status, bytes);
  return TRUE;
}

GlossSidecar *
gloss_sidecar_read (const char *picture_path, GError **error)
{
  GlossSidecar *sidecar = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (suffixes) && !sidecar; i++)
    {
      g_autofree char *path = make_path (picture_path, suffixes[i]);

      if (!g_str_equal (path, picture_path) && !read_file (path, &sidecar, error))
        return NULL;
    }
  return sidecar;
}

gboolean
gloss_sidecar_has_changed (const char *picture_path, const GlossSidecar *known)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = make_path (picture_path, suffixes[i]);
      struct stat status;

      if (g_str_equal (path, picture_path) || stat (path, &status) != 0)
        continue;
      return !known || !g_str_equal (path, known->path) || status.st_size != known->n_bytes
             || get_mtime_nsec (&status) != known->mtime_nsec;
    }
  return known != NULL;
}

static gboolean
check_text (const char *path, const char *text, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);

  if (strlen (text) >= GLOSS_SIDECAR_MAX_BYTES)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                 _ ("%s: the caption has %zu bytes, and beside a picture at most "
                    "%zu are written"),
                 name, strlen (text), GLOSS_SIDECAR_MAX_BYTES - 1);
  else if (!g_utf8_validate (text, -1, NULL))
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: the caption cannot be written: it is not valid UTF-8"), name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
is_same (const GlossSidecar *a, const GlossSidecar *b)
{
  return g_str_equal (a->path, b->path) && g_str_equal (a->hash, b->hash);
}

/* Writes, and sets *@known to what was written even when that is not sure to stay: it is ours. */
static GlossSidecarResult
write_file (const char *path, const char *text, GlossSidecar **known, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GlossSidecar) written = NULL;
  g_autoptr (GlossSidecar) found = NULL;
  struct stat unknown = { 0 };
  gboolean is_good;

  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
  /* Behind a carriage return the newline would take it along when it is read. */
  if (*text && !g_str_has_suffix (text, "\r"))
    g_byte_array_append (bytes, (const guint8 *) "\n", 1);
  written = make_sidecar (path, &unknown, bytes);
  is_good = gloss_atomic_file_write (path, bytes->data, bytes->len, error);
  if (read_file (path, &found, NULL) && found && is_same (found, written))
    written->mtime_nsec = found->mtime_nsec;
  else if (!is_good)
    return GLOSS_SIDECAR_FAILED;
  gloss_sidecar_free (*known);
  *known = g_steal_pointer (&written);
  return is_good ? GLOSS_SIDECAR_WRITTEN : GLOSS_SIDECAR_FAILED;
}

GlossSidecarResult
gloss_sidecar_write (const char *picture_path, const char *text, GlossSidecar **known,
                     GError **error)
{
  g_autofree char *usual = gloss_sidecar_get_path (picture_path);
  g_autofree char *name = g_filename_display_basename (picture_path);
  g_autoptr (GlossSidecar) found = NULL;
  g_autoptr (GError) read_error = NULL;

  if (!check_text (usual, text, error))
    return GLOSS_SIDECAR_FAILED;
  found = gloss_sidecar_read (picture_path, &read_error);
  if (read_error)
    {
      g_propagate_error (error, g_steal_pointer (&read_error));
      return GLOSS_SIDECAR_FAILED;
    }
  if (found && !found->text)
    return GLOSS_SIDECAR_NOT_UTF8;
  if (found ? g_str_equal (found->text, text) : !*text)
    {
      gloss_sidecar_free (*known);
      *known = g_steal_pointer (&found);
      return GLOSS_SIDECAR_UNCHANGED;
    }
  /* From an empty file nothing can be lost. */
  if (found && *found->text && (!*known || !is_same (found, *known)))
    return GLOSS_SIDECAR_CHANGED_OUTSIDE;
  if (!found && g_str_equal (usual, picture_path))
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_EXISTS,
          _ ("%s: the caption cannot be written beside the picture, which has the name that "
             "its text file would have"),
          name);
      return GLOSS_SIDECAR_FAILED;
    }
  return write_file (found ? found->path : usual, text, known, error);
}
