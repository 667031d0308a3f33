/* gloss-cli bench: how long a model takes on this machine, and what share of its rates that is. */
#include "cli/commands.h"

#include "base/json.h"
#include "cli/bench-model.h"
#include "cli/bench-run.h"
#include "cli/bench-torch.h"
#include "cli/bench-train.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "model/arithmetic.h"
#include "model/shape.h"
#include "model/work.h"
#include "tensor/gemm.h"
#include "tensor/linear.h"
#include "tensor/machine.h"

#include <stdio.h>
#include <string.h>

#define COMMAND "bench"
#define DEFAULT_SHAPE "paligemma-3b-224"
#define DEFAULT_TOKENS 16
#define DEFAULT_REPEATS 3
#define N_STOPS 16

/* For so long the machine is taken to be as it was measured. */
#define MEASURED_USEC G_USEC_PER_SEC

/* As --weights and --layout have them, the default first. */
static const char *const weight_names[] = { "bf16", "f16", "f32", NULL };
static const GlossDtype weight_types[] = { GLOSS_DTYPE_BF16, GLOSS_DTYPE_F16, GLOSS_DTYPE_F32 };
static const char *const layout_names[] = { "prepared", "source", NULL };

typedef struct
{
  /* owned */
  char *shape;
  char *model;
  char *folder;

  int weights; /* an index */
  int layout;  /* an index */
  GlossArithmetic arithmetic;
  int n_threads;
  int n_tokens;
  int n_repeats;
  int n_layers;  /* 0: as the shape has */
  int train_set; /* GlossTrainSet; −1: no training */
  int n_top_layers;
  gboolean with_profile;
  gboolean with_stop;
  gboolean against_torch;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->shape);
  g_free (options->model);
  g_free (options->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, int argc, char **argv)
{
  g_autofree char *weights = NULL, *layout = NULL, *arithmetic = NULL, *train = NULL;
  g_auto (GStrv) rest = NULL;
  int chosen;
  const GOptionEntry entries[] = {
    { "shape", 0, 0, G_OPTION_ARG_FILENAME, &options->shape,
      "measure random weights of this shape (default: " DEFAULT_SHAPE ")", "SHAPE" },
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &options->model, "measure this model instead",
      "MODEL" },
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &weights,
      "type of the random weights: bf16, f16 or f32 (default: bf16)", "TYPE" },
    { "layout", 0, 0, G_OPTION_ARG_FILENAME, &layout,
      "prepared: as gloss-cli prepare orders them; source: as Hugging Face does (default: "
      "prepared)",
      "LAYOUT" },
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &options->folder,
      "where to put the random weights meanwhile (default: the folder for temporary files)",
      "FOLDER" },
    { "arithmetic", 0, 0, G_OPTION_ARG_FILENAME, &arithmetic, "how to compute (default: exact)",
      "KIND" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options->n_threads,
      "threads that compute (default: one for each CPU)", "N" },
    { "tokens", 0, 0, G_OPTION_ARG_INT, &options->n_tokens, "tokens to decode (default: 16)", "N" },
    { "repeats", 0, 0, G_OPTION_ARG_INT, &options->n_repeats,
      "run each phase N times, the fastest counts; 0: only --stop (default: 3)", "N" },
    { "train", 0, 0, G_OPTION_ARG_FILENAME, &train,
      "measure training instead: attention, lora or all", "SET" },
    { "top-layers", 0, 0, G_OPTION_ARG_INT, &options->n_top_layers,
      "train only the last N layers of the language model", "N" },
    { "layers", 0, 0, G_OPTION_ARG_INT, &options->n_layers,
      "give the language model of a --shape only N layers", "N" },
    { "profile", 0, 0, G_OPTION_ARG_NONE, &options->with_profile,
      "say which operations take the time", NULL },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &options->with_stop,
      "say how soon each phase stops when it is told to", NULL },
    { "against-torch", 0, 0, G_OPTION_ARG_NONE, &options->against_torch,
      "print the command that measures transformers on PyTorch the same way, and do nothing",
      NULL },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    { NULL },
  };

  options->n_tokens = DEFAULT_TOKENS;
  options->n_repeats = DEFAULT_REPEATS;
  if (!gloss_cli_parse_options (
          COMMAND, entries, "— measure the engine on this machine",
          "SHAPE is paligemma-3b, paligemma2-3b, paligemma2-10b or paligemma2-28b with the side of "
          "the picture\nbehind it, as in paligemma-3b-448; or demo-112. Prints JSON: what the "
          "machine does, measured just\nbefore, and what share of it the phases of a caption "
          "reach.\n",
          argc, argv)
      || !gloss_cli_parse_choice (COMMAND, "--weights", weights, weight_names, &options->weights)
      || !gloss_cli_parse_choice (COMMAND, "--layout", layout, layout_names, &options->layout)
      || !gloss_cli_parse_choice (COMMAND, "--arithmetic", arithmetic,
                                  gloss_arithmetic_get_names (), &chosen)
      || !gloss_cli_parse_choice (COMMAND, "--train", train, gloss_bench_train_get_names (),
                                  &options->train_set)
      || !gloss_cli_check_range (COMMAND, "--top-layers", options->n_top_layers, 0, 1024)
      || !gloss_cli_check_range (COMMAND, "--layers", options->n_layers, 0, 1024)
      || !gloss_cli_check_range (COMMAND, "--threads", options->n_threads, 0, 1024)
      || !gloss_cli_check_range (COMMAND, "--tokens", options->n_tokens, 1, 1024)
      || !gloss_cli_check_range (COMMAND, "--repeats", options->n_repeats, 0, 100))
    return FALSE;
  options->arithmetic = (GlossArithmetic) chosen;
  if (!train)
    options->train_set = -1;
  if (rest)
    return gloss_cli_refuse_usage (COMMAND, "\"%s\" is one word too many", rest[0]);
  if (options->model && options->shape)
    return gloss_cli_refuse_usage (COMMAND, "--shape and --model exclude each other");
  if (options->model && options->against_torch)
    return gloss_cli_refuse_usage (COMMAND, "--against-torch is for a --shape");
  if (options->model && options->n_layers > 0)
    return gloss_cli_refuse_usage (COMMAND, "--layers is for a --shape");
  if (!train && options->n_top_layers > 0)
    return gloss_cli_refuse_usage (COMMAND, "--top-layers is for --train");
  if (train && options->n_repeats == 0)
    return gloss_cli_refuse_usage (COMMAND, "--train needs --repeats of at least 1");
  if (!options->model && !options->shape)
    options->shape = g_strdup (DEFAULT_SHAPE);
  return TRUE;
}

