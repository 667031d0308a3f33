/* The person's settings. */
#include "app/settings.h"

#include <stdlib.h>

#define SCHEMA_ID "io.github.gloss.Gloss"

char *
gloss_settings_get_program_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  return program ? g_path_get_dirname (program) : NULL;
}

static GSettingsSchema *
find_schema (void)
{
  /* of an installed tree, and of a build folder: the system's may belong to another version, and a
   * key that is missing there would end the program */
  static const char *const places[] = { "../share/glib-2.0/schemas", "../../data" };
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autofree char *folder = gloss_settings_get_program_folder ();
  GSettingsSchema *schema = NULL;

  for (guint i = 0; folder && !schema && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *place = g_build_filename (folder, places[i], NULL);
      g_autoptr (GSettingsSchemaSource) here =
          g_settings_schema_source_new_from_directory (place, source, FALSE, NULL);

      if (here)
        schema = g_settings_schema_source_lookup (here, SCHEMA_ID, FALSE);
    }
  if (!schema && source)
    schema = g_settings_schema_source_lookup (source, SCHEMA_ID, TRUE);
  return schema;
}

GSettings *
gloss_settings_get (void)
{
  static GSettings *settings;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (settings)
    return settings;
  schema = find_schema ();
  if (!schema)
    {
      g_printerr ("gloss: the description of its settings (%s.gschema.xml) is not installed\n",
                  SCHEMA_ID);
      exit (EXIT_FAILURE);
    }
  settings = g_settings_new_full (schema, NULL, NULL);
  return settings;
}
