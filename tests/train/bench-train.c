/* What a training step of PaliGemma 3B costs: seconds for an example, and the share of the
 * machine's own sgemm rate, counting only what the mathematics needs (no activations computed
 * again). Prints JSON lines. */
#include "model/full-size.h"
#include "support/asserts.h"
#include "tensor/gemm.h"
#include "train/gradient.h"

#include <stdio.h>
#include <sys/resource.h>

#define SQUARE 1024
#define N_PREFIX 4
#define N_IDS (N_PREFIX + 60)

typedef struct
{
  const float *a;
  float *out;
} Machine;

static void
run_square (gsize tile, guint worker, gpointer user_data)
{
  const Machine *machine = user_data;

  gloss_gemm (machine->out + tile * SQUARE * SQUARE, SQUARE, machine->a, SQUARE, machine->a, SQUARE,
              FALSE, SQUARE, SQUARE, SQUARE, 1, 0);
}

static double
get_seconds (void)
{
  return (double) g_get_monotonic_time () / 1e6;
}

/* Floating point operations a second that the machine gives. */
static double
measure_rate (GlossPool *pool)
{
  gsize n = 4 * gloss_pool_get_n_threads (pool);
  g_autofree float *a = g_new (float, SQUARE *SQUARE);
  g_autofree float *out = g_new (float, n *SQUARE *SQUARE);
  Machine machine = { a, out };
  double best = 1e9;

  gloss_test_fill (a, SQUARE * SQUARE, 1);
  for (guint i = 0; i < 4; i++)
    {
      double start = get_seconds ();

      gloss_pool_run (pool, n, run_square, &machine);
      best = MIN (best, get_seconds () - start);
    }
  return 2.0 * SQUARE * SQUARE * SQUARE * (double) n / best;
}

/* What one example needs, in operations. */
static double
count_needed (GlossTrainable *trainable, gboolean looks)
{
  const GlossModelConfig *c = gloss_model_get_config (gloss_trainable_get_base (trainable));
  gsize lowest = gloss_trainable_get_lowest_layer (trainable), n_active = N_IDS - N_PREFIX;
  double n_rows = (double) (c->n_image_tokens + N_IDS - 1), active = (double) n_active;
  double kv = 2.0 * (double) (c->width * c->n_kv_heads * c->head_dim);
  double query = 2.0 * (double) (c->width * c->n_heads * c->head_dim);
  double mlp = 3.0 * (double) (c->width * c->mlp_dim), total = 0;
  gboolean is_whole = gloss_trainable_get_options (trainable)->set == GLOSS_TRAIN_ATTENTION;

  for (gsize layer = looks ? 0 : lowest; layer < c->depth; layer++)
    {
      double rows = layer + 1 == c->depth ? active : n_rows;
      double forward = 2 * (n_rows * kv + rows * (query + mlp));

      total += forward;
      if (layer >= lowest)
        total += forward - (layer == lowest ? 2 * (n_rows * kv + rows * query / 2) : 0);
      if (layer >= lowest && is_whole)
        total += 2 * (n_rows * kv + rows * query);
    }
  if (looks)
    total += 2 * (double) c->n_image_tokens
             * (double) (c->vit_depth
                             * (4 * c->vit_width * c->vit_width + 2 * c->vit_width * c->vit_mlp_dim)
                         + c->vit_width * c->width);
  return total + 4 * active * (double) c->n_table_rows * (double) c->width;
}

