/* Unpacking an archive that a stranger may have made. */
#include "net/unpack-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "net/safe-name.h"

#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_MAX_BYTES G_GUINT64_CONSTANT (256000000000)
#define DEFAULT_MAX_ENTRIES 100000
#define BUFFER_BYTES (1024 * 1024)
#define TELL_BYTES (4 * 1024 * 1024)

void
gloss_unpacker_clear (GlossUnpacker *run)
{
  if (run->archive)
    archive_read_free (run->archive);
  if (run->folder)
    gloss_unpack_remove (run->folder);
  g_free (run->folder);
  g_free (run->buffer);
  g_free (run->block);
  g_clear_pointer (&run->members, g_hash_table_unref);
  g_clear_error (&run->read_error);
  *run = (GlossUnpacker){ 0 };
}

static int
remove_one (const char *path, const struct stat *status, int kind, struct FTW *where)
{
  remove (path);
  return 0;
}

void
gloss_unpack_remove (const char *path)
{
  nftw (path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

gboolean
gloss_unpacker_is_zip (const guint8 *begin, gssize n)
{
  return n >= 4 && memcmp (begin, "PK\3\4", 4) == 0;
}

gboolean
gloss_unpacker_is_tar (const guint8 *begin, gssize n)
{
  return (n >= 2 && begin[0] == 0x1f && begin[1] == 0x8b)
         || (n >= GLOSS_UNPACKER_MAGIC_BYTES && memcmp (begin + 257, "ustar", 5) == 0);
}

gboolean
gloss_unpack_is_archive (const char *path)
{
  guint8 begin[GLOSS_UNPACKER_MAGIC_BYTES] = { 0 };
  int descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  gssize n = descriptor < 0 ? -1 : read (descriptor, begin, sizeof begin);

  if (descriptor >= 0)
    close (descriptor);
  return gloss_unpacker_is_zip (begin, n) || gloss_unpacker_is_tar (begin, n);
}

static gboolean
set_errno (GError **error, const char *what, int number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s", _ (what),
               number == ENOSPC ? _ ("the disk is full") : g_strerror (number));
  return FALSE;
}

static gboolean
set_damaged (GlossUnpacker *run, GError **error)
{
  const char *said = archive_error_string (run->archive);
  g_autofree char *valid = NULL;

  if (run->read_error)
    {
      g_propagate_error (error, g_steal_pointer (&run->read_error));
      return FALSE;
    }
  /* of members that do not say how long they are libarchive misreads some */
  if (run->members && run->is_open_ended)
    {
      run->has_to_wait = TRUE;
      return FALSE;
    }
  valid = g_utf8_make_valid (said ? said : _ ("it ends too early"), -1);

  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("the archive is damaged (%s); get it again"), valid);
  return FALSE;
}

gboolean
gloss_unpacker_refuse (GError **error, const char *name, const char *what)
{
  g_autofree char *start = name ? g_strndup (name, 100) : g_strdup ("");
  g_autofree char *shown = g_utf8_make_valid (start, -1);

  for (char *p = shown; *p; p++)
    *p = (guchar) *p < 0x20 || *p == 0x7f ? '?' : *p;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("its entry \"%s\" %s; nothing was unpacked"), shown, _ (what));
  return FALSE;
}

/* The name with neither "." nor anything that leads elsewhere, newly allocated; "" for the folder
 * itself. */
static char *
clean_name (const char *name, GError **error)
{
  const char *fault = gloss_safe_name_find_fault (name);
  g_autoptr (GString) clean = NULL;
  g_auto (GStrv) parts = NULL;

  if (fault)
    {
      gloss_unpacker_refuse (error, name, fault);
      return NULL;
    }
  clean = g_string_new (NULL);
  parts = g_strsplit (name, "/", -1);
  for (guint i = 0; parts[i]; i++)
    {
      if (*parts[i] && strcmp (parts[i], ".") != 0)
        g_string_append_printf (clean, "%s%s", clean->len > 0 ? "/" : "", parts[i]);
    }
  return g_string_free (g_steal_pointer (&clean), FALSE);
}

static gboolean
write_bytes (int descriptor, const guint8 *data, gsize n_bytes, GError **error)
{
  for (gsize at = 0; at < n_bytes;)
    {
      gssize n = write (descriptor, data + at, n_bytes - at);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return set_errno (error, N_ ("what is unpacked cannot be written"), errno);
      at += (gsize) n;
    }
  return TRUE;
}

