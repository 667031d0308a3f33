/* gloss-cli finetune as a person runs it: to the end, stopped, killed, and wrongly. */
#include "cli/run.h"
#include "support/asserts.h"

#include <string.h>

/* The first lines of each test: a list of pictures, some to learn from and two held out, in
 * $XDG_DATA_HOME. */
#define MAKE_LIST                                                                                  \
  "cd \"$XDG_DATA_HOME\" && P=$GLOSS_DATA_DIR/demo/pictures && n=0 && for f in \"$P\"/*.png; do "  \
  "n=$((n+1)); [ $n -gt 12 ] && l=val || l=train; "                                                \
  "printf '{\"image\": \"%s\", \"suffix\": \"Thing number %d\"}\\n' \"$f\" $n >> $l.jsonl; done\n"

#define QUICK "--steps 6 --batch 3 --eval-steps 3 --captions 1 --max-tokens 32 -q "

static RunResult
run_in_folder (const char *line)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *whole = g_strconcat (MAKE_LIST, line, NULL);
  RunResult result = run_shell (whole, "XDG_DATA_HOME", folder);

  gloss_test_folder_remove (folder);
  return result;
}

static void
test_result_should_caption (void)
{
  g_auto (RunResult) result = run_in_folder (
      "\"$GLOSS\" finetune . --out tuned --preset notebook " QUICK
      "&& ls tuned && grep -c '\"event\":\"step\"' "
      "tuned/log.jsonl && grep -c '\"suffix\":\"thing number 13\"' tuned/log.jsonl && "
      "grep -E '\"(preset|lower_case)\"' tuned/finetuned.json && \"$GLOSS\" caption -m tuned "
      "\"$P\"/04-a-teapot.png");

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpint (result.status, ==, 0);
  run_assert_says (result.out, "after step 0: loss of held-out pictures ");
  run_assert_says (result.out, "after step 6: loss of held-out pictures ");
  run_assert_says (result.out, "\ntuned\nchanged.gloss\nfinetuned.json\nlog.jsonl\n"
                               "tokenizer.model\n6\n3\n \"preset\": \"notebook\",\n "
                               "\"lower_case\": true\n");
}

/* What a preset says, and what is said with other options; elsewhere captions stay as written. */
static void
test_options_should_replace_the_preset (void)
{
  g_auto (RunResult) result = run_in_folder (
      "\"$GLOSS\" finetune . --out tuned --preset quick --rank 4 --lr 0.002 " QUICK
      "> /dev/null && grep -oE '\"(preset|rank|alpha|learning_rate|top_layers|batch|optimizer)\": "
      "[a-z0-9.\"]{1,7}' tuned/finetuned.json && grep -c 'suffix\":\"Thing' tuned/log.jsonl");

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (
      result.out, ==,
      "\"batch\": 3\n\"learning_rate\": 0.002\n\"optimizer\": 2\n\"rank\": 4\n\"alpha\": "
      "8.0\n\"top_layers\": 2\n\"preset\": \"quick\"\n3\n");
}

/* The adapter in PEFT's format, and everything, on one folder with one list, which is split. */
static void
test_other_sets_should_work (void)
{
  g_auto (RunResult) result = run_in_folder (
      "mkdir one && mv train.jsonl one/list.jsonl && rm val.jsonl\n"
      "\"$GLOSS\" finetune one -o adapter --train lora --rank 2 --top-layers 1 --projections "
      "q_proj,down_proj " QUICK "> /dev/null && ls adapter && \"$GLOSS\" caption -m adapter "
      "\"$P\"/04-a-teapot.png\n"
      "\"$GLOSS\" finetune one/list.jsonl -o all --train all --freeze-stem --dropout 0.1 "
      "--label-smoothing 0.1 --json " QUICK "| grep -c '\"event\":\"step\"'");

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (result.out, ==,
                   "adapter_config.json\nadapter_model.safetensors\nfinetuned.json\nlog.jsonl\n"
                   "tokenizer.model\na teapot\n6\n");
}

/* Killed at moments that vary and begun again until it is done: the same files as at one go. */
static void
test_killed_runs_should_go_on (void)
{
  g_auto (RunResult) result = run_in_folder (
      "O='--train attention --steps 40 --batch 3 --eval-steps 10 --snapshot-steps 1 --captions 1 "
      "--optimizer adam "
      "--max-tokens 32 -q'\n"
      "\"$GLOSS\" finetune . --out whole $O > /dev/null || exit 1\n"
      "kills=0; d=20; while :; do d=$(( (d * 7 + 13) % 90 )); "
      "timeout -s KILL $((kills / 5)).$((d + 10)) \"$GLOSS\" finetune . --out parts --resume $O > "
      "/dev/null "
      "2>> noise && break; kills=$((kills + 1)); [ $kills -lt 200 ] || exit 2; done\n"
      "[ $kills -gt 0 ] && echo killed\n"
      "cmp whole/changed.gloss parts/changed.gloss && cmp whole/finetuned.json "
      "parts/finetuned.json && echo same\n"
      "for r in whole parts; do sed 's/,\"examples_per_second.*//' $r/log.jsonl > $r.log; done\n"
      "cmp whole.log parts.log && echo told the same");

  g_assert_cmpstr (result.out, ==, "killed\nsame\ntold the same\n");
  g_assert_cmpint (result.status, ==, 0);
}

