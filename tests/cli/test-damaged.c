/* Damaged and wrong models: each has its sentence and exit status 3, and nothing else happens. */
#include "cli/run.h"
#include "support/asserts.h"

#include <string.h>
#include <unistd.h>

/* Run in a folder that holds hf/ (one safetensors file), shards/ (two), npz/ (bf16), each with a
 * tokenizer. */
typedef struct
{
  const char *what;
  const char *damage; /* shell */
  const char *model;
  const char *says;
} Case;

#define EDIT_CONFIG(from, to) "sed -i 's/" from "/" to "/' hf/config.json"
#define ST "hf/model.safetensors"
#define INDEX "shards/model.safetensors.index.json"
#define SHARD "shards/model-00002-of-00002.safetensors"
#define NPZ "npz/weights.bf16.npz"
#define PREPARE "\"$GLOSS\" prepare -q hf -o hf/p.gloss >prepared; "

static const Case cases[] = {
  { "empty file", ": > " ST, "hf", "model.safetensors: is empty" },
  { "cut in the length", "truncate -s 5 " ST, "hf", "model.safetensors: has 5 bytes" },
  { "cut in the header", "truncate -s 500 " ST, "hf", "model.safetensors: " },
  { "cut in the data", "truncate -s -1 " ST, "hf", "model.safetensors: " },
  { "something after the data", "echo x >> " ST, "hf", "model.safetensors: " },
  { "header bomb",
    "printf '\\377\\377\\377\\377\\377\\377\\377\\177' | dd of=" ST " conv=notrunc status=none",
    "hf", "its header is said to have" },
  { "header that is no JSON", "printf x | dd of=" ST " bs=1 seek=9 conv=notrunc status=none", "hf",
    "is not valid JSON" },
  { "wrong dtype",
    "sed -i 's/\"dtype\": \"F32\"/\"dtype\": \"I32\"/; s/\"dtype\":\"F32\"/\"dtype\":\"I32\"/' " ST,
    "hf", "has type I32, but weights are F32, F16 or BF16" },
  { "huge offsets", "sed -i 's/\"data_offsets\":\\[0,540672\\]/\"data_offsets\":[0,999999]/' " ST,
    "hf", "model.safetensors: tensor " },
  { "a folder where a file should be", "rm " ST "; mkdir " ST, "hf", "is not a regular file" },
  { "no weights", "rm " ST, "hf", "model.safetensors" },
  { "no configuration", "rm hf/config.json", "hf", "config.json" },
  { "configuration cut", "truncate -s 100 hf/config.json", "hf", "config.json: line " },
  { "configuration of another model", EDIT_CONFIG ("\"paligemma\"", "\"llava\""), "hf",
    "of type \"llava\"" },
  { "duplicate keys", EDIT_CONFIG ("\"bos_token_id\": 2", "\"eos_token_id\": 2"), "hf",
    "duplicate object key" },
  { "deep JSON", "(head -c 100000 /dev/zero | tr '\\0' '['; echo) > hf/config.json", "hf",
    "nested" },
  { "enormous JSON",
    "(printf '{\"a\": \"'; head -c 3000000 /dev/zero | tr '\\0' a; echo '\"}') > hf/config.json",
    "hf", "config.json" },
  { "wrong shape", EDIT_CONFIG ("\"head_dim\": 32", "\"head_dim\": 34"), "hf", "expected 136×64" },
  { "fewer layers", EDIT_CONFIG ("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2"), "hf",
    "such layers only" },
  { "more layers", EDIT_CONFIG ("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 1000000"), "hf",
    "is missing" },
  { "a size beyond belief", EDIT_CONFIG ("\"hidden_size\": 64", "\"hidden_size\": 99999999999"),
    "hf", "must be a whole number from 1 to" },
  { "no tokenizer", "rm hf/tokenizer.model", "hf", "there is no tokenizer beside it" },
  { "tokenizer cut", "truncate -s 20000 hf/tokenizer.model", "hf", "tokenizer.model: " },
  { "tokenizer that is none", "cp hf/config.json hf/tokenizer.model", "hf", "tokenizer.model: " },
  { "tokenizer of another size", "cp other.model hf/tokenizer.model", "hf",
    "rows, but the tokenizer has" },
  { "shard missing", "rm " SHARD, "shards", "model-00002-of-00002.safetensors" },
  { "shard outside the folder", "sed -i 's/model-00002-of/..\\/model-00002-of/' " INDEX, "shards",
    "model.safetensors.index.json" },
  { "tensor in no shard",
    "sed -i 's/\"model.language_model.norm.weight\": \"model-00002/"
    "\"model.language_model.norm.weight\": \"model-00001/' " INDEX,
    "shards", "model.language_model.norm.weight" },
  { "one shard as the model", "true", SHARD, "one of several parts of a model; name the folder" },
  { "npz cut in the directory", "truncate -s -10 " NPZ, NPZ, "weights.bf16.npz: " },
  { "npz cut in the data", "truncate -s 100000 " NPZ, NPZ, "weights.bf16.npz: " },
  { "npz with a wrong offset",
    "printf '\\377\\377\\377\\177' | dd of=" NPZ " bs=1 seek=$(($(wc -c < " NPZ
    ") - 6)) conv=notrunc status=none",
    NPZ, "weights.bf16.npz: " },
  { "npz compressed",
    "python3 -c \"import zipfile as z;"
    "i=z.ZipFile('" NPZ "');o=z.ZipFile('npz/c.npz','w',z.ZIP_DEFLATED);"
    "[o.writestr(n.filename,i.read(n)) for n in i.infolist()];o.close()\"",
    "npz/c.npz", "c.npz: is compressed; gloss-cli prepare c.npz makes a file of it" },
  { "prepared file cut in its first bytes", PREPARE "truncate -s 40 hf/p.gloss", "hf/p.gloss",
    "p.gloss: has 40 bytes" },
  { "prepared file cut in the header", PREPARE "truncate -s 500 hf/p.gloss", "hf/p.gloss",
    "the end of the file is missing" },
  { "prepared file cut in the data", PREPARE "truncate -s -1 hf/p.gloss", "hf/p.gloss",
    "its end is missing" },
  { "prepared file with a damaged header",
    PREPARE "printf x | dd of=hf/p.gloss bs=1 seek=300 conv=notrunc status=none", "hf/p.gloss",
    "p.gloss: its header is damaged: it has the wrong checksum" },
  { "prepared file of another version",
    PREPARE "printf '\\001' | dd of=hf/p.gloss bs=1 seek=8 conv=notrunc status=none", "hf/p.gloss",
    "p.gloss: was prepared by another version of Gloss; run gloss-cli prepare again" },
  { "something else called prepared", "cp picture.png hf/p.gloss", "hf/p.gloss",
    "p.gloss: does not begin as the files that gloss-cli prepare makes" },
  { "a picture as the model", "true", "picture.png", "picture.png: " },
  { "nothing of that name", "true", "./nothing", "./nothing: " },
};

