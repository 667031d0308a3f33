/* gloss-cli export as a person runs it: the demo there and back, what was tuned, and wrongly. */
#include "cli/run.h"
#include "support/asserts.h"

#include <string.h>

static RunResult
run_in_folder (const char *line)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *whole =
      g_strconcat ("cd \"$XDG_DATA_HOME\"; E=\"$GLOSS export -q\"; ", line, NULL);
  RunResult result = run_shell (whole, "XDG_DATA_HOME", folder);

  gloss_test_folder_remove (folder);
  return result;
}

static void
test_forms_should_come_back (void)
{
  g_auto (RunResult) result = run_in_folder (
      "$E demo --to npz -o a.npz && $E a.npz --to hf -o hf && $E hf --to npz -o b.npz && cmp a.npz "
      "b.npz && ls hf && $GLOSS caption -m hf \"$GLOSS_DATA_DIR\"/demo/pictures/04-a-teapot.png");

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (result.out, ==,
                   "a.npz\nhf\nb.npz\nconfig.json\nmodel.safetensors\npreprocessor_config.json\n"
                   "tokenizer.model\ntokenizer_config.json\na teapot\n");
}

/* An adapter: alone it is the files that it was, merged it says the same. */
static void
test_adapter_should_go_out (void)
{
  g_auto (RunResult) result = run_in_folder (
      "P=\"$GLOSS_DATA_DIR\"/demo/pictures; for f in \"$P\"/0*.png; do printf '{\"image\": \"%s\", "
      "\"suffix\": \"nothing\"}\\n' \"$f\"; done > list.jsonl; $GLOSS finetune list.jsonl -o tuned "
      "--preset quick --steps 4 --lr 0.01 --captions 0 -q > noise || exit 1\n"
      "$E tuned --to hf -o hf; echo $?; $E tuned --to peft -o peft; cmp "
      "peft/adapter_model.safetensors tuned/adapter_model.safetensors && echo same\n"
      "$E tuned --to hf --merge -o hf && $GLOSS caption -m hf \"$P\"/0*.png > a; $GLOSS caption -m "
      "tuned \"$P\"/0*.png > b; cmp a b && echo says the same");

  run_assert_says (result.err, "--merge");
  g_assert_cmpstr (result.out, ==, "4\npeft\nsame\nhf\nsays the same\n");
}

static void
test_wrong_use_should_be_said (void)
{
  static const struct
  {
    const char *line;
    int status;
    const char *says;
  } cases[] = {
    { "$E", 2, "name one model" },
    { "$E demo -o x", 2, "--to" },
    { "$E demo --to npz", 2, "--output" },
    { "$E demo --to gguf -o x", 2, "--to must be one of npz, hf, peft" },
    { "$E demo --to hf -o x --type int4", 2, "--type must be one of" },
    { "$E nothing-like-it --to hf -o x", 3, "nothing-like-it" },
    { "$E demo --to peft -o x", 4, "has no adapter" },
    { "mkdir x; echo > x/y; $E demo --to hf -o x", 4, "there already" },
    { "echo > x.npz; $E demo --to npz -o x.npz", 4, "--force replaces it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strconcat (cases[i].line, "; s=$?; ls -A; exit $s", NULL);
      g_auto (RunResult) result = run_in_folder (line);

      run_assert_says (result.err, cases[i].says);
      g_assert_cmpint (result.status, ==, cases[i].status);
      g_assert_null (strstr (result.out, ".x"));
    }
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/export/forms-should-come-back", test_forms_should_come_back);
  g_test_add_func ("/cli/export/adapter-should-go-out", test_adapter_should_go_out);
  g_test_add_func ("/cli/export/wrong-use-should-be-said", test_wrong_use_should_be_said);
  return g_test_run ();
}
