/*
 * The loss of a few examples, and its gradient.
 *
 * What comes before the first layer in which something is trained is run example by example: its
 * matrix products then have the same shapes, and so the same bits, whether they are made now or
 * were kept. From there on the examples run together, their rows one after the other.
 */
#include "train/gradient.h"

#include "model/gemma.h"
#include "model/siglip.h"
#include "tensor/attention-grad.h"
#include "tensor/cross-entropy.h"
#include "tensor/linear-grad.h"
#include "tensor/norm-grad.h"
#include "tensor/norm.h"
#include "train/gemma-grad.h"
#include "train/siglip-grad.h"

#include <math.h>
#include <string.h>

/* Rows of logits at once: 128 × 257,152 floats are 132 MB. */
#define LOGIT_ROWS 128

struct _GlossGradient
{
  GlossTrainable *trainable;      /* borrowed */
  GlossModel *model;              /* borrowed, with the trained values */
  const GlossModelConfig *config; /* borrowed */
  GlossPool *pool;                /* borrowed */
  gsize n_vocab;
  gsize max_examples;
  gsize first_layer;  /* from here on the examples run together */
  gsize lowest_layer; /* and down to here the gradient goes */
  gboolean trains_input;
  gboolean trains_vision;

  /* owned */
  GlossGemmaGrad *gemma;
  GlossSiglipGrad *siglip; /* NULL when the vision tower is frozen */
  GlossArena *arena;       /* what follows, and the frozen vision tower's workspace */
  GlossPacked packed, single;
  double *losses, *log_sums;

  /* in the arena */
  float *inputs;     /* [layers × rows × width], of the layers from first_layer on */
  float *state;      /* [rows × width]: active rows after the last layer */
  float *normed;     /* [rows × width] */
  float *d_normed;   /* [rows × width] */
  float *d_state;    /* [rows × width] */
  float *d_rows;     /* [rows × width] */
  float *norm_stats; /* [rows] */
  float *logits;     /* [LOGIT_ROWS × n_vocab] */
  float *rows;       /* [LOGIT_ROWS × n_vocab], packed */
  float *kept;       /* [examples × what siglip keeps] */
};

static gsize
count_layers (const GlossGradient *gradient)
{
  return gradient->config->depth - gradient->first_layer;
}

static gsize
lay_out (GlossGradient *g, GlossArena *arena, gsize n_rows)
{
  gsize values = n_rows * g->config->width;
  const struct
  {
    float **place;
    gsize n_times, n_floats;
  } blocks[] = {
    { &g->inputs, count_layers (g), values },
    { &g->state, 1, values },
    { &g->normed, 1, values },
    { &g->d_normed, 1, values },
    { &g->d_state, 1, values },
    { &g->d_rows, 1, values },
    { &g->norm_stats, 1, n_rows },
    { &g->logits, MIN (n_rows, LOGIT_ROWS), g->n_vocab },
    { &g->rows, MIN (n_rows, LOGIT_ROWS), MAX (g->n_vocab, g->config->width) + 1 },
    { &g->kept, g->trains_vision ? g->max_examples : 0, gloss_siglip_grad_count_kept (g->config) },
  };
  gsize total = 0, n;

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      if (!g_size_checked_mul (&n, blocks[i].n_times, blocks[i].n_floats)
          || !g_size_checked_add (&total, total, gloss_arena_size_floats (n)))
        return G_MAXSIZE;
      if (arena)
        *blocks[i].place = gloss_arena_alloc_floats (arena, n);
    }
  return total;
}

