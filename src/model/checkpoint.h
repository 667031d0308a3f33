/* The files of a checkpoint: what configuration they have, where it comes from, and what is wrong.
 */
#pragma once

#include "model/arithmetic.h"
#include "model/tensor-table.h"

G_BEGIN_DECLS

typedef enum
{
#define F(field, ...) GLOSS_CONFIG_FIELD_##field,
#include "model/config-fields.inc"
#undef F
  GLOSS_N_CONFIG_FIELDS
} GlossConfigField;

typedef struct
{
  float query_scale;   /* overrides the rule for files without configuration; 0: by rule */
  gsize image_size_px; /* run at this size: positions are resampled; 0: the checkpoint's own */
  GlossArithmetic arithmetic; /* all zero is exact */
} GlossModelOptions;

typedef struct
{
  int code;       /* of GLOSS_ERROR */
  char *sentence; /* owned */
} GlossCheckpointProblem;

typedef struct _GlossCheckpoint GlossCheckpoint;

/*
 * Opens @path: a Hugging Face folder, its safetensors file, a big_vision npz, or a prepared file,
 * which has its configuration inside. Else the
 * configuration comes from config.json in the same folder, which Hugging Face weights need and npz
 * may have, or from the shapes. Tensors that are missing, mis-shaped or of a wrong type are
 * problems of the checkpoint and no failure. @options may be NULL; of it query_scale counts here.
 * NULL with GLOSS_ERROR or G_IO_ERROR when the files cannot be read at all, the configuration is
 * wrong, or this is no PaliGemma. Any thread.
 */
GlossCheckpoint *gloss_checkpoint_open (const char *path, const GlossModelOptions *options,
                                        GError **error);

/* The same for weights that are only streamed, as gloss_weights_open_streamed () opens them. */
GlossCheckpoint *gloss_checkpoint_open_streamed (const char *path, const GlossModelOptions *options,
                                                 GError **error);
void gloss_checkpoint_free (GlossCheckpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossCheckpoint, gloss_checkpoint_free)

/* All borrowed from the checkpoint. */
const char *gloss_checkpoint_get_name (const GlossCheckpoint *checkpoint);
GlossWeights *gloss_checkpoint_get_weights (const GlossCheckpoint *checkpoint);
const GlossModelConfig *gloss_checkpoint_get_config (const GlossCheckpoint *checkpoint);
const GlossTensorNaming *gloss_checkpoint_get_naming (const GlossCheckpoint *checkpoint);

/* Where the value of @field comes from: "config.json", "prepared file", "shape of …", "default",
 * "rule: …". */
const char *gloss_checkpoint_get_source (const GlossCheckpoint *checkpoint, GlossConfigField field);

/* GlossCheckpointProblem, in the order of the table; at most GLOSS_CHECKPOINT_MAX_PROBLEMS. */
#define GLOSS_CHECKPOINT_MAX_PROBLEMS 1000
const GPtrArray *gloss_checkpoint_get_problems (const GlossCheckpoint *checkpoint);

/* Names of tensors that PaliGemma does not have, NULL-terminated; they are not used. */
const char *const *gloss_checkpoint_get_unknown (const GlossCheckpoint *checkpoint);

/* The tensor that holds @role of @layer; NULL when it is missing. */
const GlossTensorView *gloss_checkpoint_find (const GlossCheckpoint *checkpoint,
                                              GlossTensorRole role, gsize layer);

/*
 * Whether the tokenizer with @n_pieces pieces is the model's: table rows beyond the pieces
 * are Hugging Face's padding (the pieces and two more, rounded up to 64), mean nothing and must not
 * be chosen. Fails with GLOSS_ERROR_MISMATCH. Any thread.
 */
gboolean gloss_checkpoint_check_vocabulary (const GlossCheckpoint *checkpoint, gsize n_pieces,
                                            GError **error);

G_END_DECLS
