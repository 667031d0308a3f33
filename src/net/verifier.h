/* The checksums of a file, computed in a thread of its own while the file still grows. */
#pragma once

#include "net/digest.h"
#include "net/growing-file.h"

G_BEGIN_DECLS

typedef struct _GlossVerifier GlossVerifier;

/* Begins with @file as it is now; a file that begins anew needs a new one. @expected, which is
 * copied, says which checksums. @saved (or NULL) is what gloss_verifier_save () gave for what are
 * the first bytes of @file: where that is of use the verifier goes on from there. One thread, as
 * for all of these. */
GlossVerifier *gloss_verifier_new (GlossGrowingFile *file, const GlossDigests *expected,
                                   const char *saved);
void gloss_verifier_free (GlossVerifier *verifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossVerifier, gloss_verifier_free)

/* Whether it computes just the checksums of @expected. */
gboolean gloss_verifier_is_for (const GlossVerifier *verifier, const GlossDigests *expected);

/* Whether it went on from what was saved. */
gboolean gloss_verifier_is_restored (const GlossVerifier *verifier);

/* Ends it, and says how far it came, for gloss_verifier_new (): newly allocated, or NULL when it is
 * not worth it. Not after gloss_verifier_finish (). */
char *gloss_verifier_save (GlossVerifier *verifier);

/*
 * Waits until it is through with the file, which is whole now, and says whether all checksums are
 * as expected. Once. FALSE as gloss_digest_check () and gloss_growing_reader_read () fail, and with
 * G_IO_ERROR_CANCELLED, soon, for @cancellable (or NULL).
 */
gboolean gloss_verifier_finish (GlossVerifier *verifier, GCancellable *cancellable, GError **error);

G_END_DECLS
