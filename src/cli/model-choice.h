/* Which model a command uses: the one that the person names, or the demo. */
#pragma once

#include "model/model.h"
#include "model/tokenizer.h"

G_BEGIN_DECLS

typedef struct
{
  GlossModel *model;         /* owned */
  GlossTokenizer *tokenizer; /* owned */
  char *name; /* owned, UTF-8: "demo", its name among the found, or the last part of the path */
  gboolean is_demo;
} GlossModelChoice;

/*
 * The path of the model that a person calls @name: a path, a name that gloss-cli models lists, or
 * NULL for the demo.
 * @display_name gets the name to show, newly allocated UTF-8. NULL with the sentences of
 * gloss_found_models_resolve (), or G_IO_ERROR_NOT_FOUND. Newly allocated.
 */
char *gloss_model_choice_find (const char *name, char **display_name, GError **error);

/* The tokenizer beside the model @model_path, newly allocated; NULL with G_IO_ERROR_NOT_FOUND and
 * where it was looked for. */
char *gloss_model_choice_find_tokenizer (const char *model_path, GError **error);

/*
 * Loads the model called @name with the tokenizer @tokenizer_path, or with the one beside the model
 * when that is NULL. Fails as loading does.
 */
gboolean gloss_model_choice_load (GlossModelChoice *choice, const char *name,
                                  const char *tokenizer_path, const GlossModelOptions *options,
                                  GError **error);
void gloss_model_choice_clear (GlossModelChoice *choice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossModelChoice, gloss_model_choice_clear)

G_END_DECLS
