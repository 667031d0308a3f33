/* What training costs. */
#include "cli/bench-train.h"

#include "base/error.h"
#include "tensor/machine.h"
#include "train/gradient.h"
#include "train/state-file.h"
#include "train/train-work.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Tokens of "caption en" with its beginning and its newline, and of a caption with its end. */
#define N_PREFIX 4
#define N_CAPTION 60
#define N_IDS (N_PREFIX + N_CAPTION)

static const char *const names[] = { [GLOSS_TRAIN_ATTENTION] = "attention",
                                     [GLOSS_TRAIN_LORA] = "lora",
                                     [GLOSS_TRAIN_ALL] = "all",
                                     NULL };

typedef struct
{
  const GlossBenchTrainOptions *options; /* borrowed */
  const GlossModelConfig *config;        /* borrowed */
  GlossPool *pool;                       /* borrowed */
  json_t *object;                        /* borrowed; of "train" */
  GlossMachineRates best, lowest;
  GlossMachineRates latest;
  guint64 peak_bytes;
  double seconds; /* of the last pass that was measured */
  gint32 ids[N_IDS];
  GlossGradientExample example;

  /* owned */
  GlossTrainable *trainable;
  GlossGradient *gradient;
  GlossOptimizer *optimizer;
  float *image;
  float *states;
} Bench;

static void
bench_clear (Bench *bench)
{
  g_clear_pointer (&bench->optimizer, gloss_optimizer_free);
  g_clear_pointer (&bench->gradient, gloss_gradient_free);
  g_clear_pointer (&bench->trainable, gloss_trainable_free);
  g_free (bench->image);
  g_free (bench->states);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

const char *const *
gloss_bench_train_get_names (void)
{
  return names;
}

static double
get_seconds (void)
{
  return (double) g_get_monotonic_time () / 1e6;
}

static guint64
read_peak_bytes (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL)
      || !(line = strstr (text, "VmHWM:")))
    return 0;
  return g_ascii_strtoull (line + strlen ("VmHWM:"), NULL, 10) * 1024;
}

/* Around every phase, as the machine may be others' too. What it takes in memory is less than what
 * training has taken before, so that the peak is of that. */
static gboolean
measure_machine (Bench *bench, GError **error)
{
  gboolean is_first = bench->best.sgemm_flops == 0;

  if (!is_first)
    bench->peak_bytes = MAX (bench->peak_bytes, read_peak_bytes ());
  if (!gloss_machine_measure (bench->pool, &bench->latest, error))
    return FALSE;
  bench->best.sgemm_flops = MAX (bench->best.sgemm_flops, bench->latest.sgemm_flops);
  bench->lowest.sgemm_flops = is_first ? bench->latest.sgemm_flops
                                       : MIN (bench->lowest.sgemm_flops, bench->latest.sgemm_flops);
  return TRUE;
}

static gboolean
prepare (Bench *bench, GlossModel *model, GError **error)
{
  gsize side = gloss_model_config_get_image_size_px (bench->config), n_floats = side * side * 3;
  GlossOptimizerOptions optimizer;

  bench->trainable = gloss_trainable_new (model, &bench->options->train, error);
  if (!bench->trainable)
    return FALSE;
  bench->gradient =
      gloss_gradient_new (bench->trainable, bench->pool, 1, N_IDS, bench->config->n_table_rows,
                          GLOSS_GRADIENT_KEPT_BYTES, FALSE, error);
  /* as each set is usually trained */
  gloss_optimizer_options_init (&optimizer, bench->options->train.set == GLOSS_TRAIN_ATTENTION
                                                ? GLOSS_OPTIMIZER_SGD
                                                : GLOSS_OPTIMIZER_ADAMW);
  bench->optimizer =
      bench->gradient ? gloss_optimizer_new (bench->trainable, &optimizer, error) : NULL;
  if (!bench->optimizer)
    return FALSE;

  for (gsize i = 0; i < N_IDS; i++)
    bench->ids[i] = (gint32) ((i * 977 + 5) % bench->config->n_table_rows);
  bench->image = g_new (float, n_floats);
  for (gsize i = 0; i < n_floats; i++)
    bench->image[i] = (float) (i % 251) / 125 - 1;
  bench->example.sequence = (GlossSequence){ bench->ids, N_IDS, N_PREFIX, 0 };
  bench->example.image = bench->image;
  return TRUE;
}

