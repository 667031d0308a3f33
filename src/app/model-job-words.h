/* What a person is told about a job. */
#pragma once

#include "app/model-job.h"

G_BEGIN_DECLS

/* "Downloading paligemma2-3b-mix-224"; newly allocated, as all. Main thread. */
char *gloss_model_job_make_title (GlossModelJob *job);

/* "1.2 GB of 5.8 GB · 34 MB/s · 3 minutes left", or why it failed. */
char *gloss_model_job_make_status (GlossModelJob *job);

G_END_DECLS
