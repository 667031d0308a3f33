/* gloss-cli caption over many files: folders, lists, interruptions, terminals. */
#include "base/json.h"
#include "cli/run.h"
#include "support/asserts.h"

#include <glib/gstdio.h>
#include <string.h>

/* A folder with pictures, others, hidden ones and folders. */
static char *
make_folder (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *quoted = g_shell_quote (folder);
  g_autofree char *line = g_strdup_printf (
      "cd %s && mkdir -p inner/deep .secret && P=$OLDPWD/" TEAPOT " &&"
      " cp $P a10.png && cp $P a9.PNG && cp $P .hidden.png && cp $P .secret/s.png &&"
      " cp $P inner/deep/c.png && echo text > notes.txt && ln -s .. inner/loop &&"
      " ln -s a10.png linked.png",
      quoted);
  g_auto (RunResult) result = run_shell (line, NULL, NULL);

  g_assert_cmpstr (result.err, ==, "");
  return folder;
}

static void
assert_files (const char *line, const char *folder, const char *expected)
{
  g_auto (RunResult) result = run_shell (line, "DIR", folder);
  g_auto (GStrv) lines = g_strsplit (result.out, "\n", -1);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; lines[i] && *lines[i]; i++)
    {
      const char *tab = strchr (lines[i], '\t');

      g_assert_cmpstr (tab, ==, "\ta teapot");
      g_assert_true (g_str_has_prefix (lines[i], folder));
      g_string_append_printf (names, "%.*s ", (int) (tab - lines[i] - strlen (folder) - 1),
                              lines[i] + strlen (folder) + 1);
    }
  g_assert_cmpstr (names->str, ==, expected);
  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpint (result.status, ==, 0);
}

static void
test_folders_should_give_their_pictures (void)
{
  char *folder = make_folder ();

  assert_files ("\"$GLOSS\" caption -q \"$DIR\"", folder, "a9.PNG a10.png linked.png ");
  assert_files ("\"$GLOSS\" caption -q -r \"$DIR\"", folder,
                "a9.PNG a10.png inner/deep/c.png linked.png ");
  gloss_test_folder_remove (folder);
}

static void
test_lists_should_be_read (void)
{
  char *folder = make_folder ();

  assert_files ("ls -d \"$DIR\"/a* | \"$GLOSS\" caption -q --files-from -", folder,
                "a10.png a9.PNG ");
  assert_files ("printf '\\357\\273\\277%s\\r\\n\\r\\n%s' \"$DIR\"/a9.PNG \"$DIR\"/a10.png | "
                "\"$GLOSS\" caption -q --files-from - ",
                folder, "a9.PNG a10.png ");
  assert_files ("find \"$DIR\"/inner -name '*.png' -print0 >\"$DIR\"/list;"
                "\"$GLOSS\" caption -q -H --files-from \"$DIR\"/list",
                folder, "inner/deep/c.png ");
  gloss_test_folder_remove (folder);
}

static void
test_unusable_lists_should_be_told (void)
{
  g_auto (RunResult) missing = run_cli ("caption -q --files-from missing.txt");
  g_auto (RunResult) empty =
      run_shell ("\"$GLOSS\" caption -q --files-from - </dev/null", NULL, NULL);

  g_assert_cmpint (missing.status, ==, 4);
  run_assert_says (missing.err, "missing.txt: the list cannot be read");
  g_assert_cmpint (empty.status, ==, 0);
  g_assert_cmpstr (empty.out, ==, "");
}

/* A folder without pictures, one that is closed, a name of nothing: each is told, and what comes
 * after them is captioned. */
static void
test_bad_entries_should_not_stop_the_others (void)
{
  char *folder = make_folder ();
  g_auto (RunResult) result = run_shell (
      "mkdir \"$DIR\"/empty; cd \"$DIR\"; printf 'a9.PNG\\nempty\\nmissing.png\\na10.png\\n' |"
      " \"$GLOSS\" caption -q --files-from -",
      "DIR", folder);

  g_assert_cmpstr (result.out, ==, "a9.PNG\ta teapot\na10.png\ta teapot\n");
  g_assert_cmpint (result.status, ==, 1);
  run_assert_says (result.err, "gloss-cli: empty: there are no pictures in this folder");
  run_assert_says (result.err, "gloss-cli: missing.png: there is no such file");
  gloss_test_folder_remove (folder);
}

/* A text file beside a picture that is empty or blank, and one that cannot be read, do not count.
 */
