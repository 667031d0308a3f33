/* CRC-32C, the checksum of Google's storage. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Goes on with @crc, which is 0xffffffff at first; the checksum is the inverse of the last. Any
 * thread. */
guint32 gloss_crc32c_update (guint32 crc, const guint8 *data, gsize n_bytes);

G_END_DECLS
