/*
 * What came out of a zip archive as it arrived, held against the directory at its end.
 *
 * As it arrives, only what stands before each member says what that is. Whoever made the archive
 * may have written one thing there and another into the directory, which is what every other
 * program goes by, and which alone tells a link from a file.
 */
#include "net/unpack-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "net/zip-directory.h"

#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

typedef struct
{
  guint64 n_bytes;
  guint32 crc32;
  gboolean is_folder;
} Member;

static gboolean
is_ascii (const char *name)
{
  for (; *name; name++)
    {
      if ((guchar) *name >= 0x80)
        return FALSE;
    }
  return TRUE;
}

/* Stored and of unknown length it ends where something looks like its end. Names in other letters
 * may stand in one encoding here and in another in the directory. */
gboolean
gloss_unpacker_can_stream (GlossUnpacker *run, struct archive_entry *entry)
{
  const char *name = archive_entry_pathname (entry);

  run->is_open_ended = !archive_entry_size_is_set (entry);
  return name && is_ascii (name)
         && !(run->is_open_ended && strstr (archive_format_name (run->archive), "(uncompressed)"));
}

void
gloss_unpacker_add_crc32 (GlossUnpacker *run, const guint8 *data, gsize n_bytes)
{
  run->crc32 = (guint32) crc32_z (run->crc32, data, n_bytes);
}

void
gloss_unpacker_note_member (GlossUnpacker *run, const char *name, guint64 n_bytes,
                            gboolean is_folder)
{
  Member *member = g_new (Member, 1);

  *member = (Member){ n_bytes, run->crc32, is_folder };
  run->crc32 = 0;
  g_hash_table_replace (run->members, g_strdup (name), member);
}

static gboolean
is_as_said (const Member *member, const GlossZipEntry *entry)
{
  guint kind = entry->mode & S_IFMT;

  if (member->is_folder)
    return entry->n_bytes == 0 && (kind == 0 || kind == S_IFDIR);
  return entry->n_bytes == member->n_bytes && entry->crc32 == member->crc32
         && (kind == 0 || kind == S_IFREG);
}

gboolean
gloss_unpacker_check_directory (GlossUnpacker *run, const char *archive, GError **error)
{
  g_autoptr (GPtrArray) entries =
      gloss_zip_directory_read (archive, run->limits.max_entries, error);
  guint n_members = g_hash_table_size (run->members);

  if (!entries)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      const GlossZipEntry *entry = g_ptr_array_index (entries, i);
      const Member *member = g_hash_table_lookup (run->members, entry->name);

      if (!member || !is_as_said (member, entry))
        return gloss_unpacker_refuse (error, entry->name,
                                      N_ ("is something else by the directory of the archive"));
      /* so that none is taken for two */
      g_hash_table_remove (run->members, entry->name);
    }
  if (g_hash_table_size (run->members) == 0)
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("it holds %u entries, and its directory tells of %u; nothing was unpacked"),
               n_members, entries->len);
  return FALSE;
}
