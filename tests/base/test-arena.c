/* The workspace: aligned, disjoint, reusable, and a clear end. */
#include "base/arena.h"
#include "base/error.h"
#include "support/asserts.h"

static void
test_blocks_should_be_aligned_and_disjoint (void)
{
  gsize n_bytes = gloss_arena_size_floats (3) + gloss_arena_size_floats (17);
  g_autoptr (GlossArena) arena = gloss_arena_new (n_bytes, NULL);
  float *a = gloss_arena_alloc_floats (arena, 3);
  float *b = gloss_arena_alloc_floats (arena, 17);

  g_assert_cmpuint ((gsize) a % GLOSS_ARENA_ALIGN_BYTES, ==, 0);
  g_assert_cmpuint ((gsize) b % GLOSS_ARENA_ALIGN_BYTES, ==, 0);
  g_assert_true (b >= a + 3);
  b[16] = 1;
}

static void
test_reset_should_hand_out_the_same_again (void)
{
  g_autoptr (GlossArena) arena = gloss_arena_new (4096, NULL);
  gsize mark;
  float *a;

  gloss_arena_alloc_floats (arena, 5);
  mark = gloss_arena_get_mark (arena);
  a = gloss_arena_alloc_floats (arena, 100);
  gloss_arena_reset (arena, mark);
  g_assert_true (gloss_arena_alloc_floats (arena, 50) == a);
}

static void
test_too_much_should_be_refused_in_words (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_arena_new (G_MAXSIZE, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE, "needs");
  g_assert_cmpuint (gloss_arena_size_floats (G_MAXSIZE / 2), ==, G_MAXSIZE);
}

static void
test_running_out_should_abort (void)
{
  if (g_test_subprocess ())
    {
      GlossArena *arena = gloss_arena_new (64, NULL);

      gloss_arena_alloc_floats (arena, 16);
      gloss_arena_alloc_floats (arena, 1);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*too small*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/arena/blocks-should-be-aligned-and-disjoint",
                   test_blocks_should_be_aligned_and_disjoint);
  g_test_add_func ("/base/arena/reset-should-hand-out-the-same-again",
                   test_reset_should_hand_out_the_same_again);
  g_test_add_func ("/base/arena/too-much-should-be-refused-in-words",
                   test_too_much_should_be_refused_in_words);
  g_test_add_func ("/base/arena/running-out-should-abort", test_running_out_should_abort);
  return g_test_run ();
}
