/*
 * Writer of numpy's .npz archives.
 *
 * Each member has a local header with ZIP64 sizes, as numpy writes it whatever they are, and the
 * header of an array. The checksum is known behind the last byte and is put into the header then.
 * (PKWARE, APPNOTE.TXT 6.3; numpy, NEP 1.)
 */
#include "weights/npz-writer.h"

#include "base/atomic-file.h"

#include <string.h>
#include <zlib.h>

#define LOCAL_SIGNATURE 0x04034b50u
#define CENTRAL_SIGNATURE 0x02014b50u
#define END64_SIGNATURE 0x06064b50u
#define LOCATOR64_SIGNATURE 0x07064b50u
#define END_SIGNATURE 0x06054b50u
#define VERSION_ZIP64 45
#define FIRST_OF_1980 0x0021
#define EXTRA_BYTES 20 /* of a local header */
#define CHECKSUM_OFFSET 14
#define LOCAL_BYTES 30
#define CENTRAL_BYTES 46
#define CENTRAL_EXTRA_BYTES 28
#define END64_BYTES 56
#define LOCATOR64_BYTES 20
#define END_BYTES 22
#define ALIGNMENT 64

typedef struct
{
  guint64 offset; /* of the local header */
  guint32 checksum;
} Member;

struct _GlossNpzWriter
{
  const GArray *tensors; /* borrowed */

  /* owned */
  GlossAtomicFile *file;
  Member *members;

  guint index;    /* of the tensor that is being written */
  guint64 n_done; /* bytes of it */
  guint64 n_written;
};

static void
put (GByteArray *out, guint64 value, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    {
      guint8 byte = (guint8) (value >> (8 * i));

      g_byte_array_append (out, &byte, 1);
    }
}

