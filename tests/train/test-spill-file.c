/* The file for what finds no room in memory. */
#include "support/asserts.h"
#include "train/spill-file.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_what_was_appended_should_come_back (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *inside = g_build_filename (folder, "cache", "gloss", NULL);
  g_autofree char *parent = g_path_get_dirname (inside);
  g_autoptr (GlossSpillFile) file = gloss_spill_file_new (inside, 1 << 20);
  guint64 offsets[10];
  guint8 data[1000], back[1000];

  g_assert_nonnull (file);
  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
    {
      memset (data, (int) i + 1, sizeof data);
      g_assert_true (gloss_spill_file_append (file, data, sizeof data - i, &offsets[i]));
    }
  for (guint i = G_N_ELEMENTS (offsets); i-- > 0;)
    {
      memset (data, (int) i + 1, sizeof data);
      g_assert_true (gloss_spill_file_read (file, offsets[i], back, sizeof data - i));
      g_assert_cmpmem (back, sizeof data - i, data, sizeof data - i);
    }
  /* nothing is there behind the end */
  g_assert_false (gloss_spill_file_read (file, offsets[9], back, sizeof back));
  /* and no name, so that a killed process leaves nothing */
  g_assert_cmpint (g_rmdir (inside), ==, 0);
  g_assert_cmpint (g_rmdir (parent), ==, 0);
  gloss_test_folder_remove (folder);
}

static void
test_it_should_keep_to_its_bound (void)
{
  char *folder = gloss_test_folder_new ();
  g_autoptr (GlossSpillFile) file = gloss_spill_file_new (folder, 1000);
  g_autoptr (GlossSpillFile) huge = gloss_spill_file_new (folder, G_MAXUINT64);
  guint8 data[600] = { 0 };
  guint64 offset;

  g_assert_true (gloss_spill_file_append (file, data, 600, &offset));
  g_assert_false (gloss_spill_file_has_room (file, 401));
  g_assert_false (gloss_spill_file_append (file, data, 401, &offset));
  g_assert_true (gloss_spill_file_append (file, data, 400, &offset));
  g_assert_cmpuint (offset, ==, 600);
  /* more than any disk has */
  g_assert_false (gloss_spill_file_has_room (huge, G_MAXSIZE / 2));
  gloss_test_folder_remove (folder);
}

static void
test_without_a_place_there_should_be_none (void)
{
  char *folder = gloss_test_folder_new ();

  g_assert_null (gloss_spill_file_new ("/proc/nowhere", 1000));
  g_assert_null (gloss_spill_file_new (folder, 0));
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/train/spill-file/what-was-appended-should-come-back",
                   test_what_was_appended_should_come_back);
  g_test_add_func ("/train/spill-file/it-should-keep-to-its-bound",
                   test_it_should_keep_to_its_bound);
  g_test_add_func ("/train/spill-file/without-a-place-there-should-be-none",
                   test_without_a_place_there_should_be_none);
  return g_test_run ();
}
