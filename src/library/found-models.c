/*
 * The PaliGemma checkpoints on this machine.
 *
 * A place has a layout of its own, and each is walked to just its depth, so that a link that leads
 * back up can only be taken a few times; a folder that comes up again is not looked at again.
 * Links come last in a folder, so that a model goes by its own name and not by that of a link.
 */
#include "library/found-models.h"

#include "base/mapped-file.h"
#include "library/folder.h"
#include "library/model-files.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_REF_BYTES 256

typedef struct
{
  GlossModelPlace place;
  guint n_left;        /* entries that may still be looked at */
  GHashTable *seen;    /* owned: the folders that were looked at, as "device:inode" */
  GPtrArray *models;   /* borrowed */
  GHashTable *by_name; /* borrowed: name → model */
} Walk;

void
gloss_found_model_free (GlossFoundModel *model)
{
  g_free (model->name);
  g_free (model->path);
  g_free (model->tokenizer);
  g_free (model->family);
  g_free (model->base);
  g_free (model->missing);
  g_free (model);
}

/* A name of files as a name that a person can see and type. */
static char *
make_name (const char *file_name)
{
  g_autofree char *valid = g_utf8_make_valid (file_name, -1);
  GString *name = g_string_new (NULL);

  for (const char *p = valid; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      GUnicodeType type = g_unichar_type (c);
      gboolean is_visible = g_unichar_isprint (c) && type != G_UNICODE_LINE_SEPARATOR
                            && type != G_UNICODE_PARAGRAPH_SEPARATOR && c != 0xFFFD;

      g_string_append_unichar (name, is_visible ? c : '_');
    }
  return g_string_free (name, FALSE);
}

static gboolean
is_folder (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

/* Whether @path is a folder that was not looked at before. */
static gboolean
enter_folder (Walk *walk, const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 && S_ISDIR (status.st_mode)
         && g_hash_table_add (walk->seen,
                              g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                               (guint64) status.st_dev, (guint64) status.st_ino));
}

/* Takes @model over. A name that is taken gets "~2" and so on. */
static void
add_model (Walk *walk, GlossFoundModel *model, const char *folder_name)
{
  g_autofree char *file_name = g_strconcat (folder_name, model->name ? "/" : "", model->name, NULL);
  g_autofree char *name = make_name (file_name);

  g_free (model->name);
  model->name = g_strdup (name);
  for (guint i = 2; g_hash_table_contains (walk->by_name, model->name); i++)
    {
      g_free (model->name);
      model->name = g_strdup_printf ("%s~%u", name, i);
    }
  model->place = walk->place;
  g_hash_table_insert (walk->by_name, model->name, model);
  g_ptr_array_add (walk->models, model);
}

static void
examine_folder (Walk *walk, const char *path, const char *name, const char *markers)
{
  g_autofree char *folded = g_ascii_strdown (name, -1);
  GlossModelFolder folder = {
    .path = path,
    .markers = markers,
    .is_named_paligemma =
        walk->place == GLOSS_MODEL_PLACE_DEMO || walk->place == GLOSS_MODEL_PLACE_GLOSS
        || walk->place == GLOSS_MODEL_PLACE_CHOSEN || strstr (folded, "paligemma"),
  };
  g_autoptr (GPtrArray) models = NULL;

  if (!enter_folder (walk, path))
    return;
  models = gloss_model_files_list (&folder, &walk->n_left);
  while (models->len > 0)
    add_model (walk, g_ptr_array_steal_index (models, 0), name);
}

/* models/NAME/ */
static void
walk_gloss (Walk *walk, const char *folder)
{
  g_autoptr (GPtrArray) names = gloss_folder_list (folder, &walk->n_left);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      /* what is still being installed or removed is hidden */
      if (name[0] != '.')
        examine_folder (walk, path, name, NULL);
    }
}

/* The revision in the file @name below @folder, or NULL. */
static char *
read_ref (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, "refs", name, NULL);
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, NULL);
  gsize n_bytes = file ? gloss_mapped_file_get_size_bytes (file) : 0;
  g_autofree char *revision = NULL;

  if (n_bytes == 0 || n_bytes > MAX_REF_BYTES)
    return NULL;
  revision = g_strndup ((const char *) gloss_mapped_file_get_data (file), n_bytes);
  g_strstrip (revision);
  return *revision ? g_steal_pointer (&revision) : NULL;
}

/* What follows the name of a model whose refs/main is another revision: "@" and the branch or tag,
 * where there is one, else the beginning of the revision. */
static char *
make_suffix (Walk *walk, const char *folder, const char *revision)
{
  g_autofree char *refs = g_build_filename (folder, "refs", NULL);
  g_autoptr (GPtrArray) names = gloss_folder_list (refs, &walk->n_left);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *other = read_ref (folder, g_ptr_array_index (names, i));

      if (g_strcmp0 (other, revision) == 0)
        return g_strconcat ("@", g_ptr_array_index (names, i), NULL);
    }
  if (strspn (revision, "0123456789abcdef") == strlen (revision))
    return g_strdup_printf ("@%.8s", revision);
  return g_strconcat ("@", revision, NULL);
}

