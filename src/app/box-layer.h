/* The boxes of found objects, drawn over their picture. */
#pragma once

#include <graphene.h>
#include <pango/pango.h>
#include <cairo.h>

G_BEGIN_DECLS

/* Text can hold any number of boxes; no more than this many are drawn and found. */
#define GLOSS_BOX_LAYER_MAX 128

/* What to draw, all borrowed. Rectangles are in the view's pixels; any thread. */
typedef struct
{
  const GPtrArray *boxes; /* GlossBox in the picture's pixels, perhaps inside out */
  guint picture_width_px;
  guint picture_height_px;
  graphene_rect_t picture; /* where the whole picture lies, or what stands for it */
  graphene_rect_t view;    /* what is seen; nothing is drawn outside */
  int lit;                 /* the box that is drawn stronger, the others weaker; −1: all alike */
} GlossBoxLayer;

/* Outlines with name tags; @context is for the tags' text. */
void gloss_box_layer_draw (const GlossBoxLayer *layer, cairo_t *cr, PangoContext *context);

/* The smallest box at @x, @y of the view, or −1. */
int gloss_box_layer_find (const GlossBoxLayer *layer, double x, double y);

/* Where box @index lies in the view, right way out. */
graphene_rect_t gloss_box_layer_get_rect (const GlossBoxLayer *layer, guint index);

/*
 * Where a tag of @width × @height goes: at a corner of @box, inside @view whatever the box does,
 * and not over the @n_taken tags @taken if there is another place. Empty when nothing of @box is in
 * @view. A tag larger than @view begins in its corner.
 */
graphene_rect_t gloss_box_layer_place_tag (const graphene_rect_t *box, const graphene_rect_t *view,
                                           float width, float height, const graphene_rect_t *taken,
                                           guint n_taken);

G_END_DECLS
