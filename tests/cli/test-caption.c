/* gloss-cli caption: what it prints, where, and how it ends. */
#include "base/json.h"
#include "cli/run.h"
#include "support/asserts.h"

#include <string.h>

static void
test_one_picture_should_print_its_caption (void)
{
  g_auto (RunResult) result = run_cli ("caption " TEAPOT);
  g_auto (RunResult) quiet = run_cli ("caption --quiet " TEAPOT);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==, "a teapot\n");
  run_assert_says (result.err, "small demo model");
  run_assert_says (result.err, "drawn sample scenes");
  g_assert_cmpstr (quiet.out, ==, "a teapot\n");
  g_assert_cmpstr (quiet.err, ==, "");
}

static void
test_several_pictures_should_print_a_line_each (void)
{
  g_auto (RunResult) result = run_cli ("caption " TEAPOT " " ORANGE);
  g_auto (RunResult) bare = run_cli ("caption --no-names " TEAPOT " " ORANGE);
  g_auto (RunResult) named = run_cli ("caption -H " TEAPOT);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==,
                   TEAPOT "\ta teapot\n" ORANGE "\tan orange on a gray background\n");
  g_assert_cmpstr (bare.out, ==, "a teapot\nan orange on a gray background\n");
  g_assert_cmpstr (named.out, ==, TEAPOT "\ta teapot\n");
}

static json_t *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  json_t *root = gloss_json_parse (text, strlen (text), 1 << 20, "output", &error);

  g_assert_no_error (error);
  return root;
}

static void
check_object (json_t *object, const char *text)
{
  const char *arithmetic = json_string_value (json_object_get (object, "arithmetic"));

  g_assert_cmpstr (json_string_value (json_object_get (object, "text")), ==, text);
  g_assert_cmpstr (json_string_value (json_object_get (object, "model")), ==, "demo");
  /* which depends on the CPU */
  g_assert_true (g_strcmp0 (arithmetic, "exact") == 0 || g_strcmp0 (arithmetic, "fast") == 0);
  g_assert_nonnull (json_string_value (json_object_get (object, "prompt")));
  g_assert_nonnull (json_string_value (json_object_get (object, "file")));
  g_assert_cmpfloat (json_real_value (json_object_get (object, "seconds")), >, 0);
}

static void
test_json_should_be_one_array (void)
{
  g_auto (RunResult) result = run_cli ("caption --format json " TEAPOT " missing.png " ORANGE);
  g_autoptr (json_t) array = parse (result.out);
  g_auto (RunResult) none = run_cli ("caption --format json missing.png");

  g_assert_cmpint (result.status, ==, 1);
  g_assert_cmpuint (json_array_size (array), ==, 2);
  check_object (json_array_get (array, 0), "a teapot");
  check_object (json_array_get (array, 1), "an orange on a gray background");
  run_assert_says (result.err, "gloss-cli: missing.png: ");
  g_assert_cmpint (none.status, ==, 4);
  g_assert_cmpstr (none.out, ==, "[]\n");
}

static void
test_arithmetic_should_be_what_was_chosen (void)
{
  static const char *const names[] = { "exact", "fast" };
  g_auto (RunResult) wrong = run_cli ("caption --arithmetic quick " TEAPOT);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *command =
          g_strconcat ("caption -f jsonl --beams 3 --arithmetic ", names[i], " " TEAPOT, NULL);
      g_auto (RunResult) result = run_cli (command);
      g_autoptr (json_t) object = parse (result.out);

      check_object (object, "a teapot");
      g_assert_cmpstr (json_string_value (json_object_get (object, "arithmetic")), ==, names[i]);
    }
  run_assert_says (wrong.err, "--arithmetic must be one of exact, fast, auto, not \"quick\"");
}

static void
test_jsonl_should_have_boxes (void)
{
  g_auto (RunResult) result =
      run_cli ("caption --format jsonl --task detect --text orange " ORANGE);
  g_autoptr (json_t) object = parse (result.out);
  json_t *box = json_array_get (json_object_get (object, "boxes"), 0);

  g_assert_cmpint (result.status, ==, 0);
  check_object (object, "<loc0146><loc0000><loc0941><loc0868> orange");
  g_assert_cmpstr (json_string_value (json_object_get (object, "prompt")), ==, "detect orange");
  g_assert_cmpstr (json_string_value (json_object_get (box, "label")), ==, "orange");
  /* the picture is 560 × 420: 146·420/1024 = 59.88, 941·420/1024 = 385.96, 868·560/1024 = 474.69 */
  g_assert_cmpint (json_integer_value (json_object_get (box, "y0")), ==, 60);
  g_assert_cmpint (json_integer_value (json_object_get (box, "x0")), ==, 0);
  g_assert_cmpint (json_integer_value (json_object_get (box, "y1")), ==, 386);
  g_assert_cmpint (json_integer_value (json_object_get (box, "x1")), ==, 475);
  g_assert_cmpint (json_integer_value (json_array_get (json_object_get (box, "loc"), 3)), ==, 868);
}

