/* The layouts in which people keep captions, with the defects that they have. */
#include "dataset/pairs.h"

#include "base/error.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder; /* owned */
} Scratch;

static void
set_up (Scratch *scratch, gconstpointer unused)
{
  scratch->folder = gloss_test_folder_new ();
}

static void
tear_down (Scratch *scratch, gconstpointer unused)
{
  gloss_test_folder_remove (scratch->folder);
}

static void
put (const Scratch *scratch, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (scratch->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static GlossPairs *
read_name (const Scratch *scratch, const char *name)
{
  g_autofree char *path = g_build_filename (scratch->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  GlossPairs *pairs = gloss_pairs_read (path, NULL, &error);

  g_assert_no_error (error);
  return pairs;
}

static void
assert_refused (const Scratch *scratch, const char *name, GQuark domain, int code,
                const char *words)
{
  g_autofree char *path = g_build_filename (scratch->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_pairs_read (path, NULL, &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
assert_pair (const GlossPairs *pairs, guint index, const char *name, const char *prefix,
             const char *suffix)
{
  const GlossPair *pair = gloss_pairs_get (pairs, index);
  g_autofree char *base = g_path_get_basename (pair->image_path);

  g_assert_cmpstr (base, ==, name);
  g_assert_cmpstr (pair->prefix, ==, prefix);
  g_assert_cmpstr (pair->suffix, ==, suffix);
}

static void
assert_problems (const GlossPairs *pairs, guint no_caption, guint no_picture, guint damaged,
                 guint repeated)
{
  g_assert_cmpuint (pairs->n_problems[GLOSS_PAIRS_NO_CAPTION], ==, no_caption);
  g_assert_cmpuint (pairs->n_problems[GLOSS_PAIRS_NO_PICTURE], ==, no_picture);
  g_assert_cmpuint (pairs->n_problems[GLOSS_PAIRS_DAMAGED], ==, damaged);
  g_assert_cmpuint (pairs->n_problems[GLOSS_PAIRS_REPEATED], ==, repeated);
}

static void
test_big_vision_should_be_read_with_its_defects (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossPairs) pairs = NULL;

  put (scratch, "a.jpg", "a");
  put (scratch, "b.jpg", "b");
  put (scratch, "data.jsonl",
       "\xef\xbb\xbf{\"image\": \"a.jpg\", \"suffix\": \" a dog \", \"prefix\": \"cap de\"}\r\n"
       "\n"
       "{\"image\": \"b.jpg\", \"suffix\": \"\"}\n"
       "{\"image\": \"gone.jpg\", \"suffix\": \"x\"}\n"
       "{\"image\": \"b.jpg\", \"suffix\n"
       "[1]\n"
       "{\"suffix\": \"of nothing\"}\n"
       "{\"image\": \"b.jpg\", \"suffix\": \"a cat\"}\n"
       "{\"image\": \"b.jpg\", \"suffix\": \"a cat\"}\n"
       "{\"image\": \"b.jpg\", \"suffix\": \"another\"}");
  pairs = read_name (scratch, "data.jsonl");
  g_assert_cmpint (pairs->layout, ==, GLOSS_LAYOUT_BIG_VISION);
  g_assert_cmpuint (pairs->pairs->len, ==, 3);
  assert_pair (pairs, 0, "a.jpg", "cap de", "a dog");
  assert_pair (pairs, 1, "b.jpg", NULL, "a cat");
  assert_pair (pairs, 2, "b.jpg", NULL, "another");
  assert_problems (pairs, 1, 1, 3, 1);
  g_assert_true (g_str_has_prefix (g_ptr_array_index (pairs->problems[GLOSS_PAIRS_NO_PICTURE], 0),
                                   "data.jsonl:4: "));
}

static void
test_parts_of_a_folder_should_be_told_apart (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossPairs) pairs = NULL;

  put (scratch, "a.jpg", "a");
  put (scratch, "b.jpg", "b");
  put (scratch, "data_train90.jsonl", "{\"image\": \"a.jpg\", \"suffix\": \"a dog\"}\n");
  put (scratch, "data_val10.jsonl", "{\"image\": \"b.jpg\", \"suffix\": \"a cat\"}\n");
  pairs = read_name (scratch, "");
  g_assert_cmpuint (pairs->pairs->len, ==, 2);
  g_assert_false (gloss_pairs_get (pairs, 0)->is_held_out);
  g_assert_true (gloss_pairs_get (pairs, 1)->is_held_out);
  /* what was divided stays so */
  gloss_pairs_split (pairs, 0.9, 1);
  g_assert_cmpuint (gloss_pairs_count_held_out (pairs), ==, 1);
}

static void
test_hugging_face_should_be_read (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossPairs) lines = NULL;
  g_autoptr (GlossPairs) table = NULL;

  put (scratch, "h/train/1.png", "a");
  put (scratch, "h/train/metadata.jsonl", "{\"file_name\": \"1.png\", \"text\": \"one\"}\n");
  put (scratch, "h/validation/2.png", "a");
  put (scratch, "h/validation/metadata.jsonl", "{\"file_name\": \"2.png\", \"text\": \"two\"}\n");
  lines = read_name (scratch, "h");
  g_assert_cmpint (lines->layout, ==, GLOSS_LAYOUT_HUGGING_FACE);
  g_assert_cmpuint (lines->pairs->len, ==, 2);
  g_assert_cmpuint (gloss_pairs_count_held_out (lines), ==, 1);
  put (scratch, "t/1.png", "a");
  put (scratch, "t/metadata.csv", "file_name,text\n1.png,\"one, and \"\"two\"\"\"\n");
  table = read_name (scratch, "t");
  g_assert_cmpint (table->layout, ==, GLOSS_LAYOUT_HUGGING_FACE);
  assert_pair (table, 0, "1.png", NULL, "one, and \"two\"");
}

static void
test_coco_should_be_read_with_its_defects (Scratch *scratch, gconstpointer unused)
{

  const char *images = "\"images\": [{\"id\": 7, \"file_name\": \"7.jpg\", \"width\": 3}, "
                       "{\"id\": 8, \"file_name\": \"8.jpg\"}, {\"id\": 9}]";
  const char *annotations =
      "\"annotations\": [{\"id\": 1, \"image_id\": 7, \"caption\": \"a dog\\n\"}, "
      "{\"id\": 2, \"image_id\": 7, \"caption\": \"the dog\"}, "
      "{\"id\": 3, \"image_id\": 12, \"caption\": \"of another half\"}, {\"caption\": \"lost\"}]";

  put (scratch, "train2017/7.jpg", "a");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text =
          i == 0 ? g_strdup_printf ("{\"info\": {\"a\": [\"}\"]}, %s, %s}", images, annotations)
                 : g_strdup_printf ("{%s, %s}", annotations, images);
      g_autoptr (GlossPairs) pairs = NULL;

      put (scratch, "annotations/captions_train2017.json", text);
      pairs = read_name (scratch, "annotations/captions_train2017.json");
      g_assert_cmpint (pairs->layout, ==, GLOSS_LAYOUT_COCO);
      g_assert_cmpuint (pairs->pairs->len, ==, 2);
      assert_pair (pairs, 0, "7.jpg", NULL, "a dog");
      assert_pair (pairs, 1, "7.jpg", NULL, "the dog");
      assert_problems (pairs, 1, 1, 2, 0);
    }
}

static void
test_a_damaged_coco_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  static const char *const texts[] = {
    "[]",
    "{",
    "{\"images\"",
    "{\"images\": [",
    "{\"images\": [{\"id\": 1",
    "{\"images\" 3}",
    "{\"annotations\": [{\"image_id\": 1}",
    "{\"a\": \"\\\\\\\"}",
    "{1: 2}",
    "{\"images\": [{]}",
    "{\"images\": [], \"annotations\": [}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      put (scratch, "captions.json", texts[i]);
      assert_refused (scratch, "captions.json", GLOSS_ERROR, GLOSS_ERROR_FORMAT, "captions.json");
    }
  put (scratch, "captions.json", "{\"annotations\": []}");
  assert_refused (scratch, "captions.json", GLOSS_ERROR, GLOSS_ERROR_FORMAT, "images");
  put (scratch, "captions.json", "{\"images\": []}");
  assert_refused (scratch, "captions.json", GLOSS_ERROR, GLOSS_ERROR_FORMAT, "annotations");
}

static void
test_tables_should_be_read_with_their_defects (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossPairs) pairs = NULL;

  put (scratch, "a.jpg", "a");
  put (scratch, "t.csv",
       "No; Image ;Alt_Text\r\n"
       "1;a.jpg;\"two\nlines\"\r\n"
       "\r\n"
       "2;a.jpg\r\n"
       "3;b.jpg;gone\r\n"
       "4;a.jpg;\xff\r\n"
       "5;a.jpg;last\r\n"
       "6;a.jpg;\"never closed\r\n");
  pairs = read_name (scratch, "t.csv");
  g_assert_cmpint (pairs->layout, ==, GLOSS_LAYOUT_CSV);
  g_assert_cmpuint (pairs->pairs->len, ==, 3);
  assert_pair (pairs, 0, "a.jpg", NULL, "two\nlines");
  assert_pair (pairs, 1, "a.jpg", NULL, "last");
  assert_problems (pairs, 1, 1, 1, 0);
  /* of as many bytes as a row may have, and one behind it */
  g_autofree char *words = g_strnfill (GLOSS_PAIRS_MAX_ENTRY_BYTES - strlen ("a.jpg,\n"), 'x');
  g_autofree char *text = g_strdup_printf ("image,text\na.jpg,%s\na.jpg,after\n", words);
  g_autoptr (GlossPairs) longest = NULL;

  put (scratch, "l.csv", text);
  longest = read_name (scratch, "l.csv");
  g_assert_cmpuint (longest->pairs->len, ==, 2);
  assert_problems (longest, 0, 0, 0, 0);
  put (scratch, "u.csv", "a,b\n1,2\n");
  assert_refused (scratch, "u.csv", GLOSS_ERROR, GLOSS_ERROR_FORMAT, "file_name");
}

