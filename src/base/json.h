/* Strict JSON from outside: size and depth capped, duplicate keys refused. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

/*
 * Parses @n_bytes of UTF-8 text at @text, which need not end in NUL, as one JSON value.
 * @origin names the text in messages ("config.json").
 * Returns a new reference; on failure NULL with GLOSS_ERROR_FORMAT (syntax, with the line;
 * duplicate key; nested deeper than 64) or GLOSS_ERROR_TOO_LARGE (more than @max_bytes). Any
 * thread.
 */
json_t *gloss_json_parse (const char *text, gsize n_bytes, gsize max_bytes, const char *origin,
                          GError **error);

/*
 * The same for the file @path, which is read whole only after its size is known to be within
 * @max_bytes. Fails too as gloss_mapped_file_open () and gloss_mapped_file_check () do. Any thread.
 */
json_t *gloss_json_load (const char *path, gsize max_bytes, GError **error);

G_END_DECLS
