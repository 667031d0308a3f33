/* gloss-cli as a person or a script calls it: what it prints, where, and how it ends. */
#include "base/json.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <string.h>

static char *program; /* the gloss-cli to test, absolute */

typedef struct
{
  char *out;
  char *err;
  int status;
} Result;

static void
result_clear (Result *result)
{
  g_free (result->out);
  g_free (result->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* Runs gloss-cli in tests/.., with the arguments split at spaces. */
static Result
run_in (const char *data_dir, const char *arguments)
{
  g_autofree char *data = data_dir ? g_strdup (data_dir) : gloss_test_data_path ("");
  g_autofree char *folder = gloss_test_data_path ("..");
  g_autofree char *line = g_strconcat (program, " ", arguments, NULL);
  g_auto (GStrv) argv = NULL;
  g_auto (GStrv) env = g_environ_setenv (g_get_environ (), "GLOSS_DATA_DIR", data, TRUE);
  g_autoptr (GError) error = NULL;
  Result result = { 0 };
  int wait_status;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, NULL));
  g_spawn_sync (folder, argv, env, G_SPAWN_DEFAULT, NULL, NULL, &result.out, &result.err,
                &wait_status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (wait_status));
  result.status = WEXITSTATUS (wait_status);
  return result;
}

static Result
run (const char *arguments)
{
  return run_in (NULL, arguments);
}

static void
assert_says (const char *text, const char *part)
{
  if (!strstr (text, part))
    g_error ("\"%s\" does not say \"%s\"", text, part);
}

#define TEAPOT "data/demo/pictures/04-a-teapot.png"
#define ORANGE "data/demo/pictures/02-an-orange-on-a-gray-background.png"

static void
test_one_picture_should_print_its_caption (void)
{
  g_auto (Result) result = run ("caption " TEAPOT);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==, "a teapot\n");
  assert_says (result.err, "small demo model");
  assert_says (result.err, "drawn sample scenes");
}

static void
test_several_pictures_should_print_a_line_each (void)
{
  g_auto (Result) result = run ("caption " TEAPOT " " ORANGE);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==,
                   TEAPOT "\ta teapot\n" ORANGE "\tan orange on a gray background\n");
}

static void
check_object (json_t *object, const char *text)
{
  g_assert_cmpstr (json_string_value (json_object_get (object, "text")), ==, text);
  g_assert_cmpstr (json_string_value (json_object_get (object, "model")), ==, "demo");
  g_assert_cmpstr (json_string_value (json_object_get (object, "arithmetic")), ==, "exact");
  g_assert_nonnull (json_string_value (json_object_get (object, "prompt")));
  g_assert_nonnull (json_string_value (json_object_get (object, "file")));
  g_assert_cmpfloat (json_real_value (json_object_get (object, "seconds")), >, 0);
}

static void
test_json_should_be_one_array (void)
{
  g_auto (Result) result = run ("caption --format json " TEAPOT " missing.png " ORANGE);
  g_autoptr (json_t) array =
      gloss_json_parse (result.out, strlen (result.out), 1 << 20, "output", NULL);

  g_assert_cmpint (result.status, ==, 1);
  g_assert_cmpuint (json_array_size (array), ==, 2);
  check_object (json_array_get (array, 0), "a teapot");
  check_object (json_array_get (array, 1), "an orange on a gray background");
  assert_says (result.err, "missing.png");
}

static void
test_json_should_be_whole_without_results (void)
{
  g_auto (Result) result = run ("caption --format json missing.png");

  g_assert_cmpint (result.status, ==, 4);
  g_assert_cmpstr (result.out, ==, "[]\n");
}

static void
test_jsonl_should_have_boxes (void)
{
  g_auto (Result) result = run ("caption --format jsonl --prompt 'detect orange' " ORANGE);
  g_autoptr (json_t) object =
      gloss_json_parse (result.out, strlen (result.out), 1 << 20, "output", NULL);
  json_t *box = json_array_get (json_object_get (object, "boxes"), 0);

  g_assert_cmpint (result.status, ==, 0);
  check_object (object, "<loc0146><loc0000><loc0941><loc0868> orange");
  g_assert_cmpstr (json_string_value (json_object_get (box, "label")), ==, "orange");
  /* the picture is 560 × 420: 146·420/1024 = 59.88, 941·420/1024 = 385.96, 868·560/1024 = 474.69 */
  g_assert_cmpint (json_integer_value (json_object_get (box, "y0")), ==, 60);
  g_assert_cmpint (json_integer_value (json_object_get (box, "x0")), ==, 0);
  g_assert_cmpint (json_integer_value (json_object_get (box, "y1")), ==, 386);
  g_assert_cmpint (json_integer_value (json_object_get (box, "x1")), ==, 475);
  g_assert_cmpint (json_integer_value (json_array_get (json_object_get (box, "loc"), 3)), ==, 868);
}

