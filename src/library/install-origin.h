/*
 * What a folder below .downloads is a download of, and whether its archive was unpacked already:
 * the archive is gone then, and would be downloaded again for a tokenizer that is missing.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* In the folder of a model, and of a download: where it is from, {"from":
 * "SERVICE:HANDLE@VERSION"}. */
#define GLOSS_INSTALL_ORIGIN_NAME "gloss-origin.json"

/* Empties @staging when what lies there is not of @origin, and notes that now it is. *@out_unpacked
 * gets whether gloss_install_origin_note_unpacked () was called for it. FALSE with G_IO_ERROR. Any
 * thread, as for the other; it waits for the disk. */
gboolean gloss_install_origin_begin (const char *staging, const char *origin,
                                     gboolean *out_unpacked, GError **error);
gboolean gloss_install_origin_note_unpacked (const char *staging, const char *origin,
                                             GError **error);

G_END_DECLS
