/* The captions that a person edited, as data to learn from. */
#pragma once

#include "dataset/pairs.h"
#include "library/caption-store.h"

G_BEGIN_DECLS

/*
 * The pictures of @store whose current caption was edited, by their paths, with the prompt that the
 * model was given, where one was. Pictures that are gone are counted as GLOSS_PAIRS_NO_PICTURE;
 * one that was moved is found again when its captions are loaded, not here. NULL as the store
 * fails, or with G_IO_ERROR_CANCELLED. Any thread; it waits for the disk.
 */
GlossPairs *gloss_edited_pairs_read (GlossCaptionStore *store, GCancellable *cancellable,
                                     GError **error);

/* The same of the store that is this person's; G_IO_ERROR_NOT_FOUND when there is none yet. */
GlossPairs *gloss_edited_pairs_read_default (GCancellable *cancellable, GError **error);

G_END_DECLS
