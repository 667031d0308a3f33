/* Made-up caches of models for the tests. All paths are below a folder @root. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes a file and makes the folders above it. */
void gloss_cache_write (const char *root, const char *path, const char *text);

/* A symbolic link to @target, which is taken as it is. */
void gloss_cache_link (const char *root, const char *path, const char *target);

/* A folder as Hugging Face's cache has it: blobs, and links to them in snapshots/REVISION. It holds
 * tests/fixtures/paligemma2/hf and its tokenizer, so it can be opened. */
void gloss_cache_add_whole_snapshot (const char *root, const char *repository,
                                     const char *revision);

/* config.json texts. */
#define GLOSS_CACHE_CONFIG                                                                         \
  "{\"model_type\": \"paligemma\", \"text_config\": {\"model_type\": \"gemma\"}}"
#define GLOSS_CACHE_LLAMA "{\"model_type\": \"llama\"}"

G_END_DECLS
