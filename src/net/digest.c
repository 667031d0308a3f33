/* Checksums of what is downloaded. */
#include "net/digest.h"

#include "base/error.h"
#include "base/i18n.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

/* Castagnoli's polynomial, bits reversed (RFC 3720, appendix B.4). */
#define CRC32C_POLYNOMIAL 0x82f63b78u

struct _GlossDigest
{
  /* borrowed */
  const GlossDigests *expected;

  /* owned; GnuTLS has them six times as fast as GLib, where the CPU helps */
  gnutls_hash_hd_t sha256; /* or NULL */
  gnutls_hash_hd_t md5;    /* or NULL */
  guint32 crc32c;          /* inverted */
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

static const guint32 *
get_crc32c_table (void)
{
  static guint32 table[8][256];
  static gsize is_made = 0;

  if (g_once_init_enter (&is_made))
    {
      for (guint i = 0; i < 256; i++)
        {
          guint32 value = i;

          for (guint bit = 0; bit < 8; bit++)
            value = (value >> 1) ^ (value & 1 ? CRC32C_POLYNOMIAL : 0);
          table[0][i] = value;
        }
      for (guint i = 0; i < 256; i++)
        {
          for (guint k = 1; k < 8; k++)
            table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
        }
      g_once_init_leave (&is_made, 1);
    }
  return &table[0][0];
}

/* Eight bytes at a time by eight tables: a byte's share of the result depends on its place only. */
static guint32
update_crc32c (guint32 crc, const guint8 *data, gsize n_bytes)
{
  const guint32 *table = get_crc32c_table ();

  for (; n_bytes >= 8; data += 8, n_bytes -= 8)
    {
      guint32 low, high;

      memcpy (&low, data, 4);
      memcpy (&high, data + 4, 4);
      low = GUINT32_FROM_LE (low) ^ crc;
      high = GUINT32_FROM_LE (high);
      crc = table[7 * 256 + (low & 0xff)] ^ table[6 * 256 + ((low >> 8) & 0xff)]
            ^ table[5 * 256 + ((low >> 16) & 0xff)] ^ table[4 * 256 + (low >> 24)]
            ^ table[3 * 256 + (high & 0xff)] ^ table[2 * 256 + ((high >> 8) & 0xff)]
            ^ table[256 + ((high >> 16) & 0xff)] ^ table[high >> 24];
    }
  for (; n_bytes > 0; data++, n_bytes--)
    crc = (crc >> 8) ^ table[(crc ^ *data) & 0xff];
  return crc;
}

GlossDigest *
gloss_digest_new (const GlossDigests *expected)
{
  GlossDigest *digest = g_new0 (GlossDigest, 1);

  digest->expected = expected;
  /* it fails only where a policy of the system forbids the hash, as some forbid MD5 */
  if (expected->sha256)
    gnutls_hash_init (&digest->sha256, GNUTLS_DIG_SHA256);
  if (expected->md5)
    gnutls_hash_init (&digest->md5, GNUTLS_DIG_MD5);
  digest->crc32c = 0xffffffffu;
  return digest;
}

void
gloss_digest_free (GlossDigest *digest)
{
  if (digest->sha256)
    gnutls_hash_deinit (digest->sha256, NULL);
  if (digest->md5)
    gnutls_hash_deinit (digest->md5, NULL);
  g_free (digest);
}

void
gloss_digest_update (GlossDigest *digest, const guint8 *data, gsize n_bytes)
{
  if (digest->sha256)
    gnutls_hash (digest->sha256, data, n_bytes);
  if (digest->md5)
    gnutls_hash (digest->md5, data, n_bytes);
  if (digest->expected->crc32c)
    digest->crc32c = update_crc32c (digest->crc32c, data, n_bytes);
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

/* Ends @hash, of @n_bytes. */
static gboolean
check_hash (const char *kind, gnutls_hash_hd_t *hash, gsize n_bytes, const char *expected,
            GError **error)
{
  guint8 bytes[32];
  char hex[2 * sizeof bytes + 1];

  gnutls_hash_deinit (*hash, bytes);
  *hash = NULL;
  for (gsize i = 0; i < n_bytes; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", bytes[i]);
  return check_hex (kind, hex, expected, error);
}

gboolean
gloss_digest_check (GlossDigest *digest, GError **error)
{
  const GlossDigests *expected = digest->expected;
  g_autofree char *crc32c = g_strdup_printf ("%08x", ~digest->crc32c);

  if (expected->sha256 && !digest->sha256)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           _ ("this machine cannot compute SHA-256, so nothing can be verified"));
      return FALSE;
    }
  return (!digest->sha256 || check_hash ("SHA-256", &digest->sha256, 32, expected->sha256, error))
         && (!digest->md5 || check_hash ("MD5", &digest->md5, 16, expected->md5, error))
         && (!expected->crc32c || check_hex ("CRC-32C", crc32c, expected->crc32c, error));
}
