/* The places on this machine where PaliGemma checkpoints may lie. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In the order in which they are listed. */
typedef enum
{
  GLOSS_MODEL_PLACE_DEMO,         /* what Gloss brings along */
  GLOSS_MODEL_PLACE_GLOSS,        /* Gloss's own folder: one folder for each model */
  GLOSS_MODEL_PLACE_HUGGING_FACE, /* the cache of huggingface_hub */
  GLOSS_MODEL_PLACE_KAGGLE,       /* the cache of kagglehub */
  GLOSS_MODEL_PLACE_CHOSEN,       /* a folder like Gloss's own that the person chose */
  GLOSS_N_MODEL_PLACES
} GlossModelPlace;

/* "demo", "gloss", "huggingface", "kaggle", "chosen". */
const char *gloss_model_place_get_name (GlossModelPlace place);

/*
 * The folder of @place by the environment, whether it is there or not: $GLOSS_DATA_DIR/demo, or
 * share/gloss/demo beside the program or where it was installed; $XDG_DATA_HOME/gloss/models;
 * $HF_HUB_CACHE, $HF_HOME/hub or $XDG_CACHE_HOME/huggingface/hub; $KAGGLEHUB_CACHE/models or
 * ~/.cache/kagglehub/models; what library/models-folder.h tells, NULL when nothing was chosen.
 * Newly allocated, in the encoding of file names. Any thread, while nobody changes the environment.
 */
char *gloss_model_place_get_folder (GlossModelPlace place);

G_END_DECLS
