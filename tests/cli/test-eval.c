/* gloss-cli eval as a person runs it: the numbers of fine-tuning, both models, pages, wrong use. */
#include "cli/run.h"
#include "support/asserts.h"

/* Some of the demo's pictures in $D, six to learn from and two held out. */
#define MAKE_LIST                                                                                  \
  "cd \"$D\" && P=$GLOSS_DATA_DIR/demo/pictures && n=0 && for f in \"$P\"/*.png; do n=$((n+1)); "  \
  "[ $n -gt 8 ] && break; [ $n -gt 6 ] && l=val || l=train; printf '{\"image\": \"%s\", "          \
  "\"suffix\": \"a thing %d\"}\\n' \"$f\" $n >> $l.jsonl; done\n"

static RunResult
run_in_folder (const char *line)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *whole = g_strconcat (MAKE_LIST, line, NULL);
  RunResult result = run_shell (whole, "D", folder);

  gloss_test_folder_remove (folder);
  return result;
}

/* Its loss is that of fine-tuning, before and after. */
static void
test_loss_should_be_that_of_finetuning (void)
{
  g_auto (RunResult) result = run_in_folder (
      "\"$GLOSS\" finetune . --out tuned --steps 4 --batch 3 --captions 0 --json -q > log\n"
      "\"$GLOSS\" eval . -m ./tuned --base \"$GLOSS_DATA_DIR\"/demo --json -q > said\n"
      "python3 -c 'import json\n"
      "log = [json.loads (l) for l in open (\"log\")]\n"
      "log = [l[\"validation_loss\"] for l in log if l[\"event\"] == \"evaluation\"]\n"
      "said = json.load (open (\"said\"))\n"
      "assert abs (said[\"base\"][\"loss\"] - log[0]) < 1e-4, (said[\"base\"], log)\n"
      "assert abs (said[\"model\"][\"loss\"] - log[-1]) < 1e-4, (said[\"model\"], log)\n"
      "assert len (said[\"pictures\"]) == 2 and log[-1] < log[0]\n"
      "a, b = [p[\"model\"][\"loss\"] for p in said[\"pictures\"]]\n"
      "assert a >= b\nprint (\"same\")'");

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (result.out, ==, "same\n");
}

static void
test_table_should_have_both_models (void)
{
  g_auto (RunResult) result = run_in_folder (
      "\"$GLOSS\" eval . --all --limit 3 --base \"$GLOSS_DATA_DIR\"/demo --html page.html && "
      "\"$GLOSS\" eval . --limit 1 --html page.html > /dev/null && grep -c '<article>' page.html; "
      "grep -cE '(src|href)=\"[^d]' page.html");

  g_assert_cmpstr (result.err, ==, "");
  run_assert_says (result.out, "3 pictures, of which 0 could not be read");
  run_assert_says (result.out, "demo                     demo     change\n");
  run_assert_says (result.out, "CIDEr ");
  run_assert_says (result.out, "  written: a thing ");
  run_assert_says (result.out, "\n1\n0\n");
}

static void
test_edited_captions_should_be_data (void)
{
  g_auto (RunResult) none = run_in_folder (
      "export XDG_DATA_HOME=\"$D\"; for c in 'eval --edited' 'data check --edited' 'finetune "
      "--edited --out x'; do \"$GLOSS\" $c; echo $?; done");

  g_assert_cmpstr (none.out, ==, "4\n4\n4\n");
  run_assert_says (none.err, "no captions are kept yet");
}

static void
test_failures_should_not_stop_it (void)
{
  g_auto (RunResult) some = run_in_folder (
      "printf x > broken.png; printf '{\"image\": \"broken.png\", \"suffix\": \"b\"}\\n' >> "
      "val.jsonl; \"$GLOSS\" eval .");
  g_auto (RunResult) all = run_in_folder (
      "printf x > broken.png; printf '{\"image\": \"broken.png\", \"suffix\": \"b\"}\\n' > "
      "list.jsonl; \"$GLOSS\" eval list.jsonl --json");

  g_assert_cmpint (some.status, ==, 1);
  run_assert_says (some.out, "3 pictures, of which 1 could not be read");
  run_assert_says (some.out, "broken.png\n  failed:");
  g_assert_cmpint (all.status, ==, 4);
  run_assert_says (all.out, "\"loss\": null");
}

static void
test_captions_all_alike_should_be_told (void)
{
  g_auto (RunResult) result = run_in_folder (
      "for i in 1 2 3 4 5; do cp \"$P\"/04-a-teapot.png $i.png; echo thing $i > $i.txt; done; "
      "rm *.jsonl; \"$GLOSS\" eval . --all");

  run_assert_says (result.out, "Captions are all alike: 5 of 5 are the same.");
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
    { "eval", 2, "name one folder or list" },
    { "eval . --edited", 2, "name none" },
    { "eval . --limit -1", 2, "--limit must be from 0" },
    { "eval . -m nothing-like-it", 3, "nothing-like-it" },
    { "eval . --base nothing-like-it --limit 1", 3, "nothing-like-it" },
    { "eval nowhere.jsonl", 4, "nowhere.jsonl" },
    { "eval . --html val.jsonl", 4, "is there and is no .html file" },
    { "eval . --html no/where.html --limit 1", 4, "where.html" },
    { "eval . --prompt 'a b c d e f g h i j' --max-tokens 8", 4, "no room" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strconcat ("\"$GLOSS\" ", cases[i].line, NULL);
      g_auto (RunResult) result = run_in_folder (line);

      run_assert_says (result.err, cases[i].says);
      g_assert_cmpint (result.status, ==, cases[i].status);
    }
}

/* As all others it ends by the signal. */
static void
test_signal_should_stop_it (void)
{
  g_auto (RunResult) result = run_in_folder (
      "for i in $(seq 400); do echo '{\"image\": \"'\"$P\"'/04-a-teapot.png\", \"suffix\": "
      "\"'$i'\", \"prefix\": \"'$i'\"}'; done > many.jsonl\n"
      "timeout -s INT 0.5 \"$GLOSS\" eval many.jsonl --all -q; echo $?");

  g_assert_cmpstr (result.out, ==, "124\n");
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/eval/loss-should-be-that-of-finetuning",
                   test_loss_should_be_that_of_finetuning);
  g_test_add_func ("/cli/eval/table-should-have-both-models", test_table_should_have_both_models);
  g_test_add_func ("/cli/eval/edited-captions-should-be-data", test_edited_captions_should_be_data);
  g_test_add_func ("/cli/eval/failures-should-not-stop-it", test_failures_should_not_stop_it);
  g_test_add_func ("/cli/eval/captions-all-alike-should-be-told",
                   test_captions_all_alike_should_be_told);
  g_test_add_func ("/cli/eval/wrong-use-should-be-said", test_wrong_use_should_be_said);
  g_test_add_func ("/cli/eval/signal-should-stop-it", test_signal_should_stop_it);
  return g_test_run ();
}
