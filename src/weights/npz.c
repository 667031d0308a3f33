/*
 * Reader of numpy's .npz archives: ZIP files with stored or, where they are only streamed, deflated
 * members.
 *
 * The directory at the end of the file says where the header of each member lies and how long the
 * member is; that header says how long it is itself, after which the member begins. So sizes
 * come from the directory, and the lengths of name and extra field from the member's header: numpy
 * puts ZIP64 sizes into every member's header and only where needed into the directory.
 */
#include "weights/npz.h"

#include "base/error.h"
#include "base/i18n.h"
#include "weights/inflater.h"
#include "weights/npy.h"

#include <inttypes.h>
#include <string.h>

#define END_SIGNATURE 0x06054b50
#define END_BYTES 22
#define END64_SIGNATURE 0x06064b50
#define END64_BYTES 56
#define LOCATOR_SIGNATURE 0x07064b50
#define LOCATOR_BYTES 20
#define ENTRY_SIGNATURE 0x02014b50
#define ENTRY_BYTES 46
#define MEMBER_SIGNATURE 0x04034b50
#define MEMBER_BYTES 30

/* In place of a number that is too large for its field and stands in a ZIP64 record. */
#define ELSEWHERE_16 0xffff
#define ELSEWHERE_32 0xffffffff

#define FLAGS_ENCRYPTED (1 << 0 | 1 << 6 | 1 << 13)
#define METHOD_STORED 0
#define METHOD_DEFLATED 8

/* The largest model has 34 tensors, and a few hundred if its layers are not stacked. */
#define MAX_MEMBERS 100000

typedef struct
{
  /* borrowed */
  const guint8 *data;
  gsize n_bytes;
  const char *file_name;

  gboolean may_be_compressed;
  guint64 directory_begin;
  guint64 directory_end;
  guint64 n_members;
} Archive;

typedef struct
{
  char *name; /* owned */
  guint flags;
  guint method;
  guint32 checksum;
  guint64 stored_bytes;
  guint64 n_bytes;
  guint64 offset;
} Member;

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

/* Whether @n_bytes from @begin on end at or before @end, whatever the three are. */
static gboolean
fits (guint64 begin, guint64 n_bytes, guint64 end)
{
  return begin <= end && n_bytes <= end - begin;
}

/* The end record is followed by a comment of up to 65535 bytes, which must reach the end of the
 * file. */
static gboolean
find_end (const Archive *archive, gsize *out)
{
  for (gsize comment_bytes = 0;
       comment_bytes <= G_MAXUINT16 && fits (comment_bytes, END_BYTES, archive->n_bytes);
       comment_bytes++)
    {
      gsize at = archive->n_bytes - END_BYTES - comment_bytes;

      if (read_u32 (archive->data + at) == END_SIGNATURE
          && read_u16 (archive->data + at + 20) == comment_bytes)
        {
          *out = at;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
find_end64 (const Archive *archive, gsize end, gsize *out, GError **error)
{
  guint64 locator = end - LOCATOR_BYTES;
  guint64 end64;

  if (end < LOCATOR_BYTES || read_u32 (archive->data + locator) != LOCATOR_SIGNATURE)
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
          _ ("%s: the ZIP directory refers to a ZIP64 record, but there is none before byte "
             "%zu"),
          archive->file_name, end);
      return FALSE;
    }
  end64 = read_u64 (archive->data + locator + 8);
  if (!fits (end64, END64_BYTES, locator) || read_u32 (archive->data + end64) != END64_SIGNATURE)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the ZIP64 record is said to be at byte %" PRIu64
                      ", but it is not there; the file has %zu bytes"),
                   archive->file_name, end64, archive->n_bytes);
      return FALSE;
    }
  *out = end64;
  return TRUE;
}