static gboolean
run_example (Bench *bench, double *seconds, GError **error)
{
  const GlossGradientOptions options = { .n_batch = 1 };
  double start = get_seconds (), loss;

  loss = gloss_gradient_run (bench->gradient, &bench->example, 1, &options, NULL);
  *seconds = get_seconds () - start;
  if (isfinite (loss))
    return TRUE;
  g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                       "the model computes NaN or infinity instead of numbers");
  return FALSE;
}

/* Runs the example and says in @key of "train" how fast that was. */
static gboolean
measure_example (Bench *bench, const char *key, GError **error)
{
  double flop = gloss_train_work_count_flop (bench->trainable, &bench->example.sequence,
                                             bench->example.states != NULL);
  double rate = bench->latest.sgemm_flops, best = G_MAXDOUBLE, seconds;

  gloss_pool_set_profile (bench->pool, bench->options->profile);
  for (guint i = 0; i < bench->options->n_repeats; i++)
    {
      if (bench->options->profile)
        gloss_profile_clear (bench->options->profile);
      if (!run_example (bench, &seconds, error))
        return FALSE;
      best = MIN (best, seconds);
    }
  gloss_pool_set_profile (bench->pool, NULL);
  if (!measure_machine (bench, error))
    return FALSE;
  rate = MAX (rate, bench->latest.sgemm_flops);
  bench->seconds = best;
  json_object_set_new (bench->object, key,
                       json_pack ("{s:f, s:f, s:f, s:f, s:f}", "seconds_per_example", best,
                                  "examples_per_second", 1 / best, "gflop", flop / 1e9, "gflops",
                                  flop / best / 1e9, "share_of_sgemm", flop / best / rate));
  return TRUE;
}

/* What is the same each time, computed once; also how long that took. */
static void
keep_states (Bench *bench)
{
  double start = get_seconds ();

  bench->states =
      g_new (float, gloss_gradient_count_states (bench->gradient, &bench->example.sequence));
  gloss_gradient_make_states (bench->gradient, bench->states, &bench->example);
  bench->example.states = bench->states;
  json_object_set_new (bench->object, "states_seconds", json_real (get_seconds () - start));
}

static void
measure_optimizer (Bench *bench)
{
  double start = get_seconds (), norm;

  norm = gloss_optimizer_measure_norm (bench->optimizer, bench->pool);
  gloss_optimizer_step (bench->optimizer, bench->pool, norm, 1e-6, 1);
  json_object_set_new (bench->object, "optimizer_seconds", json_real (get_seconds () - start));
}

static gboolean
measure_snapshot (Bench *bench, GError **error)
{
  const char *parent = bench->options->folder ? bench->options->folder : g_get_tmp_dir ();
  g_autofree char *folder = g_build_filename (parent, "gloss-bench-XXXXXX", NULL);
  g_autofree char *path = NULL;
  g_autoptr (json_t) state = json_object ();
  double start = get_seconds ();
  GStatBuf info = { 0 };
  gboolean is_written;

  if (!g_mkdtemp (folder))
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   "a folder for the snapshot cannot be made: %s", g_strerror (saved));
      return FALSE;
    }
  path = g_build_filename (folder, GLOSS_SNAPSHOT_NAME, NULL);
  is_written = gloss_snapshot_write (bench->trainable, bench->optimizer, folder, state, error);
  json_object_set_new (bench->object, "snapshot_seconds", json_real (get_seconds () - start));
  if (g_stat (path, &info) == 0)
    json_object_set_new (bench->object, "snapshot_bytes", json_integer (info.st_size));
  g_unlink (path);
  g_rmdir (folder);
  return is_written;
}

