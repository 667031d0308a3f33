/* The checksums of a file, computed in a thread of its own while the file still grows. */
#pragma once

#include "net/digest.h"
#include "net/growing-file.h"

G_BEGIN_DECLS

typedef struct _GlossVerifier GlossVerifier;

/* Begins with @file as it is now; a file that begins anew needs a new one. @expected, which is
 * copied, says which checksums. One thread, as for all of these. */
GlossVerifier *gloss_verifier_new (GlossGrowingFile *file, const GlossDigests *expected);
void gloss_verifier_free (GlossVerifier *verifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossVerifier, gloss_verifier_free)

/* Whether it computes just the checksums of @expected. */
gboolean gloss_verifier_is_for (const GlossVerifier *verifier, const GlossDigests *expected);

/*
 * Waits until it is through with the file, which is whole now, and says whether all checksums are
 * as expected. Once. FALSE as gloss_digest_check () and gloss_growing_reader_read () fail, and with
 * G_IO_ERROR_CANCELLED, soon, for @cancellable (or NULL).
 */
gboolean gloss_verifier_finish (GlossVerifier *verifier, GCancellable *cancellable, GError **error);

G_END_DECLS
