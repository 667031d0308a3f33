/* What the fuzz targets share. */
#include "fuzz/fuzz.h"

#include "base/error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(HAVE_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, n_bytes) ((void) (address), (void) (n_bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, n_bytes) ((void) (address), (void) (n_bytes))
#endif

static char *folder;

/* All that the targets write lies flat in the folder. */
static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

const char *
fuzz_get_folder (void)
{
  if (!folder)
    {
      folder = g_dir_make_tmp ("gloss-fuzz-XXXXXX", NULL);
      g_assert_nonnull (folder);
      atexit (remove_folder);
    }
  return folder;
}

char *
fuzz_write (const char *name, gconstpointer data, gsize n_bytes)
{
  g_autofree char *path = g_build_filename (fuzz_get_folder (), name, NULL);
  int fd = g_open (path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  for (gsize done = 0; done < n_bytes;)
    {
      ssize_t n = write (fd, (const guint8 *) data + done, n_bytes - done);

      g_assert_cmpint (n, >, 0);
      done += (gsize) n;
    }
  close (fd);
  return g_steal_pointer (&path);
}

static gsize
get_rest_of_page (GlossMappedFile *file)
{
  gsize page_bytes = (gsize) sysconf (_SC_PAGESIZE);

  return (page_bytes - gloss_mapped_file_get_size_bytes (file) % page_bytes) % page_bytes;
}

GlossMappedFile *
fuzz_map (const char *path)
{
  g_autoptr (GError) error = NULL;
  GlossMappedFile *file = gloss_mapped_file_open (path, &error);

  if (!file)
    {
      fuzz_assert_error (&error);
      return NULL;
    }
  ASAN_POISON_MEMORY_REGION (gloss_mapped_file_get_data (file)
                                 + gloss_mapped_file_get_size_bytes (file),
                             get_rest_of_page (file));
  return file;
}

void
fuzz_unmap (GlossMappedFile *file)
{
  ASAN_UNPOISON_MEMORY_REGION (gloss_mapped_file_get_data (file)
                                   + gloss_mapped_file_get_size_bytes (file),
                               get_rest_of_page (file));
  gloss_mapped_file_unref (file);
}

gpointer
fuzz_copy (gconstpointer data, gsize n_bytes, gboolean is_text)
{
  char *copy = g_malloc (MAX (n_bytes + (is_text ? 1 : 0), 1));

  if (n_bytes > 0)
    memcpy (copy, data, n_bytes);
  if (is_text)
    copy[n_bytes] = '\0';
  return copy;
}

void
fuzz_assert_error (GError **error)
{
  g_assert_nonnull (*error);
  g_assert_true ((*error)->domain == GLOSS_ERROR || (*error)->domain == G_IO_ERROR);
  g_assert_cmpstr ((*error)->message, !=, "");
  g_assert_true (g_utf8_validate ((*error)->message, -1, NULL));
  g_clear_error (error);
}

void
fuzz_assert_view (const GlossTensorView *view, const guint8 *data, gsize n_bytes)
{
  static volatile guint sink;
  guint sum = 0;

  g_assert_true (view->name && g_utf8_validate (view->name, -1, NULL));
  g_assert_true (view->file_name && g_utf8_validate (view->file_name, -1, NULL));
  g_assert_cmpuint (view->n_dims, <=, GLOSS_TENSOR_MAX_DIMS);
  g_assert_cmpuint (gloss_dtype_get_size_bytes (view->dtype), >, 0);
  g_assert_true (view->data >= data && view->data <= data + n_bytes);
  g_assert_cmpuint (view->n_bytes, <=, (gsize) (data + n_bytes - view->data));
  for (gsize i = 0; i < view->n_bytes; i++)
    sum += view->data[i];
  sink = sum;
  (void) sink;
}

void
fuzz_assert_shape (const GlossTensorView *view)
{
  g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);
  gsize n_bytes = gloss_dtype_get_size_bytes (view->dtype);

  for (guint i = 0; i < view->n_dims && !view->is_packed; i++)
    g_assert_true (g_size_checked_mul (&n_bytes, n_bytes, view->dims[i]));
  if (view->is_packed)
    n_bytes = gloss_tensor_count_packed_bytes (view->dtype, view->n_dims, view->dims);
  g_assert_cmpuint (n_bytes, ==, view->n_bytes);
  g_assert_true (g_utf8_validate (shape, -1, NULL) && *shape != '\0');
}

GlossWeights *
fuzz_open_weights (const char *path)
{
  g_autoptr (GError) error = NULL;
  GlossWeights *weights = gloss_weights_open (path, &error);

  if (!weights)
    {
      fuzz_assert_error (&error);
      return NULL;
    }
  g_assert_no_error (error);
  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);

      fuzz_assert_shape (view);
      g_assert_true (gloss_weights_find (weights, view->name) == view);
    }
  g_assert_true (gloss_weights_check (weights, NULL));
  return weights;
}

void
fuzz_weight_file (const char *name, const guint8 *data, gsize n_bytes, FuzzAppendViews append_views,
                  FuzzCheckViews check_views)
{
  g_autofree char *path = fuzz_write (name, data, n_bytes);
  GlossMappedFile *file = fuzz_map (path);
  g_autoptr (GStringChunk) strings = g_string_chunk_new (256);
  g_autoptr (GArray) views = g_array_new (FALSE, FALSE, sizeof (GlossTensorView));
  g_autoptr (GlossWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_accepted;

  if (!file)
    return;
  is_accepted = append_views (file, strings, views, &error);
  if (is_accepted)
    {
      g_assert_no_error (error);
      for (guint i = 0; i < views->len; i++)
        fuzz_assert_view (&g_array_index (views, GlossTensorView, i),
                          gloss_mapped_file_get_data (file), n_bytes);
      if (check_views)
        check_views (file, views);
    }
  else
    fuzz_assert_error (&error);
  fuzz_unmap (file);

  weights = fuzz_open_weights (path);
  if (weights)
    {
      g_assert_true (is_accepted);
      g_assert_cmpuint (gloss_weights_get_n_tensors (weights), ==, views->len);
    }
}
