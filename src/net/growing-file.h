/*
 * A file that is being written, for those who read it in other threads at the same time: they wait
 * at its end for more, and are told when it begins anew.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _GlossGrowingFile GlossGrowingFile;

/* Empty, and of no file yet. Any thread, as for all of these. */
GlossGrowingFile *gloss_growing_file_new (void);
GlossGrowingFile *gloss_growing_file_ref (GlossGrowingFile *file);
void gloss_growing_file_unref (GlossGrowingFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossGrowingFile, gloss_growing_file_unref)

/* For the one who writes. From now on it is what lies in @descriptor, which is duplicated (-1: what
 * it was), of which @n_bytes are there. To be called before anything that was there is changed. */
void gloss_growing_file_begin (GlossGrowingFile *file, int descriptor, guint64 n_bytes);
void gloss_growing_file_advance (GlossGrowingFile *file, guint64 n_bytes);
/* Nothing more comes, unless it begins anew: because that is all, or because it was given up. */
void gloss_growing_file_end (GlossGrowingFile *file, gboolean is_whole);

/* Whether it ended, and whole. */
gboolean gloss_growing_file_is_whole (GlossGrowingFile *file);

/* For those who read, each at a place of his own, which is the beginning at first. */
typedef struct _GlossGrowingReader GlossGrowingReader;

GlossGrowingReader *gloss_growing_reader_new (GlossGrowingFile *file);
void gloss_growing_reader_free (GlossGrowingReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossGrowingReader, gloss_growing_reader_free)

/*
 * Reads on, waiting for as long as there is nothing more. 0 at the end of the whole file. -1 with
 * GLOSS_ERROR_CHANGED when what was read is no part of the file any more: the next call reads from
 * the beginning; -1 with G_IO_ERROR_CANCELLED after gloss_growing_reader_stop () and when the file
 * was given up, or with G_IO_ERROR.
 */
gssize gloss_growing_reader_read (GlossGrowingReader *reader, guint8 *out, gsize n_bytes,
                                  GError **error);

/* Skips the first @n_bytes. Before the first read. */
void gloss_growing_reader_skip (GlossGrowingReader *reader, guint64 n_bytes);

/* Whether what was read is part of what the file is now. */
gboolean gloss_growing_reader_is_current (GlossGrowingReader *reader);

/* Ends this reader's waiting, now and later; from another thread. */
void gloss_growing_reader_stop (GlossGrowingReader *reader);

G_END_DECLS
