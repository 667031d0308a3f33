/*
 * A signal to stop that cancels the work wherever it is.
 *
 * Cancelling takes locks, which a signal handler must not, so it passes the number to a thread. The
 * threads of OpenBLAS are there before main (), so that blocking signals and waiting for them would
 * not do.
 */
#include "cli/stop-signal.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t received;
static int pipe_ends[2];

static void
handle_signal (int number)
{
  int error = errno;

  received = number;
  /* when the pipe is full the thread has enough to read */
  if (write (pipe_ends[1], "", 1) < 0)
    errno = error;
}

static gpointer
wait_for_signal (gpointer data)
{
  GCancellable *cancellable = data;
  char byte;

  while (read (pipe_ends[0], &byte, 1) < 0 && errno == EINTR)
    continue;
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
  return NULL;
}

void
gloss_stop_signal_catch (GCancellable *cancellable)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  const struct sigaction action = { .sa_handler = handle_signal, .sa_flags = SA_RESTART };

  if (pipe (pipe_ends) != 0)
    return;
  g_thread_unref (g_thread_new ("gloss-signals", wait_for_signal, g_object_ref (cancellable)));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction before;

      /* nohup stays in force */
      if (sigaction (numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction (numbers[i], &action, NULL);
    }
  /* a limit on the size of files is an error like a full disk */
  signal (SIGXFSZ, SIG_IGN);
}

void
gloss_stop_signal_obey (void)
{
  int number = received;

  if (number == 0)
    return;
  signal (number, SIG_DFL);
  raise (number);
}
