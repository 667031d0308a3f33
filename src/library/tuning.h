/* A run of fine-tuning as Gloss does it: settings and a folder in, a result in the folder out. */
#pragma once

#include "library/run-log.h"
#include "library/tuning-data.h"

G_BEGIN_DECLS

#define GLOSS_TUNING_LOG_NAME "log.jsonl"
#define GLOSS_TUNING_REPORT_NAME "report.json" /* how the result compares with the base */

typedef struct _GlossTuning GlossTuning;

/*
 * Opens the model and the data that @settings name and gets ready to run in @folder, which is
 * there: from the beginning, or from its snapshot if it has one and @resumes. Each step and
 * evaluation goes into the folder's record, which with @echoes_log is printed too, and to
 * @observer, in the thread that runs. @pool is borrowed. Fails as its parts do. Blocks.
 */
GlossTuning *gloss_tuning_open (const GlossTuningSettings *settings, const char *folder,
                                gboolean resumes, GlossPool *pool,
                                const GlossTrainObserver *observer, GlossRunLogFunc line,
                                gpointer line_data, GCancellable *cancellable, GError **error);
void gloss_tuning_free (GlossTuning *tuning);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossTuning, gloss_tuning_free)

/* As gloss_trainer_run () does it. */
gboolean gloss_tuning_run (GlossTuning *tuning, GCancellable *cancellable, GError **error);

/* All borrowed. */
GlossTrainer *gloss_tuning_get_trainer (GlossTuning *tuning);
GlossModel *gloss_tuning_get_base (GlossTuning *tuning);
GlossTokenizer *gloss_tuning_get_tokenizer (GlossTuning *tuning);
const GlossTuningData *gloss_tuning_get_data (GlossTuning *tuning);
guint gloss_tuning_get_n_steps (GlossTuning *tuning);

G_END_DECLS
