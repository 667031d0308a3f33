/* Which checkpoints one folder holds, told by the names of its files and by config.json. */
#include "library/model-files.h"

#include "base/i18n.h"
#include "base/json.h"
#include "library/folder.h"
#include "library/tuned-files.h"
#include "model/tuned.h"
#include "weights/prepared.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_NAME "config.json"
#define INDEX_NAME "model.safetensors.index.json"
#define SINGLE_NAME "model.safetensors"
/* That of the largest PaliGemma has 2 kB. */
#define MAX_CONFIG_BYTES (1024 * 1024)

/* As Hugging Face, big_vision's bucket and Gemma's call it. */
static const char *const tokenizer_names[] = { "tokenizer.model", "paligemma_tokenizer.model",
                                               "gemma_tokenizer.model", NULL };

typedef struct
{
  const GlossModelFolder *folder;
  GPtrArray *names;      /* owned */
  gboolean has_config;   /* a sound one, of a PaliGemma */
  char *config_fault;    /* owned; why config.json is of no use, or NULL */
  const char *family;    /* by config.json, or NULL */
  const char *tokenizer; /* its name, or NULL */
} Contents;

static void
contents_clear (Contents *contents)
{
  g_clear_pointer (&contents->names, g_ptr_array_unref);
  g_free (contents->config_fault);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Contents, contents_clear)

typedef enum
{
  FAULT_NONE,
  FAULT_LEADS_NOWHERE,
  FAULT_MISSING,
  FAULT_NOT_REGULAR,
  FAULT_EMPTY,
  FAULT_UNREADABLE,
  FAULT_NOT_WHOLE,
} Fault;

/* What is said of a file (its name), and of the first of several (how many cannot be used, how many
 * there are, and its name). */
static const struct
{
  const char *of_file, *of_first;
} fault_sentences[] = {
  [FAULT_LEADS_NOWHERE] = { N_ ("%s is a link that leads nowhere"),
                            N_ ("%u of %u weight files cannot be used; the first of them, %s, is a "
                                "link that leads nowhere") },
  [FAULT_MISSING] = { N_ ("%s is missing"), N_ ("%u of %u weight files cannot be used; the first "
                                                "of them, %s, is missing") },
  [FAULT_NOT_REGULAR] = { N_ ("%s is not a regular file"),
                          N_ ("%u of %u weight files cannot be used; the first of them, %s, is not "
                              "a regular file") },
  [FAULT_EMPTY] = { N_ ("%s is empty"),
                    N_ ("%u of %u weight files cannot be used; the first of them, %s, is empty") },
  [FAULT_UNREADABLE] = { N_ ("%s cannot be read"), N_ ("%u of %u weight files cannot be used; the "
                                                       "first of them, %s, cannot be read") },
  [FAULT_NOT_WHOLE] = { N_ ("%s has not been downloaded to its end"),
                        N_ ("%u of %u weight files cannot be used; the first of them, %s, has not "
                            "been downloaded to its end") },
};

