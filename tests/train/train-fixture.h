/* The examples of the small models, and what the reference's training made of their tensors. */
#pragma once

#include "model/fixture.h"
#include "train/gradient.h"

G_BEGIN_DECLS

#define TRAIN_FIXTURE_N_EXAMPLES 4

typedef struct
{
  Fixture *fixture;    /* owned */
  GlossModel *model;   /* owned: the weights in single precision */
  GlossCheckpoint *bv; /* owned: big_vision's names and axes, for the reference's files */
  float *images;       /* owned */
  gint32 *ids[TRAIN_FIXTURE_N_EXAMPLES]; /* owned */
  GlossGradientExample examples[TRAIN_FIXTURE_N_EXAMPLES];
} TrainFixture;

#define TRAIN_FIXTURE_MAX_IDS 40
#define TRAIN_FIXTURE_N_VOCAB 2048

/* @file names the weights that are trained on. */
TrainFixture *train_fixture_new (const char *name, const char *file);
void train_fixture_free (TrainFixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TrainFixture, train_fixture_free)

/* Another file of the same folder. */
GlossWeights *train_fixture_open (TrainFixture *fixture, const char *file);

/* What the reference's file @weights has in the place of a whole tensor, newly allocated, in
 * the order of the parameter; @name gets its name there, newly allocated. NULL when it is not
 * there. */
float *train_fixture_get (TrainFixture *fixture, GlossWeights *weights,
                          const GlossParameter *parameter, char **name);

/* @examples = those of @indices, which is an array of JSON. */
void train_fixture_choose (TrainFixture *fixture, json_t *indices, GlossGradientExample *examples);

G_END_DECLS
