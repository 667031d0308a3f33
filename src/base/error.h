/* The one error domain of the core, its codes named for what the caller does next. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * GlossError:
 * @GLOSS_ERROR_FORMAT: the file is damaged or is not what its name says; get it again.
 * @GLOSS_ERROR_UNSUPPORTED: the file is sound, but Gloss does not do this; choose another.
 * @GLOSS_ERROR_TOO_LARGE: beyond a limit, or it does not fit into memory; choose a smaller one.
 * @GLOSS_ERROR_MISMATCH: two parts that must fit together do not; choose the matching one.
 * @GLOSS_ERROR_CHANGED: a file changed while it was in use; start again.
 * @GLOSS_ERROR_DIVERGED: numbers have grown beyond all bounds; choose gentler options.
 *
 * Files that cannot be read are reported in G_IO_ERROR, cancellation as G_IO_ERROR_CANCELLED.
 */
typedef enum
{
  GLOSS_ERROR_FORMAT,
  GLOSS_ERROR_UNSUPPORTED,
  GLOSS_ERROR_TOO_LARGE,
  GLOSS_ERROR_MISMATCH,
  GLOSS_ERROR_CHANGED,
  GLOSS_ERROR_DIVERGED,
} GlossError;

#define GLOSS_ERROR (gloss_error_quark ())
GQuark gloss_error_quark (void);

G_END_DECLS
