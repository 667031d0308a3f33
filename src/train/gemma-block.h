/* What the forward and the backward of a block of the language tower share: its memory, and its
 * operations on the rows of several examples. For gemma-grad.c alone. */
#pragma once

#include "tensor/attention-grad.h"
#include "train/gemma-grad.h"

G_BEGIN_DECLS

/* What the backward of a block reads of its forward and is much work to compute again. "rows" are
 * all, "active" those that go on: the same but in the last block. */
typedef struct
{
  float *queries;       /* [active × query width], rotated */
  float *keys, *values; /* [rows × kv width] */
  float *attended;      /* [active × query width] */
  float *projected;     /* [active × width], what a post-norm reads */
  float *middle;        /* [active × width], the residual stream after attention */
  float *gate, *up;     /* [active × mlp dim] */
  float *down;          /* [active × width], what a post-norm reads */
} GlossGemmaActivations;

/* The rest of a block's activations, and gradients. */
typedef struct
{
  GlossGemmaActivations activations; /* where they are not kept */
  float *normed;                     /* [rows × width] */
  float *active_normed;              /* [active × width] */
  float *mlp_normed;                 /* [active × width] */
  float *hidden;                     /* [active × mlp dim] */
  float *added;                      /* [active × width], what is added to the stream */

  float *d_middle, *d_branch, *d_normed, *d_active; /* [rows × width] */
  float *d_hidden, *d_gate, *d_up;                  /* [active × mlp dim] */
  float *d_attended, *d_queries, *d_keys, *d_values;
  float *stats;           /* of attention */
  float *norm_stats;      /* [rows] */
  float *scratch;         /* of GlossLayerGrad */
  float *cosines, *sines; /* [length × head_dim/2] */
} GlossGemmaWorkspace;

struct _GlossGemmaGrad
{
  GlossLayerGrad layer_grad;
  const GlossModelConfig *config; /* borrowed */
  GlossArena *arena;              /* owned */
  GlossGemmaWorkspace w;
  float dropout_rate;
  gsize max_rows;
  GlossGemmaActivations *kept; /* owned, [n_kept], of the last so many blocks */
  gsize n_kept;
  GlossAttentionItem *items;          /* owned, [max_rows]: more than examples */
  GlossAttentionGradItem *grad_items; /* owned, [max_rows] */
};

/* One run through a block. */
typedef struct
{
  GlossGemmaGrad *grad;
  const GlossPacked *packed;
  gsize layer;
  gboolean is_last; /* only active rows go on */
  gsize n_rows;
  gsize n_active;
  GlossGemmaActivations a;
} GlossGemmaBlock;

GlossGemmaBlock gloss_gemma_block_begin (GlossGemmaGrad *grad, gsize layer,
                                         const GlossPacked *packed);

/* Whether what the backward reads is still there from the forward. */
gboolean gloss_gemma_block_is_kept (const GlossGemmaBlock *block);

GlossAttentionShape gloss_gemma_block_get_shape (const GlossModelConfig *config);

/* The active rows of example @s: where they begin among its rows and among the active ones. */
void gloss_gemma_block_get_active (const GlossGemmaBlock *block, gsize s, gsize *skipped,
                                   gsize *first, gsize *n);

/* out[active × width] = the active ones of x[rows × width]; @x itself where all are. */
const float *gloss_gemma_block_gather (const GlossGemmaBlock *block, float *out, const float *x);

/* x[rows × width] += the active ones @d[active × width]. */
void gloss_gemma_block_scatter (const GlossGemmaBlock *block, float *x, const float *d);

/* @func is gloss_rope () or its backward. */
void gloss_gemma_block_rotate (const GlossGemmaBlock *block, float *queries, float *keys,
                               void (*func) (float *, const float *, const float *, gsize, gsize,
                                             gsize));

void gloss_gemma_block_norm (const GlossGemmaBlock *block, float *out, const float *x,
                             GlossTensorRole role, gsize n_rows);
void gloss_gemma_block_norm_backward (const GlossGemmaBlock *block, float *d_x, const float *x,
                                      const float *d_y, GlossTensorRole role, gsize n_rows);
void gloss_gemma_block_project (const GlossGemmaBlock *block, float *out, const float *x,
                                GlossTensorRole role, gsize n_rows);
void gloss_gemma_block_project_backward (const GlossGemmaBlock *block, float *d_x, const float *x,
                                         const float *d_y, GlossTensorRole role, gsize n_rows);

/* @branch 0 is attention, 1 the MLP; the same on the gradient. */
void gloss_gemma_block_drop (const GlossGemmaBlock *block, float *x, guint branch);

G_END_DECLS
