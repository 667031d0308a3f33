/* Programs that get what is not trusted: processes of their own, under limits. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_LIMITED_WORK_DRAW,
  GLOSS_LIMITED_WORK_DECODE,
} GlossLimitedWork;

/* What to run, on which file, and how far it may go. All of it is borrowed until the program is
 * freed. */
typedef struct
{
  const char *const *argv;   /* NULL at the end; a program without "/" is looked for in the PATH */
  const char *path;          /* the file that it gets as its standard input */
  const char *name;          /* what messages call the file: "a.svg" */
  const char *kind;          /* and what they say that it is: "SVG" */
  GlossLimitedWork work;     /* what they say that is done with it */
  guint64 max_memory_bytes;  /* of address space, with its libraries and stacks */
  guint max_seconds;         /* of computing; a busy machine gets six times as long for them */
  GCancellable *cancellable; /* or NULL */
} GlossLimitedRun;

typedef struct _GlossLimitedProgram GlossLimitedProgram;

/*
 * Starts the program in the folder "/", with its messages thrown away. NULL with G_IO_ERROR when
 * the file cannot be read or the program not be started. Any thread, as for all of these, but one
 * at a time.
 */
GlossLimitedProgram *gloss_limited_program_start (const GlossLimitedRun *run, GError **error);

/*
 * Waits for the next @n_bytes of its standard output, and puts them into @out. Fewer (or 0) when
 * the output ends before. -1 with G_IO_ERROR_CANCELLED, which comes at once, or
 * GLOSS_ERROR_TOO_LARGE when it takes too long.
 */
gssize gloss_limited_program_read (GlossLimitedProgram *program, guint8 *out, gsize n_bytes,
                                   GError **error);

/*
 * After the end of its output: waits for its own end, and puts its exit status into @out_status.
 * FALSE when it did not end by itself: GLOSS_ERROR_TOO_LARGE (a limit), GLOSS_ERROR_FORMAT (it
 * crashed) or G_IO_ERROR_CANCELLED.
 */
gboolean gloss_limited_program_finish (GlossLimitedProgram *program, int *out_status,
                                       GError **error);

/* Ends the program if it still runs. */
void gloss_limited_program_free (GlossLimitedProgram *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossLimitedProgram, gloss_limited_program_free)

G_END_DECLS
