/* Whether the disk has room for a model before any of it is downloaded. */
#pragma once

#include "net/source.h"

G_BEGIN_DECLS

/*
 * Whether @files (GlossSourceFile), which make up a model and of which some may lie in @folder, fit
 * on its disk at every step: the files; what is unpacked of an archive, which then goes; and the
 * prepared file that is made of an npz, which then goes. Sizes that the source does not tell count
 * nothing. FALSE with G_IO_ERROR_NO_SPACE and all the figures. Any thread.
 */
gboolean gloss_install_check_space (const char *folder, const GPtrArray *files, GError **error);

G_END_DECLS
