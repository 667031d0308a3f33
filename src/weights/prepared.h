/*
 * Reader of Gloss's own weight files, which gloss-cli prepare makes; the rest of the core goes
 * through weights.h. All numbers are little-endian:
 *
 *   0   8  magic: 89 "GLOSS" 0D 0A
 *   8   4  version of the format: 2
 *   12  4  byte order: the number 01020304
 *   16 32  layout of the tensors: "panels-32x2", filled up with NUL
 *   48  8  length of the header in bytes
 *   56  4  CRC-32 of the header
 *   60  4  CRC-32 of the 60 bytes before
 *   64     header: JSON with "configuration", "source" and "tensors", in the order of the data;
 *          each tensor has "name", "type", "shape", "packed", "offset", "bytes" and "crc32" (8
 * hexadecimal digits)
 *
 * Tensors follow, each at the next multiple of 64 bytes, or of 4096 when it has as many; zeros are
 * between them. The file ends with the last one.
 *
 * A tensor that is "packed" is a matrix with outputs in its first dimension and inputs in all
 * others, and lies in panels as tensor/panel.h has them, whatever the CPU: as the kernels read it
 * fastest. The others are row-major. The format 1 had matrices row-major ("out-major"). Whatever
 * changes the meaning of these bytes gets another version or layout; files of another are refused,
 * and prepared again.
 */
#pragma once

#include "weights/weights.h"

G_BEGIN_DECLS

#define GLOSS_PREPARED_SUFFIX ".gloss"

/*
 * Appends one GlossTensorView for each tensor of @file to @views, in the order of their data, and
 * puts their strings into @strings. The views borrow the bytes of @file and lie in it one after the
 * other; that shapes fit the number of bytes, and that names are there once, is left for the caller
 * to check. @metadata gets the header, a new reference to an object with "configuration" and
 * "source", objects whose content is for the caller to check.
 * On failure @views may have grown. Fails with GLOSS_ERROR_FORMAT, GLOSS_ERROR_UNSUPPORTED (another
 * version) or GLOSS_ERROR_TOO_LARGE (header). Any thread.
 */
gboolean gloss_prepared_append_views (GlossMappedFile *file, GStringChunk *strings, GArray *views,
                                      json_t **metadata, GError **error);

/* Whether the bytes of @view are those that were written, when its file says so; reads all of them.
 * Fails with GLOSS_ERROR_FORMAT. Any thread. */
gboolean gloss_prepared_check_values (const GlossTensorView *view, GError **error);

G_END_DECLS
