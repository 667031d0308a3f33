/* How long captions are, as bars; the figures beside them are what a screen reader meets. */
#include "app/length-bars.h"

#include "app/chart-axis.h"
#include "app/tune-data-words.h"

#include <glib/gi18n.h>

struct _GlossLengthBars
{
  AdwPreferencesGroup parent_instance;

  GtkWidget *grid; /* in the group */
  GtkWidget *titles[GLOSS_DATA_N_LENGTHS];
  GtkWidget *bars[GLOSS_DATA_N_LENGTHS];
  GtkWidget *counts[GLOSS_DATA_N_LENGTHS];
};

G_DEFINE_FINAL_TYPE (GlossLengthBars, gloss_length_bars, ADW_TYPE_PREFERENCES_GROUP)

static void
fill (GlossLengthBars *bars, const GlossDataReport *report)
{
  g_autofree char *words = gloss_tune_words_describe_lengths (report);
  guint most = 1, last = 0;

  for (guint i = 0; i < GLOSS_DATA_N_LENGTHS; i++)
    {
      most = MAX (most, report->lengths[i]);
      if (report->lengths[i] > 0)
        last = i;
    }
  for (guint i = 0; i < GLOSS_DATA_N_LENGTHS; i++)
    {
      g_autofree char *count = gloss_chart_format_count (report->lengths[i]);

      gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bars->bars[i]),
                                     (double) report->lengths[i] / most);
      gtk_label_set_text (GTK_LABEL (bars->counts[i]), count);
      gtk_widget_set_visible (bars->titles[i], i <= last);
      gtk_widget_set_visible (bars->bars[i], i <= last);
      gtk_widget_set_visible (bars->counts[i], i <= last);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (bars->grid), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);
}

static char *
describe (GlossTuneData *data)
{
  const GlossDataReport *report = gloss_tune_data_get_lengths (data);

  switch (gloss_tune_data_get_lengths_state (data))
    {
    case GLOSS_TUNE_LOOK_WAITING:
      return g_strdup (_ ("Counted once a model is chosen: each cuts words in its own way."));
    case GLOSS_TUNE_LOOK_RUNNING:
      return g_strdup (_ ("Counting…"));
    case GLOSS_TUNE_LOOK_DONE:
      return g_strdup_printf (_ ("In tokens, with the prompt; %.1f on average."),
                              report->mean_tokens);
    default:
      return g_strdup (_ ("Not known: the words of this model cannot be read."));
    }
}

void
gloss_length_bars_show (GlossLengthBars *bars, GlossTuneData *data)
{
  g_autofree char *words = describe (data);
  gboolean is_known = gloss_tune_data_get_lengths_state (data) == GLOSS_TUNE_LOOK_DONE;

  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (bars), words);
  gtk_widget_set_visible (bars->grid, is_known);
  if (is_known)
    fill (bars, gloss_tune_data_get_lengths (data));
}

static void
gloss_length_bars_class_init (GlossLengthBarsClass *klass)
{
}

static void
add_line (GlossLengthBars *bars, guint index)
{
  g_autofree char *name = gloss_tune_words_name_length (index);
  GtkWidget *title = gtk_label_new (name);

  bars->titles[index] = title;
  bars->bars[index] = g_object_new (GTK_TYPE_PROGRESS_BAR, "accessible-role",
                                    GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  bars->counts[index] = gtk_label_new ("");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (bars->counts[index]), 1);
  gtk_widget_add_css_class (title, "numeric");
  gtk_widget_add_css_class (bars->counts[index], "numeric");
  gtk_widget_set_hexpand (bars->bars[index], TRUE);
  gtk_widget_set_valign (bars->bars[index], GTK_ALIGN_CENTER);
  gtk_grid_attach (GTK_GRID (bars->grid), title, 0, (int) index, 1, 1);
  gtk_grid_attach (GTK_GRID (bars->grid), bars->bars[index], 1, (int) index, 1, 1);
  gtk_grid_attach (GTK_GRID (bars->grid), bars->counts[index], 2, (int) index, 1, 1);
}

static void
gloss_length_bars_init (GlossLengthBars *bars)
{
  bars->grid = g_object_new (GTK_TYPE_GRID, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
  gtk_grid_set_column_spacing (GTK_GRID (bars->grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (bars->grid), 6);
  gtk_widget_add_css_class (bars->grid, "card");
  gtk_widget_add_css_class (bars->grid, "length-bars");
  for (guint i = 0; i < GLOSS_DATA_N_LENGTHS; i++)
    add_line (bars, i);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (bars), _ ("Length of the Captions"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (bars), bars->grid);
}
