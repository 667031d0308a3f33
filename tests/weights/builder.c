/* Weight files in memory, byte by byte, so that a test can spoil them. */
#include "builder.h"

#include "base/error.h"
#include "support/asserts.h"
#include "weights/prepared-format.h"
#include "weights/weights.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#if defined(__SANITIZE_ADDRESS__) || g_macro__has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

void
gloss_test_append_number (GByteArray *bytes, guint64 value, guint n_bytes)
{
  guint64 little_endian = GUINT64_TO_LE (value);

  g_byte_array_append (bytes, (const guint8 *) &little_endian, n_bytes);
}

void
gloss_test_patch_number (GByteArray *bytes, gsize at, guint64 value, guint n_bytes)
{
  guint64 little_endian = GUINT64_TO_LE (value);

  g_assert_cmpuint (at + n_bytes, <=, bytes->len);
  memcpy (bytes->data + at, &little_endian, n_bytes);
}

static void
append_text (GByteArray *bytes, const char *text)
{
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

static void
append_data (GByteArray *bytes, gsize n_data)
{
  for (gsize i = 0; i < n_data; i++)
    gloss_test_append_number (bytes, i + 1, 1);
}

GByteArray *
gloss_test_npy_new (guint major, const char *dictionary, gsize n_data)
{
  GByteArray *bytes = g_byte_array_new ();
  guint length_bytes = major == 1 ? 2 : 4;
  gsize used = 8 + length_bytes + strlen (dictionary) + 1;
  gsize padding = (64 - used % 64) % 64;

  append_text (bytes, "\x93NUMPY");
  gloss_test_append_number (bytes, major, 2);
  gloss_test_append_number (bytes, strlen (dictionary) + padding + 1, length_bytes);
  append_text (bytes, dictionary);
  for (gsize i = 0; i < padding; i++)
    append_text (bytes, " ");
  append_text (bytes, "\n");
  append_data (bytes, n_data);
  return bytes;
}

void
gloss_test_zip_append_member (GByteArray *zip, GlossTestZipKind kind, const char *name,
                              guint64 n_bytes)
{
  gboolean has_extra = kind != GLOSS_TEST_ZIP_PLAIN;
  guint64 size = has_extra ? G_MAXUINT32 : n_bytes;

  append_text (zip, "PK\3\4");
  gloss_test_append_number (zip, has_extra ? 45 : 20, 2);
  gloss_test_append_number (zip, 0, 6);    /* flags, method, time */
  gloss_test_append_number (zip, 0x21, 2); /* date */
  gloss_test_append_number (zip, 0, 4);    /* checksum */
  gloss_test_append_number (zip, size, 4);
  gloss_test_append_number (zip, size, 4);
  gloss_test_append_number (zip, strlen (name), 2);
  gloss_test_append_number (zip, has_extra ? 20 : 0, 2);
  append_text (zip, name);
  if (has_extra)
    {
      gloss_test_append_number (zip, 1 | 16 << 16, 4);
      gloss_test_append_number (zip, n_bytes, 8);
      gloss_test_append_number (zip, n_bytes, 8);
    }
}

void
gloss_test_zip_append_entry (GByteArray *zip, GlossTestZipKind kind, const char *name,
                             guint64 n_bytes, guint64 offset)
{
  gboolean has_extra = kind == GLOSS_TEST_ZIP_64;

  append_text (zip, "PK\1\2");
  gloss_test_append_number (zip, 45, 2);
  gloss_test_append_number (zip, 45, 2);
  gloss_test_append_number (zip, 0, 6);    /* flags, method, time */
  gloss_test_append_number (zip, 0x21, 2); /* date */
  gloss_test_append_number (zip, 0, 4);    /* checksum */
  gloss_test_append_number (zip, has_extra ? G_MAXUINT32 : n_bytes, 4);
  gloss_test_append_number (zip, has_extra ? G_MAXUINT32 : n_bytes, 4);
  gloss_test_append_number (zip, strlen (name), 2);
  gloss_test_append_number (zip, has_extra ? 6 + 28 : 0, 2);
  gloss_test_append_number (zip, 0, 6); /* comment, disk, internal attributes */
  gloss_test_append_number (zip, 0, 4); /* external attributes */
  gloss_test_append_number (zip, has_extra ? G_MAXUINT32 : offset, 4);
  append_text (zip, name);
  if (has_extra)
    {
      gloss_test_append_number (zip, 0xcafe | 2 << 16, 4 + 2); /* a field of somebody else's */
      gloss_test_append_number (zip, 1 | 24 << 16, 4);
      gloss_test_append_number (zip, n_bytes, 8);
      gloss_test_append_number (zip, n_bytes, 8);
      gloss_test_append_number (zip, offset, 8);
    }
}

void
gloss_test_zip_append_end (GByteArray *zip, GlossTestZipKind kind, guint64 n_members,
                           guint64 directory_bytes, guint64 end_at)
{
  guint64 directory = end_at - directory_bytes;
  gboolean is_64 = kind == GLOSS_TEST_ZIP_64;

  if (is_64)
    {
      append_text (zip, "PK\6\6");
      gloss_test_append_number (zip, 44, 8);
      gloss_test_append_number (zip, 45 | 45 << 16, 4);
      gloss_test_append_number (zip, 0, 4 + 4); /* disks */
      gloss_test_append_number (zip, n_members, 8);
      gloss_test_append_number (zip, n_members, 8);
      gloss_test_append_number (zip, directory_bytes, 8);
      gloss_test_append_number (zip, directory, 8);

      append_text (zip, "PK\6\7");
      gloss_test_append_number (zip, 0, 4);
      gloss_test_append_number (zip, end_at, 8);
      gloss_test_append_number (zip, 1, 4);
    }
  append_text (zip, "PK\5\6");
  gloss_test_append_number (zip, 0, 2 + 2); /* disks */
  gloss_test_append_number (zip, is_64 ? G_MAXUINT16 : n_members, 2);
  gloss_test_append_number (zip, is_64 ? G_MAXUINT16 : n_members, 2);
  gloss_test_append_number (zip, is_64 ? G_MAXUINT32 : directory_bytes, 4);
  gloss_test_append_number (zip, is_64 ? G_MAXUINT32 : directory, 4);
  gloss_test_append_number (zip, 0, 2); /* comment */
}

GByteArray *
gloss_test_zip_new (GlossTestZipKind kind, guint n, const char *const *names, GByteArray **contents,
                    gsize *out_directory)
{
  GByteArray *zip = g_byte_array_new ();
  g_autoptr (GByteArray) directory = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    {
      gloss_test_zip_append_entry (directory, kind, names[i], contents[i]->len, zip->len);
      gloss_test_zip_append_member (zip, kind, names[i], contents[i]->len);
      g_byte_array_append (zip, contents[i]->data, contents[i]->len);
      g_byte_array_unref (contents[i]);
    }
  if (out_directory)
    *out_directory = zip->len;
  g_byte_array_append (zip, directory->data, directory->len);
  gloss_test_zip_append_end (zip, kind, n, directory->len, zip->len);
  return zip;
}

static GByteArray *
deflate_bytes (const GByteArray *bytes)
{
  z_stream stream = { 0 };
  GByteArray *out = g_byte_array_new ();

  g_assert_cmpint (
      deflateInit2 (&stream, 6, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY), ==,
      Z_OK);
  g_byte_array_set_size (out, (guint) deflateBound (&stream, bytes->len));
  stream.next_in = bytes->data;
  stream.avail_in = bytes->len;
  stream.next_out = out->data;
  stream.avail_out = out->len;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  g_byte_array_set_size (out, (guint) stream.total_out);
  deflateEnd (&stream);
  return out;
}

GByteArray *
gloss_test_zip_new_deflated (guint n, const char *const *names, GByteArray **contents,
                             gsize *offsets, gsize *out_directory)
{
  GByteArray *zip = g_byte_array_new ();
  g_autoptr (GByteArray) directory = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GByteArray) deflated = deflate_bytes (contents[i]);
      guint64 checksum = crc32 (0, contents[i]->data, contents[i]->len);
      gsize member = zip->len, entry = directory->len;

      gloss_test_zip_append_entry (directory, GLOSS_TEST_ZIP_PLAIN, names[i], deflated->len,
                                   zip->len);
      gloss_test_patch_number (directory, entry + 10, 8, 2);
      gloss_test_patch_number (directory, entry + 16, checksum, 4);
      gloss_test_patch_number (directory, entry + 24, contents[i]->len, 4);
      gloss_test_zip_append_member (zip, GLOSS_TEST_ZIP_PLAIN, names[i], deflated->len);
      gloss_test_patch_number (zip, member + 8, 8, 2);
      gloss_test_patch_number (zip, member + 14, checksum, 4);
      gloss_test_patch_number (zip, member + 22, contents[i]->len, 4);
      if (offsets)
        offsets[i] = zip->len;
      g_byte_array_append (zip, deflated->data, deflated->len);
      g_byte_array_unref (contents[i]);
    }
  if (out_directory)
    *out_directory = zip->len;
  g_byte_array_append (zip, directory->data, directory->len);
  gloss_test_zip_append_end (zip, GLOSS_TEST_ZIP_PLAIN, n, directory->len, zip->len);
  return zip;
}

