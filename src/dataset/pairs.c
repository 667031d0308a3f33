/* Pictures with what is to be said about them. */
#include "dataset/pairs-private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

const char *const gloss_pairs_image_spellings[] = { "image",    "file_name", "filename",
                                                    "filepath", "file_path", "image_path",
                                                    "path",     "file",      NULL };
const char *const gloss_pairs_suffix_spellings[] = { "suffix",      "text",  "caption", "alt_text",
                                                     "description", "label", NULL };
const char *const gloss_pairs_prefix_spellings[] = { "prefix", "prompt", "question", NULL };

static const struct
{
  const char *name;
  const char *title;
} layouts[] = {
  [GLOSS_LAYOUT_BIG_VISION] = { "big_vision", N_ ("big_vision JSONL") },
  [GLOSS_LAYOUT_JSONL] = { "jsonl", N_ ("JSONL") },
  [GLOSS_LAYOUT_HUGGING_FACE] = { "hugging_face", N_ ("Hugging Face metadata") },
  [GLOSS_LAYOUT_COCO] = { "coco", N_ ("COCO captions") },
  [GLOSS_LAYOUT_CSV] = { "csv", N_ ("CSV table") },
  [GLOSS_LAYOUT_SIDECARS] = { "sidecars", N_ ("text files beside pictures") },
  [GLOSS_LAYOUT_EDITED] = { "edited", N_ ("captions that you edited") },
};

const char *
gloss_layout_get_title (GlossLayout layout)
{
  return _ (layouts[layout].title);
}

const char *
gloss_layout_get_name (GlossLayout layout)
{
  return layouts[layout].name;
}

static void
pair_clear (gpointer data)
{
  GlossPair *pair = data;

  g_free (pair->image_path);
  g_free (pair->prefix);
  g_free (pair->suffix);
}

static GlossPairs *
pairs_new (void)
{
  GlossPairs *pairs = g_new0 (GlossPairs, 1);

  pairs->pairs = g_array_new (FALSE, FALSE, sizeof (GlossPair));
  g_array_set_clear_func (pairs->pairs, pair_clear);
  for (guint i = 0; i < GLOSS_N_PAIRS_PROBLEMS; i++)
    pairs->problems[i] = g_ptr_array_new_with_free_func (g_free);
  return pairs;
}

void
gloss_pairs_free (GlossPairs *pairs)
{
  if (!pairs)
    return;
  g_array_unref (pairs->pairs);
  for (guint i = 0; i < GLOSS_N_PAIRS_PROBLEMS; i++)
    g_ptr_array_unref (pairs->problems[i]);
  g_free (pairs->folder);
  g_free (pairs);
}

void
gloss_pairs_reader_complain (GlossPairsReader *reader, GlossPairsProblem kind, char *words)
{
  GlossPairs *pairs = reader->pairs;

  pairs->n_problems[kind]++;
  if (pairs->problems[kind]->len < GLOSS_PAIRS_MAX_NAMED)
    g_ptr_array_add (pairs->problems[kind], words);
  else
    g_free (words);
}

const char *
gloss_pairs_find_column (const char *const *names, const char *const *spellings)
{
  for (guint i = 0; spellings[i]; i++)
    {
      for (guint j = 0; names[j]; j++)
        {
          if (g_ascii_strcasecmp (names[j], spellings[i]) == 0)
            return names[j];
        }
    }
  return NULL;
}

/* Whether the same was said of the same picture before; remembers it. */
static gboolean
is_repeated (GlossPairsReader *reader, const char *path, const char *prefix, const char *suffix)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *const parts[] = { path, prefix ? prefix : "", suffix };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (checksum, (const guchar *) parts[i], (gssize) strlen (parts[i]) + 1);
  return !g_hash_table_add (reader->seen, g_strdup (g_checksum_get_string (checksum)));
}

