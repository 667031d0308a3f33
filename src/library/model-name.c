/* Which of the models on this machine a name means. */
#include "library/found-models.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/join-words.h"
#include "weights/prepared.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_LISTED 5
/* These bound the work of finding names that are alike. */
#define MAX_NAME_BYTES 256
#define MAX_COMPARED 500

typedef enum
{
  FITS_EXACTLY,
  FITS_IN_OTHER_LETTERS,
  FITS_END,         /* all that is before is an owner */
  FITS_ALL_BUT_END, /* what is after is a revision, a version or a file */
  FITS_NOT
} Fit;

static gboolean
is_number (const char *text)
{
  return *text && strspn (text, "0123456789") == strlen (text);
}

/* Whether @rest of a folded name says no more than which revision, version or file it is. */
static gboolean
is_detail (const char *rest)
{
  g_auto (GStrv) parts = NULL;

  if (*rest == '@')
    return TRUE;
  if (*rest != '/')
    return FALSE;
  parts = g_strsplit (rest + 1, "/", -1);
  for (guint i = 0; parts[i]; i++)
    {
      if (!is_number (parts[i]) && !g_str_has_suffix (parts[i], ".npz")
          && !g_str_has_suffix (parts[i], GLOSS_PREPARED_SUFFIX))
        return FALSE;
    }
  return TRUE;
}

/* @n is the length of @folded_wanted. */
static Fit
find_fit (const char *name, const char *wanted, const char *folded_wanted, gsize n)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);
  Fit best = FITS_NOT;

  if (strcmp (name, wanted) == 0)
    return FITS_EXACTLY;
  if (strcmp (folded, folded_wanted) == 0)
    return FITS_IN_OTHER_LETTERS;
  if (n == 0 || n > strlen (folded) || is_number (wanted))
    return FITS_NOT;
  for (const char *p = strstr (folded, folded_wanted); p; p = strstr (p + 1, folded_wanted))
    {
      if (p > folded && p[-1] != '/')
        continue;
      if (p[n] == '\0')
        return FITS_END;
      if (is_detail (p + n))
        best = FITS_ALL_BUT_END;
    }
  return best;
}

/* The models that fit best, all equally well; borrowed. */
static GPtrArray *
find_fitting (const GPtrArray *models, const char *wanted)
{
  g_autofree char *folded = g_utf8_casefold (wanted, -1);
  GPtrArray *fitting = g_ptr_array_new ();
  gsize n = strlen (folded);
  Fit best = FITS_NOT;

  for (guint i = 0; i < models->len; i++)
    {
      GlossFoundModel *model = g_ptr_array_index (models, i);
      Fit fit = find_fit (model->name, wanted, folded, n);

      if (fit < best)
        {
          g_ptr_array_set_size (fitting, 0);
          best = fit;
        }
      if (fit == best && fit != FITS_NOT)
        g_ptr_array_add (fitting, model);
    }
  return fitting;
}

