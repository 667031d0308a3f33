/* The caption of a picture in a text file beside it: photo.txt for photo.jpg, or photo.caption. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A larger file is no caption. */
#define GLOSS_SIDECAR_MAX_BYTES ((gsize) 1 << 20)

/* A sidecar as it was read or written. */
typedef struct
{
  char *path; /* owned */
  char *text; /* owned; UTF-8 without byte order mark and last newline; NULL when it is not UTF-8 */
  char *hash; /* owned; SHA-256 of its bytes, by which a change is known */
  gint64 n_bytes;
  gint64 mtime_nsec; /* since 1970 */
} GlossSidecar;

void gloss_sidecar_free (GlossSidecar *sidecar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossSidecar, gloss_sidecar_free)

/* The path of the .txt file of @picture_path, whether it is there or not: what is behind the last
 * dot of the name gives way to "txt". Newly allocated. Any thread. */
char *gloss_sidecar_get_path (const char *picture_path);

/*
 * Reads the sidecar of @picture_path: the .txt file, else the .caption file. NULL without @error
 * when there is neither; NULL with G_IO_ERROR, or with GLOSS_ERROR_TOO_LARGE beyond
 * GLOSS_SIDECAR_MAX_BYTES, when it cannot be read. What is not UTF-8 (a zero byte is not) has no
 * text, and is never written over. The picture is never its own sidecar. Any thread; it waits for
 * the disk.
 */
GlossSidecar *gloss_sidecar_read (const char *picture_path, GError **error);

/*
 * Whether the sidecar is another one than @known (NULL: there was none), by its size and time
 * alone, so that it can be asked often. Any thread.
 */
gboolean gloss_sidecar_has_changed (const char *picture_path, const GlossSidecar *known);

typedef enum
{
  GLOSS_SIDECAR_WRITTEN,
  GLOSS_SIDECAR_UNCHANGED,       /* the text was there already; its bytes are as they were */
  GLOSS_SIDECAR_NOT_UTF8,        /* refused: what is there cannot be read as text */
  GLOSS_SIDECAR_CHANGED_OUTSIDE, /* refused: somebody else has written it since; read it again */
  GLOSS_SIDECAR_FAILED,          /* with @error */
} GlossSidecarResult;

/*
 * Writes @text, UTF-8, and a newline to the sidecar of @picture_path: to the file that
 * gloss_sidecar_read () would read, else to the .txt file, by gloss_atomic_file_write (). *@known
 * is the sidecar as the caller knows it, NULL when it knows of none, and is replaced by what is
 * there now when that is @text. A file with words that are not those of *@known is not touched; one
 * that was removed is made again. An empty @text empties a file and makes none. Any thread; it
 * waits for the disk.
 */
GlossSidecarResult gloss_sidecar_write (const char *picture_path, const char *text,
                                        GlossSidecar **known, GError **error);

G_END_DECLS
