/* The examples of a run of fine-tuning: those that are learnt from, and those held out. */
#pragma once

#include "dataset/pairs.h"
#include "library/tuning-settings.h"

G_BEGIN_DECLS

typedef struct
{
  GlossPairs *pairs;    /* owned; as they were read and split */
  GlossPairs *held_out; /* owned; those of settings.validation, NULL: there is none */
  GArray *training;     /* owned; GlossTrainExample, at least one */
  GArray *validation;   /* owned */
  gsize max_ids;        /* the longest has so many */
  guint n_left_out;     /* entries that cannot be used */
} GlossTuningData;

/*
 * Reads what @settings name, or splits the one there is. NULL as gloss_pairs_read (), the store and
 * the tokenizer fail, and with G_IO_ERROR_NOT_FOUND when nothing is there to learn from. Any
 * thread; it waits for the disk.
 */
GlossTuningData *gloss_tuning_data_read (const GlossTuningSettings *settings,
                                         GlossTokenizer *tokenizer, GCancellable *cancellable,
                                         GError **error);
void gloss_tuning_data_free (GlossTuningData *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuningData, gloss_tuning_data_free)

G_END_DECLS
