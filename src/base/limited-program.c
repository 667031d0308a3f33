/* Programs that get what is not trusted. */
#include "base/limited-program.h"

#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAITS_PER_SECOND_OF_WORK 6

struct _GlossLimitedProgram
{
  GlossLimitedRun run; /* borrowed what it points to */
  GPid pid;            /* 0 when it has ended */
  int output;          /* owned */
  int cancel;          /* the cancellable's descriptor, or -1 */
  gint64 end_usec;
};

/* A limit that is already lower stays. */
static void
set_limit (int resource, guint64 value)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) != 0)
    return;
  limit.rlim_cur = MIN (limit.rlim_cur, value);
  limit.rlim_max = MIN (limit.rlim_max, value);
  setrlimit (resource, &limit);
}

/* In the child, before the program starts. */
static void
set_limits (gpointer data)
{
  const GlossLimitedRun *run = data;

  set_limit (RLIMIT_AS, run->max_memory_bytes);
  set_limit (RLIMIT_CPU, run->max_seconds);
  set_limit (RLIMIT_CORE, 0);
}

GlossLimitedProgram *
gloss_limited_program_start (const GlossLimitedRun *run, GError **error)
{
  g_autoptr (GError) why = NULL;
  GlossLimitedProgram *program;
  gboolean is_started;
  int output;
  GPid pid;
  int input = g_open (run->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);

  if (input < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("%s: the file cannot be read (%s)"), run->name, g_strerror (errno));
      return NULL;
    }
  is_started = g_spawn_async_with_pipes_and_fds (
      "/", run->argv, NULL,
      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, set_limits,
      (gpointer) run, input, -1, -1, NULL, NULL, 0, &pid, NULL, &output, NULL, &why);
  close (input);
  if (!is_started)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   run->work == GLOSS_LIMITED_WORK_DRAW
                       ? _ ("%s: drawing this %s needs a program that cannot be started (%s)")
                       : _ ("%s: decoding this %s needs a program that cannot be started (%s)"),
                   run->name, run->kind, why->message);
      return NULL;
    }
  program = g_new (GlossLimitedProgram, 1);
  *program = (GlossLimitedProgram){
    .run = *run,
    .pid = pid,
    .output = output,
    .cancel = g_cancellable_get_fd (run->cancellable),
    .end_usec = g_get_monotonic_time ()
                + (gint64) run->max_seconds * WAITS_PER_SECOND_OF_WORK * G_USEC_PER_SEC,
  };
  return program;
}

/* FALSE with an error when it is not to be waited for any longer. */
static gboolean
may_go_on (const GlossLimitedProgram *program, GError **error)
{
  const GlossLimitedRun *run = &program->run;

  if (g_cancellable_is_cancelled (run->cancellable))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("%s: stopped"), run->name);
  else if (g_get_monotonic_time () >= program->end_usec)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                 run->work == GLOSS_LIMITED_WORK_DRAW
                     ? _ ("%s: drawing this %s takes more than %u seconds")
                     : _ ("%s: decoding this %s takes more than %u seconds"),
                 run->name, run->kind, run->max_seconds * WAITS_PER_SECOND_OF_WORK);
  else
    return TRUE;
  return FALSE;
}

gssize
gloss_limited_program_read (GlossLimitedProgram *program, guint8 *out, gsize n_bytes,
                            GError **error)
{
  struct pollfd polled[] = { { program->output, POLLIN, 0 }, { program->cancel, POLLIN, 0 } };
  gsize n_done = 0;

  while (n_done < n_bytes)
    {
      gint64 left_usec = MAX (0, program->end_usec - g_get_monotonic_time ());
      int n_ready =
          poll (polled, G_N_ELEMENTS (polled), (int) MIN (left_usec / 1000 + 1, G_MAXINT));
      gssize n;

      if (!may_go_on (program, error))
        return -1;
      if (n_ready <= 0)
        continue;
      n = read (program->output, out + n_done, n_bytes - n_done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      n_done += (gsize) n;
    }
  return (gssize) n_done;
}

static void
set_signal_error (const GlossLimitedRun *run, int number, GError **error)
{
  if (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL)
    g_set_error (
        error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
        run->work == GLOSS_LIMITED_WORK_DRAW
            ? _ ("%s: drawing this %s ended in a crash; the file is damaged, or made to do that")
            : _ ("%s: decoding this %s ended in a crash; the file is damaged, or made to do that"),
        run->name, run->kind);
  else /* those with which the system, or a program without memory, ends it */
    g_set_error (
        error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
        run->work == GLOSS_LIMITED_WORK_DRAW
            ? _ ("%s: drawing this %s takes more than %u seconds or %" PRIu64 " MB of memory")
            : _ ("%s: decoding this %s takes more than %u seconds or %" PRIu64 " MB of memory"),
        run->name, run->kind, run->max_seconds, run->max_memory_bytes >> 20);
}

gboolean
gloss_limited_program_finish (GlossLimitedProgram *program, int *out_status, GError **error)
{
  int status = 0;

  /* Its output hardly ever ends long before itself, so this need not be clever. */
  while (waitpid (program->pid, &status, WNOHANG) == 0)
    {
      if (!may_go_on (program, error))
        return FALSE;
      g_usleep (1000);
    }
  program->pid = 0;
  if (!WIFEXITED (status))
    {
      set_signal_error (&program->run, WTERMSIG (status), error);
      return FALSE;
    }
  *out_status = WEXITSTATUS (status);
  return TRUE;
}

void
gloss_limited_program_free (GlossLimitedProgram *program)
{
  if (!program)
    return;
  if (program->pid != 0)
    {
      kill (program->pid, SIGKILL);
      while (waitpid (program->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    }
  if (program->cancel >= 0)
    g_cancellable_release_fd (program->run.cancellable);
  close (program->output);
  g_free (program);
}
