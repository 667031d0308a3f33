/*
 * The whole window as a place to drop pictures on.
 *
 * A file manager offers files as a portal transfer and as text/uri-list, a browser offers image
 * data and often an address of the web. GTK prefers the portal; where that fails (the document
 * portal of Debian 12 passes no folders) the list is asked for, which names paths that are good
 * unless we are in a sandbox.
 */
#include "app/drop-area.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define MAX_LIST_BYTES (4 << 20)

struct _GlossDropArea
{
  GtkWidget parent_instance;

  GtkWidget *child;    /* owned as a child */
  GtkWidget *overlay;  /* owned as a child */
  GtkWidget *revealer; /* in the overlay; hidden when it is not in use, also from screen readers */
  GtkLabel *title;     /* in the revealer, as the hint */
  GtkLabel *hint;
};

enum
{
  PROP_0,
  PROP_CHILD,
  N_PROPS
};

enum
{
  FILES,
  TEXTURE,
  REFUSED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GlossDropArea, gloss_drop_area, GTK_TYPE_WIDGET)

/* What is given: a drop, or a clipboard, with the area that takes it. */
typedef struct
{
  GlossDropArea *area;     /* owned reference */
  GdkDrop *drop;           /* owned reference, or NULL */
  GdkClipboard *clipboard; /* owned reference, or NULL */
  GByteArray *list;        /* owned; as much of it as has come, or NULL */
  gboolean is_done;
} Gift;

static GdkContentFormats *
get_formats (const Gift *gift)
{
  return gift->drop ? gdk_drop_get_formats (gift->drop)
                    : gdk_clipboard_get_formats (gift->clipboard);
}

static void
gift_free (Gift *gift)
{
  if (gift->drop && !gift->is_done)
    gdk_drop_finish (gift->drop, 0);
  g_clear_object (&gift->drop);
  g_clear_object (&gift->clipboard);
  g_clear_pointer (&gift->list, g_byte_array_unref);
  g_object_unref (gift->area);
  g_free (gift);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Gift, gift_free)

static void
accept (Gift *gift)
{
  if (gift->drop)
    gdk_drop_finish (gift->drop, GDK_ACTION_COPY);
  gift->is_done = TRUE;
}

static void
read_value (Gift *gift, GType type, GAsyncReadyCallback callback)
{
  if (gift->drop)
    gdk_drop_read_value_async (gift->drop, type, G_PRIORITY_DEFAULT, NULL, callback, gift);
  else
    gdk_clipboard_read_value_async (gift->clipboard, type, G_PRIORITY_DEFAULT, NULL, callback,
                                    gift);
}

static const GValue *
read_value_finish (const Gift *gift, GAsyncResult *result)
{
  return gift->drop ? gdk_drop_read_value_finish (gift->drop, result, NULL)
                    : gdk_clipboard_read_value_finish (gift->clipboard, result, NULL);
}

static void
give_files (Gift *gift, GListStore *files)
{
  accept (gift);
  g_signal_emit (gift->area, signals[FILES], 0, files);
}

static gboolean
is_readable (GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  return path && g_access (path, R_OK) == 0;
}

/* The list is whole. */
static void
take_list (Gift *gift)
{
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  g_autofree char *text = g_strndup ((const char *) gift->list->data, gift->list->len);
  g_autofree char *refused = NULL;
  g_auto (GStrv) uris = g_uri_list_extract_uris (text);

  for (guint i = 0; uris[i]; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_uri (uris[i]);

      if (is_readable (file))
        g_list_store_append (files, file);
      else if (!refused)
        {
          g_autofree char *name = g_file_get_basename (file);

          refused = name ? g_filename_display_name (name) : NULL;
        }
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) > 0)
    give_files (gift, files);
  else
    g_signal_emit (gift->area, signals[REFUSED], 0, refused);
}

/* A long list comes in pieces. Each name ends its line, so a piece that ends one is taken for the
 * last: after a portal has failed GTK 4.8 does not tell the end of the stream. */
static void
got_piece (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (Gift) gift = data;
  GInputStream *stream = G_INPUT_STREAM (object);
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (stream, result, NULL);
  gsize n_bytes = bytes ? g_bytes_get_size (bytes) : 0;

  if (n_bytes > 0)
    g_byte_array_append (gift->list, g_bytes_get_data (bytes, NULL), (guint) n_bytes);
  if (n_bytes > 0 && gift->list->data[gift->list->len - 1] != '\n'
      && gift->list->len < MAX_LIST_BYTES)
    g_input_stream_read_bytes_async (stream, MAX_LIST_BYTES - gift->list->len, G_PRIORITY_DEFAULT,
                                     NULL, got_piece, g_steal_pointer (&gift));
  else
    take_list (gift);
}