static gboolean
copy_entry (GlossUnpacker *run, int descriptor, GError **error)
{
  for (;;)
    {
      la_ssize_t n = archive_read_data (run->archive, run->buffer, BUFFER_BYTES);

      if (g_cancellable_set_error_if_cancelled (run->cancellable, error))
        return FALSE;
      if (n < 0)
        return set_damaged (run, error);
      if (n == 0)
        return TRUE;
      if ((guint64) n > run->limits.max_bytes - run->n_bytes)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                       _ ("it unpacks to more than %" PRIu64 " bytes; nothing was unpacked"),
                       run->limits.max_bytes);
          return FALSE;
        }
      if (!write_bytes (descriptor, run->buffer, (gsize) n, error))
        return FALSE;
      if (run->members)
        gloss_unpacker_add_crc32 (run, run->buffer, (gsize) n);
      run->n_bytes += (guint64) n;
      if (run->func && run->n_bytes - run->n_told_bytes >= TELL_BYTES)
        {
          run->n_told_bytes = run->n_bytes;
          run->func (run->n_bytes, run->user_data);
        }
    }
}

static gboolean
make_file (GlossUnpacker *run, const char *name, const char *path, GError **error)
{
  int descriptor = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  gboolean is_written;

  if (descriptor < 0 && (errno == EEXIST || errno == ENOTDIR))
    return gloss_unpacker_refuse (error, name, N_ ("is there twice"));
  if (descriptor < 0)
    return set_errno (error, N_ ("no file can be made for what is unpacked"), errno);
  is_written = copy_entry (run, descriptor, error);
  if (is_written && fsync (descriptor) != 0)
    is_written = set_errno (error, N_ ("what is unpacked cannot be brought to the disk"), errno);
  close (descriptor);
  return is_written;
}

static gboolean
take_entry (GlossUnpacker *run, struct archive_entry *entry, GError **error)
{
  const char *name = archive_entry_pathname_utf8 (entry);
  guint64 n_bytes = run->n_bytes;
  g_autofree char *clean = NULL;
  g_autofree char *path = NULL;
  g_autofree char *parent = NULL;
  mode_t kind = archive_entry_filetype (entry);

  if (!name)
    name = archive_entry_pathname (entry);
  clean = clean_name (name, error);
  if (!clean)
    return FALSE;
  if (archive_entry_hardlink (entry) || archive_entry_symlink (entry) || kind == AE_IFLNK)
    return gloss_unpacker_refuse (error, name, N_ ("is a link"));
  if (archive_entry_is_encrypted (entry))
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           _ ("it is encrypted; decrypt it first"));
      return FALSE;
    }
  if (kind != AE_IFREG && kind != AE_IFDIR)
    return gloss_unpacker_refuse (error, name,
                                  N_ ("is a device or something else that is no file"));
  if (run->members && !gloss_unpacker_can_stream (run, entry))
    {
      run->has_to_wait = TRUE;
      return FALSE;
    }
  path = g_build_filename (run->folder, clean, NULL);
  parent = kind == AE_IFDIR ? g_strdup (path) : g_path_get_dirname (path);
  if (g_mkdir_with_parents (parent, 0777) != 0)
    return errno == EEXIST || errno == ENOTDIR
               ? gloss_unpacker_refuse (error, name, N_ ("is there twice"))
               : set_errno (error, N_ ("no folder can be made for what is unpacked"), errno);
  if (kind != AE_IFDIR && !*clean)
    return gloss_unpacker_refuse (error, name, N_ ("has no name that can be used"));
  if (kind != AE_IFDIR && !make_file (run, name, path, error))
    return FALSE;
  if (run->members)
    gloss_unpacker_note_member (run, archive_entry_pathname (entry), run->n_bytes - n_bytes,
                                kind == AE_IFDIR);
  return TRUE;
}

static la_ssize_t
read_block (struct archive *archive, void *data, const void **out)
{
  GlossUnpacker *run = data;
  gssize n = (gssize) run->n_kept_bytes;

  *out = run->block;
  run->n_kept_bytes = 0;
  if (n == 0)
    n = gloss_growing_reader_read (run->reader, run->block, GLOSS_UNPACKER_BLOCK_BYTES,
                                   &run->read_error);
  if (n < 0)
    archive_set_error (archive, EIO, "it ends too early");
  return n;
}