/* snapshots/REVISION/ of one model */
static void
walk_snapshots (Walk *walk, const char *folder, const char *name)
{
  g_autofree char *snapshots = g_build_filename (folder, "snapshots", NULL);
  g_autofree char *main_revision = read_ref (folder, "main");
  g_autoptr (GPtrArray) revisions = gloss_folder_list (snapshots, &walk->n_left);

  for (guint i = 0; i < revisions->len; i++)
    {
      const char *revision = g_ptr_array_index (revisions, i);
      g_autofree char *path = g_build_filename (snapshots, revision, NULL);
      g_autofree char *suffix = NULL, *full_name = NULL;

      if (revisions->len > 1 && g_strcmp0 (revision, main_revision) != 0)
        suffix = make_suffix (walk, folder, revision);
      full_name = g_strconcat (name, suffix, NULL);
      examine_folder (walk, path, full_name, NULL);
    }
}

/* models--OWNER--NAME/ */
static void
walk_hugging_face (Walk *walk, const char *folder)
{
  g_autoptr (GPtrArray) names = gloss_folder_list (folder, &walk->n_left);

  for (guint i = 0; i < names->len; i++)
    {
      const char *file_name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (folder, file_name, NULL);
      g_auto (GStrv) parts = NULL;
      g_autofree char *name = NULL;

      if (!g_str_has_prefix (file_name, "models--") || !is_folder (path))
        continue;
      parts = g_strsplit (file_name + strlen ("models--"), "--", -1);
      name = g_strjoinv ("/", parts);
      walk_snapshots (walk, path, name);
    }
}

/* One level of OWNER/MODEL/FRAMEWORK/VARIATION/VERSION/; @folder has the name @name. */
static void
walk_kaggle (Walk *walk, const char *folder, const char *name, guint n_levels)
{
  g_autoptr (GPtrArray) names = gloss_folder_list (folder, &walk->n_left);

  for (guint i = 0; i < names->len; i++)
    {
      const char *file_name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (folder, file_name, NULL);
      g_autofree char *full_name = g_strconcat (name, *name ? "/" : "", file_name, NULL);

      if (file_name[0] == '.' || !is_folder (path))
        continue;
      if (n_levels > 1)
        walk_kaggle (walk, path, full_name, n_levels - 1);
      else
        {
          g_autofree char *whole = g_strconcat (path, ".complete", NULL);
          g_autofree char *markers = g_build_filename (folder, ".complete", file_name, NULL);

          examine_folder (walk, path, full_name,
                          g_file_test (whole, G_FILE_TEST_EXISTS) ? NULL : markers);
        }
    }
}

static void
walk_place (Walk *walk, const char *folder)
{
  switch (walk->place)
    {
    case GLOSS_MODEL_PLACE_DEMO:
      examine_folder (walk, folder, "demo", NULL);
      break;
    case GLOSS_MODEL_PLACE_GLOSS:
    case GLOSS_MODEL_PLACE_CHOSEN:
      walk_gloss (walk, folder);
      break;
    case GLOSS_MODEL_PLACE_HUGGING_FACE:
      walk_hugging_face (walk, folder);
      break;
    case GLOSS_MODEL_PLACE_KAGGLE:
      walk_kaggle (walk, folder, "", 5);
      break;
    case GLOSS_N_MODEL_PLACES:
      break;
    }
}

/* So far the bases of fine-tuned models are paths. */
static void
name_bases (GPtrArray *models)
{
  g_autoptr (GHashTable) by_path = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < models->len; i++)
    {
      GlossFoundModel *model = g_ptr_array_index (models, i);

      g_hash_table_insert (by_path, model->path, model);
    }
  for (guint i = 0; i < models->len; i++)
    {
      GlossFoundModel *model = g_ptr_array_index (models, i);
      const GlossFoundModel *base = model->base ? g_hash_table_lookup (by_path, model->base) : NULL;
      char *name;

      if (!model->base)
        continue;
      name = base ? g_strdup (base->name) : make_name (model->base);
      g_free (model->base);
      model->base = name;
    }
}

GPtrArray *
gloss_found_models_list (const char *const *folders, gboolean *is_cut)
{
  GPtrArray *models = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_found_model_free);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint place = 0; place < GLOSS_N_MODEL_PLACES; place++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      Walk walk = { (GlossModelPlace) place, GLOSS_MAX_ENTRIES + 1, seen, models, by_name };

      if (folders[place])
        walk_place (&walk, folders[place]);
      if (is_cut)
        is_cut[place] = walk.n_left == 0;
    }
  name_bases (models);
  return models;
}

GPtrArray *
gloss_found_models_list_here (void)
{
  char *folders[GLOSS_N_MODEL_PLACES];
  GPtrArray *models;

  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    folders[i] = gloss_model_place_get_folder ((GlossModelPlace) i);
  models = gloss_found_models_list ((const char *const *) folders, NULL);
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    g_free (folders[i]);
  return models;
}
