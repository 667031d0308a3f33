/* The phases of a caption, each run and timed by itself. */
#include "cli/bench-run.h"

#include "base/error.h"
#include "base/random.h"
#include "model/siglip.h"
#include "tensor/attention.h"
#include "tensor/linear.h"

#include <math.h>

/* Tokens beyond those that are timed: a stopped run adds at most this many. */
#define STOP_TOKENS 3
#define MAX_STOPS 64

/* A phase is stopped for so long, but so often at least. Moments that are this share apart lie
 * evenly however many come about. */
#define STOPPING_USEC (15 * G_USEC_PER_SEC)
#define MIN_STOPS 6
#define SPREAD 0.61803398875

struct _GlossBench
{
  GlossModel *model; /* borrowed */
  GlossPool *pool;   /* borrowed */
  guint n_tokens;
  gsize n_rows;

  /* owned */
  GlossArena *arena;
  GlossKvCache *cache; /* NULL before a prefill */
  guint *n_visible;    /* [n_rows] */
  float *image;        /* [side × side × 3] */
  float *image_tokens; /* [n_image_tokens × width] */
  float *x;            /* [n_rows × width] */
};

const char *
gloss_bench_get_phase_name (GlossBenchPhase phase)
{
  static const char *const names[] = { "encoder", "prefill", "decode" };

  return names[phase];
}

static gsize
count_arena_bytes (const GlossModelConfig *config, gsize n_rows)
{
  gsize decoder = gloss_decoder_get_workspace_bytes (config, config->n_table_rows, 1)
                  + gloss_gemma_get_workspace_bytes (config, 1);

  return MAX (MAX (gloss_siglip_get_workspace_bytes (config),
                   gloss_gemma_get_workspace_bytes (config, n_rows)),
              decoder);
}

static void
fill (float *x, gsize n)
{
  GlossRandom random;

  gloss_random_init (&random, 1);
  for (gsize i = 0; i < n; i++)
    x[i] = (float) (gloss_random_next_double (&random) * 2 - 1);
}

GlossBench *
gloss_bench_new (GlossModel *model, GlossPool *pool, guint n_tokens, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  g_autoptr (GlossBench) bench = g_new0 (GlossBench, 1);
  gsize side = gloss_model_config_get_image_size_px (config);

  bench->model = model;
  bench->pool = pool;
  bench->n_tokens = n_tokens;
  bench->n_rows = config->n_image_tokens + GLOSS_BENCH_PROMPT_TOKENS;
  if (!gloss_pool_reserve_scratch (pool,
                                   MAX (gloss_linear_get_scratch_bytes (),
                                        gloss_attention_get_scratch_bytes (
                                            bench->n_rows + n_tokens + MAX_STOPS * STOP_TOKENS)),
                                   error))
    return NULL;
  bench->arena = gloss_arena_new (count_arena_bytes (config, bench->n_rows), error);
  if (!bench->arena)
    return NULL;
  bench->n_visible = g_new (guint, bench->n_rows);
  bench->image = g_new (float, side *side * 3);
  bench->image_tokens = g_new (float, config->n_image_tokens * config->width);
  bench->x = g_new (float, bench->n_rows * config->width);

  /* a prefix sees all of itself */
  for (gsize i = 0; i < bench->n_rows; i++)
    bench->n_visible[i] = (guint) bench->n_rows;
  fill (bench->image, side * side * 3);
  return g_steal_pointer (&bench);
}

void
gloss_bench_free (GlossBench *bench)
{
  g_clear_pointer (&bench->arena, gloss_arena_free);
  g_clear_pointer (&bench->cache, gloss_kv_cache_free);
  g_free (bench->n_visible);
  g_free (bench->image);
  g_free (bench->image_tokens);
  g_free (bench->x);
  g_free (bench);
}

gsize
gloss_bench_get_n_rows (const GlossBench *bench)
{
  return bench->n_rows;
}

static gboolean
take_cache (GlossBench *bench, GError **error)
{
  g_clear_pointer (&bench->cache, gloss_kv_cache_free);
  bench->cache =
      gloss_kv_cache_new (gloss_model_get_config (bench->model), bench->n_rows, 1,
                          bench->n_tokens + MAX_STOPS * STOP_TOKENS, GLOSS_KV_F32, error);
  return bench->cache != NULL;
}

gboolean
gloss_bench_fake (GlossBench *bench, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (bench->model);
  gsize n_keys = bench->n_rows * config->n_kv_heads * config->head_dim;
  g_autofree float *keys = g_new (float, n_keys);

  if (!take_cache (bench, error))
    return FALSE;
  fill (keys, n_keys);
  for (gsize layer = 0; layer < config->depth; layer++)
    gloss_kv_cache_write_prefix (bench->cache, layer, keys, keys);
  fill (bench->image_tokens, config->n_image_tokens * config->width);
  fill (bench->x, bench->n_rows * config->width);
  return TRUE;
}

