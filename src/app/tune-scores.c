/* How a fine-tuned model compares with its base, in figures on cards, and advice. */
#include "app/tune-scores.h"

#include "app/tune-figures.h"

#include <glib/gi18n.h>

struct _GlossTuneScores
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkFlowBox *figures;
  GtkLabel *advice;
};

G_DEFINE_FINAL_TYPE (GlossTuneScores, gloss_tune_scores, GTK_TYPE_WIDGET)

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_figure (GlossTuneScores *scores, const GlossTuneFigure *figure)
{
  static const char *const classes[] = {
    [GLOSS_TUNE_SAME] = "dim-label",
    [GLOSS_TUNE_BETTER] = "tune-better",
    [GLOSS_TUNE_WORSE] = "tune-worse",
  };
  GtkWidget *child = gtk_flow_box_child_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = make_label (figure->title, "caption");

  gtk_widget_add_css_class (title, "dim-label");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), make_label (figure->after, "title-3"));
  if (figure->before)
    {
      /* Translators: the value before fine-tuning, below that after it */
      g_autofree char *text = g_strdup_printf (_ ("before %s"), figure->before);
      GtkWidget *before = make_label (text, "caption");
      GtkWidget *verdict =
          make_label (figure->verdict_words,
                      figure->verdict == GLOSS_TUNE_SAME ? "caption" : "caption-heading");

      gtk_widget_add_css_class (before, "dim-label");
      gtk_widget_add_css_class (verdict, classes[figure->verdict]);
      gtk_box_append (GTK_BOX (box), before);
      gtk_box_append (GTK_BOX (box), verdict);
    }
  gtk_widget_add_css_class (box, "tune-figure");
  gtk_widget_add_css_class (box, "card");
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  figure->spoken, -1);
  gtk_flow_box_insert (scores->figures, child, -1);
}

void
gloss_tune_scores_set_report (GlossTuneScores *scores, json_t *report)
{
  g_autoptr (GPtrArray) figures = gloss_tune_figures_make (report);
  g_autoptr (GlossAdvice) advice = report ? gloss_tune_figures_advise (report) : NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (scores->figures))))
    gtk_flow_box_remove (scores->figures, child);
  for (guint i = 0; i < figures->len; i++)
    add_figure (scores, g_ptr_array_index (figures, i));
  gtk_label_set_text (scores->advice, advice ? advice->text : "");
  gtk_widget_set_visible (GTK_WIDGET (scores->advice), advice != NULL);
  gtk_widget_set_visible (GTK_WIDGET (scores), figures->len > 0);
}

static void
gloss_tune_scores_dispose (GObject *object)
{
  GlossTuneScores *scores = GLOSS_TUNE_SCORES (object);

  g_clear_pointer (&scores->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_tune_scores_parent_class)->dispose (object);
}

static void
gloss_tune_scores_class_init (GlossTuneScoresClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_tune_scores_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gloss_tune_scores_init (GlossTuneScores *scores)
{
  scores->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  scores->figures = GTK_FLOW_BOX (gtk_flow_box_new ());
  gtk_flow_box_set_selection_mode (scores->figures, GTK_SELECTION_NONE);
  gtk_flow_box_set_homogeneous (scores->figures, TRUE);
  gtk_flow_box_set_max_children_per_line (scores->figures, 4);
  gtk_flow_box_set_column_spacing (scores->figures, 6);
  gtk_flow_box_set_row_spacing (scores->figures, 6);
  gtk_widget_add_css_class (GTK_WIDGET (scores->figures), "tune-figures");
  gtk_accessible_update_property (GTK_ACCESSIBLE (scores->figures), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How it compares with the base"), -1);
  scores->advice = GTK_LABEL (make_label ("", "failure"));
  gtk_box_append (GTK_BOX (scores->box), GTK_WIDGET (scores->figures));
  gtk_box_append (GTK_BOX (scores->box), GTK_WIDGET (scores->advice));
  gtk_widget_set_parent (scores->box, GTK_WIDGET (scores));
  gtk_widget_set_visible (GTK_WIDGET (scores), FALSE);
}
