/* Checkpoints of the published shapes with random values. */
#include "model/full-size.h"

#include "base/dtype.h"
#include "support/asserts.h"
#include "weights/builder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The values come in blocks of this many bytes: a prime number of values, 64 MiB or so. */
#define BLOCK_VALUES 33554467

static void
config_vision (GlossModelConfig *config)
{
  gloss_model_config_init (config);
  config->patch_size_px = 14;
  config->n_image_tokens = 256;
  config->vit_width = 1152;
  config->vit_depth = 27;
  config->vit_mlp_dim = 4304;
  config->vit_n_heads = 16;
  config->vit_head_dim = 72;
  config->n_table_rows = 257152;
  config->head_dim = 256;
  config->n_heads = 8;
}

void
full_size_config_paligemma_3b (GlossModelConfig *config)
{
  config_vision (config);
  config->width = 2048;
  config->depth = 18;
  config->mlp_dim = 16384;
  config->n_kv_heads = 1;
}

void
full_size_config_paligemma2_3b (GlossModelConfig *config)
{
  config_vision (config);
  config->is_gemma2 = TRUE;
  config->width = 2304;
  config->depth = 26;
  config->mlp_dim = 9216;
  config->n_kv_heads = 4;
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

char *
full_size_write_npz (const char *folder, const GlossModelConfig *config, const char **why)
{
  g_autofree guint16 *block = NULL;
  g_autoptr (GByteArray) directory = g_byte_array_new ();
  g_autofree char *path = g_build_filename (folder, "random.npz", NULL);
  guint64 offset = 0, n_members = 0, n_all = 0;
  gsize position = 0;
  struct statvfs disk;
  int fd;

  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      g_autoptr (GString) shape = g_string_new (NULL);

      n_all += count_values (config, &tensors[i], shape) * 2;
    }
  *why = NULL;
  if (read_available_bytes () < n_all + ((guint64) 2 << 30))
    *why = "there is not enough memory for a model of this size";
  else if (statvfs (folder, &disk) != 0 || (guint64) disk.f_bavail * disk.f_frsize < n_all)
    *why = "there is not enough disk space for a model of this size";
  if (*why)
    return NULL;

  block = make_block ();
  fd = open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      g_autoptr (GString) shape = g_string_new (NULL);
      g_autoptr (GByteArray) header = g_byte_array_new ();
      g_autoptr (GByteArray) npy = NULL;
      g_autofree char *name = g_strconcat ("params/", tensors[i].name, ".npy", NULL);
      g_autofree char *dictionary = NULL;
      guint64 n_values = count_values (config, &tensors[i], shape);

      if ((tensors[i].gemma2_only && !config->is_gemma2)
          || (i > 0 && strcmp (tensors[i].name, tensors[i - 1].name) == 0))
        continue;
      dictionary =
          g_strdup_printf ("{'descr': '<V2', 'fortran_order': False, 'shape': (%s), }", shape->str);
      npy = gloss_test_npy_new (1, dictionary, 0);
      gloss_test_zip_append_member (header, GLOSS_TEST_ZIP_64, name, npy->len + n_values * 2);
      gloss_test_zip_append_entry (directory, GLOSS_TEST_ZIP_64, name, npy->len + n_values * 2,
                                   offset);
      write_all (fd, header->data, header->len);
      write_all (fd, npy->data, npy->len);
      position = write_values (fd, block, position, n_values);
      offset += header->len + npy->len + n_values * 2;
      n_members++;
    }

  gsize directory_bytes = directory->len;

  gloss_test_zip_append_end (directory, GLOSS_TEST_ZIP_64, n_members, directory_bytes,
                             offset + directory_bytes);
  write_all (fd, directory->data, directory->len);
  close (fd);
  return g_steal_pointer (&path);
}
