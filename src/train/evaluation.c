/* How well a model does on examples that it does not learn from. */
#include "train/evaluation.h"

#include "model/captioner.h"
#include "train/example-cache.h"

struct _GlossEvaluator
{
  guint n_captions;
  guint max_tokens;

  /* borrowed */
  const GArray *set;
  GlossPool *pool;
  GlossGradient *gradient;

  /* owned */
  GlossExampleCache *cache;
  GlossCaptioner *captioner;
  GlossTrainCaption *captions;
  GPtrArray *texts;
};

GlossEvaluator *
gloss_evaluator_new (const GlossTrainerParts *parts, GlossGradient *gradient, guint n_captions,
                     guint max_tokens, gsize max_cache_bytes, GError **error)
{
  GlossModel *model = gloss_trainable_get_model (parts->trainable);
  g_autoptr (GlossEvaluator) evaluator = g_new0 (GlossEvaluator, 1);

  evaluator->set = parts->validation;
  evaluator->pool = parts->pool;
  evaluator->gradient = gradient;
  evaluator->n_captions = MIN (n_captions, parts->validation->len);
  evaluator->max_tokens = max_tokens;
  evaluator->cache =
      gloss_example_cache_new (parts->validation, model, gradient, parts->pool, 1, max_cache_bytes);
  evaluator->captions = g_new0 (GlossTrainCaption, evaluator->n_captions);
  evaluator->texts = g_ptr_array_new_with_free_func (g_free);
  evaluator->captioner = gloss_captioner_new (model, parts->tokenizer, parts->pool, error);
  return evaluator->captioner ? g_steal_pointer (&evaluator) : NULL;
}

void
gloss_evaluator_free (GlossEvaluator *evaluator)
{
  g_clear_pointer (&evaluator->captioner, gloss_captioner_free);
  g_clear_pointer (&evaluator->cache, gloss_example_cache_free);
  g_clear_pointer (&evaluator->texts, g_ptr_array_unref);
  g_free (evaluator->captions);
  g_free (evaluator);
}

static gboolean
measure_loss (GlossEvaluator *evaluator, double *loss, const GlossTrainObserver *observer,
              GCancellable *cancellable, GError **error)
{
  GlossGradientOptions options = { .n_batch = 1, .only_loss = TRUE };

  *loss = 0;
  for (guint i = 0; i < evaluator->set->len; i++)
    {
      GlossGradientExample example;
      gboolean is_there;

      gloss_pool_begin_job (evaluator->pool, cancellable);
      is_there = gloss_example_cache_get (evaluator->cache, i, 0, 0, &example, cancellable, error);
      if (is_there)
        *loss += gloss_gradient_run (evaluator->gradient, &example, 1, &options, NULL)
                 / evaluator->set->len;
      if (!gloss_pool_end_job (evaluator->pool, is_there ? error : NULL) || !is_there)
        return FALSE;
      if (observer->slice)
        observer->slice (observer->user_data);
    }
  return TRUE;
}

static gboolean
say (GlossEvaluator *evaluator, guint index, GCancellable *cancellable, GError **error)
{
  const GlossTrainExample *example = gloss_example_set_get (evaluator->set, index);
  GlossCaptionRequest request = { .prompt = example->prefix, .max_tokens = evaluator->max_tokens };
  g_autoptr (GlossImage) image = gloss_image_load (example->image_path, cancellable, error);
  g_autoptr (GlossCaption) caption = NULL;

  if (!image)
    return FALSE;
  caption =
      gloss_captioner_run (evaluator->captioner, image, &request, NULL, NULL, cancellable, error);
  if (!caption)
    return FALSE;
  g_ptr_array_add (evaluator->texts, g_strdup (caption->text));
  evaluator->captions[index] =
      (GlossTrainCaption){ example, g_ptr_array_index (evaluator->texts, index) };
  return TRUE;
}

gboolean
gloss_evaluator_run (GlossEvaluator *evaluator, GlossTrainEvaluation *out,
                     const GlossTrainObserver *observer, GCancellable *cancellable, GError **error)
{
  g_ptr_array_set_size (evaluator->texts, 0);
  if (!measure_loss (evaluator, &out->loss, observer, cancellable, error))
    return FALSE;
  for (guint i = 0; i < evaluator->n_captions; i++)
    {
      if (!say (evaluator, i, cancellable, error))
        return FALSE;
      if (observer->slice)
        observer->slice (observer->user_data);
    }
  out->captions = evaluator->captions;
  out->n_captions = evaluator->n_captions;
  return TRUE;
}
