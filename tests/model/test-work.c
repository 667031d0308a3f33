/* The work of the published shapes, against figures worked out by hand. */
#include "model/shape.h"
#include "model/work.h"

static void
test_the_3b_should_have_its_work (void)
{
  GlossModelConfig config;
  g_autoptr (GError) error = NULL;
  /* 27 layers of 1152·(4·1152 + 2·4304) weights, attention of 16·72, the stem and the head */
  double encoder =
      2 * 256.0 * (27.0 * 15224832 + 588 * 1152 + 1152 * 2048) + 27 * 4.0 * 1152 * 256 * 256;
  /* per layer 2048·512 weights for keys and values and 2048·(4096 + 3·16384) others */
  double prefill = 2.0 * 260 * (18.0 * 1048576 + 17.0 * 109051904) + 2.0 * 109051904
                   + 4.0 * 2048 * 260 * (17 * 260 + 1) + 2.0 * 2048 * 257216;
  double step = 2 * (18.0 * 110100480 + 2048 * 257216.0) + 18 * 2 * 256 * 260 * 4.0;

  g_assert_true (gloss_shape_find ("paligemma-3b-224", &config, &error));
  g_assert_cmpfloat (gloss_work_count_encoder_flop (&config), ==, encoder);
  g_assert_cmpfloat (gloss_work_count_prefill_flop (&config, 260), ==, prefill);
  g_assert_cmpfloat (gloss_work_count_step_bytes (&config, GLOSS_DTYPE_BF16, 260), ==, step);
  g_assert_cmpfloat (encoder, >, 0.21e12);
  g_assert_cmpfloat (prefill, >, 0.97e12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/work/the-3b-should-have-its-work", test_the_3b_should_have_its_work);
  return g_test_run ();
}
