/*
 * A window to drag something out of, as of another program:
 *
 *   drag-source files PATH…      a list of files
 *   drag-source texture PATH     a picture's pixels
 *   drag-source uris TEXT        text/uri-list, as TEXT says it
 *
 * It prints a word a line: "begin" when the drag has begun, "accepted" as soon as what hovers below
 * the pointer would take it, "end" or "cancel".
 */
#include <gtk/gtk.h>
#include <string.h>

static GdkContentProvider *
make_files (char **paths)
{
  GSList *list = NULL;
  GdkFileList *files;
  GdkContentProvider *provider;

  for (; *paths; paths++)
    list = g_slist_append (list, g_file_new_for_commandline_arg (*paths));
  files = gdk_file_list_new_from_list (list);
  provider = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, files);
  g_boxed_free (GDK_TYPE_FILE_LIST, files);
  g_slist_free_full (list, g_object_unref);
  return provider;
}

static GdkContentProvider *
make_texture (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = gdk_texture_new_from_filename (path, &error);

  if (!texture)
    g_error ("%s", error->message);
  return gdk_content_provider_new_typed (GDK_TYPE_TEXTURE, texture);
}

static GdkContentProvider *
make_uris (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return gdk_content_provider_new_for_bytes ("text/uri-list", bytes);
}

static GdkContentProvider *
prepare (GtkDragSource *source, double x, double y, char **arguments)
{
  if (strcmp (arguments[0], "files") == 0)
    return make_files (arguments + 1);
  if (strcmp (arguments[0], "texture") == 0)
    return make_texture (arguments[1]);
  return make_uris (arguments[1]);
}

static void
tell_acceptance (GdkDrag *drag)
{
  if (gdk_drag_get_selected_action (drag) != 0)
    g_print ("accepted\n");
}

static void
begin (GtkDragSource *source, GdkDrag *drag)
{
  g_print ("begin\n");
  g_signal_connect (drag, "notify::selected-action", G_CALLBACK (tell_acceptance), NULL);
}

static void
end (void)
{
  g_print ("end\n");
}

static gboolean
cancel (void)
{
  g_print ("cancel\n");
  return FALSE;
}

static void
activate (GtkApplication *application, char **arguments)
{
  GtkWidget *window = gtk_application_window_new (application);
  GtkWidget *label = gtk_label_new ("Drag Source");
  GtkDragSource *source = gtk_drag_source_new ();

  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare), arguments);
  g_signal_connect (source, "drag-begin", G_CALLBACK (begin), NULL);
  g_signal_connect (source, "drag-end", G_CALLBACK (end), NULL);
  g_signal_connect (source, "drag-cancel", G_CALLBACK (cancel), NULL);
  gtk_widget_add_controller (label, GTK_EVENT_CONTROLLER (source));
  gtk_window_set_child (GTK_WINDOW (window), label);
  gtk_window_set_title (GTK_WINDOW (window), "Drag Source");
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE); /* so that it is where it was put */
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 200);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = NULL;

  if (argc < 3)
    {
      g_printerr ("drag-source: files PATH…, texture PATH, or uris TEXT\n");
      return 2;
    }
  setvbuf (stdout, NULL, _IOLBF, 0);
  application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (activate), argv + 1);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
