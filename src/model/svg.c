/*
 * Drawings in SVG.
 *
 * SVG is a language for programs that draw, and a file of 400 bytes can keep librsvg busy for hours
 * (feTurbulence with a million octaves), make it take gigabytes (entities, pictures inside), or end
 * the process that asked: when it gets no memory, or meets a convolution it did not expect, it
 * aborts. No count of elements or bytes foresees that. So it is never called in this process: its
 * own program rsvg-convert draws, under limits that the system enforces. It gets the file as its
 * standard input, so it knows no folder from which it could read anything else.
 */
#include "model/svg.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "rsvg-convert"

/* The longest wait, for a machine so busy that GLOSS_SVG_MAX_SECONDS of work take longer. */
#define MAX_WAIT_USEC (30 * G_USEC_PER_SEC)

/* Noise does not compress: four bytes for each pixel, and what PNG adds. */
#define MAX_PNG_BYTES (5 * GLOSS_SVG_LONGER_SIDE_PX * GLOSS_SVG_LONGER_SIDE_PX)

gboolean
gloss_svg_can_draw (void)
{
  g_autofree char *program = g_find_program_in_path (PROGRAM);

  return program != NULL;
}

/* In the child, before the program starts. A limit that is already lower stays. */
static void
set_limits (gpointer unused)
{
  const struct rlimit memory = { GLOSS_SVG_MAX_MEMORY_BYTES, GLOSS_SVG_MAX_MEMORY_BYTES };
  const struct rlimit seconds = { GLOSS_SVG_MAX_SECONDS, GLOSS_SVG_MAX_SECONDS };
  const struct rlimit core = { 0, 0 };

  setrlimit (RLIMIT_AS, &memory);
  setrlimit (RLIMIT_CPU, &seconds);
  setrlimit (RLIMIT_CORE, &core);
}

static gboolean
start (const char *path, const char *name, GPid *out_pid, int *out_descriptor, GError **error)
{
  const char *side = G_STRINGIFY (GLOSS_SVG_LONGER_SIDE_PX);
  const char *const argv[] = { PROGRAM, "--format", "png", "--width",
                               side,    "--height", side,  "--keep-aspect-ratio",
                               NULL };
  int input = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  gboolean is_started;

  if (input < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "%s: the file cannot be read (%s)", name, g_strerror (errno));
      return FALSE;
    }
  is_started = g_spawn_async_with_pipes_and_fds (
      "/", argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
      set_limits, NULL, input, -1, -1, NULL, NULL, 0, out_pid, NULL, out_descriptor, NULL, error);
  close (input);
  if (!is_started)
    g_prefix_error (error, "%s: ", name);
  return is_started;
}

/* Waits until there is something to read, or the end of it. */
static gboolean
wait_for_output (int descriptor, gint64 end_usec, const char *name, GCancellable *cancellable,
                 GError **error)
{
  struct pollfd polled[] = { { descriptor, POLLIN, 0 },
                             { g_cancellable_get_fd (cancellable), POLLIN, 0 } };
  gint64 left_usec = MAX (0, end_usec - g_get_monotonic_time ());
  int n_ready;

  do
    n_ready = poll (polled, G_N_ELEMENTS (polled), (int) (left_usec / 1000));
  while (n_ready < 0 && errno == EINTR);
  if (polled[1].fd >= 0)
    g_cancellable_release_fd (cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s: stopped", name);
  else if (n_ready <= 0)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                 "%s: drawing this SVG takes more than %d seconds", name,
                 (int) (MAX_WAIT_USEC / G_USEC_PER_SEC));
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_output (GByteArray *png, int descriptor, const char *name, GCancellable *cancellable,
             GError **error)
{
  gint64 end_usec = g_get_monotonic_time () + MAX_WAIT_USEC;
  g_autofree guint8 *chunk = g_malloc (1 << 16);

  for (;;)
    {
      gssize n;

      if (!wait_for_output (descriptor, end_usec, name, cancellable, error))
        return FALSE;
      n = read (descriptor, chunk, 1 << 16);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return TRUE;
      if (png->len + (gsize) n > MAX_PNG_BYTES)
        {
          g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       "%s: the SVG picture cannot be drawn", name);
          return FALSE;
        }
      g_byte_array_append (png, chunk, (guint) n);
    }
}

GBytes *
gloss_svg_draw (const char *path, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) png = g_byte_array_new ();
  gboolean is_read;
  int descriptor, status = 0;
  GPid pid;

  if (!start (path, name, &pid, &descriptor, error))
    return NULL;
  is_read = read_output (png, descriptor, name, cancellable, error);
  close (descriptor);
  if (!is_read)
    kill (pid, SIGKILL);
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  g_spawn_close_pid (pid);
  if (!is_read)
    return NULL;
  /* It ends itself with 1 when it does not like the file; the rest are the limits. */
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0 && png->len > 0)
    return g_byte_array_free_to_bytes (g_steal_pointer (&png));
  if (WIFEXITED (status) && WEXITSTATUS (status) <= 1)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                 "%s: the SVG picture is damaged, has no size or cannot be drawn", name);
  else
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                 "%s: drawing this SVG takes more than %d seconds or %u MB of memory", name,
                 GLOSS_SVG_MAX_SECONDS, GLOSS_SVG_MAX_MEMORY_BYTES >> 20);
  return NULL;
}
