/* The small models that the reference implementations have run, and what they gave. */
#pragma once

#include "base/json.h"
#include "model/captioner.h"
#include "weights/weights.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;                /* owned: "paligemma1" */
  json_t *json;              /* owned: fixture.json */
  GlossWeights *forward;     /* owned: forward.npz */
  GlossTokenizer *tokenizer; /* owned */
} Fixture;

/* tests/fixtures/@name; fails the test when it cannot be read. */
Fixture *fixture_new (const char *name);
void fixture_free (Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

/* The model in @file of the fixture ("weights.bf16.npz", "hf"), with the query scale that
 * fixture.json names. */
GlossModel *fixture_load_model (Fixture *fixture, const char *file);

/* The same model, made into a prepared file and loaded from there. Its file is gone from the disk
 * already, and what asks whether it is still there hears that it changed. */
GlossModel *fixture_load_prepared_model (Fixture *fixture, const char *file);
GlossModel *fixture_load_prepared_model_as (Fixture *fixture, const char *file,
                                            GlossArithmetic arithmetic);

/* The tensor @name of forward.npz as floats, newly allocated; @n gets their number. F32 or I32. */
float *fixture_get_floats (Fixture *fixture, const char *name, gsize *n);

/* Index of the picture @file among the four of forward.npz. */
gsize fixture_find_image (Fixture *fixture, const char *file);

G_END_DECLS