GByteArray *
gloss_test_safetensors_new (const char *header, gsize n_data)
{
  GByteArray *bytes = g_byte_array_new ();

  gloss_test_append_number (bytes, strlen (header), 8);
  append_text (bytes, header);
  append_data (bytes, n_data);
  return bytes;
}

static void
put_checksum (guint8 *bytes, gsize at, const guint8 *data, gsize n_bytes)
{
  guint32 checksum = GUINT32_TO_LE ((guint32) crc32_z (0, data, n_bytes));

  memcpy (bytes + at, &checksum, sizeof checksum);
}

void
gloss_test_mend_prepared (char *data, gsize n_bytes)
{
  guint8 *bytes = (guint8 *) data;
  guint64 header_bytes;

  g_assert_cmpuint (n_bytes, >=, PREPARED_HEADER_AT);
  memcpy (&header_bytes, bytes + PREPARED_HEADER_BYTES_AT, sizeof header_bytes);
  header_bytes = GUINT64_FROM_LE (header_bytes);
  g_assert_cmpuint (header_bytes, <=, n_bytes - PREPARED_HEADER_AT);
  put_checksum (bytes, PREPARED_HEADER_CHECKSUM_AT, bytes + PREPARED_HEADER_AT, header_bytes);
  put_checksum (bytes, PREPARED_CHECKSUM_AT, bytes, PREPARED_CHECKSUM_AT);
}

