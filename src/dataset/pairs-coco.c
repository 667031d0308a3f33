/* COCO's captions: pictures with numbers, and captions that name them. */
#include "dataset/pairs-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/mapped-file.h"
#include "dataset/json-walk.h"

#include <string.h>

typedef struct
{
  GlossPairsReader *reader; /* borrowed */
  const char *name;         /* borrowed; of the file, for messages */
  GHashTable *pictures;     /* owned; number, a gint64, to owned name */
  GHashTable *captioned;    /* owned; gint64, those with a caption */
  GlossJsonWalk early;      /* captions that come before the pictures; without text: none do */
  gboolean has_pictures;
  guint n_captions;
} Coco;

static gint64 *
dup_number (gint64 number)
{
  gint64 *copy = g_new (gint64, 1);

  *copy = number;
  return copy;
}

static gboolean
get_number (json_t *object, const char *name, gint64 *number)
{
  json_t *value = json_object_get (object, name);

  *number = json_integer_value (value);
  return json_is_integer (value);
}

/* Where the pictures are: in the folder of the list, or where COCO and others keep them. */
static char *
find_folder (const Coco *coco, const char *file_name)
{
  const char *folder = coco->reader->folder;
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *stem = g_strdup (coco->name);
  const char *part;
  char *dot = strrchr (stem, '.');

  if (dot)
    *dot = '\0';
  part = strchr (stem, '_') ? strchr (stem, '_') + 1 : stem; /* captions_train2017 */
  {
    char *candidates[] = { g_strdup (folder),
                           g_build_filename (folder, "images", NULL),
                           g_build_filename (folder, part, NULL),
                           g_build_filename (parent, part, NULL),
                           g_build_filename (parent, "images", NULL),
                           g_build_filename (parent, "images", part, NULL),
                           g_strdup (parent) };
    char *found = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
      {
        g_autofree char *path = g_build_filename (candidates[i], file_name, NULL);

        if (!found && g_file_test (path, G_FILE_TEST_IS_REGULAR))
          found = g_steal_pointer (&candidates[i]);
        g_free (candidates[i]);
      }
    return found ? found : g_strdup (folder);
  }
}

static void
take_picture (Coco *coco, json_t *picture)
{
  const char *file_name = json_string_value (json_object_get (picture, "file_name"));
  gint64 number;

  if (!file_name || !get_number (picture, "id", &number))
    gloss_pairs_reader_complain (
        coco->reader, GLOSS_PAIRS_DAMAGED,
        g_strdup_printf (_ ("%s: a picture has no “id” or no “file_name”"), coco->name));
  else
    g_hash_table_replace (coco->pictures, dup_number (number), g_strdup (file_name));
}

static gboolean
take_caption (Coco *coco, json_t *annotation, GError **error)
{
  GlossPairsReader *reader = coco->reader;
  const char *caption = json_string_value (json_object_get (annotation, "caption"));
  g_autofree char *where = NULL;
  const char *file_name;
  gint64 number;

  coco->n_captions++;
  if (!get_number (annotation, "image_id", &number))
    {
      gloss_pairs_reader_complain (reader, GLOSS_PAIRS_DAMAGED,
                                   g_strdup_printf (_ ("%s: annotation %u names no “image_id”"),
                                                    coco->name, coco->n_captions));
      return TRUE;
    }
  file_name = g_hash_table_lookup (coco->pictures, &number);
  where = g_strdup_printf ("%s: %" G_GINT64_FORMAT, coco->name, number);
  if (!file_name)
    {
      /* Translators: %s is a file and the number of a picture: "captions.json: 12" */
      gloss_pairs_reader_complain (
          reader, GLOSS_PAIRS_NO_PICTURE,
          g_strdup_printf (_ ("%s: there is no picture with this id"), where));
      return TRUE;
    }
  g_hash_table_add (coco->captioned, dup_number (number));
  return gloss_pairs_reader_add (reader, where, file_name, NULL, caption, error);
}

static void
find_pictures (Coco *coco, char **folder)
{
  GHashTableIter iter;
  gpointer file_name;

  g_hash_table_iter_init (&iter, coco->pictures);
  /* a hostile file lists its pictures twice */
  if (!*folder && g_hash_table_iter_next (&iter, NULL, &file_name))
    {
      *folder = find_folder (coco, file_name);
      coco->reader->folder = *folder;
    }
  coco->has_pictures = TRUE;
}

