/* gloss-cli models list: which models are on this machine, and which there are to download. */
#include "cli/models.h"

#include "base/json.h"
#include "cli/messages.h"
#include "library/catalogue.h"
#include "library/found-models.h"

#include <stdio.h>
#include <string.h>

/* What was found, and where it was looked for. */
typedef struct
{
  GPtrArray *models;                     /* owned, of GlossFoundModel */
  char *folders[GLOSS_N_MODEL_PLACES];   /* owned */
  gboolean is_cut[GLOSS_N_MODEL_PLACES]; /* not all of the folder was looked at */
} Findings;

static void
findings_clear (Findings *findings)
{
  g_clear_pointer (&findings->models, g_ptr_array_unref);
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    g_free (findings->folders[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Findings, findings_clear)

static void
look (Findings *findings)
{
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    findings->folders[i] = gloss_model_place_get_folder ((GlossModelPlace) i);
  findings->models =
      gloss_found_models_list ((const char *const *) findings->folders, findings->is_cut);
}

/* A path as text that does nothing to a terminal. */
static char *
make_shown (const char *path)
{
  g_autofree char *valid = g_filename_display_name (path);
  GString *shown = g_string_new (NULL);

  for (const char *p = valid; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (shown, g_unichar_isprint (c) ? c : 0xFFFD);
    }
  return g_string_free (shown, FALSE);
}

static guint
measure_columns (const char *text)
{
  guint n = 0;

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      n += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return n;
}

static void
print_padded (const char *text, guint n_columns)
{
  guint n = measure_columns (text);

  printf ("%s%*s  ", text, n < n_columns ? (int) (n_columns - n) : 0, "");
}

char *
gloss_models_format_size (guint64 n_bytes)
{
  g_autofree char *size = g_format_size (n_bytes);
  g_auto (GStrv) parts = g_strsplit (size, "\u00a0", -1);

  return g_strjoinv (" ", parts);
}

static void
print_text (const Findings *findings)
{
  guint n_columns = (guint) strlen ("NAME");

  if (findings->models->len == 0)
    return;
  for (guint i = 0; i < findings->models->len; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (findings->models, i);

      n_columns = MAX (n_columns, measure_columns (model->name));
    }
  print_padded ("NAME", n_columns);
  printf ("%9s  %-10s  %s\n", "SIZE", "STATE", "PATH");
  for (guint i = 0; i < findings->models->len; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (findings->models, i);
      g_autofree char *size = gloss_models_format_size (model->n_bytes);
      g_autofree char *path = make_shown (model->path);
      g_autofree char *missing = model->missing ? make_shown (model->missing) : NULL;

      print_padded (model->name, n_columns);
      printf ("%9s  %-10s  %s\n", size, missing ? "incomplete" : "complete", path);
      if (model->base)
        printf ("    fine-tuned from %s\n", model->base);
      if (missing)
        printf ("    %s\n", missing);
    }
}

static void
print_line (gboolean is_first, json_t *object)
{
  char *line = json_dumps (object, JSON_PRESERVE_ORDER);

  printf ("%s\n    %s", is_first ? "" : ",", line);
  free (line);
  json_decref (object);
}

/* One model a line, which the shells' completions rely on. */
static void
print_json (const Findings *findings)
{
  fputs ("{\n  \"models\": [", stdout);
  for (guint i = 0; i < findings->models->len; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (findings->models, i);
      g_autofree char *path = g_filename_display_name (model->path);
      g_autofree char *tokenizer =
          model->tokenizer ? g_filename_display_name (model->tokenizer) : NULL;

      print_line (i == 0,
                  json_pack ("{s:s, s:s, s:s?, s:s?, s:I, s:b, s:s?, s:s, s:s?}", "name",
                             model->name, "place", gloss_model_place_get_name (model->place),
                             "family", model->family, "base", model->base, "bytes",
                             (json_int_t) model->n_bytes, "complete", model->missing == NULL,
                             "missing", model->missing, "path", path, "tokenizer", tokenizer));
    }
  printf ("%s],\n  \"looked_in\": [", findings->models->len > 0 ? "\n  " : "");
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES && findings->folders[i]; i++)
    {
      g_autofree char *path = g_filename_display_name (findings->folders[i]);
      gboolean exists = g_file_test (findings->folders[i], G_FILE_TEST_IS_DIR);

      print_line (i == 0, json_pack ("{s:s, s:s, s:b, s:b}", "place",
                                     gloss_model_place_get_name ((GlossModelPlace) i), "path", path,
                                     "exists", exists, "all", !findings->is_cut[i]));
    }
  fputs ("\n  ]\n}\n", stdout);
}

static gboolean
has_others (const Findings *findings)
{
  for (guint i = 0; i < findings->models->len; i++)
    {
      const GlossFoundModel *model = g_ptr_array_index (findings->models, i);

      if (model->place != GLOSS_MODEL_PLACE_DEMO)
        return TRUE;
    }
  return FALSE;
}

/* Where it was looked, when there is nothing that the person got; and where not to the end. */
static void
say_where (const Findings *findings)
{
  if (!has_others (findings))
    {
      gboolean has_demo = findings->models->len > 0;
      g_autoptr (GString) places = g_string_new (NULL);

      guint n = GLOSS_N_MODEL_PLACES;

      /* the last place is only there when a folder was chosen */
      if (!findings->folders[n - 1])
        n--;
      for (guint i = has_demo ? GLOSS_MODEL_PLACE_GLOSS : 0; i < n; i++)
        g_string_append_printf (places, "%s%s",
                                places->len == 0 ? ""
                                : i + 1 == n     ? " and "
                                                 : ", ",
                                findings->folders[i]);
      gloss_cli_note ("there is no PaliGemma on this machine%s; looked in %s",
                      has_demo ? " but the demo model" : "", places->str);
    }
  for (guint i = 0; i < GLOSS_N_MODEL_PLACES; i++)
    {
      if (findings->is_cut[i])
        gloss_cli_note ("%s: has more than %d entries; not all were looked at",
                        findings->folders[i], GLOSS_MAX_ENTRIES);
    }
}

static void
print_catalogue_text (void)
{
  guint n;
  const GlossCatalogueEntry *entries = gloss_catalogue_get (&n);

  printf ("%-26s%13s%13s  %s\n", "NAME", "HUGGINGFACE", "KAGGLE", "IMAGE");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *first = gloss_models_format_size (entries[i].hugging_face_bytes);
      g_autofree char *second = gloss_models_format_size (entries[i].kaggle_bytes);

      printf ("%-26s%13s%13s  %u px\n", entries[i].name, first, second, entries[i].image_size_px);
    }
}