char *
gloss_test_write (const char *folder, const char *name, gconstpointer data, gsize n_bytes)
{
  char *path = g_build_filename (folder, name, NULL);
  int descriptor = g_open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  /* Not by way of a second file that is flushed to disk: there are hundreds. */
  g_assert_cmpint (write (descriptor, data, n_bytes), ==, (gssize) n_bytes);
  close (descriptor);
  return path;
}

void
gloss_test_assert_refused (const char *name, GByteArray *bytes, int code, const char *part)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = gloss_test_write (folder, name, bytes->data, bytes->len);
  g_autofree char *beginning = g_strconcat (name, ": ", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_weights_open (path, &error));
  g_assert_error (error, GLOSS_ERROR, code);
  g_assert_true (g_str_has_prefix (error->message, beginning));
  gloss_assert_error_says (&error, GLOSS_ERROR, code, part);
  gloss_test_folder_remove (folder);
}

static void
forbid_rest_of_page (GlossMappedFile *file, gboolean is_forbidden)
{
#if defined(__SANITIZE_ADDRESS__) || g_macro__has_feature(address_sanitizer)
  gsize page_bytes = (gsize) sysconf (_SC_PAGESIZE);
  const guint8 *end = gloss_mapped_file_get_data (file) + gloss_mapped_file_get_size_bytes (file);
  gsize n_rest = (page_bytes - (gsize) end % page_bytes) % page_bytes;

  if (is_forbidden)
    ASAN_POISON_MEMORY_REGION (end, n_rest);
  else
    ASAN_UNPOISON_MEMORY_REGION (end, n_rest);
#endif
}