GlossGradient *
gloss_gradient_new (GlossTrainable *trainable, GlossPool *pool, gsize max_examples, gsize max_ids,
                    gsize n_vocab, gsize max_kept_bytes, gboolean uses_dropout, GError **error)
{
  g_autoptr (GlossGradient) g = g_new0 (GlossGradient, 1);
  gsize max_length, n_rows, n_bytes;

  g->trainable = trainable;
  g->model = gloss_trainable_get_model (trainable);
  g->config = gloss_model_get_config (g->model);
  g->pool = pool;
  g->n_vocab = n_vocab;
  g->max_examples = max_examples;
  g->lowest_layer = gloss_trainable_get_lowest_layer (trainable);
  g->first_layer = uses_dropout ? 0 : g->lowest_layer;
  g->trains_input = gloss_trainable_trains_input (trainable);
  g->trains_vision = gloss_trainable_trains_vision (trainable);
  g_assert (g->first_layer < g->config->depth);

  max_length = g->config->n_image_tokens + max_ids - 1;
  n_rows = max_examples * max_length;
  gloss_packed_init (&g->packed, max_examples, n_rows);
  gloss_packed_init (&g->single, 1, max_length);
  g->losses = g_new (double, n_rows);
  g->log_sums = g_new (double, n_rows);
  g->gemma = gloss_gemma_grad_new (trainable, pool, n_rows, max_length,
                                   g->config->depth - g->lowest_layer, max_kept_bytes, error);
  if (!g->gemma)
    return NULL;
  if (g->trains_vision && !(g->siglip = gloss_siglip_grad_new (trainable, pool, error)))
    return NULL;
  n_bytes = lay_out (g, NULL, n_rows);
  if (!g_size_checked_add (&n_bytes, n_bytes, gloss_siglip_get_workspace_bytes (g->config)))
    n_bytes = G_MAXSIZE;
  g->arena = gloss_arena_new (n_bytes, error);
  if (!g->arena)
    return NULL;
  lay_out (g, g->arena, n_rows);
  if (!gloss_pool_reserve_scratch (pool,
                                   MAX (MAX (gloss_layer_grad_get_tile_bytes (),
                                             gloss_attention_get_scratch_bytes (max_length)),
                                        gloss_attention_backward_get_scratch_bytes (max_length)),
                                   error))
    return NULL;
  return g_steal_pointer (&g);
}

void
gloss_gradient_free (GlossGradient *gradient)
{
  g_clear_pointer (&gradient->gemma, gloss_gemma_grad_free);
  g_clear_pointer (&gradient->siglip, gloss_siglip_grad_free);
  g_clear_pointer (&gradient->arena, gloss_arena_free);
  gloss_packed_clear (&gradient->packed);
  gloss_packed_clear (&gradient->single);
  g_free (gradient->losses);
  g_free (gradient->log_sums);
  g_free (gradient);
}

gboolean
gloss_gradient_has_states (GlossGradient *gradient)
{
  return !gradient->trains_input;
}

gsize
gloss_gradient_count_states (GlossGradient *gradient, const GlossSequence *sequence)
{
  return gloss_packed_count_rows (sequence, gradient->config->n_image_tokens)
         * gradient->config->width;
}

/* x[rows × width] = what goes into the first layer that runs together; @kept is for a vision tower
 * that is trained. */
static void
make_states (GlossGradient *g, float *x, float *kept, const GlossGradientExample *example)
{
  gsize n_image = g->config->n_image_tokens;

  if (g->siglip)
    gloss_siglip_grad_forward (g->siglip, x, kept, example->image);
  else
    gloss_siglip_encode (gloss_trainable_get_base (g->trainable), g->pool, g->arena, x,
                         example->image, NULL);
  gloss_gemma_embed (g->model, x + n_image * g->config->width, example->sequence.ids,
                     example->sequence.n_ids - 1);
  gloss_packed_fill (&g->single, &example->sequence, 1, n_image, 1);
  for (gsize layer = 0; layer < g->first_layer && !gloss_pool_is_cancelled (g->pool); layer++)
    gloss_gemma_grad_forward (g->gemma, x, x, layer, &g->single);
}

