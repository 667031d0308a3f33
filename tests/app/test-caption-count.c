/* How many pictures have a caption is told without walking over them. */
#include "app/caption-count.h"

#include "app/picture.h"

typedef struct
{
  GListStore *pictures;
  GlossCaptionCount *count;
  guint n_changes;
} Counted;

static void
note_change (GlossCaptionCount *count, Counted *counted)
{
  counted->n_changes++;
}

static void
set_up (Counted *counted, gconstpointer unused)
{
  counted->pictures = g_list_store_new (GLOSS_TYPE_PICTURE);
  counted->count = gloss_caption_count_new (G_LIST_MODEL (counted->pictures));
  g_signal_connect (counted->count, "changed", G_CALLBACK (note_change), counted);
}

static void
tear_down (Counted *counted, gconstpointer unused)
{
  g_assert_finalize_object (counted->count);
  g_assert_finalize_object (counted->pictures);
}

static GlossPicture *
add (Counted *counted, guint position, const char *caption)
{
  g_autoptr (GlossPicture) picture = gloss_picture_new ("/nowhere/a.png");

  if (caption)
    gloss_picture_edit (picture, caption);
  g_list_store_insert (counted->pictures, position, picture);
  return picture; /* the list's */
}

static void
assert_figures (Counted *counted, guint n_captioned, guint n_pictures, guint n_changes)
{
  g_assert_cmpuint (gloss_caption_count_get_n_captioned (counted->count), ==, n_captioned);
  g_assert_cmpuint (gloss_caption_count_get_n_pictures (counted->count), ==, n_pictures);
  g_assert_cmpuint (counted->n_changes, ==, n_changes);
  counted->n_changes = 0;
}

static void
test_captions_should_be_counted (Counted *counted, gconstpointer unused)
{
  GlossPicture *first, *second;

  assert_figures (counted, 0, 0, 0);
  first = add (counted, 0, NULL);
  assert_figures (counted, 0, 1, 1);
  second = add (counted, 0, "a boat");
  assert_figures (counted, 1, 2, 1);
  gloss_picture_edit (first, "a");
  assert_figures (counted, 2, 2, 1);
  gloss_picture_edit (first, "a house");
  assert_figures (counted, 2, 2, 0);
  gloss_picture_edit (second, "");
  assert_figures (counted, 1, 2, 1);
}

static void
test_what_is_gone_should_not_count (Counted *counted, gconstpointer unused)
{
  g_autoptr (GlossPicture) gone = g_object_ref (add (counted, 0, "a boat"));
  GlossPicture *added[2];

  add (counted, 1, "a house");
  add (counted, 1, NULL);
  assert_figures (counted, 2, 3, 3);
  g_list_store_remove (counted->pictures, 0);
  assert_figures (counted, 1, 2, 1);
  gloss_picture_edit (gone, "");
  gloss_picture_edit (gone, "a boat again");
  assert_figures (counted, 1, 2, 0);

  added[0] = gloss_picture_new ("/nowhere/b.png");
  added[1] = gloss_picture_new ("/nowhere/c.png");
  gloss_picture_edit (added[1], "a tree");
  g_list_store_splice (counted->pictures, 0, 1, (gpointer *) added, 2);
  assert_figures (counted, 2, 3, 1);
  gloss_picture_edit (added[0], "a road");
  assert_figures (counted, 3, 3, 1);
  g_object_unref (added[0]);
  g_object_unref (added[1]);
  g_list_store_remove_all (counted->pictures);
  assert_figures (counted, 0, 0, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/app/caption-count/captions/should-be-counted", Counted, NULL, set_up,
              test_captions_should_be_counted, tear_down);
  g_test_add ("/app/caption-count/gone/should-not-count", Counted, NULL, set_up,
              test_what_is_gone_should_not_count, tear_down);
  return g_test_run ();
}