/* What is wrong with the file @name. */
static Fault
find_fault (const GlossModelFolder *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  GStatBuf status;

  if (g_stat (path, &status) != 0)
    return g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? FAULT_LEADS_NOWHERE : FAULT_MISSING;
  if (!S_ISREG (status.st_mode))
    return FAULT_NOT_REGULAR;
  if (status.st_size == 0)
    return FAULT_EMPTY;
  if (faccessat (AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
    return FAULT_UNREADABLE;
  if (folder->markers)
    {
      g_autofree char *marker = g_strdup_printf ("%s/%s.complete", folder->markers, name);

      if (!g_file_test (marker, G_FILE_TEST_EXISTS))
        return FAULT_NOT_WHOLE;
    }
  return FAULT_NONE;
}

static void add_words (GString *missing, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_words (GString *missing, const char *format, ...)
{
  va_list arguments;

  if (missing->len > 0)
    g_string_append (missing, "; ");
  va_start (arguments, format);
  g_string_append_vprintf (missing, format, arguments);
  va_end (arguments);
}

static gboolean
check_file (const Contents *contents, const char *name, GString *missing)
{
  Fault fault = find_fault (contents->folder, name);
  g_autofree char *shown = g_filename_display_name (name);

  if (fault != FAULT_NONE)
    add_words (missing, _ (fault_sentences[fault].of_file), shown);
  return fault == FAULT_NONE;
}

/* FALSE when config.json is sound and of another model. */
static gboolean
read_config (Contents *contents)
{
  Fault fault = find_fault (contents->folder, CONFIG_NAME);
  g_autofree char *path = g_build_filename (contents->folder->path, CONFIG_NAME, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) root = NULL;
  const char *type, *text_type;

  if (fault != FAULT_NONE)
    {
      contents->config_fault = g_strdup_printf (_ (fault_sentences[fault].of_file), CONFIG_NAME);
      return TRUE;
    }
  root = gloss_json_load (path, MAX_CONFIG_BYTES, &error);
  if (!root)
    {
      contents->config_fault = g_strdup (error->message);
      return TRUE;
    }
  type = json_string_value (json_object_get (root, "model_type"));
  if (!type)
    {
      contents->config_fault = g_strdup_printf (_ ("%s has no \"model_type\""), CONFIG_NAME);
      return TRUE;
    }
  if (strcmp (type, "paligemma") != 0)
    return FALSE;
  contents->has_config = TRUE;
  text_type =
      json_string_value (json_object_get (json_object_get (root, "text_config"), "model_type"));
  if (g_strcmp0 (text_type, "gemma") == 0)
    contents->family = "PaliGemma";
  else if (g_strcmp0 (text_type, "gemma2") == 0)
    contents->family = "PaliGemma 2";
  return TRUE;
}

static gboolean
has_name (const Contents *contents, const char *name)
{
  return g_ptr_array_find_with_equal_func (contents->names, name, g_str_equal, NULL);
}

static gboolean
is_prepared (const char *name)
{
  g_autofree char *folded = g_ascii_strdown (name, -1);

  return g_str_has_suffix (folded, GLOSS_PREPARED_SUFFIX);
}

/* A file that is all the weights of a model. */
static gboolean
is_single (const char *name)
{
  g_autofree char *folded = g_ascii_strdown (name, -1);

  return g_str_has_suffix (folded, ".npz") || is_prepared (name);
}

static gboolean
has_safetensors (const Contents *contents)
{
  for (guint i = 0; i < contents->names->len; i++)
    {
      const char *name = g_ptr_array_index (contents->names, i);

      if (strcmp (name, INDEX_NAME) == 0 || strcmp (name, SINGLE_NAME) == 0
          || (g_str_has_prefix (name, "model-") && g_str_has_suffix (name, ".safetensors")))
        return TRUE;
    }
  return FALSE;
}

/* The bytes of the model whose weights are @single, or safetensors: of all that lies in the folder
 * but the weights of others. What has two names there counts once. */
static guint64
count_bytes (const Contents *contents, const char *single)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 n_bytes = 0;

  for (guint i = 0; i < contents->names->len; i++)
    {
      const char *name = g_ptr_array_index (contents->names, i);
      g_autofree char *path = g_build_filename (contents->folder->path, name, NULL);
      GStatBuf status;

      if (is_single (name) && g_strcmp0 (name, single) != 0)
        continue;
      if (g_stat (path, &status) == 0 && S_ISREG (status.st_mode)
          && g_hash_table_add (seen,
                               g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                                (guint64) status.st_dev, (guint64) status.st_ino)))
        n_bytes += (guint64) status.st_size;
    }
  return n_bytes;
}

/* Looks for the files that the index names. */
static void
check_shards (const Contents *contents, GString *missing)
{
  g_autofree char *path = g_build_filename (contents->folder->path, INDEX_NAME, NULL);
  g_autoptr (GHashTable) shards = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) root = gloss_json_load (path, GLOSS_WEIGHTS_MAX_INDEX_BYTES, &error);
  json_t *map = json_object_get (root, "weight_map"), *value;
  const char *tensor, *first = NULL;
  Fault first_fault = FAULT_NONE;
  guint n_faults = 0;

  if (!root)
    {
      add_words (missing, "%s", error->message);
      return;
    }
  if (json_object_size (map) == 0)
    {
      add_words (missing, _ ("%s names no weight files"), INDEX_NAME);
      return;
    }
  json_object_foreach (map, tensor, value)
  {
    const char *shard = json_string_value (value);
    Fault fault;

    if (!shard || !*shard || strchr (shard, '/'))
      {
        add_words (missing, _ ("%s does not name the file of \"%s\""), INDEX_NAME, tensor);
        return;
      }
    if (!g_hash_table_add (shards, (gpointer) shard))
      continue;
    fault = find_fault (contents->folder, shard);
    if (fault == FAULT_NONE)
      continue;
    n_faults++;
    if (!first || strcmp (shard, first) < 0)
      {
        first = shard;
        first_fault = fault;
      }
  }
  if (n_faults == 1)
    add_words (missing, _ (fault_sentences[first_fault].of_file), first);
  else if (n_faults > 1)
    add_words (missing, _ (fault_sentences[first_fault].of_first), n_faults,
               g_hash_table_size (shards), first);
}

static void
check_safetensors (const Contents *contents, GString *missing)
{
  if (!contents->has_config)
    add_words (missing, "%s", contents->config_fault);
  if (has_name (contents, INDEX_NAME))
    {
      if (check_file (contents, INDEX_NAME, missing))
        check_shards (contents, missing);
    }
  else if (has_name (contents, SINGLE_NAME))
    check_file (contents, SINGLE_NAME, missing);
  else if (has_safetensors (contents))
    check_file (contents, INDEX_NAME, missing);
  else
    add_words (missing, _ ("the weights are missing (%s)"), SINGLE_NAME);
}