static void
got_list_stream (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (Gift) gift = data;
  g_autoptr (GInputStream) stream =
      gift->drop ? gdk_drop_read_finish (gift->drop, result, NULL, NULL)
                 : gdk_clipboard_read_finish (gift->clipboard, result, NULL, NULL);

  if (stream)
    {
      gift->list = g_byte_array_new ();
      g_input_stream_read_bytes_async (stream, MAX_LIST_BYTES, G_PRIORITY_DEFAULT, NULL, got_piece,
                                       g_steal_pointer (&gift));
    }
  else
    g_signal_emit (gift->area, signals[REFUSED], 0, NULL);
}

static void
read_list (Gift *gift)
{
  static const char *const types[] = { "text/uri-list", NULL };

  if (gift->drop)
    gdk_drop_read_async (gift->drop, (const char **) types, G_PRIORITY_DEFAULT, NULL,
                         got_list_stream, gift);
  else
    gdk_clipboard_read_async (gift->clipboard, (const char **) types, G_PRIORITY_DEFAULT, NULL,
                              got_list_stream, gift);
}

static void
got_texture (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (Gift) gift = data;
  const GValue *value = read_value_finish (gift, result);

  if (value && g_value_get_object (value))
    {
      g_autoptr (GdkTexture) texture = g_value_dup_object (value);

      accept (gift);
      g_signal_emit (gift->area, signals[TEXTURE], 0, texture);
    }
  else if (gdk_content_formats_contain_mime_type (get_formats (gift), "text/uri-list"))
    read_list (g_steal_pointer (&gift));
  else
    g_signal_emit (gift->area, signals[REFUSED], 0, NULL);
}

static void
got_files (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (Gift) gift = data;
  const GValue *value = read_value_finish (gift, result);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  GSList *list = value ? g_value_get_boxed (value) : NULL;

  for (; list; list = list->next)
    {
      if (is_readable (list->data))
        g_list_store_append (files, list->data);
    }
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) > 0)
    give_files (gift, files);
  else if (gdk_content_formats_contain_gtype (get_formats (gift), GDK_TYPE_TEXTURE))
    read_value (g_steal_pointer (&gift), GDK_TYPE_TEXTURE, got_texture);
  else if (gdk_content_formats_contain_mime_type (get_formats (gift), "text/uri-list"))
    read_list (g_steal_pointer (&gift));
  else
    g_signal_emit (gift->area, signals[REFUSED], 0, NULL);
}

/* The formats that are taken, with what GTK can make of others. */
static GdkContentFormats *
make_formats (void)
{
  GdkContentFormatsBuilder *builder = gdk_content_formats_builder_new ();

  gdk_content_formats_builder_add_gtype (builder, GDK_TYPE_FILE_LIST);
  gdk_content_formats_builder_add_gtype (builder, GDK_TYPE_TEXTURE);
  return gdk_content_formats_union_deserialize_mime_types (
      gdk_content_formats_builder_free_to_formats (builder));
}

static void
take (Gift *gift)
{
  GdkContentFormats *formats = get_formats (gift);

  /* files first: of a picture on the disk they keep its name */
  if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST)
      || gdk_content_formats_contain_mime_type (formats, "text/uri-list")
      || gdk_content_formats_contain_mime_type (formats, "application/vnd.portal.filetransfer")
      || gdk_content_formats_contain_mime_type (formats, "application/vnd.portal.files"))
    read_value (gift, GDK_TYPE_FILE_LIST, got_files);
  else
    read_value (gift, GDK_TYPE_TEXTURE, got_texture);
}

gboolean
gloss_drop_area_paste (GlossDropArea *area, GdkClipboard *clipboard)
{
  g_autoptr (GdkContentFormats) wanted = make_formats ();
  Gift *gift;

  if (!gdk_content_formats_match (wanted, gdk_clipboard_get_formats (clipboard)))
    return FALSE;
  gift = g_new0 (Gift, 1);
  gift->area = g_object_ref (area);
  gift->clipboard = g_object_ref (clipboard);
  take (gift);
  return TRUE;
}

static gboolean
drop_is_ours (GdkDrop *drop)
{
  /* a drag out of the window itself, of a thumbnail or of selected text */
  return gdk_drop_get_drag (drop) != NULL;
}

static gboolean
accept_drop (GtkDropTargetAsync *target, GdkDrop *drop, GlossDropArea *area)
{
  g_autoptr (GdkContentFormats) wanted = make_formats ();

  return !drop_is_ours (drop) && gdk_content_formats_match (wanted, gdk_drop_get_formats (drop));
}

static void
hide_frame (GtkRevealer *revealer)
{
  if (!gtk_revealer_get_child_revealed (revealer) && !gtk_revealer_get_reveal_child (revealer))
    gtk_widget_set_visible (GTK_WIDGET (revealer), FALSE);
}

static GdkDragAction
enter_drop (GtkDropTargetAsync *target, GdkDrop *drop, double x, double y, GlossDropArea *area)
{
  gtk_widget_set_visible (area->revealer, TRUE);
  gtk_revealer_set_reveal_child (GTK_REVEALER (area->revealer), TRUE);
  return GDK_ACTION_COPY;
}

