/* Boxes in the model's text: what the demonstration reads, the rounding, and any string at all. */
#include "model/boxes.h"

static const GlossBox *
get (GPtrArray *boxes, guint i)
{
  g_assert_cmpuint (i, <, boxes->len);
  return boxes->pdata[i];
}

static void
assert_pixels (const GlossBox *box, const char *label, int y0, int x0, int y1, int x1)
{
  g_assert_cmpstr (box->label, ==, label);
  g_assert_cmpint (box->y0, ==, y0);
  g_assert_cmpint (box->x0, ==, x0);
  g_assert_cmpint (box->y1, ==, y1);
  g_assert_cmpint (box->x1, ==, x1);
}

static void
test_objects_should_be_read (void)
{
  g_autoptr (GPtrArray) boxes =
      gloss_boxes_parse ("<loc0146><loc0000><loc0941><loc0868> orange ; "
                         "<loc0512><loc0256><loc1023><loc1023> two  words",
                         640, 480);

  g_assert_cmpuint (boxes->len, ==, 2);
  /* 146/1024 × 480 = 68.4, 941 → 441.1, 868/1024 × 640 = 542.5 (half: to even), 1023 → 479.5, 639.4
   */
  assert_pixels (get (boxes, 0), "orange", 68, 0, 441, 542);
  assert_pixels (get (boxes, 1), "two  words", 240, 160, 480, 639);
  g_assert_cmpuint (get (boxes, 0)->loc[0], ==, 146);
  g_assert_cmpuint (get (boxes, 0)->loc[1], ==, 0);
  g_assert_cmpuint (get (boxes, 0)->loc[2], ==, 941);
  g_assert_cmpuint (get (boxes, 0)->loc[3], ==, 868);
  g_assert_false (get (boxes, 0)->has_segments);
}

static void
test_halves_should_go_to_even (void)
{
  /* n/1024 × 512 = n/2. */
  g_autoptr (GPtrArray) boxes =
      gloss_boxes_parse ("<loc0001><loc0003><loc0005><loc0007>", 512, 512);
  /* 1/1024 × 513 = 0.50098 is more than a half. */
  g_autoptr (GPtrArray) above = gloss_boxes_parse ("<loc0001><loc0000><loc0001><loc0000>", 1, 513);
  g_autoptr (GPtrArray) largest =
      gloss_boxes_parse ("<loc1023><loc1023><loc1023><loc1023>", 65535, 1);

  assert_pixels (get (boxes, 0), "", 0, 2, 2, 4);
  assert_pixels (get (above, 0), "", 1, 0, 1, 0);
  assert_pixels (get (largest, 0), "", 1, 65471, 1, 65471);
}

static void
test_segments_should_be_read_and_skipped (void)
{
  g_autoptr (GPtrArray) boxes =
      gloss_boxes_parse ("<loc0000><loc0000><loc0930><loc1012> "
                         "<seg114><seg074><seg106><seg044><seg030><seg027><seg119><seg119>"
                         "<seg120><seg117><seg082><seg082><seg051><seg005><seg125><seg097> wall ; "
                         "<loc0722><loc0047><loc0895><loc0378> car ; "
                         "<loc0001><loc0002><loc0003><loc0004> <seg000><seg128> cut ; "
                         "<loc0005><loc0006><loc0007><loc0008>tight",
                         1024, 1024);
  const guint8 expected[] = {
    114, 74, 106, 44, 30, 27, 119, 119, 120, 117, 82, 82, 51, 5, 125, 97
  };

  g_assert_cmpuint (boxes->len, ==, 4);
  assert_pixels (get (boxes, 0), "wall", 0, 0, 930, 1012);
  g_assert_true (get (boxes, 0)->has_segments);
  g_assert_cmpmem (get (boxes, 0)->segments, GLOSS_BOX_N_SEGMENTS, expected, sizeof expected);
  assert_pixels (get (boxes, 1), "car", 722, 47, 895, 378);
  g_assert_false (get (boxes, 1)->has_segments);
  /* Not 16 codes: no mask, and '<' ends the label. */
  assert_pixels (get (boxes, 2), "", 1, 2, 3, 4);
  g_assert_false (get (boxes, 2)->has_segments);
  g_assert_cmpuint (get (boxes, 2)->segments[0], ==, 0);
  assert_pixels (get (boxes, 3), "tight", 5, 6, 7, 8);
}

static void
test_other_text_should_be_passed_over (void)
{
  const char *without[] = { "",
                            "a dog on the beach",
                            "<loc0001><loc0002><loc0003> three",
                            "<loc0001><loc0002><loc0003><loc1024> too big",
                            "<loc0001><loc0002><loc0003><loc004> short",
                            "<loc0001> <loc0002> <loc0003> <loc0004> apart",
                            "<loc",
                            "<loc<loc<loc<loc",
                            "<loc0001",
                            "<loc+001><loc0002><loc0003><loc0004>" };
  g_autoptr (GPtrArray) after =
      gloss_boxes_parse ("yes: <loc0009><loc0001><loc0002><loc0003><loc0004> b<c", 1024, 1024);

  for (guint i = 0; i < G_N_ELEMENTS (without); i++)
    {
      g_autoptr (GPtrArray) boxes = gloss_boxes_parse (without[i], 100, 100);

      g_assert_cmpuint (boxes->len, ==, 0);
    }
  /* The first four count, as in the demonstration's pattern. */
  g_assert_cmpuint (after->len, ==, 1);
  assert_pixels (get (after, 0), "", 9, 1, 2, 3);
}

static void
test_any_string_should_do (void)
{
  const char *parts[] = { "<loc0001>", "<loc1023>", "<loc",  "<seg001>", "<seg", ";",     " ",
                          ">",         "<",         "label", "\xff",     "é",    "0000>", "\n" };
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  guint n_boxes = 0;

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GPtrArray) boxes = NULL;

      for (guint n = g_rand_int_range (random, 0, 40); n > 0; n--)
        g_string_append (text,
                         parts[g_rand_int_range (random, 0, n % 2 ? 2 : G_N_ELEMENTS (parts))]);
      boxes = gloss_boxes_parse (text->str, 640, 480);
      n_boxes += boxes->len;
    }
  g_assert_cmpuint (n_boxes, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/boxes/objects/should-be-read", test_objects_should_be_read);
  g_test_add_func ("/model/boxes/halves/should-go-to-even", test_halves_should_go_to_even);
  g_test_add_func ("/model/boxes/segments/should-be-read-and-skipped",
                   test_segments_should_be_read_and_skipped);
  g_test_add_func ("/model/boxes/other-text/should-be-passed-over",
                   test_other_text_should_be_passed_over);
  g_test_add_func ("/model/boxes/any-string/should-do", test_any_string_should_do);
  return g_test_run ();
}