static void
test_start_with_should_be_continued (void)
{
  g_auto (Result) text = run ("caption --start-with 'an orange' " ORANGE);
  g_auto (Result) json = run ("caption --start-with 'an orange' --format jsonl " ORANGE);
  g_autoptr (json_t) object =
      gloss_json_parse (json.out, strlen (json.out), 1 << 20, "output", NULL);

  g_assert_cmpstr (text.out, ==, "an orange on a gray background\n");
  g_assert_cmpstr (json_string_value (json_object_get (object, "start_with")), ==, "an orange");
  check_object (object, " on a gray background");
}

static void
test_options_should_have_their_effect (void)
{
  g_auto (Result) shorter = run ("caption --max-tokens 1 " ORANGE);
  g_auto (Result) beams = run ("caption --beams 4 --threads 1 " TEAPOT);

  g_assert_cmpint (shorter.status, ==, 0);
  g_assert_true (g_str_has_prefix ("an orange on a gray background", g_strchomp (shorter.out)));
  g_assert_cmpuint (strlen (shorter.out), <, 12);
  g_assert_cmpstr (beams.out, ==, "a teapot\n");
}

static void
test_wrong_use_should_end_with_two (void)
{
  static const struct
  {
    const char *arguments, *says;
  } cases[] = {
    { "", "no command" },
    { "paint x.png", "no such command" },
    { "caption", "no picture given" },
    { "caption --no-such-option x.png", "no-such-option" },
    { "caption --beams 0 " TEAPOT, "--beams must be from 1 to 16, not 0" },
    { "caption --beams 17 " TEAPOT, "--beams must be from 1 to 16, not 17" },
    { "caption --beams many " TEAPOT, "many" },
    { "caption --max-tokens -1 " TEAPOT, "--max-tokens must be from 1" },
    { "caption --threads -2 " TEAPOT, "--threads must be from 0" },
    { "caption --format xml " TEAPOT, "not \"xml\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Result) result = run (cases[i].arguments);

      g_assert_cmpint (result.status, ==, 2);
      g_assert_cmpstr (result.out, ==, "");
      assert_says (result.err, "gloss-cli: ");
      assert_says (result.err, cases[i].says);
    }
}

static void
test_an_unusable_model_should_end_with_three (void)
{
  static const char *const models[] = {
    "no-such-folder",
    "tests",
    "README.md",
    TEAPOT,
    "tests/fixtures/paligemma1/weights.f32.npz", /* no tokenizer beside it */
    "tests/fixtures/paligemma1/weights.f32.npz --tokenizer data/demo/tokenizer.model",
    "tests/fixtures/paligemma1/weights.f32.npz --tokenizer README.md",
  };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *arguments = g_strdup_printf ("caption %s --model %s", TEAPOT, models[i]);
      g_auto (Result) result = run (arguments);

      g_assert_cmpint (result.status, ==, 3);
      g_assert_cmpstr (result.out, ==, "");
      g_assert_true (g_str_has_prefix (result.err, "gloss-cli: "));
    }

  g_auto (Result) bare = run_in ("/nowhere", "caption " TEAPOT);

  g_assert_cmpint (bare.status, ==, 3);
  assert_says (bare.err, "the demo model is not at /nowhere/demo");
}

static void
test_a_chosen_model_should_be_used_without_the_demo_note (void)
{
  g_auto (Result) result =
      run ("caption --format jsonl --model tests/fixtures/paligemma2/hf --tokenizer "
           "tests/fixtures/text/full.model tests/fixtures/preprocess/pictures/camera.png");
  g_autoptr (json_t) object =
      gloss_json_parse (result.out, strlen (result.out), 1 << 20, "output", NULL);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (json_string_value (json_object_get (object, "model")), ==, "hf");
}

