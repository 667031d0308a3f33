/* Checksums of what is downloaded, as far as somebody says what they should be. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is expected; each may be NULL: unknown. All owned. */
typedef struct
{
  char *sha256; /* 64 hexadecimal digits */
  char *md5;    /* 32 hexadecimal digits */
  char *crc32c; /* 8 hexadecimal digits, the highest first */
} GlossDigests;

void gloss_digests_clear (GlossDigests *digests);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossDigests, gloss_digests_clear)

/* Adds to @digests, where it knows none, what Google's header x-goog-hash says:
 * "crc32c=BASE64,md5=BASE64". What is malformed is left out. Any thread. */
void gloss_digests_add_goog_hash (GlossDigests *digests, const char *header);

/* Whether @text is @n_digits hexadecimal digits. */
gboolean gloss_is_hex (const char *text, gsize n_digits);

/* The running checksums of a file. */
typedef struct _GlossDigest GlossDigest;

/* Computes just those that @expected has, which is borrowed. */
GlossDigest *gloss_digest_new (const GlossDigests *expected);
void gloss_digest_free (GlossDigest *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossDigest, gloss_digest_free)
void gloss_digest_update (GlossDigest *digest, const guint8 *data, gsize n_bytes);

/* How far @digest is, in whole blocks of 64 bytes, as a text to go on with at another time; newly
 * allocated. It holds no more than the checksums themselves do, and no memory of a library's. */
char *gloss_digest_save (const GlossDigest *digest);

/* Goes on from what was @saved, as if the first *@out_bytes had been added to the new @digest.
 * FALSE, and @digest as it was, when that is no such text or lacks one of the checksums. */
gboolean gloss_digest_restore (GlossDigest *digest, const char *saved, guint64 *out_bytes);

/* Whether all are as expected; ends @digest. FALSE with GLOSS_ERROR_FORMAT. */
gboolean gloss_digest_check (GlossDigest *digest, GError **error);

G_END_DECLS
