/* The picture, large: fitted or zoomed, with boxes on top. */
#pragma once

#include "app/shared-image.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_PICTURE_VIEW (gloss_picture_view_get_type ())
G_DECLARE_FINAL_TYPE (GlossPictureView, gloss_picture_view, GLOSS, PICTURE_VIEW, GtkWidget)

/*
 * Main thread only. Signal "box-lit" (int): the person points at that box, −1 at none.
 */

/* Shows @image, fitted and without boxes; NULL for none yet. Keeps a reference. */
void gloss_picture_view_set_image (GlossPictureView *view, GlossSharedImage *image);

/* Says in its place that there is a picture and it cannot be read. */
void gloss_picture_view_show_broken (GlossPictureView *view);

/* The keyboard is at the picture. */
void gloss_picture_view_focus (GlossPictureView *view);

/* What a screen reader says of the picture: its name and its caption. */
void gloss_picture_view_set_words (GlossPictureView *view, const char *name, const char *caption);

/* Objects found in the picture, GlossBox in its pixels (see model/boxes.h); NULL or empty for none.
 * Keeps a reference. The box @lit (−1: none) is drawn stronger. */
void gloss_picture_view_set_boxes (GlossPictureView *view, GPtrArray *boxes);
void gloss_picture_view_set_lit_box (GlossPictureView *view, int lit);

/* Shows what a model with an input of @side_px × @side_px sees instead of the picture; 0 shows the
 * picture again. */
void gloss_picture_view_set_model_side_px (GlossPictureView *view, guint side_px);

void gloss_picture_view_fit (GlossPictureView *view);
void gloss_picture_view_zoom_to_full (GlossPictureView *view); /* one pixel for one pixel */
void gloss_picture_view_zoom_in (GlossPictureView *view);
void gloss_picture_view_zoom_out (GlossPictureView *view);

G_END_DECLS
