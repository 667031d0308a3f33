/* Boxes over a picture: where they lie, which is pointed at, where their tags go, what is drawn. */
#include "app/box-layer.h"
#include "model/boxes.h"

#include <pango/pangocairo.h>

#define PICTURE_PX 1024 /* so that a loc is a pixel */

/* Fontconfig keeps its fonts until the program ends; for the leak checker. */
const char *__lsan_default_suppressions (void);

const char *
__lsan_default_suppressions (void)
{
  return "leak:libfontconfig";
}

static const graphene_rect_t view = GRAPHENE_RECT_INIT (0, 0, 400, 300);

static GlossBoxLayer
new_layer (GPtrArray *boxes, const graphene_rect_t *picture)
{
  return (GlossBoxLayer){ boxes, PICTURE_PX, PICTURE_PX, *picture, view, -1 };
}

static void
assert_rect (const graphene_rect_t *rect, float x, float y, float width, float height)
{
  const graphene_rect_t expected = GRAPHENE_RECT_INIT (x, y, width, height);

  g_assert_true (graphene_rect_equal (rect, &expected));
}

static void
test_boxes_should_follow_the_picture (void)
{
  g_autoptr (GPtrArray) boxes = gloss_boxes_parse (
      "<loc0256><loc0128><loc0512><loc0384> a ; <loc0512><loc0384><loc0256><loc0128> inside out",
      PICTURE_PX, PICTURE_PX);
  const graphene_rect_t moved = GRAPHENE_RECT_INIT (10, -20, 512, 1024);
  GlossBoxLayer layer = new_layer (boxes, &moved);

  for (guint i = 0; i < 2; i++)
    {
      graphene_rect_t rect = gloss_box_layer_get_rect (&layer, i);

      assert_rect (&rect, 10 + 64, -20 + 256, 128, 256);
    }
}

static void
test_the_smallest_box_should_be_pointed_at (void)
{
  g_autoptr (GPtrArray) boxes = gloss_boxes_parse (
      "<loc0300><loc0300><loc0200><loc0200> small ; <loc0100><loc0100><loc0900><loc0900> large ; "
      "<loc0950><loc0000><loc0950><loc1000> a line",
      PICTURE_PX, PICTURE_PX);
  const graphene_rect_t picture = GRAPHENE_RECT_INIT (0, 0, PICTURE_PX, PICTURE_PX);
  GlossBoxLayer layer = new_layer (boxes, &picture);

  g_assert_cmpint (gloss_box_layer_find (&layer, 250, 250), ==, 0);
  g_assert_cmpint (gloss_box_layer_find (&layer, 350, 250), ==, 1);
  g_assert_cmpint (gloss_box_layer_find (&layer, 20, 20), ==, -1);
  g_assert_cmpint (gloss_box_layer_find (&layer, 500, 952), ==, 2);
}

static void
test_a_tag_should_stand_on_its_box (void)
{
  const graphene_rect_t box = GRAPHENE_RECT_INIT (50, 100, 200, 80);
  graphene_rect_t tag = gloss_box_layer_place_tag (&box, &view, 60, 20, NULL, 0);

  assert_rect (&tag, 50, 80, 60, 20);
}

static void
test_a_tag_should_avoid_others (void)
{
  const graphene_rect_t box = GRAPHENE_RECT_INIT (50, 100, 200, 80);
  const graphene_rect_t taken = GRAPHENE_RECT_INIT (40, 90, 30, 30);
  graphene_rect_t tag = gloss_box_layer_place_tag (&box, &view, 60, 20, &taken, 1);

  g_assert_false (graphene_rect_intersection (&tag, &taken, NULL));
  assert_rect (&tag, 190, 80, 60, 20);
}

/* Boxes of every kind, at all places around the view. */
static void
test_a_tag_should_never_leave_the_view (void)
{
  const float sizes[] = { 0, 1, 40, 399, 5000 };
  const float tags[] = { 10, 60, 390, 700 };

  for (float x = -6000; x < 900; x += 97)
    for (float y = -6000; y < 900; y += 89)
      for (guint i = 0; i < G_N_ELEMENTS (sizes) * G_N_ELEMENTS (sizes) * G_N_ELEMENTS (tags); i++)
        {
          const graphene_rect_t box = GRAPHENE_RECT_INIT (x, y, sizes[i % 5], sizes[i / 5 % 5]);
          float width = tags[i / 25];
          graphene_rect_t tag = gloss_box_layer_place_tag (&box, &view, width, 20, NULL, 0);

          if (!graphene_rect_intersection (&box, &view, NULL))
            g_assert_cmpfloat (tag.size.width, ==, 0);
          else if (width <= view.size.width)
            g_assert_true (graphene_rect_contains_rect (&view, &tag));
          else
            g_assert_cmpfloat (tag.origin.x, ==, 0);
        }
}

