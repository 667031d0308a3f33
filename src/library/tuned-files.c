/* What lies in a folder that fine-tuning made, and whether its base is there. */
#include "library/tuned-files.h"

#include "base/i18n.h"
#include "base/json.h"
#include "library/model-files.h"
#include "model/adapter.h"
#include "model/tuned.h"

#include <string.h>

#define MAX_DESCRIPTION_BYTES (1 << 20)
/* The base lies in a folder with a few files. */
#define MAX_BASE_ENTRIES 1000

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* The name of the file that should be there and is not, or NULL. */
static const char *
find_missing_file (const char *folder)
{
  if (!gloss_adapter_is_there (folder))
    return has_file (folder, GLOSS_TUNED_CHANGED_NAME) ? NULL : GLOSS_TUNED_CHANGED_NAME;
  return has_file (folder, GLOSS_ADAPTER_WEIGHTS_NAME) ? NULL : GLOSS_ADAPTER_WEIGHTS_NAME;
}

static char *
check_base (GlossFoundModel *model)
{
  const char *base = model->base;
  g_autofree char *shown = g_filename_display_name (base);
  g_autofree char *parent = g_path_get_dirname (base);
  const GlossModelFolder folder = {
    .path = g_file_test (base, G_FILE_TEST_IS_DIR) ? base : parent,
    .is_named_paligemma = TRUE,
  };
  guint n_left = MAX_BASE_ENTRIES;
  g_autoptr (GPtrArray) models = NULL;

  if (!g_file_test (base, G_FILE_TEST_EXISTS))
    return g_strdup_printf (_ ("the model that it was fine-tuned from is gone (%s)"), shown);
  /* a chain of folders could lead in a circle */
  if (gloss_tuned_model_is_there (base))
    return g_strdup_printf (_ ("the model that it was fine-tuned from is itself a fine-tuned one "
                               "(%s)"),
                            shown);
  models = gloss_model_files_list (&folder, &n_left);
  for (guint i = 0; i < models->len; i++)
    {
      const GlossFoundModel *found = g_ptr_array_index (models, i);

      if (strcmp (found->path, base) != 0)
        continue;
      model->family = g_strdup (found->family);
      if (found->missing && !found->lacks_only_tokenizer)
        return g_strdup_printf (_ ("the model that it was fine-tuned from is not whole: %s"),
                                found->missing);
    }
  return NULL;
}

char *
gloss_tuned_files_check (GlossFoundModel *model)
{
  g_autofree char *path = g_build_filename (model->path, GLOSS_TUNED_NAME, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) root = gloss_json_load (path, MAX_DESCRIPTION_BYTES, &error);
  const char *base = json_string_value (json_object_get (json_object_get (root, "base"), "path"));
  const char *missing;

  if (!root)
    return g_strdup (error->message);
  if (!base || !g_path_is_absolute (base))
    return g_strdup_printf (_ ("%s does not say which model was fine-tuned"), GLOSS_TUNED_NAME);
  model->base = g_strdup (base);
  missing = find_missing_file (model->path);
  if (missing)
    return g_strdup_printf (_ ("%s is missing"), missing);
  return check_base (model);
}