/* One whole run: what is measured, with what, and what came out. */
typedef struct
{
  const Options *options;    /* borrowed */
  GlossPool *pool;           /* owned */
  GlossModel *model;         /* owned */
  GlossProfile *profile;     /* owned; NULL without --profile */
  GlossDtype dtype;          /* of the language model's weights */
  GlossMachineRates machine; /* the better of those around the present phase */
  GlossMachineRates latest, best, lowest;
  gint64 measured_usec; /* when latest was */
  guint64 peak_bytes;   /* before the latest measurement of the machine */
  double load_seconds;
  json_t *root; /* owned */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->model, gloss_model_unref);
  g_clear_pointer (&run->pool, gloss_pool_free);
  g_clear_pointer (&run->profile, gloss_profile_free);
  json_decref (run->root);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
forget_peak_memory (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  if (!file)
    return;
  fputs ("5", file);
  fclose (file);
}

static guint64
read_status_bytes (const char *key)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL) || !(line = strstr (text, key)))
    return 0;
  return g_ascii_strtoull (line + strlen (key), NULL, 10) * 1024;
}

/* Of a machine that others use too the rates change: they are measured around every phase. The
 * memory that it takes is not in the peak. */
static gboolean
measure_machine (Run *run, GError **error)
{
  gboolean is_first = run->best.sgemm_flops == 0;
  GlossMachineRates *latest = &run->latest, *best = &run->best, *lowest = &run->lowest;

  if (!is_first && g_get_monotonic_time () - run->measured_usec < MEASURED_USEC)
    return TRUE;
  if (!is_first)
    run->peak_bytes = MAX (run->peak_bytes, read_status_bytes ("VmHWM:"));
  if (!gloss_machine_measure (run->pool, latest, error))
    return FALSE;
  run->measured_usec = g_get_monotonic_time ();
  forget_peak_memory ();
  best->sgemm_flops = MAX (best->sgemm_flops, latest->sgemm_flops);
  best->bf16_flops = MAX (best->bf16_flops, latest->bf16_flops);
  best->read_bytes = MAX (best->read_bytes, latest->read_bytes);
  if (is_first)
    *lowest = *latest;
  lowest->sgemm_flops = MIN (lowest->sgemm_flops, latest->sgemm_flops);
  lowest->bf16_flops = MIN (lowest->bf16_flops, latest->bf16_flops);
  lowest->read_bytes = MIN (lowest->read_bytes, latest->read_bytes);
  return TRUE;
}

