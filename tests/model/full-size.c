/* Checkpoints of the published shapes with random values. */
#include "model/full-size.h"

#include "base/dtype.h"
#include "model/shape.h"
#include "support/asserts.h"
#include "weights/builder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The values come in blocks of this many bytes: a prime number of values, 64 MiB or so. */
#define BLOCK_VALUES 33554467

void
full_size_get_config (GlossModelConfig *config, FullSize size, gsize image_size_px)
{
  static const char *const names[N_FULL_SIZES] = {
    [FULL_SIZE_PALIGEMMA_3B] = "paligemma-3b",
    [FULL_SIZE_PALIGEMMA2_3B] = "paligemma2-3b",
    [FULL_SIZE_PALIGEMMA2_10B] = "paligemma2-10b",
    [FULL_SIZE_PALIGEMMA2_28B] = "paligemma2-28b",
  };
  g_autofree char *name = g_strdup_printf ("%s-%" G_GSIZE_FORMAT, names[size], image_size_px);
  g_autoptr (GError) error = NULL;

  gloss_shape_find (name, config, &error);
  g_assert_no_error (error);
  /* big_vision's tables have no junk rows */
  config->n_table_rows = 257152;
}

typedef struct
{
  const char *name;
  const char *axes;
  gboolean gemma2_only;
} Tensor;

/* Tensors of big_vision's files; those that two rows of the table share come twice. */
static const Tensor tensors[] = {
#define T(role, kind, bv_name, bv_axes, index, hf_name, hf_gemma2_name, hf_axes, out, gemma2_only) \
  { bv_name, bv_axes, gemma2_only },
#include "model/tensors.inc"
#undef T
};

static guint64
read_available_bytes (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL)
      || !(line = strstr (text, "MemAvailable:")))
    return 0;
  return g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) * 1024;
}

gsize
full_size_get_anonymous_bytes (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  line = strstr (text, "RssAnon:");
  g_assert_nonnull (line);
  return (gsize) g_ascii_strtoull (line + strlen ("RssAnon:"), NULL, 10) * 1024;
}

static guint64
count_values (const GlossModelConfig *config, const Tensor *tensor, GString *shape)
{
  guint64 n = 1;

  for (const char *p = tensor->axes; *p; p++)
    {
      n *= gloss_model_config_get_axis (config, *p);
      g_string_append_printf (shape, "%" G_GSIZE_FORMAT ", ",
                              gloss_model_config_get_axis (config, *p));
    }
  return n;
}

static void
write_all (int fd, gconstpointer data, gsize n_bytes)
{
  for (gsize done = 0; done < n_bytes;)
    {
      ssize_t n = write (fd, (const guint8 *) data + done, n_bytes - done);

      if (n < 0)
        g_error ("writing a checkpoint for a test: %s", g_strerror (errno));
      done += (gsize) n;
    }
}

static guint16 *
make_block (void)
{
  guint16 *block = g_new (guint16, BLOCK_VALUES);
  guint32 state = 1;

  for (gsize i = 0; i < BLOCK_VALUES; i++)
    {
      state = state * 1664525u + 1013904223u;
      /* uniform in ±0.035: the spread of a trained layer of this width */
      block[i] = gloss_float_to_bf16 (((float) (state >> 8) / 8388608.0f - 1.0f) * 0.035f);
    }
  return block;
}

/* Writes @n values that go on in @block from @position; where they then end. */
static gsize
write_values (int fd, const guint16 *block, gsize position, guint64 n)
{
  while (n > 0)
    {
      gsize now = (gsize) MIN (n, BLOCK_VALUES - position);

      write_all (fd, block + position, now * 2);
      position = (position + now) % BLOCK_VALUES;
      n -= now;
    }
  return position;
}

/* What stands between the values: headers as they come, and the directory. */
typedef struct
{
  int fd;
  GByteArray *directory; /* owned */
  guint64 offset;
  guint64 n_members;
} Writer;

/* FALSE for what the checkpoint does not have, and for the second row that shares a tensor. */
static gboolean
is_written (guint index, const GlossModelConfig *config)
{
  return (config->is_gemma2 || !tensors[index].gemma2_only)
         && (index == 0 || strcmp (tensors[index].name, tensors[index - 1].name) != 0);
}

