/* gloss-cli inspect: what is in a model, and what is wrong with it. */
#include "cli/commands.h"

#include "base/json.h"
#include "cli/messages.h"
#include "cli/model-choice.h"
#include "library/model-files.h"
#include "model/captioner.h"
#include "model/values.h"
#include "weights/prepared.h"

#include <stdio.h>
#include <string.h>

#define COMMAND "inspect"

/* The prompt, and what the answer may have, that the memory is told for. */
#define TYPICAL_PROMPT_TOKENS 16

typedef struct
{
  GlossCheckpoint *checkpoint; /* owned */
  GlossValues *values;         /* owned, [n_tensors]; NULL without --values */
  GPtrArray *changed;          /* owned: sentences about values that are not as they were written */
  guint64 n_parameters;
  guint64 n_bytes;
  gsize memory_bytes;     /* beside the weights; 0: not known */
  char *tokenizer;        /* owned; the name of the one beside the model, or NULL */
  char *vocabulary_error; /* owned; why it is not the model's, or NULL */
} Inspection;

static void
inspection_clear (Inspection *inspection)
{
  g_clear_pointer (&inspection->checkpoint, gloss_checkpoint_free);
  g_free (inspection->values);
  g_clear_pointer (&inspection->changed, g_ptr_array_unref);
  g_free (inspection->tokenizer);
  g_free (inspection->vocabulary_error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Inspection, inspection_clear)

typedef struct
{
  const char *words;
  const char *key;
  char axis; /* 0: no size */
  double value;
} Field;

static Field
get_field (const GlossModelConfig *config, guint index)
{
  const Field fields[] = {
#define F(field, kind, axis, section, key, words) { words, #field, axis, (double) config->field },
#include "model/config-fields.inc"
#undef F
  };

  return fields[index];
}

static void
count_everything (Inspection *inspection)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (inspection->checkpoint);
  const GlossModelConfig *config = gloss_checkpoint_get_config (inspection->checkpoint);

  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);

      inspection->n_parameters += view->n_bytes / gloss_dtype_get_size_bytes (view->dtype);
      inspection->n_bytes += view->n_bytes;
    }
  if (gloss_checkpoint_get_problems (inspection->checkpoint)->len == 0)
    inspection->memory_bytes = gloss_captioner_get_memory_bytes (
        config, config->n_table_rows, TYPICAL_PROMPT_TOKENS, GLOSS_CAPTION_DEFAULT_MAX_TOKENS, 1,
        gloss_pool_count_cpus ());
}

/* Whether the tokenizer beside the model is one, and has as many pieces as the table wants. */
static void
look_at_tokenizer (Inspection *inspection, const char *path)
{
  g_autofree char *tokenizer_path = gloss_model_files_find_tokenizer (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossTokenizer) tokenizer = NULL;

  if (!tokenizer_path)
    return;
  inspection->tokenizer = g_filename_display_basename (tokenizer_path);
  tokenizer = gloss_tokenizer_load (tokenizer_path, &error);
  if (tokenizer)
    gloss_checkpoint_check_vocabulary (inspection->checkpoint,
                                       gloss_tokenizer_get_n_pieces (tokenizer), &error);
  if (error)
    inspection->vocabulary_error = g_strdup (error->message);
}

static void
look_at_values (Inspection *inspection)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (inspection->checkpoint);
  guint n = gloss_weights_get_n_tensors (weights);
  g_autoptr (GlossPool) pool = gloss_pool_new (0);

  inspection->values = g_new0 (GlossValues, n);
  for (guint i = 0; i < n; i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      g_autoptr (GError) error = NULL;

      gloss_values_look (&inspection->values[i], pool, view);
      if (!gloss_prepared_check_values (view, &error))
        g_ptr_array_add (inspection->changed, g_strdup (error->message));
    }
}

static guint64
count_not_finite (const Inspection *inspection)
{
  guint n = gloss_weights_get_n_tensors (gloss_checkpoint_get_weights (inspection->checkpoint));
  guint64 count = 0;

  for (guint i = 0; inspection->values && i < n; i++)
    count += inspection->values[i].n_nan + inspection->values[i].n_infinite;
  return count;
}

