/* A held-out picture with what two models say about it. */
#include "app/tune-picture-row.h"

#include "app/pair-box.h"
#include "app/word-marks.h"

#include <glib/gi18n.h>

#define PICTURE_PX 88
#define SYMBOL_PX 32
/* What one picture was called by several people is shown so often at most. */
#define MAX_REFERENCES 5

struct _GlossTunePictureRow
{
  GtkListBoxRow parent_instance;

  GtkImage *image;
  GlossThumbnailer *thumbnailer;  /* borrowed */
  GlossThumbnailRequest *request; /* borrowed, or NULL */
};

G_DEFINE_FINAL_TYPE (GlossTunePictureRow, gloss_tune_picture_row, GTK_TYPE_LIST_BOX_ROW)

static void
show_texture (GlossTunePictureRow *row, GdkTexture *texture)
{
  if (texture)
    gtk_image_set_from_paintable (row->image, GDK_PAINTABLE (texture));
  else
    gtk_image_set_from_icon_name (row->image, "image-missing-symbolic");
  gtk_image_set_pixel_size (row->image, texture ? PICTURE_PX : SYMBOL_PX);
}

static void
thumbnail_made (GdkTexture *texture, gpointer data)
{
  GlossTunePictureRow *row = data;

  row->request = NULL;
  show_texture (row, texture);
}

static void
ask_thumbnail (GlossTunePictureRow *row, const char *path, guint position)
{
  guint size_px = PICTURE_PX * (guint) gtk_widget_get_scale_factor (GTK_WIDGET (row));
  GdkTexture *texture = gloss_thumbnailer_look_up (row->thumbnailer, path, size_px, size_px);

  if (texture)
    show_texture (row, texture);
  else
    row->request = gloss_thumbnailer_request (row->thumbnailer, path, size_px, size_px, position,
                                              thumbnail_made, row);
}

static GtkWidget *
make_text (const char *text, gboolean is_markup)
{
  GtkWidget *label = gtk_label_new (NULL);

  if (is_markup)
    gtk_label_set_markup (GTK_LABEL (label), text);
  else
    gtk_label_set_text (GTK_LABEL (label), text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  return label;
}

/* @title small above @text. */
static GtkWidget *
make_part (const char *title, const char *text, gboolean is_markup)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *head = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (head), 0);
  gtk_label_set_ellipsize (GTK_LABEL (head), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (head, "caption");
  gtk_widget_add_css_class (head, "dim-label");
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), make_text (text, is_markup));
  return box;
}

static char *
join_references (json_t *picture)
{
  json_t *references = json_object_get (picture, "references"), *reference;
  GString *text = g_string_new (NULL);
  gsize i;

  json_array_foreach (references, i, reference)
  {
    if (i == MAX_REFERENCES)
      break;
    if (json_is_string (reference))
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "",
                              json_string_value (reference));
  }
  return g_string_free (text, FALSE);
}

static const char *
get_text (json_t *picture, const char *who)
{
  return json_string_value (json_object_get (json_object_get (picture, who), "text"));
}

/* "Loss 3.21 → 1.24", or NULL. */
static char *
describe_loss (json_t *picture)
{
  json_t *after = json_object_get (json_object_get (picture, "model"), "loss");
  json_t *before = json_object_get (json_object_get (picture, "base"), "loss");

  if (!json_is_number (after))
    return NULL;
  if (!json_is_number (before))
    return g_strdup_printf (_ ("Loss %.2f"), json_number_value (after));
  return g_strdup_printf (_ ("Loss %.2f → %.2f"), json_number_value (before),
                          json_number_value (after));
}

static void
add_answers (GtkBox *box, json_t *picture, const char *base_name, GString *spoken)
{
  const char *before = get_text (picture, "base"), *after = get_text (picture, "model");
  const char *failure = json_string_value (json_object_get (picture, "failure"));
  /* Translators: the model that fine-tuning made, beside the name of its base */
  const char *title = _ ("Fine-tuned");

  if (before && after)
    {
      g_autoptr (GArray) diff = gloss_word_diff_make (before, after);
      g_autofree char *gone = gloss_word_marks_make_markup (diff, GLOSS_WORDS_GONE);
      g_autofree char *new = gloss_word_marks_make_markup (diff, GLOSS_WORDS_NEW);
      g_autofree char *changes = gloss_word_marks_describe (diff);

      gtk_box_append (box, gloss_pair_box_new (make_part (base_name, gone, TRUE),
                                               make_part (title, new, TRUE)));
      g_string_append_printf (spoken, "\n%s: %s\n%s: %s\n%s", base_name, before, title, after,
                              changes);
      return;
    }
  if (!after)
    after = failure ? failure : _ ("No caption");
  gtk_box_append (box, make_part (title, after, FALSE));
  g_string_append_printf (spoken, "\n%s: %s", title, after);
}

static void
fill (GlossTunePictureRow *row, json_t *picture, const char *base_name, guint position)
{
  const char *path = json_string_value (json_object_get (picture, "image"));
  g_autofree char *name = path ? g_path_get_basename (path) : g_strdup ("");
  g_autofree char *reference = join_references (picture);
  g_autofree char *loss = describe_loss (picture);
  GString *spoken = g_string_new (name);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  row->image = GTK_IMAGE (gtk_image_new ());
  gtk_widget_set_size_request (GTK_WIDGET (row->image), PICTURE_PX, PICTURE_PX);
  gtk_widget_set_valign (GTK_WIDGET (row->image), GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->image), name);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (row->image));
  gtk_widget_set_hexpand (words, TRUE);
  /* Translators: the caption that a person wrote */
  gtk_box_append (GTK_BOX (words), make_part (_ ("Written"), reference, FALSE));
  g_string_append_printf (spoken, "\n%s: %s", _ ("Written"), reference);
  add_answers (GTK_BOX (words), picture, base_name, spoken);
  if (loss)
    {
      GtkWidget *label = make_text (loss, FALSE);

      gtk_widget_add_css_class (label, "caption");
      gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_add_css_class (label, "numeric");
      gtk_box_append (GTK_BOX (words), label);
      g_string_append_printf (spoken, "\n%s", loss);
    }
  gtk_box_append (GTK_BOX (box), words);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken->str,
                                  -1);
  g_string_free (spoken, TRUE);
  if (path)
    ask_thumbnail (row, path, position);
  else
    show_texture (row, NULL);
}

static void
gloss_tune_picture_row_dispose (GObject *object)
{
  GlossTunePictureRow *row = GLOSS_TUNE_PICTURE_ROW (object);

  if (row->request)
    gloss_thumbnailer_cancel (row->thumbnailer, row->request);
  row->request = NULL;
  G_OBJECT_CLASS (gloss_tune_picture_row_parent_class)->dispose (object);
}

static void
gloss_tune_picture_row_class_init (GlossTunePictureRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_tune_picture_row_dispose;
}

static void
gloss_tune_picture_row_init (GlossTunePictureRow *row)
{
}

GtkWidget *
gloss_tune_picture_row_new (json_t *picture, const char *base_name, GlossThumbnailer *thumbnailer,
                            guint position)
{
  GlossTunePictureRow *row =
      g_object_new (GLOSS_TYPE_TUNE_PICTURE_ROW, "activatable", FALSE, "selectable", FALSE, NULL);

  row->thumbnailer = thumbnailer;
  gtk_widget_add_css_class (GTK_WIDGET (row), "tune-picture");
  fill (row, picture, base_name, position);
  return GTK_WIDGET (row);
}
