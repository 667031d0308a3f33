/* Whether the person has said to accept the terms of use of the models. */
#include "library/consent.h"

#include "base/i18n.h"

#include "base/atomic-file.h"
#include "library/catalogue.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static char *
make_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "gloss", "terms-accepted", NULL);
}

gboolean
gloss_consent_is_given (void)
{
  g_autofree char *path = make_path ();

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

gboolean
gloss_consent_give (GError **error)
{
  g_autofree char *path = make_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format_iso8601 (now);
  g_autofree char *text = g_strdup_printf ("%s %s\n", when, gloss_catalogue_get_terms_page ());

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("%s: the folder cannot be made: %s"), folder, g_strerror (errno));
      return FALSE;
    }
  return gloss_atomic_file_write (path, text, strlen (text), error);
}
