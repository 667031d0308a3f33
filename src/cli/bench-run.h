/* The phases of a caption, each run and timed by itself, and how soon each stops. */
#pragma once

#include "model/decode.h"

G_BEGIN_DECLS

/* Tokens of "caption en" with its beginning and its newline. */
#define GLOSS_BENCH_PROMPT_TOKENS 4

typedef enum
{
  GLOSS_BENCH_ENCODER, /* the vision tower: a picture becomes image tokens */
  GLOSS_BENCH_PREFILL, /* image tokens and prompt, up to the logits of the first token */
  GLOSS_BENCH_DECODE,  /* one token after the other; seconds are of one */
  GLOSS_BENCH_N_PHASES
} GlossBenchPhase;

/* "encoder", "prefill", "decode"; static. */
const char *gloss_bench_get_phase_name (GlossBenchPhase phase);

typedef struct _GlossBench GlossBench;

/* Borrows @model and @pool. Fails with GLOSS_ERROR_TOO_LARGE. From the thread that runs the job. */
GlossBench *gloss_bench_new (GlossModel *model, GlossPool *pool, guint n_tokens, GError **error);
void gloss_bench_free (GlossBench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossBench, gloss_bench_free)

/* Rows of the prefill. */
gsize gloss_bench_get_n_rows (const GlossBench *bench);

/*
 * Runs @phase, for which those before it must have been run, and says in @seconds how long it took;
 * of decoding, for each token on average. Fails with GLOSS_ERROR_TOO_LARGE, or with
 * GLOSS_ERROR_FORMAT when the model computes no numbers.
 */
gboolean gloss_bench_run (GlossBench *bench, GlossBenchPhase phase, double *seconds,
                          GError **error);

/* Random numbers in the place of what encoder and prefill leave, so that any phase can be run
 * without those before it. Fails with GLOSS_ERROR_TOO_LARGE. */
gboolean gloss_bench_fake (GlossBench *bench, GError **error);

/*
 * Runs @phase, which takes about @phase_seconds, again and again and stops it @n_stops times, or
 * fewer where that takes long, at moments spread over its first layer or token. Adds the seconds
 * from each stop to the return to
 * @latencies (GArray of double); what ended before its stop adds none. Fails as a run does.
 */
gboolean gloss_bench_stop (GlossBench *bench, GlossBenchPhase phase, double phase_seconds,
                           guint n_stops, GArray *latencies, GError **error);

G_END_DECLS
