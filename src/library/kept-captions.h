/*
 * The captions that are kept for a person: Gloss's own store, and the text files beside pictures
 * where the person wants them, agreeing with one another.
 *
 * The store holds everything. A text file that says something else was written by somebody: what is
 * newer is the caption, and the other goes to the history, so nothing is lost. Text files are
 * written only in folders for which that was switched on, and one that is not UTF-8, or that two
 * pictures would share, is left alone.
 */
#pragma once

#include "library/caption-store.h"

G_BEGIN_DECLS

typedef struct _GlossKeptCaptions GlossKeptCaptions;

/* What is kept about one picture. */
typedef struct
{
  GlossCaptionRecord *record; /* owned; NULL: it has no caption */
  GPtrArray *history;         /* owned GlossCaptionRecord, the newest first */
  gboolean has_sidecar;       /* a text file lies beside it */
} GlossKeptCaption;

void gloss_kept_caption_clear (GlossKeptCaption *kept);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossKeptCaption, gloss_kept_caption_clear)

/* Opens the store @path as gloss_caption_store_open () does. All of the following is for one thread
 * at a time, waits for the disk, and fails as the store does. */
GlossKeptCaptions *gloss_kept_captions_open (const char *path, char **out_set_aside,
                                             GError **error);
void gloss_kept_captions_free (GlossKeptCaptions *captions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossKeptCaptions, gloss_kept_captions_free)

/* Borrowed, for what concerns no text file: forgetting, histories. */
GlossCaptionStore *gloss_kept_captions_get_store (GlossKeptCaptions *captions);

/* Reads what is kept about @picture_path into @out. Its text file counts unless @shares_sidecar:
 * that of two pictures is neither's (see gloss_sidecar_find_sharers ()). A text file that cannot be
 * read is an error, after @out was filled with what the store has. */
gboolean gloss_kept_captions_load (GlossKeptCaptions *captions, const char *picture_path,
                                   gboolean shares_sidecar, GlossKeptCaption *out,
                                   GCancellable *cancellable, GError **error);

/*
 * Keeps @record as gloss_caption_store_set () does, or @text as gloss_caption_store_edit () does,
 * and writes the text file if the folder has them and the words are a caption: not what was found
 * or answered. @out_merged is TRUE when words of somebody else
 * were found in it and are in the history now: load again. When the caption is kept but its text
 * file could not be written they are FALSE with the reason (GLOSS_ERROR_MISMATCH: not UTF-8, or
 * shared with another picture).
 */
gboolean gloss_kept_captions_set (GlossKeptCaptions *captions, const char *picture_path,
                                  const GlossCaptionRecord *record, gboolean *out_merged,
                                  GError **error);
gboolean gloss_kept_captions_edit (GlossKeptCaptions *captions, const char *picture_path,
                                   const char *text, gboolean *out_merged, GError **error);

/* Whether the folder of @picture_path has text files switched on. */
gboolean gloss_kept_captions_has_sidecars (GlossKeptCaptions *captions, const char *picture_path);

/* Switches them on or off for the folder of @picture_path. Files that are there stay. */
gboolean gloss_kept_captions_set_sidecars (GlossKeptCaptions *captions, const char *picture_path,
                                           gboolean has_sidecars, GError **error);

/* Writes the text file of @picture_path, whose folder has them, with the caption that it has.
 * @sharer is the picture that would have the same one, or NULL (see gloss_sidecar_find_sharers ()).
 */
gboolean gloss_kept_captions_write_sidecar (GlossKeptCaptions *captions, const char *picture_path,
                                            const char *sharer, gboolean *out_merged,
                                            GError **error);

G_END_DECLS
