/* The model that captions are made with. */
#include "app/chosen-model.h"

#include "app/settings.h"
#include "library/model-place.h"

#include <string.h>

void
gloss_chosen_model_open (GlossEngine *engine, const GlossModelSource *source)
{
  GSettings *settings = gloss_settings_get ();
  const GlossEngineOptions options = {
    .n_threads = g_settings_get_uint (settings, "threads"),
    .arithmetic = (GlossArithmetic) g_settings_get_enum (settings, "arithmetic"),
  };

  gloss_engine_choose (engine, source, &options);
}

void
gloss_chosen_model_set (GlossEngine *engine, const GlossModelSource *source)
{
  GSettings *settings = gloss_settings_get ();

  /* settings are text; a path that is none is not remembered */
  if (g_utf8_validate (source->path, -1, NULL))
    {
      g_settings_set_string (settings, "model", source->is_demo ? "" : source->path);
      g_settings_set_string (settings, "model-name", source->is_demo ? "" : source->name);
    }
  gloss_chosen_model_open (engine, source);
}

void
gloss_chosen_model_set_demo (GlossEngine *engine)
{
  g_autofree char *folder = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_DEMO);
  g_autoptr (GlossModelSource) source = gloss_model_source_new_for_path (folder);

  source->is_demo = TRUE;
  gloss_chosen_model_set (engine, source);
}

gboolean
gloss_chosen_model_is (GlossEngine *engine, const char *path)
{
  const GlossModelSource *source = gloss_engine_get_source (engine);

  return source && strcmp (source->path, path) == 0;
}