/* How many bytes must be changed, put in or taken out to make @b of @a; or more than @max. */
static guint
count_changes (const char *a, const char *b, guint max)
{
  gsize n_a = strlen (a), n_b = strlen (b);
  guint row[MAX_NAME_BYTES + 1];

  if (n_a > MAX_NAME_BYTES || n_b > MAX_NAME_BYTES || MAX (n_a, n_b) - MIN (n_a, n_b) > max)
    return G_MAXUINT;
  for (gsize j = 0; j <= n_b; j++)
    row[j] = (guint) j;
  for (gsize i = 1; i <= n_a; i++)
    {
      guint diagonal = row[0];

      row[0] = (guint) i;
      for (gsize j = 1; j <= n_b; j++)
        {
          guint replaced = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (replaced, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[n_b];
}

typedef struct
{
  const char *name;
  guint n_changes;
} Near;

static int
compare_near (gconstpointer a, gconstpointer b)
{
  const Near *first = a, *second = b;

  if (first->n_changes != second->n_changes)
    return first->n_changes < second->n_changes ? -1 : 1;
  return strcmp (first->name, second->name);
}

/* How far @name is from @folded_wanted, as a whole or by its nearest part; or more than @max. */
static guint
measure (const char *name, const char *folded_wanted, guint max)
{
  g_autofree char *folded = g_utf8_casefold (name, -1);
  g_auto (GStrv) parts = g_strsplit_set (folded, "/@", -1);
  guint n_changes = count_changes (folded, folded_wanted, max);

  if (strlen (folded_wanted) >= 3 && strstr (folded, folded_wanted))
    return 0;
  for (guint i = 0; parts[i]; i++)
    n_changes = MIN (n_changes, count_changes (parts[i], folded_wanted, max));
  return n_changes;
}

/* "a, b or c"; names beyond MAX_LISTED are only counted. */
static char *
join_names (const GPtrArray *names, GlossJoin join)
{
  const char *words[MAX_LISTED + 1];
  guint n_words = MIN (names->len, MAX_LISTED);
  g_autofree char *more = NULL;

  for (guint i = 0; i < n_words; i++)
    words[i] = g_ptr_array_index (names, i);
  if (names->len > n_words)
    {
      guint n_more = names->len - n_words;

      /* Translators: the end of a list of models: "demo, my model and 13 more" */
      more = g_strdup_printf (g_dngettext ("gloss", "%u more", "%u more", n_more), n_more);
      words[n_words++] = more;
    }
  return gloss_join_words (words, n_words, join);
}

/* The names that are like @wanted, nearest first; borrowed from @models. */
static GPtrArray *
find_near (const GPtrArray *models, const char *wanted)
{
  g_autofree char *folded = g_utf8_casefold (wanted, -1);
  g_autoptr (GArray) near = g_array_new (FALSE, FALSE, sizeof (Near));
  GPtrArray *names = g_ptr_array_new ();
  gsize n = strlen (folded);
  guint max = 1 + (guint) n / 4; /* beyond that it is another word */

  for (guint i = 0; i < models->len && i < MAX_COMPARED && n <= MAX_NAME_BYTES; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (models, i);
      Near candidate = { model->name, measure (model->name, folded, max) };

      if (candidate.n_changes <= max)
        g_array_append_val (near, candidate);
    }
  g_array_sort (near, compare_near);
  for (guint i = 0; i < MIN (near->len, MAX_LISTED); i++)
    g_ptr_array_add (names, (gpointer) g_array_index (near, Near, i).name);
  return names;
}

static GPtrArray *
list_names (const GPtrArray *models)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < models->len; i++)
    g_ptr_array_add (names, ((GlossFoundModel *) g_ptr_array_index (models, i))->name);
  return names;
}

static void
set_unknown (GError **error, const GPtrArray *models, const char *wanted)
{
  g_autoptr (GPtrArray) near = find_near (models, wanted);
  g_autoptr (GPtrArray) all = list_names (models);
  const GPtrArray *named = near->len > 0 ? near : all;
  g_autofree char *names = join_names (named, GLOSS_JOIN_AND);

  if (near->len > 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("there is neither a file nor a model called \"%s\"; similar: %s"), wanted,
                 names);
  else if (all->len > 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("there is neither a file nor a model called \"%s\"; on this machine are: %s"),
                 wanted, names);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("there is neither a file nor a model called \"%s\"; there are no models on "
                    "this machine"),
                 wanted);
}

/* The only model of @fitting that is whole, or but for its tokenizer. */
static GlossFoundModel *
find_only_whole (const GPtrArray *fitting)
{
  GlossFoundModel *whole = NULL;

  for (guint i = 0; i < fitting->len; i++)
    {
      GlossFoundModel *model = g_ptr_array_index (fitting, i);

      if (model->missing && !model->lacks_only_tokenizer)
        continue;
      if (whole)
        return NULL;
      whole = model;
    }
  return whole;
}

const GlossFoundModel *
gloss_found_models_resolve (const GPtrArray *models, const char *name, GError **error)
{
  g_autofree char *wanted = g_utf8_make_valid (name, -1);
  g_autoptr (GPtrArray) fitting = find_fitting (models, wanted);
  const GlossFoundModel *model;

  if (fitting->len == 0)
    {
      set_unknown (error, models, wanted);
      return NULL;
    }
  model = fitting->len == 1 ? g_ptr_array_index (fitting, 0) : find_only_whole (fitting);
  if (!model)
    {
      g_autoptr (GPtrArray) all = list_names (fitting);
      g_autofree char *names = join_names (all, GLOSS_JOIN_OR);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("\"%s\" may be any of several models: %s"), wanted, names);
      return NULL;
    }
  if (model->missing && !model->lacks_only_tokenizer)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: this model is not whole: %s"),
                   model->name, model->missing);
      return NULL;
    }
  return model;
}
