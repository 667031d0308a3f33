/* Which of the files that a source has make up a model. */
#pragma once

#include "net/source.h"

G_BEGIN_DECLS

/* The file names that make up a model, chosen from @files (GlossSourceFile): a new array that
 * borrows from it. NULL with GLOSS_ERROR_UNSUPPORTED. Any thread, as for the other. */
GPtrArray *gloss_install_choose_files (const GPtrArray *files, GError **error);

/* The archive among @files, of which there is one at most; borrowed, or NULL. An npz is a zip
 * archive too, and stays as it is. */
GlossSourceFile *gloss_install_find_archive (const GPtrArray *files);

G_END_DECLS
