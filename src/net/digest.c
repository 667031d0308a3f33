/* Checksums of what is downloaded. */
#include "net/digest.h"

#include "base/error.h"
#include "base/i18n.h"
#include "net/crc32c.h"

#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <string.h>

/* Of all of them: SHA-256 and MD5 take that much at once. */
#define BLOCK_BYTES 64

G_STATIC_ASSERT (SHA256_BLOCK_SIZE == BLOCK_BYTES && MD5_BLOCK_SIZE == BLOCK_BYTES);

/* Nettle has them six times as fast as GLib, where the CPU helps, and lets the state be seen. */
struct _GlossDigest
{
  /* borrowed */
  const GlossDigests *expected;

  struct sha256_ctx sha256;
  struct md5_ctx md5;
  guint32 crc32c; /* inverted */

  guint64 n_bytes;
  guint32 whole_crc32c; /* the same of the whole blocks only */
};

void
gloss_digests_clear (GlossDigests *digests)
{
  g_clear_pointer (&digests->sha256, g_free);
  g_clear_pointer (&digests->md5, g_free);
  g_clear_pointer (&digests->crc32c, g_free);
}

gboolean
gloss_is_hex (const char *text, gsize n_digits)
{
  return strlen (text) == n_digits && strspn (text, "0123456789abcdefABCDEF") == n_digits;
}

/* @n_bytes in Base64 as hexadecimal digits, or NULL. */
static char *
read_base64 (const char *text, gsize n_bytes)
{
  gsize n_decoded;
  g_autofree guchar *decoded = NULL;
  GString *hex;

  if (strlen (text) > 64)
    return NULL;
  decoded = g_base64_decode (text, &n_decoded);
  if (n_decoded != n_bytes)
    return NULL;
  hex = g_string_new (NULL);
  for (gsize i = 0; i < n_bytes; i++)
    g_string_append_printf (hex, "%02x", decoded[i]);
  return g_string_free (hex, FALSE);
}

void
gloss_digests_add_goog_hash (GlossDigests *digests, const char *header)
{
  g_auto (GStrv) parts = g_strsplit (header, ",", 8);

  for (guint i = 0; parts[i]; i++)
    {
      const char *part = g_strstrip (parts[i]);

      if (g_str_has_prefix (part, "md5=") && !digests->md5)
        digests->md5 = read_base64 (part + strlen ("md5="), 16);
      else if (g_str_has_prefix (part, "crc32c=") && !digests->crc32c)
        digests->crc32c = read_base64 (part + strlen ("crc32c="), 4);
    }
}

GlossDigest *
gloss_digest_new (const GlossDigests *expected)
{
  GlossDigest *digest = g_new0 (GlossDigest, 1);

  digest->expected = expected;
  sha256_init (&digest->sha256);
  md5_init (&digest->md5);
  digest->crc32c = digest->whole_crc32c = 0xffffffffu;
  return digest;
}

void
gloss_digest_free (GlossDigest *digest)
{
  g_free (digest);
}

void
gloss_digest_update (GlossDigest *digest, const guint8 *data, gsize n_bytes)
{
  gsize n_open = (digest->n_bytes + n_bytes) % BLOCK_BYTES;

  if (digest->expected->sha256)
    sha256_update (&digest->sha256, n_bytes, data);
  if (digest->expected->md5)
    md5_update (&digest->md5, n_bytes, data);
  digest->n_bytes += n_bytes;
  if (!digest->expected->crc32c)
    return;
  if (n_open <= n_bytes)
    {
      gsize n_whole = n_bytes - n_open;

      digest->whole_crc32c = gloss_crc32c_update (digest->crc32c, data, n_whole);
      digest->crc32c = digest->whole_crc32c;
      data += n_whole;
      n_bytes = n_open;
    }
  digest->crc32c = gloss_crc32c_update (digest->crc32c, data, n_bytes);
}

static void
append_words (GString *text, const char *kind, const guint32 *words, guint n)
{
  g_string_append_printf (text, " %s=", kind);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%08x", words[i]);
}

char *
gloss_digest_save (const GlossDigest *digest)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%" G_GUINT64_FORMAT, digest->n_bytes / BLOCK_BYTES);
  if (digest->expected->sha256)
    append_words (text, "sha256", digest->sha256.state, 8);
  if (digest->expected->md5)
    append_words (text, "md5", digest->md5.state, 4);
  if (digest->expected->crc32c)
    append_words (text, "crc32c", &digest->whole_crc32c, 1);
  return g_string_free (text, FALSE);
}

/* The words of @kind among @parts. */
static gboolean
read_words (char **parts, const char *kind, guint32 *out, guint n)
{
  for (guint i = 0; parts[i]; i++)
    {
      gsize n_kind = strlen (kind);

      if (strncmp (parts[i], kind, n_kind) != 0 || parts[i][n_kind] != '='
          || !gloss_is_hex (parts[i] + n_kind + 1, 8 * n))
        continue;
      for (guint k = 0; k < n; k++)
        {
          g_autofree char *word = g_strndup (parts[i] + n_kind + 1 + 8 * k, 8);

          out[k] = (guint32) g_ascii_strtoull (word, NULL, 16);
        }
      return TRUE;
    }
  return FALSE;
}

gboolean
gloss_digest_restore (GlossDigest *digest, const char *saved, guint64 *out_bytes)
{
  g_auto (GStrv) parts = g_strsplit (saved, " ", 8);
  GlossDigest restored = *digest;
  guint64 n_blocks;

  if (!parts[0]
      || !g_ascii_string_to_unsigned (parts[0], 10, 1, G_MAXINT64 / BLOCK_BYTES, &n_blocks, NULL)
      || (digest->expected->sha256 && !read_words (parts + 1, "sha256", restored.sha256.state, 8))
      || (digest->expected->md5 && !read_words (parts + 1, "md5", restored.md5.state, 4))
      || (digest->expected->crc32c && !read_words (parts + 1, "crc32c", &restored.crc32c, 1)))
    return FALSE;
  restored.whole_crc32c = restored.crc32c;
  restored.sha256.count = restored.md5.count = n_blocks;
  restored.n_bytes = n_blocks * BLOCK_BYTES;
  *digest = restored;
  *out_bytes = restored.n_bytes;
  return TRUE;
}

static gboolean
check_hex (const char *kind, const char *got, const char *expected, GError **error)
{
  if (g_ascii_strcasecmp (got, expected) == 0)
    return TRUE;
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("the %s is %s, expected %s"), kind, got,
               expected);
  return FALSE;
}

static gboolean
check_bytes (const char *kind, const guint8 *bytes, gsize n_bytes, const char *expected,
             GError **error)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (gsize i = 0; i < n_bytes; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  return check_hex (kind, hex->str, expected, error);
}

gboolean
gloss_digest_check (GlossDigest *digest, GError **error)
{
  const GlossDigests *expected = digest->expected;
  g_autofree char *crc32c = g_strdup_printf ("%08x", ~digest->crc32c);
  guint8 sha256[SHA256_DIGEST_SIZE], md5[MD5_DIGEST_SIZE];

  sha256_digest (&digest->sha256, sizeof sha256, sha256);
  md5_digest (&digest->md5, sizeof md5, md5);
  return (!expected->sha256
          || check_bytes ("SHA-256", sha256, sizeof sha256, expected->sha256, error))
         && (!expected->md5 || check_bytes ("MD5", md5, sizeof md5, expected->md5, error))
         && (!expected->crc32c || check_hex ("CRC-32C", crc32c, expected->crc32c, error));
}
