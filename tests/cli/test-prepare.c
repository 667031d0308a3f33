/* gloss-cli prepare, and that the other commands use what it makes. */
#include "cli/run.h"
#include "model/full-size.h"
#include "support/asserts.h"

#include <string.h>

#define FULL "tests/fixtures/text/full.model"

/* @line with a home of its own in $XDG_DATA_HOME, of which the folder is then gone. */
static RunResult
run_at_home (const char *line)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *whole = g_strconcat (
      "export HF_HUB_CACHE=/nowhere KAGGLEHUB_CACHE=/nowhere; chmod u+w \"$XDG_DATA_HOME\"; ", line,
      NULL);
  RunResult result = run_shell (whole, "XDG_DATA_HOME", folder);

  gloss_test_folder_remove (folder);
  return result;
}

/* The same words from the file that is made as from its source, for every fixture. */
static void
test_captions_should_be_those_of_the_source (void)
{
  g_auto (RunResult) result = run_at_home (
      "caption () { \"$GLOSS\" caption -q --max-tokens 12 --prompt 'caption en' -m \"$@\" " TEAPOT
      "; };\n"
      "for m in paligemma1/weights.f32.npz paligemma1/weights.bf16.npz paligemma1/weights.f16.npz "
      "paligemma1/hf paligemma2/weights.bf16.npz paligemma2/hf paligemma2-27b-like/hf; do\n"
      "  \"$GLOSS\" prepare -q tests/fixtures/$m --tokenizer " FULL " -o \"$XDG_DATA_HOME/$m\" "
      ">\"$XDG_DATA_HOME/path\" || echo failed\n"
      "  [ \"$(caption tests/fixtures/$m --tokenizer " FULL ")\" = \"$(caption $(cat "
      "\"$XDG_DATA_HOME/path\"))\" ] && echo same\n"
      "done");

  g_assert_cmpstr (result.err, ==, "");
  g_assert_cmpstr (result.out, ==, "same\nsame\nsame\nsame\nsame\nsame\nsame\n");
}

static void
test_it_should_be_among_the_models (void)
{
  g_auto (RunResult) result =
      run_at_home ("\"$GLOSS\" prepare data/demo --output \"$XDG_DATA_HOME/gloss/models/tea\"; "
                   "\"$GLOSS\" models; "
                   "\"$GLOSS\" caption -m tea " TEAPOT "; \"$GLOSS\" inspect tea | tail -1;"
                   "\"$GLOSS\" caption -m \"$XDG_DATA_HOME/gloss/models/tea\" " TEAPOT ";"
                   "\"$GLOSS\" models import -q \"$XDG_DATA_HOME/gloss/models/tea\" --name cup;"
                   "\"$GLOSS\" caption -m cup " TEAPOT);

  g_assert_cmpint (result.status, ==, 0);
  g_assert_cmpstr (result.err, ==, "");
  run_assert_says (result.out, "/gloss/models/tea/demo.gloss\nNAME");
  run_assert_says (result.out, "\ntea     11.9 MB  complete ");
  run_assert_says (result.out, "a teapot\nNo problems.\na teapot\n");
  g_assert_true (g_str_has_suffix (result.out, "\na teapot\n"));
}

static void
test_by_default_it_should_have_a_folder_of_its_own (void)
{
  g_auto (RunResult) result = run_at_home (
      "\"$GLOSS\" prepare demo >/dev/null; \"$GLOSS\" prepare demo >/dev/null; echo $?;"
      "\"$GLOSS\" prepare -q tests/fixtures/paligemma1/weights.f16.npz >/dev/null; echo $?;"
      " cd \"$XDG_DATA_HOME\"; find . -type f | sort");

  g_assert_cmpstr (result.out, ==,
                   "0\n0\n./gloss/models/demo/demo.gloss\n./gloss/models/demo/tokenizer.model\n"
                   "./gloss/models/weights.f16/weights.f16.gloss\n");
  run_assert_says (result.err, "/demo/demo.gloss was made of this model already\n");
}

