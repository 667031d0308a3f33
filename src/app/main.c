/* gloss: the window. */
#include "app/application.h"

#include "app/settings.h"

#include <glib/gi18n.h>
#include <locale.h>

/* Where the translations are, wherever the tree was moved to; newly allocated. */
static char *
find_locale_folder (void)
{
  /* of an installed tree, and of a build folder */
  static const char *const places[] = { "../share/locale", "../../po" };
  g_autofree char *folder = gloss_settings_get_program_folder ();

  for (guint i = 0; folder && i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *place = g_build_filename (folder, places[i], NULL);

      if (g_file_test (place, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&place);
    }
  return g_strdup (GLOSS_LOCALEDIR);
}

int
main (int argc, char **argv)
{
  g_autoptr (GlossApplication) application = NULL;
  g_autofree char *locale_folder = find_locale_folder ();

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("gloss");
  g_set_application_name ("Gloss");
  application = gloss_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