void
gloss_gradient_make_states (GlossGradient *gradient, float *states,
                            const GlossGradientExample *example)
{
  g_assert (gloss_gradient_has_states (gradient));
  make_states (gradient, states, NULL, example);
}

static float *
get_kept (GlossGradient *g, gsize example)
{
  return g->kept + example * gloss_siglip_grad_count_kept (g->config);
}

static float *
get_input (GlossGradient *g, gsize layer)
{
  return g->inputs + (layer - g->first_layer) * g->packed.n_rows * g->config->width;
}

/* g->normed = the final-normed active rows of the examples. */
static void
run_forward (GlossGradient *g, const GlossGradientExample *examples, gsize n)
{
  gsize width = g->config->width;

  for (gsize s = 0; s < n && !gloss_pool_is_cancelled (g->pool); s++)
    {
      const GlossPackedSequence *sequence = &g->packed.sequences[s];
      float *x = get_input (g, g->first_layer) + sequence->first_row * width;

      if (examples[s].states)
        memcpy (x, examples[s].states, sequence->n_rows * width * sizeof (float));
      else
        make_states (g, x, g->siglip ? get_kept (g, s) : NULL, &examples[s]);
    }
  for (gsize layer = g->first_layer; layer < g->config->depth && !gloss_pool_is_cancelled (g->pool);
       layer++)
    gloss_gemma_grad_forward (g->gemma,
                              layer + 1 < g->config->depth ? get_input (g, layer + 1) : g->state,
                              get_input (g, layer), layer, &g->packed);
  gloss_rms_norm (g->pool, g->normed, g->state,
                  gloss_model_get_vector (g->model, GLOSS_TENSOR_FINAL_NORM, 0), g->packed.n_active,
                  width, g->config->norm_eps);
}

/* The losses of all active rows, and the gradient of their normed states in g->d_normed. */
static void
run_logits (GlossGradient *g, const GlossGradientOptions *options)
{
  const GlossPacked *packed = &g->packed;
  GlossMatrix table = *gloss_model_get_matrix (g->model, GLOSS_TENSOR_EMBEDDING, 0);
  GlossParameter *parameter =
      gloss_trainable_find (g->trainable, GLOSS_TENSOR_EMBEDDING, 0, GLOSS_PARAMETER_WHOLE);
  gsize width = g->config->width;
  float smoothing = options->only_loss ? 0 : options->label_smoothing;

  table.n_out = table.block_out = g->n_vocab;
  for (gsize first = 0; first < packed->n_active; first += LOGIT_ROWS)
    {
      gsize n = MIN (LOGIT_ROWS, packed->n_active - first);
      const float *x = g->normed + first * width;
      float *d_x = g->d_normed + first * width;

      gloss_layer_grad_multiply (g->pool, g->logits, x, &table, NULL, n, g->rows);
      gloss_cross_entropy (g->pool, g->losses + first, g->log_sums + first, g->logits,
                           packed->targets + first, n, g->n_vocab, smoothing);
      if (options->only_loss || gloss_pool_is_cancelled (g->pool))
        continue;
      gloss_cross_entropy_backward (g->pool, g->logits, g->log_sums + first,
                                    packed->targets + first, packed->weights + first, n, g->n_vocab,
                                    smoothing);
      memset (d_x, 0, n * width * sizeof (float));
      gloss_layer_grad_multiply_backward (g->pool, d_x, g->logits, &table, n, g->rows);
      if (parameter)
        gloss_linear_backward_w (g->pool, parameter->gradient, x, g->logits, n, width, g->n_vocab);
    }
}

