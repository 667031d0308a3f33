/* gloss-cli models, and the completion of bash, which asks it for the names of models. */
#include "base/json.h"
#include "library/cache.h"
#include "support/asserts.h"

#include <string.h>
#include <sys/wait.h>

static char *program; /* the gloss-cli to test, absolute */

/* A home of its own for each test, so that nothing of this machine is found. */
typedef struct
{
  char *home; /* owned */
  GStrv env;  /* owned */
  char *out;  /* owned: what the last run said */
  char *err;  /* owned */
  int status;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const unset[] = { "HF_HOME",         "HF_HUB_CACHE",  "HUGGINGFACE_HUB_CACHE",
                                       "KAGGLEHUB_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME" };

  fixture->home = gloss_test_folder_new ();
  fixture->env = g_environ_setenv (g_get_environ (), "HOME", fixture->home, TRUE);
  fixture->env = g_environ_setenv (fixture->env, "LC_ALL", "C.UTF-8", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (unset); i++)
    fixture->env = g_environ_unsetenv (fixture->env, unset[i]);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gloss_test_folder_remove (fixture->home);
  g_strfreev (fixture->env);
  g_free (fixture->out);
  g_free (fixture->err);
}

static void
spawn (Fixture *fixture, const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  int wait_status;

  g_clear_pointer (&fixture->out, g_free);
  g_clear_pointer (&fixture->err, g_free);
  g_spawn_sync (fixture->home, (char **) argv, fixture->env, G_SPAWN_SEARCH_PATH, NULL, NULL,
                &fixture->out, &fixture->err, &wait_status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (wait_status));
  fixture->status = WEXITSTATUS (wait_status);
}

/* Runs gloss-cli with the arguments split at spaces. */
static void
run (Fixture *fixture, const char *arguments)
{
  g_autofree char *line = g_strconcat (program, " ", arguments, NULL);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);

  spawn (fixture, (const char *const *) argv);
}

static void
assert_says (const char *text, const char *part)
{
  if (!strstr (text, part))
    g_error ("\"%s\" does not say \"%s\"", text, part);
}

#define REPOSITORY ".cache/huggingface/hub/models--google--paligemma2-3b-pt-224"
#define KAGGLE ".cache/kagglehub/models/google/paligemma/jax/paligemma-3b-pt-224"

static void
add_models (Fixture *fixture)
{
  gloss_cache_add_whole_snapshot (fixture->home, REPOSITORY, "abc");
  gloss_cache_write (fixture->home, KAGGLE "/1/paligemma-3b-pt-224.f16.npz", "weights");
  gloss_cache_write (fixture->home, KAGGLE "/1.complete", "");
  gloss_cache_write (fixture->home, ".local/share/gloss/models/my cap\033tions/pt.npz", "weights");
  gloss_cache_write (fixture->home, ".local/share/gloss/models/my cap\033tions/tokenizer.model",
                     "pieces");
}

static void
test_text_should_be_a_table (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) lines = NULL;
  const char *size_column;

  add_models (fixture);
  run (fixture, "models");
  g_assert_cmpint (fixture->status, ==, 0);
  g_assert_cmpstr (fixture->err, ==, "");
  g_assert_true (g_utf8_validate (fixture->out, -1, NULL));
  g_assert_null (strchr (fixture->out, '\033'));
  lines = g_strsplit (fixture->out, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 7);
  g_assert_true (g_str_has_prefix (lines[0], "NAME "));
  g_assert_true (g_str_has_prefix (lines[1], "demo "));
  g_assert_true (g_str_has_prefix (lines[2], "my cap_tions "));
  g_assert_true (g_str_has_prefix (lines[3], "google/paligemma2-3b-pt-224 "));
  assert_says (lines[3], " 1.1 MB  complete ");
  assert_says (lines[3], "/snapshots/abc");
  g_assert_true (g_str_has_prefix (lines[4], "google/paligemma/jax/paligemma-3b-pt-224/1 "));
  assert_says (lines[4], " incomplete ");
  g_assert_cmpstr (lines[5], ==, "    the tokenizer is missing (tokenizer.model)");
  g_assert_cmpstr (lines[6], ==, "");
  size_column = strstr (lines[0], "STATE");
  g_assert_true (g_str_has_prefix (lines[1] + (size_column - lines[0]), "complete"));
  g_assert_true (g_str_has_prefix (lines[4] + (size_column - lines[0]), "incomplete"));
}