static void
print_config (const Inspection *inspection)
{
  const GlossModelConfig *config = gloss_checkpoint_get_config (inspection->checkpoint);

  printf ("Configuration\n  %-32s %10" G_GSIZE_FORMAT "   patch size × √image tokens\n",
          "image size, px", gloss_model_config_get_image_size_px (config));
  for (guint i = 0; i < GLOSS_N_CONFIG_FIELDS; i++)
    {
      Field field = get_field (config, i);

      if (i == GLOSS_CONFIG_FIELD_is_gemma2)
        printf ("  %-32s %10s", field.words, config->is_gemma2 ? "yes" : "no");
      else
        printf ("  %-32s %10.*g", field.words, field.axis ? 10 : 6, field.value);
      g_autofree char *source =
          gloss_cli_make_safe (gloss_checkpoint_get_source (inspection->checkpoint, i), '?');

      printf ("   %s\n", source);
    }
}

static void
print_tensors (const Inspection *inspection)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (inspection->checkpoint);
  guint n = gloss_weights_get_n_tensors (weights);

  printf ("\nTensors (%u)\n", n);
  for (guint i = 0; i < n; i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      g_autofree char *shape = gloss_tensor_format_shape (view->n_dims, view->dims);
      g_autofree char *tensor_name = gloss_cli_make_safe (view->name, '?');

      /* × has two bytes, so the width counts characters by hand */
      printf ("  %-5s %s%*s %s", gloss_dtype_get_name (view->dtype), shape,
              (int) MAX (0, 20 - g_utf8_strlen (shape, -1)), "", tensor_name);
      if (inspection->values)
        printf ("   |x| ≤ %.4g", inspection->values[i].max_abs);
      if (inspection->values && inspection->values[i].n_nan + inspection->values[i].n_infinite > 0)
        printf (", %" G_GUINT64_FORMAT " NaN, %" G_GUINT64_FORMAT " infinite",
                inspection->values[i].n_nan, inspection->values[i].n_infinite);
      putchar ('\n');
    }
}

/* Text from a file, which might forge lines of ours. */
static void
print_line (const char *text)
{
  g_autofree char *safe = gloss_cli_make_safe (text, '?');

  printf ("  %s\n", safe);
}

static void
print_problems (const Inspection *inspection)
{
  const GPtrArray *problems = gloss_checkpoint_get_problems (inspection->checkpoint);
  const char *const *unknown = gloss_checkpoint_get_unknown (inspection->checkpoint);
  guint64 n_not_finite = count_not_finite (inspection);

  putchar ('\n');
  if (problems->len == 0 && !unknown[0] && n_not_finite == 0 && !inspection->vocabulary_error
      && inspection->changed->len == 0)
    puts ("No problems.");
  if (inspection->vocabulary_error)
    print_line (inspection->vocabulary_error);
  for (guint i = 0; i < inspection->changed->len; i++)
    print_line (g_ptr_array_index (inspection->changed, i));
  if (problems->len > 0)
    printf ("Problems (%s%u)\n", problems->len == GLOSS_CHECKPOINT_MAX_PROBLEMS ? "at least " : "",
            problems->len);
  for (guint i = 0; i < problems->len; i++)
    print_line (((const GlossCheckpointProblem *) g_ptr_array_index (problems, i))->sentence);
  if (unknown[0])
    printf ("Not used, because PaliGemma does not have them (%u)\n",
            g_strv_length ((char **) unknown));
  for (guint i = 0; unknown[i]; i++)
    print_line (unknown[i]);
  if (n_not_finite > 0)
    printf ("%" G_GUINT64_FORMAT " values are not finite; the tensors above say where.\n",
            n_not_finite);
}

/* Whose names the tensors have: an index into both lists of words. */
static guint
find_family_of_names (const GlossTensorNaming *naming)
{
  return naming->is_prepared ? 2 : naming->is_hf ? 1 : 0;
}

