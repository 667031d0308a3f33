/* The gradients of projections and norms. */
#include "train/layer-grad.h"

#include "tensor/linear-grad.h"
#include "tensor/linear.h"
#include "tensor/norm-grad.h"
#include "tensor/product-grad.h"
#include "tensor/product.h"

/* Of low-rank additions, in front of the packed rows. */
static gsize
count_lora_scratch (GlossTrainable *trainable, gsize n_rows)
{
  return 2 * n_rows * gloss_trainable_get_options (trainable)->rank;
}

gsize
gloss_layer_grad_count_scratch (GlossTrainable *trainable, gsize n_rows)
{
  const GlossModelConfig *c = gloss_model_get_config (gloss_trainable_get_base (trainable));
  gsize widest = MAX (MAX (c->width, c->mlp_dim), MAX (c->vit_width, c->vit_mlp_dim));

  return count_lora_scratch (trainable, n_rows)
         + gloss_rows_count_floats (n_rows, MAX (widest, c->n_heads * c->head_dim));
}

gsize
gloss_layer_grad_get_tile_bytes (void)
{
  return MAX (MAX (gloss_linear_get_scratch_bytes (), gloss_product_get_scratch_bytes ()),
              gloss_product_backward_get_scratch_bytes ());
}

/* One row too: a row's bits then never depend on how many there are. */
static gboolean
is_by_panels (const GlossMatrix *w)
{
  return w->is_packed && gloss_product_gains_by_panels (w->dtype);
}

void
gloss_layer_grad_multiply (GlossPool *pool, float *out, const float *x, const GlossMatrix *w,
                           const float *bias, gsize n_rows, float *rows)
{
  const GlossRows packed = { GLOSS_ROWS_PACKED_F32, rows, n_rows, w->n_in };
  const GlossProduct product = { w, bias, out };

  if (!is_by_panels (w))
    {
      gloss_linear (pool, out, x, w, bias, n_rows);
      return;
    }
  gloss_rows_pack (pool, &packed, x);
  gloss_products (pool, &packed, &product, 1);
}

void
gloss_layer_grad_multiply_backward (GlossPool *pool, float *d_x, const float *d_y,
                                    const GlossMatrix *w, gsize n_rows, float *rows)
{
  const GlossRows packed = { GLOSS_ROWS_PACKED_F32, rows, n_rows, w->n_out };

  if (!is_by_panels (w))
    {
      gloss_linear_backward_x (pool, d_x, d_y, w, n_rows);
      return;
    }
  gloss_rows_pack (pool, &packed, d_y);
  gloss_product_backward_x (pool, d_x, &packed, w);
}

float *
gloss_layer_grad_find (const GlossLayerGrad *grad, GlossTensorRole role, gsize layer)
{
  GlossParameter *parameter =
      gloss_trainable_find (grad->trainable, role, layer, GLOSS_PARAMETER_WHOLE);

  return parameter ? parameter->gradient : NULL;
}

void
gloss_layer_grad_forward (const GlossLayerGrad *grad, float *out, const float *x,
                          GlossTensorRole role, gsize layer, const float *bias, gsize n_rows)
{
  const GlossLora *lora = gloss_model_get_lora (grad->model, role, layer);

  gloss_layer_grad_multiply (grad->pool, out, x, gloss_model_get_matrix (grad->model, role, layer),
                             bias, n_rows,
                             grad->scratch + count_lora_scratch (grad->trainable, n_rows));
  if (lora)
    gloss_lora_add (grad->pool, out, x, lora, n_rows);
}

void
gloss_layer_grad_backward (const GlossLayerGrad *grad, float *d_x, const float *x, const float *d_y,
                           GlossTensorRole role, gsize layer, gsize n_rows)
{
  const GlossMatrix *matrix = gloss_model_get_matrix (grad->model, role, layer);
  const GlossLora *lora = gloss_model_get_lora (grad->model, role, layer);
  float *d_w = gloss_layer_grad_find (grad, role, layer);
  GlossParameter *a, *b;

  if (d_x)
    gloss_layer_grad_multiply_backward (grad->pool, d_x, d_y, matrix, n_rows,
                                        grad->scratch
                                            + count_lora_scratch (grad->trainable, n_rows));
  if (d_w)
    gloss_linear_backward_w (grad->pool, d_w, x, d_y, n_rows, matrix->n_in, matrix->n_out);
  if (!lora)
    return;
  a = gloss_trainable_find (grad->trainable, role, layer, GLOSS_PARAMETER_LORA_A);
  b = gloss_trainable_find (grad->trainable, role, layer, GLOSS_PARAMETER_LORA_B);
  if (d_x || a)
    gloss_lora_backward (grad->pool, d_x, a ? a->gradient : NULL, b ? b->gradient : NULL, x, d_y,
                         lora, grad->scratch, n_rows);
}

void
gloss_layer_grad_backward_bias (const GlossLayerGrad *grad, const float *d_y, GlossTensorRole role,
                                gsize layer, gsize n_rows, gsize width)
{
  float *d_bias = gloss_layer_grad_find (grad, role, layer);

  if (d_bias)
    gloss_bias_backward (grad->pool, d_bias, d_y, n_rows, width);
}
