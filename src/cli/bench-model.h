/* A model of random weights, made for one measurement and gone after it. */
#pragma once

#include "model/model.h"

G_BEGIN_DECLS

typedef struct
{
  GlossModelConfig config;
  GlossDtype dtype;
  gboolean is_prepared; /* in Gloss's own file, or in Hugging Face's as it is written first */
  GlossArithmetic arithmetic;
  const char *folder; /* where the folder for it is made; NULL: that for temporary files */
} GlossBenchModelOptions;

/*
 * Writes, prepares and loads the model. Its files have lost their names by then, so that nothing is
 * left when the program is killed; a signal before ends the program with the folder removed, if no
 * other thread is there to take it. Fails as writing and loading do, with G_IO_ERROR_NO_SPACE when
 * the disk is too small. Main thread.
 */
GlossModel *gloss_bench_model_make (const GlossBenchModelOptions *options, GError **error);

G_END_DECLS