static void
test_json_should_have_the_same (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "demo", "my cap_tions", "google/paligemma2-3b-pt-224",
                                       "google/paligemma/jax/paligemma-3b-pt-224/1" };
  static const char *const places[] = { "demo", "gloss", "huggingface", "kaggle" };
  g_autoptr (json_t) root = NULL;
  json_t *models, *folders;

  add_models (fixture);
  run (fixture, "models --format json");
  g_assert_cmpint (fixture->status, ==, 0);
  g_assert_cmpstr (fixture->err, ==, "");
  root = gloss_json_parse (fixture->out, strlen (fixture->out), 1 << 20, "output", NULL);
  models = json_object_get (root, "models");
  folders = json_object_get (root, "looked_in");
  g_assert_cmpuint (json_array_size (models), ==, 4);
  g_assert_cmpuint (json_array_size (folders), ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      json_t *model = json_array_get (models, i), *folder = json_array_get (folders, i);
      const char *tokenizer = json_string_value (json_object_get (model, "tokenizer"));

      g_assert_cmpstr (json_string_value (json_object_get (model, "name")), ==, names[i]);
      g_assert_cmpstr (json_string_value (json_object_get (model, "place")), ==, places[i]);
      g_assert_cmpstr (json_string_value (json_object_get (folder, "place")), ==, places[i]);
      g_assert_true (json_is_true (json_object_get (folder, "exists")));
      g_assert_cmpint (json_integer_value (json_object_get (model, "bytes")), >, 0);
      g_assert_cmpint (json_is_true (json_object_get (model, "complete")), ==, i < 3);
      g_assert_cmpint (json_is_null (json_object_get (model, "missing")), ==, i < 3);
      g_assert_cmpint (tokenizer != NULL, ==, i < 3);
      assert_says (json_string_value (json_object_get (model, "path")), "/");
    }
  g_assert_cmpstr (json_string_value (json_object_get (json_array_get (models, 2), "family")), ==,
                   "PaliGemma 2");
}

/* What is called complete can be used. */
static void
test_a_complete_model_should_caption (Fixture *fixture, gconstpointer data)
{
  g_autofree char *picture = gloss_test_path ("fixtures/preprocess/pictures/camera.png");
  g_autofree char *arguments = NULL;
  g_autoptr (json_t) root = NULL;
  json_t *model;

  gloss_cache_add_whole_snapshot (fixture->home, REPOSITORY, "abc");
  run (fixture, "models -f json");
  root = gloss_json_parse (fixture->out, strlen (fixture->out), 1 << 20, "output", NULL);
  model = json_array_get (json_object_get (root, "models"), 1);
  g_assert_true (json_is_true (json_object_get (model, "complete")));
  arguments = g_strdup_printf ("caption --max-tokens 2 --model %s %s",
                               json_string_value (json_object_get (model, "path")), picture);
  run (fixture, arguments);
  g_assert_cmpstr (fixture->err, ==, "");
  g_assert_cmpint (fixture->status, ==, 0);
}

