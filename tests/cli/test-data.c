/* gloss-cli data check. */
#include "cli/run.h"
#include "support/asserts.h"

/* @line in a new folder with two pictures, of which the folder is then gone. */
static RunResult
run_in_folder (const char *line)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *whole =
      g_strconcat ("cp " TEAPOT " \"$D/a.png\" && cp " TEAPOT " \"$D/b.png\" && ", line, NULL);
  RunResult result = run_shell (whole, "D", folder);

  gloss_test_folder_remove (folder);
  return result;
}

static void
test_a_list_should_be_described (void)
{
  g_auto (RunResult) result = run_in_folder (
      "printf '%s\\n' '{\"image\":\"a.png\",\"suffix\":\"a teapot\"}' "
      "'{\"image\":\"b.png\",\"suffix\":\"a teapot\"}' '{\"image\":\"c.png\",\"suffix\":\"gone\"}' "
      "'{' >\"$D/l.jsonl\"; printf x >\"$D/b.png\"; \"$GLOSS\" data check \"$D\" --pictures");

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.err, ==, "");
  run_assert_says (result.out, "big_vision JSONL\n2 captions of 2 pictures, 1 held out\n");
  run_assert_says (result.out, "2 captions stand for more than one picture; most often, 2 times: "
                               "a teapot\n");
  run_assert_says (result.out,
                   "1 caption without picture\n  l.jsonl:3: there is no picture c.png\n");
  run_assert_says (result.out, "1 entry that cannot be read\n  l.jsonl:4: ");
  run_assert_says (result.out, "1 picture that cannot be read\n  b.png: ");
}

static void
test_json_should_be_one_object (void)
{
  g_auto (RunResult) result = run_in_folder (
      "printf 'a teapot' >\"$D/a.txt\"; \"$GLOSS\" data check \"$D\" --json --pictures "
      "--max-tokens 8 | python3 -c 'import json, sys; d = json.load (sys.stdin); "
      "print (d[\"layout\"], d[\"captions\"], d[\"problems\"][\"no_caption\"][\"first\"], "
      "d[\"problems\"][\"unreadable\"][\"count\"])'");

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.out, ==, "sidecars 1 ['b.png'] 0\n");
}

static void
test_what_is_nothing_should_be_refused (void)
{
  g_auto (RunResult) empty = run_in_folder ("rm \"$D\"/*.png; \"$GLOSS\" data check \"$D\"");
  g_auto (RunResult) gone = run_in_folder ("\"$GLOSS\" data check \"$D/gone.csv\"");
  g_auto (RunResult) usage = run_in_folder ("\"$GLOSS\" data check \"$D\" --hold-out 2");

  g_assert_cmpint (empty.status, ==, 4);
  run_assert_says (empty.out, "0 captions of 0 pictures");
  run_assert_says (empty.err, "there is no picture with a caption in it");
  g_assert_cmpint (gone.status, ==, 4);
  run_assert_says (gone.err, "gone.csv: ");
  g_assert_cmpint (usage.status, ==, 2);
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/data-check/a-list-should-be-described", test_a_list_should_be_described);
  g_test_add_func ("/cli/data-check/json-should-be-one-object", test_json_should_be_one_object);
  g_test_add_func ("/cli/data-check/what-is-nothing-should-be-refused",
                   test_what_is_nothing_should_be_refused);
  return g_test_run ();
}