static gboolean
load_model (Run *run, GError **error)
{
  const Options *options = run->options;
  gint64 start_usec;

  if (options->shape)
    {
      GlossBenchModelOptions wanted = { .dtype = weight_types[options->weights],
                                        .is_prepared = options->layout == 0,
                                        .folder = options->folder,
                                        .arithmetic = options->arithmetic };

      if (gloss_shape_find (options->shape, &wanted.config, error))
        {
          if (options->n_layers > 0)
            wanted.config.depth = (gsize) options->n_layers;
          run->model = gloss_bench_model_make (&wanted, error);
        }
    }
  else
    {
      g_autofree char *name = NULL;
      g_autofree char *path = gloss_model_choice_find (options->model, &name, error);

      start_usec = g_get_monotonic_time ();
      if (path)
        run->model = gloss_model_load (
            path, &(GlossModelOptions){ .arithmetic = options->arithmetic }, error);
      run->load_seconds = (double) (g_get_monotonic_time () - start_usec) / 1e6;
    }
  if (!run->model)
    return FALSE;
  run->dtype = gloss_model_get_matrix (run->model, GLOSS_TENSOR_EMBEDDING, 0)->dtype;
  return TRUE;
}

/* "linear 260×2048×16384": rows, inputs, outputs; newly allocated. */
static char *
name_entry (const GlossProfileEntry *entry)
{
  g_autoptr (GString) name = g_string_new (entry->operation);

  for (guint k = 0; k < GLOSS_PROFILE_N_SIZES && entry->sizes[k] > 0; k++)
    g_string_append_printf (name, "%s%" G_GSIZE_FORMAT, k > 0 ? "×" : " ", entry->sizes[k]);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* Where the time of the last phase went; what is not in an operation is the rest. */
static json_t *
make_profile (Run *run, double seconds)
{
  json_t *array = json_array ();
  double known = 0;
  guint n;
  const GlossProfileEntry *entries = gloss_profile_get_entries (run->profile, &n);

  for (guint i = 0; i < n; i++)
    {
      const GlossProfileEntry *entry = &entries[i];
      double spent = (double) entry->spent_usec / 1e6;
      g_autofree char *name = name_entry (entry);
      json_t *object = json_pack ("{s:s}", "operation", name);

      json_object_set_new (object, "calls", json_integer ((json_int_t) entry->n_calls));
      json_object_set_new (object, "seconds", json_real (spent));
      json_object_set_new (object, "share", json_real (spent / seconds));
      if (strcmp (entry->operation, "linear") == 0)
        json_object_set_new (object, "gflops",
                             json_real (2e-9 * (double) entry->n_calls * (double) entry->sizes[0]
                                        * (double) entry->sizes[1] * (double) entry->sizes[2]
                                        / spent));
      json_array_append_new (array, object);
      known += spent;
    }
  json_array_append_new (array, json_pack ("{s:s, s:f, s:f}", "operation", "rest", "seconds",
                                           seconds - known, "share", (seconds - known) / seconds));
  return array;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

static gboolean
measure_stop (GlossBench *bench, GlossBenchPhase phase, double seconds, json_t *object,
              GError **error)
{
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (double));

  if (!gloss_bench_stop (bench, phase, seconds, N_STOPS, latencies, error))
    return FALSE;
  g_array_sort (latencies, compare_doubles);
  if (latencies->len > 0)
    json_object_set_new (
        object, "stop",
        json_pack ("{s:i, s:f, s:f}", "stops", (int) latencies->len, "median_seconds",
                   g_array_index (latencies, double, latencies->len / 2), "longest_seconds",
                   g_array_index (latencies, double, latencies->len - 1)));
  return TRUE;
}

/* How long @phase takes when it reaches the machine's rates. */
static double
estimate_seconds (const Run *run, GlossBench *bench, GlossBenchPhase phase)
{
  const GlossModelConfig *config = gloss_model_get_config (run->model);
  gsize n_rows = gloss_bench_get_n_rows (bench);

  switch (phase)
    {
    case GLOSS_BENCH_ENCODER:
      return gloss_work_count_encoder_flop (config) / run->machine.sgemm_flops;
    case GLOSS_BENCH_PREFILL:
      return gloss_work_count_prefill_flop (config, n_rows) / run->machine.sgemm_flops;
    case GLOSS_BENCH_DECODE:
      return gloss_work_count_step_bytes (config, run->dtype, n_rows) / run->machine.read_bytes;
    case GLOSS_BENCH_N_PHASES:
      break;
    }
  g_assert_not_reached ();
}

/* What @seconds mean, in @object. */
static void
add_figures (const Run *run, GlossBench *bench, GlossBenchPhase phase, double seconds,
             double first_seconds, json_t *object)
{
  double possible_seconds = estimate_seconds (run, bench, phase);
  double share = possible_seconds / seconds;

  if (phase == GLOSS_BENCH_DECODE)
    {
      double n_bytes = possible_seconds * run->machine.read_bytes;

      json_object_update_new (
          object, json_pack ("{s:i, s:f, s:f, s:f, s:f}", "tokens", run->options->n_tokens,
                             "seconds_per_token", seconds, "bytes_per_token", n_bytes,
                             "gbytes_per_second", n_bytes / seconds / 1e9, "share_of_read", share));
    }
  else
    {
      double gflop = possible_seconds * run->machine.sgemm_flops / 1e9;

      json_object_update_new (object,
                              json_pack ("{s:f, s:f, s:f, s:f, s:f, s:f}", "seconds", seconds,
                                         "first_seconds", first_seconds, "gflop", gflop, "gflops",
                                         gflop / seconds, "share_of_sgemm", share, "share_of_bf16",
                                         gflop * 1e9 / seconds / run->machine.bf16_flops));
    }
}

/* Runs @phase and says the fastest of its times and the first, in which the weights are also
 * mapped. */
static gboolean
time_phase (Run *run, GlossBench *bench, GlossBenchPhase phase, json_t *object, double *best,
            double *first, GError **error)
{
  const Options *options = run->options;
  gboolean is_decode = phase == GLOSS_BENCH_DECODE;
  /* decoding goes on from the prefill and adds to it: it is run once, and is an average anyway */
  int n_repeats = is_decode ? 1 : options->n_repeats;
  double seconds;
  json_t *profile = NULL;

  *best = G_MAXDOUBLE;
  for (int i = 0; i < n_repeats; i++)
    {
      if (run->profile)
        gloss_profile_clear (run->profile);
      if (!gloss_bench_run (bench, phase, &seconds, error))
        {
          json_decref (profile);
          return FALSE;
        }
      if (i == 0)
        *first = seconds;
      if (seconds >= *best)
        continue;
      *best = seconds;
      json_decref (profile);
      if (run->profile)
        profile = make_profile (run, is_decode ? seconds * options->n_tokens : seconds);
    }
  if (profile)
    json_object_set_new (object, "profile", profile);
  return TRUE;
}

static gboolean
measure_phase (Run *run, GlossBench *bench, GlossBenchPhase phase, GError **error)
{
  json_t *object = json_object ();
  double seconds, first_seconds = 0;

  json_object_set_new (run->root, gloss_bench_get_phase_name (phase), object);
  if (phase != GLOSS_BENCH_DECODE)
    json_object_set_new (
        object, "rows",
        json_integer ((json_int_t) (phase == GLOSS_BENCH_PREFILL
                                        ? gloss_bench_get_n_rows (bench)
                                        : gloss_model_get_config (run->model)->n_image_tokens)));
  run->machine = run->latest;
  if (run->options->n_repeats == 0)
    seconds = estimate_seconds (run, bench, phase);
  else
    {
      if (!time_phase (run, bench, phase, object, &seconds, &first_seconds, error)
          || !measure_machine (run, error))
        return FALSE;
      run->machine.sgemm_flops = MAX (run->machine.sgemm_flops, run->latest.sgemm_flops);
      run->machine.bf16_flops = MAX (run->machine.bf16_flops, run->latest.bf16_flops);
      run->machine.read_bytes = MAX (run->machine.read_bytes, run->latest.read_bytes);
      add_figures (run, bench, phase, seconds, first_seconds, object);
    }
  return !run->options->with_stop || measure_stop (bench, phase, seconds, object, error);
}

/* Best and lowest, so that a person sees whether the machine was the same all the time. */
static void
add_rates (Run *run, const char *key, const GlossMachineRates *rates)
{
  json_object_set_new (run->root, key,
                       json_pack ("{s:f, s:f, s:f}", "sgemm_gflops", rates->sgemm_flops / 1e9,
                                  "bf16_gflops", rates->bf16_flops / 1e9, "read_gbytes_per_second",
                                  rates->read_bytes / 1e9));
}

static void
describe (Run *run)
{
  const Options *options = run->options;
  const GlossModelConfig *config = gloss_model_get_config (run->model);

  json_object_set_new (run->root, options->shape ? "shape" : "model",
                       json_string (options->shape ? options->shape : options->model));
  json_object_set_new (run->root, "weights", json_string (gloss_dtype_get_name (run->dtype)));
  if (options->shape)
    json_object_set_new (run->root, "layout", json_string (layout_names[options->layout]));
  json_object_set_new (run->root, "image_size_px",
                       json_integer ((json_int_t) gloss_model_config_get_image_size_px (config)));
  json_object_set_new (
      run->root, "arithmetic",
      json_string (gloss_arithmetic_get_name (gloss_model_get_arithmetic (run->model))));
  json_object_set_new (run->root, "threads",
                       json_integer ((json_int_t) gloss_pool_get_n_threads (run->pool)));
  json_object_set_new (run->root, "instruction_set", json_string (gloss_linear_get_isa ()));
  json_object_set_new (run->root, "openblas_core", json_string (gloss_gemm_get_core ()));
}

static gboolean
measure_training (Run *run, GError **error)
{
  const Options *options = run->options;
  const GlossBenchTrainOptions train = {
    .train = { .set = (GlossTrainSet) options->train_set,
               .n_top_layers = (guint) options->n_top_layers },
    .n_repeats = (guint) options->n_repeats,
    .n_stops = options->with_stop ? N_STOPS : 0,
    .profile = run->profile,
    .folder = options->folder,
  };
  double seconds;

  if (!gloss_bench_train_run (run->model, run->pool, &train, run->root, &seconds, error))
    return FALSE;
  if (run->profile)
    json_object_set_new (run->root, "profile", make_profile (run, seconds));
  return TRUE;
}

static gboolean
measure (Run *run, GError **error)
{
  g_autoptr (GlossBench) bench = NULL;

  if (!load_model (run, error))
    return FALSE;
  run->pool = gloss_pool_new ((guint) run->options->n_threads);
  if (!measure_machine (run, error))
    return FALSE;
  describe (run);
  if (run->options->with_profile)
    run->profile = gloss_profile_new ();
  gloss_pool_set_profile (run->pool, run->profile);
  if (run->options->train_set >= 0)
    return measure_training (run, error);
  bench = gloss_bench_new (run->model, run->pool, (guint) run->options->n_tokens, error);
  if (!bench || (run->options->n_repeats == 0 && !gloss_bench_fake (bench, error)))
    return FALSE;
  for (guint phase = 0; phase < GLOSS_BENCH_N_PHASES; phase++)
    {
      if (!measure_phase (run, bench, (GlossBenchPhase) phase, error))
        return FALSE;
    }
  json_object_set_new (
      run->root, "peak_rss_bytes",
      json_integer ((json_int_t) MAX (run->peak_bytes, read_status_bytes ("VmHWM:"))));
  json_object_set_new (run->root, "anonymous_bytes",
                       json_integer ((json_int_t) read_status_bytes ("RssAnon:")));
  add_rates (run, "machine", &run->best);
  add_rates (run, "machine_lowest", &run->lowest);
  return TRUE;
}

static int
print_torch_command (const Options *options, const GlossModelConfig *config)
{
  guint n_threads = options->n_threads ? (guint) options->n_threads : gloss_pool_count_cpus ();
  g_autofree char *command =
      gloss_bench_make_torch_command (config, weight_types[options->weights], n_threads,
                                      (guint) options->n_tokens, (guint) options->n_repeats);

  fputs (command, stdout);
  return gloss_cli_finish_output (GLOSS_EXIT_OK);
}

int
gloss_command_bench (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_auto (Run) run = { .options = &options };
  g_autoptr (GError) error = NULL;
  GlossModelConfig config;

  if (!parse_options (&options, argc, argv))
    return GLOSS_EXIT_USAGE;
  if (options.shape && !gloss_shape_find (options.shape, &config, &error))
    {
      gloss_cli_refuse_usage (COMMAND, "%s", error->message);
      return GLOSS_EXIT_USAGE;
    }
  if (options.against_torch)
    return print_torch_command (&options, &config);

  run.root = json_object ();
  if (!measure (&run, &error))
    {
      gloss_cli_complain (options.model, error->message);
      return options.model && !run.model ? GLOSS_EXIT_NO_MODEL : GLOSS_EXIT_NOTHING_DONE;
    }
  json_dumpf (run.root, stdout, JSON_INDENT (2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION (4));
  putchar ('\n');
  return gloss_cli_finish_output (GLOSS_EXIT_OK);
}
