/* Finding models in made-up caches. */
#include "library/found-models.h"

#include "library/cache.h"
#include "library/model-files.h"
#include "support/asserts.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static GPtrArray *
list_at (const char *root, GlossModelPlace place)
{
  const char *folders[GLOSS_N_MODEL_PLACES] = { NULL };

  folders[place] = root;
  return gloss_found_models_list (folders, NULL);
}

static const GlossFoundModel *
find (const GPtrArray *models, const char *name)
{
  for (guint i = 0; i < models->len; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (models, i);

      if (g_str_equal (model->name, name))
        return model;
    }
  g_error ("no model is called \"%s\"", name);
}

/* @names: those of all models in their order, separated by blanks. */
static void
assert_names (const GPtrArray *models, const char *names)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < models->len; i++)
    g_string_append_printf (found, "%s%s", i > 0 ? " " : "",
                            ((GlossFoundModel *) g_ptr_array_index (models, i))->name);
  g_assert_cmpstr (found->str, ==, names);
}

static void
assert_path (const char *path, const char *root, const char *relative)
{
  g_autofree char *expected = g_build_filename (root, relative, NULL);

  g_assert_cmpstr (path, ==, expected);
}

/* @words: all that is missing, or NULL. */
static void
assert_missing (const GPtrArray *models, const char *name, const char *words,
                gboolean lacks_only_tokenizer)
{
  const GlossFoundModel *model = find (models, name);

  g_assert_cmpstr (model->missing, ==, words);
  g_assert_cmpint (model->lacks_only_tokenizer, ==, lacks_only_tokenizer);
}

#define CONFIG GLOSS_CACHE_CONFIG
#define TOKENIZER_MISSING "the tokenizer is missing (tokenizer.model)"

static void
test_the_demo_should_be_found (void)
{
  g_autofree char *root = gloss_test_data_path ("demo");
  g_autoptr (GPtrArray) models = list_at (root, GLOSS_MODEL_PLACE_DEMO);
  const GlossFoundModel *model = find (models, "demo");

  g_assert_cmpuint (models->len, ==, 1);
  g_assert_cmpint (model->place, ==, GLOSS_MODEL_PLACE_DEMO);
  g_assert_cmpstr (model->path, ==, root);
  g_assert_cmpstr (model->family, ==, "PaliGemma");
  g_assert_cmpstr (model->missing, ==, NULL);
  assert_path (model->tokenizer, root, "tokenizer.model");
  g_assert_cmpuint (model->n_bytes, >, 11781336);
}

static void
test_folders_of_gloss_should_be_found (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autoptr (GPtrArray) models = NULL;

  gloss_cache_write (root, "one/config.json", CONFIG);
  gloss_cache_write (root, "one/model.safetensors", "weights");
  gloss_cache_write (root, "one/tokenizer.model", "pieces");
  gloss_cache_write (root, "one/README.md", "12345");
  gloss_cache_write (root, "two/pt_3b_224.bf16.npz", "weights");
  gloss_cache_write (root, "two/paligemma_tokenizer.model", "pieces");
  gloss_cache_write (root, "many/a.f16.npz", "abc");
  gloss_cache_write (root, "many/b.NPZ", "abcdef");
  gloss_cache_write (root, "many/vae-oid.npz", "abcdef");
  gloss_cache_write (root, "many/gemma_tokenizer.model", "12");
  gloss_cache_write (root, "llama/config.json", GLOSS_CACHE_LLAMA);
  gloss_cache_write (root, "llama/model.safetensors", "weights");
  gloss_cache_write (root, "llama/x.npz", "weights");
  gloss_cache_write (root, "notes/README.md", "");
  gloss_cache_write (root, "file.npz", "weights");
  gloss_cache_write (root, "ready/ready.gloss", "prepared");
  gloss_cache_write (root, "ready/tokenizer.model", "pieces");
  gloss_cache_write (root, "many/c.gloss", "prepared");
  models = list_at (root, GLOSS_MODEL_PLACE_GLOSS);
  assert_names (models, "many/a.f16.npz many/b.NPZ many/c.gloss one ready two");

  assert_missing (models, "one", NULL, FALSE);
  assert_path (find (models, "one")->path, root, "one");
  g_assert_cmpuint (find (models, "one")->n_bytes, ==, strlen (CONFIG) + 7 + 6 + 5);
  assert_missing (models, "two", NULL, FALSE);
  assert_path (find (models, "two")->path, root, "two/pt_3b_224.bf16.npz");
  assert_path (find (models, "two")->tokenizer, root, "two/paligemma_tokenizer.model");
  g_assert_null (find (models, "two")->family);
  g_assert_cmpuint (find (models, "many/a.f16.npz")->n_bytes, ==, 3 + 2);
  g_assert_cmpuint (find (models, "many/b.NPZ")->n_bytes, ==, 6 + 2);
  g_assert_cmpuint (find (models, "many/c.gloss")->n_bytes, ==, 8 + 2);
  assert_missing (models, "ready", NULL, FALSE);
  assert_path (find (models, "ready")->path, root, "ready/ready.gloss");
  gloss_test_folder_remove (g_steal_pointer (&root));
}

