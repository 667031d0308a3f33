/* A model for other programs as a person gets it: all files that belong to it, in their place or
 * not at all. */
#pragma once

#include "model/export.h"
#include "model/tokenizer.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_EXPORT_TO_NPZ,  /* one file, as big_vision has it */
  GLOSS_EXPORT_TO_HF,   /* a folder, as transformers has it */
  GLOSS_EXPORT_TO_PEFT, /* a folder with the adapter alone */
} GlossExportTarget;

/* All borrowed for the call. */
typedef struct
{
  GlossModel *model;
  GlossTokenizer *tokenizer;
  const char *tokenizer_path;
  const char *model_path; /* of the model; a tuned folder, too */
  const char *path;       /* the file or folder to make */
  GlossExportTarget target;
  gboolean merges; /* an adapter goes into the matrices */
  gboolean may_replace;
  gboolean converts; /* see GlossExportOptions */
  GlossDtype dtype;
  guint64 shard_bytes; /* 0: GLOSS_EXPORT_SHARD_BYTES */
} GlossModelExport;

/*
 * Whether it can be done: FALSE with GLOSS_ERROR_UNSUPPORTED for an adapter that is neither merged
 * nor exported as one, or for none where one is wanted, and with G_IO_ERROR_EXISTS for a path where
 * something is. Any thread.
 */
gboolean gloss_model_export_check (const GlossModelExport *export, GError **error);

/* The bytes of weights that it will write. Any thread. */
guint64 gloss_model_export_count_bytes (const GlossModelExport *export);

/*
 * Does it. A file is replaced only if it @may_replace it, a folder only when it is empty. The
 * tokenizer goes beside the weights, and into a folder what transformers wants with it: copied from
 * the model's own folder where that has it. Until all is there a folder has another name, beside
 * its place and hidden. Fails as the check and gloss_export_write () do; nothing is left behind
 * then. Blocks. Any thread.
 */
gboolean gloss_model_export_run (const GlossModelExport *export, GlossExportProgress progress,
                                 gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
