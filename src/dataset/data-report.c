/* What a set of captions is like. */
#include "dataset/data-report.h"

#include "base/i18n.h"
#include "model/image.h"

#include <string.h>

#define FIRST_LIMIT 8

void
gloss_data_report_free (GlossDataReport *report)
{
  if (!report)
    return;
  g_ptr_array_unref (report->too_long);
  g_ptr_array_unref (report->alike);
  g_ptr_array_unref (report->unreadable);
  g_ptr_array_unref (report->same_pictures);
  g_free (report->most_common);
  g_free (report);
}

guint
gloss_data_report_get_limit (guint index)
{
  return index + 1 < GLOSS_DATA_N_LENGTHS ? FIRST_LIMIT << index : 0;
}

static void
name (GPtrArray *list, char *words)
{
  if (list->len < GLOSS_PAIRS_MAX_NAMED)
    g_ptr_array_add (list, words);
  else
    g_free (words);
}

static guint
find_length (guint n_tokens)
{
  guint index = 0;

  while (index + 1 < GLOSS_DATA_N_LENGTHS && n_tokens > gloss_data_report_get_limit (index))
    index++;
  return index;
}

static gboolean
measure (GlossDataReport *report, const GlossPair *pair, GlossTokenizer *tokenizer,
         const char *default_prefix, GArray *ids, GError **error)
{
  const char *prefix = pair->prefix ? pair->prefix : default_prefix;
  guint n_tokens;

  g_array_set_size (ids, 0);
  if (!gloss_tokenizer_encode (tokenizer, prefix, strlen (prefix), ids, error)
      || !gloss_tokenizer_encode (tokenizer, "\n", 1, ids, error)
      || !gloss_tokenizer_encode (tokenizer, pair->suffix, strlen (pair->suffix), ids, error))
    return FALSE;
  n_tokens = ids->len + 2; /* bos and eos */
  report->lengths[find_length (n_tokens)]++;
  report->mean_tokens += (double) n_tokens / report->n_pairs;
  if (n_tokens > report->max_tokens)
    {
      g_autofree char *file = g_filename_display_basename (pair->image_path);

      report->n_too_long++;
      /* Translators: a caption that is too long; a picture's name and how many */
      name (report->too_long, g_strdup_printf (_ ("%s: %u tokens"), file, n_tokens));
    }
  return TRUE;
}

static gboolean
measure_all (GlossDataReport *report, const GlossPairs *pairs, GlossTokenizer *tokenizer,
             const char *default_prefix, GCancellable *cancellable, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !measure (report, gloss_pairs_get (pairs, i), tokenizer, default_prefix, ids, error))
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  const char *caption; /* borrowed */
  guint n;
} Shared;

/* The most first; of several the first by its letters, so that it is the same every time. */
static int
compare_shared (gconstpointer a, gconstpointer b)
{
  const Shared *left = a, *right = b;

  if (left->n != right->n)
    return left->n > right->n ? -1 : 1;
  return strcmp (left->caption, right->caption);
}

/* Those that more than one pair has. */
static GArray *
list_shared (const GlossPairs *pairs)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  GArray *shared = g_array_new (FALSE, FALSE, sizeof (Shared));
  GHashTableIter iter;
  gpointer caption, count;

  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      char *suffix = gloss_pairs_get (pairs, i)->suffix;
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, suffix));

      g_hash_table_insert (counts, suffix, GUINT_TO_POINTER (n + 1));
    }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &caption, &count))
    {
      Shared one = { caption, GPOINTER_TO_UINT (count) };

      if (one.n > 1)
        g_array_append_val (shared, one);
    }
  g_array_sort (shared, compare_shared);
  return shared;
}

/* A caption that stands for many pictures teaches little. */
static void
count_alike (GlossDataReport *report, const GlossPairs *pairs)
{
  g_autoptr (GArray) shared = list_shared (pairs);

  for (guint i = 0; i < shared->len; i++)
    {
      const Shared *one = &g_array_index (shared, Shared, i);

      report->n_alike += one->n;
      if (i < GLOSS_PAIRS_MAX_NAMED)
        /* Translators: a caption, and for how many pictures it stands */
        g_ptr_array_add (report->alike, g_strdup_printf (g_dngettext ("gloss", "%s: %u time",
                                                                      "%s: %u times", one->n),
                                                         one->caption, one->n));
    }
  if (shared->len > 0)
    {
      report->most_common = g_strdup (g_array_index (shared, Shared, 0).caption);
      report->n_most_common = g_array_index (shared, Shared, 0).n;
    }
}

static GPtrArray *
list_pictures (const GlossPairs *pairs)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *pictures = g_ptr_array_new ();

  for (guint i = 0; i < pairs->pairs->len; i++)
    {
      char *path = gloss_pairs_get (pairs, i)->image_path;

      if (g_hash_table_add (known, path))
        g_ptr_array_add (pictures, path);
    }
  return pictures;
}

/* What tells the bytes of @path from others, newly allocated; NULL when they cannot be read. */
static char *
make_checksum (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GBytes) bytes = file ? g_mapped_file_get_bytes (file) : NULL;

  return bytes ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes) : NULL;
}

static void
look_at (GlossDataReport *report, const char *path, GHashTable *known, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = gloss_image_load (path, cancellable, &error);
  char *checksum = make_checksum (path);
  const char *same;

  if (!image && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      report->n_unreadable++;
      name (report->unreadable, g_strdup (error->message));
    }
  same = checksum ? g_hash_table_lookup (known, checksum) : NULL;
  if (same)
    {
      g_autofree char *this = g_filename_display_basename (path);
      g_autofree char *that = g_filename_display_basename (same);

      report->n_same_pictures++;
      /* Translators: two files that hold the same picture */
      name (report->same_pictures, g_strdup_printf (_ ("%s is %s"), this, that));
    }
  if (checksum && !same)
    g_hash_table_insert (known, checksum, (gpointer) path);
  else
    g_free (checksum);
}

static gboolean
look_at_all (GlossDataReport *report, GPtrArray *pictures, GCancellable *cancellable,
             GlossDataReportFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  report->has_looked = TRUE;
  for (guint i = 0; i < pictures->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (func)
        func (i, pictures->len, user_data);
      look_at (report, g_ptr_array_index (pictures, i), known, cancellable);
    }
  return TRUE;
}

GlossDataReport *
gloss_data_report_new (const GlossPairs *pairs, GlossTokenizer *tokenizer,
                       const char *default_prefix, guint max_tokens, gboolean looks_at_pictures,
                       GCancellable *cancellable, GlossDataReportFunc func, gpointer user_data,
                       GError **error)
{
  g_autoptr (GlossDataReport) report = g_new0 (GlossDataReport, 1);
  g_autoptr (GPtrArray) pictures = list_pictures (pairs);

  report->alike = g_ptr_array_new_with_free_func (g_free);
  report->too_long = g_ptr_array_new_with_free_func (g_free);
  report->unreadable = g_ptr_array_new_with_free_func (g_free);
  report->same_pictures = g_ptr_array_new_with_free_func (g_free);
  report->n_pairs = pairs->pairs->len;
  report->n_pictures = pictures->len;
  report->n_held_out = gloss_pairs_count_held_out (pairs);
  report->max_tokens = max_tokens;
  count_alike (report, pairs);
  if ((tokenizer && !measure_all (report, pairs, tokenizer, default_prefix, cancellable, error))
      || (looks_at_pictures
          && !look_at_all (report, pictures, cancellable, func, user_data, error)))
    return NULL;
  return g_steal_pointer (&report);
}
