/* What a model of the catalogue takes of a machine. */
#pragma once

#include "library/catalogue.h"

G_BEGIN_DECLS

/* Bytes to download from the service @kind; and the most that lies on the disk at a time: an
 * archive and what is in it, or a file and what is prepared of it. A reckoning, not a promise. Any
 * thread.
 */
guint64 gloss_catalogue_get_download_bytes (const GlossCatalogueEntry *entry, GlossSourceKind kind);
guint64 gloss_catalogue_get_disk_bytes (const GlossCatalogueEntry *entry, GlossSourceKind kind);

/* Bytes of memory to caption with it: its weights and a usual job beside them. Any thread. */
guint64 gloss_catalogue_get_memory_bytes (const GlossCatalogueEntry *entry);

/* The entry for somebody who wants captions and does not know which: the newest that does tasks as
 * it is, at the quickest size, as far as it fits into @memory_bytes; else the smallest. */
const GlossCatalogueEntry *gloss_catalogue_recommend (guint64 memory_bytes);

G_END_DECLS
