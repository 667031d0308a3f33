/* Pictures that came without a file: pasted, or dragged out of a browser. */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/*
 * Saves @texture as a PNG in Gloss's own folder ($XDG_DATA_HOME/gloss/pasted), under a name that
 * its content gives it, so that the same picture is the same file and finds its captions again. The
 * result is a GFile. Fails with G_IO_ERROR. From the main thread; the work is done in another.
 */
void gloss_pasted_save_async (GdkTexture *texture, GAsyncReadyCallback callback,
                              gpointer user_data);
GFile *gloss_pasted_save_finish (GAsyncResult *result, GError **error);

/* Deletes the file @path if it is one of those, and does nothing otherwise. */
void gloss_pasted_delete (const char *path);

G_END_DECLS