/* "weights.npz, 11693341632 bytes": what a prepared file was made of, or NULL; newly allocated. */
static char *
describe_source (const Inspection *inspection)
{
  json_t *metadata =
      gloss_weights_get_metadata (gloss_checkpoint_get_weights (inspection->checkpoint));
  json_t *source = json_object_get (metadata, "source");
  const char *name = json_string_value (json_object_get (source, "name"));

  return name ? g_strdup_printf ("%s, %" JSON_INTEGER_FORMAT " bytes", name,
                                 json_integer_value (json_object_get (source, "bytes")))
              : NULL;
}

static void
print_text (const Inspection *inspection)
{
  static const char *const families[] = { "big_vision", "Hugging Face", "Gloss" };
  const GlossTensorNaming *naming = gloss_checkpoint_get_naming (inspection->checkpoint);

  g_autofree char *model_name =
      gloss_cli_make_safe (gloss_checkpoint_get_name (inspection->checkpoint), '?');
  g_autofree char *source = describe_source (inspection);

  printf ("%s: %s, %s's names\n\n", model_name, naming->is_gemma2 ? "PaliGemma 2" : "PaliGemma",
          families[find_family_of_names (naming)]);
  printf ("Parameters   %" G_GUINT64_FORMAT "\n", inspection->n_parameters);
  printf ("Weights      %.1f MB, mapped\n", (double) inspection->n_bytes / 1e6);
  if (inspection->memory_bytes > 0)
    printf ("Memory       %.1f MB beside them for a caption\n",
            (double) inspection->memory_bytes / 1e6);
  if (source)
    {
      g_autofree char *safe = gloss_cli_make_safe (source, '?');

      printf ("Made of      %s\n", safe);
    }
  printf ("Tokenizer    %s\n", inspection->tokenizer ? inspection->tokenizer
                                                     : "none beside it; caption needs --tokenizer");
  putchar ('\n');
  print_config (inspection);
  print_tensors (inspection);
  print_problems (inspection);
}

static json_t *
make_strings (const char *const *strings)
{
  json_t *array = json_array ();

  for (guint i = 0; strings[i]; i++)
    json_array_append_new (array, json_string (strings[i]));
  return array;
}

static json_t *
make_tensors (const Inspection *inspection)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (inspection->checkpoint);
  json_t *array = json_array ();

  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      json_t *shape = json_array ();
      json_t *tensor = json_pack ("{s:s, s:s, s:s, s:o, s:I}", "name", view->name, "file",
                                  view->file_name, "type", gloss_dtype_get_name (view->dtype),
                                  "shape", shape, "bytes", (json_int_t) view->n_bytes);

      for (guint d = 0; d < view->n_dims; d++)
        json_array_append_new (shape, json_integer ((json_int_t) view->dims[d]));
      if (inspection->values)
        json_object_set_new (tensor, "values",
                             json_pack ("{s:f, s:I, s:I}", "max_abs", inspection->values[i].max_abs,
                                        "nan", (json_int_t) inspection->values[i].n_nan, "infinite",
                                        (json_int_t) inspection->values[i].n_infinite));
      json_array_append_new (array, tensor);
    }
  return array;
}

