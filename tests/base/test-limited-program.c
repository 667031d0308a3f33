/* Programs under limits: what they get and give, and every way in which they may end. */
#include "base/limited-program.h"

#include "base/error.h"
#include "support/asserts.h"

#include <string.h>

/* Runs @script on a file that holds "input"; NULL with @error when it comes to no end of its own.
 */
static char *
run (const char *script, guint max_seconds, GCancellable *cancellable, int *out_status,
     GError **error)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = g_build_filename (folder, "a.txt", NULL);
  const char *const argv[] = { "sh", "-c", script, NULL };
  g_autoptr (GlossLimitedProgram) program = NULL;
  char output[64] = "";
  gboolean is_done = FALSE;

  g_assert_true (g_file_set_contents (path, "input", -1, NULL));
  program = gloss_limited_program_start (&(GlossLimitedRun){ .argv = argv,
                                                             .path = path,
                                                             .name = "a.txt",
                                                             .kind = "SVG",
                                                             .work = GLOSS_LIMITED_WORK_DRAW,
                                                             .max_memory_bytes = 64 << 20,
                                                             .max_seconds = max_seconds,
                                                             .cancellable = cancellable },
                                         error);
  g_assert_nonnull (program);
  if (gloss_limited_program_read (program, (guint8 *) output, sizeof output - 1, error) >= 0)
    is_done = gloss_limited_program_finish (program, out_status, error);
  gloss_test_folder_remove (folder);
  return is_done ? g_strdup (output) : NULL;
}

static void
test_program_should_run_under_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  int status = 0;

  output = run ("cat; printf ' %s %s %s ' $(ulimit -v) $(ulimit -t) $(ulimit -c); pwd; exit 3", 7,
                NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "input 65536 7 0 /\n");
  g_assert_cmpint (status, ==, 3);
}

static void
test_every_bad_end_should_be_told (void)
{
  const struct
  {
    const char *script;
    guint max_seconds;
    GlossError code;
    const char *part;
  } cases[] = {
    { "while :; do :; done", 1, GLOSS_ERROR_TOO_LARGE,
      "a.txt: drawing this SVG takes more than 1 seconds or 64 MB of memory" },
    { "kill -ABRT $$", 9, GLOSS_ERROR_TOO_LARGE, "takes more than 9 seconds or 64 MB of memory" },
    { "kill -SEGV $$", 9, GLOSS_ERROR_FORMAT, "a.txt: drawing this SVG ended in a crash" },
    { "exec sleep 60", 0, GLOSS_ERROR_TOO_LARGE,
      "a.txt: drawing this SVG takes more than 0 seconds" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      int status;

      g_assert_null (run (cases[i].script, cases[i].max_seconds, NULL, &status, &error));
      gloss_assert_error_says (&error, GLOSS_ERROR, cases[i].code, cases[i].part);
    }
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (100 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* While it is read, and while its end is waited for. */
static void
test_cancel_should_end_it (void)
{
  const char *const scripts[] = { "exec sleep 60", "exec >&-; exec sleep 60" };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);
      gint64 start_usec = g_get_monotonic_time ();
      int status;

      g_assert_null (run (scripts[i], 9, cancellable, &status, &error));
      gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "a.txt: stopped");
      g_assert_cmpint (g_get_monotonic_time () - start_usec, <, 2 * G_USEC_PER_SEC);
      g_thread_join (thread);
    }
}

static void
test_what_cannot_start_should_be_told (void)
{
  const char *const missing[] = { "/nowhere/a-program", NULL };
  const char *const there[] = { "sh", NULL };
  GlossLimitedRun limited = { .argv = missing,
                              .path = "/dev/null",
                              .name = "a.txt",
                              .kind = "SVG",
                              .work = GLOSS_LIMITED_WORK_DRAW,
                              .max_memory_bytes = 64 << 20,
                              .max_seconds = 9 };
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_limited_program_start (&limited, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           "a.txt: drawing this SVG needs a program that cannot be started (");
  limited.argv = there;
  limited.path = "/nowhere/a.txt";
  g_assert_null (gloss_limited_program_start (&limited, &error));
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "a.txt: the file cannot be read");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/limited-program/program/should-run-under-limits",
                   test_program_should_run_under_limits);
  g_test_add_func ("/base/limited-program/bad-ends/should-be-told",
                   test_every_bad_end_should_be_told);
  g_test_add_func ("/base/limited-program/cancel/should-end-it", test_cancel_should_end_it);
  g_test_add_func ("/base/limited-program/failed-start/should-be-told",
                   test_what_cannot_start_should_be_told);
  return g_test_run ();
}