/* The codes may come from what the answer starts with: the demo has none of its own. */
static void
test_segments_should_be_told_raw (void)
{
  g_auto (RunResult) result =
      run_cli ("caption -f jsonl --prompt 'segment orange' --max-tokens 1 --start-with "
               "'<loc0010><loc0020><loc1000><loc0900> "
               "<seg000><seg001><seg002><seg003><seg004><seg005><seg006><seg007>"
               "<seg008><seg009><seg010><seg011><seg012><seg013><seg014><seg127> orange' " ORANGE);
  g_autoptr (json_t) object = parse (result.out);
  json_t *box = json_array_get (json_object_get (object, "boxes"), 0);
  json_t *codes = json_object_get (box, "seg");

  g_assert_cmpuint (json_array_size (codes), ==, 16);
  g_assert_cmpint (json_integer_value (json_array_get (codes, 1)), ==, 1);
  g_assert_cmpint (json_integer_value (json_array_get (codes, 15)), ==, 127);
}

static void
test_start_with_should_be_continued (void)
{
  g_auto (RunResult) text = run_cli ("caption --start-with 'an orange' " ORANGE);
  g_auto (RunResult) json = run_cli ("caption --start-with 'an orange' --format jsonl " ORANGE);
  g_autoptr (json_t) object = parse (json.out);

  g_assert_cmpstr (text.out, ==, "an orange on a gray background\n");
  g_assert_cmpstr (json_string_value (json_object_get (object, "start_with")), ==, "an orange");
  check_object (object, " on a gray background");
}

static void
test_a_cut_answer_should_say_so (void)
{
  g_auto (RunResult) cut = run_cli ("caption --max-tokens 1 --format jsonl " ORANGE);
  g_auto (RunResult) whole = run_cli ("caption --format jsonl " ORANGE);
  g_autoptr (json_t) short_one = parse (cut.out);
  g_autoptr (json_t) long_one = parse (whole.out);

  g_assert_true (json_is_true (json_object_get (short_one, "cut")));
  g_assert_null (json_object_get (long_one, "cut"));
}

static void
test_options_should_reach_the_model (void)
{
  g_auto (RunResult) beams = run_cli ("caption -q --beams 4 --threads 1 " TEAPOT);
  g_auto (RunResult) bf16 = run_cli ("caption -q --kv-cache bf16 --softcap " TEAPOT);
  g_auto (RunResult) bicubic = run_cli ("caption -q --resize bicubic " TEAPOT);
  g_auto (RunResult) larger = run_cli ("caption -q --image-size 126 " TEAPOT);
  g_auto (RunResult) one = run_cli ("caption -q --temperature 3 --seed 1 " ORANGE);
  g_auto (RunResult) two = run_cli ("caption -q --temperature 3 --seed 1 " ORANGE);
  g_auto (RunResult) other = run_cli ("caption -q --temperature 3 --seed 2 " ORANGE);
  g_auto (RunResult) tiny = run_cli ("caption -q --temperature 3 --top-p 0.001 " ORANGE);

  g_assert_cmpstr (beams.out, ==, "a teapot\n");
  g_assert_cmpstr (bf16.out, ==, "a teapot\n");
  g_assert_cmpstr (bicubic.out, ==, "a teapot\n");
  g_assert_cmpint (larger.status, ==, 0);
  g_assert_cmpstr (one.out, ==, two.out);
  g_assert_cmpstr (one.out, !=, other.out);
  g_assert_cmpstr (tiny.out, ==, "an orange on a gray background\n");
}