/* Fills in where the directory lies and how many members it has. */
static gboolean
find_directory (Archive *archive, GError **error)
{
  gsize end;
  const guint8 *record;
  guint64 disk, directory_disk, n_members_here, directory_bytes;

  if (!find_end (archive, &end))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: no ZIP directory was found at the end of its %zu bytes; either it is no "
                      ".npz file, or its end is missing"),
                   archive->file_name, archive->n_bytes);
      return FALSE;
    }
  record = archive->data + end;
  disk = read_u16 (record + 4);
  directory_disk = read_u16 (record + 6);
  n_members_here = read_u16 (record + 8);
  archive->n_members = read_u16 (record + 10);
  directory_bytes = read_u32 (record + 12);
  archive->directory_begin = read_u32 (record + 16);
  if (disk == ELSEWHERE_16 || directory_disk == ELSEWHERE_16 || n_members_here == ELSEWHERE_16
      || archive->n_members == ELSEWHERE_16 || directory_bytes == ELSEWHERE_32
      || archive->directory_begin == ELSEWHERE_32)
    {
      if (!find_end64 (archive, end, &end, error))
        return FALSE;
      record = archive->data + end;
      disk = read_u32 (record + 16);
      directory_disk = read_u32 (record + 20);
      n_members_here = read_u64 (record + 24);
      archive->n_members = read_u64 (record + 32);
      directory_bytes = read_u64 (record + 40);
      archive->directory_begin = read_u64 (record + 48);
    }

  if (disk != 0 || directory_disk != 0 || n_members_here != archive->n_members)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: is part %" PRIu64 " of a ZIP archive in several parts, with "
                      "%" PRIu64 " of %" PRIu64 " members; join the parts first"),
                   archive->file_name, disk + 1, n_members_here, archive->n_members);
      return FALSE;
    }
  if (!fits (archive->directory_begin, directory_bytes, end))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the ZIP directory is said to be %" PRIu64 " bytes long at byte %" PRIu64
                      ", but it must end before byte %zu"),
                   archive->file_name, directory_bytes, archive->directory_begin, end);
      return FALSE;
    }
  archive->directory_end = archive->directory_begin + directory_bytes;
  if (archive->n_members > MAX_MEMBERS)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: has %" PRIu64 " members, expected at most %d"), archive->file_name,
                   archive->n_members, MAX_MEMBERS);
      return FALSE;
    }
  return TRUE;
}

/* Takes from a ZIP64 extra field the numbers that were left out of the entry, in this order. */
static gboolean
read_zip64_numbers (const guint8 *extra, gsize n_bytes, Member *member, guint32 *disk)
{
  guint64 *numbers[] = { &member->n_bytes, &member->stored_bytes, &member->offset };
  gsize at = 0, end = 0;

  while (end == 0 && n_bytes - at >= 4)
    {
      gsize field_bytes = read_u16 (extra + at + 2);

      if (field_bytes > n_bytes - at - 4)
        return FALSE;
      if (read_u16 (extra + at) == 1)
        end = at + 4 + field_bytes;
      else
        at += 4 + field_bytes;
    }
  at += 4;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      if (*numbers[i] != ELSEWHERE_32)
        continue;
      if (!fits (at, 8, end))
        return FALSE;
      *numbers[i] = read_u64 (extra + at);
      at += 8;
    }
  if (*disk == ELSEWHERE_16)
    {
      if (!fits (at, 4, end))
        return FALSE;
      *disk = read_u32 (extra + at);
    }
  return TRUE;
}