static void
print_catalogue_json (void)
{
  guint n;
  const GlossCatalogueEntry *entries = gloss_catalogue_get (&n);

  fputs ("{\n  \"available\": [", stdout);
  for (guint i = 0; i < n; i++)
    print_line (i == 0, json_pack ("{s:s, s:s, s:s, s:s, s:i, s:I, s:I}", "name", entries[i].name,
                                   "family", entries[i].family == 1 ? "PaliGemma" : "PaliGemma 2",
                                   "size", entries[i].size, "kind", entries[i].kind, "image_size",
                                   (int) entries[i].image_size_px, "huggingface_bytes",
                                   (json_int_t) entries[i].hugging_face_bytes, "kaggle_bytes",
                                   (json_int_t) entries[i].kaggle_bytes));
  fputs ("\n  ]\n}\n", stdout);
}

int
gloss_models_list (const GlossModelsOptions *options)
{
  g_auto (Findings) findings = { 0 };

  if (options->is_available)
    {
      if (options->is_json)
        print_catalogue_json ();
      else
        print_catalogue_text ();
      return gloss_cli_finish_output (GLOSS_EXIT_OK);
    }
  look (&findings);
  if (!options->is_json)
    {
      print_text (&findings);
      say_where (&findings);
    }
  else
    print_json (&findings);
  return gloss_cli_finish_output (GLOSS_EXIT_OK);
}
