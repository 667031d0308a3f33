/* The directory at the end of a zip archive. */
#include "net/zip-directory.h"

#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define END_SIGNATURE 0x06054b50
#define END_BYTES 22
#define MAX_COMMENT_BYTES 65535
#define END64_SIGNATURE 0x06064b50
#define END64_BYTES 56
#define LOCATOR_SIGNATURE 0x07064b50
#define LOCATOR_BYTES 20
#define ENTRY_SIGNATURE 0x02014b50
#define ENTRY_BYTES 46
#define ZIP64_KIND 1
#define MADE_BY_UNIX 3

/* In place of a number that is too large for its field and stands in a ZIP64 record. */
#define ELSEWHERE_16 0xffff
#define ELSEWHERE_32 0xffffffff

#define MAX_DIRECTORY_BYTES (64u << 20)

typedef struct
{
  int descriptor;  /* owned */
  guint64 n_bytes; /* of the file */
  guint64 begin;   /* of the directory */
  guint64 end;     /* behind it */
  guint64 n_entries;
} Archive;

static guint16
read_u16 (const guint8 *bytes)
{
  guint16 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT16_FROM_LE (value);
}

static guint32
read_u32 (const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_LE (value);
}

static guint64
read_u64 (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

static void
entry_free (gpointer data)
{
  GlossZipEntry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

static gboolean
set_damaged (GError **error)
{
  g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       _ ("the archive has no sound directory at its end; get it again"));
  return FALSE;
}

static gboolean
read_at (const Archive *archive, guint64 offset, guint8 *out, gsize n_bytes, GError **error)
{
  if (offset > archive->n_bytes || n_bytes > archive->n_bytes - offset)
    return set_damaged (error);
  for (gsize at = 0; at < n_bytes;)
    {
      gssize n = pread (archive->descriptor, out + at, n_bytes - at, (off_t) (offset + at));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s",
                       _ ("the archive cannot be read"), g_strerror (errno));
          return FALSE;
        }
      if (n == 0)
        return set_damaged (error);
      at += (gsize) n;
    }
  return TRUE;
}

/* The ZIP64 record of the end, if there is one before the end at @end, which then counts. */
static gboolean
read_end64 (Archive *archive, guint64 end, GError **error)
{
  guint8 locator[LOCATOR_BYTES], record[END64_BYTES];
  guint64 offset, n_more;

  if (end < LOCATOR_BYTES)
    return TRUE;
  if (!read_at (archive, end - LOCATOR_BYTES, locator, sizeof locator, error))
    return FALSE;
  if (read_u32 (locator) != LOCATOR_SIGNATURE)
    return TRUE;
  offset = read_u64 (locator + 8);
  if (!read_at (archive, offset, record, sizeof record, error))
    return FALSE;
  n_more = read_u64 (record + 4);
  if (read_u32 (record) != END64_SIGNATURE || read_u32 (locator + 4) != 0
      || n_more != end - LOCATOR_BYTES - offset - 12 || read_u32 (record + 16) != 0
      || read_u32 (record + 20) != 0 || read_u64 (record + 24) != read_u64 (record + 32)
      || read_u64 (record + 40) != offset - read_u64 (record + 48))
    return set_damaged (error);
  archive->n_entries = read_u64 (record + 32);
  archive->begin = read_u64 (record + 48);
  archive->end = offset;
  return archive->begin <= archive->end || set_damaged (error);
}

/* Where the directory lies, by the last thing in the file that may be its end. */
static gboolean
find_directory (Archive *archive, GError **error)
{
  gsize n = (gsize) MIN (archive->n_bytes, END_BYTES + MAX_COMMENT_BYTES);
  g_autofree guint8 *tail = g_malloc (n + 1);
  const guint8 *found = NULL;
  guint64 end;

  if (!read_at (archive, archive->n_bytes - n, tail, n, error))
    return FALSE;
  for (gsize at = n < END_BYTES ? 0 : n - END_BYTES + 1; at-- > 0 && !found;)
    {
      if (read_u32 (tail + at) == END_SIGNATURE && read_u16 (tail + at + 20) == n - at - END_BYTES)
        found = tail + at;
    }
  if (!found)
    return set_damaged (error);
  end = archive->n_bytes - n + (guint64) (found - tail);
  archive->n_entries = read_u16 (found + 10);
  archive->begin = read_u32 (found + 16);
  archive->end = end;
  if (archive->n_entries == ELSEWHERE_16 || read_u32 (found + 12) == ELSEWHERE_32
      || archive->begin == ELSEWHERE_32)
    return read_end64 (archive, end, error);
  return (read_u16 (found + 4) == 0 && read_u16 (found + 6) == 0
          && read_u16 (found + 8) == archive->n_entries
          && archive->begin + read_u32 (found + 12) == end)
         || set_damaged (error);
}

