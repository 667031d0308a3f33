/* The models that can be downloaded. */
#include "app/catalogue-page.h"

#include "app/catalogue-row.h"
#include "app/get-model.h"
#include "library/catalogue-needs.h"

#include <glib/gi18n.h>
#include <string.h>

struct _GlossCataloguePage
{
  AdwPreferencesPage parent_instance;

  AdwPreferencesGroup *recommended_group;
  AdwComboRow *service;
  AdwComboRow *kind;
  GtkSwitch *fitting;
  GtkWidget *nothing;
  GtkLinkButton *terms;

  GPtrArray *groups;              /* owned; borrowed AdwPreferencesGroup, in the order of rows */
  GPtrArray *rows;                /* owned; borrowed GlossCatalogueRow */
  GlossCatalogueRow *recommended; /* or NULL */
  GlossModelsSurvey *survey;      /* owned; or NULL before the first */
  GlossModelJobs *jobs;           /* owned reference */
};

G_DEFINE_FINAL_TYPE (GlossCataloguePage, gloss_catalogue_page, ADW_TYPE_PREFERENCES_PAGE)

/* As the rows of the two lists stand in catalogue-page.ui. */
static const GlossSourceKind services[] = { GLOSS_SOURCE_HUGGING_FACE, GLOSS_SOURCE_KAGGLE };
static const char *const kinds[] = { "mix", "pt", NULL };

static void
get (GlossCatalogueRow *row, GlossCataloguePage *page)
{
  gloss_get_model (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (page))), page->jobs,
                   gloss_catalogue_row_get_entry (row),
                   services[adw_combo_row_get_selected (page->service)]);
}

static GlossCatalogueRow *
add_row (GlossCataloguePage *page, AdwPreferencesGroup *group, const GlossCatalogueEntry *entry)
{
  GlossCatalogueRow *row = gloss_catalogue_row_new (entry);

  g_signal_connect_object (row, "wanted", G_CALLBACK (get), page, 0);
  adw_preferences_group_add (group, GTK_WIDGET (row));
  return row;
}

static gboolean
is_wanted (GlossCataloguePage *page, GlossCatalogueRow *row)
{
  const char *kind = kinds[adw_combo_row_get_selected (page->kind)];

  return (!kind || strcmp (gloss_catalogue_row_get_entry (row)->kind, kind) == 0)
         && (!gtk_switch_get_active (page->fitting) || gloss_catalogue_row_fits (row));
}

static void
show_recommended (GlossCataloguePage *page, GlossSourceKind kind)
{
  const GlossCatalogueEntry *entry = gloss_catalogue_recommend (page->survey->free_memory_bytes);

  if (page->recommended && gloss_catalogue_row_get_entry (page->recommended) != entry)
    {
      adw_preferences_group_remove (page->recommended_group, GTK_WIDGET (page->recommended));
      page->recommended = NULL;
    }
  if (!page->recommended)
    {
      g_autofree char *title = g_strdup_printf (
          "%s %s, %u px", entry->family == 1 ? "PaliGemma" : "PaliGemma 2",
          strcmp (entry->size, "3b") == 0 ? "3B" : entry->size, entry->image_size_px);

      page->recommended = add_row (page, page->recommended_group, entry);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->recommended), title);
    }
  gloss_catalogue_row_show (page->recommended, kind, page->survey, page->jobs);
}

static void
show (GlossCataloguePage *page)
{
  GlossSourceKind kind = services[adw_combo_row_get_selected (page->service)];
  gboolean has_any = FALSE;

  if (!page->survey)
    return;
  show_recommended (page, kind);
  for (guint i = 0; i < page->groups->len; i++)
    gtk_widget_set_visible (g_ptr_array_index (page->groups, i), FALSE);
  for (guint i = 0; i < page->rows->len; i++)
    {
      GlossCatalogueRow *row = g_ptr_array_index (page->rows, i);
      gboolean is_shown;

      gloss_catalogue_row_show (row, kind, page->survey, page->jobs);
      is_shown = is_wanted (page, row);
      has_any |= is_shown;
      gtk_widget_set_visible (GTK_WIDGET (row), is_shown);
      if (is_shown)
        gtk_widget_set_visible (
            gtk_widget_get_ancestor (GTK_WIDGET (row), ADW_TYPE_PREFERENCES_GROUP), TRUE);
    }
  gtk_widget_set_visible (page->nothing, !has_any);
}

static AdwPreferencesGroup *
add_group (GlossCataloguePage *page, const GlossCatalogueEntry *entry)
{
  g_autofree char *size = g_ascii_strup (entry->size, -1);
  g_autofree char *title =
      g_strdup_printf ("%s %s", entry->family == 1 ? "PaliGemma" : "PaliGemma 2", size);
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  g_ptr_array_add (page->groups, group);
  return ADW_PREFERENCES_GROUP (group);
}

static void
add_family (GlossCataloguePage *page, guint family)
{
  AdwPreferencesGroup *group = NULL;
  guint n;
  const GlossCatalogueEntry *entries = gloss_catalogue_get (&n);

  for (guint i = 0; i < n; i++)
    {
      const GlossCatalogueEntry *entry = &entries[i];

      if (entry->family != family)
        continue;
      if (!group || entry->family != entry[-1].family || strcmp (entry->size, entry[-1].size) != 0)
        group = add_group (page, entry);
      g_ptr_array_add (page->rows, add_row (page, group, entry));
    }
}

static void
gloss_catalogue_page_dispose (GObject *object)
{
  GlossCataloguePage *page = GLOSS_CATALOGUE_PAGE (object);

  g_clear_object (&page->jobs);
  g_clear_pointer (&page->survey, gloss_models_survey_free);
  g_clear_pointer (&page->groups, g_ptr_array_unref);
  g_clear_pointer (&page->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (gloss_catalogue_page_parent_class)->dispose (object);
}

static void
gloss_catalogue_page_class_init (GlossCataloguePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_catalogue_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/catalogue-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossCataloguePage, recommended_group);
  gtk_widget_class_bind_template_child (widget_class, GlossCataloguePage, service);
  gtk_widget_class_bind_template_child (widget_class, GlossCataloguePage, kind);
  gtk_widget_class_bind_template_child (widget_class, GlossCataloguePage, fitting);
  gtk_widget_class_bind_template_child (widget_class, GlossCataloguePage, nothing);
  gtk_widget_class_bind_template_child (widget_class, GlossCataloguePage, terms);
}

static void
gloss_catalogue_page_init (GlossCataloguePage *page)
{
  page->groups = g_ptr_array_new ();
  page->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (page));
  gtk_link_button_set_uri (page->terms, gloss_catalogue_get_terms_page ());
  add_family (page, 2); /* the newest first */
  add_family (page, 1);
  g_signal_connect_swapped (page->service, "notify::selected", G_CALLBACK (show), page);
  g_signal_connect_swapped (page->kind, "notify::selected", G_CALLBACK (show), page);
  g_signal_connect_swapped (page->fitting, "notify::active", G_CALLBACK (show), page);
}

void
gloss_catalogue_page_set_up (GlossCataloguePage *page, GlossModelJobs *jobs)
{
  page->jobs = g_object_ref (jobs);
  /* a model that was asked for or given up has another button */
  g_signal_connect_object (gloss_model_jobs_get_list (jobs), "items-changed", G_CALLBACK (show),
                           page, G_CONNECT_SWAPPED);
}

void
gloss_catalogue_page_show (GlossCataloguePage *page, GlossModelsSurvey *survey)
{
  g_clear_pointer (&page->survey, gloss_models_survey_free);
  page->survey = survey;
  show (page);
}
