/* The held-out pictures with what base and fine-tuned model say, worst first. */
#include "app/tune-comparison.h"

#include "app/thumbnailer.h"
#include "app/tune-picture-row.h"

#include <glib/gi18n.h>

/* As many as show how it went; a hundred at once would keep the window from its first frame. */
#define N_FIRST 6
#define N_THREADS 1
#define MAX_BYTES (16 << 20)

struct _GlossTuneComparison
{
  GtkWidget parent_instance;

  GtkWidget *box; /* owned as a child */
  GtkLabel *explanation;
  GtkListBox *pictures;
  GtkButton *show_all;

  GlossThumbnailer *thumbnailer; /* owned */
  json_t *report;                /* owned reference, or NULL */
};

G_DEFINE_FINAL_TYPE (GlossTuneComparison, gloss_tune_comparison, GTK_TYPE_WIDGET)

static const char *
get_base_name (GlossTuneComparison *comparison)
{
  json_t *base = json_object_get (comparison->report, "base");
  const char *name = json_string_value (json_object_get (base, "model"));

  return name && *name ? name : _ ("Base");
}

static json_t *
get_pictures (GlossTuneComparison *comparison)
{
  return json_object_get (comparison->report, "pictures");
}

/* Those from @from on until there are @n. */
static void
add_pictures (GlossTuneComparison *comparison, gsize from, gsize n)
{
  json_t *pictures = get_pictures (comparison);

  for (gsize i = from; i < MIN (n, json_array_size (pictures)); i++)
    gtk_list_box_append (comparison->pictures,
                         gloss_tune_picture_row_new (json_array_get (pictures, i),
                                                     get_base_name (comparison),
                                                     comparison->thumbnailer, (guint) i));
}

static void
show_all (GlossTuneComparison *comparison)
{
  GtkListBoxRow *next;

  add_pictures (comparison, N_FIRST, json_array_size (get_pictures (comparison)));
  next = gtk_list_box_get_row_at_index (comparison->pictures, N_FIRST);
  if (next)
    gtk_widget_grab_focus (GTK_WIDGET (next));
  gtk_widget_set_visible (GTK_WIDGET (comparison->show_all), FALSE);
}

static void
explain (GlossTuneComparison *comparison)
{
  json_int_t n_failed =
      json_integer_value (json_object_get (comparison->report, "pictures_failed"));
  g_autofree char *failed = NULL;
  g_autofree char *text = NULL;

  if (n_failed > 0)
    failed = g_strdup_printf (ngettext (" %u picture could not be read.",
                                        " %u pictures could not be read.", (gulong) n_failed),
                              (guint) MIN (n_failed, G_MAXINT));
  text = g_strdup_printf (_ ("The worst first. Words that went are <s>struck through</s>, new ones "
                             "are <b><u>underlined</u></b>.%s"),
                          failed ? failed : "");
  gtk_label_set_markup (comparison->explanation, text);
}

static void
fill (GlossTuneComparison *comparison)
{
  gsize n = json_array_size (get_pictures (comparison));
  g_autofree char *label = g_strdup_printf (_ ("Show All %u Pictures"), (guint) n);

  explain (comparison);
  add_pictures (comparison, 0, N_FIRST);
  gtk_button_set_label (comparison->show_all, label);
  gtk_widget_set_visible (GTK_WIDGET (comparison->show_all), n > N_FIRST);
}

void
gloss_tune_comparison_set_report (GlossTuneComparison *comparison, json_t *report)
{
  GtkWidget *child;

  if (report == comparison->report)
    return;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (comparison->pictures))))
    gtk_list_box_remove (comparison->pictures, child);
  g_clear_pointer (&comparison->report, json_decref);
  comparison->report = report ? json_incref (report) : NULL;
  if (report)
    fill (comparison);
  gtk_widget_set_visible (GTK_WIDGET (comparison), report != NULL);
}

static void
gloss_tune_comparison_dispose (GObject *object)
{
  GlossTuneComparison *comparison = GLOSS_TUNE_COMPARISON (object);

  /* the rows have requests that end with them */
  g_clear_pointer (&comparison->box, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_tune_comparison_parent_class)->dispose (object);
}

static void
gloss_tune_comparison_finalize (GObject *object)
{
  GlossTuneComparison *comparison = GLOSS_TUNE_COMPARISON (object);

  gloss_thumbnailer_free (comparison->thumbnailer);
  g_clear_pointer (&comparison->report, json_decref);
  G_OBJECT_CLASS (gloss_tune_comparison_parent_class)->finalize (object);
}

static void
gloss_tune_comparison_class_init (GlossTuneComparisonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_tune_comparison_dispose;
  G_OBJECT_CLASS (klass)->finalize = gloss_tune_comparison_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/tune-comparison.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossTuneComparison, box);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneComparison, explanation);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneComparison, pictures);
  gtk_widget_class_bind_template_child (widget_class, GlossTuneComparison, show_all);
}

static void
gloss_tune_comparison_init (GlossTuneComparison *comparison)
{
  comparison->thumbnailer = gloss_thumbnailer_new (N_THREADS, MAX_BYTES);
  gtk_widget_init_template (GTK_WIDGET (comparison));
  g_signal_connect_swapped (comparison->show_all, "clicked", G_CALLBACK (show_all), comparison);
  gtk_widget_set_visible (GTK_WIDGET (comparison), FALSE);
}