static void
test_wrong_use_should_end_with_two (void)
{
  static const struct
  {
    const char *arguments, *says;
  } cases[] = {
    { "", "no command" },
    { "paint x.png", "no command \"paint\"" },
    { "caption", "no picture given" },
    { "caption --no-such-option x.png", "no-such-option" },
    { "caption -dash.png", "goes after \"--\"" },
    { "caption --beams 0 " TEAPOT, "--beams must be from 1 to 16, not 0" },
    { "caption --beams 17 " TEAPOT, "--beams must be from 1 to 16, not 17" },
    { "caption --beams many " TEAPOT, "many" },
    { "caption --max-tokens -1 " TEAPOT, "--max-tokens must be from 1" },
    { "caption --threads -2 " TEAPOT, "--threads must be from 0" },
    { "caption --temperature nan " TEAPOT, "--temperature must be from 0" },
    { "caption --format xml " TEAPOT, "--format must be one of text, json, jsonl, not \"xml\"" },
    { "caption --resize nearest " TEAPOT, "--resize must be one of bilinear, bicubic" },
    { "caption --task paint " TEAPOT, "--task must be one of caption, cap" },
    { "caption --task detect " TEAPOT, "needs a text" },
    { "caption --task caption --language xx " TEAPOT, "\"xx\" is not one of the languages" },
    { "caption --language de " TEAPOT, "--language belongs to --task" },
    { "caption --task ocr --prompt ocr " TEAPOT, "use one" },
    { "caption --beams 2 --temperature 1 " TEAPOT, "use one" },
    { "caption --top-p 0.5 " TEAPOT, "needs --temperature" },
    { "caption --temperature 1 --top-p 0 " TEAPOT, "--top-p must be from" },
    { "caption --seed -1 " TEAPOT, "--seed must not be negative" },
    { "caption --save-input nowhere " TEAPOT, "there is no folder \"nowhere\"" },
    { "caption --no-names -H " TEAPOT, "exclude each other" },
    { "caption --prompt \"$(printf '\\377')\" " TEAPOT, "--prompt is not valid UTF-8" },
    { "caption --start-with \"$(yes abc | head -5000)\" " TEAPOT, "at most 4096 are read" },
    { "inspect a b", "one model at a time" },
    { "inspect --format xml", "--format must be one of text, json" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (RunResult) result = run_cli (cases[i].arguments);

      g_assert_cmpint (result.status, ==, 2);
      g_assert_cmpstr (result.out, ==, "");
      run_assert_says (result.err, "gloss-cli: ");
      run_assert_says (result.err, cases[i].says);
    }
}

static void
test_an_unusable_model_should_end_with_three (void)
{
  static const struct
  {
    const char *model, *says;
  } cases[] = {
    { "no-such-folder", "no-such-folder" },
    { "tests", "tests" },
    { "README.md", "README.md" },
    { "''", "a model must have a name" },
    { TEAPOT, "04-a-teapot.png" },
    { "tests/fixtures/paligemma1/weights.f32.npz", "no tokenizer beside it" },
    { "tests/fixtures/paligemma1/weights.f32.npz --tokenizer data/demo/tokenizer.model",
      "2048 rows, but the tokenizer has" },
    { "tests/fixtures/paligemma1/weights.f32.npz --tokenizer README.md", "README.md" },
    { "data/demo --image-size 113", "a multiple of the patch size 14" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *arguments =
          g_strdup_printf ("caption %s --model %s", TEAPOT, cases[i].model);
      g_auto (RunResult) result = run_cli (arguments);

      g_assert_cmpint (result.status, ==, 3);
      g_assert_cmpstr (result.out, ==, "");
      g_assert_true (g_str_has_prefix (result.err, "gloss-cli: "));
      run_assert_says (result.err, cases[i].says);
    }

  g_auto (RunResult) bare =
      run_shell ("exec \"$GLOSS\" caption " TEAPOT, "GLOSS_DATA_DIR", "/nowhere");

  g_assert_cmpint (bare.status, ==, 3);
  run_assert_says (bare.err, "the demo model is not at /nowhere/demo");
}

static void
test_a_chosen_model_should_be_used_without_the_demo_note (void)
{
  g_auto (RunResult) result =
      run_cli ("caption --format jsonl --model tests/fixtures/paligemma2/hf --tokenizer "
               "tests/fixtures/text/full.model tests/fixtures/preprocess/pictures/camera.png");
  g_autoptr (json_t) object = parse (result.out);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (json_string_value (json_object_get (object, "model")), ==, "hf");
}

static void
test_bad_pictures_should_not_stop_the_others (void)
{
  g_auto (RunResult) some = run_cli ("caption README.md " TEAPOT " po tests/model");
  g_auto (RunResult) all = run_cli ("caption README.md missing.png");

  g_assert_cmpint (some.status, ==, 1);
  g_assert_cmpstr (some.out, ==, TEAPOT "\ta teapot\n");
  run_assert_says (some.err, "gloss-cli: README.md: ");
  run_assert_says (some.err, "gloss-cli: tests/model: there are no pictures in this folder");
  g_assert_cmpint (all.status, ==, 4);
  g_assert_cmpstr (all.out, ==, "");
}

/* At the first write that fails, not after hours of work. */
static void
test_a_full_disk_should_end_the_run (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result =
      run_shell ("\"$GLOSS\" caption -q --save-input \"$DIR\" data/demo/pictures >/dev/full;"
                 " echo $?; ls \"$DIR\" | wc -l; \"$GLOSS\" --help >/dev/full; echo $?;"
                 " \"$GLOSS\" caption --help >/dev/full; echo $?",
                 "DIR", folder);

  g_assert_cmpstr (result.out, ==, "4\n1\n4\n4\n");
  run_assert_says (result.err, "could not be written");
  gloss_test_folder_remove (folder);
}

static void
test_any_locale_should_do (void)
{
  static const char *const locales[] = { "C", "de_DE.UTF-8", "C.UTF-8" };

  for (guint i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      g_auto (RunResult) result = run_shell (
          "exec \"$GLOSS\" caption -q --format jsonl --prompt 'détecte ça' " TEAPOT " é.png",
          "LC_ALL", locales[i]);
      g_autoptr (json_t) object = parse (result.out);

      g_assert_cmpint (result.status, ==, 1);
      g_assert_cmpstr (json_string_value (json_object_get (object, "prompt")), ==, "détecte ça");
      g_assert_cmpfloat (json_real_value (json_object_get (object, "seconds")), >, 0);
      run_assert_says (result.err, "gloss-cli: é.png: ");
    }
}

static void
test_help_and_version_should_be_printed (void)
{
  g_auto (RunResult) help = run_cli ("--help");
  g_auto (RunResult) caption = run_cli ("caption --help");
  g_auto (RunResult) version = run_cli ("--version");

  g_assert_cmpint (help.status + caption.status + version.status, ==, 0);
  run_assert_says (help.out, "caption");
  run_assert_says (help.out, "Exit status");
  run_assert_says (caption.out, "--start-with");
  run_assert_says (caption.out, "gloss-cli caption");
  run_assert_says (version.out, "gloss-cli ");
  run_assert_says (version.out, "instruction set: ");
  run_assert_says (version.out, "OpenBLAS core: ");
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/caption/one-picture-should-print-its-caption",
                   test_one_picture_should_print_its_caption);
  g_test_add_func ("/cli/caption/several-pictures-should-print-a-line-each",
                   test_several_pictures_should_print_a_line_each);
  g_test_add_func ("/cli/caption/json-should-be-one-array", test_json_should_be_one_array);
  g_test_add_func ("/cli/caption/arithmetic/should-be-what-was-chosen",
                   test_arithmetic_should_be_what_was_chosen);
  g_test_add_func ("/cli/caption/jsonl-should-have-boxes", test_jsonl_should_have_boxes);
  g_test_add_func ("/cli/caption/segments-should-be-told-raw", test_segments_should_be_told_raw);
  g_test_add_func ("/cli/caption/start-with-should-be-continued",
                   test_start_with_should_be_continued);
  g_test_add_func ("/cli/caption/a-cut-answer-should-say-so", test_a_cut_answer_should_say_so);
  g_test_add_func ("/cli/caption/options-should-reach-the-model",
                   test_options_should_reach_the_model);
  g_test_add_func ("/cli/caption/wrong-use-should-end-with-two",
                   test_wrong_use_should_end_with_two);
  g_test_add_func ("/cli/caption/an-unusable-model-should-end-with-three",
                   test_an_unusable_model_should_end_with_three);
  g_test_add_func ("/cli/caption/a-chosen-model-should-be-used-without-the-demo-note",
                   test_a_chosen_model_should_be_used_without_the_demo_note);
  g_test_add_func ("/cli/caption/bad-pictures-should-not-stop-the-others",
                   test_bad_pictures_should_not_stop_the_others);
  g_test_add_func ("/cli/caption/a-full-disk-should-end-the-run",
                   test_a_full_disk_should_end_the_run);
  g_test_add_func ("/cli/caption/any-locale-should-do", test_any_locale_should_do);
  g_test_add_func ("/cli/caption/help-and-version-should-be-printed",
                   test_help_and_version_should_be_printed);
  return g_test_run ();
}
