/* Which model to use: its name, its files, and what it can do. */
#pragma once

#include "library/found-models.h"
#include "model/task.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;      /* owned; as gloss-cli models lists it, or the file's base name */
  char *path;      /* owned; a folder with safetensors, an npz file or a prepared file */
  char *tokenizer; /* owned; its path, or NULL: there is none beside the model */
  gboolean is_demo;
} GlossModelSource;

GlossModelSource *gloss_model_source_new_for_found (const GlossFoundModel *model);

/* The model in the file or folder @path, with the tokenizer beside it. */
GlossModelSource *gloss_model_source_new_for_path (const char *path);

GlossModelSource *gloss_model_source_copy (const GlossModelSource *source);
void gloss_model_source_free (GlossModelSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossModelSource, gloss_model_source_free)

typedef enum
{
  GLOSS_ABILITY_YES,
  GLOSS_ABILITY_NOT_DEMO,    /* the demo was not trained for it */
  GLOSS_ABILITY_NOT_MIX,     /* only the pretrained (pt) checkpoints were */
  GLOSS_ABILITY_NOT_ENGLISH, /* it knows English only */
} GlossAbility;

/* Whether it was trained for @task, and for answers in @language, as far as its name tells. */
GlossAbility gloss_model_source_can_do (const GlossModelSource *source, GlossTask task);
GlossAbility gloss_model_source_can_speak (const GlossModelSource *source, const char *language);

/*
 * Whether captioning with the model fits into @available_bytes of memory: its weights, which are
 * mapped, and a job beside them with @n_threads. FALSE with GLOSS_ERROR_TOO_LARGE and the figures,
 * or with what gloss_checkpoint_open () fails with. Any thread; it waits for the disk.
 */
gboolean gloss_model_source_check_fit (const GlossModelSource *source, guint n_threads,
                                       guint64 available_bytes, GError **error);

G_END_DECLS