static gboolean
support_formats (GlossUnpacker *run)
{
  if (run->members)
    return archive_read_support_format_zip_streamable (run->archive) == ARCHIVE_OK;
  return archive_read_support_filter_gzip (run->archive) == ARCHIVE_OK
         && archive_read_support_format_tar (run->archive) == ARCHIVE_OK
         && archive_read_support_format_zip (run->archive) == ARCHIVE_OK;
}

static gboolean
open_archive (GlossUnpacker *run, const char *path, GError **error)
{
  run->archive = archive_read_new ();
  if (!support_formats (run))
    return set_damaged (run, error);
  if (run->reader)
    return archive_read_open (run->archive, run, NULL, read_block, NULL) == ARCHIVE_OK
           || set_damaged (run, error);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return set_errno (error, N_ ("the archive cannot be read"), ENOENT);
  if (!gloss_unpack_is_archive (path))
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           _ ("this is neither a tar.gz nor a zip archive"));
      return FALSE;
    }
  return archive_read_open_filename (run->archive, path, 1 << 16) == ARCHIVE_OK
         || set_damaged (run, error);
}

static gboolean
take_all (GlossUnpacker *run, GError **error)
{
  struct archive_entry *entry;
  int status;

  while ((status = archive_read_next_header (run->archive, &entry)) == ARCHIVE_OK
         || status == ARCHIVE_WARN)
    {
      if (g_cancellable_set_error_if_cancelled (run->cancellable, error))
        return FALSE;
      if (++run->n_entries > run->limits.max_entries)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                       _ ("it has more than %u entries; nothing was unpacked"),
                       run->limits.max_entries);
          return FALSE;
        }
      if (!take_entry (run, entry, error))
        return FALSE;
    }
  if (status != ARCHIVE_EOF)
    return set_damaged (run, error);
  if (run->n_entries > 0)
    return TRUE;
  g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("the archive is empty"));
  return FALSE;
}

static void
sync_folder (const char *path)
{
  int descriptor = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (descriptor < 0)
    return;
  fsync (descriptor);
  close (descriptor);
}

static int
sync_one (const char *path, const struct stat *status, int kind, struct FTW *where)
{
  if (kind == FTW_DP)
    sync_folder (path);
  return 0;
}

gboolean
gloss_unpacker_unpack (GlossUnpacker *run, const char *archive, const char *folder, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  char *hidden = g_build_filename (parent, ".gloss-unpack-XXXXXX", NULL);

  if (!g_mkdtemp_full (hidden, 0777))
    {
      int number = errno;

      g_free (hidden);
      return set_errno (error, N_ ("no folder can be made to unpack it in"), number);
    }
  run->folder = hidden;
  if (!open_archive (run, archive, error) || !take_all (run, error))
    return FALSE;
  /* libarchive does not mind what it cannot read behind the last file */
  return !run->read_error || set_damaged (run, error);
}

gboolean
gloss_unpacker_put_in_place (GlossUnpacker *run, const char *folder, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (folder);

  nftw (run->folder, sync_one, 16, FTW_DEPTH | FTW_PHYS);
  if (g_rename (run->folder, folder) != 0)
    return set_errno (error, N_ ("what was unpacked cannot be put in place"), errno);
  g_clear_pointer (&run->folder, g_free);
  sync_folder (parent);
  return TRUE;
}

void
gloss_unpacker_init (GlossUnpacker *run, const GlossUnpackLimits *limits)
{
  *run = (GlossUnpacker){ .limits = limits ? *limits : (GlossUnpackLimits){ 0 } };
  run->limits.max_bytes = run->limits.max_bytes ? run->limits.max_bytes : DEFAULT_MAX_BYTES;
  run->limits.max_entries = run->limits.max_entries ? run->limits.max_entries : DEFAULT_MAX_ENTRIES;
  run->buffer = g_malloc (BUFFER_BYTES);
}

gboolean
gloss_unpack_run (const char *archive, const char *folder, const GlossUnpackLimits *limits,
                  GCancellable *cancellable, GlossUnpackFunc func, gpointer user_data,
                  GError **error)
{
  g_auto (GlossUnpacker) run = { 0 };
  g_autofree char *name = g_filename_display_basename (archive);

  gloss_unpacker_init (&run, limits);
  run.cancellable = cancellable;
  run.func = func;
  run.user_data = user_data;
  if (gloss_unpacker_unpack (&run, archive, folder, error)
      && gloss_unpacker_put_in_place (&run, folder, error))
    return TRUE;
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}
