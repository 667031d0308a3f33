/* What a person edited, as data to learn from. */
#include "library/edited-pairs.h"

#include "library/captions.h"
#include "support/asserts.h"

#include <glib/gstdio.h>

static void
test_edited_captions_should_be_pairs (Captions *captions, gconstpointer unused)
{
  g_autofree char *edited = gloss_captions_make_picture (captions, "b \xff.png", "1");
  g_autofree char *said = gloss_captions_make_picture (captions, "a.png", "2");
  g_autofree char *gone = gloss_captions_make_picture (captions, "c.png", "3");
  g_autofree char *emptied = gloss_captions_make_picture (captions, "d.png", "4");
  g_autofree char *typed = gloss_captions_make_picture (captions, "e.png", "5");
  g_autofree char *again = gloss_captions_make_picture (captions, "f.png", "6");
  g_autoptr (GlossPairs) pairs = NULL;
  g_autoptr (GError) error = NULL;

  gloss_captions_set (captions->store, edited, "a dog");
  gloss_captions_edit (captions->store, edited, "my dog Rex");
  gloss_captions_set (captions->store, said, "a cat");
  gloss_captions_edit (captions->store, gone, "a house");
  gloss_captions_edit (captions->store, emptied, "");
  gloss_captions_edit (captions->store, typed, "ein Baum");
  gloss_captions_edit (captions->store, again, "a boat");
  gloss_captions_set (captions->store, again, "what the model says now");
  g_unlink (gone);
  pairs = gloss_edited_pairs_read (captions->store, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pairs->layout, ==, GLOSS_LAYOUT_EDITED);
  g_assert_cmpuint (pairs->pairs->len, ==, 2);
  g_assert_cmpstr (gloss_pairs_get (pairs, 0)->image_path, ==, edited);
  g_assert_cmpstr (gloss_pairs_get (pairs, 0)->prefix, ==, "p");
  g_assert_cmpstr (gloss_pairs_get (pairs, 0)->suffix, ==, "my dog Rex");
  g_assert_cmpstr (gloss_pairs_get (pairs, 1)->suffix, ==, "ein Baum");
  g_assert_null (gloss_pairs_get (pairs, 1)->prefix);
  g_assert_cmpuint (pairs->n_problems[GLOSS_PAIRS_NO_PICTURE], ==, 1);
}

static void
test_cancelling_should_be_heard (Captions *captions, gconstpointer unused)
{
  g_autofree char *picture = gloss_captions_make_picture (captions, "a.png", "1");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  gloss_captions_edit (captions->store, picture, "words");
  g_cancellable_cancel (cancellable);
  g_assert_null (gloss_edited_pairs_read (captions->store, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gloss_captions_add_test ("/library/edited-pairs/edited-captions-should-be-pairs",
                           test_edited_captions_should_be_pairs);
  gloss_captions_add_test ("/library/edited-pairs/cancelling-should-be-heard",
                           test_cancelling_should_be_heard);
  return g_test_run ();
}
