/* gloss-cli bench, on the demo's shape: that it measures what it says, and leaves nothing. */
#include "base/json.h"
#include "cli/run.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* The bench with @options in an empty folder for temporary files, which must be empty again. */
static json_t *
run_bench (const char *options)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *line =
      g_strdup_printf ("\"$GLOSS\" bench --folder \"$DIR\" --repeats 1 --tokens 3 %s", options);
  g_auto (RunResult) result = run_shell (line, "DIR", folder);
  json_t *root;

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
  root = json_loads (result.out, 0, NULL);
  g_assert_nonnull (root);
  return root;
}

static double
get (json_t *root, const char *section, const char *key)
{
  json_t *value = json_object_get (json_object_get (root, section), key);

  g_assert_true (json_is_number (value));
  return json_number_value (value);
}

static void
test_figures_should_fit_together (void)
{
  static const char *const types[] = { "bf16", "f16", "f32" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *options = g_strdup_printf ("--shape demo-112 --weights %s%s", types[i],
                                                  i > 0 ? " --layout source" : "");
      g_autoptr (json_t) root = run_bench (options);
      double sgemm = get (root, "machine", "sgemm_gflops");

      g_assert_cmpfloat (sgemm, >, 0);
      g_assert_cmpfloat (get (root, "machine", "bf16_gflops"), >, 0);
      g_assert_cmpfloat (get (root, "machine", "read_gbytes_per_second"), >, 0);
      for (guint p = 0; p < 2; p++)
        {
          const char *phase = p == 0 ? "encoder" : "prefill";
          double rate = get (root, phase, "gflop") / get (root, phase, "seconds");

          g_assert_cmpfloat (rate, >, 0);
          g_assert_cmpfloat (fabs (get (root, phase, "gflops") / rate - 1), <, 0.01);
          /* a share is of what the machine did around that phase */
          g_assert_cmpfloat (get (root, phase, "share_of_sgemm") * sgemm, >=, 0.99 * rate);
          g_assert_cmpfloat (get (root, phase, "share_of_sgemm")
                                 * get (root, "machine_lowest", "sgemm_gflops"),
                             <=, 1.01 * rate);
        }
      g_assert_cmpint ((int) get (root, "prefill", "rows"), ==, 64 + 4);
      /* table 4096×192 and four layers of 192×(2·256 + 2·64 + 3·768) weights, and of 68 rows 2·64
       * floats of keys and values */
      g_assert_cmpfloat (
          fabs (get (root, "decode", "bytes_per_token")
                    / ((4096 * 192 + 4 * 192 * 2944) * (i == 2 ? 4.0 : 2.0) + 4 * 68 * 128 * 4)
                - 1),
          <, 1e-3);
      g_assert_cmpfloat (json_number_value (json_object_get (root, "peak_rss_bytes")), >, 1e6);
      g_assert_cmpstr (json_string_value (json_object_get (root, "arithmetic")), ==, "exact");
    }
}

static void
test_a_profile_should_make_up_the_phase (void)
{
  g_autoptr (json_t) root = run_bench ("--shape demo-448 --profile --stop --threads 1");
  static const char *const phases[] = { "encoder", "prefill", "decode" };

  g_assert_cmpint ((int) json_integer_value (json_object_get (root, "threads")), ==, 1);
  for (guint p = 0; p < G_N_ELEMENTS (phases); p++)
    {
      json_t *phase = json_object_get (root, phases[p]), *entry;
      double sum = 0;
      gsize i;

      json_array_foreach (json_object_get (phase, "profile"), i, entry) sum +=
          json_number_value (json_object_get (entry, "share"));
      g_assert_cmpuint (json_array_size (json_object_get (phase, "profile")), >, 5);
      g_assert_cmpfloat (fabs (sum - 1), <, 0.01);
      /* a token of this model is over before a thread has begun that would stop it */
      if (p < 2)
        g_assert_cmpfloat (get (phase, "stop", "longest_seconds"), <, 0.5);
    }
}

/* 64 image tokens, 3 of the prompt's 4 and 60 of the caption go in. */
static void
test_training_should_be_measured (void)
{
  static const struct
  {
    const char *options;
    gint64 n_values;
    gboolean has_states;
  } cases[] = {
    { "--train attention --stop", 4 * 192 * (2 * 256 + 2 * 64), TRUE },
    { "--train lora --top-layers 2", 2 * 8 * (2 * (192 + 256) + 2 * (192 + 64) + 3 * (192 + 768)),
      TRUE },
    { "--train all --layers 1 --profile", 0, FALSE },
  };
  double gflop[G_N_ELEMENTS (cases)];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *options = g_strconcat ("--shape demo-112 ", cases[i].options, NULL);
      g_autoptr (json_t) root = run_bench (options);
      json_t *train = json_object_get (root, "train"), *kept;
      double sgemm = get (root, "machine", "sgemm_gflops");
      double rate;

      gflop[i] = get (train, "first_sight", "gflop");
      rate = gflop[i] * get (train, "first_sight", "examples_per_second");
      g_assert_cmpfloat (fabs (get (train, "first_sight", "gflops") / rate - 1), <, 0.01);
      g_assert_cmpfloat (get (train, "first_sight", "share_of_sgemm") * sgemm, >=, 0.99 * rate);
      g_assert_cmpint ((int) get (root, "train", "rows"), ==, 64 + 63);
      if (cases[i].n_values > 0)
        g_assert_cmpint (json_integer_value (json_object_get (train, "trained_values")), ==,
                         cases[i].n_values);
      kept = json_object_get (train, "with_kept_states");
      g_assert_cmpint (kept != NULL, ==, cases[i].has_states);
      if (kept)
        g_assert_cmpfloat (get (train, "with_kept_states", "gflop"), <, gflop[i]);
      g_assert_cmpfloat (get (root, "train", "optimizer_seconds"), >, 0);
      /* values, and of LoRA Adam's averages */
      g_assert_cmpfloat (get (root, "train", "snapshot_bytes"), >=,
                         (double) cases[i].n_values * (i == 1 ? 12 : 4));
      g_assert_cmpint (json_object_get (train, "stop") != NULL, ==, i == 0);
      g_assert_cmpint (json_object_get (root, "profile") != NULL, ==, i == 2);
      g_assert_cmpfloat (json_number_value (json_object_get (root, "peak_rss_bytes")), >, 1e6);
    }
  /* half of the layers have no backward, but the picture is seen and the logits are made */
  g_assert_cmpfloat (gflop[1], <, 0.9 * gflop[0]);
  g_assert_cmpfloat (gflop[1], >, 0.5 * gflop[0]);
}

