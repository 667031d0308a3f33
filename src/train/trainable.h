/* What of a model is trained: the values in single precision, and their gradients. */
#pragma once

#include "base/pool.h"
#include "model/adapter.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_TRAIN_ATTENTION, /* queries, keys, values and output of the language model: the notebook's
                          */
  GLOSS_TRAIN_LORA,      /* low-rank additions to projections of the language model */
  GLOSS_TRAIN_ALL,
} GlossTrainSet;

/* Zero is a sensible default throughout. */
typedef struct
{
  GlossTrainSet set;
  guint n_top_layers;   /* only that many last layers of the language model, and nothing else; 0: no
                           such limit */
  gboolean freeze_stem; /* of ALL: patch embedding stays, as in big_vision's recipes */
  guint rank;           /* LORA; 0: 8 */
  float alpha;          /* LORA: additions are scaled by alpha/rank; 0: the rank */
  guint32 projections;  /* LORA: bits 1 << GlossProjection; 0: all seven */
  guint64 seed;         /* LORA: of A; B begins with 0 */
} GlossTrainOptions;

typedef enum
{
  GLOSS_PARAMETER_WHOLE,  /* the tensor itself */
  GLOSS_PARAMETER_LORA_A, /* [rank × n_in] */
  GLOSS_PARAMETER_LORA_B, /* [n_out × rank] */
} GlossParameterKind;

#define GLOSS_N_PARAMETER_KINDS 3

/* One trained tensor; a matrix is out-major and dense, a vector has one input. */
typedef struct
{
  GlossTensorRole role;
  gsize layer;
  GlossParameterKind kind;
  gsize n_out;
  gsize n_in;
  float *value;
  float *gradient;
} GlossParameter;

typedef struct _GlossTrainable GlossTrainable;

/* Keeps a reference to @base. Values begin as the base has them. NULL with GLOSS_ERROR_TOO_LARGE
 * when there is no memory for them, or GLOSS_ERROR_UNSUPPORTED for options that fit nothing. One
 * thread at a time. */
GlossTrainable *gloss_trainable_new (GlossModel *base, const GlossTrainOptions *options,
                                     GError **error);
void gloss_trainable_free (GlossTrainable *trainable);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTrainable, gloss_trainable_free)

/* The model with the trained values in place, always as they are now; borrowed. */
GlossModel *gloss_trainable_get_model (GlossTrainable *trainable);
GlossModel *gloss_trainable_get_base (GlossTrainable *trainable);

/* With what is 0 in it filled in; borrowed. */
const GlossTrainOptions *gloss_trainable_get_options (GlossTrainable *trainable);

/* All of them in a fixed order, and the one of a place, NULL when that is frozen; borrowed. */
guint gloss_trainable_get_n_parameters (GlossTrainable *trainable);
GlossParameter *gloss_trainable_get_parameter (GlossTrainable *trainable, guint index);
GlossParameter *gloss_trainable_find (GlossTrainable *trainable, GlossTensorRole role, gsize layer,
                                      GlossParameterKind kind);

/* How many numbers are trained. */
gsize gloss_trainable_count_values (GlossTrainable *trainable);

/* The first layer of the language model in which something is trained; the depth when none is. */
gsize gloss_trainable_get_lowest_layer (GlossTrainable *trainable);

/* Whether the gradient must reach what goes into the language model, and the vision tower. */
gboolean gloss_trainable_trains_input (GlossTrainable *trainable);
gboolean gloss_trainable_trains_vision (GlossTrainable *trainable);

/* Sets all gradients to 0. */
void gloss_trainable_clear_gradients (GlossTrainable *trainable, GlossPool *pool);

G_END_DECLS
