/* Opening the file of a picture, with a sentence for whatever stands in the way. */
#pragma once

#include "base/mapped-file.h"

G_BEGIN_DECLS

#define GLOSS_IMAGE_MAX_FILE_BYTES (G_GUINT64_CONSTANT (1) << 30)

/* What a message calls the file @path: its base name; "" in quotes when there is none. Newly
 * allocated. Any thread. */
char *gloss_image_file_get_name (const char *path);

/*
 * Maps the regular file @path, links followed. NULL with G_IO_ERROR (not there, not readable, a
 * folder, a pipe …), GLOSS_ERROR_FORMAT (empty) or GLOSS_ERROR_TOO_LARGE. Never waits for a pipe.
 * Any thread.
 */
GlossMappedFile *gloss_image_file_open (const char *path, GError **error);

G_END_DECLS
