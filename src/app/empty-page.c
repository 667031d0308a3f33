/* What the window shows before there are pictures. */
#include "app/empty-page.h"

#include "dataset/picture-folder.h"
#include "library/model-place.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define MAX_SAMPLES 6
#define SAMPLE_SIZE_PX 88

struct _GlossEmptyPage
{
  GtkWidget parent_instance;

  GtkWidget *status; /* owned as a child */
  GtkFlowBox *samples;
  GtkWidget *samples_box;
};

enum
{
  SAMPLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossEmptyPage, gloss_empty_page, GTK_TYPE_WIDGET)

static void
choose_sample (GtkButton *button, GlossEmptyPage *page)
{
  g_signal_emit (page, signals[SAMPLE], 0, g_object_get_data (G_OBJECT (button), "file"));
}

static void
ignore_unreadable (const char *path, int error_number, gpointer user_data)
{
}

/* "03-a-pineapple.png" is read out as "a pineapple". */
static char *
make_name (const char *path)
{
  g_autofree char *base = g_filename_display_basename (path);
  char *dot = strrchr (base, '.');
  const char *words = base + strspn (base, "0123456789-");

  if (dot)
    *dot = '\0';
  g_strdelimit (base, "-", ' ');
  return g_strdup (words);
}

/* The middle of the picture, as a square; NULL when it cannot be read. */
static GdkTexture *
load_square (const char *path)
{
  g_autoptr (GdkPixbuf) whole = gdk_pixbuf_new_from_file (path, NULL);
  g_autoptr (GdkPixbuf) square = NULL;
  g_autoptr (GdkPixbuf) small = NULL;
  int side;

  if (!whole)
    return NULL;
  side = MIN (gdk_pixbuf_get_width (whole), gdk_pixbuf_get_height (whole));
  square = gdk_pixbuf_new_subpixbuf (whole, (gdk_pixbuf_get_width (whole) - side) / 2,
                                     (gdk_pixbuf_get_height (whole) - side) / 2, side, side);
  /* twice the size, for screens that need it */
  small =
      gdk_pixbuf_scale_simple (square, 2 * SAMPLE_SIZE_PX, 2 * SAMPLE_SIZE_PX, GDK_INTERP_BILINEAR);
  return gdk_texture_new_for_pixbuf (small);
}

static void
add_sample (GlossEmptyPage *page, const char *path)
{
  g_autofree char *name = make_name (path);
  g_autoptr (GdkTexture) texture = load_square (path);
  GtkWidget *button = gtk_button_new ();
  GtkWidget *picture = gtk_image_new_from_paintable (GDK_PAINTABLE (texture));
  GtkWidget *child;

  gtk_image_set_pixel_size (GTK_IMAGE (picture), SAMPLE_SIZE_PX);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (picture, "thumbnail");
  gtk_button_set_child (GTK_BUTTON (button), picture);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "sample");
  gtk_widget_set_tooltip_text (button, _ ("Caption This Picture"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (button), "file", g_file_new_for_path (path), g_object_unref);
  g_signal_connect (button, "clicked", G_CALLBACK (choose_sample), page);
  gtk_flow_box_append (page->samples, button);
  child = gtk_widget_get_parent (button);
  gtk_widget_set_focusable (child, FALSE); /* the button is */
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
fill_samples (GlossEmptyPage *page)
{
  g_autofree char *demo = gloss_model_place_get_folder (GLOSS_MODEL_PLACE_DEMO);
  g_autofree char *folder = g_build_filename (demo, "pictures", NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  gloss_picture_folder_append (paths, folder, FALSE, MAX_SAMPLES, ignore_unreadable, NULL, NULL);
  for (guint i = 0; i < paths->len; i++)
    add_sample (page, g_ptr_array_index (paths, i));
  gtk_widget_set_visible (page->samples_box, paths->len > 0);
}

static void
gloss_empty_page_dispose (GObject *object)
{
  GlossEmptyPage *page = GLOSS_EMPTY_PAGE (object);

  g_clear_pointer (&page->status, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_empty_page_parent_class)->dispose (object);
}

static void
gloss_empty_page_class_init (GlossEmptyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = gloss_empty_page_dispose;
  signals[SAMPLE] = g_signal_new ("sample", GLOSS_TYPE_EMPTY_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_FILE);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/gloss/Gloss/empty-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GlossEmptyPage, status);
  gtk_widget_class_bind_template_child (widget_class, GlossEmptyPage, samples);
  gtk_widget_class_bind_template_child (widget_class, GlossEmptyPage, samples_box);
}

static void
gloss_empty_page_init (GlossEmptyPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  fill_samples (page);
}