static void
test_a_model_should_be_measured (void)
{
  g_autoptr (json_t) root = run_bench ("--model data/demo");

  g_assert_cmpstr (json_string_value (json_object_get (root, "model")), ==, "data/demo");
  g_assert_cmpint ((int) json_integer_value (json_object_get (root, "image_size_px")), ==, 112);
}

/* It is one line of shell around a program that python3 takes. */
static void
test_the_command_for_torch_should_be_one (void)
{
  g_auto (RunResult) result = run_shell (
      "\"$GLOSS\" bench --shape paligemma2-3b-448 --threads 2 --against-torch | tee /dev/stderr | "
      "sed 's/python3 -/python3 -c \"import ast, sys; ast.parse(sys.stdin.read())\"/' | sh && echo "
      "parsed",
      NULL, NULL);

  g_assert_cmpstr (result.out, ==, "parsed\n");
  run_assert_says (result.err, "OMP_NUM_THREADS=2 HF_HUB_OFFLINE=1 python3 -");
  run_assert_says (result.err, "'image_size': 448");
  run_assert_says (result.err, "'model_type': 'gemma2', 'hidden_size': 2304");
}

static void
test_wrong_use_should_be_told (void)
{
  static const struct
  {
    const char *arguments, *says;
    int status;
  } cases[] = {
    { "bench --shape teapot-224", "there is no shape \"teapot-224\"", 2 },
    { "bench --shape paligemma-3b-225", "a multiple of 14 pixels", 2 },
    { "bench --shape paligemma-3b", "there is no shape \"paligemma-3b\"", 2 },
    { "bench --weights int8", "--weights must be one of bf16, f16, f32", 2 },
    { "bench --arithmetic sloppy", "--arithmetic must be one of exact", 2 },
    { "bench --repeats -1", "--repeats must be from 0 to 100, not -1", 2 },
    { "bench --shape demo-112 --model demo", "exclude each other", 2 },
    { "bench --train some", "--train must be one of attention, lora, all", 2 },
    { "bench --top-layers 2", "--top-layers is for --train", 2 },
    { "bench --train all --repeats 0", "--train needs --repeats of at least 1", 2 },
    { "bench --model demo --layers 2", "--layers is for a --shape", 2 },
    { "bench --shape demo-112 --train lora --top-layers 5", "its last 5 cannot be trained", 4 },
    { "bench demo", "\"demo\" is one word too many", 2 },
    { "bench --model /nowhere", "/nowhere", 3 },
    { "bench --shape demo-112 --folder /nowhere", "a folder for the random model cannot be made",
      4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (RunResult) result = run_cli (cases[i].arguments);

      g_assert_cmpint (result.status, ==, cases[i].status);
      g_assert_cmpstr (result.out, ==, "");
      run_assert_says (result.err, cases[i].says);
    }
}

/* While the weights are written or prepared: a model of gigabytes, of which little is there yet. */
static void
test_a_signal_should_leave_nothing (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result =
      run_shell ("\"$GLOSS\" bench --folder \"$DIR\" --shape paligemma-3b-224 & pid=$!\n"
                 "while [ -z \"$(ls \"$DIR\")\" ]; do kill -0 $pid || exit; sleep 0.01; done\n"
                 "sleep 0.2; kill -TERM $pid; wait $pid; echo $?; ls \"$DIR\"",
                 "DIR", folder);

  if (strstr (result.err, "choose another folder"))
    g_test_skip ("there is not enough disk space for a model of this size");
  else
    g_assert_cmpstr (result.out, ==, "143\n");
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
#define ADD(path, func) g_test_add_func ("/cli/bench/" path, func)
  ADD ("figures-should-fit-together", test_figures_should_fit_together);
  ADD ("a-profile-should-make-up-the-phase", test_a_profile_should_make_up_the_phase);
  ADD ("training-should-be-measured", test_training_should_be_measured);
  ADD ("a-model-should-be-measured", test_a_model_should_be_measured);
  ADD ("the-command-for-torch-should-be-one", test_the_command_for_torch_should_be_one);
  ADD ("wrong-use-should-be-told", test_wrong_use_should_be_told);
  ADD ("a-signal-should-leave-nothing", test_a_signal_should_leave_nothing);
#undef ADD
  return g_test_run ();
}
