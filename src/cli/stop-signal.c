/* A signal to stop that cancels the work wherever it is. */
#include "cli/stop-signal.h"

#include <pthread.h>
#include <signal.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

static gint received; /* atomic */
static sigset_t caught;

static gpointer
wait_for_signal (gpointer data)
{
  GCancellable *cancellable = data;
  int number;

  if (sigwait (&caught, &number) == 0)
    {
      g_atomic_int_set (&received, number);
      g_cancellable_cancel (cancellable);
    }
  g_object_unref (cancellable);
  return NULL;
}

void
gloss_stop_signal_catch (GCancellable *cancellable)
{
  sigemptyset (&caught);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction before;

      /* nohup stays in force */
      if (sigaction (numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaddset (&caught, numbers[i]);
    }
  pthread_sigmask (SIG_BLOCK, &caught, NULL);
  g_thread_unref (g_thread_new ("gloss-signals", wait_for_signal, g_object_ref (cancellable)));
  /* a limit on the size of files is an error like a full disk */
  signal (SIGXFSZ, SIG_IGN);
}

void
gloss_stop_signal_obey (void)
{
  int number = g_atomic_int_get (&received);

  if (number == 0)
    return;
  signal (number, SIG_DFL);
  pthread_sigmask (SIG_UNBLOCK, &caught, NULL);
  raise (number);
}
