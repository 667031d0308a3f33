/* Which model a command uses: the one that the person names, or the demo. */
#pragma once

#include "model/model.h"
#include "model/tokenizer.h"

G_BEGIN_DECLS

typedef struct
{
  GlossModel *model;         /* owned */
  GlossTokenizer *tokenizer; /* owned */
  char *name;                /* owned: "demo", or the last part of the path */
  gboolean is_demo;
} GlossModelChoice;

/*
 * Loads the model at @path with the tokenizer @tokenizer_path, or with the one beside the model
 * when that is NULL; without a @path the demo from $GLOSS_DATA_DIR, or from where it was installed.
 * Fails as loading does.
 */
gboolean gloss_model_choice_load (GlossModelChoice *choice, const char *path,
                                  const char *tokenizer_path, GError **error);
void gloss_model_choice_clear (GlossModelChoice *choice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossModelChoice, gloss_model_choice_clear)

G_END_DECLS