static void
test_text_files_should_be_read_with_their_defects (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossPairs) pairs = NULL;

  put (scratch, "p/a.jpg", "a");
  put (scratch, "p/a.txt", "a dog\n");
  put (scratch, "p/b.jpg", "b");
  put (scratch, "p/c.jpg", "c");
  put (scratch, "p/c.caption", "a cat");
  put (scratch, "p/d.jpg", "d");
  put (scratch, "p/d.txt", "\xff\xfe");
  put (scratch, "p/inner/e.jpg", "e");
  put (scratch, "p/inner/e.txt", "inside");
  put (scratch, "p/orphan.txt", "of nothing");
  pairs = read_name (scratch, "p");
  g_assert_cmpint (pairs->layout, ==, GLOSS_LAYOUT_SIDECARS);
  g_assert_cmpuint (pairs->pairs->len, ==, 3);
  assert_pair (pairs, 0, "a.jpg", NULL, "a dog");
  assert_pair (pairs, 1, "c.jpg", NULL, "a cat");
  assert_pair (pairs, 2, "e.jpg", NULL, "inside");
  assert_problems (pairs, 1, 1, 1, 0);
}

static void
test_what_is_no_list_should_be_refused (Scratch *scratch, gconstpointer unused)
{
  put (scratch, "a.pdf", "a");
  assert_refused (scratch, "a.pdf", GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, ".jsonl");
  assert_refused (scratch, "gone.jsonl", G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "gone.jsonl");
  put (scratch, "empty.csv", "");
  assert_refused (scratch, "empty.csv", GLOSS_ERROR, GLOSS_ERROR_FORMAT, "empty.csv");
}

