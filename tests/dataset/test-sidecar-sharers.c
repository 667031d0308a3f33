/* Pictures that would have the same sidecar. */
#include "dataset/sidecar-sharers.h"

#include "support/asserts.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static char *
make (const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);

  int descriptor = g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (descriptor, >=, 0);
  g_assert_cmpint (close (descriptor), ==, 0);
  return path;
}

static void
assert_sharer (const char *folder, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *wanted = expected ? g_build_filename (folder, expected, NULL) : NULL;
  g_autofree char *sharer = gloss_sidecar_find_sharer (path);

  g_assert_cmpstr (sharer, ==, wanted);
}

static void
test_other_pictures_of_the_name_should_be_found (void)
{
  static const char *const names[] = { "a.jpg",     "a.png",  "a.txt",       "b.jpg",
                                       "b.jpg.png", "c",      "caf\xe9.png", "caf\xe9.jpg",
                                       "d.PNG",     "d.jpeg", "d.gif" };
  char *folder = gloss_test_folder_new ();
  g_autofree char *inner = g_build_filename (folder, "b.png", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (make (folder, names[i]));
  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  assert_sharer (folder, "a.jpg", "a.png");
  assert_sharer (folder, "a.png", "a.jpg");
  assert_sharer (folder, "b.jpg", NULL);
  assert_sharer (folder, "b.jpg.png", NULL);
  assert_sharer (folder, "c", NULL);
  assert_sharer (folder, "caf\xe9.jpg", "caf\xe9.png");
  assert_sharer (folder, "d.PNG", "d.gif");
  assert_sharer (folder, "d.gif", "d.PNG");
  assert_sharer (folder, "d.jpeg", "d.PNG");
  assert_sharer (folder, "missing/e.jpg", NULL);
  gloss_test_folder_remove (folder);
}

static void
test_many_should_be_asked_at_once (void)
{
  char *folder = gloss_test_folder_new ();
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) sharers = NULL;
  gint64 start_usec;

  /* of the last five hundred only the .jpg are asked about, the .png are found */
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *jpeg = g_strdup_printf ("%u.jpg", i);
      g_autofree char *png = g_strdup_printf ("%u.png", i);

      g_ptr_array_add (paths, make (folder, jpeg));
      if (i >= 500)
        g_free (make (folder, png));
    }
  /* one without a suffix that is known is a picture because it is asked about */
  g_ptr_array_add (paths, g_strconcat (folder, "//7.data", NULL));
  start_usec = g_get_monotonic_time ();
  sharers = gloss_sidecar_find_sharers ((const char *const *) paths->pdata, paths->len);
  g_test_message ("%u pictures in %" G_GINT64_FORMAT " us", paths->len,
                  g_get_monotonic_time () - start_usec);
  g_assert_cmpuint (sharers->len, ==, paths->len);
  for (guint i = 0; i < 1000; i++)
    {
      const char *sharer = g_ptr_array_index (sharers, i);

      if (i == 7)
        g_assert_true (g_str_has_suffix (sharer, "/7.data"));
      else if (i < 500)
        g_assert_null (sharer);
      else
        g_assert_true (g_str_has_suffix (sharer, ".png"));
    }
  g_assert_true (g_str_has_suffix (g_ptr_array_index (sharers, 1000), "/7.jpg"));
  gloss_test_folder_remove (folder);
}

static void
test_nothing_should_give_nothing (void)
{
  g_autoptr (GPtrArray) sharers = gloss_sidecar_find_sharers (NULL, 0);

  g_assert_cmpuint (sharers->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset/sidecar-sharers/other-pictures-of-the-name/should-be-found",
                   test_other_pictures_of_the_name_should_be_found);
  g_test_add_func ("/dataset/sidecar-sharers/many/should-be-asked-at-once",
                   test_many_should_be_asked_at_once);
  g_test_add_func ("/dataset/sidecar-sharers/nothing/should-give-nothing",
                   test_nothing_should_give_nothing);
  return g_test_run ();
}
