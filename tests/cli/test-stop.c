/* That PaliGemma 3B stops at once in each of its phases, whatever the size of the picture. */
#include "base/json.h"
#include "cli/run.h"

/* What a person may wait, and as much again as a machine may need that has other things to do. */
#define WANTED_SECONDS 0.1
#define MAX_SECONDS 0.5

static double
get (json_t *root, const char *phase, const char *key)
{
  json_t *value = json_object_get (json_object_get (json_object_get (root, phase), "stop"), key);

  g_assert_true (json_is_number (value));
  return json_number_value (value);
}

static void
test_it_should_stop_at_once (gconstpointer image_size)
{
  static const char *const phases[] = { "encoder", "prefill", "decode" };
  g_autofree char *arguments =
      g_strdup_printf ("bench --shape paligemma-3b-%s --layout source --repeats 0 --stop",
                       (const char *) image_size);
  g_auto (RunResult) result = run_cli (arguments);
  g_autoptr (json_t) root = NULL;

  if (result.status == 4)
    {
      g_test_skip (result.err);
      return;
    }
  g_assert_cmpstr (result.err, ==, "");
  root = json_loads (result.out, 0, NULL);
  g_assert_nonnull (root);
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      double median = get (root, phases[i], "median_seconds");
      double longest = get (root, phases[i], "longest_seconds");

      g_test_message ("%s px, %s: stops within %.1f ms, half of them within %.1f ms",
                      (const char *) image_size, phases[i], longest * 1e3, median * 1e3);
      g_assert_cmpfloat (median, <=, WANTED_SECONDS);
      g_assert_cmpfloat (longest, <=, MAX_SECONDS);
    }
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_data_func ("/cli/stop/at-224-px", "224", test_it_should_stop_at_once);
  g_test_add_data_func ("/cli/stop/at-896-px", "896", test_it_should_stop_at_once);
  return g_test_run ();
}
