/* CRC-32C, the checksum of Google's storage. */
#include "net/crc32c.h"

#include <string.h>

/* Castagnoli's polynomial, bits reversed (RFC 3720, appendix B.4). */
#define CRC32C_POLYNOMIAL 0x82f63b78u

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
guint32
gloss_crc32c_update (guint32 crc, const guint8 *data, gsize n_bytes)
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
