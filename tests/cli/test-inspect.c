/* gloss-cli inspect: what it says of sound and of damaged models. */
#include "base/json.h"
#include "cli/run.h"
#include "support/asserts.h"

#include <string.h>

static json_t *
inspect (const char *arguments, int status)
{
  g_autofree char *all = g_strconcat ("inspect --format json ", arguments, NULL);
  g_auto (RunResult) result = run_cli (all);
  g_autoptr (GError) error = NULL;
  json_t *root = gloss_json_parse (result.out, strlen (result.out), 16 << 20, "output", &error);

  g_assert_no_error (error);
  g_assert_cmpint (result.status, ==, status);
  return root;
}

static json_t *
get_value (json_t *root, const char *field)
{
  return json_object_get (json_object_get (json_object_get (root, "configuration"), field),
                          "value");
}

static void
test_fixtures_should_be_told_apart (void)
{
  static const struct
  {
    const char *path, *family, *names;
    int parameters, tensors, width;
  } cases[] = {
    { "tests/fixtures/paligemma1/weights.bf16.npz", "paligemma", "big_vision", 376600, 32, 64 },
    { "tests/fixtures/paligemma1/hf", "paligemma", "huggingface", 380696, 84, 64 },
    { "tests/fixtures/paligemma2/hf", "paligemma2", "huggingface", 534688, 85, 80 },
    { "", "paligemma", "huggingface", 5881152, 141, 192 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (json_t) root = inspect (cases[i].path, 0);

      g_assert_cmpstr (json_string_value (json_object_get (root, "family")), ==, cases[i].family);
      g_assert_cmpstr (json_string_value (json_object_get (root, "names")), ==, cases[i].names);
      g_assert_cmpint (json_integer_value (json_object_get (root, "parameters")), ==,
                       cases[i].parameters);
      g_assert_cmpint (json_array_size (json_object_get (root, "tensors")), ==, cases[i].tensors);
      g_assert_cmpint (json_integer_value (get_value (root, "width")), ==, cases[i].width);
      g_assert_cmpint (json_array_size (json_object_get (root, "problems")), ==, 0);
      g_assert_cmpint (json_integer_value (json_object_get (root, "memory_bytes")), >, 100000);
    }
}

static void
test_text_should_have_everything (void)
{
  g_auto (RunResult) result =
      run_cli ("inspect tests/fixtures/paligemma2/weights.f32.npz --values");

  g_assert_cmpint (result.status, ==, 0);
  run_assert_says (result.out, "weights.f32.npz: PaliGemma 2, big_vision's names");
  run_assert_says (result.out, "Parameters   529568");
  run_assert_says (result.out, "shape of llm/layers/attn/q_einsum/w");
  run_assert_says (result.out, "rule: post-norms mean Gemma 2");
  run_assert_says (result.out, "F32   4×2×80×176");
  run_assert_says (result.out, "|x| ≤ ");
  run_assert_says (result.out, "No problems.");
}

static void
test_problems_should_all_be_listed (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result = run_shell (
      "cp -r tests/fixtures/paligemma1/hf \"$DIR/m\" && chmod -R u+w \"$DIR/m\" &&"
      " sed -i 's/\"num_hidden_layers\": 3/\"num_hidden_layers\": 4/;"
      " s/\"intermediate_size\": 160/\"intermediate_size\": 161/' \"$DIR/m/config.json\" &&"
      " \"$GLOSS\" inspect \"$DIR/m\"",
      "DIR", folder);

  g_assert_cmpint (result.status, ==, 3);
  run_assert_says (result.out, "Problems (");
  run_assert_says (result.out, "is 160×64, expected 161×64");
  run_assert_says (result.out, "\"language_model.layers.3.input_layernorm.weight\" is missing");
  gloss_test_folder_remove (folder);
}

/* One f16 of the demo's made infinite, one NaN: found, counted, and refused when it runs. */
static void
test_values_that_are_no_numbers_should_be_found (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result = run_shell (
      "cp -r data/demo \"$DIR/m\" && chmod -R u+w \"$DIR/m\" && cd \"$DIR/m\" &&"
      " SIZE=$(wc -c <model.safetensors) &&"
      " printf '\\000\\174\\001\\174' |"
      " dd of=model.safetensors bs=1 seek=$((SIZE - 4)) conv=notrunc 2>/dev/null;"
      " \"$GLOSS\" inspect --values . | tail -1; \"$GLOSS\" inspect --values . | grep -c 'NaN, ';"
      " \"$GLOSS\" caption --model . pictures/04-a-teapot.png; echo $?",
      "DIR", folder);

  g_assert_cmpstr (result.out, ==, "2 values are not finite; the tensors above say where.\n1\n4\n");
  run_assert_says (result.err, "computes NaN or infinity instead of numbers");
  gloss_test_folder_remove (folder);
}

/* A tensor's name must not set a terminal's title or forge a line of ours; a tokenizer of another
 * model is a problem of this one. */
static void
test_foreign_parts_should_be_told_safely (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result = run_shell (
      "cp -r tests/fixtures/paligemma1/hf \"$DIR/m\"; chmod -R u+w \"$DIR/m\"; cd \"$DIR/m\";"
      " python3 -c \"import json,struct;f='model.safetensors';b=open(f,'rb').read();"
      "n=struct.unpack('<Q',b[:8])[0];h=json.loads(b[8:8+n]);e=len(b)-8-n;"
      "h['\\x1b]0;owned\\x07\\nNo "
      "problems.\\x9b']={'dtype':'F32','shape':[1],'data_offsets':[e,e+4]};"
      "t=json.dumps(h).encode();open(f,'wb').write(struct.pack('<Q',len(t))+t+b[8+n:]+bytes(4))\";"
      " cp \"$OLDPWD/data/demo/tokenizer.model\" .; \"$GLOSS\" inspect .",
      "DIR", folder);

  g_assert_cmpint (result.status, ==, 3);
  g_assert_null (strchr (result.out, '\033'));
  g_assert_null (strstr (result.out, "\nNo problems."));
  run_assert_says (result.out, "?]0;owned??No problems.?");
  run_assert_says (result.out, "m: the embedding has 2112 rows, but the tokenizer has 4096 pieces");
  gloss_test_folder_remove (folder);
}

static void
test_what_is_no_model_should_end_with_three (void)
{
  g_auto (RunResult) result = run_cli ("inspect tests/fixtures/paligemma1/forward.npz");

  g_assert_cmpint (result.status, ==, 3);
  g_assert_cmpstr (result.out, ==, "");
  run_assert_says (result.err,
                   "gloss-cli: tests/fixtures/paligemma1/forward.npz: this is not a PaliGemma");
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/inspect/fixtures-should-be-told-apart",
                   test_fixtures_should_be_told_apart);
  g_test_add_func ("/cli/inspect/text-should-have-everything", test_text_should_have_everything);
  g_test_add_func ("/cli/inspect/problems-should-all-be-listed",
                   test_problems_should_all_be_listed);
  g_test_add_func ("/cli/inspect/values-that-are-no-numbers-should-be-found",
                   test_values_that_are_no_numbers_should_be_found);
  g_test_add_func ("/cli/inspect/foreign-parts-should-be-told-safely",
                   test_foreign_parts_should_be_told_safely);
  g_test_add_func ("/cli/inspect/what-is-no-model-should-end-with-three",
                   test_what_is_no_model_should_end_with_three);
  return g_test_run ();
}