gboolean
gloss_pairs_reader_add (GlossPairsReader *reader, const char *where, const char *image,
                        const char *prefix, const char *suffix, GError **error)
{
  GlossPair pair = { .is_held_out = reader->is_held_out };
  g_autofree char *path = NULL;
  g_autofree char *words = suffix ? g_strstrip (g_strdup (suffix)) : NULL;

  if (reader->pairs->pairs->len >= GLOSS_PAIRS_MAX_PAIRS)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: there are more than %u captions; use a part of them"), where,
                   GLOSS_PAIRS_MAX_PAIRS);
      return FALSE;
    }
  if (!image || *image == '\0')
    {
      gloss_pairs_reader_complain (reader, GLOSS_PAIRS_DAMAGED,
                                   g_strdup_printf (_ ("%s: no picture is named"), where));
      return TRUE;
    }
  if (!words || *words == '\0')
    {
      gloss_pairs_reader_complain (
          reader, GLOSS_PAIRS_NO_CAPTION,
          g_strdup_printf (_ ("%s: nothing is said about %s"), where, image));
      return TRUE;
    }
  path = g_path_is_absolute (image) ? g_strdup (image)
                                    : g_build_filename (reader->folder, image, NULL);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      gloss_pairs_reader_complain (
          reader, GLOSS_PAIRS_NO_PICTURE,
          g_strdup_printf (_ ("%s: there is no picture %s"), where, image));
      return TRUE;
    }
  if (is_repeated (reader, path, prefix, words))
    {
      gloss_pairs_reader_complain (
          reader, GLOSS_PAIRS_REPEATED,
          g_strdup_printf (_ ("%s: %s has this caption already"), where, image));
      return TRUE;
    }
  pair.image_path = g_steal_pointer (&path);
  pair.prefix = prefix && *prefix ? g_strdup (prefix) : NULL;
  pair.suffix = g_steal_pointer (&words);
  g_array_append_val (reader->pairs->pairs, pair);
  return TRUE;
}

typedef struct
{
  char *path; /* owned */
  gboolean is_held_out;
} List;

static void
list_clear (gpointer data)
{
  g_free (((List *) data)->path);
}

static gboolean
has_word (const char *name, const char *word)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return strstr (lower, word) != NULL;
}

/* "data_val10.jsonl" is for looking how good it got. */
static gboolean
is_for_validation (const char *name)
{
  return !has_word (name, "train") && (has_word (name, "val") || has_word (name, "test"));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The names in @folder, in order. */
static GPtrArray *
list_names (const char *folder, GError **error)
{
  GDir *dir = g_dir_open (folder, 0, error);
  GPtrArray *names;
  const char *name;

  if (!dir)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)))
    {
      if (name[0] != '.')
        g_ptr_array_add (names, g_strdup (name));
    }
  g_dir_close (dir);
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
matches (const char *name, const char *prefix, const char *suffix)
{
  return g_str_has_prefix (name, prefix) && g_str_has_suffix (name, suffix);
}

/* Adds what in @folder may be lists, by the first of the kinds of names that is there. */
static gboolean
find_lists (GArray *lists, const char *folder, GError **error)
{
  static const struct
  {
    const char *prefix, *suffix;
  } kinds[] = { { "metadata", ".jsonl" },
                { "metadata", ".csv" },
                { "", ".jsonl" },
                { "", ".csv" },
                { "captions", ".json" } };
  g_autoptr (GPtrArray) names = list_names (folder, error);

  if (!names)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && lists->len == 0; i++)
    {
      for (guint j = 0; j < names->len; j++)
        {
          const char *name = g_ptr_array_index (names, j);
          List list;

          if (!matches (name, kinds[i].prefix, kinds[i].suffix))
            continue;
          list = (List){ g_build_filename (folder, name, NULL), is_for_validation (name) };
          g_array_append_val (lists, list);
        }
    }
  return TRUE;
}

/* Hugging Face's folders have one for each part. */
static gboolean
find_lists_of_parts (GArray *lists, const char *folder, GError **error)
{
  static const char *const parts[] = { "train", "val", "valid", "validation", "test" };

  if (!find_lists (lists, folder, error))
    return FALSE;
  for (guint i = 0; lists->len < 2 && i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *part = g_build_filename (folder, parts[i], NULL);
      g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (List));

      if ((lists->len > 0 && i == 0) || !g_file_test (part, G_FILE_TEST_IS_DIR)
          || !find_lists (found, part, NULL))
        continue;
      for (guint j = 0; j < found->len; j++)
        {
          List list = g_array_index (found, List, j);

          list.is_held_out = is_for_validation (parts[i]);
          g_array_append_val (lists, list);
        }
    }
  return TRUE;
}

