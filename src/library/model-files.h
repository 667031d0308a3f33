/* Which checkpoints one folder holds, told by the names of its files and by config.json. */
#pragma once

#include "library/found-models.h"

G_BEGIN_DECLS

/* What is known about a folder before it is looked at. */
typedef struct
{
  const char *path;
  const char *markers; /* a file X counts only if this folder has "X.complete"; NULL: all count */
  gboolean is_named_paligemma; /* else only config.json tells that a model is one */
} GlossModelFolder;

/*
 * The models in @folder, a new array of GlossFoundModel without place; the name is NULL, or that of
 * the npz or prepared file when it is not the only model. At most *@n_left entries are read and
 * taken off it. Any thread.
 */
GPtrArray *gloss_model_files_list (const GlossModelFolder *folder, guint *n_left);

/* The names that tokenizers have beside their models, NULL-terminated, the best first. */
const char *const *gloss_model_files_get_tokenizer_names (void);

/* The tokenizer beside the model @path, a folder or a file: the first of the names above that is
 * there. Newly allocated, or NULL. Any thread. */
char *gloss_model_files_find_tokenizer (const char *path);

G_END_DECLS