/* From g->d_rows, the gradient of what goes into the language model. */
static void
run_input_backward (GlossGradient *g, const GlossGradientExample *examples)
{
  GlossParameter *table =
      gloss_trainable_find (g->trainable, GLOSS_TENSOR_EMBEDDING, 0, GLOSS_PARAMETER_WHOLE);
  gsize width = g->config->width, n_image = g->config->n_image_tokens;

  for (gsize s = 0; s < g->packed.n_sequences; s++)
    {
      const GlossPackedSequence *sequence = &g->packed.sequences[s];
      const float *d = g->d_rows + sequence->first_row * width;

      if (table)
        gloss_embedding_backward (table->gradient, d + n_image * width,
                                  g->packed.ids + sequence->first_row + n_image,
                                  sequence->n_rows - n_image, width, sqrtf ((float) width));
      if (g->siglip && !gloss_pool_is_cancelled (g->pool))
        gloss_siglip_grad_backward (g->siglip, d, get_kept (g, s), examples[s].image);
    }
}

static void
run_backward (GlossGradient *g, const GlossGradientExample *examples)
{
  gsize width = g->config->width;
  GlossParameter *scale =
      gloss_trainable_find (g->trainable, GLOSS_TENSOR_FINAL_NORM, 0, GLOSS_PARAMETER_WHOLE);

  memset (g->d_state, 0, g->packed.n_active * width * sizeof (float));
  gloss_rms_norm_backward (g->pool, g->d_state, scale ? scale->gradient : NULL, g->state,
                           gloss_model_get_vector (g->model, GLOSS_TENSOR_FINAL_NORM, 0),
                           g->d_normed, g->norm_stats, g->packed.n_active, width,
                           g->config->norm_eps);
  for (gsize layer = g->config->depth;
       layer-- > g->lowest_layer && !gloss_pool_is_cancelled (g->pool);)
    {
      gboolean is_last = layer + 1 == g->config->depth;
      gboolean is_wanted = layer > g->lowest_layer || g->trains_input;

      gloss_gemma_grad_backward (g->gemma, is_wanted ? g->d_rows : NULL,
                                 is_last ? g->d_state : g->d_rows, get_input (g, layer), layer,
                                 &g->packed);
    }
  if (g->trains_input && !gloss_pool_is_cancelled (g->pool))
    run_input_backward (g, examples);
}

static void
pack (GlossGradient *g, const GlossGradientExample *examples, gsize n, gsize n_batch)
{
  GlossSequence sequences[64];

  g_assert (n <= g->max_examples && n <= G_N_ELEMENTS (sequences));
  for (gsize s = 0; s < n; s++)
    sequences[s] = examples[s].sequence;
  gloss_packed_fill (&g->packed, sequences, n, g->config->n_image_tokens, n_batch);
}

double
gloss_gradient_run (GlossGradient *gradient, const GlossGradientExample *examples, gsize n,
                    const GlossGradientOptions *options, double *losses)
{
  double loss = 0;

  pack (gradient, examples, n, options->n_batch);
  gloss_gemma_grad_set_dropout (gradient->gemma, options->only_loss ? 0 : options->dropout);
  run_forward (gradient, examples, n);
  if (gloss_pool_is_cancelled (gradient->pool))
    return NAN;
  run_logits (gradient, options);
  if (gloss_pool_is_cancelled (gradient->pool))
    return NAN;
  for (gsize s = 0; s < n; s++)
    {
      const GlossPackedSequence *sequence = &gradient->packed.sequences[s];
      double sum = 0;

      for (gsize i = 0; i < sequence->n_active; i++)
        sum += gradient->losses[sequence->first_active + i];
      sum /= (double) sequence->n_active;
      if (losses)
        losses[s] = sum;
      loss += sum / (double) options->n_batch;
    }
  if (!options->only_loss)
    run_backward (gradient, examples);
  return loss;
}

void
gloss_gradient_compute_logits (GlossGradient *gradient, float *logits,
                               const GlossGradientExample *example)
{
  pack (gradient, example, 1, 1);
  gloss_gemma_grad_set_dropout (gradient->gemma, 0);
  run_forward (gradient, example, 1);
  gloss_gemma_logits (gradient->model, gradient->pool, logits, gradient->normed,
                      gradient->packed.n_active, gradient->n_vocab, 0);
}