static void
print_json (const Inspection *inspection)
{
  static const char *const families[] = { "big_vision", "huggingface", "gloss" };
  const GlossModelConfig *config = gloss_checkpoint_get_config (inspection->checkpoint);
  const GlossTensorNaming *naming = gloss_checkpoint_get_naming (inspection->checkpoint);
  const GPtrArray *problems = gloss_checkpoint_get_problems (inspection->checkpoint);
  json_t *fields = json_object (), *sentences = json_array ();
  g_autoptr (json_t) root = json_pack (
      "{s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "model",
      gloss_checkpoint_get_name (inspection->checkpoint), "family",
      naming->is_gemma2 ? "paligemma2" : "paligemma", "names",
      families[find_family_of_names (naming)], "parameters", (json_int_t) inspection->n_parameters,
      "weights_bytes", (json_int_t) inspection->n_bytes, "configuration", fields, "tensors",
      make_tensors (inspection), "problems", sentences, "not_used",
      make_strings (gloss_checkpoint_get_unknown (inspection->checkpoint)));

  json_object_set_new (root, "tokenizer",
                       inspection->tokenizer ? json_string (inspection->tokenizer) : json_null ());
  if (inspection->vocabulary_error)
    json_array_append_new (sentences, json_string (inspection->vocabulary_error));
  for (guint i = 0; i < inspection->changed->len; i++)
    json_array_append_new (sentences, json_string (g_ptr_array_index (inspection->changed, i)));
  if (inspection->memory_bytes > 0)
    json_object_set_new (root, "memory_bytes",
                         json_integer ((json_int_t) inspection->memory_bytes));
  for (guint i = 0; i < GLOSS_N_CONFIG_FIELDS; i++)
    {
      Field field = get_field (config, i);
      const char *source = gloss_checkpoint_get_source (inspection->checkpoint, i);
      json_t *value =
          field.axis ? json_integer ((json_int_t) field.value) : json_real (field.value);

      if (i == GLOSS_CONFIG_FIELD_is_gemma2)
        {
          json_decref (value);
          value = json_boolean (config->is_gemma2);
        }
      json_object_set_new (fields, field.key,
                           json_pack ("{s:o, s:s}", "value", value, "from", source));
    }
  for (guint i = 0; i < problems->len; i++)
    json_array_append_new (
        sentences,
        json_string (((const GlossCheckpointProblem *) g_ptr_array_index (problems, i))->sentence));
  json_dumpf (root, stdout, JSON_PRESERVE_ORDER | JSON_INDENT (2) | JSON_REAL_PRECISION (9));
  putchar ('\n');
}

int
gloss_command_inspect (int argc, char **argv)
{
  static const char *const formats[] = { "text", "json", NULL };
  g_autofree char *format_name = NULL;
  g_auto (GStrv) paths = NULL;
  g_auto (Inspection) inspection = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  gboolean with_values = FALSE;
  int format;
  const GOptionEntry entries[] = {
    { "values", 0, 0, G_OPTION_ARG_NONE, &with_values,
      "read all values: the largest of each tensor, and those that are not finite", NULL },
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &format_name, "text or json (default: text)",
      "FORMAT" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, "MODEL" },
    { NULL },
  };

  if (!gloss_cli_parse_options (
          COMMAND, entries, "— say what is in a model",
          "MODEL is a Hugging Face folder, a .safetensors or big_vision .npz file, a .gloss file "
          "of "
          "gloss-cli\nprepare, or a name that gloss-cli models lists; the demo when none is given. "
          "The exit status is 3\nwhen the model cannot be used.\n",
          argc, argv)
      || !gloss_cli_parse_choice (COMMAND, "--format", format_name, formats, &format))
    return GLOSS_EXIT_USAGE;
  if (paths && paths[1])
    {
      gloss_cli_refuse_usage (COMMAND, "one model at a time, not %u", g_strv_length (paths));
      return GLOSS_EXIT_USAGE;
    }

  path = gloss_model_choice_find (paths ? paths[0] : NULL, &name, &error);
  if (path)
    inspection.checkpoint = gloss_checkpoint_open (path, NULL, &error);
  if (!inspection.checkpoint)
    {
      gloss_cli_complain (paths ? paths[0] : NULL, error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  inspection.changed = g_ptr_array_new_with_free_func (g_free);
  count_everything (&inspection);
  look_at_tokenizer (&inspection, path);
  if (with_values)
    look_at_values (&inspection);
  if (!gloss_weights_check (gloss_checkpoint_get_weights (inspection.checkpoint), &error))
    {
      gloss_cli_complain (paths ? paths[0] : NULL, error->message);
      return GLOSS_EXIT_NO_MODEL;
    }
  if (format == 0)
    print_text (&inspection);
  else
    print_json (&inspection);
  return gloss_cli_finish_output (
      gloss_checkpoint_get_problems (inspection.checkpoint)->len > 0 || inspection.vocabulary_error
              || inspection.changed->len > 0 || count_not_finite (&inspection) > 0
          ? GLOSS_EXIT_NO_MODEL
          : GLOSS_EXIT_OK);
}