static gboolean
read_list (GlossPairsReader *reader, const List *list, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (list->path);
  g_autofree char *name = g_path_get_basename (list->path);

  reader->folder = folder;
  reader->is_held_out = list->is_held_out;
  if (!reader->pairs->folder)
    reader->pairs->folder = g_strdup (folder);
  if (has_word (name, ".jsonl"))
    return gloss_pairs_read_jsonl (reader, list->path, error);
  if (has_word (name, ".csv"))
    return gloss_pairs_read_csv (reader, list->path, error);
  if (has_word (name, ".json"))
    return gloss_pairs_read_coco (reader, list->path, error);
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
               _ ("%s: this is no list of captions that Gloss knows; it reads .jsonl, .csv, COCO’s "
                  ".json, and folders of pictures with text files beside them"),
               name);
  return FALSE;
}

/* Only lists for validation are all that there is. */
static void
use_all (GArray *lists)
{
  for (guint i = 0; i < lists->len; i++)
    {
      if (!g_array_index (lists, List, i).is_held_out)
        return;
    }
  for (guint i = 0; i < lists->len; i++)
    g_array_index (lists, List, i).is_held_out = FALSE;
}

static gboolean
read_all (GlossPairsReader *reader, const char *path, GError **error)
{
  g_autoptr (GArray) lists = g_array_new (FALSE, FALSE, sizeof (List));

  g_array_set_clear_func (lists, list_clear);
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      List list = { g_strdup (path), FALSE };

      g_array_append_val (lists, list);
    }
  else if (!find_lists_of_parts (lists, path, error))
    return FALSE;
  if (lists->len == 0)
    {
      reader->pairs->folder = g_strdup (path);
      return gloss_pairs_read_sidecars (reader, path, error);
    }
  use_all (lists);
  for (guint i = 0; i < lists->len; i++)
    {
      if (!read_list (reader, &g_array_index (lists, List, i), error))
        return FALSE;
    }
  return TRUE;
}

GlossPairs *
gloss_pairs_read (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GlossPairs) pairs = pairs_new ();
  GlossPairsReader reader = { .pairs = pairs, .cancellable = cancellable };
  gboolean is_read;

  reader.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  is_read = read_all (&reader, path, error);
  g_hash_table_unref (reader.seen);
  return is_read ? g_steal_pointer (&pairs) : NULL;
}

GlossPairs *
gloss_pairs_make (GlossLayout layout, GlossPairsFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GlossPairs) pairs = pairs_new ();
  GlossPairsReader reader = { .pairs = pairs, .folder = "" };
  gboolean is_made;

  pairs->layout = layout;
  reader.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  is_made = func (&reader, user_data, error);
  g_hash_table_unref (reader.seen);
  return is_made ? g_steal_pointer (&pairs) : NULL;
}

guint
gloss_pairs_count_held_out (const GlossPairs *pairs)
{
  guint n = 0;

  for (guint i = 0; i < pairs->pairs->len; i++)
    n += gloss_pairs_get (pairs, i)->is_held_out;
  return n;
}

/* The pictures, each once, in the order of the list. */
static GPtrArray *
list_pictures (const GlossPairs *pairs)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *pictures = g_ptr_array_new ();

  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      if (g_hash_table_add (known, gloss_pairs_get (pairs, i)->image_path))
        g_ptr_array_add (pictures, gloss_pairs_get (pairs, i)->image_path);
    }
  return pictures;
}

void
gloss_pairs_split (GlossPairs *pairs, double frac, guint64 seed)
{
  g_autoptr (GPtrArray) pictures = NULL;
  g_autoptr (GHashTable) held_out = g_hash_table_new (g_str_hash, g_str_equal);
  GlossRandom random;
  guint n_held_out;

  if (frac <= 0 || gloss_pairs_count_held_out (pairs) > 0)
    return;
  pictures = list_pictures (pairs);
  if (pictures->len < 2)
    return;
  n_held_out = (guint) CLAMP (round (frac * pictures->len), 1, pictures->len - 1);
  gloss_random_init (&random, seed);
  /* a part of Fisher and Yates' shuffle */
  for (guint i = 0; i < n_held_out; i++)
    {
      guint other = i + (guint) (gloss_random_next (&random) % (pictures->len - i));
      gpointer picture = g_ptr_array_index (pictures, other);

      g_ptr_array_index (pictures, other) = g_ptr_array_index (pictures, i);
      g_ptr_array_index (pictures, i) = picture;
      g_hash_table_add (held_out, picture);
    }
  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      GlossPair *pair = &g_array_index (pairs->pairs, GlossPair, i);

      pair->is_held_out = g_hash_table_contains (held_out, pair->image_path);
    }
}
