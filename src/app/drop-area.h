/* The whole window as a place to drop pictures on. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_DROP_AREA (gloss_drop_area_get_type ())
G_DECLARE_FINAL_TYPE (GlossDropArea, gloss_drop_area, GLOSS, DROP_AREA, GtkWidget)

/*
 * Property "child". While something hovers that can be taken a frame says so.
 *
 * Signals: "files" (GListModel of GFile) for dropped or pasted files and folders; "texture"
 * (GdkTexture) for a picture that is no file; "refused" (string or NULL) when what was dropped
 * cannot be had, as a folder in a sandbox: the string is its name.
 */

/* What the frame says, instead of what it says of pictures to caption. Translated; copied. */
void gloss_drop_area_set_words (GlossDropArea *area, const char *title, const char *hint);

/* Takes what @clipboard holds, with the same signals. FALSE, and nothing happens, when it holds
 * neither files nor a picture. */
gboolean gloss_drop_area_paste (GlossDropArea *area, GdkClipboard *clipboard);

G_END_DECLS
