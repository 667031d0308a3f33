/* What there is to say about data. */
#include "app/data-findings.h"

#include "app/chart-axis.h"
#include "app/tune-data-words.h"

#include <glib/gi18n.h>

struct _GlossDataFindings
{
  AdwPreferencesGroup parent_instance;

  GlossTuneData *data; /* owned reference */
  GPtrArray *shown;    /* owned GlossTuneFinding, or NULL */
  GPtrArray *rows;     /* owned; borrowed GtkWidget, in the group */
  AdwActionRow *look;  /* in the group, the last */
  GtkWidget *progress;
  GtkWidget *good;
  GtkButton *button;
};

enum
{
  OPEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossDataFindings, gloss_data_findings, ADW_TYPE_PREFERENCES_GROUP)

static void
open_list (AdwActionRow *row, GlossDataFindings *findings)
{
  g_signal_emit (findings, signals[OPEN], 0, g_object_get_data (G_OBJECT (row), "finding"));
}

static GtkWidget *
make_row (GlossDataFindings *findings, GlossTuneFinding *finding)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *arrow = g_object_new (GTK_TYPE_IMAGE, "icon-name", "go-next-symbolic",
                                   "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), finding->title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), finding->words);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "finding", finding);
  g_signal_connect (row, "activated", G_CALLBACK (open_list), findings);
  return row;
}

static GtkWidget *
make_caption_first_row (void)
{
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Caption _These First"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "data.caption-first");
  gtk_widget_set_tooltip_text (button, _ ("Opens the pictures without caption in the main window"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Caption These First"), -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "row-button");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), button);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE); /* the button is */
  return row;
}

static gboolean
are_same (GPtrArray *left, GPtrArray *right)
{
  if (!left || left->len != right->len)
    return FALSE;
  for (guint i = 0; i < left->len; i++)
    {
      const GlossTuneFinding *a = g_ptr_array_index (left, i), *b = g_ptr_array_index (right, i);

      if (a->named != b->named || g_strcmp0 (a->title, b->title) != 0)
        return FALSE;
    }
  return TRUE;
}

static void
add (GlossDataFindings *findings, GtkWidget *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (findings), row);
  g_ptr_array_add (findings->rows, row);
}

static void
update_rows (GlossDataFindings *findings)
{
  const GlossPairs *pairs = gloss_tune_data_get_pairs (findings->data);
  GPtrArray *list =
      gloss_tune_words_list_findings (pairs, gloss_tune_data_get_lengths (findings->data),
                                      gloss_tune_data_get_looks (findings->data));

  /* a row that stays keeps the focus */
  if (are_same (findings->shown, list))
    {
      g_ptr_array_unref (list);
      return;
    }
  for (guint i = 0; i < findings->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (findings),
                                  g_ptr_array_index (findings->rows, i));
  g_ptr_array_set_size (findings->rows, 0);
  g_clear_pointer (&findings->shown, g_ptr_array_unref);
  findings->shown = list;
  g_object_ref (findings->look);
  adw_preferences_group_remove (ADW_PREFERENCES_GROUP (findings), GTK_WIDGET (findings->look));
  for (guint i = 0; i < list->len; i++)
    {
      GlossTuneFinding *finding = g_ptr_array_index (list, i);

      add (findings, make_row (findings, finding));
      if (finding->named == pairs->problems[GLOSS_PAIRS_NO_CAPTION] && pairs->uncaptioned->len > 0)
        add (findings, make_caption_first_row ());
    }
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (findings), GTK_WIDGET (findings->look));
  g_object_unref (findings->look);
}

static char *
tell_progress (GlossTuneData *data)
{
  guint n_all, n_done = gloss_tune_data_get_n_looked (data, &n_all);
  g_autofree char *done = gloss_chart_format_count (n_done);
  g_autofree char *all = gloss_chart_format_count (n_all);

  return n_all > 0 ? g_strdup_printf (_ ("%s of %s"), done, all) : g_strdup ("");
}

static void
update_look (GlossDataFindings *findings)
{
  GlossTuneLookState state = gloss_tune_data_get_looks_state (findings->data);
  gboolean is_running = state == GLOSS_TUNE_LOOK_RUNNING;
  gboolean is_good = state == GLOSS_TUNE_LOOK_DONE && findings->shown->len == 0;
  g_autofree char *words = NULL;
  const char *title;

  if (is_running)
    {
      title = _ ("Looking at the Pictures");
      words = tell_progress (findings->data);
    }
  else if (state == GLOSS_TUNE_LOOK_DONE)
    {
      title = is_good ? _ ("Nothing Is Wrong") : _ ("All Pictures Were Looked At");
      words =
          g_strdup (is_good ? _ ("Each picture can be read and has a caption of its own.") : "");
    }
  else
    {
      title = _ ("Not All Pictures Were Looked At");
      words = g_strdup (_ ("Training would stop at one that cannot be read."));
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (findings->look), title);
  adw_action_row_set_subtitle (findings->look, words);
  gtk_widget_set_visible (findings->progress, is_running);
  gtk_spinner_set_spinning (GTK_SPINNER (findings->progress), is_running);
  gtk_widget_set_visible (findings->good, state == GLOSS_TUNE_LOOK_DONE);
  gtk_widget_set_visible (GTK_WIDGET (findings->button), state != GLOSS_TUNE_LOOK_DONE);
  gtk_button_set_label (findings->button, is_running ? _ ("Skip") : _ ("Look"));
}

void
gloss_data_findings_show (GlossDataFindings *findings)
{
  if (gloss_tune_data_get_state (findings->data) != GLOSS_TUNE_DATA_READY)
    return;
  update_rows (findings);
  update_look (findings);
}

static void
skip_or_look (GlossDataFindings *findings)
{
  if (gloss_tune_data_get_looks_state (findings->data) == GLOSS_TUNE_LOOK_RUNNING)
    gloss_tune_data_stop_looking (findings->data);
  else
    gloss_tune_data_look (findings->data);
}

void
gloss_data_findings_set_data (GlossDataFindings *findings, GlossTuneData *data)
{
  findings->data = g_object_ref (data);
}

static void
gloss_data_findings_dispose (GObject *object)
{
  GlossDataFindings *findings = GLOSS_DATA_FINDINGS (object);

  g_clear_object (&findings->data);
  g_clear_pointer (&findings->shown, g_ptr_array_unref);
  g_clear_pointer (&findings->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (gloss_data_findings_parent_class)->dispose (object);
}

static void
gloss_data_findings_class_init (GlossDataFindingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_data_findings_dispose;
  signals[OPEN] = g_signal_new ("open", GLOSS_TYPE_DATA_FINDINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
gloss_data_findings_init (GlossDataFindings *findings)
{
  GtkWidget *button = gtk_button_new ();

  findings->rows = g_ptr_array_new ();
  findings->look = ADW_ACTION_ROW (adw_action_row_new ());
  findings->progress = gtk_spinner_new ();
  findings->good = g_object_new (GTK_TYPE_IMAGE, "icon-name", "object-select-symbolic",
                                 "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  findings->button = GTK_BUTTON (button);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (findings->good, "success");
  adw_action_row_add_prefix (findings->look, findings->progress);
  adw_action_row_add_prefix (findings->look, findings->good);
  adw_action_row_add_suffix (findings->look, button);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (skip_or_look), findings);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (findings), _ ("What Was Found"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (findings), GTK_WIDGET (findings->look));
}
