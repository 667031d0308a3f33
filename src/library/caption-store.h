/*
 * Gloss's own store of captions: one SQLite file, in which each picture has its caption and those
 * that it had before.
 *
 * A picture is found by its path, which is bytes and is made absolute. A path that is not known is
 * looked for by content (size, then SHA-256), so that moving and renaming lose nothing: the
 * captions go along when the old path is no more, and are copied when it still is. A known path
 * keeps its captions whatever happens to the content. A picture that cannot be read, or is no more,
 * is known by its path alone.
 *
 * What a call has returned TRUE for is on the disk and survives a crash and a power cut. Several
 * programs may have the store open at once. All calls block, for the disk and at most some seconds
 * for another program, so they belong on a worker thread; one store may be used from any thread.
 *
 * Failures are G_IO_ERROR (the disk is full, nothing can be written there, another program does not
 * let go), GLOSS_ERROR_FORMAT (damaged, or text that is not UTF-8), GLOSS_ERROR_TOO_LARGE,
 * GLOSS_ERROR_CHANGED (the file was moved away while in use; open it again) and
 * G_IO_ERROR_CANCELLED. Then nothing has changed. Messages begin with the base name of the file.
 */
#pragma once

#include "library/caption-record.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The longest text of each kind in a record. */
#define GLOSS_CAPTION_MAX_BYTES ((gsize) 1 << 20)

/* The most earlier captions of a picture that gloss_caption_store_load () gives; the newest. */
#define GLOSS_CAPTION_MAX_HISTORY 1000

typedef struct _GlossCaptionStore GlossCaptionStore;

/* $XDG_DATA_HOME/gloss/captions.sqlite, newly allocated. Any thread. */
char *gloss_caption_store_get_default_path (void);

/*
 * Opens the store @path, and makes it, with its folder, when there is none. Only its owner may read
 * it. A link is followed. A file that is damaged or that a newer Gloss wrote is not touched but set
 * aside under another name beside it, and a new store is begun; @out_set_aside (may be NULL) then
 * gets a sentence that says so and where it went, newly allocated, else NULL.
 */
GlossCaptionStore *gloss_caption_store_open (const char *path, char **out_set_aside,
                                             GError **error);
void gloss_caption_store_free (GlossCaptionStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossCaptionStore, gloss_caption_store_free)

/*
 * The captions of a picture: the current one, NULL when it has none, and in @out_history a new
 * array of GlossCaptionRecord with those before it, the newest first. The current one may be empty:
 * a model said nothing, or the person removed the text. Either may be NULL. This is also when a
 * picture that was moved is found again. Where nothing can be written, reading still works.
 */
gboolean gloss_caption_store_load (GlossCaptionStore *store, const char *picture_path,
                                   GlossCaptionRecord **out_current, GPtrArray **out_history,
                                   GCancellable *cancellable, GError **error);

/*
 * Makes @record, whose id does not matter, the current caption; what was current goes to the
 * history unless it is empty. A text that is there already is not added twice but becomes current,
 * made as @record says; where that says only that it stood in a sidecar, what was known about it
 * stays. So an earlier caption is taken back by setting it.
 */
gboolean gloss_caption_store_set (GlossCaptionStore *store, const char *picture_path,
                                  const GlossCaptionRecord *record, GCancellable *cancellable,
                                  GError **error);

/*
 * The person has changed the current caption to @text. The first time, what was current goes to the
 * history unless it is empty; from then on, until another caption is set or the store is closed,
 * the text is replaced. Model, prompt and note stay those of what was edited. Edited back to a text
 * in the history, that one becomes current again, as it was.
 */
gboolean gloss_caption_store_edit (GlossCaptionStore *store, const char *picture_path,
                                   const char *text, GCancellable *cancellable, GError **error);

/* Removes the history of a picture, of all when @picture_path is NULL, from the disk too. Where the
 * file cannot be built anew just then, its traces are removed when the store is opened next. */
gboolean gloss_caption_store_clear_history (GlossCaptionStore *store, const char *picture_path,
                                            GError **error);

/* What is known of a picture at a glance. */
typedef enum
{
  GLOSS_CAPTION_STATE_NONE = 0,
  GLOSS_CAPTION_STATE_HAS_TEXT = 1 << 0,
  GLOSS_CAPTION_STATE_IS_EDITED = 1 << 1, /* never without text */
} GlossCaptionState;

/* Sets the @n elements of @out_states to the state of each of @paths, by path alone: one that was
 * moved has none until it is loaded. NONE also where the store cannot be read. */
void gloss_caption_store_peek (GlossCaptionStore *store, const char *const *paths, guint n,
                               guint8 *out_states);

/* Whether captions of pictures in @folder are also to be saved beside them: as was set, else
 * FALSE; also when the store cannot be read. */
gboolean gloss_caption_store_get_folder_sidecars (GlossCaptionStore *store, const char *folder);
gboolean gloss_caption_store_set_folder_sidecars (GlossCaptionStore *store, const char *folder,
                                                  gboolean has_sidecars, GError **error);

/* What was forgotten, in memory only. */
typedef struct _GlossForgottenCaptions GlossForgottenCaptions;

/*
 * Removes all that is kept about the pictures @paths (NULL-terminated), from the disk too, as
 * above. Those that are not known are passed over, and what was chosen for their folders stays.
 * @out_forgotten (may be NULL) gets what was removed, newly allocated, so that it can be undone.
 */
gboolean gloss_caption_store_forget (GlossCaptionStore *store, const char *const *paths,
                                     GlossForgottenCaptions **out_forgotten, GError **error);

/* Puts @forgotten back. Where a picture has got captions since, these stay and the old ones are its
 * history. Doing it twice changes nothing. */
gboolean gloss_caption_store_restore (GlossCaptionStore *store,
                                      const GlossForgottenCaptions *forgotten, GError **error);

/* How many pictures were forgotten. Any thread. */
guint gloss_forgotten_captions_get_n_pictures (const GlossForgottenCaptions *forgotten);
void gloss_forgotten_captions_free (GlossForgottenCaptions *forgotten);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossForgottenCaptions, gloss_forgotten_captions_free)

G_END_DECLS