static gboolean
prefill (GlossBench *bench, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (bench->model);
  const gint32 ids[GLOSS_BENCH_PROMPT_TOKENS] = { 2, 3, 4, 5 };
  gsize n = config->n_image_tokens * config->width;
  gsize mark = gloss_arena_get_mark (bench->arena);
  float *logits;

  if (!take_cache (bench, error))
    return FALSE;
  memcpy (bench->x, bench->image_tokens, n * sizeof (float));
  gloss_gemma_embed (bench->model, bench->x + n, ids, G_N_ELEMENTS (ids));
  gloss_gemma_prefill (bench->model, bench->pool, bench->arena, bench->cache, bench->x,
                       bench->n_rows, bench->n_visible, 1, NULL);
  logits = gloss_arena_alloc_floats (bench->arena, config->n_table_rows);
  gloss_gemma_logits (bench->model, bench->pool, logits,
                      bench->x + (bench->n_rows - 1) * config->width, 1, config->n_table_rows, 0);
  gloss_arena_reset (bench->arena, mark);
  return TRUE;
}

/* When the first and the last token came. */
typedef struct
{
  gint64 first_usec;
  gint64 last_usec;
  guint n;
} Clock;

static void
note_token (gint32 id, gpointer user_data)
{
  Clock *clock = user_data;

  clock->last_usec = g_get_monotonic_time ();
  if (clock->n++ == 0)
    clock->first_usec = clock->last_usec;
}

/* @n_tokens after the first, whose logits the prefill has. */
static gboolean
decode (GlossBench *bench, guint n_tokens, double *seconds, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (bench->model);
  Clock clock = { 0 };
  GlossDecoder decoder = {
    .model = bench->model,
    .pool = bench->pool,
    .arena = bench->arena,
    .cache = bench->cache,
    .n_vocab = config->n_table_rows,
    .eos_id = -1, /* none comes */
    .max_tokens = n_tokens + 1,
    .n_beams = 1,
  };
  g_autoptr (GlossDecoded) decoded = gloss_decode_single (
      &decoder, bench->x + (bench->n_rows - 1) * config->width, note_token, &clock);

  if (decoded->is_broken)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           "the model computes NaN or infinity instead of numbers");
      return FALSE;
    }
  if (seconds)
    *seconds = (double) (clock.last_usec - clock.first_usec) / 1e6 / MAX (1, clock.n - 1);
  return TRUE;
}

gboolean
gloss_bench_run (GlossBench *bench, GlossBenchPhase phase, double *seconds, GError **error)
{
  gint64 start_usec = g_get_monotonic_time ();
  gboolean is_done = TRUE;

  switch (phase)
    {
    case GLOSS_BENCH_ENCODER:
      gloss_siglip_encode (bench->model, bench->pool, bench->arena, bench->image_tokens,
                           bench->image, NULL);
      break;
    case GLOSS_BENCH_PREFILL:
      is_done = prefill (bench, error);
      break;
    case GLOSS_BENCH_DECODE:
      return decode (bench, bench->n_tokens, seconds, error);
    case GLOSS_BENCH_N_PHASES:
      g_assert_not_reached ();
    }
  *seconds = (double) (g_get_monotonic_time () - start_usec) / 1e6;
  return is_done;
}

typedef struct
{
  GCancellable *cancellable; /* borrowed */
  gint64 delay_usec;
  gint64 stop_usec; /* written by the thread before it ends */
} Stopper;

static gpointer
stop_later (gpointer data)
{
  Stopper *stopper = data;

  g_usleep ((gulong) stopper->delay_usec);
  stopper->stop_usec = g_get_monotonic_time ();
  g_cancellable_cancel (stopper->cancellable);
  return NULL;
}

/* Moments are of a layer, or of two tokens, and as much again as comes before the first of them. */
static double
get_window_seconds (const GlossBench *bench, GlossBenchPhase phase, double phase_seconds)
{
  const GlossModelConfig *config = gloss_model_get_config (bench->model);

  switch (phase)
    {
    case GLOSS_BENCH_ENCODER:
      return phase_seconds / (double) config->vit_depth * 1.5;
    case GLOSS_BENCH_PREFILL:
      return phase_seconds / (double) config->depth * 1.5;
    case GLOSS_BENCH_DECODE:
      return phase_seconds * 2;
    case GLOSS_BENCH_N_PHASES:
      break;
    }
  g_assert_not_reached ();
}

gboolean
gloss_bench_stop (GlossBench *bench, GlossBenchPhase phase, double phase_seconds, guint n_stops,
                  GArray *latencies, GError **error)
{
  double window_usec = get_window_seconds (bench, phase, phase_seconds) * 1e6;
  gint64 start_usec = g_get_monotonic_time ();

  g_return_val_if_fail (n_stops <= MAX_STOPS, FALSE);
  for (guint i = 0; i < n_stops; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      double moment = fmod ((i + 0.5) * SPREAD, 1);
      Stopper stopper = { cancellable, (gint64) (moment * window_usec), 0 };
      gboolean is_done, was_stopped;
      gint64 end_usec;
      double seconds;
      GThread *thread;

      if (i >= MIN_STOPS && g_get_monotonic_time () - start_usec > STOPPING_USEC)
        break;
      gloss_pool_begin_job (bench->pool, cancellable);
      thread = g_thread_new ("stop", stop_later, &stopper);
      is_done = phase == GLOSS_BENCH_DECODE ? decode (bench, STOP_TOKENS, NULL, error)
                                            : gloss_bench_run (bench, phase, &seconds, error);
      end_usec = g_get_monotonic_time ();
      g_thread_join (thread);
      was_stopped = end_usec > stopper.stop_usec;
      gloss_pool_end_job (bench->pool, NULL);
      if (!is_done)
        return FALSE;
      if (was_stopped)
        {
          double latency = (double) (end_usec - stopper.stop_usec) / 1e6;

          g_array_append_val (latencies, latency);
        }
    }
  return TRUE;
}