static void
test_captioned_pictures_should_be_left_out (void)
{
  char *folder = make_folder ();
  g_auto (RunResult) result = { 0 };
  g_auto (RunResult) quiet = { 0 };
  g_auto (RunResult) all = { 0 };

  result = run_shell ("cd \"$DIR\" && P=a10.png && for n in b c d e f; do cp $P $n.png; done &&"
                      " echo words >a9.txt && printf 'caf\\351' >b.txt && echo words >c.caption &&"
                      " printf ' \\n' >d.txt && : >e.txt && mkdir f.txt && mkdir in &&"
                      " \"$GLOSS\" caption --skip-captioned -H --save-input in .",
                      "DIR", folder);
  g_assert_cmpstr (result.out, ==,
                   "./a10.png\ta teapot\n./d.png\ta teapot\n./e.png\ta teapot\n./f.png\ta teapot\n"
                   "./linked.png\ta teapot\n");
  run_assert_says (result.err, "gloss-cli: 3 of 8 pictures left out, as they have a caption beside "
                               "them\n");
  run_assert_says (result.err, "f.png: f.txt: a folder has the name of the caption beside");
  g_assert_cmpint (result.status, ==, 0);

  /* what is left is named and numbered as one of several */
  quiet = run_shell ("cd \"$DIR\" && rm -r in/* && \"$GLOSS\" caption -q --skip-captioned "
                     "--save-input in a9.PNG a10.png && ls in",
                     "DIR", folder);
  g_assert_cmpstr (quiet.out, ==, "a10.png\ta teapot\n000001-a10.png\n");
  g_assert_cmpstr (quiet.err, ==, "");

  all = run_shell ("cd \"$DIR\" && \"$GLOSS\" caption --skip-captioned -f json a9.PNG c.png", "DIR",
                   folder);
  g_assert_cmpstr (all.out, ==, "[]\n");
  run_assert_says (all.err, "2 of 2 pictures left out");
  g_assert_cmpint (all.status, ==, 0);
  gloss_test_folder_remove (folder);
}

/* A reader that takes no more must not keep the program from ending. The name is long, so that the
 * pipe is soon full; one INT comes, and without its end SIGPIPE would, two seconds later. */
static void
test_a_stalled_reader_should_not_hold_it (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result =
      run_shell ("F=$(printf './%.0s' $(seq 2000))" TEAPOT
                 "; for i in $(seq 500); do echo $F; done >\"$DIR\"/list;"
                 " (timeout --preserve-status -s INT 4 \"$GLOSS\" caption -q -f jsonl --files-from "
                 "\"$DIR\"/list;"
                 " echo $? >\"$DIR\"/status) | sleep 6; cat \"$DIR\"/status",
                 "DIR", folder);

  g_assert_cmpstr (result.out, ==, "130\n");
  gloss_test_folder_remove (folder);
}

/* Names that are no text are told exactly, and so is the model's. */
static void
test_odd_names_should_be_found_again (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result =
      run_shell ("N=$(printf 'inv\\377.png'); cp " TEAPOT " \"$DIR/$N\"; cp " TEAPOT
                 " \"$DIR/tab\tnew\nline.png\"; M=$(printf 'm\\377'); cp -r data/demo \"$DIR/$M\";"
                 " \"$GLOSS\" caption -q -f json --model \"$DIR/$M\" \"$DIR\"",
                 "DIR", folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) array =
      gloss_json_parse (result.out, strlen (result.out), 1 << 20, "output", &error);
  g_autofree char *end = g_strconcat ("tab\tnew\nline.png", NULL);

  g_assert_no_error (error);
  g_assert_cmpuint (json_array_size (array), ==, 2);
  g_assert_true (g_str_has_suffix (
      json_string_value (json_object_get (json_array_get (array, 0), "uri")), "inv%FF.png"));
  g_assert_true (g_str_has_suffix (
      json_string_value (json_object_get (json_array_get (array, 1), "file")), end));
  g_assert_nonnull (json_string_value (json_object_get (json_array_get (array, 0), "model")));
  gloss_test_folder_remove (folder);
}

/* Signals end it at once, between lines, with the array closed. */
static void
test_signals_should_leave_whole_lines (void)
{
  static const struct
  {
    const char *name;
    int status;
  } signals[] = { { "INT", 130 }, { "TERM", 143 }, { "HUP", 129 } };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *line = g_strdup_printf (
          "F=$(ls data/demo/pictures/*.png); for i in $(seq 300); do echo \"$F\"; done |"
          " timeout --preserve-status -s %s 1.5 \"$GLOSS\" caption -q -f json --files-from -",
          signals[i].name);
      g_auto (RunResult) result = run_shell (line, NULL, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (json_t) array = NULL;

      array = gloss_json_parse (result.out, strlen (result.out), 16 << 20, "output", &error);
      g_assert_no_error (error);
      g_assert_cmpint (result.status, ==, signals[i].status);
      g_assert_cmpuint (json_array_size (array), >, 0);
      g_assert_cmpuint (json_array_size (array), <, 300 * 14);
      g_assert_true (g_str_has_suffix (result.out, "\n]\n"));
    }
}

