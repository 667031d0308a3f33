/* Opening the file of a picture. */
#include "model/image-file.h"

#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

char *
gloss_image_file_get_name (const char *path)
{
  return *path ? g_filename_display_basename (path) : g_strdup ("\"\"");
}

static void
set_not_found_error (const char *path, const char *name, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *shown_folder = g_filename_display_name (folder);
  g_autofree char *target = g_file_read_link (path, NULL);

  if (target)
    {
      g_autofree char *shown_target = g_filename_display_name (target);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("%s: this is a link to \"%s\", which does not exist"), name, shown_target);
    }
  else if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("%s: there is no such file, nor its folder \"%s\""), name, shown_folder);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("%s: there is no such file"), name);
}

/* Why @path could not be examined or opened. */
static void
set_path_error (const char *path, const char *name, int number, gboolean is_seen, GError **error)
{
  const char *why = NULL;

  switch (number)
    {
    case ENOENT:
      set_not_found_error (path, name, error);
      return;
    case ELOOP:
      why = _ ("the links lead in a circle");
      break;
    case ENAMETOOLONG:
      why = _ ("the name is longer than the system allows");
      break;
    case ENOTDIR:
      why = _ ("a part of the path to it is a file, not a folder");
      break;
    case EACCES:
    case EPERM:
      why = is_seen ? _ ("you have no permission to read this file")
                    : _ ("you have no permission to open the folder that holds it");
      break;
    default:
      break;
    }
  if (why)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "%s: %s", name, why);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                 _ ("%s: the file cannot be read (%s)"), name, g_strerror (number));
}

static gboolean
is_acceptable (const struct stat *stat, const char *name, GError **error)
{
  guint64 n_bytes = (guint64) stat->st_size;

  if (S_ISDIR (stat->st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                 _ ("%s: this is a folder, not a picture"), name);
  else if (S_ISFIFO (stat->st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _ ("%s: pictures from a pipe are not read; save it as a file first"), name);
  else if (!S_ISREG (stat->st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _ ("%s: this is a device or a socket; pictures are only read from files"), name);
  else if (n_bytes == 0)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: the file is empty"), name);
  else if (n_bytes > GLOSS_IMAGE_MAX_FILE_BYTES)
    g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                 _ ("%s: the file has %" PRIu64 " bytes, a picture at most %" PRIu64), name,
                 n_bytes, GLOSS_IMAGE_MAX_FILE_BYTES);
  else
    return TRUE;
  return FALSE;
}

GlossMappedFile *
gloss_image_file_open (const char *path, GError **error)
{
  g_autofree char *name = gloss_image_file_get_name (path);
  GlossMappedFile *file;
  struct stat info;
  int descriptor;

  if (*path == '\0')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                   _ ("%s: a file without a name cannot be read"), name);
      return NULL;
    }
  /* The type comes before opening: some devices do things when they are opened. */
  if (stat (path, &info) != 0)
    {
      set_path_error (path, name, errno, FALSE, error);
      return NULL;
    }
  if (!is_acceptable (&info, name, error))
    return NULL;
  descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (descriptor < 0)
    {
      set_path_error (path, name, errno, TRUE, error);
      return NULL;
    }
  close (descriptor);
  file = gloss_mapped_file_open (path, error);
  if (!file)
    g_prefix_error (error, "%s: ", name);
  return file;
}