/* Writes the headers of the tensor and enters it into the directory; its values are to follow. */
static guint64
begin_tensor (Writer *writer, guint index, const GlossModelConfig *config)
{
  g_autoptr (GString) shape = g_string_new (NULL);
  g_autoptr (GByteArray) header = g_byte_array_new ();
  g_autoptr (GByteArray) npy = NULL;
  g_autofree char *name = g_strconcat ("params/", tensors[index].name, ".npy", NULL);
  g_autofree char *dictionary = NULL;
  guint64 n_values = count_values (config, &tensors[index], shape);
  guint64 n_bytes;

  dictionary =
      g_strdup_printf ("{'descr': '<V2', 'fortran_order': False, 'shape': (%s), }", shape->str);
  npy = gloss_test_npy_new (1, dictionary, 0);
  n_bytes = npy->len + n_values * 2;
  gloss_test_zip_append_member (header, GLOSS_TEST_ZIP_64, name, n_bytes);
  gloss_test_zip_append_entry (writer->directory, GLOSS_TEST_ZIP_64, name, n_bytes, writer->offset);
  write_all (writer->fd, header->data, header->len);
  write_all (writer->fd, npy->data, npy->len);
  writer->offset += header->len + n_bytes;
  writer->n_members++;
  return n_values;
}

static void
end_archive (Writer *writer)
{
  gsize directory_bytes = writer->directory->len;

  gloss_test_zip_append_end (writer->directory, GLOSS_TEST_ZIP_64, writer->n_members,
                             directory_bytes, writer->offset + directory_bytes);
  write_all (writer->fd, writer->directory->data, writer->directory->len);
  close (writer->fd);
  g_byte_array_unref (writer->directory);
}

static Writer
begin_archive (const char *path)
{
  Writer writer = { open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600), g_byte_array_new (),
                    0, 0 };

  g_assert_cmpint (writer.fd, >=, 0);
  return writer;
}

static guint64
count_bytes (const GlossModelConfig *config)
{
  guint64 n_bytes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      g_autoptr (GString) shape = g_string_new (NULL);

      if (is_written (i, config))
        n_bytes += count_values (config, &tensors[i], shape) * 2;
    }
  return n_bytes;
}

char *
full_size_write_npz (const char *folder, const GlossModelConfig *config, const char **why)
{
  g_autofree guint16 *block = NULL;
  g_autofree char *path = g_build_filename (folder, "random.npz", NULL);
  guint64 n_bytes = count_bytes (config);
  gsize position = 0;
  struct statvfs disk;
  Writer writer;

  *why = NULL;
  if (read_available_bytes () < n_bytes + ((guint64) 2 << 30))
    *why = "there is not enough memory for a model of this size";
  else if (statvfs (folder, &disk) != 0 || (guint64) disk.f_bavail * disk.f_frsize < n_bytes)
    *why = "there is not enough disk space for a model of this size";
  if (*why)
    return NULL;

  block = make_block ();
  writer = begin_archive (path);
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      if (is_written (i, config))
        position = write_values (writer.fd, block, position, begin_tensor (&writer, i, config));
    }
  end_archive (&writer);
  return g_steal_pointer (&path);
}

char *
full_size_write_holes (const char *folder, const GlossModelConfig *config, const char **why)
{
  g_autofree char *path = g_build_filename (folder, "holes.npz", NULL);
  Writer writer = begin_archive (path);

  *why = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      guint16 first = gloss_float_to_bf16 ((float) (i + 1));
      guint16 last = gloss_float_to_bf16 (-(float) (i + 1));
      guint64 n_values;

      if (!is_written (i, config))
        continue;
      n_values = begin_tensor (&writer, i, config);
      write_all (writer.fd, &first, 2);
      if (lseek (writer.fd, (off_t) (n_values * 2 - 4), SEEK_CUR) < 0
          || ftruncate (writer.fd, lseek (writer.fd, 0, SEEK_CUR)) != 0)
        {
          *why = "the disk does not make files of this size";
          close (writer.fd);
          g_byte_array_unref (writer.directory);
          return NULL;
        }
      write_all (writer.fd, &last, 2);
    }
  end_archive (&writer);
  return g_steal_pointer (&path);
}
