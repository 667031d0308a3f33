/* Resizing against TensorFlow's and Pillow's own results. */
#include "base/json.h"
#include "model/resize.h"
#include "support/asserts.h"
#include "weights/weights.h"

#include <string.h>

#define TF_BOUND 1e-4 /* of a level: binary32 rounding of sums of up to 255 */

/* With one thread and with three: the bits are the same. */
static void
assert_bilinear (float *out, gsize out_height, gsize out_width, const guint8 *rgb, gsize height,
                 gsize width)
{
  g_autofree float *again = g_new (float, out_height *out_width * 3);
  g_autoptr (GlossPool) one = gloss_pool_new (1);
  g_autoptr (GlossPool) three = gloss_pool_new (3);

  g_assert_true (gloss_resize_bilinear (one, out, out_height, out_width, rgb, height, width, NULL));
  g_assert_true (
      gloss_resize_bilinear (three, again, out_height, out_width, rgb, height, width, NULL));
  g_assert_cmpmem (again, out_height * out_width * 3 * sizeof (float), out,
                   out_height * out_width * 3 * sizeof (float));
}

static void
assert_bicubic (guint8 *out, gsize out_height, gsize out_width, const guint8 *rgb, gsize height,
                gsize width)
{
  g_autofree guint8 *again = g_malloc (out_height * out_width * 3);
  g_autoptr (GlossPool) one = gloss_pool_new (1);
  g_autoptr (GlossPool) three = gloss_pool_new (3);

  g_assert_true (gloss_resize_bicubic (one, out, out_height, out_width, rgb, height, width, NULL));
  g_assert_true (
      gloss_resize_bicubic (three, again, out_height, out_width, rgb, height, width, NULL));
  g_assert_cmpmem (again, out_height * out_width * 3, out, out_height * out_width * 3);
}

/* 5 rows × 6 columns, the same value in the three channels. */
static guint8 *
new_golden_picture (void)
{
  guint8 *rgb = g_malloc (5 * 6 * 3);

  for (guint y = 0; y < 5; y++)
    for (guint x = 0; x < 6; x++)
      memset (rgb + (y * 6 + x) * 3, (7 * y * y + 13 * x + 11 * (x * y % 5)) % 256, 3);
  return rgb;
}

static void
test_bilinear_should_match_the_golden_numbers (void)
{
  g_autofree guint8 *rgb = new_golden_picture ();
  const float expected[] = { 9.642858f,   34.492062f,  60.079361f,  70.196434f,
                             44.236115f,  81.790131f,  100.432106f, 103.611130f,
                             110.607147f, 143.793655f, 158.206329f, 157.017853f };
  float got[12 * 3];

  assert_bilinear (got, 3, 4, rgb, 5, 6);
  for (guint i = 0; i < 12; i++)
    for (guint c = 0; c < 3; c++)
      gloss_assert_close (&got[i * 3 + c], &expected[i], 1, TF_BOUND, "5×6 to 3×4");
}

static void
assert_golden_bicubic (gsize out_height, gsize out_width, const guint8 *expected)
{
  g_autofree guint8 *rgb = new_golden_picture ();
  gsize n_values = out_height * out_width;
  g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n_values * 3, 1);
  guint8 *got = gloss_guarded_get_data (guarded);

  assert_bicubic (got, out_height, out_width, rgb, 5, 6);
  g_assert_true (gloss_guarded_is_intact (guarded));
  for (gsize i = 0; i < n_values * 3; i++)
    g_assert_cmpuint (got[i], ==, expected[i / 3]);
}

static void
test_bicubic_should_match_the_golden_numbers (void)
{
  const guint8 down[] = { 6, 31, 60, 69, 41, 80, 102, 103, 112, 147, 162, 159 };
  const guint8 up[] = { 0,   6,   17,  26,  35,  44,  56,  66,  2,   12,  28,  42,  59,  75,
                        77,  67,  10,  26,  50,  70,  77,  101, 98,  75,  26,  47,  79,  98,
                        78,  101, 108, 92,  50,  78,  96,  98,  125, 131, 124, 116, 84,  120,
                        138, 133, 161, 159, 154, 152, 112, 151, 178, 175, 175, 176, 179, 180 };

  assert_golden_bicubic (3, 4, down);
  assert_golden_bicubic (7, 8, up);
}

/* The weights themselves, seen through pictures that are 255 at one place: one impulse per channel.
 */
static void
assert_weights (gsize n_in, gsize n_out, gsize o, gsize first, const double *expected,
                gsize n_expected)
{
  g_autofree float *got = g_new (float, n_out * 3);

  for (gsize i = 0; i < n_in; i++)
    {
      g_autofree guint8 *rgb = g_malloc0 (n_in * 3);
      float weight = i >= first && i < first + n_expected ? (float) expected[i - first] : 0;
      float scaled;

      memset (rgb + i * 3, 255, 3);
      assert_bilinear (got, 1, n_out, rgb, 1, n_in);
      scaled = got[o * 3] / 255;
      gloss_assert_close (&scaled, &weight, 1, 1e-6, "weight along a row");
      assert_bilinear (got, n_out, 1, rgb, n_in, 1);
      scaled = got[o * 3 + 2] / 255;
      gloss_assert_close (&scaled, &weight, 1, 1e-6, "weight down a column");
    }
}

