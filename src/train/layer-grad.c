/* The gradients of projections and norms. */
#include "train/layer-grad.h"

#include "tensor/linear-grad.h"
#include "tensor/linear.h"
#include "tensor/norm-grad.h"

gsize
gloss_layer_grad_count_scratch (GlossTrainable *trainable, gsize n_rows)
{
  return 2 * n_rows * MAX (1, gloss_trainable_get_options (trainable)->rank);
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

  gloss_linear (grad->pool, out, x, gloss_model_get_matrix (grad->model, role, layer), bias,
                n_rows);
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
    gloss_linear_backward_x (grad->pool, d_x, d_y, matrix, n_rows);
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
