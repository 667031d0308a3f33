/* The checkers themselves: each is seen to fail. */
#include "support/asserts.h"

#include <math.h>

static void
test_close_should_hold_at_the_bound (void)
{
  float a[] = { 1, 2, -INFINITY, NAN };
  float b[] = { 1, 2.5f, -INFINITY, NAN };
  double max;
  gsize where;

  g_assert_true (gloss_is_close (a, b, 4, 0.5, &max, &where));
  g_assert_cmpfloat (max, ==, 0.5);
  g_assert_cmpuint (where, ==, 1);
}

static void
test_close_should_fail_beyond_the_bound (void)
{
  float zeros[3] = { 0, 0, 0 };
  float numbers[3] = { 0, 0.25f, 0 };
  float odd[3] = { 0, NAN, 0 };
  float far[3] = { 0, INFINITY, 0 };
  float other[3] = { 0, -INFINITY, 0 };

  g_assert_false (gloss_is_close (zeros, numbers, 3, 0.2, NULL, NULL));
  g_assert_false (gloss_is_close (odd, zeros, 3, 1e9, NULL, NULL));
  g_assert_false (gloss_is_close (zeros, odd, 3, 1e9, NULL, NULL));
  g_assert_false (gloss_is_close (far, other, 3, 1e30, NULL, NULL));
  g_assert_false (gloss_is_close (zeros, zeros, 0, 1, NULL, NULL));
}

static void
test_assert_close_should_end_the_test (void)
{
  float a[] = { 1, 2 }, b[] = { 1, 3 };

  if (g_test_subprocess ())
    {
      gloss_assert_close (a, b, 2, 0.5, "layer seven");
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*layer seven: value 1 of 2 is 2, expected 3*");
}

static void
test_guard_should_notice_both_sides (void)
{
  for (int i = -1; i <= 10; i += 11)
    {
      g_autoptr (GlossGuarded) guarded = gloss_guarded_new (10, 3);
      guint8 *data = gloss_guarded_get_data (guarded);

      g_assert_cmpuint ((gsize) data % 64, ==, 3);
      data[0] = data[9] = 1;
      g_assert_true (gloss_guarded_is_intact (guarded));
      data[i] = 1;
      g_assert_false (gloss_guarded_is_intact (guarded));
    }
}

static void
test_error_says_should_fail_on_another_message (void)
{
  if (g_test_subprocess ())
    {
      GError *error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "one thing");

      gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_FAILED, "another");
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/support/close/should-hold-at-the-bound", test_close_should_hold_at_the_bound);
  g_test_add_func ("/support/close/should-fail-beyond-the-bound",
                   test_close_should_fail_beyond_the_bound);
  g_test_add_func ("/support/assert-close/should-end-the-test",
                   test_assert_close_should_end_the_test);
  g_test_add_func ("/support/guard/should-notice-both-sides", test_guard_should_notice_both_sides);
  g_test_add_func ("/support/error-says/should-fail-on-another-message",
                   test_error_says_should_fail_on_another_message);
  return g_test_run ();
}