static void
test_without_models_it_should_say_where_it_looked (Fixture *fixture, gconstpointer data)
{
  static const char *const folders[] = { ".local/share/gloss/models", ".cache/huggingface/hub",
                                         ".cache/kagglehub/models" };

  for (guint i = 0; i < 2; i++)
    {
      if (i == 1)
        fixture->env = g_environ_setenv (fixture->env, "GLOSS_DATA_DIR", "/nowhere", TRUE);
      run (fixture, "models");
      g_assert_cmpint (fixture->status, ==, 0);
      g_assert_cmpint (strstr (fixture->out, "demo ") != NULL, ==, i == 0);
      assert_says (fixture->err, "gloss-cli: there is no PaliGemma on this machine");
      g_assert_cmpint (strstr (fixture->err, "but the demo model") != NULL, ==, i == 0);
      g_assert_cmpint (strstr (fixture->err, "/nowhere/demo, ") != NULL, ==, i == 1);
      for (guint j = 0; j < G_N_ELEMENTS (folders); j++)
        {
          g_autofree char *folder = g_build_filename (fixture->home, folders[j], NULL);

          assert_says (fixture->err, folder);
        }
      run (fixture, "models --format json");
      g_assert_cmpint (fixture->status, ==, 0);
      g_assert_cmpstr (fixture->err, ==, "");
    }
  g_assert_cmpstr (fixture->out, !=, "");
  assert_says (fixture->out, "\"models\": [],\n");
}