static void
test_refusals_should_have_their_status (void)
{
  static const struct
  {
    const char *line, *says;
    int status;
  } cases[] = {
    { "prepare", "name the model to prepare", 2 },
    { "prepare a b", "one model at a time, not 2", 2 },
    { "prepare --paint x", "--paint", 2 },
    { "prepare ./nothing", "gloss-cli: ./nothing: cannot be opened", 3 },
    { "prepare " TEAPOT, "is not named like a weight file", 3 },
    { "prepare tests/fixtures/paligemma1/forward.npz", "this is not a PaliGemma", 3 },
    { "prepare tests/fixtures/paligemma1/hf --tokenizer data/demo/tokenizer.model",
      "rows, but the tokenizer has 4096 pieces", 3 },
    { "prepare tests/fixtures/paligemma1/hf --tokenizer ./nothing", "./nothing: ", 3 },
    { "prepare data/demo -o /proc/x", "the folder \"/proc/x\" cannot be made", 4 },
    { "prepare data/demo -o \"$XDG_DATA_HOME/taken\"",
      "demo.gloss: is there already, and was not made of this model as it is now; --force replaces "
      "it, --output names another place",
      4 },
    { "prepare data/demo -o \"$XDG_DATA_HOME/other\"",
      "is the tokenizer of another model; --force replaces it", 4 },
    { "prepare \"$XDG_DATA_HOME/taken/demo.gloss\"", "does not begin as the files", 3 },
    { "caption -m \"$XDG_DATA_HOME/taken/demo.gloss\" " TEAPOT, "does not begin as the files", 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = g_strconcat (
          "cd \"$XDG_DATA_HOME\"; mkdir taken other; yes mine | head -c 100 >taken/demo.gloss; "
          "echo "
          "mine >other/tokenizer.model; cd \"$OLDPWD\";\"$GLOSS\" ",
          cases[i].line, "; s=$?; find \"$XDG_DATA_HOME\" -type f | wc -l; exit $s", NULL);
      g_auto (RunResult) result = run_at_home (line);

      g_test_message ("%s | %s", cases[i].line, g_strchomp (result.err));
      run_assert_says (result.err, cases[i].says);
      g_assert_cmpint (result.status, ==, cases[i].status);
      g_assert_cmpstr (g_strstrip (result.out), ==, "2");
    }
}

static void
test_force_should_replace (void)
{
  g_auto (RunResult) result = run_at_home (
      "cd \"$XDG_DATA_HOME\"; mkdir x; echo mine >x/demo.gloss; echo mine >x/tokenizer.model;"
      " cd \"$OLDPWD\"; \"$GLOSS\" prepare --force data/demo -o \"$XDG_DATA_HOME/x\";"
      " \"$GLOSS\" caption -m \"$XDG_DATA_HOME/x/demo.gloss\" " TEAPOT);

  g_assert_cmpstr (result.err, ==, "");
  run_assert_says (result.out, "/x/demo.gloss\na teapot\n");
}

/* Compressed by zlib as numpy does it. */
static void
test_compressed_should_be_usable_then (void)
{
  g_auto (RunResult) result =
      run_at_home ("C=\"$XDG_DATA_HOME/c.npz\"; python3 -c \"import sys,zipfile as z;"
                   "i=z.ZipFile('tests/fixtures/paligemma1/weights.bf16.npz');"
                   "o=z.ZipFile(sys.argv[1],'w',z.ZIP_DEFLATED);"
                   "[o.writestr(n.filename,i.read(n)) for n in i.infolist()];o.close()\" \"$C\";"
                   "\"$GLOSS\" caption -m \"$C\" --tokenizer " FULL " " TEAPOT "; echo $?;"
                   "\"$GLOSS\" prepare -q \"$C\" --tokenizer " FULL " >/dev/null; echo $?;"
                   "\"$GLOSS\" caption -q --max-tokens 4 -m c " TEAPOT " >/dev/null; echo $?");

  g_assert_cmpstr (result.out, ==, "3\n0\n0\n");
  run_assert_says (result.err, "c.npz: is compressed; gloss-cli prepare c.npz makes a file of it");
}

/* Only inspect --values looks at all of them. */
static void
test_changed_values_should_be_found (void)
{
  g_auto (RunResult) result = run_at_home (
      "\"$GLOSS\" prepare demo -o \"$XDG_DATA_HOME/x.gloss\" >/dev/null; cd \"$XDG_DATA_HOME\";"
      "\"$GLOSS\" inspect --values x.gloss | tail -1;"
      "printf '\\001' | dd of=x.gloss bs=1 seek=$(($(wc -c <x.gloss) - 2)) conv=notrunc "
      "2>/dev/null; \"$GLOSS\" inspect x.gloss >/dev/null; echo $?;"
      "\"$GLOSS\" inspect --values x.gloss | tail -1; \"$GLOSS\" inspect --values -f json x.gloss "
      "| "
      "grep -c 'not those that were written'");

  g_assert_cmpstr (result.err, ==, "");
  g_assert_true (g_str_has_prefix (result.out, "No problems.\n0\n"));
  run_assert_says (result.out,
                   "x.gloss: the values of tensor \"final_norm\" are not those that were "
                   "written; make the file again with gloss-cli prepare\n1\n");
}

/* A model of 5.8 GB is not done in the time that this takes. */
static void
test_a_signal_should_leave_nothing (gconstpointer data)
{
  const char *name = data;
  char *folder = gloss_test_folder_new ();
  g_autofree char *line = g_strdup_printf (
      "mkdir \"$DIR/out\"; timeout --preserve-status -s %s 0.3 \"$GLOSS\" prepare --tokenizer " FULL
      " \"$DIR/holes.npz\" -o \"$DIR/out/in\"; echo $?; ls -A \"$DIR\" \"$DIR/out\"",
      name);
  g_autofree char *path = NULL;
  GlossModelConfig config;
  const char *why;

  full_size_get_config (&config, FULL_SIZE_PALIGEMMA_3B, 224);
  /* as many pieces as that tokenizer has */
  config.n_table_rows = 2048;
  path = full_size_write_holes (folder, &config, &why);
  if (!path)
    g_test_skip (why);
  else
    {
      g_auto (RunResult) result = run_shell (line, "DIR", folder);
      g_autofree char *expected =
          g_strdup_printf ("%s\n%s:\nholes.npz\nout\n\n%s/out:\n",
                           strcmp (name, "INT") == 0 ? "130" : "143", folder, folder);

      if (strstr (result.err, "are free on that disk"))
        g_test_skip ("there is not enough disk space for a model of this size");
      else
        {
          g_assert_cmpstr (result.err, ==, "");
          g_assert_cmpstr (result.out, ==, expected);
        }
    }
  gloss_test_folder_remove (folder);
}

/* Where files cannot be that large: an error like any other, and no signal's death. */
static void
test_a_limit_should_be_told (void)
{
  g_auto (RunResult) result = run_at_home (
      "ulimit -f 2000; \"$GLOSS\" prepare demo; echo $?; find \"$XDG_DATA_HOME\" -type f");

  g_assert_cmpstr (result.out, ==, "4\n");
  run_assert_says (result.err, "files as large as that are not allowed here");
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
#define ADD(path, func) g_test_add_func ("/cli/prepare/" path, func)
  ADD ("captions-should-be-those-of-the-source", test_captions_should_be_those_of_the_source);
  ADD ("it-should-be-among-the-models", test_it_should_be_among_the_models);
  ADD ("by-default-it-should-have-a-folder-of-its-own",
       test_by_default_it_should_have_a_folder_of_its_own);
  ADD ("refusals-should-have-their-status", test_refusals_should_have_their_status);
  ADD ("force-should-replace", test_force_should_replace);
  ADD ("compressed-should-be-usable-then", test_compressed_should_be_usable_then);
  ADD ("changed-values-should-be-found", test_changed_values_should_be_found);
  ADD ("a-limit-should-be-told", test_a_limit_should_be_told);
#undef ADD
  g_test_add_data_func ("/cli/prepare/ctrl-c/should-leave-nothing", "INT",
                        test_a_signal_should_leave_nothing);
  g_test_add_data_func ("/cli/prepare/term/should-leave-nothing", "TERM",
                        test_a_signal_should_leave_nothing);
  return g_test_run ();
}
