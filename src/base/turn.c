/* Whose turn it is to compute. */
#include "base/turn.h"

#include <pthread.h>

struct _GlossTurn
{
  pthread_mutex_t lock; /* not a GMutex: the thread sanitizer cannot see into that one */
  pthread_cond_t changed;
  /* guarded by lock */
  gboolean is_taken;
  guint n_urgent; /* who wait for it */
};

GlossTurn *
gloss_turn_new (void)
{
  GlossTurn *turn = g_new0 (GlossTurn, 1);

  pthread_mutex_init (&turn->lock, NULL);
  pthread_cond_init (&turn->changed, NULL);
  return turn;
}

void
gloss_turn_free (GlossTurn *turn)
{
  g_assert (!turn->is_taken && turn->n_urgent == 0);
  pthread_mutex_destroy (&turn->lock);
  pthread_cond_destroy (&turn->changed);
  g_free (turn);
}

static void
wake (GCancellable *cancellable, GlossTurn *turn)
{
  pthread_mutex_lock (&turn->lock);
  pthread_cond_broadcast (&turn->changed);
  pthread_mutex_unlock (&turn->lock);
}

gboolean
gloss_turn_take (GlossTurn *turn, gboolean is_urgent, GCancellable *cancellable, GError **error)
{
  gboolean is_mine;
  gulong handler = 0;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (cancellable)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake), turn, NULL);
  pthread_mutex_lock (&turn->lock);
  turn->n_urgent += is_urgent;
  while ((turn->is_taken || (!is_urgent && turn->n_urgent > 0))
         && !g_cancellable_is_cancelled (cancellable))
    pthread_cond_wait (&turn->changed, &turn->lock);
  turn->n_urgent -= is_urgent;
  is_mine = !g_cancellable_is_cancelled (cancellable);
  turn->is_taken |= is_mine;
  if (!is_mine) /* others may have waited for this one only */
    pthread_cond_broadcast (&turn->changed);
  pthread_mutex_unlock (&turn->lock);
  g_cancellable_disconnect (cancellable, handler);
  if (!is_mine)
    g_cancellable_set_error_if_cancelled (cancellable, error);
  return is_mine;
}

void
gloss_turn_give (GlossTurn *turn)
{
  pthread_mutex_lock (&turn->lock);
  turn->is_taken = FALSE;
  pthread_cond_broadcast (&turn->changed);
  pthread_mutex_unlock (&turn->lock);
}

gboolean
gloss_turn_is_wanted (GlossTurn *turn)
{
  gboolean is_wanted;

  pthread_mutex_lock (&turn->lock);
  is_wanted = turn->n_urgent > 0;
  pthread_mutex_unlock (&turn->lock);
  return is_wanted;
}