/* The unpacked size, which stands first in the ZIP64 field where it did not fit. */
static gboolean
find_size (const guint8 *extra, gsize n_bytes, guint64 *out, GError **error)
{
  while (n_bytes >= 4)
    {
      gsize n = read_u16 (extra + 2);

      if (n > n_bytes - 4)
        break;
      if (read_u16 (extra) == ZIP64_KIND && n >= 8)
        {
          *out = read_u64 (extra + 4);
          return TRUE;
        }
      extra += 4 + n;
      n_bytes -= 4 + n;
    }
  return set_damaged (error);
}

/* The entry that begins at @bytes, of at most @n_bytes; *@out_bytes gets how long it is. */
static GlossZipEntry *
parse_entry (const guint8 *bytes, gsize n_bytes, gsize *out_bytes, GError **error)
{
  g_autofree GlossZipEntry *entry = g_new0 (GlossZipEntry, 1);
  gsize n_name, n_extra;

  if (n_bytes < ENTRY_BYTES || read_u32 (bytes) != ENTRY_SIGNATURE)
    {
      set_damaged (error);
      return NULL;
    }
  n_name = read_u16 (bytes + 28);
  n_extra = read_u16 (bytes + 30);
  *out_bytes = ENTRY_BYTES + n_name + n_extra + read_u16 (bytes + 32);
  if (*out_bytes > n_bytes || memchr (bytes + ENTRY_BYTES, 0, n_name))
    {
      set_damaged (error);
      return NULL;
    }
  entry->crc32 = read_u32 (bytes + 16);
  entry->n_bytes = read_u32 (bytes + 24);
  if (entry->n_bytes == ELSEWHERE_32
      && !find_size (bytes + ENTRY_BYTES + n_name, n_extra, &entry->n_bytes, error))
    return NULL;
  if (bytes[5] == MADE_BY_UNIX)
    entry->mode = read_u32 (bytes + 38) >> 16;
  entry->name = g_strndup ((const char *) bytes + ENTRY_BYTES, n_name);
  return g_steal_pointer (&entry);
}

static GPtrArray *
read_entries (Archive *archive, guint max_entries, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  guint64 n_bytes = archive->end - archive->begin;
  g_autofree guint8 *bytes = NULL;
  gsize at = 0, n;

  if (archive->n_entries > max_entries || n_bytes > MAX_DIRECTORY_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("it has more than %u entries; nothing was unpacked"), max_entries);
      return NULL;
    }
  bytes = g_malloc (n_bytes + 1);
  if (!read_at (archive, archive->begin, bytes, n_bytes, error))
    return NULL;
  for (; at < n_bytes; at += n)
    {
      GlossZipEntry *entry = parse_entry (bytes + at, n_bytes - at, &n, error);

      if (!entry)
        return NULL;
      g_ptr_array_add (entries, entry);
    }
  if (entries->len != archive->n_entries)
    {
      set_damaged (error);
      return NULL;
    }
  return g_steal_pointer (&entries);
}

GPtrArray *
gloss_zip_directory_read (const char *path, guint max_entries, GError **error)
{
  Archive archive = { .descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0) };
  GPtrArray *entries = NULL;
  struct stat status;

  if (archive.descriptor < 0 || fstat (archive.descriptor, &status) != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s",
                 _ ("the archive cannot be read"), g_strerror (errno));
  else
    {
      archive.n_bytes = (guint64) status.st_size;
      if (find_directory (&archive, error))
        entries = read_entries (&archive, max_entries, error);
    }
  if (archive.descriptor >= 0)
    close (archive.descriptor);
  return entries;
}
