/* The places on this machine where PaliGemma checkpoints may lie. */
#include "library/model-place.h"

#include "library/models-folder.h"

#include <string.h>

const char *
gloss_model_place_get_name (GlossModelPlace place)
{
  static const char *const names[GLOSS_N_MODEL_PLACES] = {
    [GLOSS_MODEL_PLACE_DEMO] = "demo",
    [GLOSS_MODEL_PLACE_GLOSS] = "gloss",
    [GLOSS_MODEL_PLACE_HUGGING_FACE] = "huggingface",
    [GLOSS_MODEL_PLACE_KAGGLE] = "kaggle",
    [GLOSS_MODEL_PLACE_CHOSEN] = "chosen",
  };

  return names[place];
}

/* The folder that @variable names, which may begin with "~" as for the hubs. NULL when not set. */
static char *
get_variable (const char *variable)
{
  const char *value = g_getenv (variable);

  if (!value || !*value)
    return NULL;
  if (value[0] == '~' && (value[1] == '/' || value[1] == '\0'))
    return g_build_filename (g_get_home_dir (), value + 1, NULL);
  return g_strdup (value);
}

/* As huggingface_hub's constants.py has it; the second variable is the older name of the first. */
static char *
get_hugging_face_folder (void)
{
  char *folder = get_variable ("HF_HUB_CACHE");
  g_autofree char *home = NULL;

  if (!folder)
    folder = get_variable ("HUGGINGFACE_HUB_CACHE");
  if (folder)
    return folder;
  home = get_variable ("HF_HOME");
  if (home)
    return g_build_filename (home, "hub", NULL);
  return g_build_filename (g_get_user_cache_dir (), "huggingface", "hub", NULL);
}

/* As kagglehub's config.py has it: $XDG_CACHE_HOME means nothing to it. */
static char *
get_kaggle_folder (void)
{
  g_autofree char *cache = get_variable ("KAGGLEHUB_CACHE");

  if (cache)
    return g_build_filename (cache, "models", NULL);
  return g_build_filename (g_get_home_dir (), ".cache", "kagglehub", "models", NULL);
}

/* Where an installed tree has its data, wherever it was moved to. */
static char *
find_share (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *bin = program ? g_path_get_dirname (program) : NULL;
  g_autofree char *prefix = bin ? g_path_get_dirname (bin) : NULL;

  return prefix ? g_build_filename (prefix, "share", "gloss", NULL) : NULL;
}

static char *
get_demo_folder (void)
{
  g_autofree char *data = get_variable ("GLOSS_DATA_DIR");
  g_autofree char *share = data ? NULL : find_share ();
  g_autofree char *moved = NULL;

  if (data)
    return g_build_filename (data, "demo", NULL);
  moved = share ? g_build_filename (share, "demo", NULL) : NULL;
  if (moved && g_file_test (moved, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&moved);
  return g_build_filename (GLOSS_PKGDATADIR, "demo", NULL);
}

char *
gloss_model_place_get_folder (GlossModelPlace place)
{
  switch (place)
    {
    case GLOSS_MODEL_PLACE_DEMO:
      return get_demo_folder ();
    case GLOSS_MODEL_PLACE_GLOSS:
      return g_build_filename (g_get_user_data_dir (), "gloss", "models", NULL);
    case GLOSS_MODEL_PLACE_HUGGING_FACE:
      return get_hugging_face_folder ();
    case GLOSS_MODEL_PLACE_KAGGLE:
      return get_kaggle_folder ();
    case GLOSS_MODEL_PLACE_CHOSEN:
      return gloss_models_folder_get_chosen ();
    case GLOSS_N_MODEL_PLACES:
      break;
    }
  g_return_val_if_reached (NULL);
}