static void
test_wrong_use_should_end_with_two (Fixture *fixture, gconstpointer data)
{
  static const char *const cases[][2] = {
    { "models x", "has no action \"x\"" },
    { "models list x", "takes no \"x\"" },
    { "models pull", "wants the name of a model" },
    { "models pull a b", "takes no \"b\"" },
    { "models --from kaggle", "--from is not for models list" },
    { "models rm x --format json", "--format is not for models rm" },
    { "models pull paligemma-3b-pt-224 --from ftp", "not \"ftp\"" },
    { "models login myspace", "not \"myspace\"" },
    { "models --format xml", "not \"xml\"" },
    { "models --format jsonl", "not \"jsonl\"" },
    { "models --format", "--format" },
    { "models --all", "--all" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      run (fixture, cases[i][0]);
      g_assert_cmpint (fixture->status, ==, 2);
      g_assert_cmpstr (fixture->out, ==, "");
      assert_says (fixture->err, cases[i][1]);
      assert_says (fixture->err, "gloss-cli models --help");
    }
}

static void
test_a_full_disk_should_be_noticed (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { "sh", "-c", "\"$0\" models >/dev/full", program, NULL };

  spawn (fixture, argv);
  g_assert_cmpint (fixture->status, ==, 4);
  assert_says (fixture->err, "could not be written");
}

/* What bash offers for the line of @words, of which the last is being typed, one a line. */
static const char *
complete (Fixture *fixture, const char *words)
{
  g_autofree char *script = gloss_test_data_path ("completions/gloss-cli.bash");
  g_autofree char *code =
      g_strdup_printf ("source \"$1\"; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
                       "COMP_LINE=$2; COMP_POINT=${#COMP_LINE}; _gloss_cli \"$0\"; "
                       "printf '%%s\\n' \"${COMPREPLY[@]}\"",
                       words);
  g_autoptr (GString) line = g_string_new (words);
  const char *argv[] = { "bash", "--norc", "-c", code, program, script, NULL, NULL };

  /* readline breaks at these, between which no blank is */
  g_string_replace (line, " = ", "=", 0);
  g_string_replace (line, " '@' ", "@", 0);
  g_string_replace (line, " = ", "=", 0);
  if (g_str_has_suffix (line->str, " ''"))
    g_string_truncate (line, line->len - 2);
  argv[6] = line->str;
  spawn (fixture, argv);
  g_assert_cmpstr (fixture->err, ==, "");
  g_assert_cmpint (fixture->status, ==, 0);
  return g_strchomp (fixture->out);
}

static void
test_bash_should_complete (Fixture *fixture, gconstpointer data)
{
  static const char *const cases[][2] = {
    { "gloss-cli mo", "models" },
    { "gloss-cli --v", "--version" },
    { "gloss-cli caption --max", "--max-tokens" },
    { "gloss-cli caption --format = jsonl", "jsonl" },
    { "gloss-cli caption --format json", "json\njsonl" },
    { "gloss-cli caption -f te", "text" },
    { "gloss-cli models -f ''", "text\njson" },
    { "gloss-cli inspect --val", "--values" },
    { "gloss-cli caption --beams ''", "" },
    { "gloss-cli caption --model google/paligemma2", "google/paligemma2-3b-pt-224\n"
                                                     "google/paligemma2-3b-pt-224@branch" },
    { "gloss-cli caption --model google/paligemma2-3b-pt-224 '@' br", "branch" },
    { "gloss-cli caption --model = google/paligemma2-3b-pt-224 '@' br", "branch" },
    { "gloss-cli inspect dem", "demo" },
    { "gloss-cli inspect q", "quo\\\"te\\ \\\\\\ \\$\\(touch\\ broken-out\\)\\ \\`x\\`\\ \\'y\\'" },
    { "gloss-cli caption pict", "pictures\npicture.png" },
    { "gloss-cli caption --save-input pict", "pictures" },
    { "gloss-cli caption --format = text pict", "pictures\npicture.png" },
    { "gloss-cli caption -- --od", "--odd.png" },
    { "gloss-cli caption --tokenizer = pictures/", "pictures/a.jpg" },
    { "gloss-cli models ''", "list\npull\nimport\nverify\nrm\nlogin\nlogout" },
    { "gloss-cli models log", "login\nlogout" },
    { "gloss-cli models login ''", "kaggle\nhuggingface" },
    { "gloss-cli models verify dem", "demo" },
    { "gloss-cli models pull paligemma-3b-mix-", "paligemma-3b-mix-224\npaligemma-3b-mix-448" },
    { "gloss-cli models list ''", "" },
    { "gloss-cli paint --", "" },
  };
  g_autofree char *broken_out = g_build_filename (fixture->home, "broken-out", NULL);
  g_autofree char *bash = g_find_program_in_path ("bash");

  if (!bash)
    {
      g_test_skip ("there is no bash");
      return;
    }
  gloss_cache_add_whole_snapshot (fixture->home, REPOSITORY, "abc");
  gloss_cache_add_whole_snapshot (fixture->home, REPOSITORY, "def");
  gloss_cache_write (fixture->home, REPOSITORY "/refs/main", "abc");
  gloss_cache_write (fixture->home, REPOSITORY "/refs/branch", "def");
  gloss_cache_write (fixture->home,
                     ".local/share/gloss/models/quo\"te \\ $(touch broken-out) `x` 'y'/pt.npz",
                     "weights");
  gloss_cache_write (fixture->home, "pictures/a.jpg", "");
  gloss_cache_write (fixture->home, "picture.png", "");
  gloss_cache_write (fixture->home, "--odd.png", "");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *offered = complete (fixture, cases[i][0]);
      g_auto (GStrv) got = g_strsplit (offered, "\n", -1);
      g_auto (GStrv) expected = g_strsplit (cases[i][1], "\n", -1);

      if (g_strv_length (got) != g_strv_length (expected))
        g_error ("%s: offered \"%s\"", cases[i][0], offered);
      for (guint j = 0; expected[j]; j++)
        {
          if (!g_strv_contains ((const char *const *) got, expected[j]))
            g_error ("%s: offered \"%s\" and not \"%s\"", cases[i][0], offered, expected[j]);
        }
    }
  g_assert_false (g_file_test (broken_out, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  program = g_canonicalize_filename (argv[1], NULL);
#define ADD(path, func) g_test_add ("/cli/models/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("text-should-be-a-table", test_text_should_be_a_table);
  ADD ("json-should-have-the-same", test_json_should_have_the_same);
  ADD ("a-complete-model-should-caption", test_a_complete_model_should_caption);
  ADD ("without-models-it-should-say-where-it-looked",
       test_without_models_it_should_say_where_it_looked);
  ADD ("wrong-use-should-end-with-two", test_wrong_use_should_end_with_two);
  ADD ("a-full-disk-should-be-noticed", test_a_full_disk_should_be_noticed);
  ADD ("bash-should-complete", test_bash_should_complete);
#undef ADD
  return g_test_run ();
}