#define REPOSITORY "models--google--paligemma2-3b-pt-224"
#define REVISION "0123456789abcdef0123456789abcdef01234567"
#define OTHER "ffff456789abcdef0123456789abcdef01234567"

static void
test_the_cache_of_hugging_face_should_be_read (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autoptr (GPtrArray) models = NULL;
  const GlossFoundModel *model;

  gloss_cache_add_whole_snapshot (root, REPOSITORY, REVISION);
  gloss_cache_write (root, REPOSITORY "/refs/main", REVISION);
  gloss_cache_write (root, "models--meta--llama/snapshots/1/config.json", GLOSS_CACHE_LLAMA);
  gloss_cache_write (root, "models--meta--llama/snapshots/1/model.safetensors", "x");
  gloss_cache_write (root, "models--gpt2/snapshots/1/model.safetensors", "x");
  gloss_cache_write (root, "models--me--captions/snapshots/1/config.json", CONFIG);
  gloss_cache_write (root, "models--me--paligemma-lora/snapshots/1/adapter_model.safetensors", "x");
  gloss_cache_write (root, "models--google--paligemma-jax/snapshots/1/paligemma-3b.npz", "x");
  gloss_cache_write (root, "datasets--google--paligemma/snapshots/1/paligemma.npz", "x");
  gloss_cache_write (root, "version.txt", "1");
  models = list_at (root, GLOSS_MODEL_PLACE_HUGGING_FACE);
  assert_names (models, "google/paligemma-jax google/paligemma2-3b-pt-224 me/captions");

  model = find (models, "google/paligemma2-3b-pt-224");
  g_assert_cmpstr (model->missing, ==, NULL);
  g_assert_cmpstr (model->family, ==, "PaliGemma 2");
  g_assert_cmpuint (model->n_bytes, ==, 918 + 878056 + 202000 + 8647 + 35835);
  assert_path (model->path, root, REPOSITORY "/snapshots/" REVISION);
  assert_missing (models, "google/paligemma-jax", TOKENIZER_MISSING, TRUE);
  assert_missing (models, "me/captions",
                  "the weights are missing (model.safetensors); " TOKENIZER_MISSING, FALSE);
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_revisions_should_have_names (void)
{
  static const struct
  {
    const char *main; /* what refs/main holds, NULL: nothing */
    const char *names;
  } cases[] = {
    { REVISION, "google/paligemma2-3b-pt-224 google/paligemma2-3b-pt-224@ffff4567 "
                "google/paligemma2-3b-pt-224@float16" },
    { OTHER "\n", "google/paligemma2-3b-pt-224@01234567 google/paligemma2-3b-pt-224 "
                  "google/paligemma2-3b-pt-224@float16" },
    { NULL, "google/paligemma2-3b-pt-224@01234567 google/paligemma2-3b-pt-224@ffff4567 "
            "google/paligemma2-3b-pt-224@float16" },
    { "", "google/paligemma2-3b-pt-224@01234567 google/paligemma2-3b-pt-224@ffff4567 "
          "google/paligemma2-3b-pt-224@float16" },
    { "../../../../etc", "google/paligemma2-3b-pt-224@01234567 "
                         "google/paligemma2-3b-pt-224@ffff4567 "
                         "google/paligemma2-3b-pt-224@float16" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *root = gloss_test_folder_new ();
      g_autoptr (GPtrArray) models = NULL;

      gloss_cache_add_whole_snapshot (root, REPOSITORY, REVISION);
      gloss_cache_add_whole_snapshot (root, REPOSITORY, OTHER);
      gloss_cache_add_whole_snapshot (root, REPOSITORY, "fx");
      gloss_cache_write (root, REPOSITORY "/refs/float16", "fx");
      if (cases[i].main)
        gloss_cache_write (root, REPOSITORY "/refs/main", cases[i].main);
      models = list_at (root, GLOSS_MODEL_PLACE_HUGGING_FACE);
      assert_names (models, cases[i].names);
      gloss_test_folder_remove (g_steal_pointer (&root));
    }
}

static void
test_broken_refs_should_do_no_harm (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autofree char *pipe = g_build_filename (root, REPOSITORY, "refs", "pipe", NULL);
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autoptr (GPtrArray) models = NULL;

  gloss_cache_add_whole_snapshot (root, REPOSITORY, REVISION);
  gloss_cache_add_whole_snapshot (root, REPOSITORY, OTHER);
  gloss_cache_link (root, REPOSITORY "/refs/main", "main");
  gloss_cache_write (root, REPOSITORY "/refs/long", text);
  gloss_cache_write (root, REPOSITORY "/refs/pr/1", OTHER);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  models = list_at (root, GLOSS_MODEL_PLACE_HUGGING_FACE);
  assert_names (models,
                "google/paligemma2-3b-pt-224@01234567 google/paligemma2-3b-pt-224@ffff4567");
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_the_cache_of_kaggle_should_be_read (void)
{
#define JAX "google/paligemma/jax/"
  g_autofree char *root = gloss_test_folder_new ();
  g_autoptr (GPtrArray) models = NULL;

  gloss_cache_write (root, JAX "pt-224/1/paligemma-3b-pt-224.f16.npz", "weights");
  gloss_cache_write (root, JAX "pt-224/1/paligemma_tokenizer.model", "pieces");
  gloss_cache_write (root, JAX "pt-224/1.complete", "");
  gloss_cache_write (root, JAX "pt-224/2/paligemma-3b-pt-224.f16.npz", "weights");
  gloss_cache_write (root, JAX "pt-224/10/paligemma-3b-pt-224.f16.npz", "weights");
  gloss_cache_write (root, JAX "pt-224/10/tokenizer.model", "pieces");
  gloss_cache_write (root, JAX "pt-224/10.archive", "half");
  gloss_cache_write (root, JAX "pt-448/1/pt.npz", "weights");
  gloss_cache_write (root, JAX "pt-448/1/tokenizer.model", "pieces");
  gloss_cache_write (root, JAX "pt-448/.complete/1/pt.npz.complete", "");
  gloss_cache_write (root, JAX "pt-896/1/pt.npz", "weights");
  gloss_cache_write (root, JAX "pt-896/1/tokenizer.model", "pieces");
  gloss_cache_write (root, JAX "pt-896/.complete/1/pt.npz.complete", "");
  gloss_cache_write (root, JAX "pt-896/.complete/1/tokenizer.model.complete", "");
  gloss_cache_write (root, "google/paligemma/transformers/hf/1/config.json", CONFIG);
  gloss_cache_write (root, "google/paligemma/transformers/hf/1/model.safetensors", "weights");
  gloss_cache_write (root, "google/paligemma/transformers/hf/1/tokenizer.json", "{}");
  gloss_cache_write (root, "google/paligemma/transformers/hf/1.complete", "");
  gloss_cache_write (root, "google/paligemma/keras/pali_gemma/3/config.json",
                     "{\"class_name\": \"PaliGemmaBackbone\"}");
  gloss_cache_write (root, "google/paligemma/keras/pali_gemma/3/model.weights.h5", "weights");
  gloss_cache_write (root, "google/gemma/jax/2b/1/gemma.npz", "weights");
  gloss_cache_write (root, "too/deep/for/a/version/really/paligemma.npz", "weights");
  gloss_cache_write (root, "paligemma.npz", "weights");
  models = list_at (root, GLOSS_MODEL_PLACE_KAGGLE);
  assert_names (models, JAX "pt-224/1 " JAX "pt-224/2 " JAX "pt-224/10 " JAX "pt-448/1 " JAX
                            "pt-896/1 google/paligemma/transformers/hf/1");

  assert_missing (models, JAX "pt-224/1", NULL, FALSE);
  assert_path (find (models, JAX "pt-224/1")->path, root,
               JAX "pt-224/1/paligemma-3b-pt-224.f16.npz");
  assert_missing (models, JAX "pt-224/2",
                  "paligemma-3b-pt-224.f16.npz has not been downloaded to its "
                  "end; " TOKENIZER_MISSING,
                  FALSE);
  assert_missing (models, JAX "pt-224/10",
                  "paligemma-3b-pt-224.f16.npz has not been downloaded to its end; tokenizer.model "
                  "has not been downloaded to its end",
                  FALSE);
  assert_missing (models, JAX "pt-448/1", "tokenizer.model has not been downloaded to its end",
                  TRUE);
  assert_missing (models, JAX "pt-896/1", NULL, FALSE);
  assert_missing (models, "google/paligemma/transformers/hf/1",
                  "tokenizer.model is missing (tokenizer.json does not replace it)", TRUE);
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_what_is_missing_should_be_said (void)
{
#define INDEX "model.safetensors.index.json"
#define SHARDS                                                                                     \
  "{\"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": \"model-2.safetensors\", \"c\": "      \
  "\"model-2.safetensors\", \"d\": \"model-3.safetensors\"}}"
  static const struct
  {
    const char *name;
    const char *files[4][2]; /* besides a tokenizer */
    const char *words;
  } cases[] = {
    { "config", { { "model.safetensors", "w" } }, "config.json is missing" },
    { "damaged-config",
      { { "config.json", "{" }, { "model.safetensors", "w" } },
      "config.json: line 1 is not valid JSON" },
    { "typeless-config",
      { { "config.json", "[]" }, { "model.safetensors", "w" } },
      "config.json has no \"model_type\"" },
    { "empty-config",
      { { "config.json", "" }, { "model.safetensors", "w" } },
      "config.json is empty" },
    { "weights", { { "config.json", CONFIG } }, "the weights are missing (model.safetensors)" },
    { "empty-weights",
      { { "config.json", CONFIG }, { "model.safetensors", "" } },
      "model.safetensors is empty" },
    { "index", { { "config.json", CONFIG }, { "model-1.safetensors", "w" } }, INDEX " is missing" },
    { "damaged-index", { { "config.json", CONFIG }, { INDEX, "no" } }, INDEX ": line 1" },
    { "no-map", { { "config.json", CONFIG }, { INDEX, "{}" } }, INDEX " names no weight files" },
    { "one-shard",
      { { "config.json", CONFIG },
        { INDEX, SHARDS },
        { "model-1.safetensors", "w" },
        { "model-3.safetensors", "w" } },
      "model-2.safetensors is missing" },
    { "two-shards",
      { { "config.json", CONFIG }, { INDEX, SHARDS }, { "model-1.safetensors", "w" } },
      "2 of 3 weight files cannot be used; the first of them, model-2.safetensors, is missing" },
    { "outside",
      { { "config.json", CONFIG }, { INDEX, "{\"weight_map\": {\"a\": \"../one/x\"}}" } },
      INDEX " does not name the file of \"a\"" },
    { "no-text",
      { { "config.json", CONFIG }, { INDEX, "{\"weight_map\": {\"a\": 1}}" } },
      INDEX " does not name the file of \"a\"" },
    { "npz", { { "a.npz", "" } }, "a.npz is empty" },
  };
  g_autofree char *root = gloss_test_folder_new ();
  g_autoptr (GPtrArray) models = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *tokenizer = g_build_filename (cases[i].name, "tokenizer.model", NULL);

      gloss_cache_write (root, tokenizer, "pieces");
      for (guint j = 0; j < 4 && cases[i].files[j][0]; j++)
        {
          g_autofree char *path = g_build_filename (cases[i].name, cases[i].files[j][0], NULL);

          gloss_cache_write (root, path, cases[i].files[j][1]);
        }
    }
  models = list_at (root, GLOSS_MODEL_PLACE_GLOSS);
  g_assert_cmpuint (models->len, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GlossFoundModel *model = find (models, cases[i].name);

      if (!model->missing || !g_str_has_prefix (model->missing, cases[i].words))
        g_error ("%s: \"%s\" is not \"%s\"", cases[i].name, model->missing, cases[i].words);
      g_assert_false (model->lacks_only_tokenizer);
    }
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_files_that_are_no_files_should_be_named (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autofree char *pipe = g_build_filename (root, "pipe", "config.json", NULL);
  g_autoptr (GPtrArray) models = NULL;

  gloss_cache_write (root, "lost/config.json", CONFIG);
  gloss_cache_link (root, "lost/model.safetensors", "../../blobs/1");
  gloss_cache_link (root, "lost/tokenizer.model", "tokenizer.model");
  gloss_cache_write (root, "pipe/model.safetensors", "w");
  gloss_cache_write (root, "pipe/tokenizer.model/inside", "");
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  models = list_at (root, GLOSS_MODEL_PLACE_GLOSS);
  assert_missing (models, "lost",
                  "model.safetensors is a link that leads nowhere; tokenizer.model is a link that "
                  "leads nowhere",
                  FALSE);
  assert_missing (models, "pipe",
                  "config.json is not a regular file; tokenizer.model is not a regular file",
                  FALSE);
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_loops_should_end (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autofree char *own = g_build_filename (root, "own", NULL);
  g_autofree char *hub = g_build_filename (root, "hub", NULL);
  g_autofree char *kaggle = g_build_filename (root, "kaggle", NULL);
  const char *folders[GLOSS_N_MODEL_PLACES] = { own, own, hub, kaggle };
  g_autoptr (GPtrArray) models = NULL;

  gloss_cache_write (root, "own/pt/pt.npz", "w");
  gloss_cache_link (root, "own/self", "self");
  gloss_cache_link (root, "own/here", ".");
  gloss_cache_link (root, "own/a", "b");
  gloss_cache_link (root, "own/b", "a");
  gloss_cache_link (root, "own/alias", "pt");
  gloss_cache_add_whole_snapshot (hub, REPOSITORY, REVISION);
  gloss_cache_write (hub, REPOSITORY "/refs/main", REVISION);
  gloss_cache_link (hub, "models--a--loop", ".");
  gloss_cache_link (hub, "models--a--self", "models--a--self");
  gloss_cache_link (hub, "models--a--twin", REPOSITORY);
  gloss_cache_link (hub, REPOSITORY "/snapshots/up", "../..");
  gloss_cache_link (hub, REPOSITORY "/snapshots/twin", REVISION);
  gloss_cache_write (kaggle, "google/paligemma/jax/pt/1/pt.npz", "w");
  gloss_cache_link (kaggle, "google/paligemma/jax/pt/self", ".");
  gloss_cache_link (kaggle, "google/paligemma/jax/up", "../..");
  gloss_cache_link (kaggle, "google/paligemma/up", "..");
  gloss_cache_link (kaggle, "google/root", "../");
  gloss_cache_link (kaggle, "alias", "google");
  models = gloss_found_models_list (folders, NULL);
  assert_names (models, "pt google/paligemma2-3b-pt-224 google/paligemma/jax/pt/1");
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_what_cannot_be_read_should_be_passed_over (void)
{
  static const char *const closed[] = { "closed", "open/secret.npz", "locked", NULL };
  g_autofree char *root = gloss_test_folder_new ();
  g_autoptr (GPtrArray) models = NULL;
  gboolean is_root = geteuid () == 0;

  gloss_cache_write (root, "closed/a.npz", "w");
  gloss_cache_write (root, "locked/a.npz", "w");
  gloss_cache_write (root, "open/secret.npz", "w");
  gloss_cache_write (root, "open/tokenizer.model", "w");
  g_assert_cmpint (chmod (root, 0755), ==, 0);
  for (guint i = 0; closed[i]; i++)
    {
      g_autofree char *path = g_build_filename (root, closed[i], NULL);

      /* the last may be listed, but nothing in it can be reached */
      g_assert_cmpint (chmod (path, closed[i + 1] ? 0 : 0444), ==, 0);
    }
  /* To root nothing is closed, so it is nobody for a moment. */
  if (is_root)
    g_assert_cmpint (seteuid (65534), ==, 0);
  models = list_at (root, GLOSS_MODEL_PLACE_GLOSS);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  assert_names (models, "locked open");
  assert_missing (models, "open", "secret.npz cannot be read", FALSE);
  assert_missing (models, "locked", "a.npz is missing; " TOKENIZER_MISSING, FALSE);
  for (guint i = 0; closed[i]; i++)
    {
      g_autofree char *path = g_build_filename (root, closed[i], NULL);

      g_assert_cmpint (chmod (path, 0755), ==, 0);
    }
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_folders_that_are_not_there_should_be_empty (void)
{
  const char *folders[GLOSS_N_MODEL_PLACES] = { "/nowhere", "/dev/null", NULL, "" };
  gboolean is_cut[GLOSS_N_MODEL_PLACES];
  g_autoptr (GPtrArray) models = gloss_found_models_list (folders, is_cut);

  g_assert_cmpuint (models->len, ==, 0);
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    g_assert_false (is_cut[i]);
}

static void
test_odd_names_should_become_usable (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autofree char *demo = gloss_test_data_path ("demo");
  const char *folders[GLOSS_N_MODEL_PLACES] = { demo, root };
  g_autoptr (GPtrArray) models = NULL;
  static const char *const names[][2] = {
    { "demo", "demo~2" },
    { "demo~2", "demo~2~2" },
    { "a b", "a b" },
    { "\xff\xfe", "__" },
    { "\xfe\xff", "__~2" },
    { "line\nbreak", "line_break" },
    { "\033[31mred", "_[31mred" },
    { "right\u202eleft", "right_left" },
    { "Größe", "Größe" },
    { "-rf", "-rf" },
    { "$(x) `y` \"z\" 'q' \\", "$(x) `y` \"z\" 'q' \\" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (names[i][0], "pt.npz", NULL);

      gloss_cache_write (root, path, "w");
    }
  models = gloss_found_models_list (folders, NULL);
  g_assert_cmpuint (models->len, ==, 1 + G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      const GlossFoundModel *model = gloss_found_models_resolve (models, names[i][1], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (model->name, ==, names[i][1]);
      g_assert_true (g_utf8_validate (model->name, -1, NULL));
      g_assert_true (g_file_test (model->path, G_FILE_TEST_EXISTS));
    }
  gloss_test_folder_remove (g_steal_pointer (&root));
}

/* One more entry in @folder, the @i-th: names of one file, which are made soonest. */
static void
add_entry (const char *folder, guint i)
{
  g_autofree char *first = g_strdup_printf ("%s/models--0", folder);
  g_autofree char *path = g_strdup_printf ("%s/models--%u", folder, i);

  if (i == 0)
    gloss_cache_write (folder, "models--0", "");
  else
    g_assert_cmpint (link (first, path), ==, 0);
}

static void
test_thousands_of_others_should_not_hide_a_model (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autoptr (GPtrArray) models = NULL;
  const char *folders[GLOSS_N_MODEL_PLACES] = { [GLOSS_MODEL_PLACE_HUGGING_FACE] = root };
  gboolean is_cut[GLOSS_N_MODEL_PLACES];

  gloss_cache_add_whole_snapshot (root, REPOSITORY, REVISION);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *path = g_strdup_printf ("models--a--%u/snapshots/1/config.json", i);

      gloss_cache_write (root, path, GLOSS_CACHE_LLAMA);
    }
  for (guint i = 0; i < 5000; i++)
    add_entry (root, i);
  models = gloss_found_models_list (folders, is_cut);
  assert_names (models, "google/paligemma2-3b-pt-224");
  g_assert_false (is_cut[GLOSS_MODEL_PLACE_HUGGING_FACE]);
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_what_is_beyond_the_limit_should_be_told (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  const char *folders[GLOSS_N_MODEL_PLACES] = {
    [GLOSS_MODEL_PLACE_GLOSS] = root, [GLOSS_MODEL_PLACE_KAGGLE] = root
  };
  gboolean is_cut[GLOSS_N_MODEL_PLACES];

  for (guint i = 0; i <= GLOSS_MAX_ENTRIES; i++)
    {
      g_autoptr (GPtrArray) models = NULL;

      add_entry (root, i);
      if (i < GLOSS_MAX_ENTRIES - 1)
        continue;
      models = gloss_found_models_list (folders, is_cut);
      g_assert_cmpint (is_cut[GLOSS_MODEL_PLACE_GLOSS], ==, i == GLOSS_MAX_ENTRIES);
      g_assert_cmpint (is_cut[GLOSS_MODEL_PLACE_KAGGLE], ==, i == GLOSS_MAX_ENTRIES);
      g_assert_false (is_cut[GLOSS_MODEL_PLACE_HUGGING_FACE]);
    }
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_hostile_configurations_should_be_refused_cheaply (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autofree char *huge = g_build_filename (root, "huge", "config.json", NULL);
  g_autofree char *deep = g_strnfill (100000, '[');
  g_autoptr (GPtrArray) models = NULL;

  gloss_cache_write (root, "deep/config.json", deep);
  gloss_cache_write (root, "deep/model.safetensors", "w");
  gloss_cache_write (root, "twice/config.json",
                     "{\"model_type\": \"llama\", \"model_type\": \"paligemma\"}");
  gloss_cache_write (root, "twice/model.safetensors", "w");
  gloss_cache_write (root, "huge/config.json", CONFIG);
  gloss_cache_write (root, "huge/model.safetensors", "w");
  g_assert_cmpint (truncate (huge, (off_t) 1 << 40), ==, 0);
  models = list_at (root, GLOSS_MODEL_PLACE_GLOSS);
  assert_names (models, "deep huge twice");
  g_assert_nonnull (strstr (find (models, "deep")->missing, "nested"));
  g_assert_nonnull (strstr (find (models, "huge")->missing, "expected at most 1048576"));
  g_assert_nonnull (strstr (find (models, "twice")->missing, "not valid JSON"));
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_a_tokenizer_should_be_found_beside_its_model (void)
{
  g_autofree char *root = gloss_test_folder_new ();
  g_autofree char *npz = g_build_filename (root, "a.npz", NULL);
  const char *const *names = gloss_model_files_get_tokenizer_names ();

  g_assert_null (gloss_model_files_find_tokenizer (root));
  for (guint i = g_strv_length ((char **) names); i > 0; i--)
    {
      g_autofree char *by_folder = NULL, *by_file = NULL;

      gloss_cache_write (root, names[i - 1], "pieces");
      by_folder = gloss_model_files_find_tokenizer (root);
      by_file = gloss_model_files_find_tokenizer (npz);
      assert_path (by_folder, root, names[i - 1]);
      assert_path (by_file, root, names[i - 1]);
    }
  gloss_test_folder_remove (g_steal_pointer (&root));
}

static void
test_fine_tuned_models_should_be_found_with_their_base (void)
{
  char *root = gloss_test_folder_new ();
  g_autofree char *base = g_build_filename (root, "one", NULL);
  g_autofree char *tuned = g_strdup_printf ("{\"base\": {\"path\": \"%s\"}}", base);
  g_autofree char *chained = g_strdup_printf ("{\"base\": {\"path\": \"%s/whole\"}}", root);
  g_autofree char *twice =
      g_strdup_printf ("the model that it was fine-tuned from is itself a fine-tuned one "
                       "(%s/whole)",
                       root);
  g_autoptr (GPtrArray) models = NULL;

  gloss_cache_write (root, "one/config.json", CONFIG);
  gloss_cache_write (root, "one/model.safetensors", "weights");
  gloss_cache_write (root, "one/tokenizer.model", "pieces");
  gloss_cache_write (root, "adapter/finetuned.json", tuned);
  gloss_cache_write (root, "adapter/adapter_config.json", "{}");
  gloss_cache_write (root, "adapter/adapter_model.safetensors", "12345");
  gloss_cache_write (root, "adapter/tokenizer.model", "pieces");
  gloss_cache_write (root, "whole/finetuned.json", tuned);
  gloss_cache_write (root, "whole/changed.gloss", "123");
  gloss_cache_write (root, "whole/tokenizer.model", "pieces");
  gloss_cache_write (root, "cut/finetuned.json", tuned);
  gloss_cache_write (root, "cut/tokenizer.model", "pieces");
  gloss_cache_write (root, "lost/finetuned.json", "{\"base\": {\"path\": \"/not/there\"}}");
  gloss_cache_write (root, "lost/changed.gloss", "123");
  gloss_cache_write (root, "lost/tokenizer.model", "pieces");
  gloss_cache_write (root, "mute/finetuned.json", "{}");
  gloss_cache_write (root, "mute/tokenizer.model", "pieces");
  gloss_cache_write (root, "twice/finetuned.json", chained);
  gloss_cache_write (root, "twice/changed.gloss", "123");
  gloss_cache_write (root, "twice/tokenizer.model", "pieces");
  models = list_at (root, GLOSS_MODEL_PLACE_GLOSS);
  assert_names (models, "adapter cut lost mute one twice whole");

  assert_missing (models, "adapter", NULL, FALSE);
  assert_missing (models, "whole", NULL, FALSE);
  assert_missing (models, "cut", "changed.gloss is missing", FALSE);
  assert_missing (models, "lost", "the model that it was fine-tuned from is gone (/not/there)",
                  FALSE);
  assert_missing (models, "mute", "finetuned.json does not say which model was fine-tuned", FALSE);
  assert_missing (models, "twice", twice, FALSE);
  assert_path (find (models, "whole")->path, root, "whole");
  assert_path (find (models, "whole")->tokenizer, root, "whole/tokenizer.model");
  g_assert_cmpstr (find (models, "whole")->family, ==, find (models, "one")->family);
  g_assert_cmpuint (find (models, "adapter")->n_bytes, ==,
                    strlen (tuned) + strlen ("{}12345pieces"));
  g_assert_cmpstr (find (models, "whole")->base, ==, "one");
  g_assert_cmpstr (find (models, "lost")->base, ==, "/not/there");
  g_assert_cmpstr (find (models, "one")->base, ==, NULL);
  gloss_test_folder_remove (g_steal_pointer (&root));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/library/found-models/" path, func)
  ADD ("the-demo-should-be-found", test_the_demo_should_be_found);
  ADD ("folders-of-gloss-should-be-found", test_folders_of_gloss_should_be_found);
  ADD ("fine-tuned-models-should-be-found-with-their-base",
       test_fine_tuned_models_should_be_found_with_their_base);
  ADD ("the-cache-of-hugging-face-should-be-read", test_the_cache_of_hugging_face_should_be_read);
  ADD ("revisions-should-have-names", test_revisions_should_have_names);
  ADD ("broken-refs-should-do-no-harm", test_broken_refs_should_do_no_harm);
  ADD ("the-cache-of-kaggle-should-be-read", test_the_cache_of_kaggle_should_be_read);
  ADD ("what-is-missing-should-be-said", test_what_is_missing_should_be_said);
  ADD ("files-that-are-no-files-should-be-named", test_files_that_are_no_files_should_be_named);
  ADD ("loops-should-end", test_loops_should_end);
  ADD ("what-cannot-be-read-should-be-passed-over", test_what_cannot_be_read_should_be_passed_over);
  ADD ("folders-that-are-not-there-should-be-empty",
       test_folders_that_are_not_there_should_be_empty);
  ADD ("odd-names-should-become-usable", test_odd_names_should_become_usable);
  ADD ("thousands-of-others-should-not-hide-a-model",
       test_thousands_of_others_should_not_hide_a_model);
  ADD ("what-is-beyond-the-limit-should-be-told", test_what_is_beyond_the_limit_should_be_told);
  ADD ("hostile-configurations-should-be-refused-cheaply",
       test_hostile_configurations_should_be_refused_cheaply);
  ADD ("a-tokenizer-should-be-found-beside-its-model",
       test_a_tokenizer_should_be_found_beside_its_model);
#undef ADD
  return g_test_run ();
}