static void
leave_drop (GtkDropTargetAsync *target, GdkDrop *drop, GlossDropArea *area)
{
  gtk_revealer_set_reveal_child (GTK_REVEALER (area->revealer), FALSE);
}

static gboolean
take_drop (GtkDropTargetAsync *target, GdkDrop *drop, double x, double y, GlossDropArea *area)
{
  Gift *gift = g_new0 (Gift, 1);

  gtk_revealer_set_reveal_child (GTK_REVEALER (area->revealer), FALSE);
  gift->area = g_object_ref (area);
  gift->drop = g_object_ref (drop);
  take (gift);
  return TRUE;
}

static void
gloss_drop_area_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GlossDropArea *area = GLOSS_DROP_AREA (object);

  switch (id)
    {
    case PROP_CHILD:
      area->child = g_value_get_object (value);
      gtk_overlay_set_child (GTK_OVERLAY (area->overlay), area->child);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gloss_drop_area_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GlossDropArea *area = GLOSS_DROP_AREA (object);

  switch (id)
    {
    case PROP_CHILD:
      g_value_set_object (value, area->child);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gloss_drop_area_dispose (GObject *object)
{
  GlossDropArea *area = GLOSS_DROP_AREA (object);

  area->child = NULL;
  g_clear_pointer (&area->overlay, gtk_widget_unparent);
  G_OBJECT_CLASS (gloss_drop_area_parent_class)->dispose (object);
}

static void
gloss_drop_area_class_init (GlossDropAreaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = gloss_drop_area_dispose;
  object_class->set_property = gloss_drop_area_set_property;
  object_class->get_property = gloss_drop_area_get_property;
  properties[PROP_CHILD] = g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[FILES] = g_signal_new ("files", GLOSS_TYPE_DROP_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_LIST_MODEL);
  signals[TEXTURE] = g_signal_new ("texture", GLOSS_TYPE_DROP_AREA, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, GDK_TYPE_TEXTURE);
  signals[REFUSED] = g_signal_new ("refused", GLOSS_TYPE_DROP_AREA, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "droparea");
}

void
gloss_drop_area_set_words (GlossDropArea *area, const char *title, const char *hint)
{
  gtk_label_set_text (area->title, title);
  gtk_label_set_text (area->hint, hint);
}

static GtkWidget *
make_frame (GlossDropArea *area)
{
  GtkWidget *label = gtk_label_new (_ ("Drop to Caption"));
  GtkWidget *hint = gtk_label_new (_ ("Pictures, or a folder of them"));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  area->title = GTK_LABEL (label);
  area->hint = GTK_LABEL (hint);
  for (guint i = 0; i < 2; i++)
    {
      gtk_label_set_wrap (i == 0 ? area->title : area->hint, TRUE);
      gtk_label_set_justify (i == 0 ? area->title : area->hint, GTK_JUSTIFY_CENTER);
    }
  gtk_widget_add_css_class (label, "title-1");
  gtk_widget_add_css_class (box, "drop-frame");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), hint);
  gtk_widget_set_valign (label, GTK_ALIGN_END);
  gtk_widget_set_vexpand (label, TRUE);
  gtk_widget_set_valign (hint, GTK_ALIGN_START);
  gtk_widget_set_vexpand (hint, TRUE);
  return box;
}

static void
gloss_drop_area_init (GlossDropArea *area)
{
  GtkDropTargetAsync *target = gtk_drop_target_async_new (make_formats (), GDK_ACTION_COPY);

  area->overlay = gtk_overlay_new ();
  gtk_widget_set_parent (area->overlay, GTK_WIDGET (area));
  area->revealer = gtk_revealer_new ();
  gtk_revealer_set_transition_type (GTK_REVEALER (area->revealer),
                                    GTK_REVEALER_TRANSITION_TYPE_CROSSFADE);
  gtk_revealer_set_child (GTK_REVEALER (area->revealer), make_frame (area));
  gtk_widget_set_can_target (area->revealer, FALSE);
  gtk_widget_set_visible (area->revealer, FALSE);
  g_signal_connect (area->revealer, "notify::child-revealed", G_CALLBACK (hide_frame), NULL);
  gtk_overlay_add_overlay (GTK_OVERLAY (area->overlay), area->revealer);

  g_signal_connect (target, "accept", G_CALLBACK (accept_drop), area);
  g_signal_connect (target, "drag-enter", G_CALLBACK (enter_drop), area);
  g_signal_connect (target, "drag-leave", G_CALLBACK (leave_drop), area);
  g_signal_connect (target, "drop", G_CALLBACK (take_drop), area);
  /* text fields below would take a file as text */
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (target), GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (area), GTK_EVENT_CONTROLLER (target));
}