static void
test_weights_should_be_the_triangle (void)
{
  assert_weights (8, 3, 0, 0, (double[]){ .2894737, .3947369, .2368421, .0789474 }, 4);
  assert_weights (8, 3, 1, 1,
                  (double[]){ .0238095, .1666667, .3095238, .3095238, .1666667, .0238095 }, 6);
  assert_weights (8, 3, 2, 4, (double[]){ .0789473, .2368421, .3947368, .2894737 }, 4);
  assert_weights (3, 5, 0, 0, (double[]){ 1 }, 1);
  assert_weights (3, 5, 1, 0, (double[]){ .6, .4 }, 2);
  assert_weights (3, 5, 2, 0, (double[]){ 0, 1, 0 }, 3);
  assert_weights (3, 5, 3, 1, (double[]){ .4, .6 }, 2);
  assert_weights (3, 5, 4, 2, (double[]){ 1 }, 1);
}

static const GlossTensorView *
find (GlossWeights *weights, gsize number, const char *what, GlossDtype dtype, gsize n_values)
{
  g_autofree char *name = g_strdup_printf ("%" G_GSIZE_FORMAT "/%s", number, what);
  const GlossTensorView *view = gloss_weights_find (weights, name);

  g_assert_nonnull (view);
  g_assert_cmpint (view->dtype, ==, dtype);
  g_assert_cmpuint (view->n_bytes, ==, n_values * gloss_dtype_get_size_bytes (dtype));
  return view;
}

static void
test_resize_should_match_the_reference (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *json_path = gloss_test_path ("fixtures/preprocess/resize.json");
  g_autofree char *npz_path = gloss_test_path ("fixtures/preprocess/resize.npz");
  g_autoptr (json_t) cases = gloss_json_load (json_path, 1 << 16, &error);
  g_autoptr (GlossWeights) weights = gloss_weights_open (npz_path, &error);
  json_t *one;
  gsize i;

  g_assert_no_error (error);
  g_assert_cmpuint (json_array_size (cases), ==, 7);
  json_array_foreach (cases, i, one)
  {
    gsize height = json_integer_value (json_object_get (one, "height"));
    gsize width = json_integer_value (json_object_get (one, "width"));
    gsize size = json_integer_value (json_object_get (one, "size"));
    gsize n_values = size * size * 3;
    const GlossTensorView *rgb = find (weights, i, "rgb", GLOSS_DTYPE_U8, height * width * 3);
    const GlossTensorView *tf = find (weights, i, "tf_antialias", GLOSS_DTYPE_F32, n_values);
    const GlossTensorView *pil = find (weights, i, "pil_bicubic", GLOSS_DTYPE_U8, n_values);
    g_autoptr (GlossGuarded) guarded = gloss_guarded_new (n_values * sizeof (float), 4);
    g_autofree float *expected = g_memdup2 (tf->data, tf->n_bytes);
    g_autofree guint8 *bicubic = g_malloc (n_values);
    float *bilinear = gloss_guarded_get_data (guarded);
    double largest;

    assert_bilinear (bilinear, size, size, rgb->data, height, width);
    g_assert_true (gloss_guarded_is_intact (guarded));
    gloss_is_close (bilinear, expected, n_values, TF_BOUND, &largest, NULL);
    assert_bicubic (bicubic, size, size, rgb->data, height, width);
    g_test_message ("%" G_GSIZE_FORMAT "×%" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT
                    ": bilinear off by at most %.3g of a level, bicubic %s",
                    height, width, size, largest,
                    memcmp (bicubic, pil->data, n_values) == 0 ? "exact" : "not exact");
    gloss_assert_close (bilinear, expected, n_values, TF_BOUND, "antialiased bilinear");
    g_assert_cmpmem (bicubic, n_values, pil->data, pil->n_bytes);
  }
}

/* The same size on both axes is the picture itself, and one pixel fills any size. */
static void
test_resize_should_keep_what_needs_no_change (void)
{
  g_autofree guint8 *rgb = new_golden_picture ();
  guint8 bicubic[5 * 6 * 3];
  float bilinear[7 * 7 * 3];
  const guint8 pixel[] = { 12, 200, 255 };

  assert_bicubic (bicubic, 5, 6, rgb, 5, 6);
  g_assert_cmpmem (bicubic, sizeof bicubic, rgb, 5 * 6 * 3);
  assert_bilinear (bilinear, 5, 6, rgb, 5, 6);
  for (guint i = 0; i < 5 * 6 * 3; i++)
    g_assert_cmpfloat (bilinear[i], ==, rgb[i]);
  assert_bilinear (bilinear, 7, 7, pixel, 1, 1);
  assert_bicubic (bicubic, 5, 6, pixel, 1, 1);
  for (guint i = 0; i < 7 * 7 * 3; i++)
    g_assert_cmpfloat (bilinear[i], ==, pixel[i % 3]);
  for (guint i = 0; i < 5 * 6 * 3; i++)
    g_assert_cmpuint (bicubic[i], ==, pixel[i % 3]);
}

