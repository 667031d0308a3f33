/* Pictures that would have the same sidecar: a.jpg and a.png. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * For each of the @n @paths the path of another picture in its folder whose sidecar would be the
 * same file, the first by its bytes, or NULL. Pictures are known by their suffixes, and those among
 * @paths are some whatever their names. Each folder is listed once; one that cannot be read has
 * none. A new array of @n owned strings. Any thread; it waits for the disk.
 */
GPtrArray *gloss_sidecar_find_sharers (const char *const *paths, guint n);

/* The same for one picture; newly allocated, or NULL. */
char *gloss_sidecar_find_sharer (const char *path);

G_END_DECLS
