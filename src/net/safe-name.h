/* Names of files that came from elsewhere. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What speaks against using @name for a file below a folder ("leads out of the folder"), static;
 * NULL when nothing does. Parts are separated by "/", and "." or nothing between two is harmless.
 * Refused are: absolute names, "..", control characters, backslashes, what is not UTF-8, more than
 * 1024 bytes, 200 bytes in a part, or 16 parts. Any thread.
 */
const char *gloss_safe_name_find_fault (const char *name);

G_END_DECLS