static void
test_extreme_proportions_should_be_possible (void)
{
  g_autofree guint8 *rgb = g_malloc (GLOSS_IMAGE_MAX_SIDE_PX * 3);
  g_autofree float *bilinear = g_new (float, 224 * 224 * 3);
  g_autofree guint8 *bicubic = g_malloc (224 * 224 * 3);

  memset (rgb, 90, GLOSS_IMAGE_MAX_SIDE_PX * 3);
  for (guint turned = 0; turned < 2; turned++)
    {
      gsize height = turned ? GLOSS_IMAGE_MAX_SIDE_PX : 1;
      gsize width = turned ? 1 : GLOSS_IMAGE_MAX_SIDE_PX;

      assert_bilinear (bilinear, 224, 224, rgb, height, width);
      assert_bicubic (bicubic, 224, 224, rgb, height, width);
      for (guint i = 0; i < 224 * 224 * 3; i++)
        {
          /* 586 weights whose sum was rounded as often. */
          g_assert_cmpfloat_with_epsilon (bilinear[i], 90, 1e-2);
          g_assert_cmpuint (bicubic[i], ==, 90);
        }
    }
}

static void
test_model_input_should_be_from_minus_one_to_one (void)
{
  guint8 rgb[] = { 0, 51, 255, 0, 51, 255, 0, 51, 255, 0, 51, 255 };
  GlossImage image = { .width_px = 2, .height_px = 2, .rgb = rgb };
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  const float expected[] = { -1, -0.6f, 1, -1, -0.6f, 1, -1, -0.6f, 1, -1, -0.6f, 1 };
  float got[12];

  g_assert_true (gloss_model_input_make (pool, got, 2, &image, GLOSS_RESIZE_BILINEAR, NULL));
  gloss_assert_close (got, expected, 12, 1.2e-7, "bilinear");
  g_assert_true (gloss_model_input_make (pool, got, 2, &image, GLOSS_RESIZE_BICUBIC, NULL));
  gloss_assert_close (got, expected, 12, 1.2e-7, "bicubic");
}

typedef struct
{
  GCancellable *cancellable;
  gint64 cancelled_usec;
} Stop;

static gpointer
cancel_soon (gpointer user_data)
{
  Stop *stop = user_data;

  g_usleep (20 * 1000);
  stop->cancelled_usec = g_get_monotonic_time ();
  g_cancellable_cancel (stop->cancellable);
  return NULL;
}

/* 36 megapixels take longer than 20 ms; the job then ends in the middle of them. */
static void
test_cancelled_resize_should_stop (gconstpointer resize)
{
  const guint side = 6000;
  g_autofree guint8 *rgb = g_malloc0 ((gsize) side * side * 3);
  g_autofree float *input = g_new (float, 224 * 224 * 3);
  GlossImage image = { .width_px = side, .height_px = side, .rgb = rgb };
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Stop stop = { cancellable, 0 };
  GThread *thread;
  gint64 end_usec;

  gloss_pool_begin_job (pool, cancellable);
  thread = g_thread_new ("cancel", cancel_soon, &stop);
  g_assert_true (gloss_model_input_make (pool, input, 224, &image, GPOINTER_TO_INT (resize), NULL));
  end_usec = g_get_monotonic_time ();
  g_thread_join (thread);
  g_assert_false (gloss_pool_end_job (pool, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_test_message ("%.1f ms after it was cancelled",
                  (double) (end_usec - stop.cancelled_usec) / 1000);
  g_assert_cmpint (end_usec - stop.cancelled_usec, <, G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/resize/bilinear/should-match-the-golden-numbers",
                   test_bilinear_should_match_the_golden_numbers);
  g_test_add_func ("/model/resize/bicubic/should-match-the-golden-numbers",
                   test_bicubic_should_match_the_golden_numbers);
  g_test_add_func ("/model/resize/weights/should-be-the-triangle",
                   test_weights_should_be_the_triangle);
  g_test_add_func ("/model/resize/fixtures/should-match-the-reference",
                   test_resize_should_match_the_reference);
  g_test_add_func ("/model/resize/same-size/should-keep-what-needs-no-change",
                   test_resize_should_keep_what_needs_no_change);
  g_test_add_func ("/model/resize/extreme-proportions/should-be-possible",
                   test_extreme_proportions_should_be_possible);
  g_test_add_func ("/model/resize/model-input/should-be-from-minus-one-to-one",
                   test_model_input_should_be_from_minus_one_to_one);
  g_test_add_data_func ("/model/resize/cancelled/bilinear/should-stop",
                        GINT_TO_POINTER (GLOSS_RESIZE_BILINEAR), test_cancelled_resize_should_stop);
  g_test_add_data_func ("/model/resize/cancelled/bicubic/should-stop",
                        GINT_TO_POINTER (GLOSS_RESIZE_BICUBIC), test_cancelled_resize_should_stop);
  return g_test_run ();
}