/* A signal ends it soon and as a shell expects, with a snapshot. */
static void
test_signal_should_stop_it (void)
{
  g_auto (RunResult) result = run_in_folder (
      "\"$GLOSS\" finetune . --out tuned --steps 100000 --captions 0 2> said & p=$!\n"
      "while ! grep -q '\"step\":2,' tuned/log.jsonl 2> /dev/null; do sleep 0.05; done\n"
      "kill -TERM $p; wait $p; echo $?; ls tuned; cat said");

  run_assert_says (result.out, "\n143\nlog.jsonl\nsnapshot.gloss\ntokenizer.model\n");
  run_assert_says (result.out, "--resume goes on");
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
    { "finetune", 2, "name one folder or list" },
    { "finetune .", 2, "--out" },
    { "finetune . --out x --train everything", 2, "--train must be one of attention, lora, all" },
    { "finetune . --out x --preset best", 2, "--preset must be one of quick, balanced" },
    { "finetune . --out x --lower-case --keep-case", 2, "exclude each other" },
    { "finetune . --out x --optimizer lion", 2, "--optimizer must be one of" },
    { "finetune . --out x --steps 1 --epochs 1", 2, "exclude each other" },
    { "finetune . --out x --projections k", 2, "q_proj" },
    { "finetune . --out x --batch 0", 2, "--batch must be from 1" },
    { "finetune . --out x -m nothing-like-it", 3, "nothing-like-it" },
    { "finetune . --out .", 4, "not empty" },
    { "finetune nowhere.jsonl --out x", 4, "nowhere.jsonl" },
    { "finetune empty --out x", 4, "no picture with a caption" },
    { "finetune bad.jsonl --out x", 4, "data check bad.jsonl" },
    { "finetune lost.jsonl --out x --captions 0 -q", 4, "no picture with a caption" },
    { "finetune . --out x --top-layers 9", 4, "layers" },
    { "finetune . --out x --prompt 'a b c d e f g h i j' --max-tokens 8", 4, "no room" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line =
          g_strconcat ("mkdir empty; printf '{\"image\": \"a\", \"suffix\": \"b\"}\\n{\"image\": "
                       "3}\\n' > bad.jsonl; printf '{\"image\": \"lost.png\", \"suffix\": "
                       "\"b\"}\\n' > lost.jsonl\n\"$GLOSS\" ",
                       cases[i].line, NULL);
      g_auto (RunResult) result = run_in_folder (line);

      run_assert_says (result.err, cases[i].says);
      g_assert_cmpint (result.status, ==, cases[i].status);
    }
}

static void
test_moved_base_should_be_said (void)
{
  g_auto (RunResult) result = run_in_folder (
      "cp -r \"$GLOSS_DATA_DIR\"/demo base; \"$GLOSS\" finetune . -m ./base --out tuned " QUICK
      "> /dev/null; \"$GLOSS\" finetune . -m ./tuned --out again -q; mv base other; \"$GLOSS\" "
      "caption -m ./tuned \"$P\"/04-a-teapot.png; echo $?");

  run_assert_says (result.err, "was fine-tuned itself; begin with its base model");
  run_assert_says (result.err, "the model that was fine-tuned cannot be used");
  g_assert_cmpstr (result.out, ==, "3\n");
}

/* What goes wrong is told when it is seen, and what stands at the end is. */
static void
test_advice_should_be_given (void)
{
  g_auto (RunResult) result =
      run_in_folder ("O='--batch 2 --captions 0 --eval-steps 2 --max-tokens 32'\n"
                     "\"$GLOSS\" finetune . --out still --steps 8 --lr 1e-9 $O\n"
                     "\"$GLOSS\" finetune . --out wild --steps 8 --train all --optimizer sgd --lr "
                     "1000 --clip-norm 0 -q $O\n"
                     "grep -h '\"event\":\"advice\"' still/log.jsonl wild/log.jsonl");

  run_assert_says (result.err, "gloss-cli: step 6: The loss does not move: it was ");
  run_assert_says (result.out, "\nThe loss does not move: it was ");
  run_assert_says (result.out, "{\"event\":\"advice\",\"step\":6,\"kind\":\"stuck\",\"text\":");
  run_assert_says (result.err, "is not a number any more");
  run_assert_says (result.out, "\"kind\":\"not_finite\",\"text\":");
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/finetune/result-should-caption", test_result_should_caption);
  g_test_add_func ("/cli/finetune/options-should-replace-the-preset",
                   test_options_should_replace_the_preset);
  g_test_add_func ("/cli/finetune/other-sets-should-work", test_other_sets_should_work);
  g_test_add_func ("/cli/finetune/killed-runs-should-go-on", test_killed_runs_should_go_on);
  g_test_add_func ("/cli/finetune/signal-should-stop-it", test_signal_should_stop_it);
  g_test_add_func ("/cli/finetune/wrong-use-should-be-said", test_wrong_use_should_be_said);
  g_test_add_func ("/cli/finetune/advice-should-be-given", test_advice_should_be_given);
  g_test_add_func ("/cli/finetune/moved-base-should-be-said", test_moved_base_should_be_said);
  return g_test_run ();
}
