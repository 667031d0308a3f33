/* Where a picture lies in its view: fitting, zooming about a point, moving, limits. */
#include "app/view-transform.h"

#include <math.h>

#define NEAR 1e-9

static GlossViewTransform
new_transform (guint picture_width_px, guint picture_height_px, double width, double height,
               double device_scale)
{
  GlossViewTransform transform;

  gloss_view_transform_init (&transform, picture_width_px, picture_height_px, 4, NULL);
  gloss_view_transform_set_view (&transform, width, height, device_scale);
  return transform;
}

static void
assert_place (const GlossViewTransform *transform, double scale, double x, double y)
{
  g_assert_cmpfloat_with_epsilon (transform->scale, scale, NEAR);
  g_assert_cmpfloat_with_epsilon (transform->x, x, NEAR);
  g_assert_cmpfloat_with_epsilon (transform->y, y, NEAR);
}

/* The header's promise for every state. */
static void
assert_fills_view (const GlossViewTransform *transform)
{
  const double sizes[] = { transform->picture_width_px * transform->scale,
                           transform->picture_height_px * transform->scale };
  const double views[] = { transform->view_width, transform->view_height };
  const double offsets[] = { transform->x, transform->y };

  for (guint i = 0; i < 2; i++)
    if (sizes[i] <= views[i])
      g_assert_cmpfloat_with_epsilon (offsets[i], (views[i] - sizes[i]) / 2, 1e-6);
    else
      {
        g_assert_cmpfloat (offsets[i], <=, 1e-6);
        g_assert_cmpfloat (offsets[i] + sizes[i], >=, views[i] - 1e-6);
      }
}

static void
test_a_large_picture_should_fit_and_be_centred (void)
{
  GlossViewTransform transform = new_transform (4000, 1000, 800, 600, 1);

  g_assert_true (transform.is_fitted);
  assert_place (&transform, 0.2, 0, 200);
  g_assert_false (gloss_view_transform_can_pan (&transform));
}

static void
test_a_small_picture_should_be_enlarged_within_limits (void)
{
  GlossViewTransform transform = new_transform (100, 50, 800, 600, 1);

  assert_place (&transform, 4, 200, 200);
  transform = new_transform (100, 50, 300, 600, 1);
  assert_place (&transform, 3, 0, 225);
  /* four device pixels are two of the view's */
  transform = new_transform (100, 50, 800, 600, 2);
  assert_place (&transform, 2, 300, 250);
}

static void
test_fit_should_be_kept_when_the_view_changes (void)
{
  GlossViewTransform transform = new_transform (4000, 1000, 800, 600, 1);

  gloss_view_transform_set_view (&transform, 400, 600, 1);
  g_assert_true (transform.is_fitted);
  assert_place (&transform, 0.1, 0, 250);
}

static void
test_the_middle_should_be_kept_when_the_view_changes (void)
{
  GlossViewTransform transform = new_transform (4000, 3000, 800, 600, 1);

  gloss_view_transform_zoom (&transform, 1, 400, 300); /* the picture's middle, 2000, 1500 */
  gloss_view_transform_set_view (&transform, 500, 400, 1);
  assert_place (&transform, 1, 250 - 2000, 200 - 1500);
}

static void
test_full_size_should_stay_full_on_another_screen (void)
{
  GlossViewTransform transform = new_transform (4000, 3000, 800, 600, 1);

  gloss_view_transform_zoom (&transform, 1, 400, 300);
  gloss_view_transform_set_view (&transform, 800, 600, 2);
  assert_place (&transform, 0.5, 400 - 1000, 300 - 750);
}

static void
test_zooming_should_keep_the_point (void)
{
  GlossViewTransform transform = new_transform (4000, 3000, 800, 600, 1);

  gloss_view_transform_zoom (&transform, 0.5, 600, 150);
  /* at 0.2 the picture's 3000, 750 was there */
  assert_place (&transform, 0.5, 600 - 1500, 150 - 375);
  g_assert_false (transform.is_fitted);
  gloss_view_transform_zoom (&transform, 2, 600, 150);
  assert_place (&transform, 2, 600 - 6000, 150 - 1500);
}

