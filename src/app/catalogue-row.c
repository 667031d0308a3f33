/* A model that can be downloaded, in a list. */
#include "app/catalogue-row.h"

#include "library/catalogue-needs.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossCatalogueRow
{
  AdwActionRow parent_instance;

  GtkWidget *get;
  GtkWidget *installed;
  GtkWidget *coming;

  const GlossCatalogueEntry *entry;
  gboolean fits;
};

enum
{
  WANTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossCatalogueRow, gloss_catalogue_row, ADW_TYPE_ACTION_ROW)

static void
want (GlossCatalogueRow *row)
{
  g_signal_emit (row, signals[WANTED], 0);
}

static void
append_lack (GString *words, const char *sentence, guint64 n_needed, guint64 n_free)
{
  g_autofree char *needed = g_format_size (n_needed);
  g_autofree char *available = g_format_size (n_free);

  if (n_needed <= n_free)
    return;
  g_string_append_c (words, '\n');
  g_string_append_printf (words, sentence, needed, available);
}

static char *
describe (GlossCatalogueRow *row, GlossSourceKind kind, const GlossModelsSurvey *survey)
{
  guint64 n_download = gloss_catalogue_get_download_bytes (row->entry, kind);
  guint64 n_disk = gloss_catalogue_get_disk_bytes (row->entry, kind);
  guint64 n_memory = gloss_catalogue_get_memory_bytes (row->entry);
  g_autofree char *download = g_format_size (n_download);
  g_autofree char *disk = g_format_size (n_disk);
  g_autofree char *memory = g_format_size (n_memory);
  GString *words = g_string_new (NULL);

  if (n_disk == n_download)
    /* Translators: both are sizes */
    g_string_append_printf (words, _ ("%s to download, %s of memory"), download, memory);
  else
    /* Translators: all three are sizes */
    g_string_append_printf (words, _ ("%s to download, %s of disk, %s of memory"), download, disk,
                            memory);
  append_lack (words, _ ("Too large for now: it needs %s of memory, and %s are free"), n_memory,
               survey->free_memory_bytes);
  append_lack (words, _ ("There is no room for it: it needs %s of disk, and %s are free"), n_disk,
               survey->free_disk_bytes);
  return g_string_free (words, FALSE);
}

void
gloss_catalogue_row_show (GlossCatalogueRow *row, GlossSourceKind kind,
                          const GlossModelsSurvey *survey, GlossModelJobs *jobs)
{
  gboolean is_there = gloss_models_survey_has_own (survey, row->entry->name);
  gboolean is_coming = gloss_model_jobs_find (jobs, row->entry->name) != NULL;
  g_autofree char *words = describe (row, kind, survey);

  row->fits = gloss_catalogue_get_memory_bytes (row->entry) <= survey->free_memory_bytes
              && gloss_catalogue_get_disk_bytes (row->entry, kind) <= survey->free_disk_bytes;
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), words);
  gtk_widget_set_visible (row->get, !is_there && !is_coming);
  gtk_widget_set_visible (row->installed, is_there && !is_coming);
  gtk_widget_set_visible (row->coming, is_coming);
}

gboolean
gloss_catalogue_row_fits (GlossCatalogueRow *row)
{
  return row->fits;
}

static void
gloss_catalogue_row_class_init (GlossCatalogueRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[WANTED] = g_signal_new ("wanted", GLOSS_TYPE_CATALOGUE_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/catalogue-row.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossCatalogueRow, get);
  gtk_widget_class_bind_template_child (widget_class, GlossCatalogueRow, installed);
  gtk_widget_class_bind_template_child (widget_class, GlossCatalogueRow, coming);
}

static void
gloss_catalogue_row_init (GlossCatalogueRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
  g_signal_connect_swapped (row->get, "clicked", G_CALLBACK (want), row);
}

/* "Mix, 448 px": what tells it from its neighbours. */
static char *
make_title (const GlossCatalogueEntry *entry)
{
  return g_strdup_printf (
      /* Translators: how a model was trained, and the side of the pictures that it sees */
      strcmp (entry->kind, "mix") == 0 ? _ ("Ready for use (mix), %u px")
                                       : _ ("To be fine-tuned (pt), %u px"),
      entry->image_size_px);
}

GlossCatalogueRow *
gloss_catalogue_row_new (const GlossCatalogueEntry *entry)
{
  GlossCatalogueRow *row = g_object_new (GLOSS_TYPE_CATALOGUE_ROW, NULL);
  g_autofree char *title = make_title (entry);
  g_autofree char *label = g_strdup_printf (_ ("Get %s"), entry->name);

  row->entry = entry;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row), entry->name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->get), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  return row;
}

const GlossCatalogueEntry *
gloss_catalogue_row_get_entry (GlossCatalogueRow *row)
{
  return row->entry;
}