typedef struct
{
  GCancellable *cancellable; /* borrowed */
  double delay_seconds;
  double stopped_at; /* written by the thread before it ends */
} Stopper;

static gpointer
stop_later (gpointer data)
{
  Stopper *stopper = data;

  g_usleep ((gulong) (stopper->delay_seconds * 1e6));
  stopper->stopped_at = get_seconds ();
  g_cancellable_cancel (stopper->cancellable);
  return NULL;
}

/* The longest that a pass goes on after a stop, of several at moments in all its parts.
 * What ended before its stop does not count. */
static void
measure_stops (Bench *bench)
{
  const GlossGradientOptions options = { .n_batch = 1 };
  guint n_stopped = 0;
  double longest = 0;

  for (guint i = 0; i < bench->options->n_stops; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Stopper stopper = { cancellable, (i + 0.5) / bench->options->n_stops * bench->seconds, 0 };
      GThread *thread;
      double end;

      gloss_pool_begin_job (bench->pool, cancellable);
      thread = g_thread_new ("stop", stop_later, &stopper);
      gloss_gradient_run (bench->gradient, &bench->example, 1, &options, NULL);
      end = get_seconds ();
      g_thread_join (thread);
      gloss_pool_end_job (bench->pool, NULL);
      if (end <= stopper.stopped_at)
        continue;
      n_stopped++;
      longest = MAX (longest, end - stopper.stopped_at);
    }
  json_object_set_new (
      bench->object, "stop",
      json_pack ("{s:i, s:f}", "stops", (int) n_stopped, "longest_seconds", longest));
}

static void
describe (Bench *bench)
{
  const GlossTrainOptions *train = gloss_trainable_get_options (bench->trainable);

  json_object_update_new (
      bench->object,
      json_pack (
          "{s:s, s:i, s:i, s:i, s:I, s:i, s:i}", "set", names[train->set], "layers",
          (int) bench->config->depth, "lowest_layer",
          (int) gloss_trainable_get_lowest_layer (bench->trainable), "rank", (int) train->rank,
          "trained_values", (json_int_t) gloss_trainable_count_values (bench->trainable),
          "caption_tokens", N_CAPTION, "rows",
          (int) gloss_packed_count_rows (&bench->example.sequence, bench->config->n_image_tokens)));
}

static gboolean
measure (Bench *bench, GError **error)
{
  if (!measure_machine (bench, error) || !measure_example (bench, "first_sight", error))
    return FALSE;
  if (bench->options->n_stops > 0)
    measure_stops (bench);
  if (gloss_gradient_has_states (bench->gradient))
    {
      keep_states (bench);
      if (!measure_example (bench, "with_kept_states", error))
        return FALSE;
    }
  measure_optimizer (bench);
  return measure_snapshot (bench, error);
}

gboolean
gloss_bench_train_run (GlossModel *model, GlossPool *pool, const GlossBenchTrainOptions *options,
                       json_t *root, double *profiled_seconds, GError **error)
{
  g_auto (Bench) bench = { .options = options,
                           .config = gloss_model_get_config (model),
                           .pool = pool,
                           .object = json_object () };

  json_object_set_new (root, "train", bench.object);
  if (!prepare (&bench, model, error))
    return FALSE;
  describe (&bench);
  if (!measure (&bench, error))
    return FALSE;
  *profiled_seconds = bench.seconds;
  json_object_set_new (root, "peak_rss_bytes", json_integer ((json_int_t) bench.peak_bytes));
  json_object_set_new (root, "machine",
                       json_pack ("{s:f, s:f}", "sgemm_gflops", bench.best.sgemm_flops / 1e9,
                                  "lowest_sgemm_gflops", bench.lowest.sgemm_flops / 1e9));
  return TRUE;
}
