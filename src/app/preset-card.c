/* A way to fine-tune, as a large choice. */
#include "app/preset-card.h"

#include <glib/gi18n.h>

struct _GlossPresetCard
{
  GtkCheckButton parent_instance;

  GlossPresetId preset;
  GtkLabel *title; /* in it, as the next */
  GtkLabel *figures;
};

G_DEFINE_FINAL_TYPE (GlossPresetCard, gloss_preset_card, GTK_TYPE_CHECK_BUTTON)

static const char *fitting_classes[] = { "numeric", "caption-heading", NULL };
static const char *unfitting_classes[] = { "numeric", "caption", "warning", NULL };

static GtkLabel *
add_label (GtkBox *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

void
gloss_preset_card_show (GlossPresetCard *card, const char *title, const char *figures,
                        gboolean fits)
{
  const char *sentence = _ (gloss_preset_get (card->preset)->sentence);
  g_autofree char *words = g_strdup_printf ("%s %s", sentence, figures);

  gtk_label_set_text (card->title, title);
  gtk_label_set_text (card->figures, figures);
  gtk_accessible_update_property (GTK_ACCESSIBLE (card), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  gtk_widget_set_css_classes (GTK_WIDGET (card->figures),
                              fits ? fitting_classes : unfitting_classes);
}

GlossPresetId
gloss_preset_card_get_preset (GlossPresetCard *card)
{
  return card->preset;
}

static void
gloss_preset_card_class_init (GlossPresetCardClass *klass)
{
}

static void
gloss_preset_card_init (GlossPresetCard *card)
{
  gtk_widget_add_css_class (GTK_WIDGET (card), "card");
  gtk_widget_add_css_class (GTK_WIDGET (card), "preset-card");
}

GtkWidget *
gloss_preset_card_new (GlossPresetId preset)
{
  GlossPresetCard *card =
      g_object_new (GLOSS_TYPE_PRESET_CARD, "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  const GlossPreset *p = gloss_preset_get (preset);

  card->preset = preset;
  gtk_widget_set_hexpand (box, TRUE);
  card->title = add_label (GTK_BOX (box), _ (p->title), "heading");
  add_label (GTK_BOX (box), _ (p->sentence), "preset-sentence");
  card->figures = add_label (GTK_BOX (box), "", NULL);
  gtk_check_button_set_child (GTK_CHECK_BUTTON (card), box);
  return GTK_WIDGET (card);
}