static void
test_zooming_should_stay_within_limits (void)
{
  GlossViewTransform transform = new_transform (4000, 3000, 800, 600, 2);

  gloss_view_transform_zoom (&transform, 1e9, 0, 0);
  g_assert_cmpfloat_with_epsilon (transform.scale, 16, NEAR); /* 32 device pixels */
  gloss_view_transform_zoom (&transform, 0, 0, 0);
  g_assert_true (transform.is_fitted);
  assert_place (&transform, 0.2, 0, 0);
  /* a small one can be made as small as it is */
  transform = new_transform (100, 50, 800, 600, 1);
  gloss_view_transform_zoom (&transform, 0, 0, 0);
  assert_place (&transform, 1, 350, 275);
  g_assert_false (transform.is_fitted);
}

static void
test_steps_should_stop_at_fit_and_full (void)
{
  GlossViewTransform transform = new_transform (4000, 3000, 800, 600, 1);
  guint n_steps = 0;

  while (transform.scale < 1 - NEAR && n_steps++ < 100)
    gloss_view_transform_step (&transform, 1.3, 400, 300);
  g_assert_cmpfloat_with_epsilon (transform.scale, 1, NEAR);
  gloss_view_transform_step (&transform, 1.3, 400, 300);
  g_assert_cmpfloat_with_epsilon (transform.scale, 1.3, NEAR);
  gloss_view_transform_step (&transform, 1 / 1.7, 400, 300);
  g_assert_cmpfloat_with_epsilon (transform.scale, 1, NEAR);
  gloss_view_transform_step (&transform, 1e-3, 400, 300);
  g_assert_true (transform.is_fitted);
}

static void
test_a_step_should_stop_at_the_nearer_of_two (void)
{
  GlossViewTransform transform = new_transform (100, 50, 800, 600, 1); /* full is 1, fit is 4 */

  gloss_view_transform_zoom (&transform, 20, 400, 300);
  gloss_view_transform_step (&transform, 1e-3, 400, 300);
  g_assert_true (transform.is_fitted);
  gloss_view_transform_step (&transform, 1e-3, 400, 300);
  g_assert_cmpfloat_with_epsilon (transform.scale, 1, NEAR);
  gloss_view_transform_step (&transform, 1e3, 400, 300);
  g_assert_true (transform.is_fitted);
}

static void
test_moving_should_stop_at_the_edges (void)
{
  GlossViewTransform transform = new_transform (4000, 1000, 800, 600, 1);

  gloss_view_transform_zoom (&transform, 0.5, 400, 300); /* 2000 × 500 */
  g_assert_true (gloss_view_transform_can_pan (&transform));
  gloss_view_transform_pan (&transform, 1e6, 1e6);
  assert_place (&transform, 0.5, 0, 50);
  gloss_view_transform_pan (&transform, -1e6, -1e6);
  assert_place (&transform, 0.5, -1200, 50);
  gloss_view_transform_pan (&transform, 7, 0);
  assert_place (&transform, 0.5, -1193, 50);
}

static void
test_a_glide_should_hold_the_point (void)
{
  GlossViewTransform from = new_transform (4000, 3000, 800, 600, 1), to = from, mixed;

  gloss_view_transform_zoom (&to, 1, 600, 150);
  for (guint i = 0; i <= 10; i++)
    {
      mixed = gloss_view_transform_mix (&from, &to, i / 10.0);
      g_assert_cmpfloat_with_epsilon (mixed.x + 3000 * mixed.scale, 600, 1e-6);
      g_assert_cmpfloat_with_epsilon (mixed.y + 750 * mixed.scale, 150, 1e-6);
    }
  assert_place (&mixed, to.scale, to.x, to.y);
  mixed = gloss_view_transform_mix (&from, &to, 0);
  assert_place (&mixed, from.scale, from.x, from.y);
  /* only moved */
  from = to;
  gloss_view_transform_pan (&to, -100, 50);
  mixed = gloss_view_transform_mix (&from, &to, 0.5);
  assert_place (&mixed, 1, from.x - 50, from.y + 25);
}