static void
test_what_is_said_of_a_picture_should_stay_together (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GlossPairs) pairs = NULL;
  g_autoptr (GlossPairs) again = NULL;
  g_autoptr (GlossPairs) other = NULL;
  gboolean is_other = FALSE;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.jpg", i);

      put (scratch, name, "a");
      for (guint j = 0; j < 3; j++)
        g_string_append_printf (text, "{\"image\": \"%s\", \"suffix\": \"%u\"}\n", name, j);
    }
  put (scratch, "all.jsonl", text->str);
  pairs = read_name (scratch, "all.jsonl");
  again = read_name (scratch, "all.jsonl");
  other = read_name (scratch, "all.jsonl");
  gloss_pairs_split (pairs, 0.1, 5);
  gloss_pairs_split (again, 0.1, 5);
  gloss_pairs_split (other, 0.1, 6);
  g_assert_cmpuint (gloss_pairs_count_held_out (pairs), ==, 6);
  for (guint i = 0; i < 60; i++)
    {
      gboolean is_held_out = gloss_pairs_get (pairs, i)->is_held_out;

      g_assert_cmpint (is_held_out, ==, gloss_pairs_get (pairs, i / 3 * 3)->is_held_out);
      g_assert_cmpint (is_held_out, ==, gloss_pairs_get (again, i)->is_held_out);
      is_other |= is_held_out != gloss_pairs_get (other, i)->is_held_out;
    }
  g_assert_true (is_other);
}

