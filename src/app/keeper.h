/* Keeps what is said about pictures: the window's hands on the store and the text files. */
#pragma once

#include "app/picture.h"

G_BEGIN_DECLS

#define GLOSS_TYPE_KEEPER (gloss_keeper_get_type ())
G_DECLARE_FINAL_TYPE (GlossKeeper, gloss_keeper, GLOSS, KEEPER, GObject)

/*
 * Everything is done in order by a thread of its own, and nothing here waits but the end.
 *
 * Signals: "problem" (string) with a sentence for the person; "loaded" when the pictures that were
 * given have their captions, "idle" when no more are to come; "sidecars-found" (string) when text
 * files lie in that folder, which has them not switched on. Main thread only.
 */
GlossKeeper *gloss_keeper_new (void);

/* Gives @pictures (GlossPicture) the captions that are kept. @first (or NULL) comes before them. */
void gloss_keeper_load (GlossKeeper *keeper, GPtrArray *pictures, GlossPicture *first);
gboolean gloss_keeper_is_loading (GlossKeeper *keeper);

/* Keeps the new caption of @picture, unless it was just forgotten: what was still being said about
 * it then is forgotten too. */
void gloss_keeper_save (GlossKeeper *keeper, GlossPicture *picture);

/* Keeps what the person typed: at once when @is_word_end, else when the typing rests. */
void gloss_keeper_edit (GlossKeeper *keeper, GlossPicture *picture, gboolean is_word_end);

/* Removes everything that is kept about @pictures, or only their histories; what they show is the
 * caller's. The last forgetting can be taken back: the pictures get their captions again. */
void gloss_keeper_forget (GlossKeeper *keeper, GPtrArray *pictures);
void gloss_keeper_restore (GlossKeeper *keeper);
void gloss_keeper_clear_history (GlossKeeper *keeper, GPtrArray *pictures);

/* Whether the captions of the folder of @picture are saved beside the pictures too, as far as is
 * known; and switching that, which writes the files of @pictures that lie there. "loaded" when it
 * is known. */
gboolean gloss_keeper_has_sidecars (GlossKeeper *keeper, GlossPicture *picture);
void gloss_keeper_set_sidecars (GlossKeeper *keeper, GlossPicture *picture, gboolean has_sidecars,
                                GPtrArray *pictures);

/* Returns when all that was to be kept is on the disk, and ends the thread; pictures that wait for
 * their captions no longer get them. Nothing may follow. */
void gloss_keeper_shut_down (GlossKeeper *keeper);

G_END_DECLS