static void
test_damage_should_have_its_sentence (gconstpointer data)
{
  const Case *c = data;
  char *folder = gloss_test_folder_new ();
  g_autofree char *line = g_strdup_printf (
      "F=$PWD/tests/fixtures; cp -r $F/paligemma1/hf \"$DIR/hf\"; cp -r $F/paligemma2/hf "
      "\"$DIR/shards\";"
      " mkdir \"$DIR/npz\"; cp $F/paligemma1/weights.bf16.npz \"$DIR/npz\"; "
      " cp data/demo/tokenizer.model \"$DIR/other.model\";"
      " for d in hf shards npz; do cp $F/text/full.model \"$DIR/$d/tokenizer.model\"; done;"
      " cp " TEAPOT " \"$DIR/picture.png\"; cd \"$DIR\"; chmod -R u+w .; %s\n"
      "exec \"$GLOSS\" caption --model %s picture.png",
      c->damage, c->model);
  g_auto (RunResult) result = run_shell (line, "DIR", folder);

  g_test_message ("%s | %s", c->what, g_strchomp (result.err));
  g_assert_cmpint (result.status, ==, 3);
  g_assert_cmpstr (result.out, ==, "");
  g_assert_true (g_str_has_prefix (result.err, "gloss-cli: "));
  g_assert_null (strchr (result.err, '\n'));
  run_assert_says (result.err, c->says);
  gloss_test_folder_remove (folder);
}

/* As somebody else than root, whom permissions do not stop. */
static void
test_no_permission_should_have_its_sentence (void)
{
  char *folder = gloss_test_folder_new ();
  g_auto (RunResult) result = run_shell (
      "cp -r tests/fixtures/paligemma1/hf \"$DIR/hf\"; cp tests/fixtures/text/full.model "
      "\"$DIR/hf/tokenizer.model\";"
      " cp " TEAPOT
      " \"$DIR/p.png\"; chmod 755 \"$DIR\" \"$DIR/hf\"; chmod 644 \"$DIR\"/hf/* \"$DIR/p.png\";"
      " chmod 0 \"$DIR/hf/model.safetensors\";"
      " setpriv --reuid=65534 --regid=65534 --clear-groups \"$GLOSS\" caption --model \"$DIR/hf\" "
      "\"$DIR/p.png\"",
      "DIR", folder);

  if (geteuid () != 0 || strstr (result.err, "setpriv") || result.status == 126)
    g_test_skip ("needs root, setpriv, and a build that others may read");
  else
    {
      g_test_message ("no permission | %s", g_strchomp (result.err));
      g_assert_cmpint (result.status, ==, 3);
      run_assert_says (result.err, "model.safetensors");
      run_assert_says (result.err, "Permission denied");
    }
  gloss_test_folder_remove (folder);
}

/* The undamaged folders run: what is refused above is refused for the damage. */
static void
test_sound_models_should_run (void)
{
  g_auto (RunResult) result =
      run_shell ("for m in paligemma1/hf paligemma2/hf paligemma1/weights.bf16.npz; do \"$GLOSS\" "
                 "caption --max-tokens 1"
                 " --model tests/fixtures/$m --tokenizer tests/fixtures/text/full.model " TEAPOT
                 " >/dev/null; echo $?; done",
                 NULL, NULL);

  g_assert_cmpstr (result.out, ==, "0\n0\n0\n");
}

int
main (int argc, char **argv)
{
  run_init (&argc, argv);
  g_test_add_func ("/cli/damaged/sound-models-should-run", test_sound_models_should_run);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (cases[i].what), " ", '-');
      g_autofree char *path = g_strdup_printf ("/cli/damaged/%s/should-have-its-sentence", name);

      g_test_add_data_func (path, &cases[i], test_damage_should_have_its_sentence);
    }
  g_test_add_func ("/cli/damaged/no-permission/should-have-its-sentence",
                   test_no_permission_should_have_its_sentence);
  return g_test_run ();
}
