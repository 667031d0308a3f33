/* What the fuzz targets share. A target is one file with libFuzzer's function for one input. */
#pragma once

#include "weights/weights.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Called by libFuzzer, and by replay.c for each kept input. Aborts when a property does not hold.
 */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

/* libFuzzer's, for custom mutators: changes the @n_bytes at @data, at most to @max_bytes, and
 * returns how many there are then. */
gsize LLVMFuzzerMutate (guint8 *data, gsize n_bytes, gsize max_bytes);
gsize LLVMFuzzerCustomMutator (guint8 *data, gsize n_bytes, gsize max_bytes, guint seed);

/* A folder for the files of this process, below TMPDIR; borrowed. */
const char *fuzz_get_folder (void);

/* Writes the file @name in that folder anew; its path, newly allocated. */
char *fuzz_write (const char *name, gconstpointer data, gsize n_bytes);

/* Maps @path; under the address sanitizer the rest of its last page is out of bounds until
 * fuzz_unmap (). NULL when the file is empty. */
GlossMappedFile *fuzz_map (const char *path);
void fuzz_unmap (GlossMappedFile *file);

/* A copy with nothing readable behind it, NUL added when @is_text; newly allocated. */
gpointer fuzz_copy (gconstpointer data, gsize n_bytes, gboolean is_text);

/* That @error is set with one of the engine's domains and a message that can be shown. Clears it.
 */
void fuzz_assert_error (GError **error);

/* That @view has a name, a possible shape, and bytes that all lie in @data … @data + @n_bytes;
 * each of them is read. */
void fuzz_assert_view (const GlossTensorView *view, const guint8 *data, gsize n_bytes);

/* That the shape of @view needs just its bytes. */
void fuzz_assert_shape (const GlossTensorView *view);

/* One weight file: its reader's promises, then those of gloss_weights_open (). @check_views (may be
 * NULL) gets what the reader accepted. */
typedef gboolean (*FuzzAppendViews) (GlossMappedFile *file, GStringChunk *strings, GArray *views,
                                     GError **error);
typedef void (*FuzzCheckViews) (GlossMappedFile *file, const GArray *views);
void fuzz_weight_file (const char *name, const guint8 *data, gsize n_bytes,
                       FuzzAppendViews append_views, FuzzCheckViews check_views);

/* What gloss_weights_open () says about @path; NULL when it was refused with a good reason. */
GlossWeights *fuzz_open_weights (const char *path);

G_END_DECLS