/* The dictionary of an array, padded so that the data would begin at a multiple of 64. */
static char *
make_array_header (const GlossTensorView *view)
{
  const char *descr = view->dtype == GLOSS_DTYPE_F32   ? "<f4"
                      : view->dtype == GLOSS_DTYPE_F16 ? "<f2"
                                                       : "|V2";
  g_autoptr (GString) text = g_string_new (NULL);
  gsize n_before = 10;

  g_string_printf (text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (guint i = 0; i < view->n_dims; i++)
    g_string_append_printf (text, "%zu%s", view->dims[i],
                            i + 1 < view->n_dims ? ", "
                            : view->n_dims == 1  ? ","
                                                 : "");
  g_string_append (text, "), }");
  while ((n_before + text->len + 1) % ALIGNMENT != 0)
    g_string_append_c (text, ' ');
  g_string_append_c (text, '\n');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gsize
get_header_bytes (const GlossTensorView *view)
{
  g_autofree char *header = make_array_header (view);

  return 10 + strlen (header);
}

static gsize
get_name_bytes (const GlossTensorView *view)
{
  return strlen (view->name) + strlen (".npy");
}

guint64
gloss_npz_count_bytes (const GArray *tensors)
{
  guint64 n_bytes = END64_BYTES + LOCATOR64_BYTES + END_BYTES;

  for (guint i = 0; i < tensors->len; i++)
    {
      const GlossTensorView *view = &g_array_index (tensors, GlossTensorView, i);

      n_bytes += LOCAL_BYTES + EXTRA_BYTES + CENTRAL_BYTES + CENTRAL_EXTRA_BYTES
                 + 2 * get_name_bytes (view) + get_header_bytes (view) + view->n_bytes;
    }
  return n_bytes;
}

static gboolean
append (GlossNpzWriter *writer, const void *data, gsize n_bytes, GError **error)
{
  writer->n_written += n_bytes;
  return gloss_atomic_file_append (writer->file, data, n_bytes, error);
}

static void
add_to_checksum (GlossNpzWriter *writer, const guint8 *data, gsize n_bytes)
{
  Member *member = &writer->members[writer->index];

  member->checksum = (guint32) crc32_z (member->checksum, data, n_bytes);
}

static gboolean
begin_member (GlossNpzWriter *writer, GError **error)
{
  const GlossTensorView *view = &g_array_index (writer->tensors, GlossTensorView, writer->index);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) array = g_byte_array_new ();
  g_autofree char *header = make_array_header (view);
  guint64 n_bytes = 10 + strlen (header) + view->n_bytes;

  writer->members[writer->index] = (Member){ writer->n_written, (guint32) crc32_z (0, NULL, 0) };
  writer->n_done = 0;
  put (out, LOCAL_SIGNATURE, 4);
  put (out, VERSION_ZIP64, 2);
  put (out, 0, 2); /* flags */
  put (out, 0, 2); /* stored */
  put (out, 0, 2);
  put (out, FIRST_OF_1980, 2);
  put (out, 0, 4); /* the checksum */
  put (out, G_MAXUINT32, 4);
  put (out, G_MAXUINT32, 4);
  put (out, get_name_bytes (view), 2);
  put (out, EXTRA_BYTES, 2);
  g_byte_array_append (out, (const guint8 *) view->name, (guint) strlen (view->name));
  g_byte_array_append (out, (const guint8 *) ".npy", 4);
  put (out, 1, 2); /* ZIP64 */
  put (out, 16, 2);
  put (out, n_bytes, 8);
  put (out, n_bytes, 8);

  g_byte_array_append (array, (const guint8 *) "\x93NUMPY\x01\x00", 8);
  put (array, strlen (header), 2);
  g_byte_array_append (array, (const guint8 *) header, (guint) strlen (header));
  add_to_checksum (writer, array->data, array->len);
  return append (writer, out->data, out->len, error)
         && append (writer, array->data, array->len, error);
}

/* Behind a tensor's last byte; goes on to the next one. */
static gboolean
end_member (GlossNpzWriter *writer, GError **error)
{
  const Member *member = &writer->members[writer->index];
  guint32 checksum = GUINT32_TO_LE (member->checksum);

  if (!gloss_atomic_file_rewrite (writer->file, member->offset + CHECKSUM_OFFSET, &checksum,
                                  sizeof checksum, error))
    return FALSE;
  writer->index++;
  return writer->index == writer->tensors->len || begin_member (writer, error);
}

GlossNpzWriter *
gloss_npz_writer_new (const char *path, gboolean may_replace, const GArray *tensors, GError **error)
{
  g_autoptr (GlossNpzWriter) writer = g_new0 (GlossNpzWriter, 1);

  g_return_val_if_fail (tensors->len > 0, NULL);

  writer->tensors = tensors;
  writer->members = g_new0 (Member, tensors->len);
  writer->file = gloss_atomic_file_begin (path, may_replace, error);
  if (!writer->file || !begin_member (writer, error))
    return NULL;
  return g_steal_pointer (&writer);
}

void
gloss_npz_writer_free (GlossNpzWriter *writer)
{
  g_clear_pointer (&writer->file, gloss_atomic_file_free);
  g_free (writer->members);
  g_free (writer);
}

gboolean
gloss_npz_writer_append (GlossNpzWriter *writer, const guint8 *data, gsize n_bytes, GError **error)
{
  const GlossTensorView *view = &g_array_index (writer->tensors, GlossTensorView, writer->index);

  g_return_val_if_fail (writer->n_done + n_bytes <= view->n_bytes, FALSE);

  add_to_checksum (writer, data, n_bytes);
  writer->n_done += n_bytes;
  return append (writer, data, n_bytes, error)
         && (writer->n_done < view->n_bytes || end_member (writer, error));
}

static void
put_directory_entry (GByteArray *out, const GlossTensorView *view, const Member *member)
{
  guint64 n_bytes = get_header_bytes (view) + view->n_bytes;

  put (out, CENTRAL_SIGNATURE, 4);
  put (out, VERSION_ZIP64, 2); /* made by */
  put (out, VERSION_ZIP64, 2); /* needed */
  put (out, 0, 2);
  put (out, 0, 2);
  put (out, 0, 2);
  put (out, FIRST_OF_1980, 2);
  put (out, member->checksum, 4);
  put (out, G_MAXUINT32, 4);
  put (out, G_MAXUINT32, 4);
  put (out, get_name_bytes (view), 2);
  put (out, CENTRAL_EXTRA_BYTES, 2);
  put (out, 0, 2); /* comment */
  put (out, 0, 2); /* disk */
  put (out, 0, 2);
  put (out, 0, 4); /* attributes */
  put (out, G_MAXUINT32, 4);
  g_byte_array_append (out, (const guint8 *) view->name, (guint) strlen (view->name));
  g_byte_array_append (out, (const guint8 *) ".npy", 4);
  put (out, 1, 2); /* ZIP64 */
  put (out, CENTRAL_EXTRA_BYTES - 4, 2);
  put (out, n_bytes, 8);
  put (out, n_bytes, 8);
  put (out, member->offset, 8);
}

gboolean
gloss_npz_writer_finish (GlossNpzWriter *writer, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint64 directory = writer->n_written, n_bytes;
  guint n = writer->tensors->len;

  g_return_val_if_fail (writer->index == n, FALSE);

  for (guint i = 0; i < n; i++)
    put_directory_entry (out, &g_array_index (writer->tensors, GlossTensorView, i),
                         &writer->members[i]);
  n_bytes = out->len;
  put (out, END64_SIGNATURE, 4);
  put (out, END64_BYTES - 12, 8);
  put (out, VERSION_ZIP64, 2);
  put (out, VERSION_ZIP64, 2);
  put (out, 0, 4); /* disks */
  put (out, 0, 4);
  put (out, n, 8);
  put (out, n, 8);
  put (out, n_bytes, 8);
  put (out, directory, 8);
  put (out, LOCATOR64_SIGNATURE, 4);
  put (out, 0, 4);
  put (out, directory + n_bytes, 8);
  put (out, 1, 4);
  put (out, END_SIGNATURE, 4);
  put (out, 0, 4); /* disks */
  put (out, G_MAXUINT16, 2);
  put (out, G_MAXUINT16, 2);
  put (out, G_MAXUINT32, 4);
  put (out, G_MAXUINT32, 4);
  put (out, 0, 2); /* comment */
  return append (writer, out->data, out->len, error)
         && gloss_atomic_file_finish (writer->file, error);
}
