/* In place of libFuzzer: runs a target once for each file in the folders and files given. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

/* Only libFuzzer mutates. */
gsize
LLVMFuzzerMutate (guint8 *data, gsize n_bytes, gsize max_bytes)
{
  return n_bytes;
}

static void
add_files (GPtrArray *files, const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_ptr_array_add (files, g_strdup (path));
      return;
    }
  dir = g_dir_open (path, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    g_ptr_array_add (files, g_build_filename (path, name, NULL));
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);

  for (int i = 1; i < argc; i++)
    add_files (files, argv[i]);
  g_ptr_array_sort (files, compare_paths);
  for (guint i = 0; i < files->len; i++)
    {
      const char *path = g_ptr_array_index (files, i);
      g_autofree char *bytes = NULL;
      g_autoptr (GError) error = NULL;
      gsize n_bytes;

      /* If it is the last line, this is the input that failed. */
      printf ("%s\n", path);
      fflush (stdout);
      if (!g_file_get_contents (path, &bytes, &n_bytes, &error))
        {
          fprintf (stderr, "%s\n", error->message);
          return 1;
        }
      /* libFuzzer's inputs end where their memory does. */
      g_autofree guint8 *exact = fuzz_copy (bytes, n_bytes, FALSE);

      LLVMFuzzerTestOneInput (exact, n_bytes);
    }
  printf ("%u inputs\n", files->len);
  return files->len > 0 ? 0 : 1;
}