/* Reads the directory's entry at @at and moves on to the next one. */
static gboolean
read_entry (const Archive *archive, guint64 *at, Member *member, GError **error)
{
  const guint8 *entry = archive->data + *at;
  gsize name_bytes = 0, extra_bytes = 0, comment_bytes = 0;
  gboolean has_entry = fits (*at, ENTRY_BYTES, archive->directory_end);
  guint32 disk;

  /* each length is read once: somebody may be writing the file that we have mapped */
  if (has_entry)
    {
      name_bytes = read_u16 (entry + 28);
      extra_bytes = read_u16 (entry + 30);
      comment_bytes = read_u16 (entry + 32);
    }
  if (!has_entry || read_u32 (entry) != ENTRY_SIGNATURE
      || !fits (*at + ENTRY_BYTES, (guint64) name_bytes + extra_bytes + comment_bytes,
                archive->directory_end))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the ZIP directory is damaged at byte %" PRIu64
                      ", it should have %" PRIu64 " entries up to byte %" PRIu64),
                   archive->file_name, *at, archive->n_members, archive->directory_end);
      return FALSE;
    }
  if (!g_utf8_validate_len ((const char *) entry + ENTRY_BYTES, name_bytes, NULL))
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
          _ ("%s: the entry of the ZIP directory at byte %" PRIu64 " has a name that is not UTF-8"),
          archive->file_name, *at);
      return FALSE;
    }

  member->name = g_strndup ((const char *) entry + ENTRY_BYTES, name_bytes);
  member->flags = read_u16 (entry + 8);
  member->method = read_u16 (entry + 10);
  member->checksum = read_u32 (entry + 16);
  member->stored_bytes = read_u32 (entry + 20);
  member->n_bytes = read_u32 (entry + 24);
  disk = read_u16 (entry + 34);
  member->offset = read_u32 (entry + 42);
  if (!read_zip64_numbers (entry + ENTRY_BYTES + name_bytes, extra_bytes, member, &disk))
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
          _ ("%s: the ZIP64 sizes of member \"%s\" are missing or damaged, in an extra field of "
             "%zu bytes"),
          archive->file_name, member->name, extra_bytes);
      return FALSE;
    }
  if (disk != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: member \"%s\" is in part %" PRIu64
                      " of a ZIP archive in several parts; join the parts first"),
                   archive->file_name, member->name, (guint64) disk + 1);
      return FALSE;
    }
  *at += ENTRY_BYTES + name_bytes + extra_bytes + comment_bytes;
  return TRUE;
}

/* Refuses what cannot be read, or not where it lies. */
static gboolean
check_method (const Archive *archive, const Member *member, GError **error)
{
  gboolean is_deflated = member->method == METHOD_DEFLATED;

  if (member->flags & FLAGS_ENCRYPTED)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                 _ ("%s: member \"%s\" is encrypted, and Gloss does not read such archives"),
                 archive->file_name, member->name);
  else if (is_deflated && !archive->may_be_compressed)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                 _ ("%s: is compressed; gloss-cli prepare %s makes a file of it that can be used"),
                 archive->file_name, archive->file_name);
  else if (is_deflated && member->n_bytes / GLOSS_INFLATER_MAX_RATIO > member->stored_bytes)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: member \"%s\" is said to be deflated from %" PRIu64 " to %" PRIu64
                    " bytes, which is more than deflating can do"),
                 archive->file_name, member->name, member->n_bytes, member->stored_bytes);
  else if (!is_deflated && member->method != METHOD_STORED)
    g_set_error (
        error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
        _ ("%s: member \"%s\" is compressed by ZIP's method %u, expected %d, not compressed"),
        archive->file_name, member->name, member->method, METHOD_STORED);
  else if (!is_deflated && member->n_bytes != member->stored_bytes)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 _ ("%s: member \"%s\" is not compressed, but %" PRIu64
                    " bytes long outside and %" PRIu64 " inside"),
                 archive->file_name, member->name, member->stored_bytes, member->n_bytes);
  else
    return TRUE;
  return FALSE;
}

/* Sets @out to the first byte of the member's content, all of which precedes the directory. */
static gboolean
find_content (const Archive *archive, const Member *member, const guint8 **out, GError **error)
{
  gsize name_bytes = strlen (member->name);
  const guint8 *header = NULL;
  guint64 begin;

  if (fits (member->offset, MEMBER_BYTES + name_bytes, archive->directory_begin))
    header = archive->data + member->offset;
  if (!header || read_u32 (header) != MEMBER_SIGNATURE || read_u16 (header + 26) != name_bytes
      || memcmp (header + MEMBER_BYTES, member->name, name_bytes) != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: member \"%s\" is said to be at byte %" PRIu64
                      ", but it is not there; the members end at byte %" PRIu64),
                   archive->file_name, member->name, member->offset, archive->directory_begin);
      return FALSE;
    }
  begin = member->offset + MEMBER_BYTES + name_bytes + read_u16 (header + 28);
  if (!fits (begin, member->stored_bytes, archive->directory_begin))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: member \"%s\" is said to have %" PRIu64 " bytes from byte %" PRIu64
                      " on, but the members end at byte %" PRIu64),
                   archive->file_name, member->name, member->stored_bytes, begin,
                   archive->directory_begin);
      return FALSE;
    }
  *out = archive->data + begin;
  return TRUE;
}