static void
test_another_split_should_leave_the_first_alone (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GlossPairs) pairs = NULL;
  g_autoptr (GlossPairs) half = NULL;
  g_autoptr (GlossPairs) none = NULL;

  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *picture = g_strdup_printf ("%u.png", i);
      g_autofree char *words = g_strdup_printf ("%u.txt", i);

      put (scratch, picture, "p");
      if (i > 0)
        put (scratch, words, words);
    }
  put (scratch, "orphan.txt", "nothing");
  pairs = read_name (scratch, ".");
  gloss_pairs_split (pairs, 0.1, 1);
  half = gloss_pairs_copy_split (pairs, 0.5, 1);
  none = gloss_pairs_copy_split (half, 0, 1);
  g_assert_cmpuint (gloss_pairs_count_held_out (pairs), ==, 1);
  g_assert_cmpuint (gloss_pairs_count_held_out (half), ==, 5);
  g_assert_cmpuint (gloss_pairs_count_held_out (none), ==, 0);
  g_assert_cmpuint (none->pairs->len, ==, 9);
  g_assert_cmpint (none->layout, ==, GLOSS_LAYOUT_SIDECARS);
  g_assert_cmpstr (none->folder, ==, pairs->folder);
  assert_problems (none, 1, 1, 0, 0);
  g_assert_cmpuint (none->uncaptioned->len, ==, 1);
  g_assert_cmpuint (none->problems[GLOSS_PAIRS_NO_PICTURE]->len, ==, 1);
}

static void
test_pictures_without_caption_should_be_found (Scratch *scratch, gconstpointer unused)
{
  static const struct
  {
    const char *name, *text;
  } lists[] = {
    { "a.jsonl", "{\"image\": \"a.png\", \"suffix\": \"\"}\n{\"image\": \"gone.png\"}\n" },
    { "b.csv", "file_name,text\na.png,\ngone.png,\n" },
    { "c.json", "{\"images\": [{\"id\": 1, \"file_name\": \"a.png\"}, {\"id\": 2, \"file_name\": "
                "\"b.png\"}, {\"id\": 3, \"file_name\": \"gone.png\"}], \"annotations\": "
                "[{\"image_id\": 2, \"caption\": \"b\"}]}" },
  };
  g_autofree char *path = g_build_filename (scratch->folder, "a.png", NULL);

  put (scratch, "a.png", "a");
  put (scratch, "b.png", "b");
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GlossPairs) pairs = NULL;

      put (scratch, lists[i].name, lists[i].text);
      pairs = read_name (scratch, lists[i].name);
      g_assert_cmpuint (pairs->n_problems[GLOSS_PAIRS_NO_CAPTION], ==, 2);
      g_assert_cmpuint (pairs->uncaptioned->len, ==, 1);
      g_assert_cmpstr (g_ptr_array_index (pairs->uncaptioned, 0), ==, path);
    }
}

static void
test_other_json_should_be_called_that (Scratch *scratch, gconstpointer unused)
{
  put (scratch, "captions.json", " [{\"file\": \"a.png\", \"caption\": \"a\"}]");
  assert_refused (scratch, "captions.json", GLOSS_ERROR, GLOSS_ERROR_FORMAT, "some other JSON");
}

static void
test_a_hundred_thousand_should_be_read_in_bounded_memory (Scratch *scratch, gconstpointer unused)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GlossPairs) pairs = NULL;

  put (scratch, "a.jpg", "a");
  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (text, "{\"image\": \"a.jpg\", \"suffix\": \"caption number %u\"}\n", i);
  put (scratch, "many.jsonl", text->str);
  pairs = read_name (scratch, "many.jsonl");
  g_assert_cmpuint (pairs->pairs->len, ==, 100000);
  assert_problems (pairs, 0, 0, 0, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Scratch *, gconstpointer);
  } cases[] = {
    { "big-vision-should-be-read-with-its-defects",
      test_big_vision_should_be_read_with_its_defects },
    { "parts-of-a-folder-should-be-told-apart", test_parts_of_a_folder_should_be_told_apart },
    { "hugging-face-should-be-read", test_hugging_face_should_be_read },
    { "coco-should-be-read-with-its-defects", test_coco_should_be_read_with_its_defects },
    { "a-damaged-coco-should-be-refused", test_a_damaged_coco_should_be_refused },
    { "tables-should-be-read-with-their-defects", test_tables_should_be_read_with_their_defects },
    { "text-files-should-be-read-with-their-defects",
      test_text_files_should_be_read_with_their_defects },
    { "what-is-no-list-should-be-refused", test_what_is_no_list_should_be_refused },
    { "what-is-said-of-a-picture-should-stay-together",
      test_what_is_said_of_a_picture_should_stay_together },
    { "another-split-should-leave-the-first-alone",
      test_another_split_should_leave_the_first_alone },
    { "pictures-without-caption-should-be-found", test_pictures_without_caption_should_be_found },
    { "other-json-should-be-called-that", test_other_json_should_be_called_that },
    { "a-hundred-thousand-should-be-read",
      test_a_hundred_thousand_should_be_read_in_bounded_memory },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/dataset/pairs/", cases[i].path, NULL);

      g_test_add (path, Scratch, NULL, set_up, cases[i].test, tear_down);
    }
  return g_test_run ();
}
