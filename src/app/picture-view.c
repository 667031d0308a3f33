/* The picture, large. */
#include "app/picture-view.h"

struct _GlossPictureView
{
  GtkWidget parent_instance;

  GtkWidget *picture; /* owned as a child */
};

enum
{
  BOX_LIT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossPictureView, gloss_picture_view, GTK_TYPE_WIDGET)

static void
gloss_picture_view_dispose (GObject *object)
{
  GlossPictureView *view = GLOSS_PICTURE_VIEW (object);

  g_clear_pointer (&view->picture, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_picture_view_parent_class)->dispose (object);
}

static void
gloss_picture_view_class_init (GlossPictureViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gloss_picture_view_dispose;
  signals[BOX_LIT] = g_signal_new ("box-lit", GLOSS_TYPE_PICTURE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
gloss_picture_view_init (GlossPictureView *view)
{
  view->picture = gtk_picture_new ();
  gtk_widget_set_parent (view->picture, GTK_WIDGET (view));
}

void
gloss_picture_view_set_image (GlossPictureView *view, GlossSharedImage *image)
{
  g_autoptr (GdkTexture) texture = image ? gloss_shared_image_make_texture (image) : NULL;

  gtk_picture_set_paintable (GTK_PICTURE (view->picture), GDK_PAINTABLE (texture));
}

void
gloss_picture_view_set_words (GlossPictureView *view, const char *name, const char *caption)
{
}

void
gloss_picture_view_set_boxes (GlossPictureView *view, GPtrArray *boxes)
{
}

void
gloss_picture_view_set_lit_box (GlossPictureView *view, int lit)
{
}

void
gloss_picture_view_set_model_side_px (GlossPictureView *view, guint side_px)
{
}

void
gloss_picture_view_fit (GlossPictureView *view)
{
}

void
gloss_picture_view_zoom_to_full (GlossPictureView *view)
{
}

void
gloss_picture_view_zoom_in (GlossPictureView *view)
{
}

void
gloss_picture_view_zoom_out (GlossPictureView *view)
{
}