/* Inflates no more than the header; the array that follows it has the rest of the member. */
static gboolean
read_deflated_header (const Member *member, const guint8 *content, GlossTensorView *view,
                      GError **error)
{
  gsize n_wanted = MIN (member->n_bytes, GLOSS_NPY_MAX_HEADER_BYTES);
  g_autofree guint8 *beginning = g_malloc (n_wanted);
  g_autoptr (GlossInflater) inflater = gloss_inflater_new (content, member->stored_bytes);
  gsize n_read = gloss_inflater_read (inflater, beginning, n_wanted);

  if (n_read < n_wanted)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: member \"%s\" is damaged: only %zu of %" PRIu64 " bytes come out of it"),
                   view->file_name, member->name, n_read, member->n_bytes);
      return FALSE;
    }
  if (!gloss_npy_read_header (beginning, n_wanted, view, error))
    return FALSE;
  view->deflated = (GlossDeflated){
    .data = content,
    .n_bytes = member->stored_bytes,
    .n_header_bytes = n_wanted - view->n_bytes,
    .checksum = member->checksum,
  };
  view->data = NULL;
  view->n_bytes = member->n_bytes - view->deflated.n_header_bytes;
  return TRUE;
}

static gboolean
append_member (const Archive *archive, const Member *member, GStringChunk *strings, GArray *views,
               GError **error)
{
  GlossTensorView view = { .file_name = archive->file_name };
  const guint8 *content;

  if (!g_str_has_suffix (member->name, ".npy"))
    return TRUE;
  if (!check_method (archive, member, error) || !find_content (archive, member, &content, error))
    return FALSE;
  view.name = g_string_chunk_insert_len (strings, member->name,
                                         (gssize) (strlen (member->name) - strlen (".npy")));
  if (member->method == METHOD_DEFLATED
          ? !read_deflated_header (member, content, &view, error)
          : !gloss_npy_read_header (content, member->n_bytes, &view, error))
    return FALSE;
  g_array_append_val (views, view);
  return TRUE;
}

static gboolean
append_views (GlossMappedFile *file, gboolean may_be_compressed, GStringChunk *strings,
              GArray *views, GError **error)
{
  g_autofree char *file_name = g_filename_display_basename (gloss_mapped_file_get_path (file));
  Archive archive = {
    .data = gloss_mapped_file_get_data (file),
    .n_bytes = gloss_mapped_file_get_size_bytes (file),
    .file_name = g_string_chunk_insert (strings, file_name),
    .may_be_compressed = may_be_compressed,
  };
  guint64 at;

  if (!find_directory (&archive, error))
    return FALSE;
  at = archive.directory_begin;
  for (guint64 i = 0; i < archive.n_members; i++)
    {
      Member member = { .name = NULL };
      gboolean is_appended = read_entry (&archive, &at, &member, error)
                             && append_member (&archive, &member, strings, views, error);

      g_free (member.name);
      if (!is_appended)
        return FALSE;
    }
  if (at != archive.directory_end)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the %" PRIu64 " entries of the ZIP directory end at byte %" PRIu64
                      ", expected %" PRIu64),
                   archive.file_name, archive.n_members, at, archive.directory_end);
      return FALSE;
    }
  return TRUE;
}

gboolean
gloss_npz_append_views (GlossMappedFile *file, GStringChunk *strings, GArray *views, GError **error)
{
  return append_views (file, FALSE, strings, views, error);
}

gboolean
gloss_npz_append_streamed_views (GlossMappedFile *file, GStringChunk *strings, GArray *views,
                                 GError **error)
{
  return append_views (file, TRUE, strings, views, error);
}