/* In a terminal the words appear one after the other, and nothing repaints it. */
static void
test_terminals_should_see_words_come (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result = run_shell (
      "cp " ORANGE " \"$DIR/esc$(printf '\\033[31m').png\";"
      " cd \"$DIR\"; script -qec '\"$GLOSS\" caption -q -H *.png missing*' log >/dev/null;"
      " cat log",
      "DIR", folder);

  if (strstr (result.err, "not found"))
    {
      g_test_skip ("script (bsdutils) is not here");
      gloss_test_folder_remove (folder);
      return;
    }
  run_assert_says (result.out, "esc [31m.png\tan orange on a gray background\r\n");
  run_assert_says (result.out, "gloss-cli: missing*: there is no such file\r\n");
  g_assert_null (strchr (result.out, '\033'));
  gloss_test_folder_remove (folder);
}

static void
test_progress_should_stand_on_a_terminal_alone (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) seen = run_shell ("script -qec '\"$GLOSS\" caption " TEAPOT " " ORANGE
                                       " >\"$DIR\"/out' \"$DIR\"/log >/dev/null;"
                                       " cat \"$DIR\"/log \"$DIR\"/out",
                                       "DIR", folder);
  g_auto (RunResult) unseen = run_cli ("caption " TEAPOT " " ORANGE);

  g_assert_null (strstr (unseen.err, "1 of 2"));
  if (!strstr (seen.err, "not found"))
    {
      run_assert_says (seen.out, "\r\033[K1 of 2 · 04-a-teapot.png");
      run_assert_says (seen.out, "2 of 2 · ");
      run_assert_says (seen.out, TEAPOT "\ta teapot\n");
    }
  gloss_test_folder_remove (folder);
}

static void
test_inputs_should_be_saved (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result = run_shell (
      "\"$GLOSS\" caption -q --save-input \"$DIR\" " TEAPOT " >/dev/null;"
      "\"$GLOSS\" caption -q --save-input \"$DIR\" " TEAPOT " " ORANGE " >/dev/null;"
      "\"$GLOSS\" caption -q --no-names \"$DIR\"/04-a-teapot.png;"
      "\"$GLOSS\" caption -q --save-input \"$DIR\"/none " TEAPOT "; echo $?; cd \"$DIR\"; ls",
      "DIR", folder);

  /* what the model sees it sees again */
  g_assert_cmpstr (result.out, ==,
                   "a teapot\n2\n000001-04-a-teapot.png\n"
                   "000002-02-an-orange-on-a-gray-background.png\n04-a-teapot.png\n");
  run_assert_says (result.err, "none");
  gloss_test_folder_remove (folder);
}

/* The picture itself may lie in the folder, or a link to it. */
static void
test_saved_inputs_should_never_replace_a_file (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result =
      run_shell ("cp " TEAPOT
                 " \"$DIR/a.png\"; mkdir \"$DIR/l\"; ln -s ../a.png \"$DIR/l/a.png\"; cd \"$DIR\";"
                 " \"$GLOSS\" caption -q --save-input . a.png; echo $?;"
                 " \"$GLOSS\" caption -q --save-input l a.png; echo $?;"
                 " cmp a.png \"$OLDPWD/" TEAPOT "\" && echo the same",
                 "DIR", folder);

  g_assert_cmpstr (result.out, ==, "a teapot\n1\na teapot\n1\nthe same\n");
  run_assert_says (result.err, "is there already, and nothing is overwritten");
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/many/folders-should-give-their-pictures",
                   test_folders_should_give_their_pictures);
  g_test_add_func ("/cli/many/lists-should-be-read", test_lists_should_be_read);
  g_test_add_func ("/cli/many/unusable-lists-should-be-told", test_unusable_lists_should_be_told);
  g_test_add_func ("/cli/many/bad-entries-should-not-stop-the-others",
                   test_bad_entries_should_not_stop_the_others);
  g_test_add_func ("/cli/many/captioned-pictures/should-be-left-out",
                   test_captioned_pictures_should_be_left_out);
  g_test_add_func ("/cli/many/a-stalled-reader-should-not-hold-it",
                   test_a_stalled_reader_should_not_hold_it);
  g_test_add_func ("/cli/many/odd-names-should-be-found-again",
                   test_odd_names_should_be_found_again);
  g_test_add_func ("/cli/many/signals-should-leave-whole-lines",
                   test_signals_should_leave_whole_lines);
  g_test_add_func ("/cli/many/terminals-should-see-words-come",
                   test_terminals_should_see_words_come);
  g_test_add_func ("/cli/many/progress-should-stand-on-a-terminal-alone",
                   test_progress_should_stand_on_a_terminal_alone);
  g_test_add_func ("/cli/many/inputs-should-be-saved", test_inputs_should_be_saved);
  g_test_add_func ("/cli/many/saved-inputs-should-never-replace-a-file",
                   test_saved_inputs_should_never_replace_a_file);
  return g_test_run ();
}
