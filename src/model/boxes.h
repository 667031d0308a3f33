/* Boxes in what the model says when it detects or segments. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Codes of a mask, a 4 × 4 grid, row-major. */
#define GLOSS_BOX_N_SEGMENTS 16

typedef struct
{
  char *label;        /* owned; "" when the model gave none */
  guint loc[4];       /* y0 x0 y1 x1 as said, 0 … 1023 */
  int y0, x0, y1, x1; /* in pixels of the picture; not ordered if the model did not */
  gboolean has_segments;
  guint8 segments[GLOSS_BOX_N_SEGMENTS]; /* 0 … 127 */
} GlossBox;

void gloss_box_free (GlossBox *box);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossBox, gloss_box_free)

/*
 * The objects in @text, such as "<loc0146><loc0000><loc0941><loc0868> orange ; …", for a picture of
 * @width_px × @height_px as shown: value/1024 × size, rounded half to even. Text between objects is
 * passed over, so any string will do. An array, perhaps empty, of GlossBox that it owns; newly
 * allocated. Any thread.
 */
GPtrArray *gloss_boxes_parse (const char *text, guint width_px, guint height_px);

G_END_DECLS