static void
test_full_size_should_lie_on_device_pixels (void)
{
  GlossViewTransform transform = new_transform (401, 301, 200, 100, 2);
  cairo_rectangle_int_t rect;

  gloss_view_transform_zoom (&transform, gloss_view_transform_get_full_scale (&transform), 33, 7);
  gloss_view_transform_pan (&transform, 0.3, -0.3);
  rect = gloss_view_transform_get_device_rect (&transform);
  g_assert_cmpint (rect.width, ==, 401);
  g_assert_cmpint (rect.height, ==, 301);
  g_assert_cmpfloat_with_epsilon (rect.x, transform.x * 2, 0.5);
  g_assert_cmpfloat_with_epsilon (rect.y, transform.y * 2, 0.5);
}

static void
test_extreme_shapes_should_have_a_place (void)
{
  GlossViewTransform transform = new_transform (65535, 1, 800, 600, 1);

  g_assert_cmpint (gloss_view_transform_get_device_rect (&transform).height, ==, 1);
  transform = new_transform (4000, 3000, 0, 0, 1);
  assert_place (&transform, 1, 0, 0);
  gloss_view_transform_zoom (&transform, 3, 5, 5);
  gloss_view_transform_pan (&transform, 5, 5);
  gloss_view_transform_set_view (&transform, 800, 600, 1);
  g_assert_true (isfinite (transform.x) && isfinite (transform.y));
  assert_fills_view (&transform);
}

static void
test_nothing_should_leave_the_view_empty (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint i = 0; i < 2000; i++)
    {
      GlossViewTransform transform = new_transform (
          (guint) g_rand_int_range (random, 1, 5000), (guint) g_rand_int_range (random, 1, 5000),
          g_rand_int_range (random, 1, 2000), g_rand_int_range (random, 1, 2000),
          g_rand_int_range (random, 1, 4));

      for (guint step = 0; step < 20; step++)
        {
          double x = g_rand_double_range (random, -100, 2000);
          double y = g_rand_double_range (random, -100, 2000);

          switch (g_rand_int_range (random, 0, 4))
            {
            case 0:
              gloss_view_transform_zoom (&transform, exp (g_rand_double_range (random, -9, 5)), x,
                                         y);
              break;
            case 1:
              gloss_view_transform_pan (&transform, x - 950, y - 950);
              break;
            case 2:
              gloss_view_transform_step (&transform, exp (g_rand_double_range (random, -1, 1)), x,
                                         y);
              break;
            case 3:
              gloss_view_transform_set_view (&transform, 1 + x + 100, 1 + y + 100,
                                             transform.device_scale);
              break;
            }
          assert_fills_view (&transform);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/app/view-transform/" name, function)
  ADD ("a-large-picture-should-fit-and-be-centred", test_a_large_picture_should_fit_and_be_centred);
  ADD ("a-small-picture-should-be-enlarged-within-limits",
       test_a_small_picture_should_be_enlarged_within_limits);
  ADD ("fit-should-be-kept-when-the-view-changes", test_fit_should_be_kept_when_the_view_changes);
  ADD ("the-middle-should-be-kept-when-the-view-changes",
       test_the_middle_should_be_kept_when_the_view_changes);
  ADD ("full-size-should-stay-full-on-another-screen",
       test_full_size_should_stay_full_on_another_screen);
  ADD ("zooming-should-keep-the-point", test_zooming_should_keep_the_point);
  ADD ("zooming-should-stay-within-limits", test_zooming_should_stay_within_limits);
  ADD ("steps-should-stop-at-fit-and-full", test_steps_should_stop_at_fit_and_full);
  ADD ("a-step-should-stop-at-the-nearer-of-two", test_a_step_should_stop_at_the_nearer_of_two);
  ADD ("moving-should-stop-at-the-edges", test_moving_should_stop_at_the_edges);
  ADD ("a-glide-should-hold-the-point", test_a_glide_should_hold_the_point);
  ADD ("full-size-should-lie-on-device-pixels", test_full_size_should_lie_on_device_pixels);
  ADD ("extreme-shapes-should-have-a-place", test_extreme_shapes_should_have_a_place);
  ADD ("nothing-should-leave-the-view-empty", test_nothing_should_leave_the_view_empty);
  return g_test_run ();
}
