/* Whether a model is what Gloss can use, beyond that its files are there. */
#include "library/verify.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/checkpoint.h"
#include "model/tokenizer.h"
#include "model/values.h"

#include <inttypes.h>

static gboolean
check_values (const GlossCheckpoint *checkpoint, GCancellable *cancellable, GError **error)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (checkpoint);
  g_autoptr (GlossPool) pool = gloss_pool_new (0);
  const GlossTensorView *bad = NULL;
  guint64 n_bad = 0;

  gloss_pool_begin_job (pool, cancellable);
  for (guint i = 0; i < gloss_weights_get_n_tensors (weights) && !gloss_pool_is_cancelled (pool);
       i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      GlossValues values;

      gloss_values_look (&values, pool, view);
      if (values.n_nan + values.n_infinite > 0 && !bad)
        bad = view;
      n_bad += values.n_nan + values.n_infinite;
    }
  if (!gloss_pool_end_job (pool, error))
    return FALSE;
  if (!bad)
    return gloss_weights_check (weights, error);
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
               _ ("%s: %" PRIu64 " values are not finite, the first in the tensor \"%s\"; get "
                  "the file again"),
               bad->file_name, n_bad, bad->name);
  return FALSE;
}

gboolean
gloss_verify_model (const char *path, const char *tokenizer_path, gboolean with_values,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = gloss_checkpoint_open (path, NULL, error);
  g_autoptr (GlossTokenizer) tokenizer = NULL;
  const GPtrArray *problems;

  if (!checkpoint || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  problems = gloss_checkpoint_get_problems (checkpoint);
  if (problems->len > 0)
    {
      const GlossCheckpointProblem *first = g_ptr_array_index (problems, 0);

      g_set_error (error, GLOSS_ERROR, first->code, "%s", first->sentence);
      return FALSE;
    }
  if (tokenizer_path)
    {
      tokenizer = gloss_tokenizer_load (tokenizer_path, error);
      if (!tokenizer
          || !gloss_checkpoint_check_vocabulary (checkpoint,
                                                 gloss_tokenizer_get_n_pieces (tokenizer), error))
        return FALSE;
    }
  return !with_values || check_values (checkpoint, cancellable, error);
}