static guint32
get_pixel (cairo_surface_t *surface, int x, int y)
{
  const guint8 *data = cairo_image_surface_get_data (surface);
  const guint32 *row = (gconstpointer) (data + y * cairo_image_surface_get_stride (surface));

  return row[x] & 0xffffff;
}

/* On a @grey picture as large as the boxes' pixels. */
static cairo_surface_t *
draw (GPtrArray *boxes, double grey, int lit)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 400, 300);
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = pango_cairo_create_context (cr);
  const graphene_rect_t picture = GRAPHENE_RECT_INIT (0, 0, PICTURE_PX, PICTURE_PX);
  GlossBoxLayer layer = new_layer (boxes, &picture);

  layer.lit = lit;
  cairo_set_source_rgb (cr, grey, grey, grey);
  cairo_paint (cr);
  gloss_box_layer_draw (&layer, cr, context);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  g_object_unref (context);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static void
test_outlines_should_lie_on_the_box (void)
{
  g_autoptr (GPtrArray) boxes =
      gloss_boxes_parse ("<loc0200><loc0300><loc0100><loc0100> a", PICTURE_PX, PICTURE_PX);
  cairo_surface_t *surface = draw (boxes, 1, -1);

  g_assert_cmphex (get_pixel (surface, 200, 200), ==, 0x3584e4); /* the style's blue */
  g_assert_cmphex (get_pixel (surface, 300, 150), ==, 0x3584e4);
  g_assert_cmphex (get_pixel (surface, 200, 150), ==, 0xffffff);
  /* dark beside it */
  g_assert_cmphex (get_pixel (surface, 200, 201) & 0xff, <, 0x80);
  cairo_surface_destroy (surface);
}

static void
test_the_lit_box_should_be_stronger (void)
{
  g_autoptr (GPtrArray) boxes = gloss_boxes_parse (
      "<loc0100><loc0100><loc0200><loc0300> a ; <loc0220><loc0020><loc0280><loc0080> b", PICTURE_PX,
      PICTURE_PX);
  cairo_surface_t *plain = draw (boxes, 0, -1);
  cairo_surface_t *lit = draw (boxes, 0, 0);

  /* wider, and filled */
  g_assert_cmphex (get_pixel (plain, 200, 202), ==, 0);
  g_assert_cmphex (get_pixel (lit, 200, 198), ==, 0x3584e4);
  g_assert_cmphex (get_pixel (plain, 200, 150), ==, 0);
  g_assert_cmphex (get_pixel (lit, 200, 150), !=, 0);
  /* the other is weaker */
  g_assert_cmphex (get_pixel (lit, 22, 220) >> 16, <, get_pixel (plain, 22, 220) >> 16);
  cairo_surface_destroy (plain);
  cairo_surface_destroy (lit);
}

/* What text can hold: many, and as large as can be zoomed. */
static void
test_many_huge_boxes_should_be_drawn_quickly (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) boxes = NULL;
  GlossBoxLayer layer;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 400, 300);
  cairo_t *cr = cairo_create (surface);
  PangoContext *context = pango_cairo_create_context (cr);
  const graphene_rect_t picture = GRAPHENE_RECT_INIT (100 - 7e6f, 100 - 7e6f, 14e6f, 14e6f);
  gint64 begin;

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (text, "<loc0512><loc0512><loc%04u><loc%04u> box %u ; ", i % 2 * 1023,
                            i % 2 * 1023, i);
  boxes = gloss_boxes_parse (text->str, PICTURE_PX, PICTURE_PX);
  g_assert_cmpuint (boxes->len, ==, 10000);
  layer = new_layer (boxes, &picture);
  begin = g_get_monotonic_time ();
  gloss_box_layer_draw (&layer, cr, context);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  /* 0.1 s, but 5 s when each dash of the seven million pixels is made */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 3 * G_USEC_PER_SEC);
  g_object_unref (context);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/app/box-layer/" name, function)
  ADD ("boxes-should-follow-the-picture", test_boxes_should_follow_the_picture);
  ADD ("the-smallest-box-should-be-pointed-at", test_the_smallest_box_should_be_pointed_at);
  ADD ("a-tag-should-stand-on-its-box", test_a_tag_should_stand_on_its_box);
  ADD ("a-tag-should-avoid-others", test_a_tag_should_avoid_others);
  ADD ("a-tag-should-never-leave-the-view", test_a_tag_should_never_leave_the_view);
  ADD ("outlines-should-lie-on-the-box", test_outlines_should_lie_on_the_box);
  ADD ("the-lit-box-should-be-stronger", test_the_lit_box_should_be_stronger);
  ADD ("many-huge-boxes-should-be-drawn-quickly", test_many_huge_boxes_should_be_drawn_quickly);
  return g_test_run ();
}