static void
check_tokenizer (const Contents *contents, GString *missing)
{
  if (contents->tokenizer)
    check_file (contents, contents->tokenizer, missing);
  else if (has_name (contents, "tokenizer.json"))
    add_words (missing, _ ("%s is missing (tokenizer.json does not replace it)"),
               tokenizer_names[0]);
  else
    add_words (missing, _ ("the tokenizer is missing (%s)"), tokenizer_names[0]);
}

/* @single is NULL for safetensors. */
static GlossFoundModel *
make_model (const Contents *contents, const char *single)
{
  GlossFoundModel *model = g_new0 (GlossFoundModel, 1);
  g_autoptr (GString) missing = g_string_new (NULL);

  if (single)
    check_file (contents, single, missing);
  else
    check_safetensors (contents, missing);
  model->lacks_only_tokenizer = missing->len == 0;
  check_tokenizer (contents, missing);
  model->lacks_only_tokenizer &= missing->len > 0;
  if (missing->len > 0)
    model->missing = g_utf8_make_valid (missing->str, (gssize) missing->len);

  model->path = single ? g_build_filename (contents->folder->path, single, NULL)
                       : g_strdup (contents->folder->path);
  model->family = g_strdup (contents->family);
  model->n_bytes = count_bytes (contents, single);
  if (contents->tokenizer)
    model->tokenizer = g_build_filename (contents->folder->path, contents->tokenizer, NULL);
  return model;
}

/* What fine-tuning made; without its base it is of no use. */
static GlossFoundModel *
make_tuned_model (const Contents *contents)
{
  GlossFoundModel *model = g_new0 (GlossFoundModel, 1);
  g_autoptr (GString) missing = g_string_new (NULL);
  g_autofree char *fault = NULL;

  model->path = g_strdup (contents->folder->path);
  fault = gloss_tuned_files_check (model);
  if (fault)
    add_words (missing, "%s", fault);
  check_tokenizer (contents, missing);
  model->lacks_only_tokenizer = !fault && missing->len > 0;
  if (missing->len > 0)
    model->missing = g_utf8_make_valid (missing->str, (gssize) missing->len);
  model->n_bytes = count_bytes (contents, GLOSS_TUNED_CHANGED_NAME);
  if (contents->tokenizer)
    model->tokenizer = g_build_filename (contents->folder->path, contents->tokenizer, NULL);
  return model;
}

/* An npz may also be of another model, or big_vision's decoder of masks. */
static gboolean
is_wanted (const Contents *contents, const char *name)
{
  g_autofree char *folded = g_ascii_strdown (name, -1);

  if (is_prepared (name))
    return TRUE;
  return is_single (name) && strcmp (folded, "vae-oid.npz") != 0
         && (contents->has_config || contents->folder->is_named_paligemma
             || strstr (folded, "paligemma"));
}

GPtrArray *
gloss_model_files_list (const GlossModelFolder *folder, guint *n_left)
{
  GPtrArray *models = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_found_model_free);
  g_auto (Contents) contents = { .folder = folder };
  guint n_single = 0;
  gboolean has_hugging_face;

  /* First, because most folders of the caches are of other models and end here. */
  if (!read_config (&contents))
    return models;

  contents.names = gloss_folder_list (folder->path, n_left);
  for (guint i = 0; tokenizer_names[i] && !contents.tokenizer; i++)
    {
      if (has_name (&contents, tokenizer_names[i]))
        contents.tokenizer = tokenizer_names[i];
    }
  if (folder->is_named_paligemma && has_name (&contents, GLOSS_TUNED_NAME))
    {
      g_ptr_array_add (models, make_tuned_model (&contents));
      return models;
    }
  for (guint i = 0; i < contents.names->len; i++)
    n_single += is_wanted (&contents, g_ptr_array_index (contents.names, i));

  has_hugging_face = has_safetensors (&contents) ? contents.has_config || folder->is_named_paligemma
                                                 : contents.has_config && n_single == 0;
  if (has_hugging_face)
    g_ptr_array_add (models, make_model (&contents, NULL));
  for (guint i = 0; i < contents.names->len; i++)
    {
      const char *name = g_ptr_array_index (contents.names, i);
      GlossFoundModel *model;

      if (!is_wanted (&contents, name))
        continue;
      model = make_model (&contents, name);
      if (has_hugging_face || n_single > 1)
        model->name = g_strdup (name);
      g_ptr_array_add (models, model);
    }
  return models;
}

const char *const *
gloss_model_files_get_tokenizer_names (void)
{
  return tokenizer_names;
}

char *
gloss_model_files_find_tokenizer (const char *path)
{
  g_autofree char *folder =
      g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);

  for (guint i = 0; tokenizer_names[i]; i++)
    {
      g_autofree char *file = g_build_filename (folder, tokenizer_names[i], NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&file);
    }
  return NULL;
}
