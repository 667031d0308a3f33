/* Listing a folder. */
#include "library/folder.h"

#include "library/cache.h"
#include "support/asserts.h"

static void
test_names_should_be_sorted_with_links_last (void)
{
  static const char *const expected[] = { "2", "10", ".c", "10b", "b", "a" };
  g_autofree char *root = gloss_test_folder_new ();
  g_autoptr (GPtrArray) names = NULL;
  guint n_left = 100;

  gloss_cache_link (root, "a", "b");
  for (guint i = 0; i < 5; i++)
    gloss_cache_write (root, expected[4 - i], "");
  names = gloss_folder_list (root, &n_left);
  g_assert_cmpuint (names->len, ==, G_N_ELEMENTS (expected));
  g_assert_cmpuint (n_left, ==, 94);
  for (guint i = 0; i < names->len; i++)
    g_assert_cmpstr (g_ptr_array_index (names, i), ==, expected[i]);
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_no_more_should_be_read_than_allowed (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  guint n_left = 3;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      gloss_cache_write (root, name, "");
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) names = gloss_folder_list (root, &n_left);

      g_assert_cmpuint (names->len, ==, i == 0 ? 3 : 0);
      g_assert_cmpuint (n_left, ==, 0);
    }
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_what_is_no_folder_should_be_empty (void)
{
  static const char *const paths[] = { "/nowhere/at/all", "/dev/null", "" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      guint n_left = 10;
      g_autoptr (GPtrArray) names = gloss_folder_list (paths[i], &n_left);

      g_assert_cmpuint (names->len, ==, 0);
      g_assert_cmpuint (n_left, ==, 10);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/folder/names-should-be-sorted-with-links-last",
                   test_names_should_be_sorted_with_links_last);
  g_test_add_func ("/library/folder/no-more-should-be-read-than-allowed",
                   test_no_more_should_be_read_than_allowed);
  g_test_add_func ("/library/folder/what-is-no-folder-should-be-empty",
                   test_what_is_no_folder_should_be_empty);
  return g_test_run ();
}