gboolean
gloss_test_is_accepted_inside (const char *path, GlossTestAppendViews append_views)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GStringChunk) strings = g_string_chunk_new (64);
  g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, &error);
  const guint8 *begin, *end;
  gboolean is_accepted;

  g_assert_no_error (error);
  begin = gloss_mapped_file_get_data (file);
  end = begin + gloss_mapped_file_get_size_bytes (file);

  forbid_rest_of_page (file, TRUE);
  is_accepted = append_views (file, strings, views, &error);
  forbid_rest_of_page (file, FALSE);
  if (is_accepted)
    g_assert_no_error (error);
  else
    g_assert_true (error && g_utf8_validate (error->message, -1, NULL));

  for (guint i = 0; i < views->len; i++)
    {
      const GlossTensorView *view = &g_array_index (views, GlossTensorView, i);

      g_assert_true (view->data >= begin && view->data <= end);
      g_assert_cmpuint (view->n_bytes, <=, (gsize) (end - view->data));
      g_assert_cmpuint (view->n_dims, <=, GLOSS_TENSOR_MAX_DIMS);
    }
  return is_accepted;
}

void
gloss_test_assert_withstands_damage (const char *name, GByteArray *bytes,
                                     GlossTestAppendViews append_views)
{
  static const guint8 flips[] = { 0x01, 0x20, 0x80, 0xff };
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = gloss_test_write (folder, name, bytes->data, bytes->len);
  /* One file, spoiled in place: new ones by the thousand would take many times as long. */
  int descriptor = g_open (path, O_WRONLY, 0);
  g_autoptr (GError) error = NULL;

  g_assert_true (gloss_test_is_accepted_inside (path, append_views));

  for (guint at = 0; at < bytes->len; at++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (flips); i++)
        {
          guint8 spoiled = bytes->data[at] ^ flips[i];
          GlossWeights *weights;

          g_assert_cmpint (pwrite (descriptor, &spoiled, 1, at), ==, 1);
          gloss_test_is_accepted_inside (path, append_views);
          weights = gloss_weights_open (path, &error);
          g_assert_true ((weights != NULL) != (error != NULL));
          g_clear_pointer (&weights, gloss_weights_free);
          g_clear_error (&error);
        }
      g_assert_cmpint (pwrite (descriptor, bytes->data + at, 1, at), ==, 1);
    }

  g_assert_true (gloss_test_is_accepted_inside (path, append_views));
  for (guint length = bytes->len - 1; length > 0; length--)
    {
      g_assert_cmpint (ftruncate (descriptor, length), ==, 0);
      g_assert_false (gloss_test_is_accepted_inside (path, append_views));
    }
  close (descriptor);
  gloss_test_folder_remove (folder);
}

void
gloss_test_assert_number_is_refused (const char *name, GByteArray *bytes, gsize at, guint n_bytes,
                                     guint64 from, guint64 to, GlossTestAppendViews append_views)
{
  char *folder = gloss_test_folder_new ();
  g_autoptr (GByteArray) spoiled =
      g_byte_array_new_take (g_memdup2 (bytes->data, bytes->len), bytes->len);
  g_autofree char *path = gloss_test_write (folder, name, bytes->data, bytes->len);
  int descriptor = g_open (path, O_WRONLY, 0);

  g_assert_true (gloss_test_is_accepted_inside (path, append_views));
  for (guint64 value = from; value <= to; value++)
    {
      gloss_test_patch_number (spoiled, at, value, n_bytes);
      if (memcmp (spoiled->data + at, bytes->data + at, n_bytes) == 0)
        continue;
      g_assert_cmpint (pwrite (descriptor, spoiled->data + at, n_bytes, (off_t) at), ==, n_bytes);
      g_assert_false (gloss_test_is_accepted_inside (path, append_views));
    }
  close (descriptor);
  gloss_test_folder_remove (folder);
}