static void
run (GlossModel *model, GlossPool *pool, const GlossTrainOptions *options, const char *name)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize side = gloss_model_config_get_image_size_px (config);
  g_autofree float *image = g_new (float, side *side * 3);
  g_autofree float *states = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTrainable) trainable = gloss_trainable_new (model, options, &error);
  g_autoptr (GlossGradient) gradient =
      gloss_gradient_new (trainable, pool, 1, N_IDS, config->n_table_rows, FALSE, &error);
  GlossGradientOptions run_options = { .n_batch = 1 };
  GlossGradientExample example = { .image = image };
  gint32 ids[N_IDS];
  double rate = measure_rate (pool), start, first, next, share, next_share;
  struct rusage usage;

  g_assert_no_error (error);
  gloss_test_fill (image, side * side * 3, 3);
  for (guint i = 0; i < N_IDS; i++)
    ids[i] = (gint32) (i * 977 + 5);
  example.sequence = (GlossSequence){ ids, N_IDS, N_PREFIX, 0 };
  states = g_new (float, gloss_gradient_count_states (gradient, &example.sequence));

  start = get_seconds ();
  gloss_gradient_make_states (gradient, states, &example);
  example.states = states;
  next = get_seconds ();
  gloss_gradient_run (gradient, &example, 1, &run_options, NULL);
  first = get_seconds () - start;
  next = get_seconds () - next;
  share = count_needed (trainable, TRUE) / first / rate;
  next_share = count_needed (trainable, FALSE) / next / rate;
  getrusage (RUSAGE_SELF, &usage);
  printf (
      "{\"name\": \"%s\", \"threads\": %u, \"sgemm_gflops\": %.1f, \"seconds_first_sight\": %.2f, "
      "\"share_of_sgemm_first_sight\": %.3f, \"seconds_with_states\": %.2f, "
      "\"share_of_sgemm_with_states\": %.3f, \"peak_rss_gb\": %.2f, \"major_faults\": %ld}\n",
      name, gloss_pool_get_n_threads (pool), rate / 1e9, first, share, next, next_share,
      (double) usage.ru_maxrss / 1e6, usage.ru_majflt);
  fflush (stdout);
}

typedef struct
{
  GCancellable *cancellable;
  double delay;      /* in seconds */
  double stopped_at; /* when it was cancelled */
} Stop;

static gpointer
cancel_later (gpointer data)
{
  Stop *stop = data;

  g_usleep ((gulong) (stop->delay * 1e6));
  stop->stopped_at = get_seconds ();
  g_cancellable_cancel (stop->cancellable);
  return NULL;
}

/* How long a step goes on after a stop, at moments in all of its parts. */
static void
run_stops (GlossModel *model, GlossPool *pool)
{
  static const double delays[] = { 0.4, 1.1, 3.7, 6.2, 9.1, 13.3, 17.9, 21.7 };
  const GlossTrainOptions options = { .set = GLOSS_TRAIN_ATTENTION };
  const GlossModelConfig *config = gloss_model_get_config (model);
  gsize side = gloss_model_config_get_image_size_px (config);
  g_autofree float *image = g_new0 (float, side *side * 3);
  g_autoptr (GlossTrainable) trainable = gloss_trainable_new (model, &options, NULL);
  g_autoptr (GlossGradient) gradient =
      gloss_gradient_new (trainable, pool, 1, N_IDS, config->n_table_rows, FALSE, NULL);
  GlossGradientOptions run_options = { .n_batch = 1 };
  gint32 ids[N_IDS] = { 0 };
  GlossGradientExample example = { .sequence = { ids, N_IDS, N_PREFIX, 0 }, .image = image };
  double worst = 0;
  guint n_stopped = 0;

  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Stop stop = { cancellable, delays[i], 0 };
      GThread *thread = g_thread_new ("stop", cancel_later, &stop);
      double end;

      gloss_pool_begin_job (pool, cancellable);
      gloss_gradient_run (gradient, &example, 1, &run_options, NULL);
      end = get_seconds ();
      n_stopped += !gloss_pool_end_job (pool, NULL);
      g_thread_join (thread);
      worst = MAX (worst, end - stop.stopped_at);
    }
  printf ("{\"name\": \"stop\", \"stopped\": %u, \"worst_ms\": %.1f}\n", n_stopped, worst * 1e3);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  static const GlossTrainOptions attention = { .set = GLOSS_TRAIN_ATTENTION };
  static const GlossTrainOptions lora = { .set = GLOSS_TRAIN_LORA, .rank = 8, .n_top_layers = 6 };
  char *folder = gloss_test_folder_new ();
  GlossModelConfig config;
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossPool) pool = gloss_pool_new (0);
  const char *why;
  g_autofree char *path = NULL;
  GlossModel *model;

  full_size_get_config (&config, FULL_SIZE_PALIGEMMA_3B, 224);
  path = full_size_write_npz (folder, &config, &why);
  if (!path)
    {
      fprintf (stderr, "%s\n", why);
      gloss_test_folder_remove (folder);
      return 77;
    }
  model = gloss_model_load (path, NULL, &error);
  g_assert_no_error (error);
  run (model, pool, &lora, "lora on the top third");
  /* the second time with what it takes in memory already */
  run (model, pool, &attention, "attention");
  run (model, pool, &attention, "attention, again");
  run_stops (model, pool);
  gloss_model_unref (model);
  gloss_test_folder_remove (folder);
  return 0;
}
