/* What the window knows of a picture: its states, its caption, its history. */
#include "app/picture.h"

#include <string.h>

static GlossCaptionRecord *
make_record (const char *text, GlossCaptionOrigin origin)
{
  GlossCaptionRecord *record = g_new0 (GlossCaptionRecord, 1);

  record->text = g_strdup (text);
  record->model = g_strdup ("demo");
  record->prompt = g_strdup ("caption en");
  record->origin = origin;
  return record;
}

static void
free_record (gpointer data)
{
  gloss_caption_record_free (data);
}

/* "b|a": the caption is told apart, what was before it is the list. */
static void
assert_words (GlossPicture *picture, const char *caption, const char *history)
{
  const GPtrArray *records = gloss_picture_get_history (picture);
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? "|" : "",
                            ((GlossCaptionRecord *) g_ptr_array_index (records, i))->text);
  g_assert_cmpstr (gloss_picture_get_caption (picture), ==, caption);
  g_assert_cmpstr (list->str, ==, history);
}

static void
assert_state (GlossPicture *picture, GlossPictureState state)
{
  g_assert_cmpint (gloss_picture_get_state (picture), ==, state);
}

static void
test_captions_should_go_to_the_history (void)
{
  g_autoptr (GlossPicture) picture = gloss_picture_new ("/tmp/x.png");

  assert_words (picture, "", "");
  assert_state (picture, GLOSS_PICTURE_WAITING);
  gloss_picture_add_record (picture, make_record ("a", GLOSS_CAPTION_ORIGIN_MODEL));
  assert_words (picture, "a", "");
  assert_state (picture, GLOSS_PICTURE_DONE);
  gloss_picture_add_record (picture, make_record ("b", GLOSS_CAPTION_ORIGIN_MODEL));
  gloss_picture_add_record (picture, make_record ("c", GLOSS_CAPTION_ORIGIN_MODEL));
  assert_words (picture, "c", "b|a");
  gloss_picture_add_record (picture, make_record ("a", GLOSS_CAPTION_ORIGIN_MODEL));
  assert_words (picture, "a", "c|b");
  gloss_picture_clear_history (picture);
  assert_words (picture, "a", "");
}

static void
test_typing_should_be_one_step (void)
{
  g_autoptr (GlossPicture) picture = gloss_picture_new ("/tmp/x.png");

  gloss_picture_add_record (picture, make_record ("a cat", GLOSS_CAPTION_ORIGIN_MODEL));
  gloss_picture_edit (picture, "a cat s");
  gloss_picture_edit (picture, "a cat sits");
  assert_words (picture, "a cat sits", "a cat");
  assert_state (picture, GLOSS_PICTURE_EDITED);
  g_assert_cmpstr (gloss_picture_get_record (picture)->model, ==, "demo");
  gloss_picture_add_record (picture, make_record ("a dog", GLOSS_CAPTION_ORIGIN_MODEL));
  gloss_picture_edit (picture, "a dog!");
  assert_words (picture, "a dog!", "a dog|a cat sits|a cat");
  gloss_picture_edit (picture, "");
  assert_words (picture, "", "a dog|a cat sits|a cat");
  assert_state (picture, GLOSS_PICTURE_WAITING);
}

static void
test_typing_without_a_model_should_have_none (void)
{
  g_autoptr (GlossPicture) picture = gloss_picture_new ("/tmp/x.png");

  gloss_picture_edit (picture, "mine");
  g_assert_null (gloss_picture_get_record (picture)->model);
  assert_words (picture, "mine", "");
}

static void
test_failure_should_leave_the_caption (void)
{
  g_autoptr (GlossPicture) picture = gloss_picture_new ("/tmp/x.png");

  gloss_picture_add_record (picture, make_record ("a", GLOSS_CAPTION_ORIGIN_MODEL));
  gloss_picture_begin_work (picture);
  assert_state (picture, GLOSS_PICTURE_WORKING);
  gloss_picture_end_work (picture, "the disk burns");
  assert_state (picture, GLOSS_PICTURE_FAILED);
  g_assert_cmpstr (gloss_picture_get_reason (picture), ==, "the disk burns");
  assert_words (picture, "a", "");
  gloss_picture_begin_work (picture);
  g_assert_null (gloss_picture_get_reason (picture));
  gloss_picture_end_work (picture, NULL);
  assert_state (picture, GLOSS_PICTURE_DONE);
}

static void
note (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_string_append_printf (data, "%s ", g_param_spec_get_name (pspec));
}

/* Every property is told when it changes, and not when it does not. */
static void
test_changes_should_be_told (void)
{
  g_autoptr (GlossPicture) picture = gloss_picture_new ("/tmp/x.png");
  g_autoptr (GString) told = g_string_new (NULL);
  g_autofree char *name = NULL;
  g_autofree char *caption = NULL;
  int state;

  g_signal_connect (picture, "notify", G_CALLBACK (note), told);
  gloss_picture_add_record (picture, make_record ("a", GLOSS_CAPTION_ORIGIN_MODEL));
  g_assert_cmpstr (told->str, ==, "state caption ");
  g_string_truncate (told, 0);
  gloss_picture_edit (picture, "a");
  g_assert_cmpstr (told->str, ==, "");
  gloss_picture_end_work (picture, "no");
  g_assert_cmpstr (told->str, ==, "reason state ");
  g_object_get (picture, "name", &name, "caption", &caption, "state", &state, NULL);
  g_assert_cmpstr (name, ==, "x.png");
  g_assert_cmpstr (caption, ==, "a");
  g_assert_cmpint (state, ==, GLOSS_PICTURE_FAILED);
}

static void
test_what_is_kept_should_not_undo_what_is_new (void)
{
  g_autoptr (GlossPicture) picture = gloss_picture_new ("/tmp/x.png");
  guint revision = gloss_picture_get_revision (picture);

  gloss_picture_set_records (picture, make_record ("kept", GLOSS_CAPTION_ORIGIN_MODEL),
                             g_ptr_array_new_with_free_func (free_record));
  g_assert_cmpuint (gloss_picture_get_revision (picture), ==, revision);
  gloss_picture_edit (picture, "typed");
  g_assert_cmpuint (gloss_picture_get_revision (picture), !=, revision);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/picture/captions-should-go-to-the-history",
                   test_captions_should_go_to_the_history);
  g_test_add_func ("/app/picture/typing-should-be-one-step", test_typing_should_be_one_step);
  g_test_add_func ("/app/picture/typing-without-a-model-should-have-none",
                   test_typing_without_a_model_should_have_none);
  g_test_add_func ("/app/picture/failure-should-leave-the-caption",
                   test_failure_should_leave_the_caption);
  g_test_add_func ("/app/picture/changes-should-be-told", test_changes_should_be_told);
  g_test_add_func ("/app/picture/what-is-kept-should-not-undo-what-is-new",
                   test_what_is_kept_should_not_undo_what_is_new);
  return g_test_run ();
}
