/* A held-out picture with what two models say about it. */
#pragma once

#include "app/thumbnailer.h"
#include "base/json.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_TUNE_PICTURE_ROW (gloss_tune_picture_row_get_type ())
G_DECLARE_FINAL_TYPE (GlossTunePictureRow, gloss_tune_picture_row, GLOSS, TUNE_PICTURE_ROW,
                      GtkListBoxRow)

/*
 * @picture is one of the "pictures" of a report, see gloss_quality_report_make_json (), and read
 * here only; @base_name is the base's, to show. @thumbnailer is borrowed and outlives the row; it
 * makes the picture at @position. Main thread only.
 */
GtkWidget *gloss_tune_picture_row_new (json_t *picture, const char *base_name,
                                       GlossThumbnailer *thumbnailer, guint position);

G_END_DECLS
