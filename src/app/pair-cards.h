/* The first pairs of a set of data, as cards: a picture and its words. */
#pragma once

#include "dataset/pairs.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GLOSS_TYPE_PAIR_CARDS (gloss_pair_cards_get_type ())
G_DECLARE_FINAL_TYPE (GlossPairCards, gloss_pair_cards, GLOSS, PAIR_CARDS, GtkWidget)

/* Shows those of @pairs, which is not kept; NULL: none. Main thread; the pictures come later. */
void gloss_pair_cards_show (GlossPairCards *cards, const GlossPairs *pairs);

G_END_DECLS