static void
test_bad_pictures_should_not_stop_the_others (void)
{
  g_auto (Result) some = run ("caption README.md " TEAPOT " data");
  g_auto (Result) all = run ("caption README.md missing.png");

  g_assert_cmpint (some.status, ==, 1);
  g_assert_cmpstr (some.out, ==, TEAPOT "\ta teapot\n");
  assert_says (some.err, "gloss-cli: README.md");
  assert_says (some.err, "gloss-cli: data");
  g_assert_cmpint (all.status, ==, 4);
  g_assert_cmpstr (all.out, ==, "");
}

static void
test_a_full_disk_should_be_noticed (void)
{
  g_autofree char *line = g_strdup_printf ("sh -c \"%s caption %s >/dev/full\"", program, TEAPOT);
  g_autofree char *folder = gloss_test_data_path ("..");
  g_auto (GStrv) argv = NULL;
  g_autofree char *err = NULL;
  int status;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, NULL));
  g_assert_true (g_spawn_sync (folder, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &err,
                               &status, NULL));
  g_assert_cmpint (WEXITSTATUS (status), ==, 4);
  assert_says (err, "could not be written");
}

static void
test_help_and_version_should_be_printed (void)
{
  g_auto (Result) help = run ("--help");
  g_auto (Result) caption = run ("caption --help");
  g_auto (Result) version = run ("--version");

  g_assert_cmpint (help.status + caption.status + version.status, ==, 0);
  assert_says (help.out, "caption");
  assert_says (help.out, "Exit status");
  assert_says (caption.out, "--start-with");
  assert_says (version.out, "gloss-cli ");
  assert_says (version.out, "instruction set: ");
  assert_says (version.out, "OpenBLAS core: ");
}

static void
test_locales_should_not_change_numbers (void)
{
  g_autofree char *folder = gloss_test_data_path ("..");
  g_autofree char *line = g_strdup_printf ("%s caption --format jsonl %s", program, TEAPOT);
  g_auto (GStrv) argv = NULL;
  g_auto (GStrv) env = g_environ_setenv (g_get_environ (), "LC_ALL", "de_DE.UTF-8", TRUE);
  g_autofree char *out = NULL;
  g_autoptr (json_t) object = NULL;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, NULL));
  g_assert_true (g_spawn_sync (folder, argv, env, 0, NULL, NULL, &out, NULL, NULL, NULL));
  object = gloss_json_parse (out, strlen (out), 1 << 20, "output", NULL);
  check_object (object, "a teapot");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  program = g_canonicalize_filename (argv[1], NULL);
  g_test_add_func ("/cli/caption/one-picture-should-print-its-caption",
                   test_one_picture_should_print_its_caption);
  g_test_add_func ("/cli/caption/several-pictures-should-print-a-line-each",
                   test_several_pictures_should_print_a_line_each);
  g_test_add_func ("/cli/caption/json-should-be-one-array", test_json_should_be_one_array);
  g_test_add_func ("/cli/caption/json-should-be-whole-without-results",
                   test_json_should_be_whole_without_results);
  g_test_add_func ("/cli/caption/jsonl-should-have-boxes", test_jsonl_should_have_boxes);
  g_test_add_func ("/cli/caption/start-with-should-be-continued",
                   test_start_with_should_be_continued);
  g_test_add_func ("/cli/caption/options-should-have-their-effect",
                   test_options_should_have_their_effect);
  g_test_add_func ("/cli/caption/wrong-use-should-end-with-two",
                   test_wrong_use_should_end_with_two);
  g_test_add_func ("/cli/caption/an-unusable-model-should-end-with-three",
                   test_an_unusable_model_should_end_with_three);
  g_test_add_func ("/cli/caption/a-chosen-model-should-be-used-without-the-demo-note",
                   test_a_chosen_model_should_be_used_without_the_demo_note);
  g_test_add_func ("/cli/caption/bad-pictures-should-not-stop-the-others",
                   test_bad_pictures_should_not_stop_the_others);
  g_test_add_func ("/cli/caption/a-full-disk-should-be-noticed",
                   test_a_full_disk_should_be_noticed);
  g_test_add_func ("/cli/caption/help-and-version-should-be-printed",
                   test_help_and_version_should_be_printed);
  g_test_add_func ("/cli/caption/locales-should-not-change-numbers",
                   test_locales_should_not_change_numbers);
  return g_test_run ();
}