static gboolean
read_pictures (Coco *coco, GlossJsonWalk *walk, char **folder, GError **error)
{
  GError *failure = NULL;
  json_t *next;

  while ((next = gloss_json_walk_next_element (walk, &failure)))
    {
      take_picture (coco, next);
      json_decref (next);
      if (g_cancellable_set_error_if_cancelled (coco->reader->cancellable, &failure))
        break;
      if (g_hash_table_size (coco->pictures) > GLOSS_PAIRS_MAX_PAIRS)
        {
          g_set_error (&failure, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                       _ ("%s: there are more than %u pictures; use a part of them"), coco->name,
                       GLOSS_PAIRS_MAX_PAIRS);
          break;
        }
    }
  if (failure)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  find_pictures (coco, folder);
  return TRUE;
}

static gboolean
read_captions (Coco *coco, GlossJsonWalk *walk, GError **error)
{
  GError *failure = NULL;
  json_t *next;

  while ((next = gloss_json_walk_next_element (walk, &failure)))
    {
      g_autoptr (json_t) annotation = next;

      if (g_cancellable_set_error_if_cancelled (coco->reader->cancellable, error))
        return FALSE;
      if (!take_caption (coco, annotation, error))
        return FALSE;
    }
  if (failure)
    g_propagate_error (error, failure);
  return !failure;
}

static gboolean
walk_over (Coco *coco, GlossJsonWalk *walk, char **folder, GError **error)
{
  GError *failure = NULL;
  char *next;

  if (gloss_json_walk_enter_array (walk))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: this is some other JSON, not COCO’s with “images” and “annotations”"),
                   coco->name);
      return FALSE;
    }
  if (!gloss_json_walk_enter (walk, error))
    return FALSE;
  while ((next = gloss_json_walk_next_member (walk, &failure)))
    {
      g_autofree char *name = next;
      gboolean is_pictures = strcmp (name, "images") == 0;
      gboolean is_captions = strcmp (name, "annotations") == 0;

      if (is_captions && !coco->has_pictures)
        {
          coco->early = *walk;
          if (!gloss_json_walk_skip (walk, error))
            return FALSE;
        }
      else if ((is_pictures || is_captions) && gloss_json_walk_enter_array (walk))
        {
          if (!(is_pictures ? read_pictures (coco, walk, folder, error)
                            : read_captions (coco, walk, error)))
            return FALSE;
        }
      else if (!gloss_json_walk_skip (walk, error))
        return FALSE;
    }
  if (failure)
    g_propagate_error (error, failure);
  return !failure;
}

static void
tell_uncaptioned (const Coco *coco)
{
  GHashTableIter iter;
  gpointer number, file_name;

  g_hash_table_iter_init (&iter, coco->pictures);
  while (g_hash_table_iter_next (&iter, &number, &file_name))
    {
      if (g_hash_table_contains (coco->captioned, number))
        continue;
      gloss_pairs_reader_complain (
          coco->reader, GLOSS_PAIRS_NO_CAPTION,
          g_strdup_printf (_ ("%s: nothing is said about %s"), coco->name, (char *) file_name));
      gloss_pairs_reader_note_uncaptioned (coco->reader, file_name);
    }
}

static gboolean
finish (Coco *coco, GError **error)
{
  if (!coco->has_pictures)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: there is no list of “images”, as COCO’s files have it"), coco->name);
      return FALSE;
    }
  if (coco->early.text && gloss_json_walk_enter_array (&coco->early)
      && !read_captions (coco, &coco->early, error))
    return FALSE;
  if (coco->n_captions == 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: there are no “annotations” with captions"), coco->name);
      return FALSE;
    }
  tell_uncaptioned (coco);
  return TRUE;
}

gboolean
gloss_pairs_read_coco (GlossPairsReader *reader, const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *folder = NULL;
  g_autoptr (GlossMappedFile) file = gloss_mapped_file_open (path, error);
  GlossJsonWalk walk = { .origin = name, .max_bytes = GLOSS_PAIRS_MAX_ENTRY_BYTES };
  Coco coco = { .reader = reader, .name = name };
  gboolean is_read;

  if (!file)
    return FALSE;
  walk.text = (const char *) gloss_mapped_file_get_data (file);
  walk.end = walk.text + gloss_mapped_file_get_size_bytes (file);
  reader->pairs->layout = GLOSS_LAYOUT_COCO;
  coco.pictures = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  coco.captioned = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  is_read = walk_over (&coco, &walk, &folder, error) && finish (&coco, error)
            && gloss_mapped_file_check (file, error);
  g_hash_table_unref (coco.captioned);
  g_hash_table_unref (coco.pictures);
  return is_read;
}
