/* Whose turn it is: one at a time, the urgent first, and a wait that can be ended. */
#include "base/turn.h"
#include "support/asserts.h"

#define N_THREADS 6
#define N_TURNS 300

typedef struct
{
  GlossTurn *turn;
  gboolean is_urgent;
  gint *n_inside; /* atomic */
  GString *order; /* whose turn it is guards it */
} Taker;

static gpointer
take_often (gpointer data)
{
  Taker *taker = data;

  for (guint i = 0; i < N_TURNS; i++)
    {
      g_assert_true (gloss_turn_take (taker->turn, taker->is_urgent, NULL, NULL));
      g_assert_cmpint (g_atomic_int_add (taker->n_inside, 1), ==, 0);
      g_thread_yield ();
      g_assert_cmpint (g_atomic_int_add (taker->n_inside, -1), ==, 1);
      gloss_turn_give (taker->turn);
    }
  return NULL;
}

static void
test_one_at_a_time (void)
{
  g_autoptr (GlossTurn) turn = gloss_turn_new ();
  GThread *threads[N_THREADS];
  Taker takers[N_THREADS];
  gint n_inside = 0;

  for (guint i = 0; i < N_THREADS; i++)
    {
      takers[i] = (Taker){ turn, i % 2 == 0, &n_inside, NULL };
      threads[i] = g_thread_new ("taker", take_often, &takers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static gpointer
take_once (gpointer data)
{
  Taker *taker = data;

  g_assert_true (gloss_turn_take (taker->turn, taker->is_urgent, NULL, NULL));
  g_string_append_c (taker->order, taker->is_urgent ? 'U' : 'p');
  gloss_turn_give (taker->turn);
  return NULL;
}

/* Also the one that came last, if it is urgent. */
static void
check_order (void)
{
  g_autoptr (GlossTurn) turn = gloss_turn_new ();
  g_autoptr (GString) order = g_string_new (NULL);
  Taker patient = { turn, FALSE, NULL, order };
  Taker urgent = { turn, TRUE, NULL, order };
  GThread *threads[3];

  g_assert_true (gloss_turn_take (turn, FALSE, NULL, NULL));
  g_assert_false (gloss_turn_is_wanted (turn));
  threads[0] = g_thread_new ("patient", take_once, &patient);
  threads[1] = g_thread_new ("patient", take_once, &patient);
  g_usleep (2000); /* they wait by now; if not, the test proves less and does not fail */
  g_assert_false (gloss_turn_is_wanted (turn));
  threads[2] = g_thread_new ("urgent", take_once, &urgent);
  while (!gloss_turn_is_wanted (turn))
    g_usleep (1000);
  gloss_turn_give (turn);
  for (guint i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  g_assert_cmpstr (order->str, ==, "Upp");
}

/* Often, since whoever is woken first could be the right one by chance. */
static void
test_urgent_first (void)
{
  for (guint i = 0; i < 100; i++)
    check_order ();
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (10000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancelled (void)
{
  g_autoptr (GlossTurn) turn = gloss_turn_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  g_assert_true (gloss_turn_take (turn, FALSE, cancellable, NULL));
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (gloss_turn_take (turn, TRUE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_false (gloss_turn_is_wanted (turn));
  gloss_turn_give (turn);
  g_clear_error (&error);
  g_assert_false (gloss_turn_take (turn, FALSE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (gloss_turn_take (turn, FALSE, NULL, NULL));
  gloss_turn_give (turn);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turn/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/turn/urgent-first", test_urgent_first);
  g_test_add_func ("/turn/cancelled", test_cancelled);
  return g_test_run ();
}
